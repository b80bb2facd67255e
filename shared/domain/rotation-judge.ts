// What answers prove: each row beside what it should be, and why an answer is no evidence. In doubt it is no evidence.
import { acceptedKey, ANONYMOUS, BROKEN, heldToken, isAccepted, probeLabels } from './rotation.ts';
import type { ProbedEntry, ProbeRow, RotationPhase, RotationState, TokenFacts } from './rotation.ts';
import { parseInstantUs } from './time.ts';

/** A token must live so long after the answer, by either clock: what expires during the look proves nothing. */
export const EXPIRY_MARGIN_SECONDS = 60;

/** as-expected and contrary are evidence; no-evidence: the answer came, but may have another reason; unknown: no answer that tells anything. */
export type RowVerdict = 'as-expected' | 'contrary' | 'no-evidence' | 'unknown';
export interface JudgedRow { readonly row: ProbeRow; readonly expected: 'accept' | 'refuse'; readonly verdict: RowVerdict; readonly why: string; /** It has expired, or is about to. */ readonly isExpired: boolean }
export type VoidKind = 'jwt-off' | 'signature-unchecked' | 'jwks' | 'all-refused';
/** The look proves nothing at all, about any node. `node` is null where the tokens themselves tell it. */
export interface ProofVoid { readonly kind: VoidKind; readonly node: string | null; readonly message: string }

export interface JudgedProbe {
  readonly rows: readonly JudgedRow[];
  readonly void: ProofVoid | null;
  /** What stands between these answers and a proof, node by node; empty when they are one. */
  readonly lacking: readonly string[];
  readonly isProof: boolean;
  /** All but the old tokens, which have all expired. */
  readonly isProofWithoutOld: boolean;
}

type Kind = 'anonymous' | 'broken' | 'new' | 'old';
const kindOf = (label: string): Kind => (label === ANONYMOUS ? 'anonymous' : label === BROKEN ? 'broken' : label === 'new' ? 'new' : 'old');

/** What a token should get in a phase. */
export function expectedOf(phase: RotationPhase, label: string): 'accept' | 'refuse' {
  const kind = kindOf(label);
  if (kind === 'old') return phase === 'cutover' ? 'refuse' : 'accept';
  return kind === 'new' && phase !== 'prepare' ? 'accept' : 'refuse';
}

/** What is wrong with a token, after "because". */
export const FAULT_WORDS: Readonly<Record<TokenFacts['faults'][number], string>> = {
  'no-sub': 'it has no sub claim', 'no-org': 'it has no org_id claim', 'bad-exp': 'its exp claim cannot be read', 'bad-nbf': 'its nbf claim cannot be read',
  'bad-iat': 'its iat claim cannot be read', 'bad-jti': 'its jti claim is no text', unsigned: 'it is not signed',
};

/** Why answers to this token mean nothing about keys, whatever they are. `atUs` the earliest and latest time it may be by either clock. */
function unusable(facts: TokenFacts, clocksUs: readonly number[]): { readonly why: string; readonly isExpired: boolean; /** Still valid, by either clock, but not for long enough. */ readonly isNear?: true } | null {
  const latest = Math.max(...clocksUs) / 1_000_000;
  const earliest = Math.min(...clocksUs) / 1_000_000;
  const [fault] = facts.faults;
  if (fault !== undefined) return { why: `${FAULT_WORDS[fault]}, so it would be refused under any key`, isExpired: false };
  if (facts.expiresAt !== null && facts.expiresAt <= latest) return { why: 'it has expired, and the deployment does not say why it refuses', isExpired: true };
  if (facts.expiresAt !== null && facts.expiresAt < latest + EXPIRY_MARGIN_SECONDS) return { why: 'it expires within a minute, too near to tell why it is refused', isExpired: true, isNear: true };
  if (facts.notBefore !== null && facts.notBefore > earliest) return { why: 'it is not valid yet', isExpired: false };
  return null;
}

function clocksOf(row: ProbeRow): readonly number[] {
  return [row.at, row.serverAt].flatMap((at) => (at === null ? [] : [parseInstantUs(at) ?? Number.POSITIVE_INFINITY]));
}

function factsOf(state: RotationState, label: string): TokenFacts | null {
  return heldToken(state, label === BROKEN ? 'new' : label)?.facts ?? null;
}

const UNKNOWN_WORDS: Readonly<Partial<Record<ProbeRow['answer'], string>>> = {
  limited: 'The node answers too many requests; that tells nothing about the token.', failed: 'The node failed; that tells nothing about the token.',
  unreachable: 'The node was not reached.', other: 'What answered is not what a NAVI answers; something may stand in front of it.',
  'no-header': 'The node saw no token: something in front of it may have taken the header away.',
};

function judgeRow(state: RotationState, { phase, rows: beside }: Pick<ProbedEntry, 'phase' | 'rows'>, row: ProbeRow): JudgedRow {
  const expected = expectedOf(phase, row.token);
  const judged = (verdict: RowVerdict, why: string, isExpired = false): JudgedRow => ({ row, expected, verdict, why, isExpired });
  if (row.token === ANONYMOUS) {
    if (isAccepted(row.answer)) return judged('contrary', 'It was let in without a token.');
    return row.answer === 'no-header' || row.answer === 'refused' ? judged('as-expected', 'Refused, as it must be.') : judged('unknown', UNKNOWN_WORDS[row.answer] ?? '');
  }
  const facts = factsOf(state, row.token);
  if (facts === null) return judged('unknown', 'This token is not part of the rotation.');
  const unknown = UNKNOWN_WORDS[row.answer];
  const isAsymmetric = facts.algorithm !== null && !facts.algorithm.startsWith('HS');
  if (unknown !== undefined) return judged('unknown', row.answer === 'failed' && isAsymmetric ? 'The node failed, as some builds do for every valid token of a key set.' : unknown);
  const off = unusable(facts, clocksOf(row));
  if (isAccepted(row.answer)) {
    if (row.token !== BROKEN && off?.isNear === true) return judged('no-evidence', 'Accepted, but it expires within a minute: too near to count.', off.isExpired);
    if (row.token !== BROKEN && off !== null) return judged('no-evidence', `Accepted, although ${off.why}: the clocks, or the rules of this node, are not what they should be.`, off.isExpired);
    if (expected === 'accept') return judged('as-expected', 'Accepted, as it must be.');
    return judged('contrary', row.token === BROKEN ? 'Accepted with a broken signature.' : phase === 'prepare' ? 'Accepted already: this key is in force before the roll-out, or the token was signed with the old key.' : 'Still accepted: the old key is in force here.');
  }
  if (off !== null) return judged('no-evidence', `Refused, but ${off.why}.`, off.isExpired);
  if (expected === 'accept') return judged('contrary', kindOf(row.token) === 'new' ? 'Refused: the new key is not in force here.' : 'Refused: the old key is not in force here.');
  const twin = beside.some((other) => other.node === row.node && other.token !== row.token && other.token !== ANONYMOUS && other.token !== BROKEN && isAccepted(other.answer) && factsOf(state, other.token)?.frame === facts.frame);
  if (!twin) return judged('no-evidence', 'Refused, but no token with the same algorithm, issuer and audience was accepted here, so these may be the reason.');
  if (kindOf(row.token) === 'old' && !state.accepted.has(acceptedKey(facts.fingerprint, row.node))) return judged('no-evidence', 'Refused, but this node never accepted it before, so it may not be of the old key.');
  return judged('as-expected', 'Refused, as it must be.');
}

/** Why nothing follows from the answers at all. */
function voidOf(state: RotationState, rows: readonly JudgedRow[]): ProofVoid | null {
  const open = rows.find(({ row }) => row.token === ANONYMOUS && isAccepted(row.answer));
  if (open !== undefined) return { kind: 'jwt-off', node: open.row.node, message: `The proof is void: ${open.row.node} lets everybody in without a token (JWT_ENABLED is off), so an accepted token proves nothing.` };
  const unchecked = rows.find(({ row }) => row.token === BROKEN && isAccepted(row.answer));
  if (unchecked !== undefined) return { kind: 'signature-unchecked', node: unchecked.row.node, message: `The proof is void: ${unchecked.row.node} accepts a token with a broken signature, so it does not check signatures (JWT_ENABLED may be off).` };
  const foreign = state.tokens.find(({ facts }) => facts.algorithm === null || !facts.algorithm.startsWith('HS'));
  if (foreign !== undefined) {
    return { kind: 'jwks', node: null, message: `The proof is void: ${foreign.label} is signed with ${foreign.facts.algorithm ?? 'an unknown algorithm'}, so the keys come from a key set (JWT_JWKS_URL), and JWT_SECRET is not what is rotated. Some builds answer 500 to every valid token of a key set.` };
  }
  for (const node of state.nodes) {
    const usable = rows.filter(({ row, verdict }) => row.node === node && (kindOf(row.token) === 'old' || kindOf(row.token) === 'new') && verdict !== 'unknown' && factsOf(state, row.token) !== null && unusable(factsOf(state, row.token) as TokenFacts, clocksOf(row)) === null);
    const hasBoth = usable.some(({ row }) => row.token === 'new') && usable.some(({ row }) => kindOf(row.token) === 'old');
    if (hasBoth && usable.every(({ row }) => row.answer === 'refused')) return { kind: 'all-refused', node, message: `The proof is void: ${node} refuses the old and the new token alike. It may take its keys from a key set (JWT_JWKS_URL), or neither token is of its keys.` };
  }
  return null;
}

function lackingOf(state: RotationState, rows: readonly JudgedRow[]): { readonly lacking: string[]; readonly onlyExpiredOld: boolean } {
  const lacking: string[] = [];
  let onlyExpiredOld = true;
  const miss = (text: string): void => {
    lacking.push(text);
    onlyExpiredOld = false;
  };
  const labels = probeLabels(state) ?? [];
  for (const node of state.nodes) {
    const here = rows.filter(({ row }) => row.node === node);
    for (const label of labels) if (here.filter(({ row }) => row.token === label).length !== 1) miss(`${node}: ${label} was not asked once.`);
    for (const { row, verdict, why } of here) if (kindOf(row.token) !== 'old' && verdict !== 'as-expected') miss(`${node}: ${row.token}: ${why}`);
    const old = here.filter(({ row }) => kindOf(row.token) === 'old');
    for (const { row, why } of old.filter(({ verdict }) => verdict === 'contrary' || verdict === 'unknown')) miss(`${node}: ${row.token}: ${why}`);
    if (old.some(({ verdict }) => verdict === 'as-expected') || old.some(({ verdict }) => verdict === 'contrary' || verdict === 'unknown')) continue;
    const text = `${node}: no old token gives evidence. ${old.map(({ row, why }) => `${row.token}: ${why}`).join(' ')}`;
    if (old.length > 0 && old.every(({ isExpired }) => isExpired)) lacking.push(text);
    else miss(text);
  }
  if (labels.length === 0) miss('The old or the new token is missing.');
  if (rows.some(({ row }) => !state.nodes.includes(row.node) || !labels.includes(row.token))) miss('It holds answers that were not asked for.');
  return { lacking, onlyExpiredOld };
}

/** Judges the answers of a probe by the tokens, and what they were answered before, of this state. */
export function judgeProbe(state: RotationState, probe: Pick<ProbedEntry, 'phase' | 'rows'>): JudgedProbe {
  const rows = probe.rows.map((row) => judgeRow(state, probe, row));
  const proofVoid = voidOf(state, rows);
  const { lacking, onlyExpiredOld } = lackingOf(state, rows);
  return { rows, void: proofVoid, lacking, isProof: proofVoid === null && lacking.length === 0, isProofWithoutOld: proofVoid === null && lacking.length > 0 && onlyExpiredOld };
}
