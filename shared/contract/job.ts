// Long work: what runs, and how to stop it.
import { z } from '../zod.ts';
import { call } from './call.ts';

export const jobProgress = z.strictObject({
  jobId: z.string(),
  call: z.string(),
  deploymentId: z.string().nullable(),
  /** What is being done now, as a short sentence. */
  step: z.string(),
  done: z.int(),
  /** null while the total is not known. */
  total: z.int().nullable(),
  /** Items a second over the last seconds; null at the start. */
  rate: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});
export type JobProgress = z.infer<typeof jobProgress>;

export const jobCalls = {
  'job.list': call({ effect: 'read', input: z.strictObject({}), output: z.strictObject({ jobs: z.array(jobProgress) }), errors: [] }),
  'job.cancel': call({ effect: 'read', input: z.strictObject({ jobId: z.string().max(64) }), output: z.strictObject({ cancelled: z.boolean() }), errors: [] }),
} as const;
