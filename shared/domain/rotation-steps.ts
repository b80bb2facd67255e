// The steps of a rotation: which one its answers allow, when the old key may go, and the replay that finds a step which was not allowed.
import { acceptedKey, ANONYMOUS, BROKEN, heldToken, isAccepted, MAX_OLD_TOKENS, NEXT, nextLabel, probeLabels } from './rotation.ts';
import type { HeldToken, ProbedEntry, RotationEntry, RotationState, TokenFacts, TokenSlot } from './rotation.ts';
import { judgeProbe } from './rotation-judge.ts';
import type { JudgedProbe } from './rotation-judge.ts';
import { formatInstantUs, parseInstantUs } from './time.ts';

/** A proof is as old as its oldest answer. */
export const PROOF_FRESH_US = 600_000_000;
const SECOND_US = 1_000_000;

const us = (at: string): number => parseInstantUs(at) ?? Number.NaN;

/** When the oldest answer of a probe came. */
export function oldestAnswerUs(probe: Pick<ProbedEntry, 'rows' | 'at'>): number {
  return Math.min(us(probe.at), ...probe.rows.map(({ at }) => us(at)));
}

export function isFresh(probe: Pick<ProbedEntry, 'rows' | 'at'>, nowUs: number): boolean {
  const age = nowUs - oldestAnswerUs(probe);
  // An answer from the future is one of a clock that was set back: it says nothing of its age.
  return age >= 0 && age <= PROOF_FRESH_US && probe.rows.every(({ at }) => us(at) <= nowUs);
}

export interface EarliestCutover {
  /** Microseconds; null while it cannot be told, or never comes. */
  readonly atUs: number | null;
  readonly basis: 'largest-exp' | 'ttl' | 'never' | 'unknown';
  readonly message: string;
}

/** Longest life that the tokens show: exp minus iat, in seconds. */
function derivedTtl(tokens: readonly HeldToken[]): number | null {
  const lives = tokens.flatMap(({ facts: { issuedAt, expiresAt } }) => (issuedAt !== null && expiresAt !== null && expiresAt > issuedAt ? [expiresAt - issuedAt] : []));
  return lives.length === 0 ? null : Math.max(...lives);
}

/** The first moment at which nobody is cut off: the last end of the known old tokens, or one life of a token after the roll-out was proven. */
export function earliestCutover(state: RotationState): EarliestCutover {
  const inUse = state.tokens.filter(({ slot }) => slot === 'old');
  const endless = inUse.find(({ facts }) => facts.expiresAt === null);
  if (endless !== undefined) return { atUs: null, basis: 'never', message: `${endless.label} ${endless.facts.faults.includes('bad-exp') ? 'has an exp claim that cannot be read' : 'has no exp claim: it never expires'}, so there is no moment at which the old key can be removed without cutting it off.` };
  const ttl = state.ttlSeconds ?? derivedTtl(state.tokens);
  const provenUs = state.deployProvenAt === null ? null : us(state.deployProvenAt);
  // Whole seconds, never the earlier one: people read it, and come back by it.
  const byTtlUs = ttl === null || provenUs === null ? null : Math.ceil(provenUs / SECOND_US + ttl) * SECOND_US;
  if (inUse.length > 0) {
    const atUs = Math.max(...inUse.map(({ facts }) => (facts.expiresAt ?? 0) * SECOND_US));
    const later = byTtlUs !== null && byTtlUs > atUs ? ` Tokens that were issued until the roll-out may live until ${formatInstantUs(byTtlUs)}.` : '';
    return { atUs, basis: 'largest-exp', message: `The last of the old tokens given here expires at ${formatInstantUs(atUs)}. It says nothing of others.${later}` };
  }
  if (ttl === null) return { atUs: null, basis: 'unknown', message: 'Neither the end of an old token nor the life of a token is known. Start again with an old token that is in use, or with the life of a token.' };
  if (byTtlUs === null) return { atUs: null, basis: 'unknown', message: `One life of a token (${ttl} s) after the roll-out is proven, which it is not yet.` };
  return { atUs: byTtlUs, basis: 'ttl', message: `One life of a token (${ttl} s, ${state.ttlSeconds === null ? 'as the tokens show' : 'as given'}) after the roll-out was proven: ${formatInstantUs(byTtlUs)}.` };
}

/** The earliest time it may be by our clock and by those of the nodes: a node whose clock is behind still accepts what we take for expired. */
function surelyUs(probe: ProbedEntry, nowUs: number): number {
  const byNodes = probe.rows.flatMap(({ at, serverAt }) => (serverAt === null ? [] : [us(serverAt) + SECOND_US + nowUs - us(at)]));
  return Math.min(nowUs, ...byNodes);
}

export interface StepVerdict { readonly why: readonly string[]; readonly judged: JudgedProbe | null }

/** Why the present phase cannot be marked done now; empty when its newest probe proves it. */
export function whyNotAdvance(state: RotationState, nowUs: number): StepVerdict {
  if (state.outcome !== 'open') return { why: [`The rotation is ${state.outcome}.`], judged: null };
  const { probe } = state;
  if (probeLabels(state) === null) return { why: ['The old or the new token is missing.'], judged: null };
  if (probe === null) return { why: ['The nodes were not asked in this phase yet.'], judged: null };
  const judged = judgeProbe(state, probe);
  const why: string[] = [];
  if (probe.seq < state.tokensSeq) why.push('The tokens were changed since the nodes were asked.');
  if (!isFresh(probe, nowUs)) why.push('The answers are older than ten minutes, or the clock was set back.');
  if (judged.void !== null) why.push(judged.void.message);
  const isGraceOver = state.phase === 'validate' && judged.isProofWithoutOld && state.validated !== null;
  if (!judged.isProof && !isGraceOver) why.push(...judged.lacking);
  if (state.phase === 'validate') {
    const { atUs, message } = earliestCutover(state);
    if (atUs === null || surelyUs(probe, nowUs) < atUs) why.push(atUs === null ? message : `It is too early. ${message}`);
  }
  return { why, judged };
}

/** Why a token of this slot cannot be taken now; null when it can. */
export function whyNotToken(state: RotationState, slot: TokenSlot, facts: TokenFacts): string | null {
  if (state.outcome !== 'open') return `The rotation is ${state.outcome}.`;
  if (state.tokens.some((token) => token.facts.fingerprint === facts.fingerprint)) return 'This very token is part of the rotation already.';
  if (slot !== 'new') return nextLabel(state, slot) === null ? `There are ${MAX_OLD_TOKENS} tokens of this kind already.` : null;
  // In prepare the new key was seen to be refused; another token would carry that over to a key that was not.
  if (state.phase === 'deploy' && heldToken(state, 'new') !== null) return 'The new token was seen to be refused before the roll-out. Another one was not, so it would prove nothing now: take another after this phase, or abandon the rotation and start anew.';
  return null;
}

/** Which tokens a probe saw accepted by nodes that refused what must be refused. */
function acceptedIn(state: RotationState, probe: ProbedEntry): string[] {
  const judged = judgeProbe(state, probe);
  if (judged.void !== null) return [];
  return judged.rows.flatMap(({ row, verdict }) => {
    const facts = row.token === ANONYMOUS || row.token === BROKEN ? undefined : heldToken(state, row.token)?.facts;
    if (facts === undefined || !isAccepted(row.answer) || verdict === 'no-evidence') return [];
    const refusesBroken = judged.rows.some(({ row: other }) => other.node === row.node && other.token === BROKEN && other.answer === 'refused');
    return refusesBroken ? [acceptedKey(facts.fingerprint, row.node)] : [];
  });
}

export interface Replay { readonly state: RotationState | null; /** The first entry that could not come there, and why. */ readonly problem: { readonly seq: number; readonly message: string } | null }

/** Goes through the entries again and allows each only what the ones before it allow. Digests and the seal are not looked at here. */
export function replayRotation(entries: readonly RotationEntry[]): Replay {
  let state: RotationState | null = null;
  for (const entry of entries) {
    const next: RotationState | string = after(state, entry);
    if (typeof next === 'string') return { state, problem: { seq: entry.seq, message: next } };
    state = next;
  }
  return { state, problem: null };
}

/** The state after an entry, or why it cannot come here. */
function after(state: RotationState | null, entry: RotationEntry): RotationState | string {
  if (state === null) {
    if (entry.kind !== 'started' || entry.seq !== 1) return 'A rotation begins with its start.';
    return {
      deploymentId: entry.deploymentId, nodes: entry.nodes, ttlSeconds: entry.ttlSeconds, startedAt: entry.at, endedAt: null, outcome: 'open', phase: 'prepare',
      tokens: [], tokensSeq: 0, probe: null, accepted: new Set(), deployProvenAt: null, validated: null, entries: 1,
    };
  }
  if (entry.seq !== state.entries + 1) return 'Its number does not follow.';
  if (state.outcome !== 'open') return 'The rotation had ended before.';
  const on = { ...state, entries: entry.seq };
  switch (entry.kind) {
    case 'started': return 'A rotation begins once.';
    case 'token': {
      const why = entry.label === nextLabel(state, entry.slot) ? whyNotToken(state, entry.slot, entry.token) : 'Its label is not the next one.';
      if (why !== null) return why;
      return { ...on, tokensSeq: entry.seq, tokens: [...state.tokens.filter(({ label }) => label !== entry.label), { label: entry.label, slot: entry.slot, facts: entry.token }] };
    }
    case 'probed': {
      if (entry.phase !== state.phase) return 'It tells of another phase.';
      const isValidated = entry.phase === 'validate' && judgeProbe(state, entry).isProof;
      return { ...on, probe: entry, accepted: new Set([...state.accepted, ...acceptedIn(state, entry)]), validated: isValidated ? entry : state.validated };
    }
    case 'advanced': {
      if (entry.from !== state.phase || entry.to !== NEXT[state.phase]) return 'It is not the next step.';
      if (entry.proof !== state.probe?.seq) return 'It names answers that are not the newest of its phase.';
      const [why] = whyNotAdvance(state, us(entry.at)).why;
      if (why !== undefined) return `The step was not proven. ${why}`;
      const deployProvenAt = state.phase === 'deploy' ? formatInstantUs(oldestAnswerUs(state.probe)) : state.deployProvenAt;
      return entry.to === 'finished' ? { ...on, deployProvenAt, outcome: 'finished', endedAt: entry.at } : { ...on, deployProvenAt, phase: entry.to, probe: null };
    }
    case 'abandoned': return { ...on, outcome: 'abandoned', endedAt: entry.at };
    default: return entry satisfies never;
  }
}
