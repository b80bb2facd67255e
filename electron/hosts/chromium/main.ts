// Entry of the Chromium host: puts the window, the ports and the app together, and ends all of them together. It opens no socket.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments, USAGE, UsageError } from './arguments.ts';
import type { HostArguments } from './arguments.ts';

const EXIT_DONE = 0;
const EXIT_BUG = 1;
const EXIT_USAGE = 2;
const EXIT_REFUSED = 3;
/** Node-API 10: the database's native build crashes below it. */
const NAPI_NEEDED = 10;

const say = (text: string): void => { process.stderr.write(`${text}\n`); };

/** Runs the host until its window is closed. Returns the exit code. */
async function run(args: HostArguments): Promise<number> {
  // Loaded here: on an older Node the database's library must not even be touched.
  const { findChromium } = await import('./find-chromium.ts');
  const { readPageFiles } = await import('#core/bridge/page-files.ts');
  const programDir = fileURLToPath(new URL('../../../', import.meta.url));
  const binary = findChromium();
  if (binary === null) return refuse('No Chromium was found on this machine.', 'Install one (on Debian: apt-get install chromium), then start again.');
  const files = await readPageFiles(join(programDir, 'out', 'renderer'));
  if (files === null) return refuse('The page of the window is not built yet.', 'Run npm start: it builds what is missing.');
  const { start } = await import('./start.ts');
  return start({ args, binary, files, programDir, say });
}

function refuse(what: string, hint: string): number {
  say(`${what} ${hint}`);
  return EXIT_REFUSED;
}

async function main(): Promise<number> {
  if (Number(process.versions['napi'] ?? 0) < NAPI_NEEDED) return refuse(`This is Node ${process.versions.node}; Holdfast needs Node 24.`, 'Run npm start.');
  try {
    const args = readArguments(process.argv.slice(2), process.env, process.cwd());
    if (args !== null) return await run(args);
    process.stdout.write(`${USAGE}\n`);
    return EXIT_DONE;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`${error.message}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
}

main().then((code) => process.exit(code), (error: unknown) => {
  say(`Holdfast ended because of a bug: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  process.exit(EXIT_BUG);
});
