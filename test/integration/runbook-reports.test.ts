// R62: reports of a run: everything that happened, nothing that acts, the same bytes for the same state; blank sheets and messages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunReports, PART_CHARACTERS } from '#core/runbooks/reports/service.ts';
import type { RunReports } from '#core/runbooks/reports/service.ts';
import { shippedRunbooks } from '#core/runbooks/packs/packs.ts';
import { pdfText } from '../support/pdf-text.ts';
import { fakeClock, temporaryFolder } from '../support/ports.ts';
import type { FakeClock } from '../support/ports.ts';
import { codeOf, importPack, openRunbookProfile, PACK, START_INPUT } from '../support/runbook-profile.ts';
import type { RunbookProfile } from '../support/runbook-profile.ts';

const COMMS = `comms:
  - { id: update, title: Update, text: "{{run.title}} ({{run.severity}}) since {{run.started}}, {{run.elapsed}}. Lead: {{role.lead}}. Security: {{role.security}}. Decided: {{step.choose}}. {{run.deployment}}" }
`;
const HOSTILE = '<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://evil.example/x.png) `c` | **b** \u202e https://evil.example {{run.title}}';

const STEP = { note: '', evidence: [] as string[], override: null };
let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let profile: RunbookProfile;
let reports: RunReports;
let runId: string;
beforeEach(async () => {
  folder = temporaryFolder('reports');
  clock = fakeClock();
  profile = await openRunbookProfile(join(folder.path, 'profile'), { clock });
  reports = createRunReports({ session: profile.session, store: profile.store, runs: profile.runs, library: profile.library, clock, profileDir: profile.profileDir, version: '1.2.3' });
  await importPack(profile, folder.path, PACK + COMMS);
  ({ runId } = await profile.runs.start({ ...START_INPUT, severity: 'high', title: 'Outage' }));
});
afterEach(async () => {
  await profile.close();
  folder.remove();
});

async function story(): Promise<void> {
  await clock.advance(240_000);
  await profile.runs.milestone({ runId, what: 'acknowledged', occurredAt: null });
  await profile.runs.role({ runId, role: 'lead', name: 'Ada' });
  await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: HOSTILE });
  await profile.runs.attest({ runId, step: 'health', by: 'Bob', result: 'pass', seen: 'the page is there' });
  await profile.runs.step({ runId, step: 'health', outcome: 'done', ...STEP });
  await profile.runs.step({ runId, step: 'soak', outcome: 'done', ...STEP, override: 'no time to soak' });
  await profile.runs.step({ runId, step: 'tidy', outcome: 'skipped', ...STEP, note: 'nothing to tidy' });
  await profile.runs.decide({ runId, step: 'choose', option: 'go', reason: 'all is well' });
  await clock.advance(3_600_000);
  await profile.runs.milestone({ runId, what: 'mitigated', occurredAt: null });
  await profile.runs.action({ runId, id: null, text: 'write it up', owner: 'Ada', due: '2026-12-01', isDone: false });
  await profile.runs.sign({ runId, step: 'agree', role: 'security', name: 'Cleo', verdict: 'approved', statement: 'fine' });
  await profile.runs.entry({ runId, text: 'now: \nwatching', occurredAt: null });
  await profile.runs.submit({ runId, note: '' });
}
const textOf = (format: 'md' | 'html'): string => {
  let text = '';
  for (let offset: number | null = 0; offset !== null;) {
    const part: ReturnType<RunReports['reportText']> = reports.reportText({ runId, format, offset });
    text += part.text;
    offset = part.nextOffset;
  }
  return text;
};
async function pdf(name: string): Promise<Buffer> {
  await reports.report({ runId, format: 'pdf', path: join(folder.path, name), overwrite: false });
  return readFileSync(join(folder.path, name));
}

describe('the report of a run', () => {
  it('says durations, overrides, skips, checks, decisions, signatures, reviews, actions and people, in each form', async () => {
    await story();
    const fingerprint = profile.runs.show(runId).authors[0]?.fingerprint ?? '';
    const wanted = ['Outage', 'small 1.0.0', runId, '4 min', '1 h 4 min', 'not recorded', 'no time to soak', 'nothing to tidy', 'attested by Bob', 'the page is there', 'all is well', 'Cleo', 'approved', 'write it up', '2026-12-01', fingerprint, 'watching', 'this profile', 'Drill', 'Made'];
    for (const text of [textOf('md'), textOf('html')]) for (const one of wanted) expect(text).toContain(one);
    const shown = pdfText(await pdf('r.pdf')).replaceAll(/\s+/g, '');
    for (const one of wanted) expect(shown).toContain(one.replaceAll(/\s+/g, ''));
  });

  it('lets nothing that people wrote act', async () => {
    await story();
    const html = textOf('html');
    expect(html).toMatch(/http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/);
    expect(html).not.toMatch(/<script|<img|<a |href=|src=|javascript:alert\(1\)"/i);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const md = textOf('md');
    expect(md).not.toMatch(/(?<!\\)<script|(?<!\\)\]\(|(?<!\\)!\[|[^\\]:\/\/evil|[^\\]\|\s\*\*b/);
    for (const text of [html, md]) {
      expect(text).not.toContain('\u202e');
      expect(text).toContain('⟨U+202E⟩');
    }
    // Every row of a table has as many cells as its head.
    const rows = md.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.length).toBeGreaterThan(20);
    let columns = 0;
    for (const [index, row] of rows.entries()) {
      const cells = row.replaceAll(/\\./g, '').split('|').length;
      if (rows[index + 1]?.startsWith('| ---') === true) columns = cells;
      expect(cells).toBe(columns);
    }
  });

  it('holds on paper a table of many pages, a row that is taller than one, and words without a space', async () => {
    const long = 'x'.repeat(3900);
    for (let at = 0; at < 60; at += 1) await profile.runs.entry({ runId, text: `entry ${at} ${'words '.repeat(12)}end`, occurredAt: null });
    await profile.runs.step({ runId, step: 'tidy', outcome: 'skipped', ...STEP, note: long });
    await profile.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, note: `${'line\n'.repeat(400)}end` });
    const shown = pdfText(await pdf('long.pdf')).replaceAll(/\s+/g, '');
    for (const wanted of [...Array.from({ length: 60 }, (_, at) => `entry${at}words`), long]) expect(shown).toContain(wanted);
    expect(shown.split('WhenWhoWhat').length).toBeGreaterThan(2);
  });

  it('R62: gives the same bytes for the same state and time; a later one differs in its time alone', async () => {
    await story();
    const [a, b] = [await pdf('a.pdf'), await pdf('b.pdf')];
    expect(a.equals(b)).toBe(true);
    const [md, html] = [textOf('md'), textOf('html')];
    expect(textOf('md')).toBe(md);
    expect(textOf('html')).toBe(html);
    await profile.runs.end({ runId, outcome: 'stopped', note: 'enough' });
    const ended = textOf('md').split('\n');
    await clock.advance(1000);
    const later = textOf('md').split('\n');
    expect(later.filter((line, index) => line !== ended[index]).map((line) => line.slice(0, 7))).toEqual(['- Made:']);
  });

  it('R61: is written whole, never over another file, and not into the profile', async () => {
    const path = join(folder.path, 'r.md');
    const written = await reports.report({ runId, format: 'md', path, overwrite: false });
    expect(written).toMatchObject({ path, bytes: readFileSync(path).length });
    expect(await codeOf(() => reports.report({ runId, format: 'md', path, overwrite: false }))).toBe('file_exists');
    await reports.report({ runId, format: 'html', path, overwrite: true });
    expect(readFileSync(path, 'utf8')).toContain('<!doctype html>');
    expect(await codeOf(() => reports.report({ runId, format: 'md', path: join(profile.profileDir, 'r.md'), overwrite: false }))).toBe('file_unwritable');
    expect(await codeOf(() => reports.report({ runId: `run_${'0'.repeat(32)}`, format: 'md', path: join(folder.path, 'n'), overwrite: false }))).toBe('run_not_found');
  });

  it('comes in parts that make one text, never through the middle of a character', async () => {
    for (let at = 0; at < 80; at += 1) await profile.runs.entry({ runId, text: `${'x'.repeat(at % 2)}${'😀'.repeat(990)}`, occurredAt: null });
    let whole = '';
    let parts = 0;
    for (let offset: number | null = 0; offset !== null; parts += 1) {
      const part: ReturnType<RunReports['reportText']> = reports.reportText({ runId, format: 'md', offset });
      expect(part.text.length).toBeLessThanOrEqual(PART_CHARACTERS);
      expect(part.text).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
      whole += part.text;
      offset = part.nextOffset;
    }
    expect(parts).toBeGreaterThan(0);
    expect(whole.match(/😀/gu)).toHaveLength(80 * 990);
  });
});

describe('messages', () => {
  it('are filled from the run, and name what is lacking', async () => {
    expect(reports.message({ runId, template: 'update' })).toEqual({
      title: 'Update', lacking: ['Lead', 'Security', 'Choose', 'deployment'],
      text: 'Outage (High) since 2026-11-22 12:00 UTC, 0 s. Lead: [Lead: not known yet]. Security: [Security: not known yet]. Decided: [Choose: not known yet]. [deployment: not known yet]',
    });
    await story();
    const { text, lacking } = reports.message({ runId, template: 'update' });
    expect(lacking).toEqual(['Security', 'deployment']);
    expect(text).toContain('1 h 4 min. Lead: Ada.');
    expect(text).toContain('Decided: done: Go (all is well).');
    expect(await codeOf(() => reports.message({ runId, template: 'none' }))).toBe('template_not_found');
  });

  it('do not fill in what a person wrote', async () => {
    await profile.runs.role({ runId, role: 'lead', name: '{{run.title}}' });
    expect(reports.message({ runId, template: 'update' }).text).toContain('Lead: {{run.title}}.');
  });
});

describe('a blank sheet', () => {
  it.each(shippedRunbooks().map(({ pack }) => [pack.id, pack] as const))('of %s holds every step, with lines to write on, in the same bytes each time', async (id, pack) => {
    const [first, second] = [join(folder.path, '1.pdf'), join(folder.path, '2.pdf')];
    await reports.blank({ id, path: first, overwrite: false });
    const bytes = readFileSync(first);
    const shown = pdfText(bytes).replaceAll(/\s+/g, '');
    for (const { title } of pack.sections.flatMap(({ steps }) => steps)) expect(shown).toContain(title.replaceAll(/\s+/g, ''));
    // A room without computers says what the run would say, and knows where a decision leads.
    for (const { title } of pack.comms) expect(shown).toContain(title.replaceAll(/\s+/g, ''));
    expect(shown).not.toContain('{{');
    const leads = pack.sections.flatMap(({ steps }) => steps).flatMap(({ options = [] }) => options).filter(({ goes_to: to }) => to !== undefined);
    expect(shown.split('(goonwith').length - 1).toBe(leads.length);
    expect(shown).not.toMatch(/goonwith0|goonwith\d+\.0/);
    expect(shown.split('Time(UTC)').length).toBeGreaterThan(pack.sections.flatMap(({ steps }) => steps).length);
    await clock.advance(5000);
    await reports.blank({ id, path: second, overwrite: false });
    expect(readFileSync(second).equals(bytes)).toBe(true);
  });
  it('of a runbook with words of its own offers those, and asks for times of an incident only where there is one', async () => {
    const sheet = async (id: string): Promise<string> => {
      await reports.blank({ id, path: join(folder.path, `${id}.pdf`), overwrite: false });
      return pdfText(readFileSync(join(folder.path, `${id}.pdf`))).replaceAll(/\s+/g, '');
    };
    const hardening = await sheet('karen-hardening');
    expect(hardening).toContain('[]PASS[]PARTIAL,acceptedforareason[]FAIL[]skipped[]notapplicable');
    expect(hardening).not.toContain('Mitigated');
    const incident = await sheet('navi-incident');
    expect(incident).toContain('Mitigated');
    // A table is a table, and code stands without its fence.
    expect(await sheet('navi-audit-retention')).toContain('holdfastretentionlint/etc/systemd/system/aep-audit-purge.service');
    expect(await sheet('navi-on-call-weekly')).not.toContain('shholdfast');
    expect(incident).toContain('AlertSeverityLookfirstatLowAvailabilitySEV1healthofthebackend,deploys');
  });

  it('is refused for a runbook that is not there', async () => {
    expect(await codeOf(() => reports.blank({ id: 'none', path: join(folder.path, 'x.pdf'), overwrite: false }))).toBe('runbook_not_found');
  });
});
