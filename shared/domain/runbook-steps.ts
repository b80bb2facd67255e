// How each step of a run stands. It chooses nothing for people who disagree, and calls nothing done that is not proven.
import type { RunbookPack, RunbookStep } from './runbook-pack.ts';
import { isSplit, msAfter, staleMinutesOf, whyUnproven } from './runbook-proof.ts';
import type { KnownOfStep } from './runbook-proof.ts';
import { besideTrusted, isKind, preferTrusted } from './runbook-registers.ts';
import type { Asked, EventOf, Registers } from './runbook-registers.ts';
import type { EvidenceRef, RunEvent, StepStanding } from './runbook-run.ts';
import { formatInstantMs } from './time.ts';

export interface Readers {
  /** Whose events count as sign-off and review, and whose checks prove. Keys as they are written in events. */
  isTrusted(author: string): boolean;
  /** Whose events were judged to be worth nothing: they are kept and shown, and change nothing. Absent: nobody's. */
  isDistrusted?(author: string): boolean;
  /** Whether two keys are one person's: of this profile both, or trusted under one name. Absent: only a key itself. */
  isSamePerson?(a: string, b: string): boolean;
  /** What an author is called; falls back to the key's fingerprint. */
  nameOf(author: string): string;
  /** Digest of the text of a step of the pinned pack. */
  textOf(stepId: string): string | null;
  readonly nowMs: number;
}

/** A step's standing, and what the one who wants to tick it must know. */
export interface FullStanding {
  readonly standing: StepStanding;
  /** A step before it in its section blocks and is not settled. */
  readonly isHeldBack: boolean;
  /** What is lacking for a tick at this moment; null: proven. */
  readonly unproven: string | null;
}

export interface StepsGiven {
  readonly registers: Registers;
  /** The same over the events of trusted authors alone. */
  readonly trusted: Registers;
  readonly readers: Readers;
  /** Signatures that stand: trusted, and not replaced by a later one of the same person. */
  readonly signs: readonly EventOf<'sign'>[];
  readonly evidence: ReadonlyMap<string, EvidenceRef>;
}

/** States that settle a step, when somebody who is trusted brought them about. */
export const SETTLED: ReadonlySet<StepStanding['state']> = new Set(['done', 'overridden', 'skipped', 'not-applicable']);
/** Whether a step no longer holds back those after it: a stranger opens no gate. */
export const isSettled = ({ state, isTrusted }: Pick<StepStanding, 'state' | 'isTrusted'>): boolean => SETTLED.has(state) && isTrusted;

interface Proof { readonly isProven: boolean; /** By somebody who is trusted, and by nothing that comes from anybody else. */ readonly isTrusted: boolean }

const partsOf = (step: RunbookStep): readonly string[] => [`check ${step.id}`, `check-seen ${step.id}`, `decision ${step.id}`, `timer ${step.id}`, `timer-start ${step.id}`, `evidence-of ${step.id}`];

function knownFrom([checks = [], seen = [], decisions = [], timers = [], starts = [], ...evidence]: readonly (readonly RunEvent[])[]): KnownOfStep {
  const only = <K extends 'check' | 'decision' | 'timer'>(events: readonly RunEvent[], kind: K): EventOf<K>[] => events.filter((event): event is EventOf<K> => isKind(event, kind));
  return { checks: only(checks, 'check'), seen: only(seen, 'check'), decisions: only(decisions, 'decision'), timers: only(timers, 'timer'), starts: only(starts, 'timer'), hasEvidence: evidence.some((events) => events.length > 0) };
}

/** Every "done" beside what its author knew, all in one go: one after the other would walk the whole history for each. What a stranger says proves nothing for anybody else, and no live check at all. */
function proofsOf(claims: readonly { readonly step: RunbookStep; readonly claim: EventOf<'step'> }[], { registers, trusted, readers }: StepsGiven): ReadonlyMap<string, Proof> {
  const proofs = new Map<string, Proof>();
  for (const isTrusted of [true, false]) {
    const part = claims.filter(({ claim }) => readers.isTrusted(claim.author) === isTrusted);
    const asked = part.map(({ step, claim }): readonly Asked[] => [...partsOf(step), ...(step.evidence === undefined ? [] : claim.body.evidence.map((digest) => `evidence ${digest}`))].map((register) => ({ event: claim, register })));
    const answers = (isTrusted ? trusted : registers).newestKnown(asked.flat());
    let from = 0;
    part.forEach(({ step, claim }, index) => {
      const known = knownFrom(answers.slice(from, from += asked[index]?.length ?? 0));
      const isProven = whyUnproven(step, isTrusted ? known : { ...known, checks: known.checks.filter(({ author }) => readers.isTrusted(author)), seen: known.seen.filter(({ author }) => readers.isTrusted(author)) }, Date.parse(claim.at)) === null;
      proofs.set(claim.digest, { isProven, isTrusted: isProven && isTrusted });
    });
  }
  return proofs;
}

/** Signatures of a step, without those that somebody trusted knew who reopened it. */
function stillSigned(step: RunbookStep, claims: readonly EventOf<'step'>[], { registers, readers, signs }: StepsGiven): readonly EventOf<'sign'>[] {
  const own = signs.filter(({ body }) => body.step === step.id && body.role === step.signs);
  const reopened = claims.filter(({ author, body }) => body.outcome === 'reopened' && readers.isTrusted(author));
  if (own.length === 0 || reopened.length === 0) return own;
  return own.filter((sign) => !registers.knowAll(reopened, [sign]).includes(true));
}

function timerOf(step: RunbookStep, { timers, starts }: KnownOfStep, nowMs: number): StepStanding['timer'] {
  const started = starts.at(-1);
  const last = timers.at(-1);
  if (started === undefined || last === undefined || step.minutes === undefined) return null;
  const due = msAfter(started.at, step.minutes);
  const running = nowMs >= due ? 'due' as const : 'running' as const;
  const state = (): 'running' | 'due' | 'acknowledged' | 'stopped' => {
    if (last.body.action === 'stopped') return 'stopped';
    // An alarm can be acknowledged only once it rings.
    return last.body.action === 'acknowledged' && Date.parse(last.at) >= due ? 'acknowledged' : running;
  };
  return { startedAt: started.at, dueAt: formatInstantMs(due), state: state() };
}

function checkOf(step: RunbookStep, { checks }: KnownOfStep, readers: Readers): StepStanding['check'] {
  // Of several that do not know each other the one that did not pass is shown: it is what stands in the way.
  const shown = checks.findLast(({ body }) => body.result !== 'pass') ?? checks.at(-1);
  if (shown === undefined) return null;
  const { result, seen, because, source, observedAt, attestedBy } = shown.body;
  const isStale = readers.nowMs > msAfter(observedAt, staleMinutesOf(step));
  if (readers.isTrusted(shown.author)) return { result, seen, because, source, observedAt, attestedBy, isStale };
  // What a stranger saw is not what this profile knows.
  return { result: 'unknown', seen, because: `${readers.nameOf(shown.author)} says ${result}, and is not trusted yet. ${because}`.slice(0, 500), source, observedAt, attestedBy, isStale };
}

function stateOf(step: RunbookStep, { claims, known, signed, proofs, isHeldBack }: { readonly claims: readonly EventOf<'step'>[]; readonly known: KnownOfStep; readonly signed: readonly EventOf<'sign'>[]; readonly proofs: ReadonlyMap<string, Proof>; readonly isHeldBack: boolean }): StepStanding['state'] {
  if (new Set(claims.map(({ body }) => body.outcome)).size > 1) return 'conflict';
  if (step.kind === 'sign-off') {
    const verdicts = new Set(signed.map(({ body }) => body.verdict === 'refused'));
    if (verdicts.size > 1) return 'conflict';
    if (verdicts.has(false)) return 'done';
    if (verdicts.has(true)) return 'failed';
  }
  if (step.kind === 'decision' && isSplit(known.decisions)) return 'conflict';
  const [first] = claims;
  if (first === undefined || first.body.outcome === 'reopened') return isHeldBack ? 'waiting' : 'open';
  if (first.body.outcome !== 'done') return first.body.outcome;
  // It passed then; what was seen to fail since is not done any more.
  const hasFailedSince = step.kind === 'live-check' && known.checks.some(({ body }) => body.result === 'fail');
  if (!hasFailedSince && claims.some(({ digest }) => proofs.get(digest)?.isProven === true)) return 'done';
  return step.can_override && claims.some(({ body }) => body.override !== null) ? 'overridden' : 'claimed';
}

/** What stands of a step. Where a stranger has the last word it stands alone and settles nothing; where it stands beside that of somebody trusted it takes no other trusted one away, so that no disagreement is ended by it. */
function claimsOn(step: RunbookStep, { registers, trusted, readers }: StepsGiven): readonly EventOf<'step'>[] {
  const newest = registers.newest(`step ${step.id}`, 'step');
  return step.kind === 'sign-off' || newest.some(({ author }) => readers.isTrusted(author)) ? besideTrusted(registers, trusted).newest(`step ${step.id}`, 'step') : newest;
}

/** Whether somebody who is trusted brought a state about. */
function isTrustedState(state: StepStanding['state'], { claims, proofs, readers }: { readonly claims: readonly EventOf<'step'>[]; readonly proofs: ReadonlyMap<string, Proof>; readonly readers: Readers }): boolean {
  switch (state) {
    case 'conflict': return claims.every(({ author }) => readers.isTrusted(author));
    case 'done': return claims.some(({ digest }) => proofs.get(digest)?.isTrusted === true);
    case 'overridden': return claims.some(({ author, body }) => body.override !== null && readers.isTrusted(author));
    default: return claims.some(({ author }) => readers.isTrusted(author));
  }
}

export function standingsOf(pack: RunbookPack, given: StepsGiven): readonly FullStanding[] {
  const { registers, trusted, readers, evidence } = given;
  // A stranger decides beside trusted people, and never in their place.
  const beside = besideTrusted(registers, trusted);
  const preferred = preferTrusted(registers, trusted);
  const all = pack.sections.flatMap(({ steps }) => steps).map((step) => ({ step, claims: claimsOn(step, given).filter(({ body }) => body.text === readers.textOf(step.id)) }));
  const proofs = proofsOf(all.flatMap(({ step, claims }) => claims.filter(({ body }) => body.outcome === 'done').map((claim) => ({ step, claim }))), given);
  const claimsOf = new Map(all.map(({ step, claims }) => [step.id, claims]));

  function standingOf(step: RunbookStep, isHeldBack: boolean): FullStanding {
    const claims = claimsOf.get(step.id) ?? [];
    const last = claims.at(-1);
    const known: KnownOfStep = {
      checks: trusted.newest(`check ${step.id}`, 'check'), seen: trusted.newest(`check-seen ${step.id}`, 'check'), decisions: beside.newest(`decision ${step.id}`, 'decision'), timers: trusted.newest(`timer ${step.id}`, 'timer'), starts: trusted.newest(`timer-start ${step.id}`, 'timer'),
      hasEvidence: trusted.newest(`evidence-of ${step.id}`, 'evidence').length > 0,
    };
    const shownOf: KnownOfStep = { ...known, checks: preferred.newest(`check ${step.id}`, 'check'), timers: preferred.newest(`timer ${step.id}`, 'timer'), starts: preferred.newest(`timer-start ${step.id}`, 'timer') };
    const signed = step.kind === 'sign-off' ? stillSigned(step, claims, given) : [];
    const state = stateOf(step, { claims, known, signed, proofs, isHeldBack });
    const signature = step.kind === 'sign-off' && (state === 'done' || (state === 'failed' && last?.body.outcome !== 'failed')) ? signed.at(-1) : undefined;
    const isTrusted = signature !== undefined || isTrustedState(state, { claims, proofs, readers });
    const refs = new Set([...claims.flatMap(({ body }) => body.evidence), ...registers.newest(`evidence-of ${step.id}`, 'evidence').map(({ body }) => body.digest)]);
    const shown = signature ?? last;
    const unproven = whyUnproven(step, known, readers.nowMs);
    return {
      isHeldBack, unproven,
      standing: {
        step: step.id, state, by: shown === undefined ? null : readers.nameOf(shown.author), at: shown?.at ?? null, note: signature?.body.statement ?? last?.body.note ?? '', isTrusted,
        override: claims.findLast(({ body }) => body.override !== null)?.body.override ?? null, evidence: [...refs].flatMap((digest) => evidence.get(digest) ?? []),
        check: checkOf(step, shownOf, readers), timer: timerOf(step, shownOf, readers.nowMs),
        claims: claims.map((claim) => ({ event: claim.digest, outcome: claim.body.outcome, by: readers.nameOf(claim.author), at: claim.at, note: claim.body.note, isTrusted: readers.isTrusted(claim.author) })),
        carriedFrom: last?.body.carried?.run ?? null, unproven,
      },
    };
  }

  return pack.sections.flatMap((section) => {
    let isHeldBack = false;
    return section.steps.map((step) => {
      const found = standingOf(step, isHeldBack);
      if (step.gate === 'blocks' && !isSettled(found.standing)) isHeldBack = true;
      return found;
    });
  });
}
