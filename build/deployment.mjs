// Owns `npm run deployment:<kind>`: starts a reference server of this tree; refuses to touch its stdout, which is data.
import { existsSync, readdirSync } from 'node:fs';
import { becomeTypeScript } from './node24.mjs';
import { SetUpError, runCommand } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { inTree, userDirectory } from './tree.mjs';

runCommand(async () => {
  const [kind, ...args] = process.argv.slice(2);
  const kinds = readdirSync(inTree('test', 'deployments'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (kind === undefined || !kinds.includes(kind) || !existsSync(inTree('test', 'deployments', kind, 'main.ts'))) {
    throw new SetUpError(`There is no reference deployment called ${kind ?? '(none)'} here.`, `Use: node build/deployment.mjs <kind> [options], kinds: ${kinds.join(', ')}`);
  }
  await setUp({ need: 'cli', out: process.stderr });
  return becomeTypeScript({ entry: `test/deployments/${kind}/main.ts`, args, cwd: userDirectory(`deployment:${kind}`) });
}, 2);
