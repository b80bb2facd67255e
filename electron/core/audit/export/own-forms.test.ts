// R60: our CSV parses back to the same values and no cell begins with what a spreadsheet calculates. R62: JSON lines keep every stored text, character for character.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXPORT_COLUMNS, EXPORT_MEMBERS, neutralCell, restoredCell } from '#shared/domain/audit-export.ts';
import { row as anyRow } from '../../../../test/support/audit-export-rows.ts';
import type { ExportRow } from './export-row.ts';
import { CSV_HEAD, csvForm, jsonlForm, rowAsCsv, rowAsJson } from './own-forms.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 4_000;

const row = (over: Partial<ExportRow> = {}): ExportRow => anyRow({ createdAtRaw: '2026-09-21T13:33:20.285987+00:00', resourceId: null, body: '{"a": 1}', ...over });

/** RFC 4180 and nothing else; written for this test. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (text[at] === '"' && text[at + 1] === '"') at += 1;
        else if (text[at] === '"') break;
        else if (at >= text.length) throw new Error('a quote is not closed');
        cell += text[at];
      }
      at += 1;
    } else {
      while (at < text.length && text[at] !== ',' && !text.startsWith('\r\n', at)) {
        if (text[at] === '"' || text[at] === '\r' || text[at] === '\n') throw new Error('a bare quote or line break');
        cell += text[at];
        at += 1;
      }
    }
    cells.push(cell);
    if (text.startsWith('\r\n', at)) {
      records.push(cells);
      cells = [];
      at += 2;
    } else if (text[at] === ',') at += 1;
    else throw new Error(`unexpected text behind a cell at ${at}`);
  }
  if (cells.length > 0) throw new Error('the last record has no line end');
  return records;
}

/** What Excel, LibreOffice and Google Sheets take for a formula, or what brings a cell to look like one. */
const FORMULAS = [
  '=1+1', '+1', '-1', '@SUM(1)', '=cmd|\' /C calc\'!A0', '=HYPERLINK("https://example.com","x")', '=IMPORTXML("https://example.com")', '+cmd|calc', '-2+3+cmd|calc', '@x', '\t=1', '\r=1', '\n=1', '\tplain', '\rplain', '\nplain',
  '＝1+1', '＋1', '－1', '＠x', '﹦1', '﹢1', '﹣1', '﹫x', '−1', ' =1', '  +1', '\u00a0=1', '\u3000=1', '\ufeff=1', '\u200b=1', '\u202e=1', '\u2028=1', '\0=1', '\u0007=1', "'=1", "''=1", "'plain", "'", '"=1"', '="a","b"', '=1\r\n=2', ',=1', '=\u202e1', '-', '=', '+', '@', '\t', '\r', '\n', '\r\n',
];
const TRIGGERS = /^[=+\-@\t\r\n＝＋－＠]/;

describe('CSV', () => {
  it('R60: has a corpus of at least 40', () => expect(new Set(FORMULAS).size).toBeGreaterThanOrEqual(40));

  it.each(FORMULAS.map((text) => [JSON.stringify(text), text] as const))('R60: %s begins no cell, in any column, and comes back as it was', (_shown, text) => {
    const record = row({ method: text, route: text, eventType: text, org: text, actorSub: text, actorEmail: text, resourceId: text, keyId: text, createdAtRaw: text, body: text });
    const [cells = []] = readCsv(csvForm.line(record));
    expect(cells).toHaveLength(EXPORT_MEMBERS.length);
    for (const [index, cell] of cells.entries()) {
      const name = EXPORT_MEMBERS[index] ?? '';
      expect(TRIGGERS.test(cell), name).toBe(false);
      // Behind white space or what nobody sees it would act as well.
      expect(/^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠﹦﹢﹣﹫−]/u.test(cell), name).toBe(false);
    }
    for (const name of ['method', 'route', 'event_type', 'org_key', 'actor_sub', 'actor_email', 'resource_id', 'key_id', 'created_at_raw', 'payload']) expect(restoredCell(cells[EXPORT_MEMBERS.indexOf(name as 'id')] ?? ''), name).toBe(text);
  });

  it('R60: any text and no text come back, and what needs no quote is as it is', () => {
    fc.assert(fc.property(fc.option(fc.string({ unit: 'binary' }), { nil: null }), (value) => {
      const cell = neutralCell(value);
      expect(restoredCell(cell)).toBe(value);
      expect(TRIGGERS.test(cell)).toBe(false);
    }), { seed, numRuns });
    expect([neutralCell(null), neutralCell(''), neutralCell('a'), neutralCell('a=b')]).toEqual(['', "'", 'a', 'a=b']);
  });

  it('has the header, CRLF, and numbers as they are', () => {
    expect(csvForm.head).toBe(`${CSV_HEAD}\r\n`);
    expect(CSV_HEAD.split(',')).toEqual([...EXPORT_COLUMNS, 'created_at_raw']);
    expect(rowAsCsv(row({ statusCode: -1, org: null, resourceId: '' }))).toBe(`7,2026-09-21T14:13:20.285987Z,GET,/api/things/7,http.request,,auth0|a,a@example.com,',-1,plain,,,"{""a"": 1}",2026-09-21T13:33:20.285987+00:00`);
  });

  it('any rows come back, whatever they hold', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const maybe = fc.option(text, { nil: null });
    fc.assert(fc.property(fc.array(fc.record({ method: text, route: text, org: maybe, resourceId: maybe, body: maybe }), { maxLength: 4 }), (rows) => {
      const records = readCsv(csvForm.head + rows.map((over) => csvForm.line(row(over))).join(''));
      expect(records).toHaveLength(rows.length + 1);
      rows.forEach((over, index) => {
        const cells = records[index + 1] ?? [];
        const value = (name: (typeof EXPORT_MEMBERS)[number]): string | null => restoredCell(cells[EXPORT_MEMBERS.indexOf(name)] ?? '');
        expect({ method: value('method'), route: value('route'), org: value('org_key'), resourceId: value('resource_id'), body: value('payload') }).toEqual(over);
      });
    }), { seed, numRuns: numRuns / 4 });
  });
});

describe('JSON lines', () => {
  it('has the columns in their order and the payload as it is stored', () => {
    expect(rowAsJson(row())).toBe('{"id":7,"created_at":"2026-09-21T14:13:20.285987Z","method":"GET","route":"/api/things/7","event_type":"http.request","org_key":"acme","actor_sub":"auth0|a","actor_email":"a@example.com","resource_id":null,"status_code":200,"payload_state":"plain","key_id":null,"sealed_at":null,"payload":{"a": 1},"created_at_raw":"2026-09-21T13:33:20.285987+00:00"}');
    expect(JSON.parse(rowAsJson(row({ sealedAtSeconds: 1_790_000_001 })))).toMatchObject({ sealed_at: '2026-09-21T14:13:21Z' });
  });

  it.each(['{"n": 12345678901234567890, "n": 1.0}', '{"a":1e400}', ' [1 , 2] ', '"\\u202e"', 'null', '-0', '{"a":"\u2028"}'])('R62: %s goes out character for character', (body) => {
    const line = rowAsJson(row({ body }));
    expect(line).toContain(`"payload":${body},"created_at_raw"`);
    expect(JSON.parse(line)).not.toHaveProperty('payload_text');
  });

  it('what breaks a line, or is no JSON, is kept as text beside it', () => {
    const pretty = '{\r\n  "a": "x\\ny"\n}';
    const line = jsonlForm.line(row({ body: pretty }));
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toMatchObject({ payload: { a: 'x\ny' }, payload_text: pretty });
    for (const body of ['not json', '{"a":1', '', '{"a":1}}{', '\0']) expect(JSON.parse(rowAsJson(row({ body, state: 'malformed' })))).toMatchObject({ payload: null, payload_text: body });
    expect(JSON.parse(rowAsJson(row({ body: null, state: null })))).toMatchObject({ payload: null, payload_state: null });
    expect(rowAsJson(row({ body: '['.repeat(50_000) + ']'.repeat(50_000) }))).not.toContain('payload_text');
  });

  it('any row is one line, parses, and says the same; nothing of it acts on a display', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(fc.property(fc.record({ method: text, route: text, eventType: text, actorEmail: fc.option(text, { nil: null }), body: fc.json() }), (over) => {
      const line = rowAsJson(row(over));
      expect(line).not.toMatch(/[\r\n]/);
      const parsed = JSON.parse(line) as Record<string, unknown>;
      expect(parsed).toMatchObject({ method: over.method, route: over.route, event_type: over.eventType, actor_email: over.actorEmail });
      expect(parsed['payload']).toEqual(JSON.parse(over.body));
      expect(rowAsJson(row({ ...over, body: null }))).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }), { seed, numRuns });
  });
});
