// Calls about a rotation of the JWT signing key: tokens only come in, signing keys never do, and no step is taken on a word alone.
import { z } from '../zod.ts';
import { deploymentId } from '../domain/deployment.ts';
import { answerKind, MAX_NODES, probeRow, recordVerdict, rotationEntry, rotationId, rotationPhase, rotationRecord, tokenFacts, tokenLabel, tokenSlot } from '../domain/rotation.ts';
import { isoInstant } from '../domain/time.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

const byDeployment = z.strictObject({ deploymentId });
/** A token on its way in. Surrounding white space and a leading "Bearer " are dropped. */
const token = z.string().min(1).max(16_384);

const judgedRow = z.strictObject({
  ...probeRow.shape,
  answer: answerKind,
  expected: z.enum(['accept', 'refuse']),
  verdict: z.enum(['as-expected', 'contrary', 'no-evidence', 'unknown']),
  why: z.string(),
});

export const rotationView = z.strictObject({
  rotationId,
  deploymentId,
  outcome: z.enum(['open', 'finished', 'abandoned']),
  phase: rotationPhase,
  startedAt: isoInstant,
  endedAt: isoInstant.nullable(),
  nodes: z.array(z.string()),
  ttlSeconds: z.int().nullable(),
  tokens: z.array(z.strictObject({ label: tokenLabel, slot: tokenSlot, facts: tokenFacts })),
  /** What to do in this phase. */
  todo: z.array(z.string()),
  /** The lines of the environment for the roll-out of this phase, with placeholders. */
  environment: z.array(z.string()),
  /** What a probe will send, in this order, at most two a second at one address; empty while a token is missing. */
  plan: z.array(z.strictObject({ node: z.string(), token: tokenLabel, request: z.string(), expected: z.enum(['accept', 'refuse']) })),
  /** The newest probe of this phase. */
  probe: z.strictObject({
    seq: z.int(), at: isoInstant, isFresh: z.boolean(),
    /** True only when every answer that is needed came, is as it should be, and can have no other reason. */
    isProof: z.boolean(),
    void: z.strictObject({ kind: z.enum(['jwt-off', 'signature-unchecked', 'jwks', 'all-refused']), node: z.string().nullable(), message: z.string() }).nullable(),
    rows: z.array(judgedRow),
  }).nullable(),
  /** Why this phase cannot be marked done now; empty when it can. */
  lacking: z.array(z.string()),
  cutover: z.strictObject({ earliest: isoInstant.nullable(), basis: z.enum(['largest-exp', 'ttl', 'never', 'unknown']), message: z.string() }),
  warnings: z.array(z.string()),
  record: z.strictObject({ entries: z.int(), headDigest: z.string(), ...recordVerdict.shape }),
});
export type RotationView = z.infer<typeof rotationView>;

/** One rotation that was, newest first. */
export const rotationHead = z.strictObject({ rotationId, outcome: z.enum(['open', 'finished', 'abandoned']), startedAt: isoInstant, endedAt: isoInstant.nullable() });

const WRITE_ERRORS = ['deployment_not_found', 'rotation_not_found', 'rotation_broken', 'ledger_broken'] as const;
const PROBE_ERRORS = [...WRITE_ERRORS, 'rotation_unproven', 'probes_off', ...DEPLOYMENT_ERRORS] as const;

export const rotationCalls = {
  /** `nodes`: addresses of the nodes, each asked for itself, under the CA and pin of the deployment; left out, its own address. Nothing is sent. */
  'rotation.start': call({
    effect: 'write', input: byDeployment.extend({ nodes: z.array(z.string().trim().min(1).max(2048)).min(1).max(MAX_NODES).optional(), ttlSeconds: z.int().min(60).max(31_622_400).nullable().default(null) }),
    output: rotationView, errors: ['deployment_not_found', 'rotation_exists', 'rotation_broken', 'not_offered', 'invalid_url', 'insecure_url', 'invalid_ca', 'invalid_pin', 'ledger_broken'],
  }),
  /** Keeps a token in the secret store; a new one brings its negative control with it. */
  'rotation.setToken': call({ effect: 'write', input: byDeployment.extend({ slot: tokenSlot, token }), output: rotationView, errors: [...WRITE_ERRORS, 'invalid_token', 'rotation_unproven'] }),
  /** The open rotation, else the newest; null where there never was one. Asks nobody. */
  'rotation.show': call({
    effect: 'read', input: byDeployment.extend({ rotationId: rotationId.optional() }), errors: ['deployment_not_found', 'rotation_not_found', 'rotation_broken'],
    output: z.strictObject({ rotation: rotationView.nullable(), all: z.array(rotationHead) }),
  }),
  /** The signed record, some entries at a time: those after `after`. `seal` comes with every part. */
  'rotation.record': call({
    effect: 'read', input: byDeployment.extend({ rotationId, after: z.int().min(0).default(0) }), errors: ['deployment_not_found', 'rotation_not_found', 'rotation_broken'],
    output: z.strictObject({ format: rotationRecord.shape.format, rotationId, entries: z.array(rotationEntry), seal: rotationRecord.shape.seal, hasMore: z.boolean() }),
  }),
  /** Asks every node with every token and keeps the answers in the record. GET only. */
  'rotation.probe': call({ effect: 'write', input: byDeployment, output: rotationView, errors: [...PROBE_ERRORS] }),
  /** Marks `phase` done: on its newest answers where they are a proof and fresh, else it asks anew. Refused with what is lacking. */
  'rotation.advance': call({ effect: 'write', input: byDeployment.extend({ phase: rotationPhase }), output: rotationView, errors: [...PROBE_ERRORS] }),
  /** Ends the open rotation where it stands. Its tokens leave the secret store; the record is kept and signed. */
  'rotation.abandon': call({ effect: 'write', input: byDeployment.extend({ reason: z.string().trim().min(1).max(500) }), output: rotationView, errors: [...WRITE_ERRORS] }),
} as const;
