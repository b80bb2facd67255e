// What a run is, computed from its events: how each step stands, who signed, what was decided. The same events give the same state, in whatever order they came.
import { byTime, historyOf } from './runbook-history.ts';
import type { RunbookPack } from './runbook-pack.ts';
import { besideTrusted, isKind, preferTrusted, registersIn } from './runbook-registers.ts';
import type { BodyOf, EventOf, Registers } from './runbook-registers.ts';
import type { EvidenceRef, RunEvent, RunEventBody, StepStanding } from './runbook-run.ts';
import { isSettled, standingsOf } from './runbook-steps.ts';
import type { FullStanding, Readers } from './runbook-steps.ts';
import { parseInstantUs } from './time.ts';

export interface Signature { readonly event: string; readonly step: string | null; readonly role: string; readonly name: string; readonly verdict: BodyOf<'sign'>['verdict']; readonly statement: string; readonly at: string; readonly by: string; readonly isTrusted: boolean; /** It no longer covers what there is: something that matters was recorded which the signer did not know, or the signer signed anew. */ readonly isOutdated: boolean }
export interface Review { readonly submission: string; readonly submittedBy: string; readonly at: string; readonly state: 'open' | 'accepted' | 'rejected' | 'conflict'; /** Something that matters was recorded which the submission does not hold. */ readonly isOutdated: boolean; readonly reviews: readonly { readonly by: string; readonly at: string; readonly verdict: 'accepted' | 'rejected'; readonly feedback: string; readonly counts: boolean; readonly whyNot: string | null }[] }
export interface TimelineItem { readonly event: string; readonly at: string; readonly recordedAt: string; readonly by: string; readonly isTrusted: boolean; readonly isManual: boolean; readonly body: RunEventBody }
export interface OpenAction { readonly id: string; readonly text: string; readonly owner: string; readonly due: string | null; readonly isDone: boolean }

export type Doubt = 'not-trusted' | 'differs';

export interface RunState {
  readonly title: string;
  readonly startedAt: string;
  readonly startedBy: string;
  readonly deployment: BodyOf<'started'>['deployment'];
  readonly isDrill: boolean;
  readonly severity: string | null;
  readonly ended: { readonly at: string; readonly outcome: 'completed' | 'stopped'; readonly note: string } | null;
  readonly steps: readonly StepStanding[];
  /** The same in the same order, with what a tick would need. */
  readonly standings: readonly FullStanding[];
  /** The first step that is open and not held back. */
  readonly next: string | null;
  readonly roles: readonly { readonly role: string; readonly names: readonly string[] }[];
  readonly milestones: Readonly<Partial<Record<BodyOf<'milestone'>['what'], string>>>;
  /** Where the severity or a milestone is what a stranger says alone, or one of several that people say. */
  readonly doubts: Readonly<Partial<Record<'severity' | BodyOf<'milestone'>['what'], Doubt>>>;
  readonly decisions: readonly { readonly event: string; readonly at: string; readonly step: string | null; readonly option: string; readonly reason: string; readonly by: string; readonly isTrusted: boolean }[];
  readonly signatures: readonly Signature[];
  readonly reviews: readonly Review[];
  readonly actions: readonly OpenAction[];
  readonly evidence: readonly (EvidenceRef & { readonly step: string | null; readonly note: string; readonly source: BodyOf<'evidence'>['source']; readonly at: string; readonly by: string })[];
  readonly timeline: readonly TimelineItem[];
  readonly authors: readonly { readonly key: string; readonly name: string; readonly isTrusted: boolean; readonly events: number }[];
  readonly heads: readonly string[];
  readonly missing: readonly string[];
  /** Events that cannot be read yet because their parents are missing. */
  readonly waiting: number;
  /** Events that change nothing, by digest: after the end, or of a person who was judged not to be trusted. */
  readonly voided: ReadonlyMap<string, 'after-end' | 'distrusted'>;
}

/** What may still come when a run has ended: a review, and what an author is called. */
const AFTER_END: ReadonlySet<RunEventBody['kind']> = new Set(['review', 'person']);

/** A stranger ends nobody's run but their own. */
const mayEnd = (author: string, events: readonly RunEvent[], readers: Readers): boolean => readers.isTrusted(author) || author === events[0]?.author;

/** Whoever knew the end and went on did so in vain; who did not know it is heard. */
function voidedOf(events: readonly RunEvent[], readers: Readers): ReadonlyMap<string, 'after-end' | 'distrusted'> {
  const voided = new Map<string, 'after-end' | 'distrusted'>();
  const knowEnd = new Set<string>();
  for (const event of events) {
    const isLate = event.parents.some((parent) => knowEnd.has(parent));
    // The start is what the run is; without it there is nothing to show.
    if (readers.isDistrusted?.(event.author) === true && !isKind(event, 'started')) voided.set(event.digest, 'distrusted');
    else if (isLate && !AFTER_END.has(event.body.kind)) voided.set(event.digest, 'after-end');
    if (isLate || (isKind(event, 'ended') && !voided.has(event.digest) && mayEnd(event.author, events, readers))) knowEnd.add(event.digest);
  }
  return voided;
}

/** Events after which a signature or a submission no longer covers what there is. */
const MATTERS: ReadonlySet<RunEventBody['kind']> = new Set(['step', 'check', 'decision', 'severity', 'evidence']);

interface Shared { readonly events: readonly RunEvent[]; readonly registers: Registers; /** Over the events of trusted authors alone. */ readonly trusted: Registers; readonly readers: Readers; readonly voided: ReadonlyMap<string, unknown> }

/** For each whether its author knew everything that matters and counts. */
const coveredBy = (sources: readonly RunEvent[], { events, registers, voided }: Shared): readonly boolean[] => registers.knowAll(sources, events.filter(({ body, digest }) => MATTERS.has(body.kind) && !voided.has(digest)));

const standing = (registers: Registers, { author, body }: EventOf<'sign'>): EventOf<'sign'>[] => registers.newest(`sign ${author} ${JSON.stringify([body.step, body.role])}`, 'sign');

function signaturesOf(shared: Shared): readonly { readonly sign: EventOf<'sign'>; readonly stands: boolean; readonly signature: Signature }[] {
  const { events, registers, readers } = shared;
  const signs = events.filter((event): event is EventOf<'sign'> => isKind(event, 'sign'));
  const covered = coveredBy(signs, shared);
  return signs.map((sign, index) => {
    const { step, role, name, verdict, statement } = sign.body;
    const stands = standing(registers, sign).includes(sign);
    return { sign, stands, signature: { event: sign.digest, step, role, name, verdict, statement, at: sign.at, by: readers.nameOf(sign.author), isTrusted: readers.isTrusted(sign.author), isOutdated: !stands || covered[index] !== true } };
  });
}

function reviewsOf(shared: Shared): Review[] {
  const { events, registers, readers, voided } = shared;
  const bySubmission = new Map<string, EventOf<'review'>[]>();
  for (const event of events) {
    if (!isKind(event, 'review')) continue;
    const known = bySubmission.get(event.body.of);
    if (known === undefined) bySubmission.set(event.body.of, [event]);
    else known.push(event);
  }
  const submissions = events.filter((event): event is EventOf<'submitted'> => isKind(event, 'submitted'));
  const covered = coveredBy(submissions, shared);
  return submissions.map((submission, index) => {
    const whyNotOf = (event: EventOf<'review'>): string | null => {
      if (event.author === submission.author) return 'by the one who submitted it';
      if (readers.isSamePerson?.(event.author, submission.author) === true) return 'by another key of the one who submitted it';
      if (!readers.isTrusted(event.author)) return 'by somebody who is not trusted yet';
      if (voided.has(submission.digest)) return 'the submission itself does not count';
      return registers.newest(`review ${event.author} ${event.body.of}`, 'review').includes(event) ? null : 'replaced by a later one of the same person';
    };
    const reviews = (bySubmission.get(submission.digest) ?? []).map((event) => {
      const whyNot = whyNotOf(event);
      return { by: readers.nameOf(event.author), at: event.at, verdict: event.body.verdict, feedback: event.body.feedback, counts: whyNot === null, whyNot };
    });
    const verdicts = new Set(reviews.filter(({ counts }) => counts).map(({ verdict }) => verdict));
    const [only = 'open' as const] = verdicts;
    return { submission: submission.digest, submittedBy: readers.nameOf(submission.author), at: submission.at, state: verdicts.size > 1 ? 'conflict' as const : only, isOutdated: covered[index] !== true, reviews };
  });
}

const MANUAL: ReadonlySet<RunEventBody['kind']> = new Set(['entry', 'decision', 'action', 'milestone']);
const usOf = (at: string): number => parseInstantUs(at) ?? 0;

function milestonesOf(registers: Pick<Registers, 'newest'>): RunState['milestones'] {
  const milestones: Partial<Record<BodyOf<'milestone'>['what'], string>> = {};
  for (const what of ['acknowledged', 'mitigated', 'resolved'] as const) {
    // Two people may note it: the earlier time is when it happened.
    const [first] = registers.newest(`milestone ${what}`, 'milestone').map(({ body }) => body.occurredAt).sort((a, b) => usOf(a) - usOf(b));
    if (first !== undefined) milestones[what] = first;
  }
  return milestones;
}

/** What is shown is one of them; whoever reads it has to know. */
function doubtsOf(registers: Pick<Registers, 'newest'>, severities: readonly { readonly author: string; readonly value: string | null }[], readers: Readers): RunState['doubts'] {
  const doubts: Partial<Record<'severity' | BodyOf<'milestone'>['what'], Doubt>> = {};
  const look = (what: keyof typeof doubts, said: readonly { readonly author: string; readonly value: string | null }[]): void => {
    if (said.length > 0 && !said.some(({ author }) => readers.isTrusted(author))) doubts[what] = 'not-trusted';
    else if (new Set(said.map(({ value }) => value)).size > 1) doubts[what] = 'differs';
  };
  for (const what of ['acknowledged', 'mitigated', 'resolved'] as const) look(what, registers.newest(`milestone ${what}`, 'milestone').map(({ author, body }) => ({ author, value: body.occurredAt })));
  look('severity', severities);
  return doubts;
}

function timelineOf({ events, readers }: Shared): TimelineItem[] {
  return events.map((event) => ({
    event: event.digest, at: (isKind(event, 'entry') || isKind(event, 'milestone') ? event.body.occurredAt : null) ?? event.at, recordedAt: event.at,
    by: readers.nameOf(event.author), isTrusted: readers.isTrusted(event.author), isManual: MANUAL.has(event.body.kind), body: event.body,
  })).sort((a, b) => usOf(a.at) - usOf(b.at));
}

function actionsOf({ registers, trusted }: Shared, ids: readonly string[]): OpenAction[] {
  return ids.flatMap((id) => {
    const found = besideTrusted(registers, trusted).newest(`action ${id}`, 'action');
    const last = preferTrusted(registers, trusted).newest(`action ${id}`, 'action').at(-1)?.body;
    // Where two people say differently it is still open.
    return last === undefined ? [] : [{ id, text: last.text, owner: last.owner, due: last.due, isDone: found.every(({ body }) => body.isDone) }];
  });
}

function authorsOf({ events, readers }: Shared): RunState['authors'] {
  const counts = new Map<string, number>();
  for (const { author } of events) counts.set(author, (counts.get(author) ?? 0) + 1);
  return [...counts].map(([key, n]) => ({ key, name: readers.nameOf(key), isTrusted: readers.isTrusted(key), events: n })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * The state of a run. It never throws; a history without a start gives null.
 * @param given verified events of one run, in any order
 */
export function runState(given: readonly RunEvent[], pack: RunbookPack, readers: Readers): RunState | null {
  const { events, heads, missing, waiting } = historyOf(given);
  const start = events[0];
  if (start === undefined || !isKind(start, 'started')) return null;
  const voided = voidedOf(events, readers);
  const registers = registersIn(events, ({ digest }) => !voided.has(digest));
  const counting = events.filter(({ digest }) => !voided.has(digest));
  const trusted = counting.every(({ author }) => readers.isTrusted(author)) ? registers : registersIn(events, ({ digest, author }) => !voided.has(digest) && readers.isTrusted(author));
  const preferred = preferTrusted(registers, trusted);
  const shared: Shared = { events, registers, trusted, readers, voided };
  const evidenceEvents = counting.filter((event): event is EventOf<'evidence'> => isKind(event, 'evidence'));
  const evidence = new Map<string, EvidenceRef>();
  // The first to name the bytes names them: a later name cannot take its place.
  for (const { body } of evidenceEvents) if (!evidence.has(body.digest)) evidence.set(body.digest, { digest: body.digest, name: body.name, bytes: body.bytes, type: body.type });
  const signatures = signaturesOf(shared);
  const standings = standingsOf(pack, { registers, trusted, readers, evidence, signs: signatures.filter(({ stands, signature }) => stands && signature.isTrusted).map(({ sign }) => sign).sort(byTime) });
  const steps = standings.map((each) => each.standing);
  const ended = registers.newest('ended', 'ended').filter(({ author }) => mayEnd(author, events, readers)).at(-1);
  // Whoever is trusted and started it said how severe it is.
  const severities = (start.body.severity !== null && readers.isTrusted(start.author) ? trusted : preferred).newest('severity', 'severity');
  const roles = [...new Set([...pack.roles.map(({ id }) => id), ...counting.flatMap((event) => (isKind(event, 'role') ? [event.body.role] : []))])];
  const actions = [...new Set(counting.flatMap((event) => (isKind(event, 'action') ? [event.body.id] : [])))];
  return {
    title: start.body.title, startedAt: start.at, startedBy: readers.nameOf(start.author), deployment: start.body.deployment, isDrill: start.body.drill,
    severity: severities.at(-1)?.body.severity ?? start.body.severity,
    ended: ended === undefined ? null : { at: ended.at, outcome: ended.body.outcome, note: ended.body.note },
    steps, standings, next: ended === undefined ? steps.find((step) => step.state !== 'waiting' && !isSettled(step))?.step ?? null : null,
    roles: roles.map((role) => ({ role, names: [...new Set(preferred.newest(`role ${role}`, 'role').flatMap(({ author, body }) => (body.name === null ? [] : [readers.isTrusted(author) ? body.name : `${body.name} (not trusted yet)`])))] })),
    milestones: milestonesOf(preferred), doubts: doubtsOf(preferred, severities.length > 0 ? severities.map(({ author, body }) => ({ author, value: body.severity })) : start.body.severity === null ? [] : [{ author: start.author, value: start.body.severity }], readers),
    decisions: counting.flatMap((event) => (isKind(event, 'decision') ? [{ event: event.digest, at: event.at, step: event.body.step, option: event.body.option, reason: event.body.reason, by: readers.nameOf(event.author), isTrusted: readers.isTrusted(event.author) }] : [])),
    signatures: signatures.map(({ signature }) => signature), reviews: reviewsOf(shared), actions: actionsOf(shared, actions),
    evidence: evidenceEvents.map(({ body, at, author }) => ({ digest: body.digest, name: body.name, bytes: body.bytes, type: body.type, step: body.step, note: body.note, source: body.source, at, by: readers.nameOf(author) })),
    timeline: timelineOf(shared), authors: authorsOf(shared), heads, missing, waiting: waiting.length, voided,
  };
}
