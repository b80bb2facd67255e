// Owns the one list of what the machine must have beside npm's packages; refuses to name a thing in a second place.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium, findElectron } from './window-hosts.mjs';

/**
 * @typedef {'cli' | 'window' | 'test'} Need
 * @typedef {object} SystemPackage
 * @property {string} debian package name on Debian and Ubuntu
 * @property {string} fedora
 * @property {string} arch
 * @property {Need[]} neededFor
 * @property {() => boolean} isPresent looks for what we use, not for the package: any way of installing it will do
 */

/** @type {readonly SystemPackage[]} */
export const systemPackages = [
  // A window needs a browser only where Electron is absent; the end-to-end tests always drive one.
  { debian: 'chromium', fedora: 'chromium', arch: 'chromium', neededFor: ['window'], isPresent: () => findElectron() !== null || findChromium() !== null },
  { debian: 'chromium', fedora: 'chromium', arch: 'chromium', neededFor: ['test'], isPresent: () => findChromium() !== null },
  { debian: 'libsecret-1-0', fedora: 'libsecret', arch: 'libsecret', neededFor: ['window', 'test'], isPresent: () => hasLibrary('libsecret-1.so.0') },
  { debian: 'xvfb', fedora: 'xorg-x11-server-Xvfb', arch: 'xorg-server-xvfb', neededFor: ['test'], isPresent: () => hasCommand('Xvfb') },
  { debian: 'xauth', fedora: 'xauth', arch: 'xorg-xauth', neededFor: ['test'], isPresent: () => hasCommand('xauth') },
  { debian: 'dbus', fedora: 'dbus-daemon', arch: 'dbus', neededFor: ['test'], isPresent: () => hasCommand('dbus-daemon') && hasCommand('dbus-run-session') },
  { debian: 'gnome-keyring', fedora: 'gnome-keyring', arch: 'gnome-keyring', neededFor: ['test'], isPresent: () => hasCommand('gnome-keyring-daemon') },
  { debian: 'libsecret-tools', fedora: 'libsecret', arch: 'libsecret', neededFor: ['test'], isPresent: () => hasCommand('secret-tool') },
  { debian: 'openssl', fedora: 'openssl', arch: 'openssl', neededFor: ['test'], isPresent: () => hasCommand('openssl') },
];

/**
 * What this machine lacks for a need. macOS and Windows bring their own keychain and display: there only a browser counts.
 * @param {Need} need
 * @returns {SystemPackage[]}
 */
export function missingPackages(need) {
  return systemPackages.filter(
    (item) => item.neededFor.includes(need) && (process.platform === 'linux' || item.debian === 'chromium') && !item.isPresent(),
  );
}

/** @param {string} name */
function hasCommand(name) {
  // Daemons live in sbin on some systems, which is not on every user's PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)));
}

/** @param {string} name */
function hasLibrary(name) {
  const folders = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/usr/local/lib'];
  // Debian keeps libraries one level down, in a folder per architecture.
  const perArchitecture = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((entry) => entry.includes('-linux-')) : [];
  return [...folders, ...perArchitecture.map((entry) => join('/usr/lib', entry))].some((folder) => existsSync(join(folder, name)));
}
