// The console's own retention: what of a deployment this workstation keeps, for how long, and what a purge of it takes.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/** Null: kept until the deployment is removed. The ledger and held rows are never touched. */
export const ownPolicy = z.strictObject({ rowDays: z.int().min(1).max(36_500).nullable(), exportDays: z.int().min(1).max(36_500).nullable(), reportDays: z.int().min(1).max(36_500).nullable() });
export type OwnPolicy = z.infer<typeof ownPolicy>;

export const ownPreview = z.strictObject({
  policy: ownPolicy,
  cutoffs: z.strictObject({ rows: isoInstant.nullable(), exports: isoInstant.nullable(), reports: isoInstant.nullable() }),
  rows: z.strictObject({ due: z.int(), bytes: z.int(), /** Due, and kept because of a hold. */ held: z.int(), kept: z.int() }),
  /** Files that this console wrote. changed: not as it was written, so it is left; gone: not there any more. */
  files: z.array(z.strictObject({ path: z.string(), kind: z.enum(['export', 'report']), writtenAt: isoInstant, bytes: z.int(), state: z.enum(['due', 'changed', 'gone']) })),
  digest: z.string(),
});
export type OwnPreview = z.infer<typeof ownPreview>;

export const ownPurge = z.strictObject({ rowsRemoved: z.int(), rowsHeld: z.int(), filesRemoved: z.int(), filesLeft: z.int(), bytesBefore: z.int(), bytesAfter: z.int(), ledgerEntry: z.int() });
export type OwnPurge = z.infer<typeof ownPurge>;
