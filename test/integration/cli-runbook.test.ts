// Runbooks from the command line, as somebody on call does the job: a run of a shipped runbook from its start to its end, against a deployment that is there and one that is not.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireProfileLock } from '#core/db/profile-lock.ts';
import { runView } from '#shared/domain/runbook-view.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { PACK } from '../support/runbook-profile.ts';
import { startCli } from './cli-process.ts';
import { LONG, useRunbookBench } from './cli-runbook-bench.ts';

const { at, put, asProcess, by, said, served, refused, states } = useRunbookBench('cli-runbook');
const HIDDEN = ['\u001b', '\u202e', '\u200b'];
let server: NaviDeployment;
let isClosed = false;

beforeAll(async () => {
  server = await startNaviDeployment({ config: configFor('C1', []), seed: 5, events: 20 });
  const now = Math.floor(Date.now() / 1000);
  const token = server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin', iat: now, exp: now + 86_400 });
  const added = await asProcess('ada', ['deployment', 'add', 'acme', '--url', server.url, '--token-stdin'], `${token}\n`);
  if (added.code !== 0) throw new Error(added.stderr);
  // A runbook with a step of each kind, beside those that ship.
  put('small.yaml', PACK);
}, LONG.timeout);
afterAll(async () => { if (!isClosed) await server.close(); });

describe('a daily check on call, from its start to its end', () => {
  let run = '';
  let steps = 0;

  it('starts, prints its id under the key run, and stands in another process', LONG, async () => {
    const started = await asProcess('ada', ['runbook', 'start', 'navi-on-call-daily', '--deployment', 'acme', '--json']);
    expect(started.code, started.stderr).toBe(0);
    const { run: id, ...rest } = JSON.parse(started.stdout) as { run: string };
    run = id;
    const view = runView.parse({ runId: id, ...rest });
    steps = view.steps.length;
    expect(steps).toBeGreaterThan(11);
    expect(view).toMatchObject({ title: 'On call, daily (NAVI)', isDrill: false, ended: null, deployment: { name: 'acme' }, next: 'dashboards.errors' });
    const shown = await asProcess('ada', ['runbook', 'status', run.slice(4, 12)]);
    expect(shown.code, shown.stderr).toBe(0);
    for (const part of [run, `0 of ${steps} steps settled`, 'dashboards.ready', 'check: not asked yet', `holdfast runbook check ${run.slice(0, 16)} dashboards.errors`]) expect(shown.stdout).toContain(part);
    expect(await served('ada', 'status')).toMatchObject({ runs: [{ runId: run, packId: 'navi-on-call-daily', done: 0, steps }] });
    expect(await said('ada', 'status')).toContain(run.slice(0, 16));
    expect((await said('ada', 'status', run, 'dashboards.empty')).replaceAll(/\s+/g, ' ')).toContain('Empty is not good.');
  });

  it('refuses a tick that nothing proves with 3, and records nothing (R31)', LONG, async () => {
    const ticked = await asProcess('ada', ['runbook', 'step', run, 'dashboards.ready', '--done', '--json']);
    expect(ticked.code).toBe(3);
    expect(JSON.parse(ticked.stderr)).toMatchObject({ code: 'step_unproven' });
    expect(ticked.stdout).toBe('');
    expect(await refused('ada', 'step', run, 'gate.last', '--done')).toMatchObject({ code: 3, error: 'step_unproven' });
    // This one cannot be overridden, and a skip without a reason is none.
    expect(await refused('ada', 'step', run, 'gate.last', '--done', '--override', 'no time')).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused('ada', 'step', run, 'gate.last', '--skip')).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(new Set(Object.values(await states('ada', run)))).toEqual(new Set(['open']));
  });

  it('asks all live checks: each result is shown, and 3 says that one did not pass', LONG, async () => {
    const checked = await asProcess('ada', ['runbook', 'check', run, '--json']);
    expect(checked.code).toBe(3);
    const { checks } = JSON.parse(checked.stdout) as { checks: { step: string; result: string | null; error: unknown }[] };
    expect(Object.fromEntries(checks.map(({ step, result }) => [step, result]))).toEqual({ 'dashboards.errors': 'unknown', 'dashboards.ready': 'pass', 'limits.answer': 'unknown', 'limits.token': 'pass' });
    expect(JSON.parse(checked.stderr)).toMatchObject({ code: 'step_unproven', message: '2 of 4 live checks did not pass.' });
    expect(await served('ada', 'check', run, 'limits.token')).toMatchObject({ run, checks: [{ step: 'limits.token', result: 'pass', error: null }], leftOut: [] });
    const text = await said('ada', 'check', run, 'dashboards.ready');
    for (const part of ['passed', 'asks whether /health/ready answers 200 within 5000 ms', 'ticks nothing']) expect(text).toContain(part);
    expect((await states('ada', run))['dashboards.ready']).toBe('open');
  });

  it('ticks what is proven, keeps an override with its reason in sight, takes evidence and what is attested', LONG, async () => {
    expect(await served('ada', 'step', run, 'dashboards.ready', '--done')).toMatchObject({ run, step: 'dashboards.ready', state: 'done' });
    expect((await by('ada', 'runbook', 'step', run, 'limits.token', '--done')).code).toBe(0);
    expect(await refused('ada', 'step', run, 'dashboards.errors', '--done')).toMatchObject({ code: 3, error: 'step_unproven' });
    expect(await served('ada', 'step', run, 'dashboards.errors', '--done', '--override', 'the dashboards are away, seen by hand')).toMatchObject({ state: 'overridden', override: 'the dashboards are away, seen by hand' });
    const job = put('gate.txt', '20 of 20\n');
    const shot = put('shot.png', Buffer.from('89504e470d0a1a0a00', 'hex'));
    const gate = await asProcess('ada', ['runbook', 'step', run, 'gate.last', '--done', '--evidence', job, '--evidence', shot, '--note', 'job 77', '--json']);
    expect(gate.code, gate.stderr).toBe(0);
    expect(JSON.parse(gate.stdout)).toMatchObject({ state: 'done', note: 'job 77', evidence: [{ name: 'gate.txt', bytes: 9, digest: createHash('sha256').update('20 of 20\n').digest('hex') }, { name: 'shot.png', type: 'image/png' }] });
    expect(await served('ada', 'attest', run, 'limits.answer', '--pass', '--by', 'Ben', '--seen', 'a 429 came after 100')).toMatchObject({ check: { result: 'pass', attestedBy: 'Ben' } });
    expect((await said('ada', 'step', run, 'limits.answer', '--done'))).toContain('attested by hand by Ben');
    expect((await by('ada', 'runbook', 'step', run, 'limits.spikes', '--skip', '--note', 'nobody can see it today')).code).toBe(0);
    expect((await by('ada', 'runbook', 'step', run, 'limits.auth', '--not-applicable')).code).toBe(0);
    expect((await by('ada', 'runbook', 'step', run, 'dashboards.empty', '--failed', '--note', 'two are empty')).code).toBe(0);
    for (const step of ['shift.pager', 'shift.deploys', 'shift.handover']) expect((await by('ada', 'runbook', 'step', run, step, '--done')).code).toBe(0);
    const status = (await said('ada', 'status', run)).replaceAll(/\s+/g, ' ');
    for (const part of ['overridden without proof: the dashboards are away, seen by hand', 'two are empty', 'nobody can see it today', 'gate.txt, 9 bytes', `10 of ${steps} steps settled; 1 failed, 1 overridden, 1 skipped, 1 not applicable`]) expect(status).toContain(part);
    // What was left aside is left out of a check of all, and named.
    expect((await refused('ada', 'check', run)).stdout).toContain('"leftOut": []');
  });

  it('keeps evidence by other ways too, lists it and writes it out as it was', LONG, async () => {
    const out = await asProcess('ada', ['runbook', 'attach', run, '--output', 'pods.txt', '--step', 'dashboards.latency', '--note', 'kubectl get pods', '--json'], 'all ran \u001b[31m\n');
    expect(out.code, out.stderr).toBe(0);
    const { digest } = JSON.parse(out.stdout) as { digest: string };
    expect(await served('ada', 'attach', run, '--query', 'status:200')).toMatchObject({ run, name: expect.stringMatching(/^audit-acme-/) as string });
    expect(await served('ada', 'attach', run, '--snapshot')).toMatchObject({ type: 'application/json' });
    expect((await by('ada', 'runbook', 'attach', run)).code).toBe(2);
    expect((await by('ada', 'runbook', 'attach', run, 'x', '--snapshot')).code).toBe(2);
    expect((await served('ada', 'evidence', run))['evidence']).toHaveLength(5);
    expect((await served('ada', 'evidence', run, digest.slice(0, 12), '--out', at('pods.txt')))['digest']).toBe(digest);
    expect(readFileSync(at('pods.txt'), 'utf8')).toBe('all ran \u001b[31m\n');
    expect(await refused('ada', 'evidence', run, digest, '--out', at('pods.txt'))).toMatchObject({ code: 3, error: 'file_exists' });
    expect(await refused('ada', 'evidence', run, 'f'.repeat(64), '--out', at('none'))).toMatchObject({ code: 3, error: 'evidence_not_found', hint: expect.stringContaining('Nearest: ') as string });
    expect((await by('ada', 'runbook', 'evidence', run, digest)).code).toBe(2);
    expect((await by('ada', 'runbook', 'step', run, 'dashboards.latency', '--done')).code).toBe(0);
  });

  it('refuses a wrong run, step, runbook or file in words that name the nearest', LONG, async () => {
    expect(await refused('ada', 'step', run, 'dashboards.redy', '--done')).toMatchObject({ code: 3, error: 'step_not_found', hint: expect.stringMatching(/^Nearest: dashboards\.ready/) as string });
    expect(await refused('ada', 'start', 'navi-on-call-daly')).toMatchObject({ code: 3, error: 'runbook_not_found', hint: expect.stringMatching(/^Nearest: navi-on-call-daily/) as string });
    for (const wrong of ['ffffffff', `run_${'0'.repeat(32)}`, 'daily']) expect(await refused('ada', 'status', wrong)).toMatchObject({ code: 3, error: 'run_not_found', hint: expect.stringContaining(run.slice(0, 16)) as string });
    expect(await refused('ada', 'step', run, 'shift.pager', '--done', '--evidence', at('no such file'))).toMatchObject({ code: 3, error: 'file_not_found' });
    expect(await refused('ada', 'start', 'post-mortem', '--deployment', 'nobody')).toMatchObject({ code: 3, error: 'deployment_not_found' });
    expect(await refused('ada', 'start', 'karen-hardening', '--deployment', 'acme')).toMatchObject({ code: 3, error: 'not_offered' });
    expect(await refused('ada', 'start', 'navi-incident', '--severity', 'sev9')).toMatchObject({ code: 2, hint: 'Nearest: sev1, sev2, sev3.' });
    for (const args of [['step', run, 'shift.pager'], ['step', run, 'shift.pager', '--done', '--failed'], ['attest', run, 'limits.token', '--by', 'A', '--seen', 'it'], ['timer', run, 'shift.pager'], ['review', run], ['review', run, '--accept', '--reject'], ['role', run, 'oncall'], ['note', run, 'x', '--at', 'yesterday'], ['milestone', run, 'sleepy'], ['action', run, 'x', '--owner', 'A', '--due', '2026-02-30'], ['action', run, 'x'], ['report', run, '--format', 'doc'], ['watch', at('.'), '--off']]) {
      const { code, stdout } = await by('ada', 'runbook', ...args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    }
  });

  it('shows what people write without letting it act', LONG, async () => {
    expect((await by('ada', 'runbook', 'note', run, 'now: \u001b[2J\u202eolleh\nsecond line')).code).toBe(0);
    expect((await by('ada', 'runbook', 'role', run, 'oncall', '--name', 'Ann \u001b]0;x\u0007')).code).toBe(0);
    for (const args of [['status', run, '--timeline'], ['report', run, '--format', 'md'], ['report', run, '--format', 'html'], ['status', run, '--json']]) {
      const { stdout } = await by('ada', 'runbook', ...args);
      expect(stdout).toContain('olleh');
      for (const hidden of HIDDEN) expect(stdout.includes(hidden)).toBe(false);
    }
  });

  it('reads while a window holds the profile; what writes is refused and says so', LONG, async () => {
    const held = acquireProfileLock(at('ada'), 'chromium');
    if (held === null) throw new Error('the profile was not free');
    try {
      for (const args of [['list'], ['show', 'navi-incident'], ['status'], ['status', run], ['report', run, '--format', 'md'], ['evidence', run], ['message', run], ['identity'], ['watch'], ['lint', at('small.yaml')]]) expect({ args, code: (await by('ada', 'runbook', ...args)).code }).toEqual({ args, code: 0 });
      for (const args of [['start', 'post-mortem'], ['step', run, 'shift.pager', '--done'], ['check', run], ['note', run, 'x'], ['end', run], ['watch', at('.')]]) expect({ args, ...await refused('ada', ...args) }).toMatchObject({ args, code: 3, error: 'profile_in_use', stdout: '' });
    } finally {
      held.release();
    }
  });

  it('is not opened without the passphrase, or with a wrong one; a file is linted all the same', LONG, async () => {
    const none = await startCli(['runbook', 'status', '--profile', at('ada'), '--secrets', 'passphrase', '--json']).finished;
    expect({ code: none.code, error: (JSON.parse(none.stderr) as { code: string }).code }).toEqual({ code: 3, error: 'passphrase_required' });
    const wrong = await startCli(['runbook', 'step', run, 'shift.pager', '--done', '--profile', at('ada'), '--secrets', 'passphrase', '--json'], { env: { HOLDFAST_PASSPHRASE_FILE: put('wrong', 'another passphrase\n') } }).finished;
    expect({ code: wrong.code, error: (JSON.parse(wrong.stderr) as { code: string }).code }).toEqual({ code: 3, error: 'wrong_passphrase' });
    const linted = await startCli(['runbook', 'lint', at('small.yaml'), '--profile', at('nobody'), '--secrets', 'keychain'], { env: { DBUS_SESSION_BUS_ADDRESS: '' } }).finished;
    expect({ code: linted.code, stdout: linted.stdout }).toEqual({ code: 0, stdout: 'small.yaml is sound: small, 7 steps.\n' });
  });

  it('goes on without a network: what cannot be asked is named and not recorded, and is attested by hand', LONG, async () => {
    await server.close();
    isClosed = true;
    const before = (await served('ada', 'status', run))['timeline'] as unknown[];
    const checked = await refused('ada', 'check', run);
    expect(checked).toMatchObject({ code: 3, error: 'step_unproven', hint: expect.stringContaining('holdfast runbook attest') as string });
    const { checks } = JSON.parse(checked.stdout) as { checks: { step: string; result: string | null; error: { code: string } | null }[] };
    expect(checks.find(({ step }) => step === 'dashboards.ready')).toMatchObject({ result: null, error: { code: 'connection_refused' } });
    expect(checks.some(({ result }) => result === 'pass')).toBe(false);
    expect(await refused('ada', 'check', run, 'dashboards.ready')).toMatchObject({ code: 3, error: 'connection_refused' });
    const asked = checks.filter(({ error }) => error === null).length;
    expect((await served('ada', 'status', run))['timeline']).toHaveLength(before.length + asked);
    expect(await served('ada', 'attest', run, 'dashboards.ready', '--fail', '--by', 'Ann', '--seen', 'the pager rang')).toMatchObject({ check: { result: 'fail', attestedBy: 'Ann' } });
  });

  it('ends, with its report in three formats; after the end nothing is recorded', LONG, async () => {
    const ended = await asProcess('ada', ['runbook', 'end', run, '--note', 'handed over', '--json']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ run, ended: { outcome: 'completed', note: 'handed over' } });
    for (const args of [['note', run, 'late'], ['step', run, 'shift.pager', '--failed'], ['check', run]]) expect(await refused('ada', ...args)).toMatchObject({ code: 3, error: 'run_ended' });
    const text = await said('ada', 'report', run, '--format', 'md');
    for (const part of ['# On call, daily (NAVI)', 'the dashboards are away, seen by hand', 'handed over']) expect(text).toContain(part);
    for (const format of ['md', 'html', 'pdf'] as const) {
      const written = await asProcess('ada', ['runbook', 'report', run, '--format', format, '--out', at(`report.${format}`), '--json']);
      expect(written.code, written.stderr).toBe(0);
      expect((JSON.parse(written.stdout) as { sha256: string }).sha256).toBe(createHash('sha256').update(readFileSync(at(`report.${format}`))).digest('hex'));
    }
    expect(readFileSync(at('report.pdf')).subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(readFileSync(at('report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    // A PDF does not go to a terminal: it lies in the current folder, under the name of its run.
    const unnamed = resolve(`${run}.pdf`);
    try {
      const { path, sha256 } = JSON.parse((await asProcess('ada', ['runbook', 'report', run.slice(0, 16), '--format', 'pdf', '--json'])).stdout) as { path: string; sha256: string };
      expect({ path, sha256 }).toEqual({ path: unnamed, sha256: createHash('sha256').update(readFileSync(unnamed)).digest('hex') });
      expect(await refused('ada', 'report', run, '--format', 'pdf')).toMatchObject({ code: 3, error: 'file_exists' });
    } finally {
      rmSync(unnamed, { force: true });
    }
    expect(await refused('ada', 'report', run, '--format', 'md', '--out', at('report.md'))).toMatchObject({ code: 3, error: 'file_exists' });
    expect((await by('ada', 'runbook', 'report', run, '--format', 'md', '--out', at('report.md'), '--overwrite')).code).toBe(0);
    expect((await by('ada', 'ledger', 'verify')).code).toBe(0);
  });
});

describe('a runbook of one\'s own', () => {
  it('is linted with line and column, imported either way, and a faulty one not at all', LONG, async () => {
    const faulty = put('faulty.yaml', PACK.replace('kind: checklist', 'kind: party').replace('signs: security', 'signs: nobody'));
    const linted = await asProcess('ada', ['runbook', 'lint', faulty]);
    expect(linted.code).toBe(3);
    expect(linted.stdout).toMatch(/faulty\.yaml:6:\d+: /);
    const { problems } = JSON.parse((await refused('ada', 'lint', faulty)).stdout) as { problems: { line: number; column: number; message: string }[] };
    expect(problems.length).toBeGreaterThan(0);
    for (const { line, column } of problems) expect([line >= 1, column >= 1]).toEqual([true, true]);
    for (const word of ['import', 'import-pack']) expect(await refused('ada', word, faulty)).toMatchObject({ code: 3, error: 'invalid_runbook', message: expect.stringContaining('line 6') as string });
    expect(await served('ada', 'import', at('small.yaml'))).toMatchObject({ imported: 'runbook', id: 'small', steps: 7 });
    expect(await refused('ada', 'import-pack', at('small.yaml'))).toMatchObject({ code: 3, error: 'runbook_exists' });
    expect(await served('ada', 'import-pack', put('later.yaml', `# a later one\n${PACK.replace('version: 1.0.0', 'version: 1.1.0').replace('title: Tidy up', 'title: Tidy up well')}`))).toMatchObject({ version: '1.1.0' });
    expect((await said('ada', 'list'))).toContain('A small runbook (imported, 1.1.0)');
    for (const missing of ['lint', 'import', 'import-pack']) expect(await refused('ada', missing, at('nothing'))).toMatchObject({ code: 3, error: 'file_not_found' });
    expect(await refused('ada', 'import', put('noise', 'what is this'))).toMatchObject({ code: 3, error: 'unknown_format', stdout: '' });
    expect(await refused('ada', 'import', put('noise.yaml', 'id: x\n'))).toMatchObject({ code: 3, error: 'invalid_runbook', stdout: '' });
  });

  it('runs with a decision, a timer, actions, milestones, severity and a signature; gates hold', LONG, async () => {
    const { run } = await served('ada', 'start', 'small', '--severity', 'high', '--title', 'one more', '--drill') as { run: string };
    expect(await refused('ada', 'step', run, 'health', '--done')).toMatchObject({ code: 3, error: 'step_waits' });
    await served('ada', 'step', run, 'look', '--done');
    expect(await refused('ada', 'check', run)).toMatchObject({ code: 3, error: 'deployment_not_found' });
    expect(await refused('ada', 'check', run, 'look')).toMatchObject({ code: 2, error: 'invalid_input', hint: 'Live checks of this run: health.' });
    await served('ada', 'attest', run, 'health', '--pass', '--by', 'Ann', '--seen', 'it answers');
    await served('ada', 'step', run, 'health', '--done');
    expect(await served('ada', 'timer', run, 'soak', '--start')).toMatchObject({ timer: { state: 'running' } });
    expect(await refused('ada', 'timer', run, 'soak', '--ack')).toMatchObject({ code: 2 });
    expect(await refused('ada', 'step', run, 'soak', '--done')).toMatchObject({ code: 3, error: 'step_unproven' });
    expect(await refused('ada', 'decide', run, 'choose', '--option', 'fly', '--reason', 'why not')).toMatchObject({ code: 2 });
    expect(await served('ada', 'decide', run, 'choose', '--option', 'go', '--reason', 'all is well')).toMatchObject({ run, decisions: [{ option: 'go', step: 'choose' }] });
    expect(await served('ada', 'decide', run, '--option', 'tell the customers', '--reason', 'they ask')).toMatchObject({ decisions: [{}, { step: null, option: 'tell the customers' }] });
    await served('ada', 'severity', run, 'low', '--reason', 'calmer');
    await served('ada', 'milestone', run, 'mitigated');
    await served('ada', 'role', run, 'lead', '--name', 'Ann');
    expect(await served('ada', 'role', run, 'lead', '--nobody')).toMatchObject({ severity: 'low', roles: [{ role: 'lead', names: [] }, {}] });
    const { actions } = await served('ada', 'action', run, 'write it up', '--owner', 'Ann', '--due', '2026-12-01') as { actions: { id: string }[] };
    const id = actions[0]?.id ?? '';
    expect(await served('ada', 'action', run, id, '--done')).toMatchObject({ actions: [{ id, text: 'write it up', owner: 'Ann', due: '2026-12-01', isDone: true }] });
    expect(await refused('ada', 'action', run, 'a_00000000', '--done')).toMatchObject({ code: 2, hint: `Nearest: ${id}.` });
    // The step that waits for this role is what is signed, unless the whole is asked for.
    expect(await said('ada', 'sign', run, '--role', 'security', '--name', 'Sam')).toContain('Approved by Sam as security: agree, Security agrees.');
    expect(await said('ada', 'sign', run, '--role', 'security')).toContain('the run itself');
    expect(await refused('ada', 'sign', run, '--role', 'lead', '--verdict', 'refused')).toMatchObject({ code: 2 });
    expect(await states('ada', run)).toMatchObject({ look: 'done', health: 'done', soak: 'open', choose: 'done', agree: 'done', tidy: 'open' });
    expect(await refused('ada', 'start', 'small', '--carry-from', run.slice(4, 16))).toMatchObject({ code: 3, error: 'not_offered' });
    const next = await served('ada', 'start', 'small', '--drill', '--carry-from', run.slice(4, 16)) as { run: string; steps: { step: string; carriedFrom: string | null }[] };
    expect(next.steps.filter(({ carriedFrom }) => carriedFrom === run).map(({ step }) => step)).toContain('look');
    expect(await served('ada', 'end', run, '--stopped', '--note', 'enough')).toMatchObject({ ended: { outcome: 'stopped' } });
  });

  it('is printed as a blank sheet, and fills its messages in from a run', LONG, async () => {
    expect((await by('ada', 'runbook', 'blank', 'navi-incident', '--out', at('blank.pdf'))).code).toBe(0);
    expect(readFileSync(at('blank.pdf')).subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(await refused('ada', 'blank', 'navi-incidnt', '--out', at('other.pdf'))).toMatchObject({ code: 3, error: 'runbook_not_found' });
    expect(existsSync(at('other.pdf'))).toBe(false);
    const { run } = await served('ada', 'start', 'navi-incident', '--severity', 'sev1', '--title', 'login down') as { run: string };
    expect((await served('ada', 'message', run))['templates']).toContainEqual({ id: 'declared', title: 'Incident declared' });
    const { code, stdout, stderr } = await by('ada', 'runbook', 'message', run, 'declared');
    expect({ code, told: stdout.includes('login down'), lacks: stderr.includes('does not know yet') }).toEqual({ code: 0, told: true, lacks: true });
    expect(await refused('ada', 'message', run, 'declard')).toMatchObject({ code: 3, error: 'template_not_found', hint: 'Nearest: declared.' });
  });
});
