// Owns `npm run tour`: the main job in the real window host without a screen; refuses to judge it, the tour does that.
import { hasDisplay, withDisplay } from './display.mjs';
import { requireNode24 } from './node24.mjs';
import { run } from './processes.mjs';
import { SetUpError, runCommand } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { inTree, isEntry, root, treeEnvironment } from './tree.mjs';
import { existsSync } from 'node:fs';

const entry = 'test/e2e/tour.ts';

/**
 * Prepares the tree and takes the tour.
 * @param {string[]} args passed on
 * @returns {Promise<number>} exit code, 0 only if every step held
 * @throws {SetUpError}
 */
export async function tour(args) {
  await setUp({ need: 'test', out: process.stdout });
  if (!existsSync(inTree(entry))) throw new SetUpError(`${entry} is not in this tree.`, 'The checkout is incomplete: compare it with the repository.');
  if (!hasDisplay()) process.stdout.write('Tour: no display here; on a virtual one.\n');
  return withDisplay(async (display) => {
    const { code } = await run({ command: requireNode24(), args: [inTree(entry), ...args], cwd: root, env: treeEnvironment(display) });
    return code;
  });
}

if (isEntry(import.meta.url)) runCommand(() => tour(process.argv.slice(2)));
