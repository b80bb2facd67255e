// Runs on a real profile: what can be recorded, what is refused and in which words, and that nothing is called done that is not proven.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import { runView } from '#shared/domain/runbook-view.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { EVENTS_MAX } from '#shared/domain/runbook-run.ts';
import { stepsIn } from '#core/runbooks/runs/store.ts';
import { fakeClock, temporaryFolder } from '../support/ports.ts';
import type { FakeClock } from '../support/ports.ts';
import { codeOf, importPack, openRunbookProfile, PACK, START_INPUT, STEP } from '../support/runbook-profile.ts';
import type { RunbookProfile } from '../support/runbook-profile.ts';

let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let profile: RunbookProfile;
let runId: string;

beforeEach(async () => {
  folder = temporaryFolder('runs');
  clock = fakeClock();
  profile = await openRunbookProfile(join(folder.path, 'profile'), { clock });
  await importPack(profile, folder.path);
  ({ runId } = await profile.runs.start(START_INPUT));
});
afterEach(async () => {
  // Whatever a test did: what a screen would get has the form of the contract.
  runView.parse(profile.runs.show(runId));
  await profile.close();
  folder.remove();
});

const step = (id: string, outcome: 'done' | 'failed' | 'skipped' | 'not-applicable' | 'reopened' = 'done', over: { readonly note?: string; readonly override?: string | null; readonly evidence?: string[] } = {}): Promise<StepStanding> => profile.runs.step({ runId, step: id, outcome, ...STEP, evidence: [], ...over });
const stateOf = (id: string): string | undefined => profile.runs.show(runId).steps.find((each) => each.step === id)?.state;
const attest = (result: 'pass' | 'fail'): Promise<StepStanding> => profile.runs.attest({ runId, step: 'health', by: 'Ada', result, seen: 'it said ok' });

describe('a run', () => {
  it('pins the digest of its runbook and keeps its text, whatever is imported later', async () => {
    const before = profile.runs.show(runId);
    await importPack(profile, folder.path, PACK.replace('1.0.0', '1.1.0').replace('Look at it', 'Look at it twice'));
    expect(profile.library.find('small').pack.version).toBe('1.1.0');
    const after = profile.runs.show(runId);
    expect(after.packDigest).toBe(before.packDigest);
    expect(stepsIn(after.pack)[0]?.title).toBe('Look at it');
    expect(after.pack.version).toBe('1.0.0');
  });

  it('is on disk when a call returns: another opening of the same profile reads the same', async () => {
    await step('look');
    const before = profile.runs.show(runId);
    await profile.close();
    profile = await openRunbookProfile(join(folder.path, 'profile'), { clock });
    expect(profile.runs.show(runId)).toEqual(before);
    expect(profile.runs.list(10).runs).toMatchObject([{ runId, packId: 'small', done: 1, steps: 7, conflicts: 0, people: 1 }]);
  });

  it('lets a blocked step wait, and names what it waits for', async () => {
    expect(stateOf('health')).toBe('waiting');
    expect(await codeOf(() => step('health', 'skipped', { note: 'no time' }))).toBe('step_waits');
    expect(await codeOf(() => step('soak'))).toBe('step_waits');
    await expect(step('soak')).rejects.toThrow(/"Let it soak" waits for "Look at it"/);
    expect(stateOf('choose')).toBe('open');
    await step('look');
    expect(stateOf('health')).toBe('open');
    await expect(step('soak')).rejects.toThrow(/waits for "It answers"/);
    // What failed is not settled either.
    await step('look', 'reopened');
    await step('look', 'failed');
    expect(stateOf('health')).toBe('waiting');
  });

  it('refuses a tick of a live check that was not run, failed, or is stale, and takes it when it passed and is fresh', async () => {
    await step('look');
    await expect(step('health')).rejects.toThrow(/Its check was not run/);
    await attest('fail');
    expect(await codeOf(() => step('health'))).toBe('step_unproven');
    await expect(step('health')).rejects.toThrow(/Its check failed/);
    await attest('pass');
    await clock.advance(5 * 60_000 + 1);
    await expect(step('health')).rejects.toThrow(/stale/);
    // The window offers a tick by the same words.
    expect(profile.runs.show(runId).steps[1]?.unproven).toBe('The answer of its check is stale.');
    expect(profile.runs.show(runId).steps[1]?.check).toMatchObject({ result: 'pass', isStale: true, attestedBy: 'Ada' });
    expect(await codeOf(() => step('health', 'done', { override: 'I am sure' }))).toBe('invalid_input');
    await attest('pass');
    expect(profile.runs.show(runId).steps[1]?.unproven).toBeNull();
    expect(await step('health')).toMatchObject({ state: 'done', isTrusted: true, override: null });
    // Proven then stays done, and shows that the answer is old.
    await clock.advance(3_600_000);
    expect(profile.runs.show(runId).steps[1]).toMatchObject({ state: 'done', check: { isStale: true } });
  });

  it('does not let a person talk down what the console saw itself, while that is fresh', async () => {
    await step('look');
    await profile.store.append(runId, () => [{ kind: 'check', step: 'health', result: 'fail', seen: '500', because: 'it is not 200', source: 'GET /health', observedAt: profile.runs.show(runId).startedAt, attestedBy: null }]);
    expect(await codeOf(() => attest('pass'))).toBe('step_unproven');
    expect(await attest('fail')).toMatchObject({ check: { result: 'fail', attestedBy: 'Ada' } });
    expect(await codeOf(() => attest('pass'))).toBe('step_unproven');
    await clock.advance(1000);
    await profile.store.append(runId, () => [{ kind: 'check', step: 'health', result: 'unknown', seen: '', because: 'not reached', source: 'GET /health', observedAt: profile.runs.show(runId).startedAt, attestedBy: null }]);
    await expect(step('health')).rejects.toThrow(/could not tell/);
    expect(await attest('pass')).toMatchObject({ check: { result: 'pass' } });
    expect(await step('health')).toMatchObject({ state: 'done' });
  });

  it('takes an override only where the step allows it, with a reason, and shows it for ever', async () => {
    await step('look');
    await attest('pass');
    await step('health');
    expect(await codeOf(() => step('soak'))).toBe('step_unproven');
    expect(await step('soak', 'done', { override: 'the window closes' })).toMatchObject({ state: 'overridden', override: 'the window closes' });
    expect(await codeOf(() => step('tidy', 'done', { override: 'because' }))).toBe('invalid_input');
    expect(await codeOf(() => step('soak', 'failed', { override: 'because' }))).toBe('invalid_input');
    expect(profile.runs.show(runId).timeline.at(-1)?.text).toContain('Overridden: the window closes.');
  });

  it('counts a timer only when it ran out, from its last start, and not when it was stopped before', async () => {
    await step('look');
    await attest('pass');
    await step('health');
    const timer = (action: 'started' | 'acknowledged' | 'stopped'): Promise<StepStanding> => profile.runs.timer({ runId, step: 'soak', action });
    expect(await codeOf(() => timer('acknowledged'))).toBe('invalid_input');
    await timer('started');
    await clock.advance(9 * 60_000);
    await expect(step('soak')).rejects.toThrow(/has not run out/);
    expect(await codeOf(() => timer('acknowledged'))).toBe('invalid_input');
    await timer('stopped');
    await clock.advance(9 * 60_000);
    await expect(step('soak')).rejects.toThrow(/stopped before it ran out/);
    expect(await timer('started')).toMatchObject({ timer: { state: 'running' } });
    await clock.advance(9 * 60_000);
    expect(await codeOf(() => step('soak'))).toBe('step_unproven');
    await clock.advance(60_000);
    expect(profile.runs.show(runId).steps[2]?.timer?.state).toBe('due');
    expect(await timer('acknowledged')).toMatchObject({ timer: { state: 'acknowledged' } });
    expect(await step('soak')).toMatchObject({ state: 'done' });
  });

  it('keeps evidence by its digest, and counts an evidence step only with it', async () => {
    await step('look');
    await attest('pass');
    await step('health');
    expect(await codeOf(() => step('proof'))).toBe('step_unproven');
    expect(await codeOf(() => step('proof', 'done', { evidence: [join(folder.path, 'none')] }))).toBe('file_not_found');
    const path = join(folder.path, 'picture.txt');
    writeFileSync(path, 'what was seen');
    expect(await step('proof', 'done', { evidence: [path] })).toMatchObject({ state: 'done', evidence: [{ name: 'picture.txt', bytes: 13, type: 'text/plain' }] });
    expect(profile.runs.show(runId).evidence).toMatchObject([{ name: 'picture.txt', step: 'proof', isHere: true }]);
  });

  it('takes a decision among the options, ticks its step, and ends the run where the option does', async () => {
    expect(await codeOf(() => profile.runs.decide({ runId, step: 'choose', option: 'fly', reason: 'why not' }))).toBe('invalid_input');
    expect(await codeOf(() => profile.runs.decide({ runId, step: 'tidy', option: 'go', reason: 'why not' }))).toBe('invalid_input');
    expect(await codeOf(() => step('choose'))).toBe('step_unproven');
    await profile.runs.decide({ runId, step: 'choose', option: 'go', reason: 'all is well' });
    expect(stateOf('choose')).toBe('done');
    const view = await profile.runs.decide({ runId, step: 'choose', option: 'leave', reason: 'false alarm' });
    // Not completed: a step that blocks is open.
    expect(view.ended).toMatchObject({ outcome: 'stopped', note: 'Choose: Leave' });
    expect(view.decisions.map(({ option }) => option)).toEqual(['go', 'leave']);
  });

  it('is completed by a decision only where every step that blocks is settled, the decision itself included', async () => {
    await importPack(profile, folder.path, PACK.replace('id: small', 'id: gated').replace('title: Choose, ', 'title: Choose, gate: blocks, '));
    ({ runId } = await profile.runs.start({ ...START_INPUT, packId: 'gated' }));
    await step('look');
    await step('health', 'not-applicable');
    const view = await profile.runs.decide({ runId, step: 'choose', option: 'leave', reason: 'false alarm' });
    expect(view.ended).toMatchObject({ outcome: 'completed', note: 'Choose: Leave' });
  });

  it('notes the time that a step or an option stands for, once, and the severity that was decided', async () => {
    await importPack(profile, folder.path, PACK.replace('id: small', 'id: marks').replace('title: Tidy up }', 'title: Tidy up, marks: mitigated }').replace('{ id: go, title: Go }', '{ id: go, title: Go, marks: acknowledged, severity: high }'));
    const { runId: marks } = await profile.runs.start({ ...START_INPUT, packId: 'marks', severity: 'low' });
    const decided = await profile.runs.decide({ runId: marks, step: 'choose', option: 'go', reason: 'all is well' });
    expect(decided).toMatchObject({ severity: 'high', milestones: { acknowledged: formatInstantMs(clock.now()), mitigated: null, resolved: null } });
    const tidy = (outcome: 'done' | 'failed' | 'reopened') => profile.runs.step({ runId: marks, step: 'tidy', outcome, ...STEP, evidence: [] });
    await tidy('failed');
    expect(profile.runs.show(marks).milestones.mitigated).toBeNull();
    const first = formatInstantMs(clock.now());
    await tidy('done');
    clock.advance(60_000);
    await tidy('reopened');
    await tidy('done');
    await profile.runs.decide({ runId: marks, step: 'choose', option: 'go', reason: 'once more' });
    const { timeline, milestones } = profile.runs.show(marks);
    expect(milestones.mitigated).toBe(first);
    expect(timeline.filter(({ body }) => body.kind === 'milestone')).toHaveLength(2);
    expect(timeline.filter(({ body }) => body.kind === 'severity')).toHaveLength(1);
  });

  it('refuses a runbook whose option names a severity that it has not', async () => {
    expect(await codeOf(() => importPack(profile, folder.path, PACK.replace('id: small', 'id: marks').replace('{ id: go, title: Go }', '{ id: go, title: Go, severity: huge }')))).toBe('invalid_runbook');
  });

  it('is signed by role; a refusal and a condition need a statement, and the same person may think again', async () => {
    const sign = (verdict: 'approved' | 'conditional' | 'refused', over: { readonly role?: string; readonly step?: string | null; readonly statement?: string } = {}) => profile.runs.sign({ runId, step: 'agree', role: 'security', name: 'Ada', verdict, statement: '', ...over });
    expect(await codeOf(() => sign('approved', { role: 'lead' }))).toBe('invalid_input');
    expect(await codeOf(() => sign('approved', { role: 'nobody', step: null }))).toBe('invalid_input');
    expect(await codeOf(() => sign('refused'))).toBe('invalid_input');
    expect(await codeOf(() => step('agree'))).toBe('step_unproven');
    await sign('refused', { statement: 'a hole' });
    expect(stateOf('agree')).toBe('failed');
    await clock.advance(1000);
    const view = await sign('approved');
    expect(view.steps[5]).toMatchObject({ state: 'done', isTrusted: true });
    expect(view.signatures.map(({ isOutdated }) => isOutdated)).toEqual([true, false]);
    // Something that matters, which the signer did not know.
    await step('look');
    expect(profile.runs.show(runId).signatures.at(-1)?.isOutdated).toBe(true);
    expect(stateOf('agree')).toBe('done');
    await step('agree', 'reopened');
    expect(stateOf('agree')).toBe('open');
    await sign('approved');
    expect(stateOf('agree')).toBe('done');
    expect(profile.ledger.list(null, 100).entries.filter(({ action }) => action === 'run.signed')).toHaveLength(3);
  });

  it('never counts a review of one\'s own submission, and refuses it', async () => {
    const { reviews } = await profile.runs.submit({ runId, note: 'please look' });
    const of = reviews[0]?.submission ?? '';
    expect(await codeOf(() => profile.runs.review({ runId, of, verdict: 'accepted', feedback: '' }))).toBe('review_refused');
    expect(await codeOf(() => profile.runs.review({ runId, of: '0'.repeat(64), verdict: 'accepted', feedback: '' }))).toBe('review_refused');
    expect(profile.runs.show(runId).reviews).toMatchObject([{ state: 'open', reviews: [] }]);
    expect(profile.ledger.list(null, 100).entries.some(({ action }) => action === 'run.reviewed')).toBe(false);
  });

  it('is completed only when what blocks is settled; after the end nothing is recorded any more', async () => {
    expect(await codeOf(() => profile.runs.end({ runId, outcome: 'completed', note: '' }))).toBe('step_unproven');
    await expect(profile.runs.end({ runId, outcome: 'completed', note: '' })).rejects.toThrow(/"Look at it", "It answers"/);
    expect(await codeOf(() => step('look', 'skipped'))).toBe('invalid_input');
    await step('look', 'skipped', { note: 'seen an hour ago' });
    await step('health', 'not-applicable');
    const view = await profile.runs.end({ runId, outcome: 'completed', note: 'fine' });
    expect(view).toMatchObject({ next: null, ended: { outcome: 'completed', note: 'fine' } });
    const calls: (() => unknown)[] = [
      () => step('tidy'), () => attest('pass'), () => profile.runs.entry({ runId, text: 'late', occurredAt: null }), () => profile.runs.submit({ runId, note: '' }), () => profile.runs.end({ runId, outcome: 'stopped', note: '' }),
      () => profile.runs.sign({ runId, step: null, role: 'lead', name: 'Ada', verdict: 'approved', statement: '' }), () => profile.runs.role({ runId, role: 'lead', name: 'Ada' }), () => profile.runs.severity({ runId, severity: 'low', reason: 'calm' }),
      () => profile.runs.timer({ runId, step: 'soak', action: 'started' }), () => profile.runs.decide({ runId, step: null, option: 'x', reason: 'y' }), () => profile.runs.milestone({ runId, what: 'resolved', occurredAt: null }), () => profile.runs.action({ runId, id: null, text: 'x', owner: 'y', due: null, isDone: false }),
    ];
    for (const call of calls) expect(await codeOf(call)).toBe('run_ended');
    expect(profile.runs.show(runId)).toEqual(view);
  });

  it('keeps roles, severity, milestones, actions and entries, with the time at which something happened', async () => {
    expect(await codeOf(() => profile.runs.role({ runId, role: 'cook', name: 'Ada' }))).toBe('invalid_input');
    expect(await codeOf(() => profile.runs.severity({ runId, severity: 'huge', reason: 'x' }))).toBe('invalid_input');
    expect(await codeOf(() => profile.runs.entry({ runId, text: 'x', occurredAt: '2099-01-01T00:00:00Z' }))).toBe('invalid_input');
    expect(await codeOf(() => profile.runs.entry({ runId, text: 'x', occurredAt: '2026-13-01T00:00:00Z' }))).toBe('invalid_input');
    await profile.runs.role({ runId, role: 'lead', name: 'Ada' });
    await profile.runs.severity({ runId, severity: 'high', reason: 'all is down' });
    await profile.runs.milestone({ runId, what: 'acknowledged', occurredAt: '2026-11-22T11:00:00Z' });
    const { actions } = await profile.runs.action({ runId, id: null, text: 'write it up', owner: 'Ada', due: '2026-12-01', isDone: false });
    expect(await codeOf(() => profile.runs.action({ runId, id: 'a_ffffffff', text: 'x', owner: 'y', due: null, isDone: false }))).toBe('invalid_input');
    await profile.runs.action({ runId, id: actions[0]?.id ?? '', text: 'write it up', owner: 'Ada', due: null, isDone: true });
    const view = await profile.runs.entry({ runId, text: 'now: \u202eevil', occurredAt: '2026-11-22T10:00:00Z' });
    expect(view).toMatchObject({ severity: 'high', milestones: { acknowledged: '2026-11-22T11:00:00Z', mitigated: null }, actions: [{ text: 'write it up', isDone: true }] });
    expect(view.roles[0]).toEqual({ role: 'lead', title: 'Lead', names: ['Ada'] });
    expect(view.timeline[0]).toMatchObject({ text: 'now: \u27e8U+202E\u27e9evil', at: '2026-11-22T10:00:00Z', isManual: true, by: 'tester' });
  });

  it('says under which name its events were made, and says it again after a change', async () => {
    await profile.identities.rename('Ada Example');
    await profile.runs.entry({ runId, text: 'hello', occurredAt: null });
    const { timeline, authors } = profile.runs.show(runId);
    expect(timeline.filter(({ body }) => body.kind === 'person').map(({ text }) => text)).toEqual(['Takes part as tester.', 'Takes part as Ada Example.']);
    expect(authors).toMatchObject([{ name: 'Ada Example', isSelf: true, isTrusted: true }]);
    expect(profile.identities.list().self).toMatchObject({ name: 'Ada Example', trust: 'self', runs: 1 });
  });

  it('refuses what is not there', async () => {
    const none = `run_${'0'.repeat(32)}`;
    expect(await codeOf(() => profile.runs.show(none))).toBe('run_not_found');
    expect(await codeOf(() => profile.runs.entry({ runId: none, text: 'x', occurredAt: null }))).toBe('run_not_found');
    expect(await codeOf(() => step('nothing'))).toBe('step_not_found');
    expect(await codeOf(() => profile.runs.start({ ...START_INPUT, packId: 'nothing' }))).toBe('runbook_not_found');
    expect(await codeOf(() => profile.runs.start({ ...START_INPUT, carryFrom: none }))).toBe('run_not_found');
    expect(await codeOf(() => profile.runs.start({ ...START_INPUT, deploymentId: 'd_0123456789abcdef' }))).toBe('deployment_not_found');
    expect(EVENTS_MAX).toBe(100_000);
  });
});

describe('results of an earlier run', () => {
  it('are carried over neither to another deployment nor from a drill', async () => {
    const at = (id: string, name: string, url: string) => ({ id, name, url, kind: 'navi', environment: 'production' }) as Deployment;
    const [one, other] = [at('d_0123456789abcdef', 'One', 'https://one.example'), at('d_0123456789abcdee', 'Other', 'https://other.example')];
    const ops = await openRunbookProfile(join(folder.path, 'ops'), { clock, deployments: [one, other] });
    await importPack(ops, folder.path);
    const start = (deploymentId: string | null, drill: boolean, carryFrom: string | null) => ops.runs.start({ ...START_INPUT, deploymentId, drill, carryFrom });
    const { runId: earlier } = await start(one.id, false, null);
    await ops.runs.attest({ runId: earlier, step: 'health', by: 'Ada', result: 'pass', seen: 'it said ok' });
    for (const id of ['look', 'health']) await ops.runs.step({ runId: earlier, step: id, outcome: 'done', ...STEP, evidence: [] });
    const { runId: drill } = await start(one.id, true, earlier);
    expect(ops.runs.list(100).runs).toHaveLength(2);
    expect(await codeOf(() => start(other.id, false, earlier))).toBe('not_offered');
    expect(await codeOf(() => start(null, false, earlier))).toBe('not_offered');
    expect(await codeOf(() => start(one.id, false, drill))).toBe('not_offered');
    expect(ops.runs.list(100).runs).toHaveLength(2);
    expect((await start(one.id, false, earlier)).steps.slice(0, 2).map(({ state }) => state)).toEqual(['done', 'done']);
    await ops.close();
  });
});

describe('a new version of a runbook', () => {
  it('carries a result over only where the text of the step is the same, and never a signature', async () => {
    await step('look', 'done', { note: 'all green' });
    await attest('pass');
    await step('health');
    await profile.runs.decide({ runId, step: 'choose', option: 'go', reason: 'well' });
    await profile.runs.sign({ runId, step: 'agree', role: 'security', name: 'Ada', verdict: 'approved', statement: '' });
    await step('tidy', 'failed', { note: 'a mess' });
    await importPack(profile, folder.path, PACK.replace('1.0.0', '1.1.0').replace('Tidy up', 'Tidy up well'));
    const view = await profile.runs.start({ ...START_INPUT, carryFrom: runId });
    const states = Object.fromEntries(view.steps.map((each) => [each.step, [each.state, each.carriedFrom === runId]]));
    expect(states).toEqual({ look: ['done', true], health: ['done', true], soak: ['open', false], proof: ['open', false], choose: ['done', true], agree: ['open', false], tidy: ['open', false] });
    expect(view.steps[0]).toMatchObject({ note: 'all green' });
    expect(view.steps[1]?.check?.source).toContain(`carried over from ${runId}`);
    // Later the answer of the check is as old as it was: it proves nothing in a third run.
    await clock.advance(3_600_000);
    const later = await profile.runs.start({ ...START_INPUT, carryFrom: runId });
    expect(later.steps[1]).toMatchObject({ state: 'claimed', carriedFrom: runId });
  });

  it('is told from another text under the same id and version, which a run from elsewhere may pin', async () => {
    const bob = await openRunbookProfile(join(folder.path, 'bob'), { clock, actor: 'bob' });
    await importPack(bob, folder.path, PACK.replaceAll(', gate: blocks', ''));
    const { runId: theirs } = await bob.runs.start(START_INPUT);
    expect(bob.runs.show(theirs).isOtherText).toBe(false);
    await bob.merging.export({ runId: theirs, path: join(folder.path, 'theirs'), overwrite: false, withEvidence: true });
    await bob.close();
    await profile.merging.import(join(folder.path, 'theirs'));
    expect([runId, theirs].map((id) => profile.runs.show(id).isOtherText)).toEqual([false, true]);
    expect(profile.reports.reportText({ runId: theirs, format: 'md', offset: 0 }).text).toContain('another text than the one that is here under this name');
    expect((await profile.runs.start(START_INPUT)).isOtherText).toBe(false);
  });

  it('is imported only when it is newer, and never in place of one that ships', async () => {
    expect(await codeOf(() => importPack(profile, folder.path))).toBe('runbook_exists');
    expect(await codeOf(() => importPack(profile, folder.path, PACK.replace('1.0.0', '0.9.0')))).toBe('runbook_exists');
    expect(await codeOf(() => importPack(profile, folder.path, PACK.replace('id: small', 'id: post-mortem').replace('1.0.0', '9.9.9')))).toBe('runbook_exists');
    expect(await codeOf(() => importPack(profile, folder.path, PACK.replace('kind: timer', 'kind: nothing')))).toBe('invalid_runbook');
    await importPack(profile, folder.path, PACK.replace('1.0.0', '1.10.0'));
    expect(await codeOf(() => importPack(profile, folder.path, PACK.replace('1.0.0', '1.9.0')))).toBe('runbook_exists');
    const path = join(folder.path, 'bad.yaml');
    writeFileSync(path, PACK.replace('kind: timer', 'kind: nothing'));
    expect((await profile.library.lint(path)).problems[0]).toMatchObject({ line: 20, column: 41 });
    writeFileSync(path, PACK);
    expect(await profile.library.lint(path)).toEqual({ problems: [], id: 'small', steps: 7 });
    expect(await codeOf(() => profile.library.lint(join(folder.path, 'none.yaml')))).toBe('file_not_found');
  });
});
