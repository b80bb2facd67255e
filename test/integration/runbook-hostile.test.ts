// Runs against people who mean harm (R55 to R57): a key that nobody trusts proves nothing, ends nothing, opens no gate and takes the place of nothing; and what is lost or damaged is never called there.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeReport } from '#shared/domain/runbook-run.ts';
import type { RunEvent, RunEventBody, StepStanding } from '#shared/domain/runbook-run.ts';
import type { RunState } from '#shared/domain/runbook-state.ts';
import { runView } from '#shared/domain/runbook-view.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { historyOf } from '#shared/domain/runbook-history.ts';
import { fingerprintOf } from '#core/runbooks/merge/identities.ts';
import { writeRunFile } from '#core/runbooks/merge/run-file.ts';
import { stepDigest } from '#core/runbooks/packs/packs.ts';
import { runIdOf } from '#core/runbooks/runs/events.ts';
import { findStep } from '#core/runbooks/runs/store.ts';
import { Sql } from '#core/db/sql.ts';
import { runReport } from '#core/runbooks/reports/run-report.ts';
import { fakeClock, temporaryFolder } from '../support/ports.ts';
import type { FakeClock } from '../support/ports.ts';
import { codeOf, importPack, makePerson, openRunbookProfile, PACK, START_INPUT, STEP } from '../support/runbook-profile.ts';
import type { Person, RunbookProfile } from '../support/runbook-profile.ts';

let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let ada: RunbookProfile;
let runId: string;
let eve: Person;

beforeEach(async () => {
  folder = temporaryFolder('hostile');
  clock = fakeClock();
  eve = makePerson();
  ada = await openRunbookProfile(join(folder.path, 'ada'), { clock, actor: 'ada' });
  await importPack(ada, folder.path);
  ({ runId } = await ada.runs.start(START_INPUT));
});
afterEach(async () => {
  runView.parse(ada.runs.show(runId));
  await ada.close();
  folder.remove();
});

const at = (minutes = 0): string => formatInstantMs(clock.now() + minutes * 60_000);
const step = (id: string, outcome: 'done' | 'failed' | 'skipped' | 'reopened' = 'done', over: { readonly evidence?: string[]; readonly note?: string } = {}): Promise<StepStanding> => ada.runs.step({ runId, step: id, outcome, ...STEP, evidence: [], ...over });
const shown = (id: string): StepStanding | undefined => ada.runs.show(runId).steps.find((each) => each.step === id);
const seen = (result: 'pass' | 'fail', minutes = 0): RunEventBody => ({ kind: 'check', step: 'health', result, seen: 'seen', because: 'because', source: 'GET /health', observedAt: at(minutes), attestedBy: null });
const claim = (id: string, outcome: 'done' | 'failed' | 'skipped' | 'reopened' = 'done'): RunEventBody => ({ kind: 'step', step: id, text: stepDigest(findStep(ada.store.load(runId), id).step), outcome, note: 'by eve', evidence: [], override: null, carried: null });
const own = async (...bodies: readonly RunEventBody[]): Promise<void> => void await ada.store.append(runId, () => bodies);

/** Somebody hands on the run with events of their own behind everything that is here. */
async function adds(who: Person, bodies: readonly RunEventBody[], { minutes = 0, events = ada.store.load(runId).events }: { readonly minutes?: number; readonly events?: readonly RunEvent[] } = {}) {
  const made: RunEvent[] = [];
  for (const body of bodies) made.push(who.event({ run: runId, parents: made.length > 0 ? [made.at(-1)?.digest ?? ''] : historyOf(events).heads, at: at(minutes), body }));
  const all = [...events, ...made];
  const text = writeRunFile({ id: runId, packText: ada.store.load(runId).packText, events: all, state: { heads: historyOf(all).heads } as RunState }, { evidence: new Map(), key: who, nowMs: clock.now() });
  const report = mergeReport.parse(await ada.merging.join(Buffer.from(text), 'test'));
  expect(report.refused).toEqual([]);
  return report;
}
const trust = (who: Person, isTrusted = true, name = 'Eve') => ada.identities.trust({ fingerprint: fingerprintOf(who.author), name, isTrusted });

describe('a key that nobody trusts', () => {
  it('opens no gate and completes no run; the refusal says why, and trust or a tick of one\'s own settles it', async () => {
    await adds(eve, [claim('look')]);
    expect(shown('look')).toMatchObject({ state: 'done', isTrusted: false });
    expect(shown('health')?.state).toBe('waiting');
    expect(ada.runs.show(runId).next).toBe('look');
    expect(ada.runs.list(10).runs[0]?.done).toBe(0);
    await expect(step('health', 'skipped', { note: 'x' })).rejects.toThrow(/not trusted yet settled/);
    expect(await codeOf(() => ada.runs.end({ runId, outcome: 'completed', note: '' }))).toBe('step_unproven');
    await step('look');
    expect(shown('look')).toMatchObject({ state: 'done', isTrusted: true, by: 'ada' });
    expect(shown('health')?.state).toBe('open');
  });

  it('proves no live check, neither its own claim nor that of somebody trusted', async () => {
    await step('look');
    await adds(eve, [seen('pass'), claim('health')]);
    expect(shown('health')).toMatchObject({ state: 'claimed', isTrusted: false, check: { result: 'unknown' } });
    expect(shown('health')?.check?.because).toMatch(/says pass, and is not trusted yet/);
    expect(await codeOf(() => step('health'))).toBe('step_unproven');
    await trust(eve);
    expect(shown('health')).toMatchObject({ state: 'done', isTrusted: true, check: { result: 'pass' } });
    await trust(eve, false);
    expect(shown('health')).toMatchObject({ state: 'open', check: null });
  });

  it('does not hide what the console itself saw fail, so that nobody attests over it', async () => {
    await step('look');
    await own(seen('fail'));
    await adds(eve, [seen('pass', 1)], { minutes: 1 });
    expect(shown('health')?.check?.result).toBe('fail');
    expect(await codeOf(() => ada.runs.attest({ runId, step: 'health', by: 'Ada', result: 'pass', seen: 'it looks well' }))).toBe('step_unproven');
    expect(await codeOf(() => step('health'))).toBe('step_unproven');
  });

  it('sets no timer back: the one that was started here runs on', async () => {
    await step('look');
    await own(seen('pass'));
    await step('health');
    await ada.runs.timer({ runId, step: 'soak', action: 'started' });
    const due = shown('soak')?.timer?.dueAt;
    await adds(eve, [{ kind: 'timer', step: 'soak', action: 'started' }], { minutes: -600 });
    expect(shown('soak')?.timer).toMatchObject({ dueAt: due, state: 'running' });
    await expect(step('soak')).rejects.toThrow(/has not run out/);
    await adds(eve, [{ kind: 'timer', step: 'soak', action: 'stopped' }]);
    expect(shown('soak')?.timer?.state).toBe('running');
    await clock.advance(10 * 60_000);
    expect(await step('soak')).toMatchObject({ state: 'done', isTrusted: true });
  });

  it('ends no run that others started, and voids nothing by it', async () => {
    await adds(eve, [{ kind: 'ended', outcome: 'completed', note: 'all is well' }]);
    expect(ada.runs.show(runId).ended).toBeNull();
    await step('look');
    expect(shown('look')).toMatchObject({ state: 'done', isTrusted: true });
    expect(ada.runs.list(10).runs[0]).toMatchObject({ endedAt: null, outcome: null });
  });

  it('settles nothing in place of somebody trusted; once it is judged bad, what it replaced stands again', async () => {
    await step('look', 'failed');
    await adds(eve, [claim('look')]);
    expect(shown('look')).toMatchObject({ state: 'done', isTrusted: false });
    expect(shown('health')?.state).toBe('waiting');
    await step('look');
    await adds(eve, [claim('look', 'reopened')]);
    expect(shown('look')).toMatchObject({ state: 'open', isTrusted: false });
    await adds(eve, [{ ...claim('look'), text: '0'.repeat(64) } as RunEventBody]);
    expect(shown('look')?.state).toBe('open');
    await trust(eve, false);
    expect(shown('look')).toMatchObject({ state: 'done', isTrusted: true, by: 'ada' });
    expect(ada.runs.show(runId).timeline.at(-1)?.text).toMatch(/^From a key that is not trusted, so it changes nothing/);
  });

  it('counts as no evidence, no decision and no override', async () => {
    await step('look');
    await own(seen('pass'));
    await step('health');
    await adds(eve, [{ kind: 'evidence', digest: '1'.repeat(64), name: 'picture.png', bytes: 3, type: 'image/png', step: 'proof', note: '', source: 'file' }]);
    expect(await codeOf(() => step('proof'))).toBe('step_unproven');
    await adds(eve, [{ ...claim('soak'), override: 'because I say so' } as RunEventBody]);
    expect(shown('soak')).toMatchObject({ state: 'overridden', isTrusted: false });
    await ada.runs.decide({ runId, step: 'choose', option: 'stay', reason: 'we wait' });
    await adds(eve, [{ kind: 'decision', step: 'choose', option: 'go', reason: 'go on' }]);
    expect(shown('choose')?.state).toBe('conflict');
    await ada.runs.decide({ runId, step: 'choose', option: 'stay', reason: 'we still wait' });
    expect(shown('choose')).toMatchObject({ state: 'done', isTrusted: true });
  });

  it('says neither how severe it is, nor who leads, nor when it was resolved, in place of those who are trusted', async () => {
    await ada.runs.severity({ runId, severity: 'high', reason: 'it burns' });
    await ada.runs.role({ runId, role: 'lead', name: 'Ada' });
    await ada.runs.milestone({ runId, what: 'resolved', occurredAt: null });
    const resolved = ada.runs.show(runId).milestones.resolved;
    await adds(eve, [{ kind: 'severity', severity: 'low', reason: '' }, { kind: 'role', role: 'lead', name: 'Eve' }, { kind: 'role', role: 'security', name: 'Eve' }, { kind: 'milestone', what: 'resolved', occurredAt: at(-30) }]);
    expect(ada.runs.show(runId)).toMatchObject({ severity: 'high', milestones: { resolved }, roles: [{ names: ['Ada'] }, { names: ['Eve (not trusted yet)'] }] });
  });

  it('gives a time that nobody else gave, and the run and its report say whose it is', async () => {
    await ada.runs.severity({ runId, severity: 'high', reason: 'it burns' });
    await adds(eve, [{ kind: 'milestone', what: 'acknowledged', occurredAt: at(0) }]);
    const view = ada.runs.show(runId);
    expect(view).toMatchObject({ milestones: { acknowledged: expect.any(String) as string }, doubts: { severity: null, acknowledged: 'not-trusted', mitigated: null } });
    const [row] = runReport({ run: ada.store.load(runId), view, nowMs: clock.now(), version: '1.2.3' }).blocks.flatMap((block) => (block.kind === 'table' && block.heads[0] === 'What' ? block.rows : []));
    expect(row?.[1]).toMatch(/^[^,]* \(not trusted\)$/);
  });

  it('closes no action that somebody trusted noted', async () => {
    await ada.runs.action({ runId, id: null, text: 'Mend it', owner: 'Ada', due: null, isDone: false });
    const [action] = ada.runs.show(runId).actions;
    await adds(eve, [{ kind: 'action', id: action?.id ?? '', text: 'Nothing to do', owner: 'Eve', due: null, isDone: true }]);
    expect(ada.runs.show(runId).actions).toEqual([action]);
  });

  it('is not re-signed as one\'s own when results are carried over', async () => {
    await step('look');
    await own(seen('pass'));
    await step('health');
    await clock.advance(2 * 60_000);
    // Newer than ours: it would make our tick fresh again.
    await adds(eve, [seen('pass'), { kind: 'evidence', digest: '1'.repeat(64), name: 'eve.png', bytes: 3, type: 'image/png', step: 'health', note: '', source: 'file' }]);
    await clock.advance(4 * 60_000);
    await importPack(ada, folder.path, PACK.replace('1.0.0', '1.1.0'));
    const next: RunView = await ada.runs.start({ ...START_INPUT, carryFrom: runId });
    expect(next.steps.find(({ step: id }) => id === 'health')).toMatchObject({ state: 'claimed', check: { isStale: true } });
    expect(next.evidence).toEqual([]);
    expect(next.timeline.filter(({ body }) => body.kind === 'check')).toHaveLength(1);
  });

  it('does not speak in messages as if it were known', async () => {
    await importPack(ada, folder.path, PACK.replace('1.0.0', '1.2.0').concat('comms:\n  - { id: note, title: A note, text: "{{step.choose}} and {{step.look}}" }\n'));
    ({ runId } = await ada.runs.start(START_INPUT));
    await ada.runs.decide({ runId, step: 'choose', option: 'stay', reason: 'we wait' });
    await adds(eve, [claim('look')]);
    expect(ada.reports.message({ runId, template: 'note' })).toMatchObject({ text: 'done: Stay (we wait) and [Look at it: not known yet]', lacking: ['Look at it'] });
  });
});

describe('somebody trusted', () => {
  it('attests nothing over what the console saw fail a moment before, on whichever machine', async () => {
    const bob = makePerson();
    await step('look');
    await own(seen('fail'));
    await adds(bob, [{ ...seen('pass', 1), attestedBy: 'Bob', source: 'attested by Bob' } as RunEventBody, claim('health')], { minutes: 1 });
    await trust(bob, true, 'Bob');
    expect(shown('health')).toMatchObject({ state: 'claimed', unproven: expect.stringContaining('The console itself saw') as string });
    await clock.advance(2 * 60_000);
    expect(await codeOf(() => step('health'))).toBe('step_unproven');
    await own(seen('pass'));
    expect(await step('health')).toMatchObject({ state: 'done', isTrusted: true });
  });
});

describe('a file that says too much', () => {
  it('is refused by place where a text has no end, and shows nothing that acts on a display', async () => {
    const packText = ada.store.load(runId).packText;
    const start = (deployment: { name: string; url: string; kind: 'navi' }): RunEvent => eve.event({ run: null, parents: [], at: at(), body: { kind: 'started', pack: { id: 'small', version: '1.0.0', digest: ada.store.load(runId).packDigest }, title: 'Theirs', deployment, severity: null, drill: false, nonce: '0'.repeat(32) } });
    expect(() => start({ name: 'd', url: `https://${'x'.repeat(9000)}`, kind: 'navi' })).toThrow();
    const first = start({ name: 'prod', url: 'https://good.example/\u202e|<b>\nmoc.live', kind: 'navi' });
    const theirs = runIdOf(first.digest);
    await ada.merging.join(Buffer.from(writeRunFile({ id: theirs, packText, events: [first], state: { heads: [first.digest] } as unknown as RunState }, { evidence: new Map(), key: eve, nowMs: clock.now() })), 'test');
    for (const format of ['md', 'html'] as const) {
      const { text } = ada.reports.reportText({ runId: theirs, format, offset: 0 });
      expect(text).not.toContain('\u202e');
      expect(text).not.toMatch(/(?<!\\)<b>/);
      expect(text).toContain('⟨U+202E⟩');
    }
  });

  it('is refused when it is a pipe, without waiting for somebody to write into it', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await codeOf(() => ada.merging.import(pipe))).toBe('file_unreadable');
    expect(await codeOf(() => ada.checklists.import({ runId, path: pipe }))).toBe('file_unreadable');
    expect(await codeOf(() => ada.evidence.add({ runId, step: null, note: '', from: { source: 'file', path: pipe } }, AbortSignal.any([])))).toBe('file_unreadable');
    expect(await codeOf(() => ada.library.lint(pipe))).toBe('file_unreadable');
  });

  it('names every event that it refuses, however many, and takes the one that is sound', { timeout: 120_000 }, async () => {
    const { packText, events } = ada.store.load(runId);
    const root = events.find(({ run }) => run === null) as RunEvent;
    const good = eve.event({ run: runId, parents: [root.digest], at: at(), body: { kind: 'entry', text: 'sound', occurredAt: null } });
    const forged = Array.from({ length: 20_000 }, (_, index) => ({ ...good, digest: createHash('sha256').update(String(index)).digest('hex') }));
    const text = writeRunFile({ id: runId, packText, events: [root, good, ...forged], state: { heads: [good.digest] } as unknown as RunState }, { evidence: new Map(), key: eve, nowMs: clock.now() });
    const report = mergeReport.parse(await ada.merging.join(Buffer.from(text), 'test'));
    expect(report).toMatchObject({ added: 1, known: 1, head: 'altered' });
    expect(new Set(report.refused.map(({ digest }) => digest))).toEqual(new Set(forged.map(({ digest }) => digest)));
  });
});

describe('a disk that is full', () => {
  it('takes nothing of a file, keeps what was there, and takes it once there is room', async () => {
    await ada.store.append(runId, () => Array.from({ length: 400 }, (_, index) => ({ kind: 'entry', text: `${index} ${'x'.repeat(1900)}`, occurredAt: null })));
    const bytes = Buffer.from((await ada.merging.fileOf(runId, true)).text);
    const bob = await openRunbookProfile(join(folder.path, 'bob'), { clock, actor: 'bob' });
    try {
      const pages = bob.session.read().get(new Sql('PRAGMA page_count', []), (row) => Number(Object.values(row)[0])) ?? 0;
      bob.session.write().get(new Sql(`PRAGMA max_page_count = ${pages + 40}`, []), () => null);
      expect(await codeOf(() => bob.merging.join(bytes, 'test'))).toBe('disk_full');
      expect(bob.runs.list(10).runs).toEqual([]);
      expect(await codeOf(() => bob.store.load(runId))).toBe('run_not_found');
      bob.session.write().get(new Sql('PRAGMA max_page_count = 1000000', []), () => null);
      expect(await bob.merging.join(bytes, 'test')).toMatchObject({ added: 402, waiting: 0, missing: [] });
      expect((await bob.ledger.verify()).verdict).toBe('intact');
    } finally {
      await bob.close();
    }
  });
});

describe('a profile that another window holds', () => {
  it('is read and never written: every change is refused by name and leaves nothing', async () => {
    const files = folder.path;
    writeFileSync(join(files, 'seen.txt'), 'seen');
    await ada.merging.export({ runId, path: join(files, 'run'), overwrite: false, withEvidence: true });
    await ada.checklists.exportCklb({ runId, path: join(files, 'list.cklb'), overwrite: false });
    const before = ada.runs.show(runId);
    const reader = await openRunbookProfile(ada.profileDir, { clock, actor: 'ada', access: 'read' });
    try {
      expect(reader.runs.show(runId)).toEqual(before);
      expect(reader.reports.reportText({ runId, format: 'md', offset: 0 }).text).toContain(runId);
      const about = { runId, step: 'look' } as const;
      const changes: readonly (() => Promise<unknown>)[] = [
        () => reader.runs.start(START_INPUT), () => reader.runs.step({ ...about, outcome: 'done', ...STEP, evidence: [] }), () => reader.runs.step({ ...about, outcome: 'done', ...STEP, evidence: [join(files, 'seen.txt')] }),
        () => reader.runs.entry({ runId, text: 'x', occurredAt: null }), () => reader.runs.decide({ runId, step: 'choose', option: 'go', reason: 'x' }), () => reader.runs.sign({ runId, step: null, role: 'lead', name: 'A', verdict: 'approved', statement: '' }),
        () => reader.runs.end({ runId, outcome: 'stopped', note: '' }), () => reader.runs.submit({ runId, note: '' }), () => reader.evidence.add({ runId, step: null, note: '', from: { source: 'file', path: join(files, 'seen.txt') } }, AbortSignal.any([])),
        () => reader.merging.import(join(files, 'run')), () => reader.merging.export({ runId, path: join(files, 'other'), overwrite: false, withEvidence: true }), () => reader.watch.set(files), () => reader.identities.rename('Eve'), () => reader.checklists.import({ runId, path: join(files, 'list.cklb') }),
      ];
      for (const [index, change] of changes.entries()) expect(await codeOf(change), `change ${index}`).toBe('profile_in_use');
      expect(existsSync(join(files, 'other'))).toBe(false);
      expect(reader.runs.show(runId)).toEqual(before);
    } finally {
      await reader.close();
    }
  });
});

describe('a profile that closes in the middle', () => {
  it('takes all of a file or nothing, and the run goes on after the next opening', async () => {
    const text = (await ada.merging.fileOf(runId, true)).text;
    const bob = await openRunbookProfile(join(folder.path, 'bob'), { clock, actor: 'bob' });
    const joining = codeOf(() => bob.merging.join(Buffer.from(text), 'test'));
    await bob.session.close();
    expect(['none', 'profile_locked']).toContain(await joining);
    await bob.close();
    const again = await openRunbookProfile(join(folder.path, 'bob'), { clock, actor: 'bob' });
    expect(await again.merging.join(Buffer.from(text), 'test')).toMatchObject({ waiting: 0, missing: [], refused: [] });
    expect(again.store.load(runId).events).toHaveLength(2);
    await again.close();
  });
});

describe('a second key of one person', () => {
  it('reviews nothing that the first one submitted', async () => {
    const [bob, bobToo] = [makePerson(), makePerson()];
    await adds(bob, [{ kind: 'submitted', note: '' }]);
    const submission = ada.runs.show(runId).reviews[0]?.submission ?? '';
    await adds(bobToo, [{ kind: 'review', of: submission, verdict: 'accepted', feedback: '' }]);
    await trust(bob, true, 'Bob');
    await trust(bobToo, true, 'Bob');
    expect(ada.runs.show(runId).reviews[0]).toMatchObject({ state: 'open', reviews: [{ counts: false, whyNot: 'by another key of the one who submitted it' }] });
    await trust(bobToo, true, 'Cyd');
    expect(ada.runs.show(runId).reviews[0]?.state).toBe('accepted');
  });

  it('reviews nothing that this profile submitted, once both go by one name', async () => {
    const laptop = makePerson();
    const { reviews } = await ada.runs.submit({ runId, note: '' });
    await adds(laptop, [{ kind: 'review', of: reviews[0]?.submission ?? '', verdict: 'accepted', feedback: '' }]);
    await trust(laptop, true, 'Ada Example');
    expect(ada.runs.show(runId).reviews[0]?.state).toBe('accepted');
    await ada.identities.rename('Ada Example');
    expect(ada.runs.show(runId).reviews[0]).toMatchObject({ state: 'open', reviews: [{ counts: false, whyNot: 'by another key of the one who submitted it' }] });
  });
});

describe('evidence that is lost or damaged', () => {
  const large = Buffer.alloc(1_200_000, 'evidence ');
  const path = (name: string): string => join(folder.path, name);
  const evidenceFolder = (): string => {
    const all = readdirSync(ada.profileDir, { recursive: true, encoding: 'utf8' });
    return join(ada.profileDir, all.find((name) => name.endsWith('evidence')) ?? '');
  };
  const lose = (): void => { for (const name of readdirSync(evidenceFolder())) rmSync(join(evidenceFolder(), name)); };
  beforeEach(async () => {
    await step('look');
    await own(seen('pass'));
    await step('health');
    writeFileSync(path('large.bin'), large);
  });
  const add = () => ada.evidence.add({ runId, step: 'proof', note: '', from: { source: 'file', path: path('large.bin') } }, AbortSignal.any([]));

  it('is not said to be here, and ticks no step that needs it', async () => {
    await add();
    lose();
    expect(ada.runs.show(runId).evidence).toMatchObject([{ isHere: false }]);
    await expect(step('proof')).rejects.toThrow(/bytes/);
    await add();
    expect(ada.runs.show(runId).evidence).toMatchObject([{ isHere: true }, { isHere: true }]);
    expect(await step('proof')).toMatchObject({ state: 'done' });
  });

  it('is mended by a file of the run that holds it', async () => {
    const { digest } = await add();
    await ada.merging.export({ runId, path: path('run'), overwrite: false, withEvidence: true });
    lose();
    expect(await codeOf(() => ada.evidence.part({ runId, digest, offset: 0 }))).toBe('evidence_damaged');
    expect(await ada.merging.import(path('run'))).toMatchObject({ added: 0, evidenceAdded: 1 });
    expect((await ada.evidence.part({ runId, digest, offset: 0 })).ref.bytes).toBe(large.length);
  });

  it('does not keep a run from others: a folder gets it without, an export says so', async () => {
    await add();
    const [name = ''] = readdirSync(evidenceFolder());
    const sealed = readFileSync(join(evidenceFolder(), name));
    sealed[600_000] = (sealed[600_000] ?? 0) ^ 1;
    writeFileSync(join(evidenceFolder(), name), sealed);
    expect(await codeOf(() => ada.merging.export({ runId, path: path('run'), overwrite: false, withEvidence: true }))).toBe('evidence_damaged');
    expect(await codeOf(() => ada.merging.export({ runId, path: path('bare'), overwrite: false, withEvidence: false }))).toBe('none');
    const { text, damaged } = await ada.merging.fileOf(runId, true);
    expect(damaged).toHaveLength(1);
    expect(text).toContain(runId);
  });

  it('is refused by nobody because a stranger lies about its size', async () => {
    const { digest } = await add();
    // Before ours in time, so that theirs is the first to name the bytes.
    await adds(eve, [{ kind: 'evidence', digest, name: 'index.html', bytes: 1, type: 'text/html', step: null, note: '', source: 'file' }], { minutes: -10, events: ada.store.load(runId).events.filter(({ run }) => run === null) });
    await ada.merging.export({ runId, path: path('run'), overwrite: false, withEvidence: true });
    const bob = await openRunbookProfile(path('bob'), { clock, actor: 'bob' });
    try {
      expect(await bob.merging.import(path('run'))).toMatchObject({ evidenceAdded: 1, evidenceRefused: [] });
      expect((await bob.evidence.part({ runId, digest, offset: 0 })).ref).toMatchObject({ bytes: large.length, type: 'text/plain' });
    } finally {
      await bob.close();
    }
  });
});
