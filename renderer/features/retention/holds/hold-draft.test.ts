import { describe, expect, it } from 'vitest';
import { holdErrors, isWhole, reviewFrom } from './hold-draft.ts';

const draft = { caseId: 'LIT-204', owner: 'Legal', reason: 'Litigation', reviewOn: '2027-02-22', query: 'route:/api/navi' };

describe('a hold as it is typed', () => {
  it('takes what the contract takes', () => {
    expect(isWhole(holdErrors(draft))).toBe(true);
  });

  it.each([
    ['caseId', ''], ['caseId', '-x'], ['caseId', 'a\u202eb'], ['caseId', 'x'.repeat(81)], ['owner', '  '], ['reason', 'no'], ['reviewOn', ''], ['reviewOn', '2027-02-30'], ['query', ' '],
  ] as const)('says at %s what is wrong with %j', (field, text) => {
    const errors = holdErrors({ ...draft, [field]: text });
    expect(errors[field]).not.toBeNull();
    expect(Object.values(errors).filter((error) => error !== null)).toHaveLength(1);
  });

  it('proposes a review in three months, on a day that every month has', () => {
    expect(reviewFrom(Date.UTC(2026, 10, 22))).toBe('2027-02-22');
    expect(reviewFrom(Date.UTC(2026, 10, 30))).toBe('2027-02-28');
    expect(reviewFrom(Date.UTC(2026, 11, 5))).toBe('2027-03-05');
  });
});
