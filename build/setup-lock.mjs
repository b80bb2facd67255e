// Owns the rule that one set-up works on this tree at a time; refuses to wait for a holder that is gone.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { atTheEnd } from './processes.mjs';
import { SetUpError } from './setup-error.mjs';
import { inTree } from './tree.mjs';

/** Outside node_modules, which `npm ci` deletes while the lock is held. */
const folder = inTree('.cache');
const lock = join(folder, 'setup.lock');
const heartbeatMs = 2000;
/** A holder on another host, or one whose pid was given to another process, is known only by its heartbeat. */
const deadAfterMs = 60_000;
const pollMs = 100;
const waitLimitMs = 20 * 60_000;

/**
 * Runs `action` while no other set-up works on this tree.
 * @template T
 * @param {import('node:stream').Writable} out told when it has to wait
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 * @throws {SetUpError} when another set-up holds the tree for 20 minutes
 */
export async function withSetUpLock(out, action) {
  await take(out);
  const beat = setInterval(() => touch(lock), heartbeatMs);
  const keep = atTheEnd(release);
  try {
    return await action();
  } finally {
    clearInterval(beat);
    keep();
    release();
  }
}

/** @param {import('node:stream').Writable} out */
async function take(out) {
  const startedMs = Date.now();
  let isTold = false;
  while (!claim()) {
    const holder = readHolder(lock);
    if (holder !== null && isGone(holder)) {
      removeStale(holder);
      continue;
    }
    if (!isTold && holder !== null) out.write(`Another set-up (process ${holder.pid}) is at work on this tree; waiting for it.\n`);
    isTold ||= holder !== null;
    if (Date.now() - startedMs > waitLimitMs) {
      throw new SetUpError('Another set-up has held this tree for 20 minutes.', `If none is running, delete ${lock} and start again.`);
    }
    await new Promise((settle) => setTimeout(settle, pollMs));
  }
}

/** Renaming a filled directory is atomic and fails where a filled one stands: a lock is never seen without its holder. */
function claim() {
  if (readHolder(lock) !== null) return false;
  mkdirSync(folder, { recursive: true });
  const own = `${lock}.${process.pid}.${Date.now()}`;
  mkdirSync(own);
  writeFileSync(join(own, 'holder.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  try {
    renameSync(own, lock);
    return true;
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(code) && readHolder(lock) !== null) return false;
    if (['ENOTEMPTY', 'EEXIST'].includes(code)) return false;
    throw new SetUpError(`The set-up cannot write to ${folder} (${code}).`, 'Run it as the user who owns this tree.');
  }
}

/**
 * @param {string} path
 * @returns {{ pid: number, host: string, beatMs: number } | null} null where there is no lock
 */
function readHolder(path) {
  try {
    const { pid, host } = JSON.parse(readFileSync(join(path, 'holder.json'), 'utf8'));
    return { pid, host, beatMs: statSync(join(path, 'holder.json')).mtimeMs };
  } catch {
    return null;
  }
}

/** @param {{ pid: number, host: string, beatMs: number }} holder */
function isGone(holder) {
  if (Date.now() - holder.beatMs > deadAfterMs) return true;
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

/**
 * The rename lets one of several waiters win; if a new holder slipped in since we looked, it gets its lock back.
 * @param {{ pid: number, host: string }} stale
 */
function removeStale(stale) {
  const aside = `${lock}.stale.${process.pid}.${Date.now()}`;
  try {
    renameSync(lock, aside);
    const moved = readHolder(aside);
    if (moved !== null && (moved.pid !== stale.pid || moved.host !== stale.host)) renameSync(aside, lock);
    else rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
}

/** @param {string} path */
function touch(path) {
  try {
    const now = new Date();
    utimesSync(join(path, 'holder.json'), now, now);
  } catch {
    // Somebody removed the lock by hand; the work in hand is still safe to finish.
  }
}

function release() {
  if (readHolder(lock)?.pid === process.pid) rmSync(lock, { recursive: true, force: true });
}
