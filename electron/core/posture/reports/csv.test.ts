// The CSV report is one record a check, and a spreadsheet calculates nothing of it.
import { describe, expect, it } from 'vitest';
import { DIGEST, HOSTILE_TEXTS, hostileSource, source } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';

/** Records of RFC 4180. */
function readCsv(content: string): string[][] {
  const records: string[][] = [[]];
  for (const [, quoted, bare = '', end = ''] of content.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    records.at(-1)?.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === '\r\n') records.push([]);
  }
  return records.filter((record) => record.length > 1);
}

describe('CSV', () => {
  it('one record a check with its evidence by kind, the digest and the times', async () => {
    const [head = [], ...records] = readCsv((await writtenAs('csv', source())).toString('utf8'));
    const cell = (record: number, name: string): string | undefined => records[record]?.[head.indexOf(name)];
    expect(records).toHaveLength(source().view.checks.length);
    expect(cell(0, 'observed')).toBe('$.status = 401 (GET /api/admin/users, 2026-11-20T10:00:03.5Z)');
    expect(cell(0, 'attested')).toBe('$.holds = nothing (Sam Reviewer, 2026-11-02; photo.png, 2026-11-02T00:00:00Z)');
    expect([cell(2, 'state'), cell(2, 'standing'), cell(2, 'exception_until'), cell(3, 'exception_expired')]).toEqual(['fail', 'accepted', '2026-12-31', 'yes']);
    expect([cell(4, 'state'), cell(4, 'observed_at'), cell(5, 'last_known'), cell(1, 'contradiction')]).toEqual(['unknown', '', 'pass', 'yes']);
    expect(cell(6, 'baseline_sha256')).toBe(DIGEST);
  });

  it('hostile text stays in its cell, and no cell begins with what a spreadsheet calculates', async () => {
    for (const hostile of HOSTILE_TEXTS) {
      const [head = [], ...records] = readCsv((await writtenAs('csv', hostileSource(hostile))).toString('utf8'));
      expect(records).toHaveLength(source().view.checks.length);
      for (const record of records) {
        expect(record).toHaveLength(head.length);
        for (const cell of record) expect(cell, JSON.stringify(hostile)).not.toMatch(/^[=+\-@\t\r\n]/);
      }
    }
  });
});
