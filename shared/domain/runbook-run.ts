// A run of a runbook: an append-only set of signed events. What a run is follows from the events alone; nothing is overwritten, and two histories join by union.
import { z } from '../zod.ts';
import { deploymentKind } from './deployment.ts';
import { isoInstant, parseInstantUs } from './time.ts';

export const EVENT_FORMAT = 'holdfast.run-event/1';
export const RUN_FORMAT = 'holdfast.run/1';
/** The first 128 bits of the digest of the event that started it, so that nobody can start another run under its name. */
export const runId = z.string().regex(/^run_[0-9a-f]{32}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** A real time of the last, this or the next century: arithmetic with it stays within what a time can be written as. */
const eventInstant = isoInstant.refine((text) => /^(?:19|2[01])/.test(text) && parseInstantUs(text) !== null, 'is not a time of an event');
const stepId = z.string().min(1).max(80);
const person = z.string().trim().min(1).max(120);
const note = z.string().max(4000);

export const STEP_OUTCOMES = ['done', 'failed', 'skipped', 'not-applicable', 'reopened'] as const;
export const stepOutcome = z.enum(STEP_OUTCOMES);
export type StepOutcome = z.infer<typeof stepOutcome>;
/** Heads beyond these are joined by events of their own. */
export const PARENTS_MAX = 64;
/** Events of one run. */
export const EVENTS_MAX = 100_000;
export const EVIDENCE_MAX_BYTES = 26_214_400;

export const evidenceRef = z.strictObject({ /** SHA-256 of the bytes: its address. */ digest, name: z.string().min(1).max(255), bytes: z.int().min(0).max(EVIDENCE_MAX_BYTES), /** By its content, not by its name. */ type: z.string().max(120) });
export type EvidenceRef = z.infer<typeof evidenceRef>;

/** What an event says. A step is done by one `step` event; a later one of the same step, which has it among its ancestors, takes its place. */
export const runEventBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('started'), pack: z.strictObject({ id: z.string().max(80), version: z.string().max(80), digest }), title: z.string().trim().min(1).max(200),
    deployment: z.strictObject({ name: z.string().max(400), url: z.string().max(8192), kind: deploymentKind }).nullable(), severity: z.string().max(80).nullable(), drill: z.boolean(),
    /** Makes two starts at one time two runs. */
    nonce: z.string().regex(/^[0-9a-f]{32}$/),
  }),
  /** What the author is called. */
  z.strictObject({ kind: z.literal('person'), name: person }),
  z.strictObject({
    kind: z.literal('step'), step: stepId, /** Digest of the step's text, so that a result is not carried over to another one. */ text: digest, outcome: stepOutcome, note,
    evidence: z.array(digest).max(50), /** Why an unproven step goes on; only where the step allows it. */ override: z.string().trim().min(3).max(500).nullable(),
    /** Carried over from this event of an earlier run. */
    carried: z.strictObject({ run: runId, event: digest }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('check'), step: stepId, result: z.enum(['pass', 'fail', 'unknown']), seen: z.string().max(500), because: z.string().max(500), source: z.string().max(300), observedAt: eventInstant,
    /** By hand, while offline: who looked. Null: the console itself. */
    attestedBy: person.nullable(),
  }),
  z.strictObject({ kind: z.literal('decision'), step: stepId.nullable(), option: z.string().trim().min(1).max(200), reason: z.string().trim().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('timer'), step: stepId, action: z.enum(['started', 'acknowledged', 'stopped']) }),
  z.strictObject({ kind: z.literal('evidence'), ...evidenceRef.shape, step: stepId.nullable(), note, source: z.enum(['file', 'clipboard', 'audit-query', 'security-snapshot', 'output']) }),
  /** A line of the timeline; `occurredAt` where it happened before it was written. */
  z.strictObject({ kind: z.literal('entry'), text: z.string().trim().min(1).max(2000), occurredAt: eventInstant.nullable() }),
  z.strictObject({ kind: z.literal('action'), id: z.string().regex(/^a_[0-9a-f]{8}$/), text: z.string().trim().min(1).max(500), owner: person, due: z.iso.date().nullable(), isDone: z.boolean() }),
  z.strictObject({ kind: z.literal('severity'), severity: z.string().max(80), reason: note }),
  z.strictObject({ kind: z.literal('role'), role: z.string().max(80), name: person.nullable() }),
  z.strictObject({ kind: z.literal('milestone'), what: z.enum(['acknowledged', 'mitigated', 'resolved']), occurredAt: eventInstant }),
  /** Over everything that the author knew: its parents. */
  z.strictObject({ kind: z.literal('sign'), step: stepId.nullable(), role: z.string().max(80), name: person, verdict: z.enum(['approved', 'conditional', 'refused']), statement: z.string().trim().max(1000) }),
  z.strictObject({ kind: z.literal('submitted'), note }),
  z.strictObject({ kind: z.literal('review'), /** The submission. */ of: digest, verdict: z.enum(['accepted', 'rejected']), feedback: note }),
  z.strictObject({ kind: z.literal('ended'), outcome: z.enum(['completed', 'stopped']), note }),
]);
export type RunEventBody = z.infer<typeof runEventBody>;

export const runEvent = z.strictObject({
  format: z.literal(EVENT_FORMAT),
  /** Null only in the event that starts the run: the id is made from that event. */
  run: runId.nullable(),
  /** Digests of the newest events that the author knew, ascending; empty only in the first. */
  parents: z.array(digest).max(PARENTS_MAX),
  at: eventInstant,
  /** Ed25519 public key, 32 bytes, base64. */
  author: z.string(),
  body: runEventBody,
  /** SHA-256 over everything above in canonical JSON, hex. */
  digest,
  /** Ed25519, 64 bytes, base64, over "holdfast.local/runbook/event\n<digest>\n". */
  signature: z.string(),
});
export type RunEvent = z.infer<typeof runEvent>;

export const runFile = z.strictObject({
  format: z.literal(RUN_FORMAT),
  run: runId,
  pack: z.string().max(1_048_576),
  events: z.array(z.unknown()).max(EVENTS_MAX),
  /** Bytes in base64, by digest; may be left out. */
  evidence: z.record(digest, z.string()),
  /** What the exporter held, signed. Null: nobody says what there should be. */
  head: z.strictObject({ at: isoInstant, count: z.int(), heads: z.array(digest), /** SHA-256 over the digests of all events, ascending, each with a line end. */ events: digest, author: z.string() }).nullable(),
  /** A signed note over the digest of `run`, `pack` (its digest), the evidence's digests and `head`. */
  seal: z.string().nullable(),
});
export type RunFile = z.infer<typeof runFile>;

/** What one import did, by event and signer. */
export const mergeReport = z.strictObject({
  run: runId, title: z.string(), isNew: z.boolean(),
  added: z.int(), known: z.int(),
  bySigner: z.array(z.strictObject({ fingerprint: z.string(), name: z.string().nullable(), trust: z.enum(['self', 'trusted', 'not-trusted-yet', 'distrusted']), added: z.int() })),
  /** Events that were refused, each with its place and the reason. */
  refused: z.array(z.strictObject({ index: z.int(), digest: z.string().nullable(), reason: z.string() })),
  /** Events that others, or the exporter's head, name and nobody has: they were dropped on the way. */
  missing: z.array(digest),
  /** Events that are kept and cannot be read before those that are missing come. */
  waiting: z.int(),
  head: z.enum(['fits', 'altered', 'unknown-signer', 'absent']),
  conflicts: z.array(z.strictObject({ step: z.string(), title: z.string() })),
  evidenceAdded: z.int(), evidenceRefused: z.array(z.string()),
});
export type MergeReport = z.infer<typeof mergeReport>;

/** How one step stands. claimed: said to be done, and nothing proves it. */
export const stepStanding = z.strictObject({
  step: stepId,
  state: z.enum(['open', 'waiting', 'done', 'claimed', 'overridden', 'failed', 'skipped', 'not-applicable', 'conflict']),
  by: z.string().nullable(), at: isoInstant.nullable(), note: z.string(), isTrusted: z.boolean(),
  override: z.string().nullable(), evidence: z.array(evidenceRef),
  check: z.strictObject({ result: z.enum(['pass', 'fail', 'unknown']), seen: z.string(), because: z.string(), source: z.string(), observedAt: isoInstant, attestedBy: z.string().nullable(), isStale: z.boolean() }).nullable(),
  timer: z.strictObject({ startedAt: isoInstant, dueAt: isoInstant, state: z.enum(['running', 'due', 'acknowledged', 'stopped']) }).nullable(),
  /** More than one when people disagree: nothing is chosen for them. */
  claims: z.array(z.strictObject({ event: digest, outcome: stepOutcome, by: z.string(), at: isoInstant, note: z.string(), isTrusted: z.boolean() })),
  carriedFrom: z.string().nullable(),
  /** What is lacking to call it done at this moment, as a sentence; null: it is proven. */
  unproven: z.string().nullable(),
});
export type StepStanding = z.infer<typeof stepStanding>;
