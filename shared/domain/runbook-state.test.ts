// The state of a run: one answer for one set of events, nothing chosen for people who disagree, nothing done that is not proven; and no work that grows with the square of the events.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOADED, PEOPLE, story, tell } from '../../test/support/random-run.ts';
import { historyOf } from './runbook-history.ts';
import { stepDigest } from '#core/runbooks/packs/packs.ts';
import { stepsIn } from '#core/runbooks/runs/store.ts';
import { registersIn } from './runbook-registers.ts';
import type { RunEvent, RunEventBody } from './runbook-run.ts';
import { EVENT_FORMAT } from './runbook-run.ts';
import { runState } from './runbook-state.ts';
import type { RunState } from './runbook-state.ts';
import { isSettled } from './runbook-steps.ts';
import type { Readers } from './runbook-steps.ts';
import { formatInstantMs } from './time.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const runs = { numRuns: isLong ? 1000 : 200, seed };
const TEXTS = new Map(stepsIn(LOADED.pack).map((step) => [step.id, stepDigest(step)]));
const NOW = Date.UTC(2026, 10, 23);
const readers = (over: Partial<Readers> = {}): Readers => ({ isTrusted: () => true, nameOf: (author) => author, textOf: (step) => TEXTS.get(step) ?? null, nowMs: NOW, ...over });
const stateOf = (events: readonly RunEvent[], over: Partial<Readers> = {}): RunState => {
  const state = runState(events, LOADED.pack, readers(over));
  if (state === null) throw new Error('no state');
  return state;
};

/** A history written by hand: digests count up, authors are names. */
function handRun() {
  const events: RunEvent[] = [];
  let count = 0;
  const addAt = (minutes: number, { author, parents, body }: { readonly author: string; readonly parents: readonly RunEvent[]; readonly body: RunEventBody }): RunEvent => {
    count += 1;
    const event: RunEvent = { format: EVENT_FORMAT, run: parents.length === 0 ? null : `run_${'0'.repeat(32)}`, parents: parents.map(({ digest }) => digest), at: formatInstantMs(Date.UTC(2026, 10, 22, 12, minutes)), author, body, digest: createHash('sha256').update(String(count)).digest('hex'), signature: '' };
    events.push(event);
    return event;
  };
  const add = (author: string, parents: readonly RunEvent[], body: RunEventBody): RunEvent => addAt(count, { author, parents, body });
  const start = add('ada', [], { kind: 'started', pack: { id: 'small', version: '1.0.0', digest: LOADED.digest }, title: 'A run', deployment: null, severity: null, drill: true, nonce: '0'.repeat(32) });
  const tick = (author: string, parents: readonly RunEvent[], [step, outcome = 'done', minutes = count]: readonly [step: string, outcome?: 'done' | 'failed', minutes?: number]): RunEvent => addAt(minutes, { author, parents, body: { kind: 'step', step, text: TEXTS.get(step) ?? '', outcome, note: '', evidence: [], override: null, carried: null } });
  const check = (author: string, parents: readonly RunEvent[], [result, minutes]: readonly ['pass' | 'fail', number]): RunEvent => addAt(minutes, { author, parents, body: { kind: 'check', step: 'health', result, seen: 's', because: 'b', source: 't', observedAt: formatInstantMs(Date.UTC(2026, 10, 22, 12, minutes)), attestedBy: null } });
  const step = (id: string, over: Partial<Readers> = {}) => stateOf(events, over).steps.find((each) => each.step === id);
  return { events, start, add, tick, check, step };
}

describe('the order of a history', () => {
  it('is the same for one set of events in whatever order they came, ancestors first', () => {
    fc.assert(fc.property(story(), fc.infiniteStream(fc.nat()), (told, picks) => {
      const { events } = tell(told);
      const shuffled = [...events].map((event) => ({ event, key: picks.next().value ?? 0 })).sort((a, b) => a.key - b.key).map(({ event }) => event);
      const [one, two] = [historyOf(events), historyOf(shuffled)];
      expect(two).toEqual(one);
      const place = new Map(one.events.map(({ digest }, index) => [digest, index]));
      for (const event of one.events) for (const parent of event.parents) expect(place.get(parent)).toBeLessThan(place.get(event.digest) ?? -1);
      expect(one.missing).toEqual([]);
    }), runs);
  });

  it('reads a time with a fraction after the same second without one', () => {
    const run = handRun();
    const whole = run.add('ada', [run.start], { kind: 'entry', text: 'whole', occurredAt: null });
    const later = { ...run.add('bob', [run.start], { kind: 'entry', text: 'later', occurredAt: null }), at: whole.at.replace('Z', '.5Z') };
    expect(historyOf([later, run.start, whole]).events.map(({ body }) => (body.kind === 'entry' ? body.text : ''))).toEqual(['', 'whole', 'later']);
  });

  it('keeps what is behind a missing parent, names the parent, and reads it once that came', () => {
    const run = handRun();
    const dropped = run.tick('ada', [run.start], ['look']);
    const behind = run.tick('ada', [dropped], ['tidy']);
    const known = [run.start, behind];
    expect(historyOf(known)).toMatchObject({ missing: [dropped.digest], heads: [run.start.digest] });
    expect(stateOf(known)).toMatchObject({ waiting: 1, missing: [dropped.digest] });
    expect(stateOf(known).steps.find(({ step }) => step === 'tidy')?.state).toBe('open');
    expect(stateOf([...known, dropped])).toMatchObject({ waiting: 0, missing: [] });
    expect(runState([behind], LOADED.pack, readers())).toBeNull();
  });
});

describe('registers', () => {
  /** The same by the definition, one event after the other. */
  function slowly(events: readonly RunEvent[]) {
    const byDigest = new Map(events.map((event) => [event.digest, event]));
    const ancestors = new Map<string, Set<string>>();
    for (const event of events) ancestors.set(event.digest, new Set(event.parents.flatMap((parent) => [parent, ...(ancestors.get(parent) ?? [])])));
    const newestAmong = (digests: readonly string[]): string[] => digests.filter((digest) => !digests.some((other) => ancestors.get(other)?.has(digest) === true)).sort();
    const ofStep = (step: string): string[] => events.filter(({ body }) => body.kind === 'step' && body.step === step).map(({ digest }) => digest);
    return {
      newest: (step: string) => newestAmong(ofStep(step)),
      known: (event: RunEvent, step: string) => newestAmong(ofStep(step).filter((digest) => ancestors.get(event.digest)?.has(digest) === true)),
      knows: (event: RunEvent, others: readonly RunEvent[]) => others.every(({ digest }) => byDigest.has(digest) && ancestors.get(event.digest)?.has(digest) === true),
    };
  }

  it('give what nothing descends from, now and as each author knew it', () => {
    fc.assert(fc.property(story(80), (told) => {
      const { events } = historyOf(tell(told).events);
      const [fast, slow] = [registersIn(events, () => true), slowly(events)];
      for (const { id } of stepsIn(LOADED.pack)) expect(fast.newest(`step ${id}`, 'step').map(({ digest }) => digest).sort()).toEqual(slow.newest(id));
      const asked = events.flatMap((event) => ['look', 'tidy'].map((step) => ({ event, register: `step ${step}`, step })));
      expect(fast.newestKnown(asked).map((found) => found.map(({ digest }) => digest).sort())).toEqual(asked.map(({ event, step }) => slow.known(event, step)));
      const some = events.filter((_, index) => index % 7 === 3);
      expect(fast.knowAll(events, some)).toEqual(events.map((event) => slow.knows(event, some)));
    }), runs);
  });
});

describe('steps', () => {
  it('are in conflict when two outcomes do not know each other, until somebody who knows both records a third', () => {
    const run = handRun();
    const ours = run.tick('ada', [run.start], ['look']);
    const theirs = run.tick('bob', [run.start], ['look', 'failed']);
    expect(run.step('look')).toMatchObject({ state: 'conflict', claims: [{ by: 'ada', outcome: 'done' }, { by: 'bob', outcome: 'failed' }] });
    expect(run.step('health')?.state).toBe('waiting');
    run.tick('cyd', [ours, theirs], ['look']);
    expect(run.step('look')).toMatchObject({ state: 'done', claims: [{ by: 'cyd' }] });
  });

  it('that two people settled in the same way are not in conflict', () => {
    const run = handRun();
    run.tick('ada', [run.start], ['look']);
    run.tick('bob', [run.start], ['look']);
    expect(run.step('look')).toMatchObject({ state: 'done', claims: [{ by: 'ada' }, { by: 'bob' }] });
  });

  it('are not proven by what came after the claim, by a check that another one contradicts, or by one that nobody trusts', () => {
    const run = handRun();
    const look = run.tick('ada', [run.start], ['look']);
    const early = run.tick('ada', [look], ['health', 'done', 3]);
    run.check('ada', [early], ['pass', 4]);
    expect(run.step('health')?.state).toBe('claimed');
    const passed = run.check('ada', [early], ['pass', 5]);
    const failed = run.check('bob', [early], ['fail', 5]);
    const both = run.tick('ada', [passed, failed], ['health', 'done', 6]);
    expect(run.step('health')).toMatchObject({ state: 'claimed', check: { result: 'fail' } });
    const again = run.check('bob', [both], ['pass', 7]);
    run.tick('ada', [again], ['health', 'done', 8]);
    expect(run.step('health')).toMatchObject({ state: 'done', isTrusted: true });
    // Ada's own console saw it pass three minutes before; Bob's saw nothing that anybody here relies on.
    expect(run.step('health', { isTrusted: (author) => author === 'ada' })).toMatchObject({ state: 'done', isTrusted: true, check: { result: 'pass' } });
    expect(run.step('health', { isTrusted: (author) => author === 'bob' })).toMatchObject({ state: 'done', isTrusted: false });
    expect(run.step('health', { isTrusted: () => false })).toMatchObject({ state: 'claimed', isTrusted: false, check: { result: 'unknown' } });
  });

  it('are not done while what passed before the claim is seen to fail after it; a stranger\'s word changes nothing of that', () => {
    const run = handRun();
    const look = run.tick('ada', [run.start], ['look']);
    const passed = run.check('ada', [look], ['pass', 3]);
    const ticked = run.tick('ada', [passed], ['health', 'done', 4]);
    const failed = run.check('bob', [ticked], ['fail', 5]);
    expect(run.step('health')).toMatchObject({ state: 'claimed', check: { result: 'fail' } });
    expect(run.step('health', { isTrusted: (author) => author === 'ada' })).toMatchObject({ state: 'done', isTrusted: true });
    run.check('ada', [failed], ['pass', 6]);
    expect(run.step('health')).toMatchObject({ state: 'done', isTrusted: true });
  });

  it('are not proven by a check that says it saw what was still to come', () => {
    const run = handRun();
    const look = run.tick('ada', [run.start], ['look']);
    const ahead = run.check('bob', [look], ['pass', 30]);
    run.tick('ada', [ahead], ['health', 'done', 29]);
    expect(run.step('health')?.state).toBe('claimed');
  });

  it('whose claim is about another text do not count', () => {
    const run = handRun();
    run.add('ada', [run.start], { kind: 'step', step: 'look', text: '0'.repeat(64), outcome: 'done', note: '', evidence: [], override: null, carried: null });
    expect(run.step('look')).toMatchObject({ state: 'open', claims: [] });
  });

  it('are in conflict when people decided differently', () => {
    const run = handRun();
    const go = run.add('ada', [run.start], { kind: 'decision', step: 'choose', option: 'go', reason: 'r' });
    const stay = run.add('bob', [run.start], { kind: 'decision', step: 'choose', option: 'stay', reason: 'r' });
    run.tick('ada', [go], ['choose']);
    expect(run.step('choose')?.state).toBe('conflict');
    const third = run.add('cyd', [go, stay, ...run.events.slice(-1)], { kind: 'decision', step: 'choose', option: 'stay', reason: 'r' });
    run.tick('cyd', [third], ['choose']);
    expect(run.step('choose')?.state).toBe('done');
  });

  it('need evidence that its author knew of, not only a digest', () => {
    const run = handRun();
    const digest = '1'.repeat(64);
    const claim = run.add('ada', [run.start], { kind: 'step', step: 'proof', text: TEXTS.get('proof') ?? '', outcome: 'done', note: '', evidence: [digest], override: null, carried: null });
    expect(run.step('proof')?.state).toBe('claimed');
    const kept = run.add('ada', [claim], { kind: 'evidence', digest, name: 'a', bytes: 1, type: 't', step: null, note: '', source: 'file' });
    expect(run.step('proof')?.state).toBe('claimed');
    run.add('ada', [kept], { kind: 'step', step: 'proof', text: TEXTS.get('proof') ?? '', outcome: 'done', note: '', evidence: [digest], override: null, carried: null });
    expect(run.step('proof')?.state).toBe('done');
  });
});

describe('trust', () => {
  const signs = (run: ReturnType<typeof handRun>) => (author: string, parents: readonly RunEvent[], verdict: 'approved' | 'refused'): RunEvent => run.add(author, parents, { kind: 'sign', step: 'agree', role: 'security', name: author, verdict, statement: 's' });

  it('lets nobody sign who is not trusted, and keeps one person\'s refusal beside another\'s approval', () => {
    const run = handRun();
    const sign = signs(run);
    const refused = sign('eve', [run.start], 'refused');
    const trusted = { isTrusted: (author: string) => author !== 'eve' };
    expect(run.step('agree', trusted)?.state).toBe('open');
    sign('bob', [refused], 'approved');
    expect(run.step('agree', trusted)).toMatchObject({ state: 'done', by: 'bob' });
    expect(run.step('agree')?.state).toBe('conflict');
    sign('eve', run.events.slice(-1), 'approved');
    expect(run.step('agree')?.state).toBe('done');
  });

  it('counts no review by the author of the submission or by somebody unknown, and shows each with the reason', () => {
    const run = handRun();
    const submitted = run.add('ada', [run.start], { kind: 'submitted', note: '' });
    const review = (author: string, parents: readonly RunEvent[], verdict: 'accepted' | 'rejected'): RunEvent => run.add(author, parents, { kind: 'review', of: submitted.digest, verdict, feedback: '' });
    review('ada', [submitted], 'accepted');
    const eve = review('eve', [submitted], 'accepted');
    const trusted = { isTrusted: (author: string) => author !== 'eve' };
    expect(stateOf(run.events, trusted).reviews[0]).toMatchObject({ state: 'open', reviews: [{ counts: false, whyNot: 'by the one who submitted it' }, { counts: false, whyNot: 'by somebody who is not trusted yet' }] });
    const bob = review('bob', [eve], 'rejected');
    expect(stateOf(run.events, trusted).reviews[0]?.state).toBe('rejected');
    expect(stateOf(run.events).reviews[0]?.state).toBe('conflict');
    const last = review('bob', [bob], 'accepted');
    expect(stateOf(run.events).reviews[0]).toMatchObject({ state: 'accepted', isOutdated: false });
    run.tick('ada', [last], ['look']);
    expect(stateOf(run.events).reviews[0]).toMatchObject({ state: 'accepted', isOutdated: true });
  });

  it('lets events of a key that was judged bad change nothing, and says so', () => {
    const run = handRun();
    const ended = run.add('eve', [run.start], { kind: 'ended', outcome: 'stopped', note: '' });
    const after = run.tick('ada', [ended], ['look']);
    expect(stateOf(run.events)).toMatchObject({ ended: { outcome: 'stopped' }, voided: new Map([[after.digest, 'after-end']]) });
    expect(run.step('look')?.state).toBe('open');
    const distrust = { isDistrusted: (author: string) => author === 'eve' };
    expect(stateOf(run.events, distrust)).toMatchObject({ ended: null, voided: new Map([[ended.digest, 'distrusted']]) });
    expect(run.step('look', distrust)?.state).toBe('done');
  });

  it('hears who did not know the end, and not who did', () => {
    const run = handRun();
    run.add('ada', [run.start], { kind: 'ended', outcome: 'stopped', note: '' });
    run.tick('bob', [run.start], ['look']);
    expect(run.step('look')?.state).toBe('done');
    run.tick('bob', run.events.slice(-2), ['tidy']);
    expect(run.step('tidy')?.state).toBe('open');
  });
});

describe('strangers', () => {
  it('settle no step that is not settled without a word of theirs', () => {
    fc.assert(fc.property(story(60), fc.subarray([0, 1, 2, 3, 4]), (drawn, known) => {
      // Mostly ticks, checks and decisions of few steps: there they meet.
      const { events } = tell({ ...drawn, acts: drawn.acts.map((act) => ({ ...act, kind: act.kind < 9 ? 0 : act.kind - 8, step: act.minutes < 8 ? 0 : act.step, minutes: act.minutes % 2 })), skewMinutes: [0, 1, 0, -1, 0] });
      const trusted = new Set(known.map((who) => PEOPLE[who]?.author));
      const isTrusted = (author: string): boolean => trusted.has(author);
      const settledIn = (state: RunState): string[] => state.steps.filter(isSettled).map(({ step }) => step);
      const without = settledIn(stateOf(events, { isTrusted, isDistrusted: (author) => !trusted.has(author) }));
      expect(without).toEqual(expect.arrayContaining(settledIn(stateOf(events, { isTrusted }))));
    }), { ...runs, numRuns: runs.numRuns * 5 });
  });

  it('turn no disagreement of trusted people into a tick', () => {
    const run = handRun();
    const failed = run.tick('ada', [run.start], ['look', 'failed']);
    run.tick('bob', [run.start], ['look']);
    expect(run.step('look')?.state).toBe('conflict');
    run.tick('eve', [failed], ['look']);
    expect(run.step('look', { isTrusted: (author) => author !== 'eve' })).toMatchObject({ state: 'conflict' });
    expect(run.step('look')).toMatchObject({ state: 'done', isTrusted: true });
  });
});

describe('long histories', () => {
  /** Counts how often an event is looked at: what a wall clock would say, without one. */
  function counted(events: readonly RunEvent[]): { readonly reads: () => number; readonly events: readonly RunEvent[] } {
    let reads = 0;
    return { reads: () => reads, events: events.map((event) => Object.defineProperty({ ...event }, 'parents', { enumerable: true, get: () => { reads += 1; return event.parents; } })) };
  }
  const looked = (count: number): number => {
    const run = handRun();
    let heads: readonly RunEvent[] = [run.start];
    for (let at = 0; at < count; at += 1) {
      const body = at % 3;
      const [author, parents] = [`p${at % 5}`, heads];
      const made = body === 0 ? run.tick(author, parents, ['look']) : body === 1 ? run.check(author, parents, ['pass', at % 59]) : run.add(author, parents, { kind: 'sign', step: null, role: 'lead', name: author, verdict: 'approved', statement: '' });
      // Every tenth time two who do not know each other.
      heads = at % 10 === 0 ? [made, run.tick('bob', parents, ['tidy'])] : [made];
    }
    const { reads, events } = counted(run.events);
    expect(stateOf(events).steps[0]?.state).toBe('done');
    return reads();
  };

  it('cost no more than their length: ten times the events, about ten times the looks', () => {
    const [small, large] = [looked(1_000), looked(10_000)];
    expect(large).toBeLessThan(small * 15);
  });

  it('of a hundred thousand events that all stand side by side are still read', () => {
    const run = handRun();
    for (let at = 0; at < (isLong ? 99_000 : 20_000); at += 1) run.add(`p${at % 5}`, [run.start], { kind: 'role', role: `r${at % 5_000}`, name: 'x' });
    expect(stateOf(run.events).heads).toHaveLength(run.events.length - 1);
  });
});

it('has five people', () => expect(new Set(PEOPLE.map(({ author }) => author)).size).toBe(5));

describe('what the run says of its severity and its times', () => {
  const milestone = (minutes: number): RunEventBody => ({ kind: 'milestone', what: 'acknowledged', occurredAt: formatInstantMs(Date.UTC(2026, 10, 22, 12, minutes)) });
  const severity = (name: string): RunEventBody => ({ kind: 'severity', severity: name, reason: 'r' });
  const strange = { isTrusted: (author: string) => author === 'ada' };

  it('is doubtful where only strangers say it, and no longer once somebody who is trusted does', () => {
    const { events, start, add } = handRun();
    add('eve', [start], milestone(3));
    const high = add('eve', [start], severity('high'));
    expect(stateOf(events, strange)).toMatchObject({ severity: 'high', doubts: { severity: 'not-trusted', acknowledged: 'not-trusted' } });
    expect(stateOf(events).doubts).toEqual({});
    add('ada', [high], milestone(5));
    add('ada', [high], severity('high'));
    expect(stateOf(events, strange).doubts).toEqual({});
  });

  it('is doubtful where people who do not know each other differ, until one who knows both says it', () => {
    const { events, start, add } = handRun();
    const [one, two] = [add('ada', [start], milestone(3)), add('bob', [start], milestone(9))];
    const [low, high] = [add('ada', [start], severity('low')), add('bob', [start], severity('high'))];
    expect(stateOf(events)).toMatchObject({ milestones: { acknowledged: '2026-11-22T12:03:00Z' }, doubts: { acknowledged: 'differs', severity: 'differs' } });
    add('ada', [one, two], milestone(4));
    add('ada', [low, high], severity('high'));
    expect(stateOf(events)).toMatchObject({ milestones: { acknowledged: '2026-11-22T12:04:00Z' }, doubts: {} });
  });

  it('two who say the same do not differ', () => {
    const { events, start, add } = handRun();
    add('ada', [start], milestone(3));
    add('bob', [start], milestone(3));
    expect(stateOf(events).doubts).toEqual({});
  });
});
