// The forms for people: HTML that cannot act, CSV that a spreadsheet does not calculate, a PDF that drops no character.
import { describe, expect, it } from 'vitest';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { pdfText } from '../../../../test/support/pdf-text.ts';
import { DIGEST, HOSTILE_TEXTS, hostileSource, source } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
import { showable } from './pdf-font.ts';
import type { ReportSource } from './report.ts';

const html = async (given: ReportSource = source()): Promise<string> => (await writtenAs('html', given)).toString('utf8');
/** Elements of a page in their order, as a browser's tokenizer would see them, style left out. */
const elements = (page: string): string[] => [...page.replace(/<style>[^]*?<\/style>/, '').matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name = '']) => name.toLowerCase());

describe('HTML', () => {
  it('contradictions stand before the checks, each state with its word and icon, evidence of four kinds side by side', async () => {
    const page = await html();
    expect(page.indexOf('<h2>Contradictions</h2>')).toBeLessThan(page.indexOf('<h2>Fail (2)</h2>'));
    for (const word of ['✗</span> Fail', '◑</span> Accepted', '?</span> Unknown', '~</span> Stale', '✓</span> Pass', '–</span> Not applicable']) expect(page).toContain(word);
    expect(page).toContain('<tr><th scope="col">declared</th><th scope="col">observed</th><th scope="col">derived</th><th scope="col">attested</th></tr>');
    expect(page).toContain('<code><bdi>$.status = 401</bdi></code><br><bdi>GET /api/admin/users</bdi><br><span class="soft"><time datetime="2026-11-20T10:00:03.5Z">');
    expect(page).toContain('4 of 6 known and fresh: 1 pass, 2 fail, 1 accepted');
    expect(page).toContain('Accepted by Kim Owner until 2026-12-31: Until the new gateway');
    expect(page).toContain('What this report cannot prove');
  });

  it('holds no script, no link, no form and nothing that is loaded', async () => {
    const page = await html();
    expect(new Set(elements(page))).toEqual(new Set(['html', 'head', 'meta', 'title', 'body', 'main', 'h1', 'h2', 'h3', 'bdi', 'p', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'span', 'dl', 'dt', 'dd', 'code', 'time', 'section', 'ul', 'li', 'article', 'strong', 'br', 'footer']));
    expect(page).not.toMatch(/\s(?:src|href|on[a-z]+|style)=/i);
    expect(page).not.toMatch(/url\(|@import/);
    expect(page).toContain('default-src &#39;none&#39;; style-src &#39;sha256-');
  });

  it('hostile text adds no element and keeps every character to be seen', async () => {
    const plain = elements(await html(hostileSource('x')));
    for (const hostile of HOSTILE_TEXTS) {
      const page = await html(hostileSource(hostile));
      expect(elements(page), JSON.stringify(hostile)).toEqual(plain);
      const shown = visibleLine(hostile).replace(/[&<>"']/g, (character) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }[character] ?? ''};`);
      expect(page).toContain(`<bdi>${shown}</bdi>`);
    }
  });
});

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

describe('PDF', () => {
  it('says what the page for a screen says', async () => {
    const text = pdfText(await writtenAs('pdf', source()));
    for (const words of ['Security posture of acme', '4 of 6 known and fresh: 1 pass, 2 fail, 1 accepted', DIGEST, 'Contradictions', 'What this report cannot prove', 'Accepted by Kim Owner until 2026-12-31', 'observed: $.status = 401. GET /api/admin/users, 2026-11-20T10:00:03.5Z', 'derived: none', 'Fix hsts.sent', 'Page 1 of ']) expect(text).toContain(words);
    expect(text.indexOf('Contradictions')).toBeLessThan(text.indexOf('Fail (2)'));
    expect(text).not.toContain('\ufffd');
  });

  it('characters that its font cannot show, or that would turn or join, are spelled out', async () => {
    const text = pdfText(await writtenAs('pdf', hostileSource('漢 🧪 ע e\u0301 \u202e äΩЖ✓ ⟨')));
    expect(text).toContain('⟨U+6F22⟩ ⟨U+1F9EA⟩ ⟨U+05E2⟩ e⟨U+0301⟩ ⟨U+202E⟩ äΩЖ✓ ⟨');
  });

  it('holds no action, no link and no script, whatever was read', async () => {
    for (const hostile of [') Tj ET (', '/JavaScript', '\\', '(((', 'endstream endobj']) {
      const content = await writtenAs('pdf', hostileSource(hostile));
      const objects = content.toString('latin1').replace(/stream\n[^]*?\nendstream/g, '').replace(/\((?:\\[^]|[^\\()])*\)/g, '()');
      expect(objects).not.toMatch(/\/(?:JavaScript|JS|OpenAction|AA|URI|Launch|EmbeddedFile|AcroForm)\b/);
      expect(pdfText(content)).toContain(hostile);
    }
  });

  it('a glyph that the font lacks is never drawn', () => {
    expect(showable('ab', (codePoint) => codePoint !== 0x62)).toBe('a⟨U+0062⟩');
  });
});
