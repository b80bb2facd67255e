// A person's statement about a check: who, on which day, what, and whether it holds. A pack reads it as attested["check-id"].
import { z } from '#shared/zod.ts';

export const attestation = z.strictObject({ checkId: z.string(), holds: z.boolean(), by: z.string(), on: z.iso.date(), statement: z.string() });
export type Attestation = z.infer<typeof attestation>;
