// A rotation of the JWT signing key as its record tells it: entries, and the state that follows from them. Nothing is a fact here that no entry says.
import { z } from '../zod.ts';
import { deploymentId } from './deployment.ts';
import { isoInstant } from './time.ts';

/** prepare: nothing is deployed yet. deploy: both keys are being rolled out. validate: both keys are in force. cutover: the old key is being removed. */
export const PHASES = ['prepare', 'deploy', 'validate', 'cutover'] as const;
export const rotationPhase = z.enum(PHASES);
export type RotationPhase = z.infer<typeof rotationPhase>;

/** old: as people use them; the cutover waits for their end. old-test: of the old key, made for the proof alone, used by nobody. new: of the new key. */
export const SLOTS = ['old', 'old-test', 'new'] as const;
export const tokenSlot = z.enum(SLOTS);
export type TokenSlot = z.infer<typeof tokenSlot>;

export const MAX_NODES = 16;
export const MAX_OLD_TOKENS = 4;
export const RECORD_FORMAT = 'holdfast-rotation-1';

/** Without a token, and with the new token under a broken signature: both must be refused always. */
export const ANONYMOUS = 'anonymous';
export const BROKEN = 'broken';
/** old-1, old-test-1, new, broken, anonymous. */
export const tokenLabel = z.string().regex(/^(?:(?:old|old-test)-[1-9]|new|broken|anonymous)$/);

export const rotationId = z.string().regex(/^r_[0-9a-f]{16}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const claim = z.string().max(256).nullable();
/** Seconds since the epoch, as tokens write it. */
const numericDate = z.int().min(0).max(253_402_300_799).nullable();

/** Why a deployment may refuse a token whatever key signed it. */
export const TOKEN_FAULTS = ['no-sub', 'no-org', 'bad-exp', 'bad-nbf', 'bad-iat', 'bad-jti', 'unsigned'] as const;

/** What a token says of itself; the token is not here. */
export const tokenFacts = z.strictObject({
  /** First 16 hex digits of its SHA-256. */
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  /** The same over algorithm, issuer and audience: two tokens with one frame pass or fail these three together. */
  frame: z.string().regex(/^[0-9a-f]{16}$/),
  algorithm: claim, issuer: claim, audience: claim, subject: claim, org: claim, role: claim,
  issuedAt: numericDate, notBefore: numericDate,
  /** Null without `exp`, or with one that cannot be read (then a fault says so). */
  expiresAt: numericDate,
  faults: z.array(z.enum(TOKEN_FAULTS)),
});
export type TokenFacts = z.infer<typeof tokenFacts>;

/**
 * accepted: served. accepted-role: the token was accepted, its role was not enough. refused: the verification failed, for a reason that is not told.
 * no-header: it saw no token. limited, failed (5xx), unreachable and other prove nothing.
 */
export const ANSWERS = ['accepted', 'accepted-role', 'refused', 'no-header', 'limited', 'failed', 'unreachable', 'other'] as const;
export const answerKind = z.enum(ANSWERS);
export type AnswerKind = z.infer<typeof answerKind>;

/** What one node answered to one token. */
export const probeRow = z.strictObject({
  node: z.string().max(2048),
  token: tokenLabel,
  at: isoInstant,
  request: z.string().max(4096),
  status: z.int().nullable(),
  answer: answerKind,
  /** The words of a refusal or of a failure. */
  said: z.string().max(300).nullable(),
  /** The clock of the node, whole seconds. */
  serverAt: isoInstant.nullable(),
});
export type ProbeRow = z.infer<typeof probeRow>;

const entryFields = { seq: z.int().min(1), at: isoInstant, /** The operating system user. */ actor: z.string().max(256), previous: digest, digest };

export const startedEntry = z.strictObject({
  ...entryFields, kind: z.literal('started'), deploymentId, deployment: z.string().max(64), nodes: z.array(z.string().min(1).max(2048)).min(1).max(MAX_NODES),
  /** How long tokens of this deployment live, as the admin says. */
  ttlSeconds: z.int().min(1).nullable(),
});
export const tokenEntry = z.strictObject({ ...entryFields, kind: z.literal('token'), slot: tokenSlot, label: tokenLabel, token: tokenFacts, /** Of the negative control that was made from a new token. */ control: z.string().regex(/^[0-9a-f]{16}$/).nullable() });
export const probedEntry = z.strictObject({ ...entryFields, kind: z.literal('probed'), phase: rotationPhase, rows: z.array(probeRow).max(MAX_NODES * (2 * MAX_OLD_TOKENS + 3)) });
export const advancedEntry = z.strictObject({ ...entryFields, kind: z.literal('advanced'), from: rotationPhase, to: z.enum([...PHASES, 'finished']), /** The entry whose answers prove the step. */ proof: z.int().min(1) });
export const abandonedEntry = z.strictObject({ ...entryFields, kind: z.literal('abandoned'), reason: z.string().max(500) });
export const rotationEntry = z.discriminatedUnion('kind', [startedEntry, tokenEntry, probedEntry, advancedEntry, abandonedEntry]);
export type RotationEntry = z.infer<typeof rotationEntry>;
export type ProbedEntry = z.infer<typeof probedEntry>;

/** The whole rotation, to be checked without this program's profile. */
export const rotationRecord = z.strictObject({
  format: z.literal(RECORD_FORMAT),
  rotationId,
  entries: z.array(rotationEntry),
  /** Null while the rotation is open. `publicKey`: 32 bytes, base64; `note`: the signed text. */
  seal: z.strictObject({ publicKey: z.string(), note: z.string() }).nullable(),
});
export type RotationRecord = z.infer<typeof rotationRecord>;

export const recordVerdict = z.strictObject({
  /** key-unknown: it fits and is signed, but by a key that was not compared with one that is known. */
  verdict: z.enum(['intact', 'open', 'key-unknown', 'broken']),
  firstBrokenSeq: z.int().nullable(),
  message: z.string(),
});
export type RecordVerdict = z.infer<typeof recordVerdict>;

/** What stands at the end of a step. */
export const NEXT: Readonly<Record<RotationPhase, RotationPhase | 'finished'>> = { prepare: 'deploy', deploy: 'validate', validate: 'cutover', cutover: 'finished' };

export interface HeldToken { readonly label: string; readonly slot: TokenSlot; readonly facts: TokenFacts }

export interface RotationState {
  readonly deploymentId: string;
  readonly nodes: readonly string[];
  readonly ttlSeconds: number | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: 'open' | 'finished' | 'abandoned';
  /** The phase it is in, or was in when it ended. */
  readonly phase: RotationPhase;
  /** In the order in which they came; a new token takes the place of the one before. */
  readonly tokens: readonly HeldToken[];
  /** The entry that last changed the tokens: answers from before prove nothing about them. */
  readonly tokensSeq: number;
  /** The newest probe of the present phase. */
  readonly probe: ProbedEntry | null;
  /** Which token was accepted by which node at some time, see `acceptedKey`. */
  readonly accepted: ReadonlySet<string>;
  /** Oldest answer of the proof with which the roll-out was closed. */
  readonly deployProvenAt: string | null;
  /** The newest probe of validate that was a proof with an old token. */
  readonly validated: ProbedEntry | null;
  readonly entries: number;
}

export const acceptedKey = (fingerprint: string, node: string): string => `${fingerprint}@${node}`;
export const isAccepted = (answer: AnswerKind): boolean => answer === 'accepted' || answer === 'accepted-role';

export function heldToken(state: Pick<RotationState, 'tokens'>, label: string): HeldToken | null {
  return state.tokens.find((token) => token.label === label) ?? null;
}

/** The label that the next token of this slot gets; null when there is no more room. */
export function nextLabel(state: Pick<RotationState, 'tokens'>, slot: TokenSlot): string | null {
  if (slot === 'new') return 'new';
  const count = state.tokens.filter((token) => token.slot === slot).length;
  return count < MAX_OLD_TOKENS ? `${slot}-${count + 1}` : null;
}

/** Every label that a probe asks a node with, in the order of asking; null while the old or the new token is missing. */
export function probeLabels({ tokens }: Pick<RotationState, 'tokens'>): readonly string[] | null {
  const old = tokens.filter(({ slot }) => slot !== 'new').map(({ label }) => label);
  const hasNew = tokens.some(({ slot }) => slot === 'new');
  return old.length === 0 || !hasNew ? null : [ANONYMOUS, ...old, 'new', BROKEN];
}
