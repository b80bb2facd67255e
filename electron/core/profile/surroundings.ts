// What every window host takes from the operating system in the same way: time, the acting user, the program's version and an end to core dumps.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The login name; the number of an account that has no name (a container without a password file entry). */
export function actorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The version that package.json of the installed program states. */
export function programVersion(programDir: string): string {
  const { version } = JSON.parse(readFileSync(join(programDir, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/**
 * Requirement R35: memory of this process may hold keys, so no core file may be written; children inherit that. Linux only: Node has no call for
 * it, and elsewhere core files are off unless somebody turned them on.
 * @returns whether the limit is set
 */
export function forbidCoreDumps(): boolean {
  return process.platform === 'linux' && spawnSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], { stdio: 'ignore' }).status === 0;
}
