// Owns the reference AI-Karen as a program: one JSON line when it listens, then silence; refuses to outlive its parent when asked.
import { parseOptions, USAGE, UsageError } from './options.ts';
import type { MainOptions } from './options.ts';
import { startKarenDeployment } from './server.ts';

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;

async function run({ config, states, port, usesTls, exitsWithParent }: MainOptions): Promise<void> {
  const deployment = await startKarenDeployment({ config, port, usesTls });
  const stop = (): void => {
    void deployment.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (exitsWithParent) {
    process.stdin.once('end', stop);
    process.stdin.once('error', stop);
    process.stdin.resume();
  }
  process.stdout.write(`${JSON.stringify({ url: deployment.url, kind: 'karen', ca: deployment.caPem, build: config.build, states })}\n`);
}

try {
  await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n${USAGE}\n` : `The reference AI-Karen did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}
