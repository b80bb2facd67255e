// The profile as it is open now: which store holds the secrets, the open cache, the lock. It decides what may be served; features ask it for their database.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AppStatus } from '#shared/contract/app.ts';
import type { CredentialsStatus, KeychainState, SecretStoreKind } from '#shared/domain/credentials.ts';
import { KEYCHAIN_WORDS } from '#shared/domain/credentials.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { probeStore } from './credentials/canary.ts';
import { CANARY_NAME } from './credentials/names.ts';
import type { Database } from './db/open.ts';
import { acquireProfileLock } from './db/profile-lock.ts';
import type { ProfileLock } from './db/profile-lock.ts';
import { sql } from './db/sql.ts';
import type { ReadDb, WriteDb } from './db/sql.ts';
import type { Emitter } from './emitter.ts';
import type { Ports, SecretsRequest, SecretStore } from './ports.ts';
import { CACHE_FILE, openProfile } from './profile/open-profile.ts';
import type { Opened } from './profile/open-profile.ts';
import { newProfileFile, profileFilePath, readProfileFile, writeProfileFile } from './profile/profile-file.ts';
import type { ProfileFile } from './profile/profile-file.ts';
import type { Secret } from './secret.ts';
import { threadsEnded } from './workers/thread.ts';

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
  /** For writing. Throws profile_in_use as well, and busy while a thread holds the right to write. */
  write(): WriteDb;
  /**
   * Gives the right to write to one thread until it is released: a long transaction would let everyone else wait inside SQLite.
   * @throws AppError busy when it is given away already
   */
  reserveWrites(why: string): { release(): void };
  /** Waits until the main thread may write again, at most `maxMs` (default: as long as it takes); what comes after decides what then happens. */
  whenWritable(limits?: { readonly signal?: AbortSignal | undefined; readonly maxMs?: number }): Promise<void>;
  /** Runs once when the cache is about to be closed (lock, end): threads that use it must end, secrets that were opened must go. Returns the way to stop. */
  onClosing(run: () => void): () => void;
  secrets(): SecretStore;
  /** Stores a secret; its name is noted first, so that nothing is stored that cannot be found again. */
  putSecret(name: string, value: string): Promise<void>;
  dropSecret(name: string): Promise<void>;
  secretNames(): string[];
  /** Opens the profile as it was left; what stands in the way becomes `problem` or the state. */
  open(request: SecretsRequest): Promise<void>;
  /** The first choice of a store, or the same one again after its failure. */
  choose(store: SecretStoreKind, passphrase: Secret | null): Promise<void>;
  /** Closes the cache and opens it again through this store, so that what runs on is what the next start will find. Refuses when a lock came meanwhile. */
  reopen(store: SecretStoreKind, passphrase: Secret | null): Promise<void>;
  probeKeychain(): Promise<KeychainState>;
  /** Takes effect at once, also against an opening that is under way. */
  lock(why: LockReason): void;
  unlock(passphrase: Secret | null): Promise<void>;
  close(): Promise<void>;
}

const KEYCHAIN_CODES = { locked: 'keychain_locked', 'no-service': 'keychain_no_service', 'no-bus': 'keychain_no_bus', denied: 'keychain_denied', 'canary-lost': 'keychain_canary_lost', 'timed-out': 'keychain_timed_out' } as const;
/** Names that may stand in a directory that is to become a profile. */
const OWN_NAMES = /^(cache\.db.*|vault\.json.*|profile\..*|logs|sessions|window|summon.*)$/;

const lockedError = (): AppError => new AppError('profile_locked', { message: 'Holdfast is locked.', hint: 'Unlock it first.' });
const passphraseNeeded = (cli: boolean): AppError => new AppError('passphrase_required', { message: 'This profile needs its passphrase. Nothing was opened.', hint: cli ? 'Put it into a file and name that file in HOLDFAST_PASSPHRASE_FILE.' : 'Enter it to unlock.' });

export function createSession({ ports, emitter, access }: { ports: Ports; emitter: Emitter; access: 'write' | 'read' }): Session {
  const { profileDir } = ports.paths;
  const isCli = ports.host === 'cli';
  let profile: ProfileFile = newProfileFile();
  let state: AppStatus['state'] = 'setup';
  let problem: AppError | null = null;
  let opened: Opened | null = null;
  /** The store in use, or the one that could not be opened. */
  let kind: SecretStoreKind | null = null;
  let lockHandle: ProfileLock | null = null;
  let damage: string | null = null;
  let keychainState: KeychainState | null = null;
  let checkedAt: string | null = null;
  // Openings run one after another; a lock or the end makes the one under way worthless by moving the generation on.
  let queue: Promise<unknown> = Promise.resolve();
  let generation = 0;
  let reservation: { readonly why: string; readonly ended: Promise<void> } | null = null;
  const closing = new Set<() => void>();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const next = queue.then(run);
    queue = next.catch(() => undefined);
    return next;
  }

  function saveProfile(change: Partial<ProfileFile>): void {
    profile = { ...profile, ...change };
    // Memory-only leaves nothing behind, and is chosen anew at each start.
    if (kind !== 'memory') writeProfileFile(profileDir, profile);
  }

  function noteKeychain(found: KeychainState): void {
    keychainState = found;
    checkedAt = formatInstantMs(ports.clock.now());
    emitter.emit('credentials.changed', {});
  }

  async function probeKeychain(): Promise<KeychainState> {
    const found = await probeStore(ports.keychain(`Holdfast ${profile.profileId}`), { expectCanary: profile.store === 'keychain' && profile.canaryPlanted });
    noteKeychain(found);
    return found;
  }

  function keychainError(found: Exclude<KeychainState, 'working'>): AppError {
    const words = KEYCHAIN_WORDS[found];
    const kept = existsSync(join(profileDir, CACHE_FILE)) ? words.kept : 'Nothing was stored.';
    return new AppError(KEYCHAIN_CODES[found], { message: `${words.what} ${kept}`, hint: `${words.todo}${isCli ? ' On the command line: --secrets passphrase with HOLDFAST_PASSPHRASE_FILE.' : ''}` });
  }

  async function workingKeychain(): Promise<SecretStore> {
    const found = await probeKeychain();
    if (found !== 'working') throw keychainError(found);
    return watched(ports.keychain(`Holdfast ${profile.profileId}`));
  }

  /** A locked keychain answers as if nothing were stored, so "nothing" is believed only while the canary reads back; and what it says of itself is kept up to date. */
  function watched(store: SecretStore): SecretStore {
    const watch = async <T>(run: () => Promise<T>): Promise<T> => {
      try {
        return await run();
      } catch (error) {
        const found = error instanceof AppError ? (Object.keys(KEYCHAIN_CODES) as (keyof typeof KEYCHAIN_CODES)[]).find((name) => KEYCHAIN_CODES[name] === error.code) : undefined;
        if (found !== undefined) noteKeychain(found);
        throw error;
      }
    };
    return {
      kind: store.kind,
      set: (name, value) => watch(() => store.set(name, value)),
      delete: (name) => watch(() => store.delete(name)),
      get: (name) => watch(async () => {
        const value = await store.get(name);
        if (value !== null || !profile.canaryPlanted || await store.get(CANARY_NAME) !== null) return value;
        const found = await probeKeychain();
        if (found !== 'working') throw keychainError(found);
        return store.get(name);
      }),
    };
  }

  /** Opens and takes over what was opened, unless a lock or the end came in between. */
  async function openThrough(wanted: SecretStoreKind, passphrase: () => Promise<string | null>): Promise<void> {
    const mine = generation;
    // The profile's id names its secrets: it must be on disk before the first of them is stored.
    if (access === 'write' && wanted !== 'memory' && !existsSync(profileFilePath(profileDir))) writeProfileFile(profileDir, profile);
    const opening = await openProfile({ ports, access, profile, kind: wanted, passphrase, workingKeychain });
    if (mine !== generation) {
      if ('opened' in opening) opening.opened.close();
      throw lockedError();
    }
    kind = wanted;
    const change = 'opened' in opening ? opening.opened.profile : opening.profile;
    if (access === 'write' && Object.entries(change).some(([name, value]) => profile[name as keyof ProfileFile] !== value)) saveProfile(change);
    if ('needsPassphrase' in opening) {
      state = 'locked';
      throw passphraseNeeded(isCli);
    }
    opened = opening.opened;
    state = 'open';
    problem = null;
    emitter.emit('app.opened', {});
  }

  function forget(): void {
    tellClosing();
    const gone = opened;
    opened = null;
    damage = null;
    gone?.close();
  }

  function tellClosing(): void {
    for (const run of closing) run();
  }

  function requireOpened(): Opened {
    if (state === 'open' && opened !== null) return opened;
    if (problem !== null) throw problem;
    if (state === 'locked') throw lockedError();
    throw new AppError('setup_needed', { message: 'No place for secrets has been chosen yet.', hint: 'Choose where secrets are kept.' });
  }

  async function openAsLeft(request: SecretsRequest): Promise<void> {
    const known = readProfileFile(profileDir);
    if (known !== null) profile = known;
    else refuseForeignDirectory(profileDir);
    kind = profile.store;
    if (access === 'write') {
      makeDirectory(profileDir);
      lockHandle = acquireProfileLock(profileDir, ports.host);
      if (lockHandle === null) throw new AppError('profile_in_use', { message: 'Another Holdfast holds this profile. Nothing was changed.', hint: 'Close its window or wait for its command to end. Reading works meanwhile.' });
    }
    const wanted = request.store ?? profile.store ?? (isCli ? 'keychain' : null);
    if (wanted === null) return void await probeKeychain();
    refuseOtherStore(wanted);
    kind = wanted;
    try {
      await openThrough(wanted, async () => await request.passphrase?.() ?? null);
    } catch (error) {
      // A window asks for the passphrase on its lock screen: that is no problem.
      if (!isCli && error instanceof AppError && error.code === 'passphrase_required') return;
      throw error;
    }
  }

  /** A profile keeps its secrets in one place; only memory-only may be opened beside it, and leaves it as it is. */
  function refuseOtherStore(wanted: SecretStoreKind): void {
    if (profile.store === null || wanted === profile.store || wanted === 'memory') return;
    throw new AppError('invalid_input', { message: `This profile keeps its secrets in another place (${profile.store}). Nothing was opened.`, hint: 'Leave --secrets out, or change the place in Settings.' });
  }

  const given = (passphrase: Secret | null) => () => Promise.resolve(passphrase === null ? null : passphrase.reveal());

  const session: Session = {
    state: () => state,
    access: () => access,
    problem: () => problem,
    profile: () => profile,
    saveProfile,
    lockMode: () => (kind === 'passphrase' || (kind === 'keychain' && profile.passphraseSet) ? 'passphrase' : 'screen-only'),
    credentials: () => ({ store: kind, keychain: keychainState, words: wordsFor(kind, keychainState, session.isEmptyLook()), checkedAt }),
    database: () => opened?.database ?? null,
    isEmptyLook: () => opened?.isEmptyLook === true,
    damage: () => damage,
    noteDamage(what) {
      damage = what;
    },
    read: () => requireOpened().database.read,
    write() {
      const { write } = requireOpened().database;
      if (reservation !== null) throw new AppError('busy', { message: `${reservation.why} Nothing was changed.`, hint: 'Try again when it has ended, or cancel it.' });
      if (write === null || access === 'read') throw new AppError('profile_in_use', { message: 'This profile is open for reading only. Nothing was changed.', hint: 'Close the window that holds it, then try again.' });
      return write;
    },
    reserveWrites(why) {
      session.write();
      let end: () => void = () => undefined;
      const mine = { why, ended: new Promise<void>((resolve) => { end = resolve; }) };
      reservation = mine;
      return {
        release() {
          if (reservation === mine) reservation = null;
          end();
        },
      };
    },
    async whenWritable({ signal, maxMs } = {}) {
      let stopWaiting: () => void = () => undefined;
      const givenUp = new Promise<void>((resolve) => { stopWaiting = resolve; });
      const stopTimer = maxMs === undefined ? () => undefined : ports.clock.after(maxMs, stopWaiting);
      signal?.addEventListener('abort', stopWaiting, { once: true });
      let isOver = signal?.aborted === true;
      void givenUp.then(() => { isOver = true; });
      try {
        while (reservation !== null && !isOver) await Promise.race([reservation.ended, givenUp]);
      } finally {
        stopTimer();
        signal?.removeEventListener('abort', stopWaiting);
      }
    },
    onClosing(run) {
      closing.add(run);
      return () => { closing.delete(run); };
    },
    secrets() {
      const { store } = requireOpened();
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

    open: (request) => inTurn(async () => {
      try {
        await openAsLeft(request);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        problem = error;
      }
    }),
    choose: (wanted, passphrase) => inTurn(async () => {
      if (state === 'locked') throw lockedError();
      if (state === 'open') throw new AppError('busy', { message: 'A place for secrets has been chosen meanwhile. Nothing was changed.', hint: 'Look at Settings.' });
      refuseOtherStore(wanted);
      await openThrough(wanted, given(passphrase));
      emitter.emit('credentials.changed', {});
    }),
    reopen: (wanted, passphrase) => inTurn(async () => {
      if (state !== 'open') throw lockedError();
      forget();
      state = 'locked';
      await openThrough(wanted, given(passphrase));
    }),
    probeKeychain,
    lock(why) {
      generation += 1;
      if (state !== 'open') return;
      state = 'locked';
      // Memory-only has no other copy of its key: dropping it would destroy the session instead of locking it.
      if (kind === 'memory') tellClosing();
      else forget();
      emitter.emit('app.locked', { why });
    },
    unlock: (passphrase) => inTurn(async () => {
      if (state === 'open') return;
      if (kind === 'memory' && opened !== null) {
        state = 'open';
        emitter.emit('app.opened', {});
        return;
      }
      if (kind === null) throw new AppError('setup_needed', { message: 'No place for secrets has been chosen yet.', hint: 'Choose where secrets are kept.' });
      await openThrough(kind, given(passphrase));
    }),
    async close() {
      generation += 1;
      forget();
      state = 'locked';
      await queue;
      // A thread that is still in the cache keeps the profile: neither another process nor the end of this one may come in between.
      await threadsEnded();
      lockHandle?.release();
      lockHandle = null;
    },
  };
  return session;
}

function makeDirectory(profileDir: string): void {
  try {
    mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError('profile_unwritable', { message: 'The profile directory cannot be made or is not a directory. Nothing was changed.', hint: 'Name another directory with --profile.', cause });
  }
}

/** A profile narrows the rights of its directory: it must not be somebody else's. */
function refuseForeignDirectory(profileDir: string): void {
  const foreign = existsSync(profileDir) ? listed(profileDir).find((name) => !OWN_NAMES.test(name)) : undefined;
  if (foreign !== undefined) throw new AppError('profile_unwritable', { message: 'This directory holds other files and is no profile. Nothing was changed.', hint: 'Name an empty directory, or one that does not exist yet, with --profile.' });
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw new AppError('profile_unwritable', { message: 'The profile directory cannot be read or is not a directory. Nothing was changed.', hint: 'Name another directory with --profile.', cause });
  }
}

function wordsFor(kind: SecretStoreKind | null, keychain: KeychainState | null, isEmptyLook: boolean): CredentialsStatus['words'] {
  if (kind === 'passphrase' && isEmptyLook) return { title: 'Passphrase vault, not made yet', what: 'This profile is still empty.', kept: 'Nothing has been stored.', todo: 'Add a deployment: the vault is made with it.' };
  if (kind === 'passphrase') return { title: 'Passphrase vault', what: 'Secrets lie in vault.json, sealed with AES-256-GCM under a key made from the passphrase by scrypt.', kept: 'Without the passphrase neither secrets nor cache can be read.', todo: 'Keep the passphrase safe: nobody can restore it.' };
  if (kind === 'memory') return { title: 'Memory only', what: 'Secrets and the key of the cache live in this process and nowhere else.', kept: 'Nothing stays readable after exit; the next start begins empty.', todo: 'Choose the keychain or a passphrase vault to keep what you enter.' };
  if (keychain !== null) return { ...KEYCHAIN_WORDS[keychain] };
  return { title: 'Not chosen', what: 'No place for secrets has been chosen yet.', kept: 'Nothing has been stored.', todo: 'Choose one.' };
}
