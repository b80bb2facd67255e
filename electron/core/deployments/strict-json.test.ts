// Keeps the reading of answers strict (R50): equal to JSON.parse on honest JSON, a typed error on everything else, never a hang.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { parseStrictJson, parseStrictJsonKeeping, parseStrictJsonText, readMembers } from './strict-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'accepted';
}

const codeOfBytes = (input: Uint8Array): string => codeOf(() => parseStrictJson(input));
const codeOfText = (text: string): string => codeOfBytes(bytes(text));

describe('parseStrictJson refuses what JSON.parse would take in silence (R50)', () => {
  it.each([
    ['an empty body', '', 'response_not_json', /empty body/],
    ['white space alone', ' \n', 'response_not_json', /empty body/],
    ['an HTML page', '<!doctype html><title>Sign in</title>', 'response_not_json', /HTML.*captive portal/],
    ['a cut-off document', '{"a":[1,', 'response_not_json', /too early/],
    ['two documents', '{} {}', 'response_not_json', /position 3/],
    ['a trailing comma', '[1,]', 'response_not_json', /position 3/],
    ['NaN', '{"a":NaN}', 'response_not_json', /position 5/],
    ['Infinity', '-Infinity', 'response_not_json', /position 1/],
    ['a leading zero', '[01]', 'response_not_json', /position 2/],
    ['a bare point', '[1.]', 'response_not_json', /position 3/],
    ['single quotes', "{'a':1}", 'response_not_json', /position 1/],
    ['a raw line break in a string', '["a\nb"]', 'response_not_json', /position 3/],
    ['an unknown escape', '["\\x41"]', 'response_not_json', /position 2/],
    ['a short unicode escape', '["\\u12"]', 'response_not_json', /position 2/],
    ['a comment', '[1 /* one */]', 'response_not_json', /position 3/],
    ['a byte order mark', '\uFEFF{}', 'response_not_json', /byte order mark/],
    ['a repeated key', '{"role":"viewer","role":"admin"}', 'response_duplicate_key', /"role" twice/],
    ['a repeated key that is escaped once', '{"role":1,"r\\u006fle":2}', 'response_duplicate_key', /twice/],
    ['a repeated key far down', '[[{"a":{"b":1,"c":[],"b":2}}]]', 'response_duplicate_key', /"b" twice/],
    ['an integer beyond 2^53', '{"id":9007199254740993}', 'response_unsafe_number', /9007199254740993/],
    ['a negative one', '[-9007199254740992]', 'response_unsafe_number', /cannot be kept exactly/],
    ['an integer beyond 2^53 with a fraction', '[9007199254740993.0]', 'response_unsafe_number', /cannot be kept exactly/],
    ['a number that becomes infinite', '[1e400]', 'response_unsafe_number', /1e400/],
    ['a number that becomes zero', '[1e-400]', 'response_unsafe_number', /1e-400/],
    ['__proto__', '{"__proto__":{"isAdmin":true}}', 'response_prototype_key', /__proto__/],
    ['an escaped __proto__', '{"\\u005f_proto__":1}', 'response_prototype_key', /__proto__/],
    ['constructor', '{"a":{"constructor":1}}', 'response_prototype_key', /constructor/],
    ['prototype', '{"prototype":1}', 'response_prototype_key', /prototype/],
  ])('%s', (...[_name, text, code, says]) => {
    expect(codeOfText(text)).toBe(code);
    expect(() => parseStrictJson(bytes(text))).toThrow(says);
  });

  it('invalid UTF-8 is refused and not mended', () => {
    expect(codeOfBytes(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toBe('response_invalid_utf8');
    expect(codeOfBytes(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toBe('response_invalid_utf8');
    expect(codeOfBytes(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).toBe('response_invalid_utf8');
  });

  it.each([['with a mark', '\uFEFF{"a":1}'], ['without a mark', '{"a":1}']])('UTF-16 %s is refused by name', (_name, text) => {
    const little = Buffer.from(text, 'utf16le');
    expect(codeOfBytes(little)).toBe('response_invalid_utf8');
    expect(codeOfBytes(Buffer.from(little).swap16())).toBe('response_invalid_utf8');
    expect(() => parseStrictJson(little)).toThrow(/UTF-16/);
  });

  it.each([['lists', '[', ']'], ['objects', '{"a":', '}']])('200,000 %s inside one another are refused before they can harm', (_name, open, close) => {
    const started = performance.now();
    expect(codeOfText(`${open.repeat(200_000)}1${close.repeat(200_000)}`)).toBe('response_too_deep');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('the depth limit is exact', () => {
    expect(codeOf(() => parseStrictJsonText('[[[1]]]', { maxDepth: 3 }))).toBe('accepted');
    expect(codeOf(() => parseStrictJsonText('[[[[]]]]', { maxDepth: 3 }))).toBe('response_too_deep');
  });

  it('a message quotes a long key in part only', () => {
    const key = 'k'.repeat(10_000);
    expect(() => parseStrictJsonText(`{"${key}":1,"${key}":2}`)).toThrow(/^.{1,200}$/);
  });
});

describe('parseStrictJson takes honest JSON', () => {
  it.each(['0', '-0', '-0.0', '1e3', '1E+2', '2.5e-3', '"\\ud83d\\ude00"', '"a\\"b\\\\c\\/"', '[]', '{}', ' [ 1 , { "a" : null } ] ', '9007199254740991', '1e300', 'true', 'false', 'null', '{"":{"":0}}', '"\u2028"', '0e400'])('%s', (text) => {
    expect(parseStrictJsonText(text)).toEqual(JSON.parse(text));
  });

  it('equals JSON.parse on any value, in any of its spellings', () => {
    const safe = fc.jsonValue({ maxDepth: 8 }).map((value) => JSON.stringify(value)).filter((text) => !/__proto__|constructor|prototype/.test(text) && codeOfText(text) !== 'response_unsafe_number');
    fc.assert(fc.property(safe, fc.boolean(), (text, spaced) => {
      const spelling = spaced ? JSON.stringify(JSON.parse(text), null, 2) : text;
      expect(parseStrictJson(bytes(spelling))).toEqual(JSON.parse(text));
    }), { numRuns: 2000 });
  });

  it('refuses a number only where it cannot be kept', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => { expect(parseStrictJsonText(`[${n}]`)).toEqual([n === 0 ? 0 : n]); }), { numRuns: 500 });
    fc.assert(fc.property(fc.bigInt({ min: 9007199254740992n, max: 10n ** 30n }), (n) => { expect(codeOfText(`[${n}]`)).toBe('response_unsafe_number'); }), { numRuns: 500 });
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (n) => { expect(parseStrictJsonText(`[${JSON.stringify(n)}]`)).toEqual([JSON.parse(JSON.stringify(n))]); }), { numRuns: 500 });
  });
});

describe('fuzzed input gives a value or a typed error, within a second', () => {
  const seeds = ['[{"id":1,"payload":{"encrypted":true,"ciphertext":"gAAA","key_id":"k"},"created_at":"2026-11-22T05:37:08+00:00"}]', '{"a":[1,2.5e3,"x\\u0041\\n",null,true,{"b":{}}],"c":-0}', '"\\ud800"', '[[[[[[]]]]]]'];
  const mutated = fc.tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(200), fc.nat(255), fc.nat(3)), { minLength: 1, maxLength: 6 })).map(([seed, edits]) => {
    let data = Buffer.from(seed);
    for (const [place, byte, kind] of edits) {
      const at = place % (data.length + 1);
      if (kind === 0) data = Buffer.concat([data.subarray(0, at), Buffer.of(byte), data.subarray(at)]);
      else if (kind === 1) data = Buffer.concat([data.subarray(0, at), data.subarray(at + 1)]);
      else if (kind === 2) data = Buffer.concat([data, data.subarray(0, at)]);
      else if (at < data.length) data[at] = byte;
    }
    return data;
  });

  it.each([['mutated answers', mutated, 16_000], ['arbitrary bytes', fc.uint8Array({ maxLength: 200 }), 4000]] as const)('%s', (_name, inputs, numRuns) => {
    let slowest = 0;
    let refused = 0;
    fc.assert(fc.property(inputs as fc.Arbitrary<Uint8Array>, (input) => {
      const started = performance.now();
      const code = codeOfBytes(input);
      slowest = Math.max(slowest, performance.now() - started);
      if (code === 'accepted') expect(() => JSON.parse(Buffer.from(input).toString('utf8'))).not.toThrow();
      else refused += 1;
    }), { numRuns });
    expect(refused).toBeGreaterThan(0);
    expect(slowest).toBeLessThan(1000);
  });

  it('agrees with JSON.parse about what is JSON at all', () => {
    fc.assert(fc.property(mutated, (input) => {
      const code = codeOfBytes(input);
      let parses = true;
      try {
        JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input));
      } catch {
        parses = false;
      }
      if (code === 'accepted' || code === 'response_not_json') expect([code, parses]).toEqual([code, code === 'accepted']);
      else expect(code).toMatch(/^response_/);
    }), { numRuns: 5000 });
  });
});

describe('parseStrictJsonKeeping hands somebody else’s words out as they were sent', () => {
  const member = { key: 'payload', depth: 2 } as const;

  it('keeps the text of each row by its position, and null in its place', () => {
    const { value, kept } = parseStrictJsonKeeping(bytes('[{"id":1,"payload": {"n": 1.0, "2":0,"1":0} ,"z":0},{"id":2},{"id":3,"payload":"x"}]'), member);
    expect(value).toEqual([{ id: 1, payload: null, z: 0 }, { id: 2 }, { id: 3, payload: null }]);
    expect([...kept]).toEqual([[0, '{"n": 1.0, "2":0,"1":0}'], [2, '"x"']]);
  });

  it('one row with hostile words does not take the page with it', () => {
    const hostile = '{"query_params":{"__proto__":"1","constructor":"2","id":12345678901234567890,"id":1e400}}';
    const { value, kept } = parseStrictJsonKeeping(bytes(`[{"id":1,"payload":${hostile}},{"id":2,"payload":{}}]`), member);
    expect(value).toEqual([{ id: 1, payload: null }, { id: 2, payload: null }]);
    expect(kept.get(0)).toBe(hostile);
    expect(kept.get(1)).toBe('{}');
  });

  it('stays strict about everything around it, and about its grammar', () => {
    const code = (text: string): string => codeOf(() => parseStrictJsonKeeping(bytes(text), member));
    expect(code('[{"id":1,"payload":{},"payload":{}}]')).toBe('response_duplicate_key');
    expect(code('[{"id":9007199254740993,"payload":{}}]')).toBe('response_unsafe_number');
    expect(code('[{"x":{"payload":{"__proto__":1}}}]')).toBe('response_prototype_key');
    expect(code('{"payload":{"__proto__":1}}')).toBe('response_prototype_key');
    expect(code('[{"payload":{"a":}}]')).toBe('response_not_json');
    expect(code('[{"payload":[1,]}]')).toBe('response_not_json');
    expect(code('[{"payload":{"a":1}')).toBe('response_not_json');
    expect(code('[{"payload":{"a" 1}}]')).toBe('response_not_json');
  });

  it('passes over a payload 200,000 levels deep without harm', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const { kept } = parseStrictJsonKeeping(bytes(`[{"payload":${deep}}]`), member);
    expect(kept.get(0)).toBe(deep);
  });

  it('gives back exactly the text that was put in, for any JSON', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue({ maxDepth: 5 }), { maxLength: 5 }), (payloads) => {
      const texts = payloads.map((payload) => JSON.stringify(payload, null, 1));
      const { kept, value } = parseStrictJsonKeeping(bytes(`[${texts.map((text, index) => `{"id":${index},"payload":${text}}`).join(', ')}]`), member);
      expect([...kept.values()]).toEqual(texts);
      expect(value).toEqual(payloads.map((_payload, index) => ({ id: index, payload: null })));
    }), { numRuns: 500 });
  });
});

describe('readMembers', () => {
  it('gives the raw text of each member, strict about the outermost object only', () => {
    expect([...(readMembers(' {"a": 1.0,"b":{"__proto__":[1e999]},"c":"x"} ') ?? [])]).toEqual([['a', '1.0'], ['b', '{"__proto__":[1e999]}'], ['c', '"x"']]);
    expect(readMembers('[1]')).toBeNull();
    expect(codeOf(() => readMembers('{"a":1,"a":2}'))).toBe('response_duplicate_key');
    expect(codeOf(() => readMembers(`{"a":${'['.repeat(300)}${']'.repeat(300)}}`))).toBe('response_too_deep');
    expect(codeOf(() => readMembers('{"a":1'))).toBe('response_not_json');
  });
});
