// Where secrets live: its state, and the admin's choice. No call gives a secret back.
import { z } from '../zod.ts';
import { credentialsStatus, secretStoreKind } from '../domain/credentials.ts';
import { passphrase } from './app.ts';
import { call } from './call.ts';

export const credentialsCalls = {
  'credentials.status': call({ effect: 'read', whileLocked: true, input: z.strictObject({}), output: credentialsStatus, errors: [] }),
  /** Probes the keychain again: writes a canary and reads it back, each within a time limit. */
  'credentials.check': call({ effect: 'read', whileLocked: true, input: z.strictObject({}), output: credentialsStatus, errors: [] }),
  /** First choice, or a change of store: secrets are copied, read back, and only then removed from the old store. */
  'credentials.choose': call({
    effect: 'write', whileLocked: true,
    input: z.strictObject({ store: secretStoreKind, passphrase: passphrase.optional() }),
    output: credentialsStatus,
    errors: ['passphrase_too_short', 'ledger_broken'],
  }),
} as const;
