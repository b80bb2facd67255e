// The states of the place where secrets live, and the words for each; it never holds a secret.
import { z } from '../zod.ts';
import { SECRET_STORES } from './secret-stores.ts';

export const secretStoreKind = z.enum(SECRET_STORES);
export type SecretStoreKind = z.infer<typeof secretStoreKind>;

/** Seven states (issue: credentials). Only `working` lets anyone believe that a secret is not stored. */
export const KEYCHAIN_STATES = ['working', 'locked', 'no-service', 'no-bus', 'denied', 'canary-lost', 'timed-out'] as const;
export const keychainState = z.enum(KEYCHAIN_STATES);
export type KeychainState = z.infer<typeof keychainState>;

export interface KeychainWords { readonly title: string; readonly what: string; readonly kept: string; readonly todo: string }

/** Plain words for each state: what it is, what was kept, what to do. */
export const KEYCHAIN_WORDS: Readonly<Record<KeychainState, KeychainWords>> = {
  working: { title: 'Working', what: 'A test secret was written and read back.', kept: 'Secrets are kept in the keychain of this operating system account.', todo: 'Nothing to do.' },
  locked: { title: 'Locked', what: 'The keychain is there but locked, so it answers as if nothing were stored.', kept: 'Everything in it is still there. Nothing was overwritten.', todo: 'Unlock the login keyring (log in again, or open it in the keyring manager), then check again.' },
  'no-service': { title: 'No keychain service', what: 'The session bus answers, but no Secret Service or no login keyring stands behind it.', kept: 'The cache is untouched; it cannot be opened without its key.', todo: 'Install and start a keyring such as gnome-keyring, or choose the passphrase vault.' },
  'no-bus': { title: 'No session bus', what: 'There is no D-Bus session, so no keychain can be reached.', kept: 'The cache is untouched; it cannot be opened without its key.', todo: 'Start Holdfast inside a desktop session or under dbus-run-session, or choose the passphrase vault.' },
  denied: { title: 'Denied', what: 'The keychain refused this program.', kept: 'Everything in it is still there. Nothing was overwritten.', todo: 'Allow Holdfast in the keychain prompt or its access list, then check again.' },
  'canary-lost': { title: 'Keychain was reset', what: 'The keychain works, but the test secret this profile left in it is gone. It was reset or replaced.', kept: 'The cache file is untouched, but the key that opened it went with the old keychain.', todo: 'Restore the old keyring if you have it. Otherwise start a new profile and import the tokens again.' },
  'timed-out': { title: 'Not answering', what: 'The keychain did not answer in time. It may be waiting for a prompt on another screen.', kept: 'Nothing was changed.', todo: 'Answer the keychain prompt, or unlock the keyring, then check again.' },
};

export const credentialsStatus = z.strictObject({
  /** null before the first choice was made. */
  store: secretStoreKind.nullable(),
  /** State of the operating system keychain when last probed; null when it was not probed because another store is in use. */
  keychain: keychainState.nullable(),
  words: z.strictObject({ title: z.string(), what: z.string(), kept: z.string(), todo: z.string() }),
  checkedAt: z.string().nullable(),
});
export type CredentialsStatus = z.infer<typeof credentialsStatus>;
