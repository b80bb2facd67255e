// The Electron host over the real core: from the page's bridge to an encrypted cache and back, with Electron itself played by a stand-in.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { startElectronHost } from './electron-host.ts';
import type { RunningHost } from './electron-host.ts';
import { state } from './fake-electron.ts';

vi.mock('electron', async () => (await import('./fake-electron.ts')).electronModule);

let host: RunningHost | null = null;
afterEach(async () => { await host?.stop(); host = null; });
afterAll(() => vi.restoreAllMocks());

async function openInMemory(): Promise<RunningHost> {
  host = await startElectronHost({ secrets: 'memory' });
  return host;
}

describe('the Electron host over the real core', () => {
  it('opens the profile, serves the page and takes what it typed', async () => {
    const { bridge, profileDir } = await openInMemory();
    expect(await bridge().call('app.status', {})).toMatchObject({ ok: true, value: { host: 'electron', version: '9.8.7', state: 'open', access: 'write', problem: null, cache: { encrypted: true } } });
    const added = await bridge().call('deployment.add', { name: 'Acme', url: 'https://navi.acme.example', kind: 'navi', environment: 'production' });
    expect(added).toMatchObject({ ok: true, value: { name: 'Acme', readOnly: true } });
    expect(existsSync(join(profileDir, 'profile.lock'))).toBe(true);
  });

  it('R32: the screen lock of the system locks core; the page starts anew and is refused what it was shown before', async () => {
    const running = await openInMemory();
    await running.bridge().call('app.status', {});
    const before = state.page;
    running.electron.power.emit('lock-screen');
    await vi.waitFor(() => { if (state.page === before || state.page?.world['holdfast'] === undefined) throw new Error('the page is not back'); }, { timeout: 5000 });
    expect(await running.bridge().call('app.status', {})).toMatchObject({ ok: true, value: { state: 'locked' } });
    expect(await running.bridge().call('deployment.list', {})).toMatchObject({ ok: false, error: { code: 'profile_locked' } });
    expect(running.contents.crashes).toBe(1);
  });

  it('R30: lets go of the profile at the end and leaves only folders and files for their owner', async () => {
    const running = await openInMemory();
    await running.bridge().call('app.status', {});
    running.window.destroy();
    expect(await running.exited).toBe(0);
    expect(existsSync(join(running.profileDir, 'profile.holder'))).toBe(false);
    for (const entry of readdirSync(running.profileDir, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      expect(statSync(path).mode & 0o077, path).toBe(0);
    }
  });
});
