// Owns how a second start brings the first window to the front: a file in the profile that the first one takes away. No socket, and nothing is read from it.
import { existsSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const NAME = 'summon';
const ASK_EVERY_MS = 25;
/** Some file systems (network homes) tell nothing of changes: then this is the longest wait. */
const LOOK_EVERY_MS = 500;

/**
 * Asks the window that holds the profile to come to the front.
 * @param timeoutMs how long it may take to answer
 * @returns whether it did
 */
export async function summonWindow(profileDir: string, timeoutMs = 3000): Promise<boolean> {
  const path = join(profileDir, NAME);
  try {
    writeFileSync(path, '', { mode: 0o600 });
  } catch {
    return false;
  }
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += ASK_EVERY_MS) {
    if (!existsSync(path)) return true;
    await pause(ASK_EVERY_MS);
  }
  rmSync(path, { force: true });
  return false;
}

/**
 * Watches for such a request; one that was left over from before is dropped.
 * @returns the function that stops watching
 */
export function watchForSummons(profileDir: string, onSummoned: () => void): () => void {
  const path = join(profileDir, NAME);
  rmSync(path, { force: true });
  const look = (): void => {
    if (!existsSync(path)) return;
    rmSync(path, { force: true });
    onSummoned();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  const watcher = tryToWatch(profileDir, look);
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

function tryToWatch(profileDir: string, look: () => void): { close(): void } | null {
  try {
    // The name is not always given; looking costs nothing. Without a watcher the timer alone looks.
    return watch(profileDir, { persistent: false }, look).on('error', () => undefined);
  } catch {
    return null;
  }
}
