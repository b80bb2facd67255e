import { describe, expect, test } from 'vitest';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { holdWarnings, standingFirst } from './hold-words.ts';

const counts = { rows: 5, preserved: 5, withoutPayload: 0, dueSoon: 0, due: 0, vanished: 0 };
const hold = (over: Partial<Hold> = {}): Hold => ({
  id: 'h_0123456789abcdef', deploymentId: 'd', caseId: 'CASE-1', owner: 'legal', reason: 'why', reviewOn: '2027-01-01', query: '', createdAt: '2026-01-01T00:00:00Z', released: null, counts, nextDue: null, isReviewOverdue: false, ...over,
});
const ids = (over: Partial<Hold>): readonly string[] => holdWarnings(hold(over)).map(({ id }) => id);

describe('warnings of a hold', () => {
  test('a hold with nothing wrong has none', () => {
    expect(ids({})).toEqual([]);
  });

  test('each has its own, the gravest first', () => {
    expect(ids({ isReviewOverdue: true, counts: { rows: 5, preserved: 3, withoutPayload: 1, dueSoon: 2, due: 1, vanished: 1 } })).toEqual(['vanished', 'due', 'due-soon', 'waiting', 'no-payload', 'review']);
    expect(ids({ counts: { ...counts, rows: 0, preserved: 0 } })).toEqual(['empty']);
  });

  test('a released hold warns of nothing', () => {
    expect(ids({ released: { at: '2026-02-01T00:00:00Z', reason: 'over' }, isReviewOverdue: true, counts: { ...counts, vanished: 3 } })).toEqual([]);
  });
});

test('what stands comes by urgency, what was released by its end', () => {
  const { standing, released } = standingFirst([
    hold({ caseId: 'B' }), hold({ caseId: 'A' }), hold({ caseId: 'Z', counts: { ...counts, vanished: 1 } }), hold({ caseId: 'Y', counts: { ...counts, dueSoon: 1 } }),
    hold({ caseId: 'old', released: { at: '2026-01-02T00:00:00Z', reason: '-' } }), hold({ caseId: 'new', released: { at: '2026-03-02T00:00:00Z', reason: '-' } }),
  ]);
  expect(standing.map(({ caseId }) => caseId)).toEqual(['Z', 'Y', 'A', 'B']);
  expect(released.map(({ caseId }) => caseId)).toEqual(['new', 'old']);
});
