// Owns the clock and the log that fault tests hand to core: the real time, and a log that remembers; refuses nothing.
import type { Clock, Log } from '#core/ports.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface RememberingLog extends Log {
  readonly lines: string[];
}

/** A log whose lines can be searched, for example for a secret that must not be there. */
export function rememberingLog(): RememberingLog {
  const lines: string[] = [];
  const keep = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { lines, info: keep, error: keep };
}
