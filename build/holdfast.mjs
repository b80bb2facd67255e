// Owns `npm run holdfast`: the CLI after whatever set-up is missing; refuses to put a byte of its own on stdout.
import { becomeTypeScript } from './node24.mjs';
import { runCommand } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { userDirectory } from './tree.mjs';

/** The CLI's code for a failure that is not a bug. */
const expectedFailure = 3;

runCommand(async () => {
  await setUp({ need: 'cli', out: process.stderr });
  return becomeTypeScript({ entry: 'electron/hosts/cli/main.ts', args: process.argv.slice(2), cwd: userDirectory('holdfast') });
}, expectedFailure);
