// The profile as it opens and moves: vault, app passphrase, memory-only, a second writer (R26, R27, R28, R45).
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { code, value } from '../support/calls.ts';
import { fileStore } from '../support/ports.ts';
import { acme, phrase, useProfiles } from '../support/profiles.ts';

const { log, newProfile, open } = useProfiles();

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

it('nothing in this file was logged as an error: no undeclared code left a call, and no background work failed', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
