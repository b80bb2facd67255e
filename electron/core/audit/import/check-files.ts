// The first reading: what each file is, whether every row of it can be read, and its digest. It touches no database and keeps no row.
import type { ImportProblem, InspectedFile } from '#shared/domain/audit-import.ts';
import { PROBLEMS_IN_REPORT } from '#shared/domain/audit-import.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { createDigestWatch, DamagedGzip, openImportFile } from './import-file.ts';
import type { ImportFile } from './import-file.ts';
import type { ByteReader, ImportRow, RowSink } from './import-row.ts';
import { createSampleSearch, createShapeSearch, detectFormat } from './detect-format.ts';
import type { Detection, Search } from './detect-format.ts';
import { createRowReader } from './read-rows.ts';
import type { Shape } from './read-rows.ts';

/** How much of a file is looked at to tell its format. */
const HEAD_BYTES = 262_144;
/** How far a row is looked for when the first one goes on behind that. */
const SEARCHED_BYTES = 1_073_741_824;
const PAYLOAD_SHOWN = 200;

export interface Watcher {
  /** @throws AppError cancelled */
  throwIfCancelled(): void;
  progress(progress: ReadProgress): void;
}

/** `bytes` and `rows` of all files so far, of `total` bytes on the disk. */
export interface ReadProgress { readonly name: string; readonly bytes: number; readonly total: number; readonly rows: number }

export interface CheckedFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly shape: Shape;
  readonly rows: number;
  readonly empty: number;
  readonly rejected: number;
  readonly oldestUs: number | null;
  readonly newestUs: number | null;
}

export interface Checked {
  readonly files: readonly CheckedFile[];
  /** The first rows that were rejected, at least one of each file that has any; `rejected` of the files counts all. */
  readonly problems: readonly ImportProblem[];
}

async function detect(file: ImportFile, watcher: Pick<Watcher, 'throwIfCancelled'>): Promise<Detection> {
  const { head, isWhole, damage } = await headOf(file);
  if (head.length === 0 && damage !== null) return { shape: null, finding: `Not known: ${damage}.`, sample: [], needsMore: false };
  const detection = detectFormat(head, isWhole);
  if (!detection.needsMore || isWhole || damage !== null) return detection;
  const shape = await search(file, createShapeSearch(), watcher);
  return 'finding' in shape ? shape : search(file, createSampleSearch(shape), watcher);
}

async function search<T>(file: ImportFile, { push, end }: Search<T>, watcher: Pick<Watcher, 'throwIfCancelled'>): Promise<T> {
  let size = 0;
  try {
    for await (const piece of file.pieces()) {
      watcher.throwIfCancelled();
      size += piece.length;
      if (!push(piece) || size >= SEARCHED_BYTES) return end(false);
    }
  } catch (error) {
    if (!(error instanceof DamagedGzip)) throw error;
    return end(false);
  }
  return end(true);
}

async function headOf(file: ImportFile): Promise<{ head: Buffer; isWhole: boolean; damage: string | null }> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of file.pieces()) {
      parts.push(Buffer.from(piece));
      size += piece.length;
      if (size >= HEAD_BYTES) return { head: Buffer.concat(parts).subarray(0, HEAD_BYTES), isWhole: false, damage: null };
    }
  } catch (error) {
    if (!(error instanceof DamagedGzip)) throw error;
    return { head: Buffer.concat(parts), isWhole: false, damage: error.message };
  }
  return { head: Buffer.concat(parts), isWhole: true, damage: null };
}

/** What the beginning of each file shows. @throws AppError file_not_found, file_unreadable, cancelled */
export async function inspectFiles(paths: readonly string[], watcher: Pick<Watcher, 'throwIfCancelled'>, refuse?: (name: string, finding: string) => Error): Promise<InspectedFile[]> {
  const files: InspectedFile[] = [];
  for (const path of paths) {
    watcher.throwIfCancelled();
    const file = openImportFile(path);
    try {
      const { shape, finding, sample } = await detect(file, watcher);
      const what = shape === null && file.isGzip && file.bytes > 0 ? `${finding} (After gzip was undone.)` : finding;
      if (shape === null && refuse !== undefined) throw refuse(file.name, what);
      files.push({ path, name: file.name, bytes: file.bytes, isGzip: file.isGzip, format: shape?.format ?? null, finding: what, sample: sample.map(sampleOf) });
    } finally {
      file.close();
    }
  }
  return files;
}

function refuseUnknown(name: string, finding: string): AppError {
  return new AppError('unknown_format', { message: `"${name}" cannot be imported. ${finding} Nothing was written.`, hint: 'Importing takes exports of NAVI and of Holdfast, and log files of AI-Karen. Leave this file out.' });
}

function sampleOf(row: ImportRow): InspectedFile['sample'][number] {
  const payload = row.payload === undefined ? '' : `${row.payload.state}: ${row.payload.body}`;
  return { createdAt: formatInstantUs(row.createdAtUs), method: row.method, route: row.route, actor: row.actorEmail ?? row.actorSub, payload: payload.length > PAYLOAD_SHOWN ? `${payload.slice(0, PAYLOAD_SHOWN)}…` : payload };
}

/** Reads all files from beginning to end. @throws AppError unknown_format, file_not_found, file_unreadable, cancelled */
export async function checkFiles(paths: readonly string[], watcher: Watcher): Promise<Checked> {
  const files: CheckedFile[] = [];
  const problems: ImportProblem[] = [];
  const total = { bytes: 0, all: 0, rows: 0 };
  // First a look at all of them, so that a wrong one is told of before a long reading.
  for (const { bytes } of await inspectFiles(paths, watcher, refuseUnknown)) total.all += bytes;
  for (const path of paths) {
    const file = openImportFile(path);
    try {
      const { shape, finding } = await detect(file, watcher);
      if (shape === null) throw refuseUnknown(file.name, finding);
      const count = { rows: 0, empty: 0, rejected: 0, oldestUs: null as number | null, newestUs: null as number | null };
      const sink: RowSink = {
        row({ createdAtUs }) {
          count.rows += 1;
          if (count.oldestUs === null || createdAtUs < count.oldestUs) count.oldestUs = createdAtUs;
          if (count.newestUs === null || createdAtUs > count.newestUs) count.newestUs = createdAtUs;
        },
        empty() { count.empty += 1; },
        reject(line, reason, excerpt) {
          count.rejected += 1;
          if (problems.length < PROBLEMS_IN_REPORT || count.rejected === 1) problems.push({ file: files.length, line, outcome: 'rejected', reason, excerpt });
        },
      };
      const digest = await readThrough({ file, shape, sink, watcher, total, rows: () => total.rows + count.rows });
      total.rows += count.rows;
      files.push({ path, name: file.name, bytes: digest.bytes, sha256: digest.sha256, shape, ...count });
    } finally {
      file.close();
    }
  }
  return { files, problems };
}

export interface Reading {
  readonly file: ImportFile;
  readonly shape: Shape;
  readonly sink: RowSink;
  readonly watcher: Watcher;
  /** Bytes of all files so far; counted on while this one is read. */
  readonly total: { bytes: number; readonly all: number };
  readonly rows: () => number;
}

/** Hands every row of a file to the sink. Where gzip is damaged, that is one more refusal. */
export async function readThrough({ file, shape, sink, watcher, total, rows }: Reading): Promise<{ readonly bytes: number; readonly sha256: string }> {
  let bytes = 0;
  let lastLine = 1;
  const see = (line: number): void => { if (line > lastLine) lastLine = line; };
  const digest = createDigestWatch((count) => {
    watcher.throwIfCancelled();
    bytes += count;
    total.bytes += count;
  });
  const reader: ByteReader = createRowReader(shape, {
    row(row, line) { see(line); sink.row(row, line); },
    empty(line) { see(line); sink.empty(line); },
    reject(line, reason, excerpt) { see(line); sink.reject(line, reason, excerpt); },
  });
  try {
    for await (const piece of file.pieces(digest)) {
      reader.push(piece);
      watcher.throwIfCancelled();
      watcher.progress({ name: file.name, bytes: total.bytes, total: total.all, rows: rows() });
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof DamagedGzip)) throw error;
    reader.end();
    sink.reject(lastLine, error.message, null);
  }
  return { bytes, sha256: digest.hex() };
}

