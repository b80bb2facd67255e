// What counts as a change and what may have expired: spelling is no change, and no retention is believed that was not observed.
import { describe, expect, it } from 'vitest';
import { cutoffUs, isSameValue, retentionOf } from './findings.ts';

describe('two JSON texts', () => {
  it.each([
    ['{"a":1,"b":[true,null]}', '{ "b" : [ true , null ], "a" : 1 }'],
    ['"caf\\u00e9"', '"café"'],
    ['{"a":{"x":1,"y":2}}', '{"a":{"y":2,"x":1}}'],
    ['[]', ' [ ] '],
  ])('%s and %s say the same', (a, b) => expect(isSameValue(a, b)).toBe(true));
  it.each([
    ['{"a":1}', '{"a":2}'],
    ['[1,2]', '[2,1]'],
    // A number that JavaScript would round to the same one, and two spellings of one number.
    ['9007199254740993', '9007199254740992'],
    ['1.0', '1'],
    ['{"a":1}', '[["a",1]]'],
    ['["object",["a",1]]', '{"a":1}'],
    ['["list"]', '[["list"]]'],
    ['1', '"1"'],
    ['null', 'false'],
    ['{"a":1', '{"a":1 '],
  ])('%s and %s differ', (a, b) => expect(isSameValue(a, b)).toBe(false));
  it('nested beyond what can be compared, they differ unless they are the same text', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(isSameValue(deep, deep)).toBe(true);
    expect(isSameValue(deep, `${deep} `)).toBe(false);
  });
});

describe('retention', () => {
  const status = (part: unknown) => ({ body: JSON.stringify({ audit_retention: part }), observedAtUs: 5 });
  it.each([
    [{ enabled: true, retention_days: 90 }, { state: 'on', days: 90 }],
    [{ enabled: false, retention_days: 90 }, { state: 'off', days: null }],
    [{ enabled: true, retention_days: 0 }, { state: 'unknown', days: null }],
    [{ enabled: true, retention_days: -3 }, { state: 'unknown', days: null }],
    [{ enabled: true, retention_days: 1.5 }, { state: 'unknown', days: null }],
    [{ enabled: 'true', retention_days: 90 }, { state: 'unknown', days: null }],
    [null, { state: 'unknown', days: null }],
  ])('%o', (part, expected) => expect(retentionOf(status(part))).toMatchObject(expected));
  it('no status, or one that is no JSON, tells nothing; then nothing may have expired', () => {
    expect(retentionOf(null)).toEqual({ state: 'unknown', days: null, observedAtUs: null });
    expect(retentionOf({ body: '<html>', observedAtUs: 5 })).toMatchObject({ state: 'unknown' });
    expect(retentionOf({ body: 'null', observedAtUs: 5 })).toMatchObject({ state: 'unknown' });
    expect(cutoffUs(retentionOf(null), 1e15)).toBeNull();
  });
  it('rows within an hour of the cutoff count as expired: clocks differ', () => {
    expect(cutoffUs({ state: 'on', days: 2, observedAtUs: 1 }, 1_000_000_000_000_000)).toBe(1_000_000_000_000_000 - 2 * 86_400_000_000 + 3_600_000_000);
  });
});
