// The console's own retention: what of a deployment this workstation keeps, for how long, and what a purge of it takes.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/** Null: kept; rows until the deployment is removed, files for good. The ledger and held rows are never touched. */
export const ownPolicy = z.strictObject({ rowDays: z.int().min(1).max(36_500).nullable(), exportDays: z.int().min(1).max(36_500).nullable(), reportDays: z.int().min(1).max(36_500).nullable() });
export type OwnPolicy = z.infer<typeof ownPolicy>;

export const ownPreview = z.strictObject({
  policy: ownPolicy,
  cutoffs: z.strictObject({ rows: isoInstant.nullable(), exports: isoInstant.nullable(), reports: isoInstant.nullable() }),
  rows: z.strictObject({ due: z.int(), bytes: z.int(), /** Due, and kept because of a hold. */ held: z.int(), kept: z.int(), /** Due in the vault, where every hold that they were kept for was released. */ released: z.int() }),
  /** Files that this console wrote. changed: not as it was written, so it is left; gone: not there any more. */
  files: z.array(z.strictObject({ path: z.string(), kind: z.enum(['export', 'report']), writtenAt: isoInstant, bytes: z.int(), state: z.enum(['due', 'changed', 'gone']) })),
  /** Deployments with rows that are due. */
  deployments: z.array(z.strictObject({ deploymentId: z.string(), name: z.string(), due: z.int(), held: z.int() })),
  /** Copies of the cache from before an update: what goes must not lie in them, so they go with it. */
  copies: z.array(z.strictObject({ name: z.string(), bytes: z.int() })),
  digest: z.string(),
});
export type OwnPreview = z.infer<typeof ownPreview>;

export const ownPurge = z.strictObject({
  rowsRemoved: z.int(), rowsHeld: z.int(), releasedRemoved: z.int(), filesRemoved: z.int(), /** Changed or gone since they were written. */ filesLeft: z.int(), copiesRemoved: z.int(),
  /** Of the cache, its log and its copies on disk. */ bytesBefore: z.int(), bytesAfter: z.int(),
  /** False: what went is overwritten, but the file of the cache keeps its size, because it is too large to be written anew. */ isCompacted: z.boolean(),
  ledgerEntry: z.int(),
});
export type OwnPurge = z.infer<typeof ownPurge>;
