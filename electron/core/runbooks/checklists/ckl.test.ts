// A CKL that is filled in: a reviewer's fields change, and not one byte besides.
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCkl } from './ckl.ts';
import type { ReviewFields, Status } from './rows.ts';
import { STATUSES } from './rows.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200;
const WORDS: Readonly<Record<Status, string>> = { not_reviewed: 'Not_Reviewed', open: 'Open', not_a_finding: 'NotAFinding', not_applicable: 'Not_Applicable' };
const vuln = (id: string, fields: string): string => `<VULN><STIG_DATA><VULN_ATTRIBUTE>Vuln_Num</VULN_ATTRIBUTE><ATTRIBUTE_DATA>${id}</ATTRIBUTE_DATA></STIG_DATA>${fields}</VULN>`;
const FULL = '<STATUS>Open</STATUS><FINDING_DETAILS>d</FINDING_DETAILS><COMMENTS/><SEVERITY_OVERRIDE></SEVERITY_OVERRIDE><SEVERITY_JUSTIFICATION></SEVERITY_JUSTIFICATION>';
const file = (...vulns: string[]): Buffer => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<CHECKLIST><ASSET><COMMENTS>not a row</COMMENTS></ASSET><STIGS><iSTIG><STIG_INFO/>${vulns.join('\n')}</iSTIG></STIGS></CHECKLIST>\n`);
function ckl(bytes: Buffer) {
  const read = readCkl(bytes);
  if (read === null) throw new Error('it is no checklist');
  return read;
}
const fieldsOf = (bytes: Buffer): (ReviewFields | { readonly problem: string })[] => ckl(bytes).rows.map(({ fields }) => fields);

/** The bytes with the contents of the three fields taken out, by another way than the one that is tested. */
const skeleton = (bytes: Buffer): string => bytes.toString('latin1').replaceAll(/<(STATUS|FINDING_DETAILS|COMMENTS)(\s*)(?:\/>|>(?:[^<]|<!\[CDATA\[[^]*?\]\]>)*<\/\1>)/g, '<$1$2/>');

describe('a CKL', () => {
  it('gives the fields of its rows and no other element of their names', () => {
    expect(ckl(file(vuln('V-1', FULL), vuln('V-2', FULL.replace('Open', 'NotAFinding').replace('<SEVERITY_OVERRIDE></SEVERITY_OVERRIDE>', '<SEVERITY_OVERRIDE>low</SEVERITY_OVERRIDE>').replace('<SEVERITY_JUSTIFICATION></SEVERITY_JUSTIFICATION>', '<SEVERITY_JUSTIFICATION>why</SEVERITY_JUSTIFICATION>')))).rows).toMatchObject([
      { row: 1, id: 'V-1', fields: { status: 'open', details: 'd', comments: '', override: '' } }, { row: 2, id: 'V-2', fields: { status: 'not_a_finding', override: 'low: why' } },
    ]);
    expect(readCkl(Buffer.from('<other/>'))).toBeNull();
  });

  it.each([
    ['no status', FULL.replace('<STATUS>Open</STATUS>', '')], ['two statuses', `${FULL}<STATUS>Open</STATUS>`], ['a status of its own', FULL.replace('Open', 'Fine')], ['an element in a field', FULL.replace('>d<', '><b>d</b><')], ['a comment in a field', FULL.replace('>d<', '>d<!-- x --><')],
  ])('says what is wrong with a row that has %s, and leaves it', (_what, fields) => {
    const bytes = file(vuln('V-1', fields));
    expect(fieldsOf(bytes)[0]).toHaveProperty('problem');
    expect(ckl(bytes).filled(new Map([[1, { status: 'not_a_finding' as const, comments: 'x' }]])).equals(bytes)).toBe(true);
  });

  it('changes nothing where nothing is to be changed', () => {
    const bytes = file(vuln('V-1', FULL.replace('>d<', '><![CDATA[a < b]]>&#228;<')));
    expect(ckl(bytes).filled(new Map([[1, { status: 'open', details: 'a < bä', comments: '' }]])).equals(bytes)).toBe(true);
    expect(ckl(bytes).filled(new Map()).equals(bytes)).toBe(true);
  });

  it('keeps the line ends and the encoding of the file', () => {
    const crlf = Buffer.from(file(vuln('V-1', FULL)).toString().replaceAll('\n', '\r\n'));
    const filled = ckl(crlf).filled(new Map([[1, { comments: 'one\ntwo' }]])).toString();
    expect(filled).toContain('<COMMENTS>one\r\ntwo</COMMENTS>');
    expect(filled).not.toMatch(/[^\r]\n/);
    const latin = Buffer.from(file(vuln('V-1', FULL.replace('>d<', '>\xe4<'))).toString('latin1').replace('UTF-8', 'ISO-8859-1').replace('Ã¤', '\xe4'), 'latin1');
    const written = ckl(latin).filled(new Map([[1, { comments: '€ä' }]]));
    expect(written.toString('latin1')).toContain('<COMMENTS>&#8364;&#228;</COMMENTS>');
    expect(fieldsOf(written)[0]).toMatchObject({ details: 'ä', comments: '€ä' });
  });

  it('R62: whatever is filled in comes back, and not one byte besides is another', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((made) => made.replaceAll(/[\r\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\n'));
    const raw = text.map((made) => made.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    const element = (name: string) => fc.oneof(fc.constantFrom(`<${name}/>`, `<${name} />`, `<${name}></${name}>`), raw.map((made) => `<${name}>${made}</${name}>`), text.map((made) => `<${name}><![CDATA[${made.replaceAll(']]>', '')}]]></${name}>`));
    const row = fc.tuple(fc.constantFrom(...STATUSES), element('FINDING_DETAILS'), element('COMMENTS'), fc.constantFrom('', '<!-- note -->\n\t')).map(([status, details, comments, aside]) => `${aside}<STATUS>${WORDS[status]}</STATUS>${details}${comments}<SEVERITY_OVERRIDE/>`);
    const change = fc.option(fc.record({ status: fc.constantFrom(...STATUSES), details: text, comments: text }), { nil: null });
    fc.assert(fc.property(fc.array(fc.tuple(row, change), { minLength: 1, maxLength: 6 }), fc.boolean(), (rows, isCrlf) => {
      const made = file(...rows.map(([fields], index) => vuln(`V-${index}`, fields)));
      const bytes = isCrlf ? Buffer.from(made.toString().replaceAll(/\r?\n/g, '\r\n')) : made;
      const before = fieldsOf(bytes);
      const filled = ckl(bytes).filled(new Map(rows.flatMap(([, wanted], index) => (wanted === null ? [] : [[index + 1, wanted] as const]))));
      expect(skeleton(filled)).toBe(skeleton(bytes));
      fieldsOf(filled).forEach((fields, index) => expect(fields).toEqual({ ...before[index], ...rows[index]?.[1] }));
      const again = ckl(filled).filled(new Map(rows.flatMap(([, wanted], index) => (wanted === null ? [] : [[index + 1, wanted] as const]))));
      expect(again.equals(filled)).toBe(true);
    }), { seed, numRuns });
  });

  const published = new URL('../../../../../shared/vectors/checklists/one-of-each-status.ckl', import.meta.url);
  it.skipIf(!existsSync(published))('as others publish it: one row of each status; filled in, only these fields change (skipped where ../shared/vectors is not there)', () => {
    const bytes = readFileSync(published);
    expect(fieldsOf(bytes).map((fields) => ('status' in fields ? fields.status : fields.problem))).toEqual(['not_a_finding', 'open', 'not_applicable', 'not_reviewed']);
    const filled = ckl(bytes).filled(new Map([[2, { status: 'not_a_finding', details: 'seen & <proven>', comments: 'ä' }], [4, { status: 'open' }]]));
    expect(skeleton(filled)).toBe(skeleton(bytes));
    expect(fieldsOf(filled)).toMatchObject([{}, { status: 'not_a_finding', details: 'seen & <proven>', comments: 'ä' }, {}, { status: 'open' }]);
  });
});
