// Entry of the command line: checks the runtime before anything native is loaded, then hands over; it holds no logic of its own.
import { fileURLToPath } from 'node:url';

/** Node-API 10: the database's native build crashes below it. */
const NAPI_NEEDED = 10;

if (Number(process.versions['napi'] ?? 0) < NAPI_NEEDED) {
  process.stderr.write(`holdfast: this is Node ${process.versions.node}; Holdfast needs Node 24.\nRun it as: npm run -s holdfast -- ${process.argv.slice(2).join(' ')}\n`);
  process.exit(3);
}

const { run } = await import('./run.ts');

const stdoutLost = new AbortController();
process.stdout.on('error', (error) => { stdoutLost.abort(error); });
// Where nothing can be said, nothing is said.
process.stderr.on('error', () => undefined);

const code = await run(process.argv.slice(2), {
  io: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env },
  programDir: fileURLToPath(new URL('../../../', import.meta.url)),
  onInterrupt,
  stdoutLost: stdoutLost.signal,
});
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);

function onInterrupt(interrupted: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let asked = false;
  const handle = (): void => {
    // Asked twice: end at once. What was committed stays committed; 130 is the shell's code for Ctrl-C.
    if (asked) process.exit(130);
    asked = true;
    interrupted();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}

/** Resolves once everything written before has left the process, or cannot leave any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
