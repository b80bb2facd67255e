// Owns how a missing system package gets installed; refuses to use root's power anywhere but on Debian as root.
import { readFileSync } from 'node:fs';
import { run } from './processes.mjs';
import { SetUpError } from './setup-error.mjs';
import { root } from './tree.mjs';

/** @typedef {import('./debian-packages.mjs').SystemPackage} SystemPackage */

/**
 * Installs packages with apt where this is Debian (or made from it) and we are root.
 * @param {SystemPackage[]} missing
 * @returns {Promise<void>}
 * @throws {SetUpError} elsewhere with the exact command to type, and when apt fails
 */
export async function installSystemPackages(missing) {
  const names = [...new Set(missing.map((item) => item.debian))];
  const family = linuxFamily();
  if (family !== 'debian' || process.getuid?.() !== 0) {
    throw new SetUpError(`This machine lacks: ${names.join(', ')}.`, howToInstall(missing, family));
  }
  for (const args of [['update'], ['install', '-y', ...names]]) {
    const { code, output } = await run({
      command: 'apt-get',
      // Another apt may be at work on a fresh machine; wait for it for two minutes.
      args: ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args],
      cwd: root,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      isCollected: true,
    });
    if (code !== 0) {
      const said = output.trim().split('\n').slice(-15).join('\n');
      throw new SetUpError(`\`apt-get ${args.join(' ')}\` failed (exit ${code}):\n${said}`, `Mend this, or install by hand: ${names.join(' ')}`);
    }
  }
}

/**
 * The command that a user can copy.
 * @param {SystemPackage[]} missing
 * @param {'debian' | 'fedora' | 'arch' | 'other'} family
 * @returns {string}
 */
export function howToInstall(missing, family) {
  if (process.platform === 'darwin') return 'Run: brew install --cask google-chrome';
  if (process.platform === 'win32') return 'Run: winget install --exact --id Google.Chrome';
  /** @param {'debian' | 'fedora' | 'arch'} kind */
  const list = (kind) => [...new Set(missing.map((item) => item[kind]))].join(' ');
  if (family === 'debian') return `Run: sudo apt-get update && sudo apt-get install -y ${list('debian')}`;
  if (family === 'fedora') return `Run: sudo dnf install -y ${list('fedora')}`;
  if (family === 'arch') return `Run: sudo pacman -S --needed ${list('arch')}`;
  return `Install what provides these Debian packages on your system: ${list('debian')}`;
}

/** @returns {'debian' | 'fedora' | 'arch' | 'other'} */
function linuxFamily() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const names = [...release.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap((line) => (line[1] ?? '').replaceAll('"', '').split(' '));
    if (names.includes('debian')) return 'debian';
    if (names.includes('fedora')) return 'fedora';
    if (names.includes('arch')) return 'arch';
  } catch {
    // No such file outside Linux.
  }
  return 'other';
}
