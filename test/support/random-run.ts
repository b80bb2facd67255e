// Random histories of a run by up to five people whose clocks differ: each records what comes to mind and now and then hears of what others recorded.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { formatInstantMs } from '#shared/domain/time.ts';
import type { RunEvent, RunEventBody } from '#shared/domain/runbook-run.ts';
import { runIdOf } from '#core/runbooks/runs/events.ts';
import { readRunbook, stepDigest } from '#core/runbooks/packs/packs.ts';
import { stepsIn } from '#core/runbooks/runs/store.ts';
import { makePerson, PACK } from './runbook-profile.ts';
import type { Person } from './runbook-profile.ts';

export const LOADED = readRunbook(PACK, 'small.yaml');
export const PEOPLE: readonly Person[] = Array.from({ length: 5 }, (_, index) => makePerson(`person ${index}`));
const STEPS = stepsIn(LOADED.pack);
const START_MS = Date.UTC(2026, 10, 22, 12);

export interface Act { readonly who: number; readonly hears: number | null; readonly kind: number; readonly step: number; readonly choice: number; readonly minutes: number }
export interface Story { readonly people: number; readonly skewMinutes: readonly number[]; readonly acts: readonly Act[]; readonly nonce: number }

export const story = (most = 40): fc.Arbitrary<Story> => fc.record({
  people: fc.integer({ min: 1, max: 5 }), skewMinutes: fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 5, maxLength: 5 }), nonce: fc.integer({ min: 0, max: 0x7fffffff }),
  acts: fc.array(fc.record({ who: fc.nat(4), hears: fc.option(fc.nat(4), { nil: null, freq: 2 }), kind: fc.nat(13), step: fc.nat(STEPS.length - 1), choice: fc.nat(5), minutes: fc.nat(12) }), { maxLength: most }),
});

/** No two stories are one run, also while a failure is made smaller. */
let stories = 0;

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

function bodyOf({ kind, step: at, choice }: Act, { nowMs, submissions }: { readonly nowMs: number; readonly submissions: readonly string[] }): RunEventBody {
  const step = STEPS[at % STEPS.length] ?? STEPS[0];
  if (step === undefined) throw new Error('the runbook has no steps');
  const outcome = (['done', 'done', 'failed', 'skipped', 'not-applicable', 'reopened'] as const)[choice % 6] ?? 'done';
  const submission = submissions[choice % Math.max(1, submissions.length)];
  switch (kind) {
    case 0: case 1: case 2: return { kind: 'step', step: step.id, text: stepDigest(step), outcome, note: `note ${choice}`, evidence: choice === 1 ? [sha('evidence 1')] : [], override: choice === 0 ? 'a reason' : null, carried: null };
    case 3: return { kind: 'check', step: 'health', result: (['pass', 'fail', 'unknown'] as const)[choice % 3] ?? 'unknown', seen: 'seen', because: 'because', source: 'test', observedAt: formatInstantMs(nowMs), attestedBy: null };
    case 4: return { kind: 'decision', step: choice === 0 ? null : 'choose', option: choice % 2 === 0 ? 'go' : 'stay', reason: 'a reason' };
    case 5: return { kind: 'timer', step: 'soak', action: (['started', 'acknowledged', 'stopped'] as const)[choice % 3] ?? 'started' };
    case 6: return { kind: 'evidence', digest: sha(`evidence ${choice}`), name: `${choice}.txt`, bytes: 1, type: 'text/plain', step: choice % 2 === 0 ? 'proof' : null, note: '', source: 'file' };
    case 7: return { kind: 'entry', text: `entry ${choice}`, occurredAt: choice % 2 === 0 ? formatInstantMs(nowMs - choice * 60_000) : null };
    case 8: return { kind: 'action', id: `a_0000000${choice}`, text: 'do it', owner: 'somebody', due: null, isDone: choice % 2 === 0 };
    case 9: return { kind: 'role', role: choice % 2 === 0 ? 'lead' : 'security', name: choice === 5 ? null : `name ${choice}` };
    case 10: return { kind: 'milestone', what: (['acknowledged', 'mitigated', 'resolved'] as const)[choice % 3] ?? 'resolved', occurredAt: formatInstantMs(nowMs) };
    case 11: return { kind: 'sign', step: choice === 5 ? null : 'agree', role: 'security', name: 'somebody', verdict: (['approved', 'conditional', 'refused'] as const)[choice % 3] ?? 'refused', statement: 'said' };
    case 12: return submission === undefined ? { kind: 'submitted', note: '' } : { kind: 'review', of: submission, verdict: choice % 2 === 0 ? 'accepted' : 'rejected', feedback: '' };
    default: return choice === 0 ? { kind: 'ended', outcome: 'stopped', note: '' } : { kind: 'severity', severity: choice % 2 === 0 ? 'high' : 'low', reason: 'a reason' };
  }
}

export interface Told { readonly runId: string; readonly events: readonly RunEvent[]; /** What each person knows at the end. */ readonly known: readonly (readonly RunEvent[])[] }

export function tell({ people, skewMinutes, acts, nonce }: Story): Told {
  const first = (PEOPLE[0] as Person).event({ run: null, parents: [], at: formatInstantMs(START_MS), body: { kind: 'started', pack: { id: LOADED.pack.id, version: LOADED.pack.version, digest: LOADED.digest }, title: 'A run', deployment: null, severity: null, drill: true, nonce: `${(stories += 1).toString(16).padStart(16, '0')}${nonce.toString(16).padStart(16, '0')}` } });
  const runId = runIdOf(first.digest);
  const all = new Map([[first.digest, first]]);
  const known = Array.from({ length: people }, () => new Map([[first.digest, first]]));
  const heads = Array.from({ length: people }, () => new Set([first.digest]));
  let nowMs = START_MS;
  for (const act of acts) {
    const [who, other] = [act.who % people, act.hears === null ? null : act.hears % people];
    const [mine, ends] = [known[who], heads[who]];
    if (mine === undefined || ends === undefined) continue;
    nowMs += act.minutes * 60_000;
    if (other !== null && other !== who) {
      for (const event of known[other]?.values() ?? []) mine.set(event.digest, event);
      const named = new Set([...mine.values()].flatMap(({ parents }) => parents));
      ends.clear();
      for (const digest of mine.keys()) if (!named.has(digest)) ends.add(digest);
    }
    const ownMs = nowMs + (skewMinutes[who] ?? 0) * 60_000;
    const submissions = [...mine.values()].filter(({ body }) => body.kind === 'submitted').map(({ digest }) => digest);
    const event = (PEOPLE[who] as Person).event({ run: runId, parents: [...ends], at: formatInstantMs(ownMs), body: bodyOf(act, { nowMs: ownMs, submissions }) });
    all.set(event.digest, event);
    mine.set(event.digest, event);
    ends.clear();
    ends.add(event.digest);
  }
  return { runId, events: [...all.values()], known: known.map((each) => [...each.values()]) };
}
