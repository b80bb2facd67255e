// A file that appears under its name whole or not at all, and never in place of another; until then it lies beside it under a name of its own.
import { createHash, randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { existsError, systemCode, writingError } from './file-errors.ts';
import { refuseInside } from './keep-out.ts';
import { isDead, partialName, readPartialName, targetTag } from './partial-name.ts';

export interface Sealed { readonly bytes: number; /** SHA-256, hex. */ readonly sha256: string }

export interface AtomicFile {
  readonly path: string;
  /** Takes the next bytes (text as UTF-8). @throws AppError disk_full or file_unwritable; then call abort */
  write(chunk: Buffer | string): Promise<void>;
  /** Ends the writing and waits until the content is on disk, still under the other name. Calling it again gives the same answer. */
  seal(): Promise<Sealed>;
  /** Seals, puts the file under its name and waits until the name is on disk. After a failure nothing of it is left. @throws AppError file_exists, disk_full or file_unwritable */
  commit(): Promise<Sealed>;
  /** Leaves nothing behind. Does nothing once the file was committed. */
  abort(): Promise<void>;
  /** Takes a committed file back, if what stands under the name is still it. */
  withdraw(): Promise<void>;
}

export interface AtomicOptions {
  /** The folder of the profile: nothing is written into it. */
  readonly profileDir?: string;
  /** Asked when something stands under the name: true lets the file take its place. */
  readonly mayReplace?: (path: string) => Promise<boolean>;
}

/** Tells one file from another, whatever their names. The number alone does not: it is given again once a file is gone. */
interface Identity { readonly ino: number; readonly dev: number; readonly size: number; readonly mtimeMs: number }

const IDENTITY = ['ino', 'dev', 'size', 'mtimeMs'] as const;

const BUFFER_BYTES = 262_144;
/** So much is written at most before it is brought to the disk: the end of a long file, or giving it up, must not wait for all of it. */
const UNSYNCED_BYTES = 16_777_216;
/** What a file system says that knows no second name for a file (FAT, some network shares). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);
/** What a file system says that has no flushing of folders. */
const NO_FLUSH = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Begins a file. What processes that died left in its folder is removed first.
 * @param path absolute
 * @throws AppError file_exists (also while another process writes the same file), file_unwritable or disk_full
 */
export async function openAtomicFile(path: string, options: AtomicOptions = {}): Promise<AtomicFile> {
  if (!isAbsolute(path) || basename(path) === '' || /[\\/]$/.test(path)) throw new AppError('file_unwritable', { message: 'This is not the whole path of a file. Nothing was written.', hint: 'Name the file with all of its folders.' });
  const folder = dirname(path);
  const partial = join(folder, partialName(basename(path), randomBytes(8).toString('hex')));
  let handle: FileHandle;
  try {
    if (options.profileDir !== undefined) await refuseInside(options.profileDir, path);
    await refuseTaken(path, options);
    handle = await open(partial, 'wx', 0o600);
  } catch (error) {
    throw writingError(error);
  }
  try {
    // Looked at only now: of two that begin at once, each sees the other.
    await clearFolder(folder, partial, basename(path));
  } catch (error) {
    await discard(handle, partial);
    throw writingError(error);
  }
  return atomicFile({ path, folder, partial, handle, options });
}

function atomicFile({ path, folder, partial, handle, options }: { readonly path: string; readonly folder: string; readonly partial: string; readonly handle: FileHandle; readonly options: AtomicOptions }): AtomicFile {
  const hash = createHash('sha256');
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  let sealed: Sealed | null = null;
  let state: 'open' | 'committed' | 'gone' = 'open';
  let identity: Identity | null = null;
  let unsyncedBytes = 0;

  async function flush(): Promise<void> {
    const [first] = waiting;
    if (first === undefined) return;
    const block = waiting.length === 1 ? first : Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    hash.update(block);
    for (let at = 0; at < block.length;) at += (await handle.write(block, at)).bytesWritten;
    bytes += block.length;
    unsyncedBytes += block.length;
    if (unsyncedBytes < UNSYNCED_BYTES) return;
    unsyncedBytes = 0;
    await handle.datasync();
  }

  async function seal(): Promise<Sealed> {
    if (sealed !== null) return sealed;
    try {
      await flush();
      await handle.sync();
    } catch (error) {
      throw writingError(error);
    }
    sealed = { bytes, sha256: hash.digest('hex') };
    return sealed;
  }

  const file: AtomicFile = {
    path,
    async write(chunk) {
      if (state !== 'open' || sealed !== null) throw new Error('the file is no longer open for writing');
      const block = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (block.length === 0) return;
      waiting.push(block);
      waitingBytes += block.length;
      if (waitingBytes < BUFFER_BYTES) return;
      try {
        await flush();
      } catch (error) {
        throw writingError(error);
      }
    },
    seal,
    async commit() {
      try {
        const result = await seal();
        identity = await handle.stat();
        await place({ partial, path, folder, identity }, options);
        state = 'committed';
        await handle.close().catch(() => undefined);
        return result;
      } catch (error) {
        await file.abort();
        throw writingError(error);
      }
    },
    async abort() {
      if (state !== 'open') return;
      state = 'gone';
      await discard(handle, partial);
    },
    async withdraw() {
      if (state !== 'committed' || identity === null) return;
      state = 'gone';
      await takeBack(path, identity);
    },
  };
  return file;
}

async function discard(handle: FileHandle, partial: string): Promise<void> {
  await handle.close().catch(() => undefined);
  await unlink(partial).catch(() => undefined);
}

async function place({ partial, path, folder, identity }: { readonly partial: string; readonly path: string; readonly folder: string; readonly identity: Identity }, options: AtomicOptions): Promise<void> {
  if (await refuseTaken(path, options)) await rename(partial, path);
  else await giveName(partial, path);
  try {
    await unlink(partial).catch((error: unknown) => { if (systemCode(error) !== 'ENOENT') throw error; });
    await flushFolder(folder);
  } catch (error) {
    // Nobody may take it for finished when it is not known to be on disk.
    await takeBack(path, identity);
    throw error;
  }
}

/** A link refuses a name that is taken, in one step. Where there are no links, the name is looked at just before. */
async function giveName(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') throw existsError(basename(path));
    if (code === null || !NO_LINKS.has(code)) throw error;
    await refuseTaken(path, {});
    await rename(partial, path);
  }
}

/** Removes what was put under a name, if it is still ours. */
async function takeBack(path: string, identity: Identity): Promise<void> {
  const here = await lstat(path).catch(() => null);
  if (here !== null && IDENTITY.every((name) => here[name] === identity[name])) await unlink(path).catch(() => undefined);
}

/** @returns true when something stands there that may be replaced. @throws AppError file_exists, or the file system's own error */
async function refuseTaken(path: string, { mayReplace }: AtomicOptions): Promise<boolean> {
  try {
    await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  if (mayReplace === undefined || !await mayReplace(path)) throw existsError(basename(path));
  return true;
}

/** Removes what dead processes left, whatever its target. @throws AppError file_exists when a living one writes the same target */
async function clearFolder(folder: string, own: string, target: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = join(folder, name) === own ? null : readPartialName(name);
    if (owner === null) continue;
    if (isDead(owner)) await unlink(join(folder, name)).catch(() => undefined);
    else if (owner.target === targetTag(target)) throw new AppError('file_exists', { message: `${target} is being written at this moment. Nothing was written.`, hint: 'Wait for it, or choose another name.' });
  }
}

/** Waits until names made in a folder are on disk. Windows has no such call: there the file system's journal does it. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    const code = systemCode(error);
    if (code === null || !NO_FLUSH.has(code)) throw error;
  } finally {
    await folder.close();
  }
}
