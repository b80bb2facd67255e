// Calls that read and verify the ledger; none changes it.
import { z } from '../zod.ts';
import { ledgerEntry, ledgerVerdict } from '../domain/ledger.ts';
import { call } from './call.ts';

export const ledgerCalls = {
  /** Newest first; `before` is an entry number. */
  'ledger.list': call({
    effect: 'read',
    input: z.strictObject({ before: z.int().min(1).nullable().default(null), limit: z.int().min(1).max(1000).default(100) }),
    output: z.strictObject({ entries: z.array(ledgerEntry), total: z.int() }),
    errors: [],
  }),
  'ledger.verify': call({ effect: 'read', input: z.strictObject({}), output: ledgerVerdict, errors: [] }),
} as const;
