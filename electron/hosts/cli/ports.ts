// What the command line supplies to core: real clock, log and user; no clipboard, no sample, and the keychain's library only once a secret is asked of it.
import type { Log, Ports, SecretStore } from '#core/ports.ts';
import { actorName, systemClock } from '#core/profile/surroundings.ts';

export function createPorts({ profileDir, programDir, log }: { profileDir: string; programDir: string; log: Log }): Ports {
  return { host: 'cli', clock: systemClock, paths: { profileDir, programDir }, log, actor: actorName(), clipboard: null, sample: null, keychain: lazyKeychain };
}

/** The keychain's native library is loaded at the first use: a machine without it can still run every other store. */
function lazyKeychain(service: string): SecretStore {
  let opened: Promise<SecretStore> | null = null;
  const open = (): Promise<SecretStore> => (opened ??= import('#core/credentials/keychain.ts').then(({ openKeychain }) => openKeychain(service)));
  return {
    kind: 'keychain',
    get: async (name) => (await open()).get(name),
    set: async (name, value) => (await open()).set(name, value),
    delete: async (name) => (await open()).delete(name),
  };
}
