// Owns `npm run bench`: the benchmarks in one run on this machine; refuses to judge absolute times, only ratios are compared.
import { withDisplay } from './display.mjs';
import { requireNode24 } from './node24.mjs';
import { run } from './processes.mjs';
import { SetUpError, runCommand } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { inTree, root, treeEnvironment } from './tree.mjs';

runCommand(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => arg.startsWith('-') && !/^--(?:rows|only|rounds)=/.test(arg));
  if (unknown !== undefined) throw new SetUpError(`Unknown option: ${unknown}`, 'Use: npm run bench [-- --rows=1000000 --rounds=5 --only=decrypt,import,queries,hash,window,scroll]');
  await setUp({ need: 'test', out: process.stdout });
  return withDisplay(async (display) => {
    const { code } = await run({ command: requireNode24(), args: ['--expose-gc', inTree('test', 'bench', 'main.ts'), ...args], cwd: root, env: treeEnvironment({ ...display, NODE_ENV: 'production' }) });
    return code;
  });
});
