// The operating system keychain behind the SecretStore port: the only importer of keytar. It refuses to wait without limit and never lists credentials.
import type { SecretStore } from '../ports.ts';
import { inTurn } from './keychain-lane.ts';
import { keychainError, loadError } from './keychain-errors.ts';
import { assertStorable } from './value.ts';

export const KEYCHAIN_TIMEOUT_MS = 5_000;

// findCredentials and findPassword are left out on purpose: on a locked collection the first one crashes the process (libsecret).
type Keytar = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>;

let loaded: Keytar | null = null;

/** Loads the native part on first use, so that a host without libsecret runs until the keychain is chosen. A failure is not remembered: the package may be installed meanwhile. */
async function keytar(): Promise<Keytar> {
  if (loaded !== null) return loaded;
  try {
    const module = await import('keytar');
    loaded = module.default;
    return loaded;
  } catch (cause) {
    throw loadError(cause);
  }
}

/**
 * Opens the keychain of this operating system account. Nothing is contacted before the first call.
 * Every call ends within timeoutMs (default 5000) or throws `keychain_timed_out`; native failures become `keychain_no_bus`, `keychain_no_service`,
 * `keychain_denied`, `keychain_locked` or `keychain_failed`. A locked Linux keyring answers `get` with null as if nothing were stored:
 * believe a null only after `probeStore` said `working`.
 */
export function openKeychain(service: string, options: { timeoutMs?: number } = {}): SecretStore {
  assertStorable(service);
  const timeoutMs = options.timeoutMs ?? KEYCHAIN_TIMEOUT_MS;

  async function call<T>(writes: boolean, native: (keychain: Keytar) => Promise<T>): Promise<T> {
    const keychain = await keytar();
    try {
      return await inTurn({ timeoutMs, writes, run: () => native(keychain) });
    } catch (cause) {
      throw keychainError(cause, writes);
    }
  }

  return {
    kind: 'keychain',
    async get(name) {
      assertStorable(name);
      return await call(false, (keychain) => keychain.getPassword(service, name));
    },
    async set(name, value) {
      assertStorable(name, value);
      await call(true, (keychain) => keychain.setPassword(service, name, value));
    },
    async delete(name) {
      assertStorable(name);
      await call(true, (keychain) => keychain.deletePassword(service, name));
    },
  };
}
