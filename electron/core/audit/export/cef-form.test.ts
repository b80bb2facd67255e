// CEF records are one line, come back by the rules of the format, and let no text of a row become syntax.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRow, HOSTILE, oneLine, origin, row } from '../../../../test/support/audit-export-rows.ts';
import type { ExportRow } from './export-row.ts';
import { cefForm } from './cef-form.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 4_000;

/** Reads CEF as a receiver does: seven pipes, then pairs. */
function readCef(record: string): { readonly head: string[]; readonly members: Map<string, string> } {
  const fields = record.match(/(?:\\.|[^\\|])*(?:\||$)/g) ?? [];
  const head = fields.slice(0, 7).map((field) => field.slice(0, -1).replace(/\\([\\|])/g, '$1'));
  const extension = record.slice(fields.slice(0, 7).join('').length);
  const members = new Map<string, string>();
  for (const [, key = '', value = ''] of extension.matchAll(/(?:^| )([A-Za-z0-9]+)=((?:\\.|[^\\=])*)(?= [A-Za-z0-9]+=|$)/g)) {
    expect(members.has(key), key).toBe(false);
    members.set(key, value.replace(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character === 'r' ? '\r' : character)));
  }
  return { head, members };
}

describe('CEF 0', () => {
  const form = cefForm(origin);
  const read = (over: Partial<ExportRow>): ReturnType<typeof readCef> => readCef(oneLine(form.line(row(over))));

  it('says what the row says', () => {
    expect(form.line(row())).toBe('CEF:0|Holdfast|audit export|1|http.request|GET /api/things/7|3|rt=1790000000285 externalId=7 dhost=navi.example.com requestMethod=GET request=/api/things/7 outcome=success suid=auth0|a suser=a@example.com cn1Label=status cn1=200 cs1Label=org cs1=acme cs2Label=resource cs2=thing-7 cs3Label=payloadState cs3=plain cs6Label=payload cs6={"a":1} flexString1Label=createdAt flexString1=2026-09-21T14:13:20.285987Z flexString2Label=createdAtRaw flexString2=2026-09-21T13:33:20.285987\n');
  });

  it.each(HOSTILE)('%j in every field is text of that field and nothing else', (hostile) => {
    const { head, members } = read({ method: hostile, route: hostile, eventType: hostile, org: hostile, actorSub: hostile, actorEmail: hostile, resourceId: hostile, keyId: hostile, createdAtRaw: hostile, body: hostile });
    expect(head.slice(0, 4)).toEqual(['CEF:0', 'Holdfast', 'audit export', '1']);
    expect(head).toHaveLength(7);
    const shown = hostile.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => (character === '\r' || character === '\n' ? character : `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`));
    for (const key of ['request', 'cs1', 'cs2', 'cs4', 'cs6', 'suid', 'suser', 'flexString2']) expect(members.get(key), key).toBe(shown);
  });

  it('any row is one line whose fields come back', () => {
    fc.assert(fc.property(anyRow, (any) => {
      const record = oneLine(form.line(any));
      expect(record).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const { head, members } = readCef(record);
      expect(head).toHaveLength(7);
      expect(members.get('externalId')).toBe(String(any.id));
      expect(members.get('cn1')).toBe(String(any.statusCode));
    }), { seed, numRuns });
  });
});
