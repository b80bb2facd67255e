// The profile as it is open now: which store holds the secrets, the open cache, the lock. It decides what may be served; features ask it for their database.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AppStatus } from '#shared/contract/app.ts';
import type { CredentialsStatus, KeychainState, SecretStoreKind } from '#shared/domain/credentials.ts';
import { KEYCHAIN_WORDS } from '#shared/domain/credentials.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { plantCanary, probeStore } from './credentials/canary.ts';
import { memoryStore } from './credentials/memory.ts';
import { DATABASE_KEY_NAME } from './credentials/names.ts';
import { createVault, openVault, vaultExists } from './credentials/passphrase-vault.ts';
import type { Vault } from './credentials/passphrase-vault.ts';
import { openDatabase } from './db/open.ts';
import type { Database } from './db/open.ts';
import { acquireProfileLock } from './db/profile-lock.ts';
import type { ProfileLock } from './db/profile-lock.ts';
import { sql } from './db/sql.ts';
import type { ReadDb, WriteDb } from './db/sql.ts';
import type { Emitter } from './emitter.ts';
import type { Ports, SecretsRequest, SecretStore } from './ports.ts';
import { keyFromStore, keyToStore } from './profile/database-key.ts';
import { newProfileFile, readProfileFile, writeProfileFile } from './profile/profile-file.ts';
import type { ProfileFile } from './profile/profile-file.ts';
import { Secret } from './secret.ts';

export type LockReason = 'asked' | 'idle' | 'system';

export interface Session {
  state(): AppStatus['state'];
  access(): 'write' | 'read';
  problem(): AppError | null;
  profile(): ProfileFile;
  saveProfile(change: Partial<ProfileFile>): void;
  lockMode(): AppStatus['lockMode'];
  credentials(): CredentialsStatus;
  database(): Database | null;
  /** True while a profile that is still empty is looked at: nothing of it is on disk. */
  isEmptyLook(): boolean;
  /** What the last verification of the open cache found broken; null while nothing was. */
  damage(): string | null;
  noteDamage(what: string): void;
  /** For reading. Throws profile_locked or setup_needed. */
  read(): ReadDb;
  /** For writing. Throws profile_in_use as well. */
  write(): WriteDb;
  secrets(): SecretStore;
  /** Stores a secret; its name is noted first, so that nothing is stored that cannot be found again. */
  putSecret(name: string, value: string): Promise<void>;
  dropSecret(name: string): Promise<void>;
  secretNames(): string[];
  /** Opens the profile as it was left; what stands in the way becomes `problem` or the state. */
  open(request: SecretsRequest): Promise<void>;
  choose(store: SecretStoreKind, passphrase: Secret | null): Promise<void>;
  /** Closes the cache and opens it again through this store, so that what runs on is what the next start will find. */
  reopen(store: SecretStoreKind, passphrase: Secret | null): Promise<void>;
  probeKeychain(): Promise<KeychainState>;
  lock(why: LockReason): void;
  unlock(passphrase: Secret | null): Promise<void>;
  close(): void;
}

const CACHE_FILE = 'cache.db';
const VAULT_FILE = 'vault.json';

export function createSession({ ports, emitter, access }: { ports: Ports; emitter: Emitter; access: 'write' | 'read' }): Session {
  const { profileDir } = ports.paths;
  const cachePath = join(profileDir, CACHE_FILE);
  const vaultPath = join(profileDir, VAULT_FILE);
  let profile: ProfileFile = newProfileFile();
  let state: AppStatus['state'] = 'setup';
  let problem: AppError | null = null;
  let store: SecretStore | null = null;
  let kind: SecretStoreKind | null = null;
  let database: Database | null = null;
  let lockHandle: ProfileLock | null = null;
  let vault: Vault | null = null;
  let damage: string | null = null;
  let isEmptyLook = false;
  let keychainState: KeychainState | null = null;
  let checkedAt: string | null = null;
  let sessionDir: string | null = null;

  const refuse = (error: unknown): void => {
    if (!(error instanceof AppError)) throw error;
    problem = error;
  };

  function saveProfile(change: Partial<ProfileFile>): void {
    profile = { ...profile, ...change };
    // Memory-only leaves nothing behind, and is chosen anew at each start.
    if (kind !== 'memory') writeProfileFile(profileDir, profile);
  }

  function keychainStore(): SecretStore {
    return ports.keychain(`Holdfast ${profile.profileId}`);
  }

  async function probeKeychain(): Promise<KeychainState> {
    keychainState = await probeStore(keychainStore(), { expectCanary: profile.store === 'keychain' && profile.canaryPlanted });
    checkedAt = formatInstantMs(ports.clock.now());
    emitter.emit('credentials.changed', {});
    return keychainState;
  }

  async function requireKeychain(): Promise<SecretStore> {
    const found = await probeKeychain();
    if (found === 'working') return keychainStore();
    const words = KEYCHAIN_WORDS[found];
    const codes = { locked: 'keychain_locked', 'no-service': 'keychain_no_service', 'no-bus': 'keychain_no_bus', denied: 'keychain_denied', 'canary-lost': 'keychain_canary_lost', 'timed-out': 'keychain_timed_out' } as const;
    throw new AppError(codes[found], { message: `${words.what} ${words.kept}`, hint: `${words.todo}${ports.host === 'cli' ? ' On the command line: --secrets passphrase with HOLDFAST_PASSPHRASE_FILE.' : ''}` });
  }

  /** A cache under a key that lives only in this process: for memory-only, and for looking at a profile that is still empty. */
  async function openEphemeral(): Promise<Database> {
    const sessions = join(profileDir, 'sessions');
    mkdirSync(sessions, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(sessions)) if (!isAlive(Number(name.split('-')[0]))) rmSync(join(sessions, name), { recursive: true, force: true });
    sessionDir = join(sessions, `${process.pid}-${randomBytes(6).toString('hex')}`);
    mkdirSync(sessionDir, { mode: 0o700 });
    return openDatabase({ path: join(sessionDir, CACHE_FILE), key: new Secret(randomBytes(32)), mode: 'write', log: ports.log, clock: ports.clock });
  }

  async function openCache(key: Secret<Buffer>): Promise<void> {
    database = openDatabase({ path: cachePath, key, mode: access, log: ports.log, clock: ports.clock });
    state = 'open';
    problem = null;
    emitter.emit('app.opened', {});
  }

  /** Finds or makes the database key in the open store, and opens the cache with it. */
  async function openWithStore(opened: SecretStore, passphrase: Secret | null): Promise<void> {
    const stored = await opened.get(DATABASE_KEY_NAME);
    if (stored !== null) {
      const key = await keyFromStore(stored, passphrase);
      if (key === null) {
        state = 'locked';
        if (ports.host === 'cli') throw new AppError('passphrase_required', { message: 'This profile is protected by an app passphrase. Nothing was opened.', hint: 'Put it into a file and name that file in HOLDFAST_PASSPHRASE_FILE.' });
        return;
      }
      store = opened;
      if (access === 'read' && !existsSync(cachePath)) return openEmpty();
      return openCache(key);
    }
    if (existsSync(cachePath)) throw new AppError('secret_missing', { message: 'The cache is here, but its key is not in the secret store. The cache was left untouched.', hint: 'Restore the keychain or vault that belongs to this profile, or start with another --profile directory.' });
    store = opened;
    if (access === 'read') return openEmpty();
    const made = new Secret(randomBytes(32));
    await opened.set(DATABASE_KEY_NAME, await keyToStore(made, null));
    const back = await opened.get(DATABASE_KEY_NAME);
    const same = back === null ? null : await keyFromStore(back, null);
    if (same === null || !same.reveal().equals(made.reveal())) throw new AppError('keychain_failed', { message: 'The database key could not be read back from the secret store, so no cache was made.', hint: 'Check the keychain, then try again.' });
    return openCache(made);
  }

  async function openEmpty(): Promise<void> {
    database = await openEphemeral();
    isEmptyLook = true;
    state = 'open';
  }

  async function openStore(wanted: SecretStoreKind, request: SecretsRequest): Promise<void> {
    kind = wanted;
    if (wanted === 'memory') {
      store = memoryStore();
      database = await openEphemeral();
      state = 'open';
      emitter.emit('app.opened', {});
      return;
    }
    if (wanted === 'keychain') {
      const opened = await requireKeychain();
      if (access === 'write' && !profile.canaryPlanted) {
        await plantCanary(opened);
        saveProfile({ store: 'keychain', canaryPlanted: true });
      }
      const passphrase = profile.passphraseSet ? await request.passphrase?.() ?? null : null;
      return openWithStore(opened, passphrase === null ? null : new Secret(passphrase));
    }
    const given = await request.passphrase?.() ?? null;
    if (given === null) {
      if (ports.host !== 'cli') {
        state = 'locked';
        return;
      }
      throw new AppError('passphrase_required', { message: 'The passphrase vault needs its passphrase. Nothing was opened.', hint: 'Put it into a file and name that file in HOLDFAST_PASSPHRASE_FILE.' });
    }
    return openWithVault(new Secret(given));
  }

  async function openWithVault(passphrase: Secret): Promise<void> {
    if (!(await vaultExists(vaultPath))) {
      if (existsSync(cachePath)) throw new AppError('secret_missing', { message: 'The cache is here, but vault.json is not. The cache was left untouched.', hint: 'Put the vault of this profile back, or start with another --profile directory.' });
      if (access === 'read') return openEmpty();
      mkdirSync(profileDir, { recursive: true, mode: 0o700 });
      vault = await createVault(vaultPath, passphrase);
      saveProfile({ store: 'passphrase' });
      return openWithStore(vault, null);
    }
    vault = await openVault(vaultPath, passphrase);
    return openWithStore(vault, null);
  }

  function forget(): void {
    database?.close();
    database = null;
    damage = null;
    store = null;
    vault?.close();
    vault = null;
    if (sessionDir !== null) {
      rmSync(sessionDir, { recursive: true, force: true });
      removeIfEmpty(dirname(sessionDir));
    }
    sessionDir = null;
    isEmptyLook = false;
  }

  function requireDatabase(): Database {
    if (state === 'open' && database !== null) return database;
    if (problem !== null) throw problem;
    if (state === 'locked') throw new AppError('profile_locked', { message: 'Holdfast is locked.', hint: 'Unlock it first.' });
    throw new AppError('setup_needed', { message: 'No place for secrets has been chosen yet.', hint: 'Choose where secrets are kept.' });
  }

  const session: Session = {
    state: () => state,
    access: () => access,
    problem: () => problem,
    profile: () => profile,
    saveProfile,
    lockMode: () => (kind === 'passphrase' || (kind === 'keychain' && profile.passphraseSet) ? 'passphrase' : 'screen-only'),
    credentials: () => ({ store: kind, keychain: keychainState, words: wordsFor(kind, keychainState, isEmptyLook), checkedAt }),
    database: () => database,
    isEmptyLook: () => isEmptyLook,
    damage: () => damage,
    noteDamage(what) {
      damage = what;
    },
    read: () => requireDatabase().read,
    write() {
      const { write } = requireDatabase();
      if (write === null || access === 'read') throw new AppError('profile_in_use', { message: 'This profile is open for reading only. Nothing was changed.', hint: 'Close the window that holds it, then try again.' });
      return write;
    },
    secrets() {
      requireDatabase();
      if (store === null) throw new AppError('secret_missing', { message: 'This profile is still empty: it holds no secrets.', hint: 'Add a deployment first.' });
      return store;
    },
    async putSecret(name, value) {
      session.write().run(sql`INSERT OR IGNORE INTO secret_name (name, created_at) VALUES (${name}, ${ports.clock.now() * 1000})`);
      await session.secrets().set(name, value);
    },
    async dropSecret(name) {
      await session.secrets().delete(name);
      session.write().run(sql`DELETE FROM secret_name WHERE name = ${name}`);
    },
    secretNames: () => session.read().all(sql`SELECT name FROM secret_name ORDER BY name`, (row) => String(row['name'])),

    async open(request) {
      try {
        const known = readProfileFile(profileDir);
        if (known !== null) profile = known;
        if (access === 'write') {
          mkdirProfile(profileDir);
          lockHandle = acquireProfileLock(profileDir, ports.host);
          if (lockHandle === null) throw new AppError('profile_in_use', { message: 'Another Holdfast holds this profile. Nothing was changed.', hint: 'Close its window or wait for its command to end. Reading works meanwhile.' });
        }
        const wanted = request.store ?? profile.store ?? (ports.host === 'cli' ? 'keychain' : null);
        if (wanted !== null && profile.store !== null && wanted !== profile.store && wanted !== 'memory') {
          throw new AppError('invalid_input', { message: `This profile keeps its secrets in another place (${profile.store}). Nothing was opened.`, hint: 'Leave --secrets out, or change the place in Settings.' });
        }
        if (wanted === null) {
          await probeKeychain();
          state = 'setup';
          return;
        }
        await openStore(wanted, request);
      } catch (error) {
        refuse(error);
      }
    },

    async choose(wanted, passphrase) {
      problem = null;
      await openStore(wanted, { store: wanted, passphrase: passphrase === null ? null : () => Promise.resolve(passphrase.reveal()) });
      if (profile.store === null && wanted !== 'memory') saveProfile({ store: wanted });
      emitter.emit('credentials.changed', {});
    },
    async reopen(wanted, passphrase) {
      forget();
      state = 'locked';
      await openStore(wanted, { store: wanted, passphrase: passphrase === null ? null : () => Promise.resolve(passphrase.reveal()) });
    },
    probeKeychain,

    lock(why) {
      if (state !== 'open') return;
      // Memory-only has no other copy of its key: dropping it would destroy the session instead of locking it.
      if (kind !== 'memory') forget();
      state = 'locked';
      emitter.emit('app.locked', { why });
    },
    async unlock(passphrase) {
      if (state === 'open') return;
      if (kind === 'memory' && database !== null) {
        state = 'open';
        emitter.emit('app.opened', {});
        return;
      }
      if (kind === 'passphrase') {
        if (passphrase === null) throw new AppError('passphrase_required', { message: 'The passphrase is needed.', hint: 'Enter it to unlock.' });
        return openWithVault(passphrase);
      }
      if (kind === 'keychain') {
        const opened = await requireKeychain();
        if (profile.passphraseSet && passphrase === null) throw new AppError('passphrase_required', { message: 'The passphrase is needed.', hint: 'Enter it to unlock.' });
        return openWithStore(opened, passphrase);
      }
      throw new AppError('setup_needed', { message: 'No place for secrets has been chosen yet.', hint: 'Choose where secrets are kept.' });
    },
    close() {
      forget();
      lockHandle?.release();
      lockHandle = null;
    },
  };
  return session;
}

function mkdirProfile(profileDir: string): void {
  try {
    mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError('profile_unwritable', { message: 'The profile directory cannot be made or is not a directory. Nothing was changed.', hint: 'Name another directory with --profile.', cause });
  }
}

/** Another process may have a session of its own there. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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

function wordsFor(kind: SecretStoreKind | null, keychain: KeychainState | null, isEmptyLook: boolean): CredentialsStatus['words'] {
  if (kind === 'passphrase' && isEmptyLook) return { title: 'Passphrase vault, not made yet', what: 'This profile is still empty.', kept: 'Nothing has been stored.', todo: 'Add a deployment: the vault is made with it.' };
  if (kind === 'passphrase') return { title: 'Passphrase vault', what: 'Secrets lie in vault.json, sealed with AES-256-GCM under a key made from the passphrase by scrypt.', kept: 'Without the passphrase neither secrets nor cache can be read.', todo: 'Keep the passphrase safe: nobody can restore it.' };
  if (kind === 'memory') return { title: 'Memory only', what: 'Secrets and the key of the cache live in this process and nowhere else.', kept: 'Nothing stays readable after exit; the next start begins empty.', todo: 'Choose the keychain or a passphrase vault to keep what you enter.' };
  if (keychain !== null) return { ...KEYCHAIN_WORDS[keychain] };
  return { title: 'Not chosen', what: 'No place for secrets has been chosen yet.', kept: 'Nothing has been stored.', todo: 'Choose one.' };
}
