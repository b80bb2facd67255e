// The PDF report says what the HTML one says, drops no character and holds nothing that acts.
import { describe, expect, it } from 'vitest';
import { pdfText } from '../../../../test/support/pdf-text.ts';
import { check, DIGEST, hostileSource, source, view } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';

describe('PDF', () => {
  it('says what the page for a screen says', async () => {
    const text = pdfText(await writtenAs('pdf', source()));
    for (const words of ['Security posture of acme', '4 of 6 known and fresh: 1 pass, 2 fail, 1 accepted', DIGEST, 'Contradictions', 'What this report cannot prove', 'Accepted by Kim Owner until 2026-12-31', 'observed: $.status = 401. GET /api/admin/users, 2026-11-20T10:00:03.5Z', 'derived, attested: none', 'declared, observed, derived, attested: none', 'Fix hsts.sent', 'Page 1 of ']) expect(text).toContain(words);
    expect(text.indexOf('Contradictions')).toBeLessThan(text.indexOf('Fail (2)'));
    expect(text).not.toContain('\ufffd');
  });

  it('a check stands whole on one page, below its group', async () => {
    const checks = Array.from({ length: 60 }, (_, index) => check({ id: `c${index}.x`, state: index < 30 ? 'fail' : 'pass', why: 'word '.repeat((index * 37) % 120) }));
    const text = pdfText(await writtenAs('pdf', source({ view: view(checks) })));
    const pages = text.split(/Page \d+ of \d+/);
    expect(pages.length).toBeGreaterThan(10);
    for (const { id } of checks) expect(pages.filter((page) => page.includes(`Title of ${id}`) && page.includes(`Fix ${id}`) && page.includes(`${id} · high`)), id).toHaveLength(1);
    for (const words of ['Fail (30)', 'Pass (30)']) expect(pages.find((page) => page.includes(words))?.split(words)[1]).toContain('Title of ');
  });

  it('what is longer than a page goes on on the next one, to its end', async () => {
    const text = pdfText(await writtenAs('pdf', source({ view: view([check({ id: 'long.x', state: 'fail', why: `${'word '.repeat(4000)}end of why` })]) })));
    expect(text).toContain('end of why');
    expect(text).toContain('Fix long.x');
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
});
