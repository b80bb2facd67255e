// Lets the process end while a native keychain call hangs; it refuses to touch an exit where nothing hangs.
import { existsSync } from 'node:fs';

const SHELL = '/bin/sh';

let hanging = 0;

/**
 * process.exit waits for every thread of the pool: with a keyring that is stopped that took 50 s, with a prompt that nobody answers it never ends.
 * Replacing the process by one that only carries the exit code leaves at once. POSIX only; elsewhere the exit waits.
 */
function leave(code: number): void {
  if (existsSync(SHELL)) process.execve?.(SHELL, ['sh', '-c', `exit ${code & 0xff}`], {});
}

/**
 * Call it when a running call has passed its limit; the function returned takes it back once the call has ended after all.
 * It is added late on purpose: listeners for `exit` that were there before run first. It needs process.exit; a process that merely runs out of work is held by the call.
 */
export function exitWithoutWaiting(): () => void {
  if (hanging === 0) process.once('exit', leave);
  hanging += 1;
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    hanging -= 1;
    if (hanging === 0) process.removeListener('exit', leave);
  };
}
