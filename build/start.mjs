// Owns `npm start`: opens the window in the best host that is here and says which; refuses to pretend where no display is.
import { buildBundle, electronBundles, whyBundleIsOld } from './bundles.mjs';
import { hasDisplay } from './display.mjs';
import { becomeTypeScript } from './node24.mjs';
import { become } from './processes.mjs';
import { runCommand } from './setup-error.mjs';
import { withSetUpLock } from './setup-lock.mjs';
import { setUp } from './setup.mjs';
import { tour } from './tour.mjs';
import { root, treeEnvironment, userDirectory } from './tree.mjs';
import { findElectron } from './window-hosts.mjs';

const args = process.argv.slice(2);

runCommand(async () => {
  if (!hasDisplay()) {
    process.stdout.write('No display here (DISPLAY and WAYLAND_DISPLAY are empty): taking the tour instead of opening a window.\n');
    return tour(args);
  }
  await setUp({ need: 'window', out: process.stdout });
  const electron = findElectron();
  return electron === null ? startChromium() : startElectron(electron);
});

/** @returns {Promise<never>} */
function startChromium() {
  process.stdout.write("Window: Chromium (Electron's binary is not here).\n");
  return becomeTypeScript({ entry: 'electron/hosts/chromium/main.ts', args, cwd: userDirectory('start') });
}

/**
 * Electron loads bundles, not TypeScript: they are built first where their sources changed.
 * @param {string} binary absolute path
 * @returns {Promise<never>}
 */
async function startElectron(binary) {
  const old = electronBundles.filter((bundle) => whyBundleIsOld(bundle) !== null);
  if (old.length > 0) {
    process.stdout.write(`Building ${old.map((bundle) => bundle.name).join(' and ')} for Electron ...\n`);
    await withSetUpLock(process.stdout, async () => {
      for (const bundle of old) if (whyBundleIsOld(bundle) !== null) await buildBundle(bundle);
    });
  }
  // Electron refuses to start as root with its sandbox; a user other than root never goes without.
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (isRoot) process.stdout.write('Running as root: Electron starts without its sandbox.\n');
  process.stdout.write('Window: Electron.\n');
  return become({ command: binary, args: [...(isRoot ? ['--no-sandbox'] : []), root, ...args], cwd: userDirectory('start'), env: treeEnvironment() });
}
