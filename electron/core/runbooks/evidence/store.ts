// Evidence at rest: bytes under their digest, up to 1 MiB in the encrypted cache, larger ones each in a sealed file beside it. The same bytes are kept once; what is read is checked against its digest.
import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EVIDENCE_MAX_BYTES } from '#shared/domain/runbook-run.ts';
import type { EvidenceRef } from '#shared/domain/runbook-run.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import { flushFolder } from '../../db/files.ts';
import type { Emitter } from '../../emitter.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import { readingError, systemCode } from '../../files/file-errors.ts';
import { refuseInside } from '../../files/keep-out.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import type { EvidencePort } from '../runs/evidence-port.ts';
import { READ_FLAGS } from '../reading.ts';
import { contentTypeOf } from './content-type.ts';
import { evidenceKeys, findEvidence, insertEvidence, placeOfEvidence } from './evidence-queries.ts';
import type { StoredEvidence } from './evidence-queries.ts';
import { fileNameOf, KEY_BYTES, sealed, sealedBytes, unsealed } from './sealed-file.ts';

/** Up to here bytes are a row of the cache. */
export const ROW_MAX_BYTES = 1_048_576;
const NAME_MAX = 255;
const WRITE_WAIT_MS = 10_000;
const READ_BYTES = 1_048_576;

export interface EvidenceStore extends EvidencePort {
  /** Keeps bytes under a name for people. @throws AppError too_large, disk_full */
  keepNamed(bytes: Buffer, name: string): Promise<EvidenceRef>;
  /** Removes files that no row knows: what a kill between file and row left. How many. */
  sweep(): Promise<number>;
}

export interface EvidenceStoreDeps { readonly session: Session; readonly clock: Clock; readonly emitter: Emitter; readonly log: Log; readonly profileDir: string }

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const notFound = (): AppError => new AppError('evidence_not_found', { message: 'These bytes are not here.', hint: 'Import a file of the run that holds its evidence.' });
const damaged = (): AppError => new AppError('evidence_damaged', { message: 'These bytes are not those of their digest any more. They were left as they are.', hint: 'Add the same file again, or import a file of the run that holds its evidence.' });
const tooLarge = (what: string): AppError => new AppError('too_large', { message: `${what} is larger than ${EVIDENCE_MAX_BYTES / 1_048_576} MiB. Nothing was kept.`, hint: 'Keep the part that matters.' });

/** A name for people: the last part of a path, with whatever acts on a display spelled out. */
export function evidenceName(given: string): string {
  const name = visibleLine(given.split(/[\\/]/).at(-1) ?? '').trim();
  return name === '' ? 'evidence' : [...name].slice(0, NAME_MAX / 2).join('').slice(0, NAME_MAX);
}

/** At most one byte more than can be kept, whatever the file says of its size. */
async function bytesOf(path: string, profileDir: string): Promise<Buffer> {
  const name = evidenceName(basename(path));
  try {
    await refuseInside(profileDir, path);
    const handle = await open(path, READ_FLAGS);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${name} is no file. Nothing was kept.`, hint: 'Choose a file.' });
      if (facts.size > EVIDENCE_MAX_BYTES) throw tooLarge(name);
      const parts: Buffer[] = [];
      for (let total = 0; ;) {
        const part = Buffer.alloc(READ_BYTES);
        const { bytesRead } = await handle.read(part, 0, READ_BYTES);
        if (bytesRead === 0 && total === 0) throw new AppError('file_unreadable', { message: `${name} is empty. Nothing was kept.`, hint: 'An empty file proves nothing: choose one with content.' });
        if (bytesRead === 0) return Buffer.concat(parts, total);
        total += bytesRead;
        if (total > EVIDENCE_MAX_BYTES) throw tooLarge(name);
        parts.push(part.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    const told = error instanceof AppError && error.code === 'file_unwritable' ? new AppError('file_unreadable', { message: `${name} lies in the Holdfast profile. Nothing was kept.`, hint: 'Choose a file outside of the profile.', cause: error }) : readingError(error);
    if (told instanceof AppError && told.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${name}. Nothing was kept.`, hint: 'Check the path.', cause: error });
    throw told;
  }
}

export function createEvidenceStore({ session, clock, emitter, log, profileDir }: EvidenceStoreDeps): EvidenceStore {
  /** One at a time: what is swept must not be what is being written. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const next = last.then(run);
    last = next.catch(() => undefined);
    return next;
  }

  /** Beside the cache: what is kept for one session goes with it. */
  function folder(): string {
    const database = session.database();
    if (database === null) throw new AppError('profile_locked', { message: 'Holdfast is locked.', hint: 'Unlock it first.' });
    return join(dirname(database.path), 'evidence');
  }

  async function readFile({ key, bytes }: { readonly key: Buffer; readonly bytes: number }): Promise<Buffer | null> {
    let handle;
    try {
      handle = await open(join(folder(), fileNameOf(key)), 'r');
    } catch (error) {
      if (systemCode(error) !== null) return null;
      throw error;
    }
    try {
      if ((await handle.stat()).size !== sealedBytes(bytes)) return null;
      return await unsealed(async (position, length) => {
        const part = Buffer.alloc(length);
        const { bytesRead } = await handle.read(part, 0, length, position);
        return part.subarray(0, bytesRead);
      }, { key, bytes });
    } catch (error) {
      // A disk that does not give them back is the same to whoever asks.
      if (systemCode(error) !== null) return null;
      throw error;
    } finally {
      await handle.close();
    }
  }

  /** On disk under its name before it returns. */
  async function writeFile(content: Buffer, key: Buffer): Promise<void> {
    const where = folder();
    const made = await mkdir(where, { recursive: true, mode: 0o700 });
    if (made !== undefined) flushFolder(dirname(where));
    const file = await openAtomicFile(join(where, fileNameOf(key)), { mayReplace: () => Promise.resolve(true) });
    try {
      for (const piece of sealed(content, key)) await file.write(piece);
      await file.commit();
    } catch (error) {
      await file.abort();
      throw error;
    }
  }

  async function contentOf(digest: string, { bytes, body, key }: StoredEvidence): Promise<Buffer | null> {
    const content = key === null ? body : await readFile({ key, bytes });
    return content !== null && content.length === bytes && sha256(content) === digest ? content : null;
  }

  async function keepNow(bytes: Buffer): Promise<string> {
    if (bytes.length > EVIDENCE_MAX_BYTES) throw tooLarge('This piece of evidence');
    const digest = sha256(bytes);
    await session.whenWritable({ maxMs: WRITE_WAIT_MS });
    session.write();
    const known = findEvidence(session.read(), digest);
    if (known !== null) {
      // The same content under the same key is the same file: writing it again mends what was lost.
      if (known.key !== null && await contentOf(digest, known) === null) await writeFile(bytes, known.key);
      return digest;
    }
    const isRow = bytes.length <= ROW_MAX_BYTES;
    const key = isRow ? null : randomBytes(KEY_BYTES);
    // First the file, whole and on disk: a row never names what is not there.
    if (key !== null) await writeFile(bytes, key);
    try {
      await session.whenWritable({ maxMs: WRITE_WAIT_MS });
      insertEvidence(session.write(), { digest, bytes: bytes.length, body: isRow ? bytes : null, key, nowUs: clock.now() * 1000 });
    } catch (error) {
      if (key !== null && session.database() !== null) await rm(join(folder(), fileNameOf(key)), { force: true });
      throw error;
    }
    return digest;
  }

  async function sweepNow(): Promise<number> {
    if (session.state() !== 'open' || session.access() !== 'write') return 0;
    const where = folder();
    let names: string[];
    try {
      names = await readdir(where);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return 0;
      throw error;
    }
    const known = new Set(evidenceKeys(session.read()).map(fileNameOf));
    let removed = 0;
    for (const name of names) {
      // Names that are not made here are not ours to remove.
      if (known.has(name) || !/^(?:[0-9a-f]{40}|\..*\.holdfast-partial)$/.test(name) || !(await lstat(join(where, name))).isFile()) continue;
      await rm(join(where, name), { force: true });
      removed += 1;
    }
    return removed;
  }

  const keep = (bytes: Buffer): Promise<string> => inTurn(() => keepNow(bytes));
  const keepNamed = async (bytes: Buffer, name: string): Promise<EvidenceRef> => ({ digest: await keep(bytes), name: evidenceName(name), bytes: bytes.length, type: contentTypeOf(bytes) });
  const sweep = (): Promise<number> => inTurn(sweepNow);
  emitter.listen((event) => {
    if (event.name === 'app.opened') sweep().catch((error: unknown) => log.error('files of evidence that nobody knows could not be removed', { cause: String(error) }));
  });

  return {
    keep, keepNamed, sweep,
    isHere(digest) {
      const place = placeOfEvidence(session.read(), digest);
      if (place === null || place.key === null) return place !== null;
      return statSync(join(folder(), fileNameOf(place.key)), { throwIfNoEntry: false })?.size === sealedBytes(place.bytes);
    },
    async addFile(path) {
      session.write();
      return keepNamed(await bytesOf(path, profileDir), basename(path));
    },
    async read(digest) {
      const found = findEvidence(session.read(), digest);
      if (found === null) throw notFound();
      const content = await contentOf(digest, found);
      if (content === null) throw damaged();
      return content;
    },
  };
}
