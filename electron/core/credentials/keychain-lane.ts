// One native keychain call at a time, each against a time limit; it refuses to let a keychain that hangs take the whole thread pool with it.
import { AppError } from '#shared/errors.ts';
import { exitWithoutWaiting } from './keychain-exit.ts';

export interface Turn<T> {
  readonly timeoutMs: number;
  /** A write that timed out while it ran may still land; the words differ. */
  readonly writes: boolean;
  readonly run: () => Promise<T>;
}

// keytar's calls block a thread of libuv's pool of four, which file access and scrypt share. Four hanging calls would stop the program, so the process has one lane.
let last: Promise<void> = Promise.resolve();

function timedOut(started: boolean, writes: boolean, timeoutMs: number): AppError {
  const kept = started && writes ? 'If it answers later, this one change may still be carried out; nothing else was changed.' : 'Nothing was changed.';
  return new AppError('keychain_timed_out', {
    message: `The keychain did not answer within ${timeoutMs / 1000} s. ${kept}`,
    hint: 'Answer the keychain prompt if one is waiting, or unlock the keyring, then try again.',
    facts: { started },
  });
}

/**
 * Runs one native call after those before it. Rejects with `keychain_timed_out` after timeoutMs, waiting included; a call that never started is then dropped.
 * The answer of a call that timed out is ignored, whatever it is. Other rejections are the native error as it came.
 */
export function inTurn<T>(turn: Turn<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let started = false;
    let over = false;
    let answered: (() => void) | null = null;
    const timer = setTimeout(() => {
      over = true;
      if (started) answered = exitWithoutWaiting();
      reject(timedOut(started, turn.writes, turn.timeoutMs));
    }, turn.timeoutMs);
    last = last.then(async () => {
      if (over) return;
      started = true;
      try {
        resolve(await turn.run());
      } catch (error) {
        reject(error);
      } finally {
        clearTimeout(timer);
        answered?.();
      }
    });
  });
}
