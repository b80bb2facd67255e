// Keeps: what the bar sends is always a filter that the contract takes; what it refuses is said at the field.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditFilter } from '#shared/domain/audit-event.ts';
import { EMPTY_DRAFT, FILTER_FIELDS, fieldOfRefusal, isEmptyFilter, readFilter } from './filter.ts';

test('any draft gives a valid filter or an error at a field', () => {
  const draft = fc.record(Object.fromEntries(FILTER_FIELDS.map((field) => [field, fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom('', '4xx', '>=400', 'post', '2026-11-22', '2026-13-01'))])) as Record<(typeof FILTER_FIELDS)[number], fc.Arbitrary<string>>);
  fc.assert(fc.property(draft, (given) => {
    const read = readFilter(given);
    if (read.ok) expect(auditFilter.safeParse(read.filter).success).toBe(true);
    else expect(Object.keys(read.errors).length).toBeGreaterThan(0);
  }), { numRuns: 1000 });
});

test('empty fields are left out', () => {
  const read = readFilter({ ...EMPTY_DRAFT, text: '  ' });
  expect(read).toEqual({ ok: true, filter: {} });
  expect(isEmptyFilter({})).toBe(true);
  expect(isEmptyFilter({ text: 'a' })).toBe(false);
});

test.each([
  ['status', '40', 'Use a code'],
  ['since', 'yesterday', 'Use a date'],
  ['until', '2026-02-30', 'Use a date'],
  ['method', 'P0ST', 'Use a method'],
] as const)('%s %j is refused at its field', (field, value, begins) => {
  const read = readFilter({ ...EMPTY_DRAFT, [field]: value });
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.errors[field]).toContain(begins);
});

test('a method is written in capitals, and since after until is refused', () => {
  expect(readFilter({ ...EMPTY_DRAFT, method: 'post' })).toEqual({ ok: true, filter: { method: 'POST' } });
  expect(readFilter({ ...EMPTY_DRAFT, since: '2026-11-23', until: '2026-11-22' })).toMatchObject({ ok: false, errors: { until: 'This is before the time in Since.' } });
});

test('a refusal of core is put at its field', () => {
  expect(fieldOfRefusal('filter.status: Use a code.')).toEqual({ field: 'status', text: 'Use a code.' });
  expect(fieldOfRefusal('Something else went wrong')).toBeNull();
});
