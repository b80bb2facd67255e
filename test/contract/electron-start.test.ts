// Starts of the Electron host that are not the plain window: refused, second, without a display, in a checkout; and the parts that it lends to core.
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Ports } from '#core/ports.ts';
import { AppError } from '#shared/errors.ts';
import { watchForSummons } from '#core/profile/summon.ts';
import { systemClipboard } from '../../electron/hosts/electron/clipboard.ts';
import { sampleProcess } from '../../electron/hosts/electron/sample.ts';
import { temporaryFolder } from '../support/ports.ts';
import { changedHost, fakeApp, startElectronHost } from './electron-host.ts';
import type { RunningHost, StartOptions } from './electron-host.ts';
import { resetElectron, state } from './fake-electron.ts';

vi.mock('electron', async () => (await import('./fake-electron.ts')).electronModule);
vi.mock('#core/app.ts', () => ({ createApp: (ports: Ports) => { fakeApp.ports = ports; return Promise.resolve(fakeApp.current?.()); } }));

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });
afterAll(() => vi.restoreAllMocks());

async function start(options: StartOptions): Promise<RunningHost> {
  const host = await startElectronHost(options);
  cleanUps.push(() => host.stop());
  return host;
}

describe('a start of the Electron host', () => {
  it('R14: ends with exit code 2 and no window when a packaged program gets a dangerous switch', async () => {
    const host = await start({ words: ['--inspect=0'] });
    expect({ exits: host.electron.exits, windows: host.electron.windows.length, isReady: host.electron.isReady }).toEqual({ exits: [2], windows: 0, isReady: false });
    expect(host.said.join('')).toContain('Holdfast does not start with the switch inspect');
  });

  it('R14: the test above fails where the switch is not looked at', async () => {
    const copy = changedHost({ file: 'arguments.ts', from: '  if (source.isRelease) for (const name of switchesIn(words, source.platform)) if (!isKnown(name)) throw refused(name);\n', to: '' });
    const careless = changedHost({ file: 'arguments.ts', from: "const DANGEROUS = /^(inspect|", to: "const DANGEROUS = /^(" });
    cleanUps.push(copy.remove, careless.remove);
    expect((await start({ folder: copy.folder, words: ['--some-new-switch', '--secrets', 'memory'] })).electron.exits).toEqual([]);
    const { readArguments } = (await import(/* @vite-ignore */ `${careless.folder}/arguments.ts`)) as typeof import('../../electron/hosts/electron/arguments.ts');
    expect(readArguments({ argv: ['holdfast', '--inspect', 'frob'], env: {}, cwd: '/', isRelease: true, platform: 'linux' })).toMatchObject({ kind: 'command' });
  });

  it('lets a developer look inside from a checkout', async () => {
    const host = await start({ isPackaged: false });
    expect((host.window.options.webPreferences as Record<string, unknown>)['devTools']).toBe(true);
  });

  it.each([{ isFirstInstance: false }, { problemCode: 'profile_in_use' }])('brings the first window to the front and ends with 0: %j', async (second) => {
    const folder = temporaryFolder('summoned');
    let summons = 0;
    cleanUps.push(folder.remove, watchForSummons(folder.path, () => { summons += 1; }));
    const host = await start({ ...second, words: ['--profile', folder.path] });
    expect({ exits: host.electron.exits, windows: host.electron.windows.length, summons }).toEqual({ exits: [0], windows: 0, summons: 1 });
    expect(host.said.join('')).toContain('its window was brought to the front');
  });

  it('ends with 3 when the holder of the profile has no window that answers', async () => {
    const folder = temporaryFolder('unanswered');
    cleanUps.push(folder.remove);
    writeFileSync(`${folder.path}/profile.holder`, JSON.stringify({ pid: 4711, host: 'cli' }));
    const host = await start({ problemCode: 'profile_in_use', words: ['--profile', folder.path] });
    expect(host.electron.exits).toEqual([3]);
    expect(host.said.join('')).toContain('(cli, process 4711)');
  });
});

describe('what the Electron host lends to core', () => {
  it('R34: the clipboard gives back what was written, and null while it cannot be read', async () => {
    resetElectron({});
    await systemClipboard.write('text');
    expect(state.clipboard).toBe('text');
    expect(await systemClipboard.read()).toBe('text');
    const { clipboard } = (await import('./fake-electron.ts')).electronModule;
    const broken = [vi.spyOn(clipboard, 'readText').mockRejectedValue(new Error('no')), vi.spyOn(clipboard, 'writeText').mockRejectedValue(new Error('no'))];
    expect(await systemClipboard.read()).toBeNull();
    await expect(systemClipboard.write('x')).rejects.toMatchObject({ code: 'busy' });
    for (const spy of broken) spy.mockRestore();
  });

  it('the sample is one child, started by path, that says where it listens', async () => {
    resetElectron({});
    const sample = sampleProcess(import.meta.filename);
    const [first, second] = [sample.start(), sample.start()];
    const child = state.forks[0];
    expect(state.forks).toHaveLength(1);
    expect(child).toMatchObject({ path: import.meta.filename, options: { stdio: ['ignore', 'pipe', 'ignore'] } });
    const line = JSON.stringify({ url: 'http://127.0.0.1:1', token: 't', ca: null, auditKeys: [{ keyId: 'k', key: 'v' }] });
    child?.stdout.write(line.slice(0, 10));
    child?.stdout.write(`${line.slice(10)}\nmore`);
    expect(await first).toEqual({ url: 'http://127.0.0.1:1', token: 't', auditKeys: [{ keyId: 'k', key: 'v' }] });
    expect(await second).toBe(await first);
    sample.stop();
    expect(child?.isKilled).toBe(true);
  });

  it.each([['a line that is none', 'nonsense\n'], ['its end', null]])('the sample that answers with %s is an error that says so, and can be started again', async (_what, text) => {
    resetElectron({});
    const sample = sampleProcess(import.meta.filename);
    const first = sample.start();
    if (text === null) state.forks[0]?.emit('exit', 1);
    else state.forks[0]?.stdout.write(text);
    await expect(first).rejects.toMatchObject({ code: 'sample_unavailable' });
    state.forks[0]?.emit('exit', 1);
    void sample.start().catch(() => undefined);
    expect(state.forks).toHaveLength(2);
    state.forks[1]?.emit('exit', 1);
  });

  it('a program without the sample says so', async () => {
    await expect(sampleProcess('/nowhere/navi.mjs').start()).rejects.toBeInstanceOf(AppError);
  });
});
