// Rows as exports take them, for the tests of the formats: an ordinary one, any, and texts that would act or end a field.
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ExportRow } from '#core/audit/export/export-row.ts';

export const origin = { name: 'acme', url: 'https://navi.example.com:8443/base' };

export const row = (over: Partial<ExportRow> = {}): ExportRow => ({
  id: 7, createdAtUs: 1_790_000_000_285_987, createdAtRaw: '2026-09-21T13:33:20.285987', method: 'GET', route: '/api/things/7', eventType: 'http.request', org: 'acme', actorSub: 'auth0|a', actorEmail: 'a@example.com',
  resourceId: 'thing-7', statusCode: 200, state: 'plain', keyId: null, sealedAtSeconds: null, body: '{"a":1}', ...over,
});
const text = fc.string({ unit: 'binary', maxLength: 24 });
const maybe = fc.option(text, { nil: null });
export const anyRow = fc.record({
  id: fc.nat(), createdAtUs: fc.integer({ min: -1_000_000_000_000_000, max: 4_000_000_000_000_000 }), createdAtRaw: text, method: fc.oneof(text, fc.constantFrom('GET', 'post', 'DELETE')), route: text, eventType: text, org: maybe, actorSub: maybe, actorEmail: maybe,
  resourceId: maybe, statusCode: fc.integer({ min: -10, max: 700 }), state: fc.constantFrom(null, 'plain', 'encrypted', 'failed', 'malformed'), keyId: maybe, sealedAtSeconds: fc.option(fc.integer({ min: 0, max: 4_000_000_000 }), { nil: null }), body: fc.oneof(fc.constant(null), fc.json(), text),
}) satisfies fc.Arbitrary<ExportRow>;
/** Each would end a field or a record, forge one, or act on a display. */
export const HOSTILE = ['a|b\\c=d]e"f', 'x\r\ny', '\u001b[31m', '\u202eevil', '\u2028', '\u0085', '\0', '\u200b', 'CEF:0|x|', '<13>1 ', '] [x@1 a="b"', 'cs1=forged cs2=forged', 'äöü 漢字 😀'];

/** The record of a line, which must be one. */
export function oneLine(line: string): string {
  expect(line.endsWith('\n')).toBe(true);
  const record = line.slice(0, -1);
  expect(record).not.toMatch(/[\r\n]/);
  return record;
}
