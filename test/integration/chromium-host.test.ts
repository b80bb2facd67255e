// The Chromium host as a process: no socket, no network, no core files, one window per profile, and everything ends together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { summonWindow } from '#core/profile/summon.ts';
import { readArguments, UsageError } from '../../electron/hosts/chromium/arguments.ts';
import { findChromium } from '../../electron/hosts/chromium/find-chromium.ts';
import { Pipe } from '../../electron/hosts/chromium/pipe.ts';
import { chromiumSwitches, PREFERENCES } from '../../electron/hosts/chromium/switches.ts';
import { spawnHost, startHost } from '../e2e/harness.ts';
import type { DrivenHost, HostOptions, Started } from '../e2e/harness.ts';
import { commandLine, coreLimits, environment, internetSockets, isRunning, processTree } from './chromium-host-proc.ts';

const running: Started[] = [];
const isRoot = process.getuid?.() === 0;

async function start(options: HostOptions = {}): Promise<DrivenHost> {
  const host = await startHost({ page: 'fixture', secrets: 'memory', ...options });
  running.push(host);
  return host;
}

function startUndriven(options: HostOptions = {}): Started {
  const host = spawnHost({ page: 'fixture', secrets: 'memory', isDriven: false, ...options });
  running.push(host);
  return host;
}

/** The host answers a summons from the moment its window is open. */
async function windowOf(host: Started): Promise<readonly number[]> {
  await expect.poll(() => summonWindow(host.profileDir, 500), { timeout: 20_000 }).toBe(true);
  return processTree(host.process.pid ?? 0);
}

function browserOf(pids: readonly number[]): number {
  const pid = pids.find((candidate) => commandLine(candidate).includes('--remote-debugging-pipe') && !commandLine(candidate).some((word) => word.startsWith('--type=')));
  if (pid === undefined) throw new Error('There is no Chromium in this process tree.');
  return pid;
}

afterEach(async () => {
  for (const host of running.splice(0)) await host.close();
});

describe('started as the product starts', () => {
  it('holds no internet socket at all, listening or not', async () => {
    const host = startUndriven();
    const pids = await windowOf(host);
    expect(pids.length).toBeGreaterThan(3);
    expect(internetSockets(pids)).toEqual([]);
    expect(commandLine(browserOf(pids)).filter((word) => word.startsWith('--remote-debugging-port'))).toEqual([]);
  });

  it('the check for sockets finds the one of a test port', async () => {
    const host = await start();
    const listening = internetSockets(processTree(host.process.pid ?? 0)).filter((socket) => socket.isListening);
    expect(listening).toHaveLength(1);
  });

  it('goes without the sandbox as root alone, and says it', async () => {
    const options = { userDataDir: '/nowhere', isHeadless: false, hasDebugPort: false };
    expect(chromiumSwitches({ ...options, isRoot: false })).not.toContain('--no-sandbox');
    expect(chromiumSwitches({ ...options, isRoot: true })).toContain('--no-sandbox');
    const host = startUndriven();
    const pids = await windowOf(host);
    expect(commandLine(browserOf(pids)).includes('--no-sandbox')).toBe(isRoot);
    expect(host.said().includes('--no-sandbox')).toBe(isRoot);
  });

  it('R35: no process of it may write a core file', async () => {
    const pids = await windowOf(startUndriven());
    const limits = pids.map((pid) => ({ pid, words: commandLine(pid).slice(0, 2).join(' '), limits: coreLimits(pid) }));
    // One that ended while it was looked at has no limits any more.
    const living = limits.filter(({ pid }) => isRunning(pid));
    expect(living.length).toBeGreaterThan(3);
    for (const each of living) expect(each.limits, each.words).toEqual(['0', '0']);
  });

  it('tells Chromium nothing of what is meant for the host', async () => {
    const host = startUndriven({ env: { HOLDFAST_PASSPHRASE_FILE: '/nowhere/passphrase' } });
    const pids = await windowOf(host);
    expect(environment(browserOf(pids)).filter((entry) => entry.startsWith('HOLDFAST_'))).toEqual([]);
    expect(environment(browserOf(pids)).length).toBeGreaterThan(3);
  });

  it('R14: the switches of the tests do not exist without their variable', () => {
    for (const word of ['--remote-debugging-port=0', '--headless', '--inspect', '--no-sandbox', '--load-extension=/x', '--js-flags=x', '--host-rules=x']) expect(() => readArguments([word], {}, '/')).toThrow(UsageError);
    expect(readArguments(['--profile', 'p', '--secrets', 'memory'], {}, '/here')).toEqual({ profileDir: '/here/p', store: 'memory', isHeadless: false, hasDebugPort: false });
    expect(() => readArguments(['--secrets', 'elsewhere'], {}, '/')).toThrow(UsageError);
    expect(readArguments(['--help'], {}, '/')).toBeNull();
  });

  it('keeps the window folder to its owner', async () => {
    const host = startUndriven();
    await windowOf(host);
    expect(statSync(join(host.profileDir, 'window')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(host.profileDir, 'window'))) expect(statSync(join(host.profileDir, 'window', name)).mode & 0o777).toBe(0o700);
  });
});

describe('ends together', () => {
  it('closing the window ends the host with 0 and leaves no process and no window folder', async () => {
    const host = await start();
    // A page that is there before its guards stand would be a window that did not open.
    const pids = await windowOf(host);
    const session = await host.page.context().newCDPSession(host.page);
    const { targetInfo } = await session.send('Target.getTargetInfo');
    await session.send('Target.closeTarget', { targetId: targetInfo.targetId }).catch(() => undefined);
    expect(await host.exited).toBe(0);
    await expect.poll(() => pids.filter(isRunning), { timeout: 5000 }).toEqual([]);
    expect(readdirSync(join(host.profileDir, 'window'))).toEqual([]);
  });

  it('asked to end by a signal, it ends with 0', async () => {
    const host = startUndriven();
    const pids = await windowOf(host);
    host.process.kill('SIGTERM');
    expect(await host.exited).toBe(0);
    await expect.poll(() => pids.filter(isRunning), { timeout: 5000 }).toEqual([]);
  });

  it('killing the host ends Chromium, and the next start of the profile works', async () => {
    const host = startUndriven();
    const pids = await windowOf(host);
    host.process.kill('SIGKILL');
    await host.exited;
    await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    const again = startUndriven({ profileDir: host.profileDir });
    await windowOf(again);
    // What the killed one left is gone: one folder, of the one that runs.
    expect(readdirSync(join(host.profileDir, 'window'))).toHaveLength(1);
  });

  it('killing Chromium ends the host', async () => {
    const host = startUndriven();
    const pids = await windowOf(host);
    process.kill(browserOf(pids), 'SIGKILL');
    expect(await host.exited).toBe(0);
    await expect.poll(() => pids.filter(isRunning), { timeout: 5000 }).toEqual([]);
  });
});

describe('one window per profile', () => {
  it('R45: a second start brings the first to the front, says so, and exits 0', async () => {
    const first = await start();
    await first.page.evaluate(() => {
      const page = globalThis as unknown as { heard: string[]; holdfast: { onEvent(listener: (event: { name: string }) => void): void } };
      page.heard = [];
      // Others may come at any time: the verification after opening ends when it ends.
      page.holdfast.onEvent((event) => { if (event.name === 'app.summoned') page.heard.push(event.name); });
    });
    const folders = readdirSync(join(first.profileDir, 'window'));
    const second = startUndriven({ profileDir: first.profileDir });
    expect(await second.exited).toBe(0);
    expect(second.said()).toContain('already open');
    const heard = (): Promise<string[]> => first.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
    await expect.poll(heard, { timeout: 5000 }).toEqual(['app.summoned']);
    // The first was not disturbed.
    expect(await first.page.title()).toBe('Fixture');
    expect(readdirSync(join(first.profileDir, 'window'))).toEqual(folders);
  });

  it('R45: of two starts in the same instant one has the window; the other ends, and its Chromium with it', async () => {
    const profileDir = join(mkdtempSync(join(tmpdir(), 'holdfast-twins-')), 'profile');
    const twins = [startUndriven({ profileDir }), startUndriven({ profileDir })];
    const ended = await Promise.race(twins.map(async (host) => { await host.exited; return host; }));
    // 3 where the first window took longer to come up than a summons is waited for.
    expect([0, 3]).toContain(await ended.exited);
    const left = twins.find((host) => host !== ended);
    if (left === undefined) throw new Error('there were two');
    const pids = await windowOf(left);
    expect(left.process.exitCode).toBeNull();
    expect(commandLine(browserOf(pids)).length).toBeGreaterThan(1);
    const [own] = commandLine(browserOf(pids)).filter((word) => word.startsWith('--user-data-dir=')).map((word) => word.slice('--user-data-dir='.length));
    expect(readdirSync(join(profileDir, 'window')).map((name) => join(profileDir, 'window', name))).toEqual([own]);
    await left.close();
    rmSync(join(profileDir, '..'), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
});

/** What leaves the machine or asks for it. Looking up a name under the resolver rule ends before any of these. */
const TRAFFIC = /^(TCP_CONNECT|TCP_CONNECT_ATTEMPT|SSL_CONNECT|UDP_BYTES_SENT|QUIC_SESSION|HOST_RESOLVER_DNS_TASK|HOST_RESOLVER_SYSTEM_TASK)$/;

describe('the network', () => {
  it('its log shows neither a lookup nor a connection, even where a page asks for names and addresses', async () => {
    const seen = await networkEvents({ hasRule: true });
    expect(seen.total).toBeGreaterThan(0);
    expect(seen.names.filter((name) => TRAFFIC.test(name))).toEqual([]);
    expect(seen.hits).toBe(0);
  });

  it('the same look without the resolver rule does show them', async () => {
    const seen = await networkEvents({ hasRule: false });
    expect(seen.names.filter((name) => TRAFFIC.test(name))).toContain('TCP_CONNECT');
    expect(seen.hits).toBeGreaterThan(0);
  });
});

/** Runs Chromium with the product's switches on a page that asks for a name, and reads its own network log. */
async function networkEvents({ hasRule }: { hasRule: boolean }): Promise<{ total: number; names: readonly string[]; hits: number }> {
  let hits = 0;
  const recorder = createServer((socket) => { hits += 1; socket.destroy(); }).listen(0, '127.0.0.1');
  await once(recorder, 'listening');
  const { port } = recorder.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-netlog-'));
  const file = join(folder, 'net.json');
  mkdirSync(join(folder, 'data', 'Default'), { recursive: true });
  writeFileSync(join(folder, 'data', 'Default', 'Preferences'), JSON.stringify(PREFERENCES));
  const switches = chromiumSwitches({ userDataDir: join(folder, 'data'), isRoot, isHeadless: true, hasDebugPort: false }).filter((word) => hasRule || !word.startsWith('--host-resolver-rules'));
  const child = spawn(findChromium() ?? '', [...switches, `--log-net-log=${file}`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const exited = new Promise((settle) => child.once('exit', settle));
  try {
    const pipe = new Pipe(child.stdio[3] as Writable, child.stdio[4] as Readable);
    const attached = new Promise<string>((settle) => pipe.onEvent((event) => { if (event.method === 'Target.attachedToTarget') settle(String(event.params['sessionId'])); }));
    await pipe.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
    const session = await attached;
    // It fails either way; what counts is how far it got.
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, 'holdfast-test.invalid']) await pipe.send('Page.navigate', { url: `http://${host}/` }, session);
    await pipe.send('Browser.close').catch(() => undefined);
    await exited;
    const log = JSON.parse(readFileSync(file, 'utf8')) as { constants: { logEventTypes: Record<string, number> }; events: { type: number }[] };
    const nameOf = new Map(Object.entries(log.constants.logEventTypes).map(([name, number]) => [number, name]));
    return { total: log.events.length, names: [...new Set(log.events.map((event) => nameOf.get(event.type) ?? ''))], hits };
  } finally {
    child.kill('SIGKILL');
    recorder.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
