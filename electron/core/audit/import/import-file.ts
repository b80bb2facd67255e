// The bytes of one file, in pieces, gzip undone, with the digest of what lies on the disk; it refuses what is no ordinary file. Memory does not grow with the file.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { AppError } from '#shared/errors.ts';

const PIECE_BYTES = 131_072;
/** What is unpacked at once is lost when the archive is damaged inside of it. */
const UNPACKED_BYTES = 65_536;

/** What was unpacked before it is right; behind it the archive is cut off or damaged. */
export class DamagedGzip extends Error {}

export interface ImportFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly isGzip: boolean;
  /** From the beginning, as often as wanted. A piece is overwritten when the next one is asked for. @throws DamagedGzip behind the last sound piece; AppError file_unreadable */
  pieces(watch?: ByteWatch): AsyncGenerator<Buffer, void, void>;
  close(): void;
}

/** Sees the bytes as they lie on the disk. */
export interface ByteWatch { seen(raw: Buffer): void }

/** SHA-256 and count of the bytes of one reading. */
export function createDigestWatch(onBytes: (count: number) => void): ByteWatch & { hex(): string } {
  const hash = createHash('sha256');
  return {
    seen(raw) {
      hash.update(raw);
      onBytes(raw.length);
    },
    hex: () => hash.digest('hex'),
  };
}

/** For a thread of its own: it reads without giving way, which is faster and disturbs nobody there. @throws AppError file_not_found, file_unreadable */
export function openImportFile(path: string): ImportFile {
  const name = basename(path);
  let handle: number | null = null;
  try {
    // Looked at first: opening a pipe would wait for its other end.
    const facts = statSync(path);
    if (!facts.isFile()) throw new AppError('file_unreadable', { message: `"${name}" is ${facts.isDirectory() ? 'a folder' : 'no ordinary file'}. Nothing was read.`, hint: 'Name the files one by one.' });
    handle = openSync(path, 'r');
    const opened = handle;
    const magic = Buffer.alloc(2);
    readSync(opened, magic, 0, 2, 0);
    const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
    return {
      path, name, bytes: facts.size, isGzip,
      pieces: (watch) => telling(name, isGzip ? unpacked(opened, watch) : rawPieces(opened, watch)),
      close: () => closeSync(opened),
    };
  } catch (error) {
    if (handle !== null) closeSync(handle);
    throw readFailure(name, error);
  }
}

function* raw(handle: number, watch: ByteWatch | undefined): Generator<Buffer, void, void> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (let position = 0; ;) {
    const bytesRead = readSync(handle, buffer, 0, PIECE_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const piece = buffer.subarray(0, bytesRead);
    watch?.seen(piece);
    yield piece;
  }
}

async function* rawPieces(handle: number, watch: ByteWatch | undefined): AsyncGenerator<Buffer, void, void> {
  yield* raw(handle, watch);
}

async function* unpacked(handle: number, watch: ByteWatch | undefined): AsyncGenerator<Buffer, void, void> {
  const gunzip = createGunzip({ chunkSize: UNPACKED_BYTES });
  let isStopped = false;
  const closed = new Promise<void>((resolve) => { gunzip.once('close', resolve); });
  let failure: unknown = null;
  let fed = 0;
  const feeding = (async () => {
    for (const piece of raw(handle, watch)) {
      fed += piece.length;
      // Behind the end of the archive bytes are still seen, for the digest.
      if (gunzip.destroyed || gunzip.readableEnded) continue;
      if (!gunzip.write(Buffer.from(piece))) await Promise.race([new Promise<void>((resolve) => { gunzip.once('drain', resolve); }), closed]);
      if (isStopped) return;
    }
    gunzip.end();
  })().catch((error: unknown) => {
    if (isStopped) return;
    failure ??= error;
    gunzip.destroy();
  });
  try {
    for await (const piece of gunzip) yield piece as Buffer;
    await feeding;
    if (failure !== null) throw failure;
    if (hasBytesBehind(handle, gunzip.bytesWritten, fed)) throw new DamagedGzip('other bytes stand behind the end of the gzip data');
  } catch (error) {
    if (failure !== null) throw failure;
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !code.startsWith('Z_')) throw error;
    await feeding;
    throw new DamagedGzip(code === 'Z_BUF_ERROR' ? 'the gzip data ends too early: the file is cut off here' : `the gzip data is damaged here; up to ${UNPACKED_BYTES / 1024} KiB of text before it are lost with it`, { cause: error });
  } finally {
    isStopped = true;
    gunzip.destroy();
  }
}

/** Zeros may follow, as padding; anything else would be left out in silence. */
function hasBytesBehind(handle: number, from: number, to: number): boolean {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (let position = from; position < to;) {
    const bytesRead = readSync(handle, buffer, 0, Math.min(PIECE_BYTES, to - position), position);
    if (bytesRead === 0) return false;
    if (buffer.subarray(0, bytesRead).some((byte) => byte !== 0)) return true;
    position += bytesRead;
  }
  return false;
}

async function* telling(name: string, pieces: AsyncGenerator<Buffer, void, void>): AsyncGenerator<Buffer, void, void> {
  try {
    yield* pieces;
  } catch (error) {
    throw error instanceof DamagedGzip ? error : readFailure(name, error);
  }
}

/** Only what the operating system says is translated. */
function readFailure(name: string, error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof AppError || typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new AppError('file_not_found', { message: `There is no file "${name}" at that place. Nothing was read.`, hint: 'Check the path.', cause: error });
  return new AppError('file_unreadable', {
    message: `"${name}" cannot be read (${code}). ${code === 'EACCES' || code === 'EPERM' ? 'This user may not read it.' : 'The operating system refused.'}`,
    hint: 'Check its rights and the disk it lies on, then try again.', cause: error,
  });
}
