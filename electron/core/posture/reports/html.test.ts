// The HTML report cannot act, whatever was read, and shows contradictions first and every kind of evidence side by side.
import { describe, expect, it } from 'vitest';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { HOSTILE_TEXTS, hostileSource, source } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
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
