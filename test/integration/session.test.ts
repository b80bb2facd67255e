// The profile as it opens, locks and moves: vault, app passphrase, memory-only, a second writer, and the idle lock (R26, R27, R28, R32, R34, R45).
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { App } from '#core/app.ts';
import type { Ports } from '#core/ports.ts';
import type { AppEvent, CallInput, CallName, CallOutput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { fakeClipboard, fakeClock, fileStore, keptLog, temporaryFolder, testPorts } from '../support/ports.ts';

const log = keptLog();
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

function newProfile(): string {
  const folder = temporaryFolder('session');
  cleanups.push(folder.remove);
  return join(folder.path, 'profile');
}
interface Opening { store?: SecretStoreKind | null; passphrase?: string; access?: 'read' | 'write'; ports?: Partial<Ports> }
async function open(profileDir: string, { store = null, passphrase, access = 'write', ports = {} }: Opening = {}): Promise<App> {
  const app = await createApp(testPorts(profileDir, { log, ...ports }), { version: 'test', access, secrets: { store, passphrase: passphrase === undefined ? null : () => Promise.resolve(passphrase) } });
  cleanups.push(() => app.close());
  return app;
}
async function value<N extends CallName>(app: App, name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const answer = await app.dispatch(name, input);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}
async function code<N extends CallName>(app: App, name: N, input: CallInput<N>): Promise<string> {
  const answer = await app.dispatch(name, input);
  return answer.ok ? 'ok' : answer.error.code;
}
const acme = { name: 'acme', url: 'https://navi.example.com', kind: 'navi' as const };
const phrase = 'correct horse battery staple';

describe('the first choice', () => {
  it('a window on a new profile waits for it and writes nothing until then', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir);
    expect(await value(app, 'app.status', {})).toMatchObject({ state: 'setup', problem: null });
    expect(await code(app, 'deployment.list', {})).toBe('setup_needed');
    expect(readdirSync(profileDir).filter((name) => !name.startsWith('profile.'))).toEqual([]);
    expect((await value(app, 'credentials.choose', { store: 'keychain' })).store).toBe('keychain');
    expect(await value(app, 'app.status', {})).toMatchObject({ state: 'open', lockMode: 'screen-only' });
    expect((await value(app, 'ledger.list', {})).entries.map((entry) => entry.action)).toEqual(['credentials.chosen']);
  });

  it('a short passphrase is refused before a vault is made', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir);
    expect(await code(app, 'credentials.choose', { store: 'passphrase', passphrase: 'short' })).toBe('passphrase_too_short');
    expect(existsSync(join(profileDir, 'vault.json'))).toBe(false);
    expect((await value(app, 'app.status', {})).state).toBe('setup');
  });

  it('a store that is lost later is named, and the cache stays as it was', async () => {
    const profileDir = newProfile();
    const first = await open(profileDir, { store: 'keychain' });
    await value(first, 'deployment.add', acme);
    await first.close();
    const before = readFileSync(join(profileDir, 'cache.db'));
    rmSync(`${profileDir}.keychain.json`);
    const later = await open(profileDir);
    expect((await value(later, 'app.status', {})).problem?.code).toBe('keychain_canary_lost');
    expect(await code(later, 'deployment.list', {})).toBe('keychain_canary_lost');
    await later.close();
    expect(readFileSync(join(profileDir, 'cache.db')).equals(before)).toBe(true);
  });

  it('another store than the profile has is not opened silently (R27)', async () => {
    const profileDir = newProfile();
    await (await open(profileDir, { store: 'keychain' })).close();
    const other = await open(profileDir, { store: 'passphrase', passphrase: phrase });
    expect(await code(other, 'deployment.list', {})).toBe('invalid_input');
    expect(existsSync(join(profileDir, 'vault.json'))).toBe(false);
  });
});

describe('the passphrase vault', () => {
  it('opens with its passphrase, refuses another, and changes nothing when refused', async () => {
    const profileDir = newProfile();
    const first = await open(profileDir, { store: 'passphrase', passphrase: phrase });
    await value(first, 'deployment.add', { ...acme, token: 'opaque-token' });
    await first.close();
    const vault = readFileSync(join(profileDir, 'vault.json'));
    const wrong = await open(profileDir, { passphrase: 'wrong horse battery staple' });
    expect(await code(wrong, 'deployment.list', {})).toBe('wrong_passphrase');
    await wrong.close();
    expect(readFileSync(join(profileDir, 'vault.json')).equals(vault)).toBe(true);
    const right = await open(profileDir, { passphrase: phrase });
    expect((await value(right, 'deployment.list', {})).deployments).toMatchObject([{ name: 'acme', token: { stored: true } }]);
  });

  it('a window starts locked, and unlocks with the passphrase', async () => {
    const profileDir = newProfile();
    await (await open(profileDir, { store: 'passphrase', passphrase: phrase })).close();
    const app = await open(profileDir);
    expect(await value(app, 'app.status', {})).toMatchObject({ state: 'locked', lockMode: 'passphrase' });
    expect(await code(app, 'app.unlock', { passphrase: 'wrong horse battery staple' })).toBe('wrong_passphrase');
    expect(await code(app, 'deployment.list', {})).toBe('profile_locked');
    expect(await code(app, 'app.unlock', { passphrase: phrase })).toBe('ok');
    expect(await code(app, 'deployment.list', {})).toBe('ok');
  });

  it('its passphrase can be changed; the old one no longer opens', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'passphrase', passphrase: phrase });
    await value(app, 'deployment.add', acme);
    expect(await code(app, 'app.setPassphrase', { current: 'wrong horse battery', next: 'another good passphrase' })).toBe('wrong_passphrase');
    expect(await code(app, 'app.setPassphrase', { current: phrase, next: 'another good passphrase' })).toBe('ok');
    expect((await value(app, 'deployment.list', {})).deployments).toHaveLength(1);
    await app.close();
    expect(await code(await open(profileDir, { passphrase: phrase }), 'deployment.list', {})).toBe('wrong_passphrase');
  });
});

describe('the app passphrase over the keychain', () => {
  it('wraps the database key: the keychain alone no longer opens the cache', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    await value(app, 'deployment.add', acme);
    const rawBefore = await fileStore(`${profileDir}.keychain.json`).get('database-key');
    await value(app, 'app.setPassphrase', { next: phrase });
    const stored = await fileStore(`${profileDir}.keychain.json`).get('database-key');
    expect(rawBefore).toMatch(/^raw:/);
    expect(stored).toMatch(/^wrapped:/);
    expect(stored).not.toContain(rawBefore?.slice(4) ?? 'no key');
    await value(app, 'app.lock', {});
    expect(await code(app, 'app.unlock', {})).toBe('passphrase_required');
    expect(await code(app, 'app.unlock', { passphrase: 'not the passphrase' })).toBe('wrong_passphrase');
    expect(await code(app, 'app.unlock', { passphrase: phrase })).toBe('ok');
    expect((await value(app, 'deployment.list', {})).deployments).toHaveLength(1);
    expect(await code(app, 'app.removePassphrase', { current: 'not the passphrase' })).toBe('wrong_passphrase');
    expect(await code(app, 'app.removePassphrase', { current: phrase })).toBe('ok');
    expect(await fileStore(`${profileDir}.keychain.json`).get('database-key')).toBe(rawBefore);
  });

  it('a command without the passphrase says what to do', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    await value(app, 'app.setPassphrase', { next: phrase });
    await app.close();
    expect(await code(await open(profileDir, { ports: { host: 'cli' } }), 'deployment.list', {})).toBe('passphrase_required');
  });
});

describe('moving between stores (R28)', () => {
  it('keychain to vault and back takes every secret along and leaves none behind', async () => {
    const profileDir = newProfile();
    const keychain = fileStore(`${profileDir}.keychain.json`);
    const app = await open(profileDir, { store: 'keychain' });
    const { id } = await value(app, 'deployment.add', { ...acme, token: 'opaque-token' });
    expect(await keychain.get(`token:${id}`)).toBe('opaque-token');
    expect((await value(app, 'credentials.choose', { store: 'passphrase', passphrase: phrase })).store).toBe('passphrase');
    expect(await keychain.get(`token:${id}`)).toBeNull();
    expect(await keychain.get('database-key')).toBeNull();
    expect((await value(app, 'ledger.verify', {})).verdict).toBe('intact');
    await app.close();
    const vaulted = await open(profileDir, { passphrase: phrase });
    expect((await value(vaulted, 'deployment.list', {})).deployments).toHaveLength(1);
    expect((await value(vaulted, 'credentials.choose', { store: 'keychain' })).store).toBe('keychain');
    expect(await keychain.get(`token:${id}`)).toBe('opaque-token');
    expect(existsSync(join(profileDir, 'vault.json'))).toBe(false);
    await vaulted.close();
    expect((await value(await open(profileDir), 'deployment.list', {})).deployments).toHaveLength(1);
  });

  it('a store that forgets what it was given leaves the old one complete and in use', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'passphrase', passphrase: phrase, ports: { keychain: () => {
      const file = fileStore(`${profileDir}.forgetful.json`);
      return { ...file, get: async (name) => (name.startsWith('token:') ? null : file.get(name)) };
    } } });
    await value(app, 'deployment.add', { ...acme, token: 'opaque-token' });
    expect(await code(app, 'credentials.choose', { store: 'keychain' })).toBe('keychain_failed');
    await app.close();
    const again = await open(profileDir, { passphrase: phrase });
    expect((await value(again, 'deployment.list', {})).deployments).toMatchObject([{ token: { stored: true } }]);
  });
});

describe('a crash or a lock in the middle', () => {
  const profileJson = (profileDir: string): string => join(profileDir, 'profile.json');

  it('between wrapping the key and saying so: the passphrase is asked for all the same, and the words are put right', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    const before = readFileSync(profileJson(profileDir));
    await value(app, 'app.setPassphrase', { next: phrase });
    await app.close();
    writeFileSync(profileJson(profileDir), before);
    const window = await open(profileDir);
    expect(await value(window, 'app.status', {})).toMatchObject({ state: 'locked', lockMode: 'passphrase' });
    expect(await code(window, 'app.unlock', {})).toBe('passphrase_required');
    expect(await code(window, 'app.unlock', { passphrase: phrase })).toBe('ok');
    await window.close();
    writeFileSync(profileJson(profileDir), before);
    expect(await code(await open(profileDir, { passphrase: phrase, ports: { host: 'cli' } }), 'deployment.list', {})).toBe('ok');
  });

  it('between unwrapping and saying so: no protection is claimed that is not there', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    await value(app, 'app.setPassphrase', { next: phrase });
    const before = readFileSync(profileJson(profileDir));
    await value(app, 'app.removePassphrase', { current: phrase });
    await app.close();
    writeFileSync(profileJson(profileDir), before);
    expect(await value(await open(profileDir), 'app.status', {})).toMatchObject({ state: 'open', lockMode: 'screen-only' });
  });

  it('a vault that an interrupted move left does not block the next move', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    await value(app, 'deployment.add', acme);
    writeFileSync(join(profileDir, 'vault.json'), '{}');
    expect((await value(app, 'credentials.choose', { store: 'passphrase', passphrase: phrase })).store).toBe('passphrase');
    expect(readdirSync(profileDir).some((name) => name.startsWith('vault.json.leftover-'))).toBe(true);
    expect((await value(app, 'deployment.list', {})).deployments).toHaveLength(1);
  });

  it('another store cannot be chosen over a locked profile', async () => {
    const profileDir = newProfile();
    await (await open(profileDir, { store: 'passphrase', passphrase: phrase })).close();
    const app = await open(profileDir);
    for (const store of ['keychain', 'memory'] as const) expect(await code(app, 'credentials.choose', { store })).toBe('profile_locked');
    expect(await code(app, 'app.unlock', { passphrase: phrase })).toBe('ok');
  });

  it('unlocking three times at once opens once, and a lock closes every handle', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'keychain' });
    const handles = (): number => readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(join(profileDir, 'cache.db'));
      } catch {
        return false;
      }
    }).length;
    if (process.platform === 'linux') expect(handles()).toBeGreaterThan(0);
    await value(app, 'app.lock', {});
    await Promise.all([1, 2, 3].map(() => app.dispatch('app.unlock', {})));
    expect((await value(app, 'app.status', {})).state).toBe('open');
    await value(app, 'app.lock', {});
    if (process.platform === 'linux') expect(handles()).toBe(0);
  });

  it('a lock during an unlock or a change of passphrase wins', async () => {
    const app = await open(newProfile(), { store: 'passphrase', passphrase: phrase });
    const changing = app.dispatch('app.setPassphrase', { current: phrase, next: 'another good passphrase' });
    await new Promise((resolve) => setImmediate(resolve));
    await app.lock('system');
    await changing;
    expect((await value(app, 'app.status', {})).state).toBe('locked');
    expect(await code(app, 'deployment.list', {})).toBe('profile_locked');
    const unlocking = ['another good passphrase', phrase].map((passphrase) => app.dispatch('app.unlock', { passphrase }));
    await new Promise((resolve) => setImmediate(resolve));
    await app.lock('system');
    await Promise.all(unlocking);
    expect(await code(app, 'deployment.list', {})).toMatch(/^(ok|profile_locked)$/);
    await app.lock('system');
    expect(await code(app, 'deployment.list', {})).toBe('profile_locked');
  });

  it('two choices at once: the second is refused, and what is shown is what is in use', async () => {
    const app = await open(newProfile());
    const answers = await Promise.all([app.dispatch('credentials.choose', { store: 'keychain' }), app.dispatch('credentials.choose', { store: 'passphrase', passphrase: phrase })]);
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect((await value(app, 'credentials.status', {})).store).toBe('keychain');
    expect((await value(app, 'app.status', {})).lockMode).toBe('screen-only');
  });
});

describe('a directory that is no profile', () => {
  it('is neither narrowed nor filled', async () => {
    const profileDir = newProfile();
    mkdirSync(profileDir, { recursive: true, mode: 0o755 });
    writeFileSync(join(profileDir, 'letter.txt'), 'mine');
    const app = await open(profileDir, { store: 'keychain' });
    expect(await code(app, 'deployment.list', {})).toBe('profile_unwritable');
    expect(readdirSync(profileDir)).toEqual(['letter.txt']);
    expect(statSync(profileDir).mode & 0o777).toBe(0o755);
  });
});

describe('the keychain while the window is open', () => {
  it('that locks itself is noticed: "nothing stored" is not believed, the state is shown, the ledger is not called intact', async () => {
    const profileDir = newProfile();
    let isLocked = false;
    const file = fileStore(`${profileDir}.keychain.json`);
    const locked = (): AppError => new AppError('keychain_locked', { message: 'locked', hint: 'unlock' });
    const app = await open(profileDir, { store: 'keychain', ports: { keychain: () => ({ ...file, get: async (name) => (isLocked ? null : file.get(name)), set: async (name, text) => { if (isLocked) throw locked(); await file.set(name, text); } }) } });
    await value(app, 'deployment.add', acme);
    isLocked = true;
    expect(await code(app, 'ledger.verify', {})).toBe('keychain_locked');
    expect((await value(app, 'credentials.status', {})).keychain).toBe('locked');
    expect((await value(app, 'app.status', {})).ledger?.verdict).toBe('not verified yet');
    expect(await code(app, 'deployment.add', { ...acme, name: 'other' })).toBe('keychain_locked');
    isLocked = false;
    expect(await code(app, 'deployment.add', { ...acme, name: 'third' })).toBe('ok');
    expect(['intact', 'intact-head-behind']).toContain((await value(app, 'ledger.verify', {})).verdict);
  });
});

describe('a ledger whose head is gone', () => {
  it('takes it over with an entry of its own, and never calls itself intact again', async () => {
    const profileDir = newProfile();
    const keychain = fileStore(`${profileDir}.keychain.json`);
    const app = await open(profileDir, { store: 'keychain' });
    await value(app, 'deployment.add', acme);
    await app.close();
    await keychain.delete('ledger-head');
    const later = await open(profileDir);
    expect((await value(later, 'ledger.verify', {})).verdict).toBe('head-unknown');
    await value(later, 'deployment.add', { ...acme, name: 'other' });
    expect((await value(later, 'ledger.list', {})).entries.map((entry) => entry.action)).toEqual(['deployment.added', 'ledger.head.adopted', 'deployment.added']);
    expect((await value(later, 'ledger.verify', {})).verdict).toBe('head-adopted');
    expect((await value(later, 'app.status', {})).ledger?.verdict).toBe('head-adopted');
  });
});

describe('memory-only', () => {
  it('serves the session, keeps nothing readable, and the next start begins empty', async () => {
    const profileDir = newProfile();
    const app = await open(profileDir, { store: 'memory', ports: { host: 'cli' } });
    await value(app, 'deployment.add', acme);
    expect((await value(app, 'deployment.list', {})).deployments).toHaveLength(1);
    await app.close();
    const next = await open(profileDir, { store: 'memory', ports: { host: 'cli' } });
    expect((await value(next, 'deployment.list', {})).deployments).toEqual([]);
    expect(existsSync(join(profileDir, 'cache.db'))).toBe(false);
  });
  it('chosen because the keychain is away, it leaves the profile as it was', async () => {
    const profileDir = newProfile();
    const first = await open(profileDir, { store: 'keychain' });
    await value(first, 'deployment.add', acme);
    await first.close();
    const keychain = `${profileDir}.keychain.json`;
    renameSync(keychain, `${keychain}.away`);
    const away = await open(profileDir);
    expect((await value(away, 'app.status', {})).problem?.code).toBe('keychain_canary_lost');
    expect(await code(away, 'credentials.choose', { store: 'passphrase', passphrase: phrase })).toBe('invalid_input');
    expect(await code(away, 'credentials.choose', { store: 'memory' })).toBe('ok');
    expect((await value(away, 'deployment.list', {})).deployments).toEqual([]);
    await away.close();
    renameSync(`${keychain}.away`, keychain);
    expect((await value(await open(profileDir), 'deployment.list', {})).deployments).toHaveLength(1);
  });
  it('locking hides the screen and loses nothing', async () => {
    const app = await open(newProfile(), { store: 'memory' });
    await value(app, 'deployment.add', acme);
    await value(app, 'app.lock', {});
    expect(await code(app, 'deployment.list', {})).toBe('profile_locked');
    await value(app, 'app.unlock', {});
    expect((await value(app, 'deployment.list', {})).deployments).toHaveLength(1);
  });
});

describe('one writer (R45)', () => {
  it('while a window holds the profile, reading works and writing is refused by name', async () => {
    const profileDir = newProfile();
    const window = await open(profileDir, { store: 'keychain' });
    await value(window, 'deployment.add', acme);
    const reader = await open(profileDir, { access: 'read', ports: { host: 'cli' } });
    expect((await value(reader, 'deployment.list', {})).deployments).toHaveLength(1);
    expect(await code(reader, 'deployment.add', { ...acme, name: 'other' })).toBe('profile_in_use');
    expect((await value(reader, 'ledger.verify', {})).verdict).toBe('intact');
  });
  it('reading a profile that is still empty gives empty lists and makes no cache', async () => {
    const profileDir = newProfile();
    const reader = await open(profileDir, { store: 'keychain', access: 'read', ports: { host: 'cli' } });
    expect((await value(reader, 'deployment.list', {})).deployments).toEqual([]);
    expect(await value(reader, 'ledger.list', {})).toEqual({ entries: [], total: 0 });
    expect(existsSync(join(profileDir, 'cache.db'))).toBe(false);
  });
});

describe('an older ledger put back', () => {
  it('is found at the next verification, and nothing more is written to it', async () => {
    const profileDir = newProfile();
    const first = await open(profileDir, { store: 'keychain' });
    await value(first, 'deployment.add', acme);
    await first.close();
    const cache = join(profileDir, 'cache.db');
    const old = readFileSync(cache);
    const second = await open(profileDir);
    await value(second, 'deployment.add', { ...acme, name: 'later' });
    await second.close();
    renameSync(cache, `${cache}.newer`);
    writeFileSync(cache, old, { mode: 0o600 });
    const third = await open(profileDir);
    expect(await value(third, 'ledger.verify', {})).toMatchObject({ verdict: 'tail-removed' });
    expect(await code(third, 'deployment.add', { ...acme, name: 'third' })).toBe('ledger_broken');
  });
});

describe('the idle lock (R32)', () => {
  it('locks after the set time without activity, drops the keys and says so; activity puts it off', async () => {
    const clock = fakeClock();
    const events: AppEvent[] = [];
    const app = await open(newProfile(), { store: 'keychain', ports: { clock } });
    app.onEvent((event) => events.push(event));
    await value(app, 'settings.set', { lockAfterMinutes: 2 });
    await clock.advance(100_000);
    await value(app, 'app.touch', {});
    await clock.advance(100_000);
    expect((await value(app, 'app.status', {})).state).toBe('open');
    await clock.advance(30_000);
    await expect.poll(async () => (await value(app, 'app.status', {})).state).toBe('locked');
    expect(events.filter((event) => event.name === 'app.locked')).toEqual([{ name: 'app.locked', payload: { why: 'idle' } }]);
    expect(await code(app, 'deployment.list', {})).toBe('profile_locked');
  });
  it('a machine that slept wakes up locked', async () => {
    const clock = fakeClock();
    const app = await open(newProfile(), { store: 'keychain', ports: { clock } });
    await clock.advance(20_000);
    clock.setWall(clock.now() + 3_600_000);
    await clock.advance(6_000);
    await expect.poll(async () => (await value(app, 'app.status', {})).state).toBe('locked');
  });
});

describe('the clipboard (R34)', () => {
  it('is cleared after the set time, only while it is still ours, and at lock', async () => {
    const clock = fakeClock();
    const clipboard = fakeClipboard();
    const app = await open(newProfile(), { store: 'keychain', ports: { clock, clipboard } });
    expect(await value(app, 'clipboard.copy', { text: 'opened payload' })).toEqual({ copied: true, clearsAfterSeconds: 30 });
    await clock.advance(29_000);
    expect(clipboard.text).toBe('opened payload');
    await clock.advance(2_000);
    await expect.poll(() => clipboard.text).toBe('');

    await value(app, 'clipboard.copy', { text: 'opened payload' });
    clipboard.text = 'something of the admin';
    await clock.advance(31_000);
    expect(clipboard.text).toBe('something of the admin');

    await value(app, 'clipboard.copy', { text: 'opened payload' });
    clipboard.readable = false;
    await clock.advance(31_000);
    expect(clipboard.text).toBe('opened payload');
    clipboard.readable = true;
    await clock.advance(6_000);
    await expect.poll(() => clipboard.text).toBe('');

    await value(app, 'clipboard.copy', { text: 'opened payload' });
    await value(app, 'app.lock', {});
    expect(clipboard.text).toBe('');
  });
});

it('nothing in this file was logged as an error: no undeclared code left a call, and no background work failed', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
