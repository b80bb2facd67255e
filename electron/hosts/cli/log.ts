// The log of a command: nothing is kept.
import type { Log } from '#core/ports.ts';

export function openLog(_profileDir: string): Log {
  return { info: () => undefined, error: () => undefined };
}
