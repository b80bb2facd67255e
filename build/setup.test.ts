// Owns the proof that the set-up works from nothing, in a copy of the front door; refuses to touch this tree or the network.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type * as Bundles from './bundles.mjs';
import { inTree } from './tree.mjs';
import type * as WindowHosts from './window-hosts.mjs';

/** A tree whose one dependency is a folder of its own: `npm ci` is the real one and needs no network. */
let tree: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'holdfast-tree-'));
  for (const name of readdirSync(inTree('build')).filter((entry) => entry.endsWith('.mjs'))) cpSync(inTree('build', name), join(tree, 'build', name));
  mkdirSync(join(tree, 'local'));
  const local = { name: 'local', version: '1.0.0' };
  const project = { name: 'tree', version: '1.0.0', dependencies: { local: 'file:local' } };
  writeFileSync(join(tree, 'local', 'package.json'), JSON.stringify(local));
  writeFileSync(join(tree, 'package.json'), JSON.stringify({ ...project, type: 'module' }));
  const packages = { '': project, local: { version: '1.0.0' }, 'node_modules/local': { resolved: 'local', link: true } };
  writeFileSync(join(tree, 'package-lock.json'), JSON.stringify({ name: 'tree', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
  mkdirSync(join(tree, 'electron/hosts/cli'), { recursive: true });
  writeFileSync(
    join(tree, 'electron/hosts/cli/main.ts'),
    `const args: string[] = process.argv.slice(2);
     process.stdout.write(JSON.stringify({ args, cwd: process.cwd() }));
     if (args[0] === 'exit') process.exit(7);
     if (args[0] === 'wait') { process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); }`,
  );
});

afterEach(() => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(tree, { recursive: true, force: true });
});

interface Ended { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

function begin(args: string[], more: { env?: Record<string, string>; cwd?: string } = {}) {
  const child = spawn(process.execPath, args, { cwd: more.cwd ?? tree, env: { ...process.env, ...more.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<Ended>((settle) => child.once('close', (code, signal) => settle({ code, signal, ...said })));
  return { child, said, ended };
}

async function until(what: string, holds: () => boolean) {
  const limitMs = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > limitMs) throw new Error(`not within 20 s: ${what}`);
    await new Promise((settle) => setTimeout(settle, 20));
  }
}

const setUp = (need: string) => begin(['build/setup.mjs', need]);
const holdfast = (...args: string[]) => begin(['build/holdfast.mjs', ...args]);

describe('the CLI from nothing', () => {
  test('without node_modules the set-up runs first, all of it on stderr; the second time there is not a byte of it', async () => {
    const first = await holdfast('list', '--json').ended;
    expect(first.stderr).toContain('Set-up: npm ci');
    expect(JSON.parse(first.stdout)).toMatchObject({ args: ['list', '--json'] });
    const second = await holdfast('list').ended;
    expect(second).toMatchObject({ code: 0, stderr: '' });
  });

  test('what Node keeps of a source is used, and never for another content, even of the same length and time', async () => {
    const part = join(tree, 'electron/hosts/cli/part.ts');
    const write = (word: string) => {
      writeFileSync(part, `export const word: string = '${word}';\n`);
      utimesSync(part, 1_700_000_000, 1_700_000_000);
    };
    writeFileSync(join(tree, 'electron/hosts/cli/main.ts'), "import { word } from './part.ts';\nprocess.stdout.write(word satisfies string);\n");
    write('before');
    expect((await holdfast().ended).stdout).toBe('before');
    const kept = join(tree, 'node_modules', '.cache', 'holdfast', 'compiled');
    const files = () => readdirSync(kept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files().length).toBeGreaterThanOrEqual(2);
    write('behind');
    expect((await holdfast().ended).stdout).toBe('behind');
    // Whatever stands there is checked: damage costs time and nothing else.
    for (const file of files()) writeFileSync(file, 'not what Node wrote');
    expect((await holdfast().ended).stdout).toBe('behind');
  });

  test('the exit code and a signal pass through', async () => {
    expect(await holdfast('exit').ended).toMatchObject({ code: 7 });
    const waiting = holdfast('wait');
    await until('the CLI is up', () => waiting.said.stdout.includes('wait'));
    waiting.child.kill('SIGTERM');
    expect(await waiting.ended).toMatchObject({ code: 9 });
  });

  test("a relative path means the user's directory, from any directory and through npm", async () => {
    const elsewhere = join(tree, 'electron', 'hosts');
    const entry = join(tree, 'build', 'holdfast.mjs');
    const direct = await begin([entry], { cwd: elsewhere }).ended;
    expect(JSON.parse(direct.stdout).cwd).toBe(elsewhere);
    const throughNpm = await begin([entry], { env: { npm_lifecycle_event: 'holdfast', INIT_CWD: elsewhere } }).ended;
    expect(JSON.parse(throughNpm.stdout).cwd).toBe(elsewhere);
  });

  test('a tree without the CLI says so and exits 3', async () => {
    rmSync(join(tree, 'electron/hosts/cli/main.ts'));
    const ended = await holdfast('list').ended;
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('electron/hosts/cli/main.ts is not in this tree.');
    expect(ended.stdout).toBe('');
  });

  test("npm's failure is passed on with its cause, and nothing is taken for installed", async () => {
    writeFileSync(join(tree, 'package-lock.json'), '{"name":"tree","lockfileVersion":3,"packages":{');
    const ended = await holdfast('list').ended;
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('`npm ci` failed');
    expect(ended.stdout).toBe('');
    expect((await holdfast('list').ended).code).toBe(3);
  });
});

describe('the packages', () => {
  test('a node_modules filled by a plain npm ci is accepted, one from an older lockfile is not', async () => {
    await setUp('cli').ended;
    rmSync(join(tree, 'node_modules', '.cache'), { recursive: true });
    expect((await setUp('cli').ended).stdout).not.toContain('npm ci');
    writeFileSync(join(tree, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/gone': { version: '1.0.0' } } }));
    expect((await setUp('cli').ended).stdout).toContain('npm ci (node_modules/gone is missing)');
  });
});

describe('several at once', () => {
  test('one installs, the others wait for it, and every one of them works', async () => {
    const all = await Promise.all([holdfast('a').ended, holdfast('b').ended, holdfast('c').ended]);
    expect(all.map((ended) => ended.code)).toEqual([0, 0, 0]);
    expect(all.filter((ended) => ended.stderr.includes('npm ci: done'))).toHaveLength(1);
    expect(readdirSync(join(tree, '.cache'))).toEqual([]);
  });

  test('the lock of a holder that was killed does not keep the next one out', async () => {
    const gone = begin(['-e', '']);
    await gone.ended;
    mkdirSync(join(tree, '.cache', 'setup.lock'), { recursive: true });
    writeFileSync(join(tree, '.cache', 'setup.lock', 'holder.json'), JSON.stringify({ pid: gone.child.pid, host: hostname() }));
    expect((await setUp('cli').ended).code).toBe(0);
    expect(readdirSync(join(tree, '.cache'))).toEqual([]);
  });

  test('the lock of a living holder is waited for', async () => {
    mkdirSync(join(tree, '.cache', 'setup.lock'), { recursive: true });
    writeFileSync(join(tree, '.cache', 'setup.lock', 'holder.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
    const waiting = setUp('cli');
    await until('it says that it waits', () => waiting.said.stdout.includes(`process ${process.pid}`));
    expect(existsSync(join(tree, 'node_modules'))).toBe(false);
    rmSync(join(tree, '.cache', 'setup.lock'), { recursive: true });
    expect((await waiting.ended).code).toBe(0);
  });
});

describe("Electron's binary", () => {
  const limits = { silenceMs: 1000, totalMs: 20_000 };

  async function fetchWith(installer: string) {
    const folder = join(tree, 'node_modules', 'electron');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '45.0.0' }));
    writeFileSync(join(folder, 'install.js'), `const fs = require('node:fs'), path = require('node:path'), os = require('node:os');\n${installer}`);
    const hosts: typeof WindowHosts = await import(pathToFileURL(join(tree, 'build', 'window-hosts.mjs')).href);
    const startedMs = Date.now();
    return { ...(await hosts.fetchElectron(limits)), hosts, tookMs: Date.now() - startedMs };
  }

  test('a network that refuses is remembered, with its reason', async () => {
    const { isFetched, reason, hosts } = await fetchWith("console.error('ENOTFOUND'); process.exit(1);");
    expect({ isFetched, reason }).toEqual({ isFetched: false, reason: 'ENOTFOUND' });
    expect(hosts.wasElectronRefused()).toBe(true);
  });

  test('a network that swallows everything is given up within the limit', async () => {
    const { reason, tookMs } = await fetchWith('setInterval(() => {}, 1000);');
    expect(reason).toBe('nothing arrived for 1 s');
    expect(tookMs).toBeLessThan(5000);
  });

  test('a slow network that delivers is waited for', async () => {
    const { isFetched, hosts, tookMs } = await fetchWith(`
      const file = path.join(os.tmpdir(), 'electron.zip');
      const timer = setInterval(() => fs.appendFileSync(file, 'x'), 100);
      setTimeout(() => {
        clearInterval(timer);
        fs.mkdirSync(path.join(__dirname, 'dist'));
        fs.writeFileSync(path.join(__dirname, 'dist', 'electron'), '');
        fs.writeFileSync(path.join(__dirname, 'dist', 'version'), '45.0.0');
        fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron');
      }, 2500);`);
    expect(isFetched).toBe(true);
    expect(tookMs).toBeGreaterThan(limits.silenceMs);
    expect(hosts.findElectron()).toBe(join(tree, 'node_modules/electron/dist/electron'));
    expect(hosts.wasElectronRefused()).toBe(false);
  });

  test('an unpacking that was cut off is not taken for Electron', async () => {
    const { isFetched, hosts } = await fetchWith(`
      fs.mkdirSync(path.join(__dirname, 'dist'));
      fs.writeFileSync(path.join(__dirname, 'dist', 'electron'), '');
      process.exit(1);`);
    expect(isFetched).toBe(false);
    expect(hosts.findElectron()).toBeNull();
  });
});

describe('the window build', () => {
  /** Stands in for vite: what is proved is when it is called, and what is believed afterwards. */
  const builder = `import { mkdirSync, writeFileSync, appendFileSync, existsSync } from 'node:fs';
    appendFileSync('builds', process.argv.slice(2).join(' ') + '\\n');
    if (existsSync('renderer/broken.ts')) { console.error('broken.ts: no'); process.exit(1); }
    mkdirSync('out/renderer', { recursive: true }); writeFileSync('out/renderer/index.html', '');`;

  test('it is built when its sources change, and not for a test, a date or a second start', async () => {
    await setUp('cli').ended;
    mkdirSync(join(tree, 'node_modules/vite/bin'), { recursive: true });
    writeFileSync(join(tree, 'node_modules/vite/bin/vite.js'), builder);
    writeFileSync(join(tree, 'node_modules/vite/package.json'), '{"type":"module"}');
    mkdirSync(join(tree, 'renderer'));
    for (const name of ['vite.config.ts', 'main.tsx']) writeFileSync(join(tree, 'renderer', name), '');
    const bundles: typeof Bundles = await import(pathToFileURL(join(tree, 'build', 'bundles.mjs')).href);
    const why = () => bundles.whyBundleIsOld(bundles.rendererBundle);
    expect(why()).toBe('not built yet');
    await bundles.buildBundle(bundles.rendererBundle);
    expect(why()).toBeNull();
    writeFileSync(join(tree, 'renderer', 'main.test.tsx'), 'changed');
    utimesSync(join(tree, 'renderer', 'main.tsx'), new Date(), new Date());
    expect(why()).toBeNull();
    writeFileSync(join(tree, 'renderer', 'main.tsx'), 'changed');
    expect(why()).toBe('its sources changed');
    writeFileSync(join(tree, 'renderer', 'broken.ts'), '');
    await expect(bundles.buildBundle(bundles.rendererBundle)).rejects.toThrow('broken.ts: no');
    rmSync(join(tree, 'renderer', 'broken.ts'));
    expect(why()).toBe('its sources changed');
    expect(readFileSync(join(tree, 'builds'), 'utf8')).toContain('build --config renderer/vite.config.ts');
  });
});

describe.runIf(process.platform === 'linux')('system packages', () => {
  const missing = [
    { debian: 'xvfb', fedora: 'xorg-x11-server-Xvfb', arch: 'xorg-server-xvfb' },
    { debian: 'libsecret-1-0', fedora: 'libsecret', arch: 'libsecret' },
    { debian: 'libsecret-tools', fedora: 'libsecret', arch: 'libsecret' },
  ].map((item) => ({ ...item, neededFor: [], isPresent: () => false }));

  test.each([
    ['debian', 'Run: sudo apt-get update && sudo apt-get install -y xvfb libsecret-1-0 libsecret-tools'],
    ['fedora', 'Run: sudo dnf install -y xorg-x11-server-Xvfb libsecret'],
    ['arch', 'Run: sudo pacman -S --needed xorg-server-xvfb libsecret'],
    ['other', 'Install what provides these Debian packages on your system: xvfb libsecret-1-0 libsecret-tools'],
  ] as const)('where they cannot be installed from here the exact command is said: %s', async (family, command) => {
    const { howToInstall } = await import('./system-packages.mjs');
    expect(howToInstall(missing, family)).toBe(command);
  });

  test.runIf(process.getuid?.() === 0 && existsSync('/etc/debian_version'))('on Debian as root apt is called without questions, lists first', async () => {
    const bin = join(tree, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> ${tree}/apt.log\n`);
    chmodSync(join(bin, 'apt-get'), 0o755);
    const ask = `import { installSystemPackages } from './build/system-packages.mjs'; await installSystemPackages([{ debian: 'xvfb' }, { debian: 'xauth' }, { debian: 'xvfb' }]);`;
    const ended = await begin(['--input-type=module', '-e', ask], { env: { PATH: `${bin}:${process.env['PATH']}` } }).ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(readFileSync(join(tree, 'apt.log'), 'utf8').trim().split('\n')).toEqual([
      'noninteractive -q -o DPkg::Lock::Timeout=120 update',
      'noninteractive -q -o DPkg::Lock::Timeout=120 install -y xvfb xauth',
    ]);
  });
});

describe.runIf(process.platform !== 'win32')('child processes', () => {
  test('ending the front door ends everything it started, also what left its process group', async () => {
    const pids = join(tree, 'pids');
    writeFileSync(join(tree, 'grandchild.mjs'), `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`);
    writeFileSync(
      join(tree, 'child.mjs'),
      `import { spawn } from 'node:child_process'; for (const detached of [true, false]) spawn(process.execPath, ['grandchild.mjs'], { detached }); setInterval(() => {}, 1000);`,
    );
    const front = `import { run } from './build/processes.mjs'; await run({ command: process.execPath, args: ['child.mjs'], cwd: process.cwd(), env: process.env }); console.log('went on');`;
    const { child, ended } = begin(['--input-type=module', '-e', front]);
    await until('both grandchildren run', () => existsSync(pids) && readFileSync(pids, 'utf8').trim().split('\n').length === 2);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ signal: 'SIGTERM', stdout: '' });
    const grandchildren = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
    // They were sent SIGKILL before it ended; a busy machine takes a moment to carry that out.
    await until('nothing runs any more', () => !grandchildren.some(isRunning));
  });

  test('a program that is not there is exit 127, one that was killed is 128 and its signal', async () => {
    const { run } = await import('./processes.mjs');
    const common = { cwd: tree, env: process.env, isCollected: true };
    expect(await run({ ...common, command: 'no-such-program', args: [] })).toMatchObject({ code: 127 });
    expect(await run({ ...common, command: process.execPath, args: ['-e', "process.kill(process.pid, 'SIGKILL')"] })).toMatchObject({ code: 137 });
  });
});

/** A killed orphan may stay as a zombie where nothing reaps it: that is not running. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
