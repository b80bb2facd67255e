// Missing payloads on the map: cut out where they are, the rest stays as it was, and the parts meet end to end.
import { expect, it } from 'vitest';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { withoutPayloads } from './payload-coverage.ts';

const at = (seconds: number): string => formatInstantUs(seconds * 1_000_000);
const whole: CoverageSegment = { from: null, to: at(100), state: 'complete', reason: null, observedAt: at(200) };

it('a stretch with every payload stays as it is, and so does one that is no whole one', () => {
  expect(withoutPayloads(whole, () => [])).toEqual([whole]);
  const gap: CoverageSegment = { ...whole, state: 'gap', reason: 'cut short' };
  expect(withoutPayloads(gap, () => [{ us: 1, rows: 1 }])).toEqual([gap]);
});

it('a row without its payload is a gap at its instant alone', () => {
  const parts = withoutPayloads(whole, () => [{ us: 40_000_000, rows: 1 }, { us: 100_000_000, rows: 3 }]);
  expect(parts.map(({ from, to, state, reason }) => [from, to, state, reason])).toEqual([
    [null, '1970-01-01T00:00:39.999999Z', 'complete', null],
    [at(40), at(40), 'gap', 'A row is held here without the payload.'],
    ['1970-01-01T00:00:40.000001Z', '1970-01-01T00:01:39.999999Z', 'complete', null],
    [at(100), at(100), 'gap', '3 rows are held here without the payload.'],
  ]);
});

it('very many of them are told of as one stretch, from the first on', () => {
  const parts = withoutPayloads(whole, ({ limit }) => Array.from({ length: limit }, (_, index) => ({ us: (index + 10) * 1_000_000, rows: 1 })));
  expect(parts.map(({ from, to, state }) => [from, to, state])).toEqual([[null, '1970-01-01T00:00:09.999999Z', 'complete'], [at(10), at(100), 'gap']]);
});
