// Owns the sample deployment: a child process started by path that ends with this host, also when the host is killed.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample, SampleHandle } from '#core/ports.ts';
import { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';

const START_LIMIT_MS = 20_000;
const MAX_LINE_CHARACTERS = 65_536;
/** The same rows at every start: the seed is fixed. */
const ARGUMENTS = ['--dialect', 'C1', '--events', '2000', '--port', '0', '--seed', '7', '--exit-with-parent'];

const readyLine = z.object({
  url: z.string(),
  token: z.string(),
  auditKeys: z.array(z.object({ keyId: z.string(), key: z.string() })),
});

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
  const child = spawn(process.execPath, [path, ...ARGUMENTS], { stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  onStarted(child);
  child.stdin.on('error', () => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  try {
    return await new Promise<SampleHandle>((settle, fail) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text = (text + part).slice(0, MAX_LINE_CHARACTERS);
        const end = text.indexOf('\n');
        if (end === -1) return;
        try {
          settle(readyLine.parse(JSON.parse(text.slice(0, end))));
        } catch (cause) {
          fail(unavailable('The sample deployment did not say where it listens.', cause));
        }
      });
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
