// Owns `npm run package`: builds everything that goes into a package, says what this machine can pack and why not the rest, and packs that.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { buildBundle, electronBundles, rendererBundle, whyBundleIsOld } from './bundles.mjs';
import { drawIcons } from './icons.mjs';
import { licenceList, licenceTexts } from './licences.mjs';
import { requireNode24 } from './node24.mjs';
import { run } from './processes.mjs';
import { SetUpError, runCommand } from './setup-error.mjs';
import { withSetUpLock } from './setup-lock.mjs';
import { setUp } from './setup.mjs';
import { inTree, isEntry, root, treeEnvironment } from './tree.mjs';
import { findElectron } from './window-hosts.mjs';

/** electron-builder's name of this platform, the formats that can be made on it, and what each needs besides Electron. */
const platforms = /** @type {Record<string, { flag: string, formats: { name: string, needs: () => string | null }[] }>} */ ({
  linux: {
    flag: '--linux',
    formats: [
      { name: 'tar.gz', needs: () => (sevenZip() === null ? 'needs 7za or 7z (on Debian: apt-get install p7zip-full)' : null) },
      { name: 'deb', needs: fetchedTool('fpm') },
      { name: 'AppImage', needs: fetchedTool('appimage') },
    ],
  },
  darwin: { flag: '--mac', formats: [{ name: 'dmg', needs: () => null }] },
  win32: { flag: '--win', formats: [{ name: 'nsis', needs: fetchedTool('nsis') }] },
});

/**
 * Brings everything in place that electron-builder.yml names: bundles, licences, icons.
 * @param {{ out: import('node:stream').Writable }} wanted
 */
export async function preparePackage({ out }) {
  await withSetUpLock(out, async () => {
    for (const bundle of [rendererBundle, ...electronBundles]) {
      if (whyBundleIsOld(bundle) === null) continue;
      out.write(`Building ${bundle.name} ...\n`);
      await buildBundle(bundle);
    }
    mkdirSync(inTree('out', 'package'), { recursive: true });
    const licences = licenceList();
    writeFileSync(inTree('out', 'package', 'licences.json'), `${JSON.stringify(licences, null, 1)}\n`);
    writeFileSync(inTree('out', 'package', 'THIRD-PARTY-LICENCES.txt'), licenceTexts());
    out.write(`Licences of ${licences.length} packages listed.\n`);
    out.write('Drawing the icons ...\n');
    await drawIcons(inTree('out', 'icons'));
  });
}

/**
 * Runs electron-builder against an Electron that is already here.
 * @param {{ args: string[], electron: string, output: string }} wanted `electron` is a folder with Electron's files
 * @returns {Promise<{ code: number, output: string, seconds: number }>}
 */
export function pack({ args, electron, output }) {
  const zip = sevenZip();
  return run({
    command: requireNode24(),
    args: [inTree('node_modules', 'electron-builder', 'out', 'cli', 'cli.js'), ...args, '--publish', 'never', `-c.electronDist=${electron}`, `-c.directories.output=${output}`],
    cwd: root,
    // No certificate is looked for: signing is the release's business, where there is one.
    env: treeEnvironment({ CSC_IDENTITY_AUTO_DISCOVERY: 'false', ...(zip === null ? {} : { ELECTRON_BUILDER_7ZIP_PATH: zip }) }),
    isCollected: true,
  });
}

/** @returns {string | null} the folder with Electron's files */
function electronFolder() {
  const named = process.env['HOLDFAST_ELECTRON_DIST'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named) || !statSync(named).isDirectory()) throw new SetUpError(`HOLDFAST_ELECTRON_DIST names ${named}, which is not a folder.`, 'Name the folder that holds the unpacked Electron.');
    return resolve(named);
  }
  return findElectron() === null ? null : inTree('node_modules', 'electron', 'dist');
}

/** @returns {string | null} absolute path */
function sevenZip() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => ['7za', '7z'].map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null;
}

/**
 * electron-builder fetches these tools itself and keeps them; without them and without a network the format cannot be made.
 * @param {string} tool
 * @returns {() => string | null}
 */
function fetchedTool(tool) {
  return () => {
    const cache = process.env['ELECTRON_BUILDER_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'), 'electron-builder');
    const isHere = existsSync(cache) && readdirSync(cache).some((name) => name.toLowerCase().startsWith(tool));
    return isHere || process.env['HOLDFAST_PACKAGE_FETCH'] === '1' ? null : `needs ${tool}, which electron-builder fetches from the network (allow it with HOLDFAST_PACKAGE_FETCH=1)`;
  };
}

async function packageAll() {
  const out = process.stdout;
  await setUp({ need: 'window', out });
  await preparePackage({ out });
  const platform = platforms[process.platform];
  if (platform === undefined) throw new SetUpError(`There is no package for ${process.platform}.`, 'Use Linux, macOS or Windows.');
  const other = Object.entries(platforms).filter(([name]) => name !== process.platform).flatMap(([, { formats }]) => formats.map(({ name }) => name));
  out.write(`Not from this machine: ${other.join(', ')} (each is made on its own system).\n`);
  const electron = electronFolder();
  if (electron === null) {
    throw new SetUpError("Everything that goes into a package is built, but nothing can be packed: Electron's binary is not here.", 'Run `npx install-electron` where the network allows it, or name a folder with the unpacked Electron in HOLDFAST_ELECTRON_DIST.');
  }
  const { version } = JSON.parse(readFileSync(inTree('package.json'), 'utf8'));
  const output = inTree('out', 'packages');
  rmSync(output, { recursive: true, force: true });
  const formats = [{ name: 'dir', needs: () => null }, ...platform.formats];
  const made = [];
  for (const { name, needs } of formats) {
    const reason = needs();
    if (reason !== null) {
      out.write(`${name}: not on this machine, it ${reason}.\n`);
      continue;
    }
    const { code, output: said, seconds } = await pack({ args: [platform.flag, name], electron, output });
    if (code === 0) made.push(name);
    out.write(code === 0 ? `${name}: made in ${seconds.toFixed(1)} s.\n` : `${name}: FAILED (exit ${code})\n${said.trimEnd().split('\n').slice(-15).join('\n')}\n`);
    if (code !== 0) return 1;
  }
  out.write(`Holdfast ${version} as ${made.join(', ')} in ${output}\n`);
  return 0;
}

if (isEntry(import.meta.url)) runCommand(packageAll);
