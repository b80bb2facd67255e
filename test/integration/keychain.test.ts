// Meets all seven keychain states with the real gnome-keyring daemon on a private bus; no answer here is made up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Operation, Reply } from './keychain-child.ts';
import { startPrivateBus } from './private-bus.ts';
import type { Environment, PrivateBus } from './private-bus.ts';

const CHILD = join(import.meta.dirname, 'keychain-child.ts');
const SERVICE = 'holdfast-test';
const PASSWORD = 'keyring password';
const CHILD_EXIT_WITHIN_MS = 20_000;

async function bus(options: { deny?: boolean } = {}): Promise<PrivateBus> {
  const started = await startPrivateBus(options);
  onTestFinished(() => started.dispose());
  return started;
}

/** Runs the operations one after another in one child and gives its replies. Any other end than its own exit code fails the test. */
async function child(env: Environment, operations: readonly Operation[], timeoutMs = 10_000): Promise<Reply[]> {
  const process_ = spawn(process.execPath, [CHILD, JSON.stringify({ service: SERVICE, timeoutMs, operations })], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const patience = setTimeout(() => process_.kill('SIGKILL'), CHILD_EXIT_WITHIN_MS + timeoutMs * operations.length);
  const [stdout, stderr, [code, signal]] = await Promise.all([text(process_.stdout), text(process_.stderr), once(process_, 'exit')]);
  clearTimeout(patience);
  expect({ code, signal, stderr }).toEqual({ code: 42, signal: null, stderr: '' });
  return JSON.parse(stdout) as Reply[];
}

async function probe(env: Environment, expectCanary: boolean, timeoutMs?: number): Promise<string | null | undefined> {
  const [reply] = await child(env, [{ do: 'probe', expectCanary }], timeoutMs);
  return reply?.value;
}

describe.runIf(process.platform === 'linux')('keychain with the real daemon', { timeout: 90_000 }, () => {
  it('R26: unlocked is working; what is set is seen from outside, comes back in another process and goes when deleted', async () => {
    const session = await bus();
    await session.startKeyring(PASSWORD);
    const value = `tök "en"\n${'x'.repeat(3_000)} 🔑`;
    const replies = await child(session.env, [
      { do: 'probe', expectCanary: false }, { do: 'plant' }, { do: 'get', name: 'token:a' }, { do: 'set', name: 'token:a', value }, { do: 'probe', expectCanary: true },
    ]);
    expect(replies.map((reply) => reply.error ?? reply.value)).toEqual(['working', undefined, null, undefined, 'working']);
    expect(await session.lookup(SERVICE, 'token:a')).toBe(value);
    expect(await session.lookup(SERVICE, 'canary')).toMatch(/^canary:[0-9a-f]{32}$/);
    expect((await child(session.env, [{ do: 'get', name: 'token:a' }]))[0]?.value).toBe(value);
    await child(session.env, [{ do: 'delete', name: 'token:a' }, { do: 'delete', name: 'token:a' }]);
    expect(await session.lookup(SERVICE, 'token:a')).toBeNull();
    expect(await session.lookup(SERVICE, 'canary')).not.toBeNull();
  });

  it('R26: several processes may probe at the same time', async () => {
    const session = await bus();
    await session.startKeyring(PASSWORD);
    await child(session.env, [{ do: 'plant' }]);
    const probes = Array.from({ length: 25 }, () => ({ do: 'probe', expectCanary: true }) as const);
    const replies = await Promise.all([1, 2, 3].map(() => child(session.env, probes)));
    expect(new Set(replies.flat().map((reply) => reply.error?.message ?? reply.value))).toEqual(new Set(['working']));
  });

  it('R26: locked is told from empty, writes are refused in words, and everything is still there after unlocking', async () => {
    const session = await bus();
    const open = await session.startKeyring(PASSWORD);
    await child(session.env, [{ do: 'plant' }, { do: 'set', name: 'database-key', value: 'kept' }]);
    const canary = await session.lookup(SERVICE, 'canary');
    await open.stop();
    const locked = await session.startKeyring(null);
    expect(await probe(session.env, true)).toBe('locked');
    expect(await probe(session.env, false)).toBe('locked');
    const [get, set] = await child(session.env, [{ do: 'get', name: 'database-key' }, { do: 'set', name: 'database-key', value: 'overwritten' }]);
    expect(get?.value).toBeNull(); // The trap: a locked keyring answers as if nothing were stored.
    expect(set?.error).toMatchObject({ code: 'keychain_locked', message: expect.stringContaining('still there'), hint: expect.stringContaining('Unlock') });
    await locked.stop();
    await session.startKeyring(PASSWORD);
    expect(await probe(session.env, true)).toBe('working');
    expect(await session.lookup(SERVICE, 'database-key')).toBe('kept');
    expect(await session.lookup(SERVICE, 'canary')).toBe(canary);
  });

  it('R26: a bus without a Secret Service is no-service', async () => {
    const session = await bus();
    expect(await probe(session.env, true)).toBe('no-service');
    const [set] = await child(session.env, [{ do: 'set', name: 'a', value: 'b' }]);
    expect(set?.error).toMatchObject({ code: 'keychain_no_service', hint: expect.stringContaining('passphrase vault') });
  });

  it('R26: a daemon in a fresh home, where no login keyring exists, is no-service', async () => {
    const session = await bus();
    await session.startKeyring(null);
    expect(await probe(session.env, false)).toBe('no-service');
    expect(await probe(session.env, true)).toBe('no-service');
  });

  it('R26: no bus in the environment, an address without a socket and a socket without a bus are no-bus', async () => {
    const session = await bus();
    expect(await probe(session.envWithoutBus, true)).toBe('no-bus');
    expect(await probe({ ...session.env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${session.directory}/absent` }, true)).toBe('no-bus');
    await session.killBus();
    expect(await probe(session.env, true)).toBe('no-bus');
    const [set] = await child(session.env, [{ do: 'set', name: 'a', value: 'b' }]);
    expect(set?.error).toMatchObject({ code: 'keychain_no_bus' });
  });

  it('R26: a bus whose policy refuses the Secret Service is denied', async () => {
    const session = await bus({ deny: true });
    await session.startKeyring(PASSWORD);
    expect(await probe(session.env, true)).toBe('denied');
    const [get, set, gone] = await child(session.env, [{ do: 'get', name: 'a' }, { do: 'set', name: 'a', value: 'b' }, { do: 'delete', name: 'a' }]);
    for (const reply of [get, set, gone]) expect(reply?.error?.code).toBe('keychain_denied');
  });

  it('R26: a keyring that was reset is canary-lost, every time, and nothing is planted again', async () => {
    const session = await bus();
    const first = await session.startKeyring(PASSWORD);
    await child(session.env, [{ do: 'plant' }, { do: 'set', name: 'database-key', value: 'gone soon' }]);
    expect(await probe(session.env, true)).toBe('working');
    await first.stop();
    await rm(join(session.home, '.local', 'share', 'keyrings'), { recursive: true });
    await session.startKeyring('another password');
    for (let turn = 0; turn < 2; turn += 1) expect(await probe(session.env, true)).toBe('canary-lost');
    expect(await session.lookup(SERVICE, 'canary')).toBeNull();
    expect(await probe(session.env, false)).toBe('working');
  });

  it('R26: a daemon that does not answer is timed-out within the limit, the process leaves at once with its exit code, and nothing was lost', async () => {
    const session = await bus();
    const keyring = await session.startKeyring(PASSWORD);
    await child(session.env, [{ do: 'plant' }, { do: 'set', name: 'database-key', value: 'kept' }]);
    await keyring.freeze();
    const started = performance.now();
    const replies = await child(session.env, [{ do: 'probe', expectCanary: true }, { do: 'get', name: 'database-key' }, { do: 'set', name: 'database-key', value: 'never' }], 500);
    // Without leaving by itself the process would wait for D-Bus to give up: 50 s.
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(replies[0]?.value).toBe('timed-out');
    expect(replies[1]?.error?.code).toBe('keychain_timed_out');
    expect(replies[2]?.error).toMatchObject({ code: 'keychain_timed_out', message: expect.stringContaining('Nothing was changed') });
    for (const reply of replies) expect(reply.tookMs).toBeLessThan(5_000);
    keyring.thaw();
    expect(await probe(session.env, true)).toBe('working');
    expect(await session.lookup(SERVICE, 'database-key')).toBe('kept');
  });

  it('R26: without libsecret the keychain is no-service and the words name the package', async () => {
    const session = await bus();
    await session.startKeyring(PASSWORD);
    const broken = join(session.directory, 'lib');
    await mkdir(broken);
    await writeFile(join(broken, 'libsecret-1.so.0'), '');
    const env = { ...session.env, LD_LIBRARY_PATH: broken };
    expect(await probe(env, true)).toBe('no-service');
    const [get] = await child(env, [{ do: 'get', name: 'a' }]);
    expect(get?.error).toMatchObject({ code: 'keychain_no_service', message: expect.stringContaining('libsecret-1-0'), hint: expect.stringContaining('apt-get install libsecret-1-0') });
  });
});
