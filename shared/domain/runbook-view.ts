// A run as screens and commands show it: its state, with the words of the pinned pack beside each step.
import { z } from '../zod.ts';
import { runbookPack } from './runbook-pack.ts';
import { evidenceRef, runEventBody, runId, stepStanding } from './runbook-run.ts';
import { isoInstant } from './time.ts';

const verdict = z.enum(['approved', 'conditional', 'refused']);
const doubt = z.enum(['not-trusted', 'differs']).nullable();

export const runView = z.strictObject({
  runId,
  pack: runbookPack,
  packDigest: z.string(),
  /** Another text is known here under the id and the version of the pack. */
  isOtherText: z.boolean(),
  title: z.string(),
  startedAt: isoInstant, startedBy: z.string(),
  deployment: z.strictObject({ name: z.string(), url: z.string(), /** The one of this profile with that address; null when there is none. */ deploymentId: z.string().nullable() }).nullable(),
  isDrill: z.boolean(), severity: z.string().nullable(),
  ended: z.strictObject({ at: isoInstant, outcome: z.enum(['completed', 'stopped']), note: z.string() }).nullable(),
  steps: z.array(stepStanding),
  next: z.string().nullable(),
  roles: z.array(z.strictObject({ role: z.string(), title: z.string(), names: z.array(z.string()) })),
  milestones: z.strictObject({ acknowledged: isoInstant.nullable(), mitigated: isoInstant.nullable(), resolved: isoInstant.nullable() }),
  /** Where one of these is what nobody says who is trusted, or one of several that people say. */
  doubts: z.strictObject({ severity: doubt, acknowledged: doubt, mitigated: doubt, resolved: doubt }),
  decisions: z.array(z.strictObject({ event: z.string(), at: isoInstant, step: z.string().nullable(), option: z.string(), reason: z.string(), by: z.string(), isTrusted: z.boolean() })),
  signatures: z.array(z.strictObject({ event: z.string(), step: z.string().nullable(), role: z.string(), name: z.string(), verdict, statement: z.string(), at: isoInstant, by: z.string(), isTrusted: z.boolean(), isOutdated: z.boolean() })),
  reviews: z.array(z.strictObject({ submission: z.string(), submittedBy: z.string(), at: isoInstant, state: z.enum(['open', 'accepted', 'rejected', 'conflict']), isOutdated: z.boolean(), reviews: z.array(z.strictObject({ by: z.string(), at: isoInstant, verdict: z.enum(['accepted', 'rejected']), feedback: z.string(), counts: z.boolean(), whyNot: z.string().nullable() })) })),
  actions: z.array(z.strictObject({ id: z.string(), text: z.string(), owner: z.string(), due: z.string().nullable(), isDone: z.boolean() })),
  evidence: z.array(evidenceRef.extend({ step: z.string().nullable(), note: z.string(), source: z.string(), at: isoInstant, by: z.string(), /** Whether the bytes are here; a file of a run may come without them. */ isHere: z.boolean() })),
  /** The newest last, at most 2000; `earlier` more are before them. */
  timeline: z.array(z.strictObject({ event: z.string(), at: isoInstant, recordedAt: isoInstant, by: z.string(), isTrusted: z.boolean(), isManual: z.boolean(), /** One sentence. */ text: z.string(), body: runEventBody })),
  earlier: z.int(),
  authors: z.array(z.strictObject({ fingerprint: z.string(), name: z.string(), isTrusted: z.boolean(), isSelf: z.boolean(), events: z.int() })),
  /** Parents that are named and not here, and events that wait for them. */
  missing: z.array(z.string()), waiting: z.int(),
});
export type RunView = z.infer<typeof runView>;
