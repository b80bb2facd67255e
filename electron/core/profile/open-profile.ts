// Opening a profile: finds or makes the database key in the chosen store and opens the cache with it. It changes nothing of the session; a failure leaves everything as it was.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { AppError } from '#shared/errors.ts';
import { plantCanary } from '../credentials/canary.ts';
import { memoryStore } from '../credentials/memory.ts';
import { DATABASE_KEY_NAME } from '../credentials/names.ts';
import { createVault, openVault, vaultExists } from '../credentials/passphrase-vault.ts';
import { openDatabase } from '../db/open.ts';
import type { Database } from '../db/open.ts';
import type { Ports, SecretStore } from '../ports.ts';
import { Secret } from '../secret.ts';
import { keyFromStore, keyToStore } from './database-key.ts';
import type { ProfileFile } from './profile-file.ts';

export interface Opened {
  readonly kind: SecretStoreKind;
  /** Null while a profile that is still empty is looked at. */
  readonly store: SecretStore | null;
  readonly database: Database;
  /** True while nothing of the profile is on disk. */
  readonly isEmptyLook: boolean;
  /** What profile.json should say from now on. */
  readonly profile: Partial<ProfileFile>;
  /** Closes the cache, drops the keys and removes what was only for this session. */
  close(): void;
}

/** Opened, or what is missing: the passphrase of the vault, or the one that wraps the database key. */
export type Opening = { readonly opened: Opened } | { readonly needsPassphrase: true; readonly kind: SecretStoreKind; readonly profile: Partial<ProfileFile> };

export interface OpeningInput {
  readonly ports: Ports;
  readonly access: 'write' | 'read';
  readonly profile: ProfileFile;
  readonly kind: SecretStoreKind;
  /** Asked only when one is needed; null when there is none to give. */
  passphrase(): Promise<string | null>;
  /** The keychain, probed and working; throws the AppError of its state. */
  workingKeychain(): Promise<SecretStore>;
}

export const CACHE_FILE = 'cache.db';
export const VAULT_FILE = 'vault.json';

/** Opens the profile through one store. @throws AppError of the store, the vault or the cache */
export async function openProfile(input: OpeningInput): Promise<Opening> {
  const { ports, access, profile, kind } = input;
  const { profileDir } = ports.paths;
  const cachePath = join(profileDir, CACHE_FILE);
  if (kind === 'memory') return { opened: openEphemeral(ports, { kind, store: memoryStore(), isEmptyLook: false, profile: {} }) };
  if (kind === 'keychain') return openWithStore(await input.workingKeychain(), () => undefined);
  const given = await input.passphrase();
  if (given === null) return { needsPassphrase: true, kind, profile: {} };
  return openWithVault(new Secret(given));

  async function openWithVault(passphrase: Secret): Promise<Opening> {
    const path = join(profileDir, VAULT_FILE);
    const isThere = await vaultExists(path);
    if (!isThere && existsSync(cachePath)) throw new AppError('secret_missing', { message: 'The cache is here, but vault.json is not. The cache was left untouched.', hint: 'Put the vault of this profile back, or start with another --profile directory.' });
    if (!isThere && access === 'read') return { opened: openEphemeral(ports, { kind, store: null, isEmptyLook: true, profile: {} }) };
    const vault = isThere ? await openVault(path, passphrase) : await createVault(path, passphrase);
    try {
      return await openWithStore(vault, () => vault.close());
    } catch (error) {
      vault.close();
      throw error;
    }
  }

  async function openWithStore(store: SecretStore, closeStore: () => void): Promise<Opening> {
    const stored = await store.get(DATABASE_KEY_NAME);
    if (stored === null && existsSync(cachePath)) throw new AppError('secret_missing', { message: 'The cache is here, but its key is not in the secret store. The cache was left untouched.', hint: 'Restore the keychain or vault that belongs to this profile, or start with another --profile directory.' });
    if (access === 'read' && !existsSync(cachePath)) {
      closeStore();
      return { opened: openEphemeral(ports, { kind, store: null, isEmptyLook: true, profile: {} }) };
    }
    let key: Secret<Buffer> | null;
    // How the key lies in the store decides, not profile.json: a crash may have left the two apart.
    let passphraseSet = false;
    if (stored === null) key = await makeKey(store);
    else {
      key = await keyFromStore(stored, null);
      if (key === null) {
        passphraseSet = true;
        const given = await input.passphrase();
        if (given === null) return { needsPassphrase: true, kind, profile: { passphraseSet } };
        key = await keyFromStore(stored, new Secret(given));
      }
    }
    if (key === null) throw new Error('a key that was unwrapped is missing');
    const database = openDatabase({ path: cachePath, key, mode: access, log: ports.log, clock: ports.clock });
    key.reveal().fill(0);
    try {
      if (kind === 'keychain' && access === 'write' && !profile.canaryPlanted) await plantCanary(store);
    } catch (error) {
      database.close();
      throw error;
    }
    const close = (): void => {
      database.close();
      closeStore();
    };
    return { opened: { kind, store, database, isEmptyLook: false, profile: { store: kind, passphraseSet, ...(kind === 'keychain' && access === 'write' ? { canaryPlanted: true } : {}) }, close } };
  }
}

/** Makes the database key and believes in it only after it was read back. */
async function makeKey(store: SecretStore): Promise<Secret<Buffer>> {
  const made = new Secret(randomBytes(32));
  await store.set(DATABASE_KEY_NAME, await keyToStore(made, null));
  const text = await store.get(DATABASE_KEY_NAME);
  const back = text === null ? null : await keyFromStore(text, null);
  if (back === null || !back.reveal().equals(made.reveal())) throw new AppError('keychain_failed', { message: 'The database key could not be read back from the secret store, so no cache was made.', hint: 'Check the keychain, then try again.' });
  return made;
}

/** A cache under a key that lives only in this process: for memory-only, and for looking at a profile that is still empty. */
function openEphemeral(ports: Ports, { kind, store, isEmptyLook, profile }: Pick<Opened, 'kind' | 'store' | 'isEmptyLook' | 'profile'>): Opened {
  const sessions = join(ports.paths.profileDir, 'sessions');
  mkdirSync(sessions, { recursive: true, mode: 0o700 });
  // What a killed process left cannot be read any more.
  for (const name of readdirSync(sessions)) if (!isAlive(Number(name.split('-')[0]))) rmSync(join(sessions, name), { recursive: true, force: true });
  const folder = join(sessions, `${process.pid}-${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { mode: 0o700 });
  const key = new Secret(randomBytes(32));
  const database = openDatabase({ path: join(folder, CACHE_FILE), key, mode: 'write', log: ports.log, clock: ports.clock });
  key.reveal().fill(0);
  return {
    kind, store, database, isEmptyLook, profile,
    close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
      removeIfEmpty(dirname(folder));
    },
  };
}

/** Another process may have a session of its own there. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
