// What all forms have in common: the same view gives the same bytes, none of them leaves out a check, the digest or a time, and nothing that was read acts or hides.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '#shared/contract/security-report.ts';
import { OWN_SOURCE } from '#shared/domain/evidence.ts';
import { pdfText } from '../../../../test/support/pdf-text.ts';
import { check, DEPLOYMENT_ID, DIGEST, HOSTILE_TEXTS, hostileSource, source, view } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
import { inReadingOrder, makeReport, uuidOf } from './report.ts';
import { createSecurityReports } from './service.ts';

const TEXT_FORMATS = REPORT_FORMATS.filter((format) => format !== 'pdf');
/** What acts on a display or cannot be seen; the line ends of a form are its own. */
const ACTING = /(?![\r\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

async function textOf(format: (typeof REPORT_FORMATS)[number], given = source()): Promise<string> {
  const content = await writtenAs(format, given);
  return format === 'pdf' ? pdfText(content) : content.toString('utf8');
}

describe('the common model', () => {
  it('a UUID is of version 5 and follows from the name', () => {
    expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidOf('a')).toBe(uuidOf('a'));
    expect(uuidOf('a')).not.toBe(uuidOf('b'));
  });

  it('accepted is neither pass nor fail, and an exception that ended accepts nothing', () => {
    const standings = Object.fromEntries(makeReport(source()).checks.map(({ id, standing }) => [id, standing]));
    expect(standings).toEqual({ 'jwt.enabled': 'pass', 'hsts.sent': 'fail', 'cors.any': 'accepted', 'docs.open': 'fail', '2fa.on': 'unknown', 'tls.version': 'stale', 'sso.on': 'not-applicable' });
  });

  it('the worst stands first, and contradictions that fail are named', () => {
    const report = makeReport(source());
    expect(inReadingOrder(report.checks).map(({ standing, checks }) => [standing, checks.map(({ id }) => id)])).toEqual([['fail', ['hsts.sent', 'docs.open']], ['accepted', ['cors.any']], ['unknown', ['2fa.on']], ['stale', ['tls.version']], ['pass', ['jwt.enabled']], ['not-applicable', ['sso.on']]]);
    expect(report.contradictions.map(({ id }) => id)).toEqual(['hsts.sent']);
  });

  it('the period of the evidence does not end now because of what the console itself holds', async () => {
    const own = { kind: 'declared' as const, source: OWN_SOURCE, path: '$.environment', value: '"production"', observedAt: '2026-11-22T12:00:00Z' };
    const withOwn = view(view().checks.map((one) => ({ ...one, evidence: [...one.evidence, own] })));
    const report = makeReport(source({ view: withOwn }));
    expect(report.seen).toEqual({ from: '2026-11-02T00:00:00Z', to: '2026-11-20T10:01:00Z' });
    expect(report.at).toBe(own.observedAt);
    expect((await textOf('html', source({ view: withOwn }))).replace(/<[^>]*>/g, '')).toContain('2026-11-02T00:00:00Z to 2026-11-20T10:01:00Z');
    expect(await textOf('pdf', source({ view: withOwn }))).toContain('Evidence from: 2026-11-02T00:00:00Z to 2026-11-20T10:01:00Z');
    expect(makeReport(source({ view: view([check({ id: 'a', state: 'pass', evidence: [own] })]) })).seen).toBeNull();
  });

  it('says when it knows nothing', () => {
    const report = makeReport(source({ view: view([], { observedAt: null, lastFailure: null, uncovered: [] }) }));
    expect(report.seen).toBeNull();
    expect(report.at).toBe('2026-11-22T00:00:00Z');
    expect(report.limits).toContain('The deployment itself was never seen.');
  });
});

describe.each(REPORT_FORMATS)('%s', (format) => {
  it('the same view gives the same bytes, another one does not', async () => {
    const first = await writtenAs(format, source());
    expect((await writtenAs(format, source())).equals(first)).toBe(true);
    const base = view();
    expect((await writtenAs(format, source({ view: { ...base, checks: base.checks.map((one) => (one.id === 'jwt.enabled' ? { ...one, seen: 'Something else' } : one)) } }))).equals(first)).toBe(false);
  });

  it('names every check, the digest of the baseline, and the times of the evidence', async () => {
    const text = await textOf(format);
    for (const id of ['jwt.enabled', 'hsts.sent', 'cors.any', 'docs.open', '2fa.on', 'tls.version', 'sso.on']) expect(text).toContain(id);
    expect(text).toContain(DIGEST);
    expect(text).toContain('Kim Owner');
    if (format === 'ocsf') expect(text).toContain(String(Date.parse('2026-11-20T10:00:00Z')));
    for (const time of ['2026-11-20T10:00:00.000001Z', '2026-11-20T10:00:03.5Z', '2026-11-02T00:00:00Z']) expect(text).toContain(time);
  });

  it('counts what is known beside what is not, never a percentage', async () => {
    const text = await textOf(format);
    if (format !== 'csv') expect(text).toContain('4 of 6 known and fresh: 1 pass, 2 fail, 1 accepted');
    if (format !== 'html') expect(text).not.toMatch(/\d ?%/);
    else expect(text.replace(/<style>[^]*<\/style>/, '')).not.toMatch(/\d ?%/);
  });

  it('a posture without a check is no green one', async () => {
    const text = await textOf(format, source({ view: view([], { observedAt: null, lastFailure: null, uncovered: [] }) }));
    // These two have nothing but records of checks.
    const expected = { csv: /^deployment,[^\n]*\r\n$/, ocsf: /^$/ }[format as string] ?? /0 of 0 known and fresh/;
    expect(text).toMatch(expected);
  });
});

describe.each(TEXT_FORMATS)('%s', (format) => {
  it('shows nothing that acts or hides, whatever was read', async () => {
    for (const hostile of HOSTILE_TEXTS) expect(await textOf(format, hostileSource(hostile)), JSON.stringify(hostile)).not.toMatch(ACTING);
  });
});

describe('a report in a file', () => {
  let folder = '';
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-report-')); });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const asked: (string | undefined)[] = [];
  const { deployment } = source();
  const reports = createSecurityReports({
    posture: { show: (_id, baselineId) => { asked.push(baselineId); return view(); } }, clock: { now: () => Date.parse('2026-11-22T12:00:00Z') }, version: '0.1.0',
    // The rest of a deployment goes into no report.
    deployments: { get: () => deployment as ReturnType<Parameters<typeof createSecurityReports>[0]['deployments']['get']> },
  });
  const ask = { deploymentId: DEPLOYMENT_ID, path: null };

  it.each(REPORT_FORMATS)('%s is the same bytes as the text, whole, and alone in its folder', async (format) => {
    const path = join(folder, `report.${format}`);
    const written = await reports.report({ ...ask, format, path });
    const content = await readFile(path);
    expect(written).toEqual({ format, path, bytes: content.length, sha256: written.sha256, text: null });
    expect(content.equals(await writtenAs(format, source()))).toBe(true);
    expect((await readdir(folder)).filter((name) => !name.startsWith('report.'))).toEqual([]);
    if (format === 'pdf') return;
    const { text, sha256 } = await reports.report({ ...ask, format });
    expect(text).toBe(content.toString('utf8'));
    expect(sha256).toBe(written.sha256);
  });

  it('one that exists is left as it is', async () => {
    const path = join(folder, 'report.taken');
    await writeFile(path, 'mine');
    await expect(reports.report({ ...ask, format: 'html', path })).rejects.toMatchObject({ code: 'file_exists' });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('a PDF without a file is refused, and the baseline that was asked for is used', async () => {
    await expect(reports.report({ ...ask, format: 'pdf' })).rejects.toMatchObject({ code: 'invalid_input' });
    await reports.report({ ...ask, format: 'csv', baselineId: 'other' });
    expect(asked.at(-1)).toBe('other');
  });
});
