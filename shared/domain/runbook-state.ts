// What a run is, computed from its events: how each step stands, who signed, what was decided. It chooses nothing for people who disagree, and calls nothing done that is not proven.
import { historyOf } from './runbook-history.ts';
import type { RunbookPack, RunbookStep } from './runbook-pack.ts';
import type { EvidenceRef, RunEvent, RunEventBody, StepStanding } from './runbook-run.ts';
import { formatInstantMs } from './time.ts';

type BodyOf<K extends RunEventBody['kind']> = Extract<RunEventBody, { kind: K }>;
type EventOf<K extends RunEventBody['kind']> = RunEvent & { readonly body: BodyOf<K> };
const isKind = <K extends RunEventBody['kind']>(event: RunEvent, kind: K): event is EventOf<K> => event.body.kind === kind;

export interface Readers {
  /** Whose events count as sign-off and review. Keys as they are written in events. */
  isTrusted(author: string): boolean;
  /** What an author is called; falls back to the key's fingerprint. */
  nameOf(author: string): string;
  /** Digest of the text of a step of the pinned pack. */
  textOf(stepId: string): string | null;
  readonly nowMs: number;
}

export interface Signature { readonly event: string; readonly step: string | null; readonly role: string; readonly name: string; readonly verdict: BodyOf<'sign'>['verdict']; readonly statement: string; readonly at: string; readonly by: string; readonly isTrusted: boolean; /** Something that matters was recorded after it, which the signer did not know. */ readonly isOutdated: boolean }
export interface Review { readonly submission: string; readonly submittedBy: string; readonly at: string; readonly state: 'open' | 'accepted' | 'rejected' | 'conflict'; readonly reviews: readonly { readonly by: string; readonly at: string; readonly verdict: 'accepted' | 'rejected'; readonly feedback: string; readonly counts: boolean; readonly whyNot: string | null }[] }
export interface TimelineItem { readonly event: string; readonly at: string; readonly recordedAt: string; readonly by: string; readonly isTrusted: boolean; readonly isManual: boolean; readonly body: RunEventBody }
export interface OpenAction { readonly id: string; readonly text: string; readonly owner: string; readonly due: string | null; readonly isDone: boolean }

export interface RunState {
  readonly title: string;
  readonly startedAt: string;
  readonly startedBy: string;
  readonly deployment: BodyOf<'started'>['deployment'];
  readonly isDrill: boolean;
  readonly severity: string | null;
  readonly ended: { readonly at: string; readonly outcome: 'completed' | 'stopped'; readonly note: string } | null;
  readonly steps: readonly StepStanding[];
  /** The first step that is open and not held back. */
  readonly next: string | null;
  readonly roles: readonly { readonly role: string; readonly names: readonly string[] }[];
  readonly milestones: Readonly<Partial<Record<BodyOf<'milestone'>['what'], string>>>;
  readonly decisions: readonly { readonly event: string; readonly at: string; readonly step: string | null; readonly option: string; readonly reason: string; readonly by: string; readonly isTrusted: boolean }[];
  readonly signatures: readonly Signature[];
  readonly reviews: readonly Review[];
  readonly actions: readonly OpenAction[];
  readonly evidence: readonly (EvidenceRef & { readonly step: string | null; readonly note: string; readonly source: string; readonly at: string; readonly by: string })[];
  readonly timeline: readonly TimelineItem[];
  readonly authors: readonly { readonly key: string; readonly name: string; readonly isTrusted: boolean; readonly events: number }[];
  readonly heads: readonly string[];
  readonly missing: readonly string[];
  /** Events that cannot be read yet because their parents are missing. */
  readonly waiting: number;
}

/** For one register: the events of it that no other event of it descends from. `known` of an event: those that its author knew. */
type Newest = ReadonlyMap<string, ReadonlySet<string>>;
const NOTHING: Newest = new Map();

/** What a step event, a sign-off and so on is registered under; null: nothing takes its place. */
function registerOf({ body }: RunEvent): string | null {
  switch (body.kind) {
    case 'step': case 'check': return `${body.kind} ${body.step}`;
    case 'timer': return `timer ${body.step}`;
    case 'decision': return body.step === null ? null : `decision ${body.step}`;
    case 'role': return `role ${body.role}`;
    case 'action': return `action ${body.id}`;
    case 'milestone': return `milestone ${body.what}`;
    case 'severity': case 'ended': return body.kind;
    default: return null;
  }
}

function joined(views: readonly Newest[], ancestorsOf: (digest: string) => ReadonlyMap<string, ReadonlySet<string>>): Newest {
  const [first = NOTHING, ...others] = views;
  if (others.length === 0) return first;
  const all = new Map<string, Set<string>>();
  for (const view of views) for (const [register, digests] of view) all.set(register, new Set([...(all.get(register) ?? []), ...digests]));
  // One that another one descends from has been replaced, though the side it came by did not know that.
  for (const [register, digests] of all) {
    if (digests.size < 2) continue;
    for (const digest of digests) for (const replaced of ancestorsOf(digest).get(register) ?? []) digests.delete(replaced);
  }
  return all;
}

interface Read { readonly newest: Newest; readonly byDigest: ReadonlyMap<string, RunEvent>; /** For each event the registers as its author knew them, itself included. */ readonly knownAt: ReadonlyMap<string, Newest>; /** Of one register: everything that was replaced on the way to an event. */ readonly replaced: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> }

function readRegisters(events: readonly RunEvent[], heads: readonly string[]): Read {
  const byDigest = new Map(events.map((event) => [event.digest, event]));
  const knownAt = new Map<string, Newest>();
  const replaced = new Map<string, Map<string, ReadonlySet<string>>>();
  const ancestorsOf = (digest: string): ReadonlyMap<string, ReadonlySet<string>> => replaced.get(digest) ?? new Map<string, ReadonlySet<string>>();
  for (const event of events) {
    const before = joined(event.parents.map((parent) => knownAt.get(parent) ?? NOTHING), ancestorsOf);
    const register = registerOf(event);
    if (register === null) {
      knownAt.set(event.digest, before);
      continue;
    }
    const under = before.get(register) ?? new Set<string>();
    const gone = new Set(under);
    for (const digest of under) for (const older of ancestorsOf(digest).get(register) ?? []) gone.add(older);
    replaced.set(event.digest, new Map([[register, gone]]));
    knownAt.set(event.digest, new Map(before).set(register, new Set([event.digest])));
  }
  return { newest: joined(heads.map((head) => knownAt.get(head) ?? NOTHING), ancestorsOf), byDigest, knownAt, replaced };
}

function eventsOf<K extends RunEventBody['kind']>(read: Read, newest: Newest, register: string, kind: K): EventOf<K>[] {
  return [...(newest.get(register) ?? [])].flatMap((digest) => {
    const event = read.byDigest.get(digest);
    return event !== undefined && isKind(event, kind) ? [event] : [];
  }).sort((a, b) => (a.at === b.at ? (a.digest < b.digest ? -1 : 1) : a.at < b.at ? -1 : 1));
}

const DEFAULT_STALE_MINUTES = 60;
const minutesAfter = (at: string, minutes: number): number => Date.parse(at) + minutes * 60_000;
export const staleMinutesOf = (step: RunbookStep): number => step.stale_minutes ?? DEFAULT_STALE_MINUTES;

function timerOf(read: Read, step: RunbookStep, nowMs: number): StepStanding['timer'] {
  const last = eventsOf(read, read.newest, `timer ${step.id}`, 'timer').at(-1);
  if (last === undefined || step.minutes === undefined) return null;
  const started = last.body.action === 'started' ? last : [...read.byDigest.values()].filter((event): event is EventOf<'timer'> => isKind(event, 'timer') && event.body.step === step.id && event.body.action === 'started').at(-1);
  if (started === undefined) return null;
  const due = minutesAfter(started.at, step.minutes);
  const state = last.body.action === 'started' ? (nowMs >= due ? 'due' : 'running') : last.body.action;
  return { startedAt: started.at, dueAt: formatInstantMs(due), state };
}

/** Whether what the author of a "done" knew proves it. A later answer does not prove an earlier claim. */
function isProven(read: Read, step: RunbookStep, claim: EventOf<'step'>): boolean {
  const known = read.knownAt.get(claim.digest) ?? NOTHING;
  if (step.kind === 'live-check') {
    const check = eventsOf(read, known, `check ${step.id}`, 'check').at(-1);
    return check !== undefined && check.body.result === 'pass' && Date.parse(claim.at) <= minutesAfter(check.body.observedAt, staleMinutesOf(step)) && Date.parse(check.body.observedAt) <= Date.parse(claim.at);
  }
  if (step.kind === 'decision') return eventsOf(read, known, `decision ${step.id}`, 'decision').length > 0;
  if (step.kind === 'timer') {
    const timer = eventsOf(read, known, `timer ${step.id}`, 'timer').at(-1);
    const started = [...read.byDigest.values()].find((event) => isKind(event, 'timer') && event.body.step === step.id && event.body.action === 'started');
    return timer !== undefined && started !== undefined && Date.parse(claim.at) >= minutesAfter(started.at, step.minutes ?? 0);
  }
  if (step.kind === 'evidence') return claim.body.evidence.length > 0;
  return true;
}

function standingOf(read: Read, step: RunbookStep, { readers, signatures, evidence, isHeldBack }: { readonly readers: Readers; readonly signatures: readonly Signature[]; readonly evidence: ReadonlyMap<string, EvidenceRef>; readonly isHeldBack: boolean }): StepStanding {
  const claims = eventsOf(read, read.newest, `step ${step.id}`, 'step').filter(({ body }) => body.text === (readers.textOf(step.id) ?? body.text));
  const check = eventsOf(read, read.newest, `check ${step.id}`, 'check').at(-1);
  const last = claims.at(-1);
  const outcomes = new Set(claims.map(({ body }) => body.outcome));
  const isTrusted = last !== undefined && readers.isTrusted(last.author);
  const base = {
    step: step.id, by: last === undefined ? null : readers.nameOf(last.author), at: last?.at ?? null, note: last?.body.note ?? '', isTrusted,
    override: last?.body.override ?? null, evidence: (last?.body.evidence ?? []).flatMap((digest) => evidence.get(digest) ?? []),
    check: check === undefined ? null : { result: check.body.result, seen: check.body.seen, because: check.body.because, source: check.body.source, observedAt: check.body.observedAt, attestedBy: check.body.attestedBy, isStale: readers.nowMs > minutesAfter(check.body.observedAt, staleMinutesOf(step)) },
    timer: timerOf(read, step, readers.nowMs),
    claims: claims.map((claim) => ({ event: claim.digest, outcome: claim.body.outcome, by: readers.nameOf(claim.author), at: claim.at, note: claim.body.note, isTrusted: readers.isTrusted(claim.author) })),
    carriedFrom: last?.body.carried?.run ?? null,
  };
  const state = (): StepStanding['state'] => {
    if (outcomes.size > 1) return 'conflict';
    if (step.kind === 'sign-off') {
      const signed = signatures.filter((each) => each.step === step.id && each.isTrusted && each.role === step.signs);
      const verdicts = new Set(signed.map(({ verdict }) => (verdict === 'refused' ? 'refused' : 'given')));
      if (verdicts.size > 1) return 'conflict';
      if (verdicts.has('given')) return 'done';
      if (verdicts.has('refused')) return 'failed';
    }
    if (last === undefined || last.body.outcome === 'reopened') return isHeldBack ? 'waiting' : 'open';
    if (last.body.outcome !== 'done') return last.body.outcome;
    if (step.kind === 'sign-off') return 'claimed';
    if (claims.some((claim) => isProven(read, step, claim))) return 'done';
    return last.body.override !== null && step.can_override ? 'overridden' : 'claimed';
  };
  return { ...base, state: state() };
}

/** States with which a step no longer holds back those after it. */
const SETTLED: ReadonlySet<StepStanding['state']> = new Set(['done', 'overridden', 'skipped', 'not-applicable']);

function stepsOf(read: Read, pack: RunbookPack, given: { readonly readers: Readers; readonly signatures: readonly Signature[]; readonly evidence: ReadonlyMap<string, EvidenceRef> }): StepStanding[] {
  return pack.sections.flatMap((section) => {
    let isHeldBack = false;
    return section.steps.map((step) => {
      const standing = standingOf(read, step, { ...given, isHeldBack });
      if (step.gate === 'blocks' && !SETTLED.has(standing.state)) isHeldBack = true;
      return standing;
    });
  });
}

/** Events after which a signature no longer covers what there is. */
const MATTERS: ReadonlySet<RunEventBody['kind']> = new Set(['step', 'check', 'decision', 'severity', 'evidence']);

function signaturesOf(events: readonly RunEvent[], readers: Readers): Signature[] {
  const index = new Map(events.map((event, place) => [event.digest, place]));
  /** How many events that matter an event has among its ancestors would cost a walk each; one pass over the heads of each signature is enough. */
  const ancestors = (from: RunEvent): Set<number> => {
    const seen = new Set<number>();
    const queue = [...from.parents];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const place = index.get(next);
      if (place === undefined || seen.has(place)) continue;
      seen.add(place);
      queue.push(...(events[place]?.parents ?? []));
    }
    return seen;
  };
  return events.flatMap((event) => {
    if (!isKind(event, 'sign')) return [];
    const known = ancestors(event);
    const isOutdated = events.some((other, place) => MATTERS.has(other.body.kind) && !known.has(place));
    const { step, role, name, verdict, statement } = event.body;
    return [{ event: event.digest, step, role, name, verdict, statement, at: event.at, by: readers.nameOf(event.author), isTrusted: readers.isTrusted(event.author), isOutdated }];
  });
}

function reviewsOf(events: readonly RunEvent[], readers: Readers): Review[] {
  return events.flatMap((submission) => {
    if (!isKind(submission, 'submitted')) return [];
    const reviews = events.flatMap((event) => {
      if (!isKind(event, 'review') || event.body.of !== submission.digest) return [];
      const whyNot = event.author === submission.author ? 'by the one who submitted it' : readers.isTrusted(event.author) ? null : 'by somebody who is not trusted yet';
      return [{ by: readers.nameOf(event.author), at: event.at, verdict: event.body.verdict, feedback: event.body.feedback, counts: whyNot === null, whyNot }];
    });
    const verdicts = new Set(reviews.filter(({ counts }) => counts).map(({ verdict }) => verdict));
    const [only = 'open'] = verdicts;
    return [{ submission: submission.digest, submittedBy: readers.nameOf(submission.author), at: submission.at, state: verdicts.size > 1 ? 'conflict' as const : only, reviews }];
  });
}

const MANUAL: ReadonlySet<RunEventBody['kind']> = new Set(['entry', 'decision', 'action', 'milestone']);

/**
 * The state of a run. The same events give the same state, in whatever order they came.
 * @param given verified events of one run
 * @throws never: a history without a start gives null
 */
export function runState(given: readonly RunEvent[], pack: RunbookPack, readers: Readers): RunState | null {
  const { events, heads, missing, waiting } = historyOf(given);
  const start = events[0];
  if (start === undefined || !isKind(start, 'started')) return null;
  const read = readRegisters(events, heads);
  const newestOf = <K extends RunEventBody['kind']>(register: string, kind: K): EventOf<K> | undefined => eventsOf(read, read.newest, register, kind).at(-1);
  const evidence = new Map<string, EvidenceRef>();
  for (const event of events) if (isKind(event, 'evidence')) evidence.set(event.body.digest, { digest: event.body.digest, name: event.body.name, bytes: event.body.bytes, type: event.body.type });
  const signatures = signaturesOf(events, readers);
  const steps = stepsOf(read, pack, { readers, signatures, evidence });
  const by = (event: RunEvent): { readonly by: string; readonly isTrusted: boolean } => ({ by: readers.nameOf(event.author), isTrusted: readers.isTrusted(event.author) });
  const counts = new Map<string, number>();
  for (const { author } of events) counts.set(author, (counts.get(author) ?? 0) + 1);
  const ended = newestOf('ended', 'ended');
  const milestones: Partial<Record<BodyOf<'milestone'>['what'], string>> = {};
  for (const what of ['acknowledged', 'mitigated', 'resolved'] as const) {
    // Two people may note it: the earlier time is when it happened.
    const [first] = eventsOf(read, read.newest, `milestone ${what}`, 'milestone').map(({ body }) => body.occurredAt).sort();
    if (first !== undefined) milestones[what] = first;
  }
  const roles = [...new Set([...pack.roles.map(({ id }) => id), ...events.flatMap((event) => (isKind(event, 'role') ? [event.body.role] : []))])];
  return {
    title: start.body.title, startedAt: start.at, startedBy: readers.nameOf(start.author), deployment: start.body.deployment, isDrill: start.body.drill,
    severity: newestOf('severity', 'severity')?.body.severity ?? start.body.severity,
    ended: ended === undefined ? null : { at: ended.at, outcome: ended.body.outcome, note: ended.body.note },
    steps, next: ended === undefined ? steps.find(({ state }) => state === 'open' || state === 'failed' || state === 'conflict' || state === 'claimed')?.step ?? null : null,
    roles: roles.map((role) => ({ role, names: [...new Set(eventsOf(read, read.newest, `role ${role}`, 'role').flatMap(({ body }) => (body.name === null ? [] : [body.name])))] })),
    milestones,
    decisions: events.flatMap((event) => (isKind(event, 'decision') ? [{ event: event.digest, at: event.at, step: event.body.step, option: event.body.option, reason: event.body.reason, ...by(event) }] : [])),
    signatures, reviews: reviewsOf(events, readers),
    actions: [...new Set(events.flatMap((event) => (isKind(event, 'action') ? [event.body.id] : [])))].flatMap((id) => {
      const found = newestOf(`action ${id}`, 'action')?.body;
      return found === undefined ? [] : [{ id, text: found.text, owner: found.owner, due: found.due, isDone: found.isDone }];
    }),
    evidence: events.flatMap((event) => (isKind(event, 'evidence') ? [{ digest: event.body.digest, name: event.body.name, bytes: event.body.bytes, type: event.body.type, step: event.body.step, note: event.body.note, source: event.body.source, at: event.at, by: readers.nameOf(event.author) }] : [])),
    timeline: events.map((event) => ({ event: event.digest, at: (isKind(event, 'entry') || isKind(event, 'milestone') ? event.body.occurredAt : null) ?? event.at, recordedAt: event.at, ...by(event), isManual: MANUAL.has(event.body.kind), body: event.body })).sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1)),
    authors: [...counts].map(([key, n]) => ({ key, name: readers.nameOf(key), isTrusted: readers.isTrusted(key), events: n })).sort((a, b) => (a.key < b.key ? -1 : 1)),
    heads, missing, waiting: waiting.length,
  };
}
