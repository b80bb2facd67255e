// Owns the sample deployment: a child process started by path that ends with this host, also when the host is killed.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample, SampleHandle } from '#core/ports.ts';
import { sampleLineReader, SAMPLE_ARGUMENTS, SAMPLE_START_LIMIT_MS } from '#core/profile/sample-line.ts';
import { AppError } from '#shared/errors.ts';

export interface SampleProcess extends Sample {
  /** Ends the child. */
  stop(): void;
}

/** The sample of the program in programDir. Starting it twice gives the one that runs. */
export function sampleProcess(programDir: string): SampleProcess {
  let child: ChildProcess | null = null;
  let running: Promise<SampleHandle> | null = null;

  return {
    start() {
      running ??= launch(join(programDir, 'test', 'deployments', 'navi', 'main.ts'), (started) => { child = started; }, () => { running = null; });
      return running;
    },
    stop() {
      child?.kill('SIGTERM');
      child = null;
    },
  };
}

async function launch(path: string, onStarted: (child: ChildProcess) => void, onEnded: () => void): Promise<SampleHandle> {
  if (!existsSync(path)) {
    onEnded();
    throw unavailable('This installation does not contain the sample deployment.');
  }
  // Its standard input is our life line: when it closes, the child ends.
  const child = spawn(process.execPath, [path, ...SAMPLE_ARGUMENTS, '--exit-with-parent'], { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  onStarted(child);
  child.stdin.on('error', () => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), SAMPLE_START_LIMIT_MS);
  try {
    return await new Promise<SampleHandle>((settle, fail) => {
      const read = sampleLineReader(settle, (cause) => fail(unavailable('The sample deployment did not say where it listens.', cause)));
      child.stdout.setEncoding('utf8').on('data', read);
      child.once('error', (cause) => { onEnded(); fail(unavailable('The sample deployment did not start.', cause)); });
      child.once('exit', () => { onEnded(); fail(unavailable('The sample deployment ended while it was starting.')); });
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(message: string, cause?: unknown): AppError {
  return new AppError('sample_unavailable', { message: `${message} Nothing was added.`, hint: 'Run npm run deployment:navi in a terminal to see why, or add a deployment of your own.', cause });
}
