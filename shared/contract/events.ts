// Everything that core says unasked. Names are in the past tense; no event carries a payload or a secret.
import { z } from '../zod.ts';
import { jobProgress } from './job.ts';

const nothing = z.strictObject({});
const ofDeployment = z.strictObject({ deploymentId: z.string() });

export const events = {
  'app.locked': z.strictObject({ why: z.enum(['asked', 'idle', 'system']) }),
  'app.opened': nothing,
  /** Ledger and cache were verified after opening; app.status tells the outcome. */
  'app.verified': nothing,
  /** Another start of the program asked for this window. */
  'app.summoned': nothing,
  'settings.changed': nothing,
  'credentials.changed': nothing,
  'deployment.changed': ofDeployment,
  'deployment.removed': ofDeployment,
  'security.refreshed': ofDeployment,
  'audit.changed': ofDeployment,
  'retention.changed': ofDeployment,
  'run.changed': z.strictObject({ runId: z.string() }),
  /** A key was judged or given a name: every run may stand otherwise. */
  'identity.changed': z.strictObject({}),
  'ledger.appended': z.strictObject({ seq: z.int() }),
  'job.progressed': jobProgress,
  'job.ended': z.strictObject({ jobId: z.string(), call: z.string(), deploymentId: z.string().nullable(), outcome: z.enum(['done', 'failed', 'cancelled']) }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<N extends EventName> = z.infer<(typeof events)[N]>;
export interface AppEvent<N extends EventName = EventName> { readonly name: N; readonly payload: EventPayload<N> }
