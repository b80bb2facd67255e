// The words of a bulk opening: each outcome that occurred is counted, none is hidden.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BULK_OUTCOMES } from '#shared/domain/audit-bulk.ts';
import { announcedSentence, countOf, countsSentence, OUTCOME_LOOKS, planSentence, previewOf, totalOf } from './bulk-words.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 7);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2000 : 400;
const COUNTS = { opened: 1150, noKey: 40, damaged: 9, notObject: 1 };

describe('bulk words', () => {
  it('counts every outcome, and only opened rows are green', () => {
    expect(countsSentence(COUNTS)).toBe('1,150 opened · 40 no key · 9 damaged · 1 not an object');
    expect(countsSentence({ opened: 0, noKey: 3, damaged: 0, notObject: 0 })).toBe('3 no key');
    expect(countsSentence({ opened: 0, noKey: 0, damaged: 0, notObject: 0 })).toBe('no row');
    expect(BULK_OUTCOMES.reduce((sum, outcome) => sum + countOf(COUNTS, outcome), 0)).toBe(totalOf(COUNTS));
    expect(BULK_OUTCOMES.filter((outcome) => OUTCOME_LOOKS[outcome].tone === 'pass')).toEqual(['opened']);
  });

  it('puts a payload into one line without touching what its strings hold', () => {
    const row = (payload: string | null) => previewOf({ payload, outcome: payload === null ? 'damaged' : 'opened' });
    expect(row('{\n  "a b": [1,\n 2],\t"c\\" d": "x\\n  y"\n}')).toBe('{"a b":[1,2],"c\\" d":"x\\n  y"}');
    expect(row('{"cut": "in the  mid')).toBe('{"cut":"in the  mid');
    expect(row(null)).toMatch(/not whole/u);
    const values = fc.jsonValue();
    fc.assert(fc.property(values, (value) => {
      expect(row(JSON.stringify(value, null, 2))).toBe(JSON.stringify(value));
    }), { seed: SEED, numRuns: RUNS });
  });

  it('says why the plan has another number than the button', () => {
    expect(announcedSentence(1)).toMatch(/^The button counted 1 whole token\. .*damaged.*came since\.$/u);
    expect(announcedSentence(1384)).toContain('1,384 whole tokens');
  });

  it('says what a plan leaves out', () => {
    expect(planSentence({ rows: 1, others: 0, withoutPayload: 0 })).toBe('1 encrypted payload would be opened.');
    expect(planSentence({ rows: 1204, others: 1, withoutPayload: 0 })).toBe('1,204 encrypted payloads would be opened. 1 other event in the selection is not encrypted and left out.');
    expect(planSentence({ rows: 2, others: 0, withoutPayload: 7 })).toBe('2 encrypted payloads would be opened. For 7 events no payload is held here, so whether they are encrypted is not known.');
  });
});
