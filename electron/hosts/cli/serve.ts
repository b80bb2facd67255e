// One opening of the app for one command: its access follows from the contract, Ctrl-C stops its work, progress goes to stderr.
import { contract } from '#shared/contract.ts';
import type { CallName } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import type { createApp } from '#core/app.ts';
import type { Ports, SecretsRequest } from '#core/ports.ts';
import type { Served } from './command.ts';
import { Refused } from './failure.ts';
import type { OutStream } from './io.ts';
import { createProgressLine } from './progress.ts';

export interface Opening {
  readonly createApp: typeof createApp;
  readonly ports: Ports;
  readonly version: string;
  readonly secrets: SecretsRequest;
  readonly stderr: OutStream;
  /** Calls back on Ctrl-C or a request to end; returns the function that stops listening. */
  readonly onInterrupt: (interrupted: () => void) => () => void;
}

/** write as soon as one of the calls is not a read. */
export function accessFor(calls: readonly CallName[]): 'write' | 'read' {
  return calls.every((name) => contract[name].effect === 'read') ? 'read' : 'write';
}

/** Opens the app, hands it to `use` and closes it, whatever happens. */
export async function serve<N extends CallName, T>(calls: readonly N[], opening: Opening, use: (app: Served<N>) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const progress = createProgressLine(opening.stderr);
  const jobs = new Set<string>();
  let stop: () => void = () => controller.abort();
  const stopListening = opening.onInterrupt(() => stop());
  try {
    const app = await opening.createApp(opening.ports, { version: opening.version, secrets: opening.secrets, access: accessFor(calls) });
    const forget = app.onEvent((event) => {
      if (event.name === 'job.progressed') {
        const payload = event.payload as { jobId: string } & Parameters<typeof progress.show>[0];
        jobs.add(payload.jobId);
        if (!controller.signal.aborted) progress.show(payload);
      }
    });
    stop = () => {
      controller.abort();
      progress.clear();
      for (const jobId of jobs) void app.dispatch('job.cancel', { jobId });
    };
    try {
      const served: Served<N> = {
        interrupted: controller.signal,
        async attempt(name, input) {
          if (controller.signal.aborted) throw interrupted();
          const envelope = await app.dispatch(name, input, { signal: controller.signal });
          progress.clear();
          return envelope;
        },
        async call(name, input) {
          const envelope = await served.attempt(name, input);
          if (!envelope.ok) throw new Refused(envelope.error);
          return envelope.value;
        },
      };
      return await use(served);
    } finally {
      forget();
      progress.clear();
      await app.close();
    }
  } finally {
    stopListening();
  }
}

function interrupted(): AppError {
  return new AppError('cancelled', { message: 'Stopped before the next step. What was done until then is kept.', hint: 'Run the command again to go on.' });
}
