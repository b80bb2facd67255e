// Owns `npm run check`: types, lint, packs and the architecture test, each with a verdict; refuses to let a warning pass.
import { existsSync } from 'node:fs';
import { requireNode24 } from './node24.mjs';
import { run } from './processes.mjs';
import { runCommand } from './setup-error.mjs';
import { setUp } from './setup.mjs';
import { inTree, isEntry, root, treeEnvironment } from './tree.mjs';

const runtimes = ['shared', 'node', 'electron', 'renderer', 'test'];
const architectureTest = 'test/architecture.test.ts';
/** Two cores are what we count on; tsc itself uses more than one. */
const atOnce = 2;

/** @typedef {{ name: string, isOk: boolean, seconds: number }} Verdict */

/**
 * Runs every check, two at a time, and prints each as it ends, with its output when it failed.
 * @param {{ out: import('node:stream').Writable, isWithArchitecture: boolean }} wanted the full test run has the architecture test already
 * @returns {Promise<Verdict[]>}
 */
export async function check({ out, isWithArchitecture }) {
  const checks = [
    ...runtimes.map((runtime) => ({ name: `types: ${runtime}`, args: [inTree('node_modules', 'typescript', 'bin', 'tsc'), '-p', `tsconfig.${runtime}.json`, '--pretty', 'false'] })),
    { name: 'lint', args: [inTree('node_modules', 'oxlint', 'bin', 'oxlint'), '--deny-warnings'] },
    { name: 'packs', args: [inTree('test', 'support', 'check-packs.ts')] },
    ...(isWithArchitecture && existsSync(inTree(architectureTest))
      ? [{ name: 'architecture', args: [inTree('node_modules', 'vitest', 'vitest.mjs'), 'run', architectureTest] }]
      : []),
  ];
  /** @type {Verdict[]} */
  const verdicts = [];
  const queue = [...checks];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { code, output, seconds } = await run({ command: requireNode24(), args: next.args, cwd: root, env: treeEnvironment(), isCollected: true });
      out.write(`${code === 0 ? 'ok    ' : 'FAILED'}  ${next.name}  ${seconds.toFixed(1)} s\n`);
      if (code !== 0) out.write(`${output.trimEnd()}\n`);
      verdicts.push({ name: next.name, isOk: code === 0, seconds });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return verdicts;
}

if (isEntry(import.meta.url)) {
  runCommand(async () => {
    await setUp({ need: 'cli', out: process.stdout });
    const verdicts = await check({ out: process.stdout, isWithArchitecture: true });
    const failed = verdicts.filter((verdict) => !verdict.isOk);
    process.stdout.write(`${verdicts.length - failed.length} passed, ${failed.length} failed\n`);
    return failed.length === 0 ? 0 : 1;
  });
}
