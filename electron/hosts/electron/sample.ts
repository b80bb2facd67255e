// The sample deployment: a child process started by path, which Chromium ends with this program. It needs a child of Electron's own kind: the program cannot be run as a Node.
import { existsSync } from 'node:fs';
import { utilityProcess } from 'electron';
import type { UtilityProcess } from 'electron';
import type { Sample, SampleHandle } from '#core/ports.ts';
import { sampleLineReader, SAMPLE_ARGUMENTS, SAMPLE_START_LIMIT_MS } from '#core/profile/sample-line.ts';
import { AppError } from '#shared/errors.ts';

export interface SampleProcess extends Sample {
  /** Ends the child. */
  stop(): void;
}

/** @param path absolute path of the built sample. Starting it twice gives the one that runs. */
export function sampleProcess(path: string): SampleProcess {
  let child: UtilityProcess | null = null;
  let running: Promise<SampleHandle> | null = null;
  const ended = (): void => {
    child = null;
    running = null;
  };
  return {
    start: () => (running ??= launch(path, (started) => { child = started; }, ended)),
    stop: () => void child?.kill(),
  };
}

async function launch(path: string, onStarted: (child: UtilityProcess) => void, onEnded: () => void): Promise<SampleHandle> {
  if (!existsSync(path)) {
    onEnded();
    throw unavailable('This installation does not contain the sample deployment.');
  }
  const child = utilityProcess.fork(path, [...SAMPLE_ARGUMENTS], { serviceName: 'Holdfast sample deployment', stdio: ['ignore', 'pipe', 'ignore'] });
  onStarted(child);
  const timer = setTimeout(() => child.kill(), SAMPLE_START_LIMIT_MS);
  try {
    return await new Promise<SampleHandle>((settle, fail) => {
      const read = sampleLineReader(settle, (cause) => fail(unavailable('The sample deployment did not say where it listens.', cause)));
      child.stdout?.on('data', (part: Buffer) => read(part.toString('utf8')));
      child.once('exit', () => { onEnded(); fail(unavailable('The sample deployment ended while it was starting.')); });
    });
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(message: string, cause?: unknown): AppError {
  return new AppError('sample_unavailable', { message: `${message} Nothing was added.`, hint: 'Add a deployment of your own, or install Holdfast again.', cause });
}
