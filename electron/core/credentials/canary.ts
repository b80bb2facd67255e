// Finds out which of the seven states the keychain is in; it refuses to delete anything and to plant a lost canary again.
import { randomBytes } from 'node:crypto';
import type { KeychainState } from '#shared/domain/credentials.ts';
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';
import type { SecretStore } from '../ports.ts';
import { CANARY_NAME, PROBE_NAME } from './names.ts';

const STATE_OF: Partial<Readonly<Record<ErrorCode, KeychainState>>> = {
  keychain_locked: 'locked',
  keychain_no_service: 'no-service',
  keychain_no_bus: 'no-bus',
  keychain_denied: 'denied',
  keychain_timed_out: 'timed-out',
};

const PROBE_VALUE = /^probe:[0-9a-f]{32}$/;

/**
 * Writes a fresh value and reads it back. True when the store holds what it is given.
 * Several processes may probe at once and write under the same name. So the proof is that what stands there now was written after the first look:
 * mine, or another probe's that replaced it. The value stays: removing it would break the other one's read-back.
 */
async function holdsValues(store: SecretStore): Promise<boolean> {
  const before = await store.get(PROBE_NAME);
  const value = `probe:${randomBytes(16).toString('hex')}`;
  await store.set(PROBE_NAME, value);
  const after = await store.get(PROBE_NAME);
  return after === value || (after !== null && after !== before && PROBE_VALUE.test(after));
}

/**
 * The state of the store, found by a round trip and not by asking. `expectCanary`: this profile planted one here before.
 * A missing canary is believed only once another value was written and read back, because a locked keyring answers null too.
 * Throws AppError `keychain_failed` when the failure fits none of the seven states.
 */
export async function probeStore(store: SecretStore, options: { expectCanary: boolean }): Promise<KeychainState> {
  try {
    const before = await store.get(CANARY_NAME);
    if (!await holdsValues(store)) return 'locked';
    if (!options.expectCanary || before !== null) return 'working';
    // It may have been unlocked between the first look and the write (a prompt was answered), so the null is checked once more.
    return await store.get(CANARY_NAME) === null ? 'canary-lost' : 'working';
  } catch (error) {
    const state = error instanceof AppError ? STATE_OF[error.code] : undefined;
    if (state === undefined) throw error;
    return state;
  }
}

/**
 * Leaves the canary in the store and reads it back. One that is already there stays as it is.
 * Call it when a store is first chosen, never to answer `canary-lost`. Throws `keychain_locked` when it does not read back.
 */
export async function plantCanary(store: SecretStore): Promise<void> {
  if (await store.get(CANARY_NAME) !== null) return;
  const value = `canary:${randomBytes(16).toString('hex')}`;
  await store.set(CANARY_NAME, value);
  if (await store.get(CANARY_NAME) === value) return;
  throw new AppError('keychain_locked', {
    message: 'The test secret did not read back, so the keychain does not keep what it is given. Nothing else was written.',
    hint: 'Unlock the login keyring, then try again, or choose the passphrase vault.',
  });
}
