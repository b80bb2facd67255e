// What only a real Electron can show: that it loads our bundle and the native database. Where its binary is absent nothing here runs, and the title says so.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePackage } from '../../build/package.mjs';
import { findElectron } from '../../build/window-hosts.mjs';
import { temporaryFolder } from '../support/ports.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = findElectron();
const temporary = temporaryFolder('electron-binary');

describe.skipIf(binary === null)(`a real Electron${binary === null ? ' (its binary is not on this machine)' : ''}`, () => {
  beforeAll(() => preparePackage({ out: new Writable({ write: (_chunk, _encoding, done) => done() }) }), 120_000);
  afterAll(() => temporary.remove());

  it('runs a command without a window and without a display, with the database', () => {
    const isRoot = process.getuid?.() === 0;
    const args = [...(isRoot ? ['--no-sandbox'] : []), ...(process.platform === 'linux' ? ['--ozone-platform=headless'] : []), root, 'ledger', 'verify', '--json', '--secrets', 'memory', '--profile', join(temporary.path, 'profile')];
    const { status, stdout, stderr } = spawnSync(binary ?? '', args, { encoding: 'utf8', timeout: 60_000, env: { ...process.env, NODE_OPTIONS: '' } });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'intact' });
  });
});
