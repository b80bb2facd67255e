// The profile when something comes in between: a crash, a lock, a keychain that locks itself, a ledger head that is gone, a directory that is no profile.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { code, value } from '../support/calls.ts';
import { fileStore } from '../support/ports.ts';
import { acme, phrase, useProfiles } from '../support/profiles.ts';

const { log, newProfile, open } = useProfiles();

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

describe('a crash between the very first entry and its head', () => {
  it('is told from a head that was taken away, and nothing is taken over', async () => {
    const profileDir = newProfile();
    const file = fileStore(`${profileDir}.keychain.json`);
    const isFirstHead = (name: string, text: string): boolean => name === 'ledger-head' && text.includes('"entries":1,');
    const app = await open(profileDir, { store: 'keychain', ports: { keychain: () => ({ ...file, set: async (name, text) => { if (isFirstHead(name, text)) throw new AppError('keychain_locked', { message: 'locked', hint: 'unlock' }); await file.set(name, text); } }) } });
    expect(await code(app, 'deployment.add', acme)).toBe('keychain_locked');
    await app.close();
    const later = await open(profileDir);
    expect((await value(later, 'ledger.verify', {})).verdict).toBe('intact-head-behind');
    await value(later, 'deployment.add', { ...acme, name: 'other' });
    expect((await value(later, 'ledger.list', {})).entries.map((entry) => entry.action)).not.toContain('ledger.head.adopted');
    expect((await value(later, 'ledger.verify', {})).verdict).toBe('intact');
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

it('nothing in this file was logged as an error: no undeclared code left a call, and no background work failed', () => {
  expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
