// A rotation as it is shown: what was answered beside what it should be, what is lacking, and what to look out for. It reads no token.
import type { RotationView } from '#shared/contract/rotation.ts';
import { acceptedKey, ANONYMOUS, heldToken, probeLabels } from '#shared/domain/rotation.ts';
import type { RecordVerdict, RotationEntry, RotationState } from '#shared/domain/rotation.ts';
import { expectedOf, FAULT_WORDS, judgeProbe } from '#shared/domain/rotation-judge.ts';
import { earliestCutover, isFresh, oldestAnswerUs, whyNotAdvance } from '#shared/domain/rotation-steps.ts';
import { nextEnvironment, PHASE_WORDS } from '#shared/domain/rotation-words.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { requestLineTo } from './ask-nodes.ts';
import { FIRST_PREVIOUS } from './record.ts';

export interface Seen {
  readonly rotationId: string;
  readonly state: RotationState;
  readonly last: RotationEntry | null;
  readonly verdict: RecordVerdict;
  readonly nowUs: number;
  /** Of the token with which the deployment itself is asked. */
  readonly ownToken: string | null;
}

const SECOND_US = 1_000_000;

function warnings({ state, ownToken, nowUs }: Seen): string[] {
  if (state.outcome !== 'open') return [];
  const found: string[] = [];
  const old = state.tokens.filter(({ slot }) => slot !== 'new');
  const cutover = earliestCutover(state);
  if (cutover.basis === 'never') found.push(cutover.message);
  const proofAtUs = Math.max(nowUs, state.phase === 'cutover' ? 0 : cutover.atUs ?? 0);
  const lasting = old.filter(({ facts }) => facts.faults.length === 0 && (facts.expiresAt === null || facts.expiresAt * SECOND_US > proofAtUs));
  if (old.length > 0 && lasting.length === 0) found.push('At the cutover the old key must be seen to be refused, but every old token will have expired by then, and an expired token proves nothing. While the old key is still in force, give one more token of it that lives longer, as old-test (for the proof), and ask the nodes once.');
  if (state.phase === 'cutover' && lasting.length > 0 && !lasting.some(({ facts }) => state.nodes.every((node) => state.accepted.has(acceptedKey(facts.fingerprint, node))))) found.push('No lasting old token was accepted by every node in this rotation: its refusal would prove nothing. Ask the nodes before the old key goes.');
  const fresh = heldToken(state, 'new');
  const freshEnd = fresh?.facts.expiresAt ?? null;
  if (freshEnd !== null && freshEnd * SECOND_US <= nowUs) found.push('The new token has expired: give another.');
  if (old.some(({ facts }) => facts.fingerprint === ownToken)) found.push('The token with which Holdfast asks this deployment is one of the old ones: replace it before the old key goes.');
  for (const { label, facts } of state.tokens) if (facts.faults.length > 0) found.push(`${label} proves nothing: ${facts.faults.map((fault) => FAULT_WORDS[fault]).join(', ')}, so it would be refused under any key.`);
  if (state.nodes.length === 1) found.push('One address is asked. Where several nodes answer behind it, start with the address of each node: an answer tells of one node only.');
  return found;
}

export function rotationViewOf(seen: Seen): RotationView {
  const { rotationId, state, last, verdict, nowUs } = seen;
  const { phase, probe } = state;
  const judged = probe === null ? null : judgeProbe(state, probe);
  const cutover = earliestCutover(state);
  const labels = state.outcome === 'open' ? probeLabels(state) ?? [] : [];
  return {
    rotationId, deploymentId: state.deploymentId, outcome: state.outcome, phase, startedAt: state.startedAt, endedAt: state.endedAt, nodes: [...state.nodes], ttlSeconds: state.ttlSeconds,
    tokens: state.tokens.map(({ label, slot, facts }) => ({ label, slot, facts: { ...facts, faults: [...facts.faults] } })),
    todo: state.outcome === 'open' ? [...PHASE_WORDS[phase].todo] : [], environment: [...nextEnvironment(phase)],
    plan: state.nodes.flatMap((node) => labels.map((token) => ({ node, token, request: requestLineTo(node), expected: expectedOf(phase, token) }))),
    probe: probe === null || judged === null ? null : {
      seq: probe.seq, at: formatInstantUs(oldestAnswerUs(probe)), isFresh: isFresh(probe, nowUs), isProof: judged.isProof && probe.seq > state.tokensSeq, void: judged.void,
      rows: judged.rows.map(({ row, expected, verdict: found, why }) => ({ ...row, expected, verdict: found, why })),
    },
    lacking: state.outcome === 'open' ? [...whyNotAdvance(state, nowUs).why] : [],
    cutover: { earliest: cutover.atUs === null ? null : formatInstantUs(cutover.atUs), basis: cutover.basis, message: cutover.message },
    warnings: warnings(seen),
    record: { entries: state.entries, headDigest: last?.digest ?? FIRST_PREVIOUS, ...verdict },
  };
}

/** The labels whose tokens lie in the secret store. */
export function storedLabels(state: RotationState): readonly string[] {
  return (probeLabels(state) ?? []).filter((label) => label !== ANONYMOUS);
}

