// The second reading: all files into the cache in one transaction, so that the cache is as before or holds all that was to be written; refuses files that are not what was checked.
import type { ImportedFile, ImportProblem } from '#shared/domain/audit-import.ts';
import { PROBLEMS_IN_REPORT, PROBLEMS_KEPT } from '#shared/domain/audit-import.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { translateDatabaseError } from '../../db/sqlite-errors.ts';
import type { ThreadConnection } from '../../db/thread-connection.ts';
import type { Thread } from '../../workers/thread.ts';
import { deploymentNumber, openRowStore } from '../store.ts';
import type { RowOutcome, RowToStore } from '../store.ts';
import type { CheckedFile, Watcher } from './check-files.ts';
import { createContentPlacer } from './content-ids.ts';
import { beginLoad, commitLoad, differingColumns, gatherText, insertImport, nextImportId, problemInserter, rollBackLoad, ungatherText } from './import-queries.ts';
import { readAhead } from './read-ahead.ts';
import type { ReadCalls, ReadFile } from './read-ahead.ts';
import { handOver } from './row-batches.ts';
import type { BatchSink, ReadRow } from './row-batches.ts';

/** Rows between two updates of the text index: their pages are still at hand, and a cancel waits no longer than this. */
const FLUSH_ROWS = 4000;
/** Rows that go into the store together. Few: those that wait outlive the collector's first rounds, and their texts would gather (50 MiB at 512 rows). */
const PENDING_ROWS = 128;

const hasId = (row: ReadRow): row is ReadRow & RowToStore => row.id !== null;

export interface LoadOrder {
  readonly deploymentId: string;
  readonly files: readonly CheckedFile[];
  readonly mode: 'all-or-nothing' | 'keep-good';
  readonly dryRun: boolean;
  readonly atUs: number;
}

export interface Loaded {
  /** null: a dry run. */
  readonly importId: number | null;
  readonly files: readonly ImportedFile[];
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
}

interface Counts { accepted: number; skipped: number; rejected: number; changed: number }

/**
 * @param means the connection to write over, and the thread that reads the files ahead
 * @throws AppError cancelled, file_unreadable (changed since it was checked), disk_full … ; then the cache is as it was
 */
export async function loadFiles({ db, reader }: { readonly db: ThreadConnection; readonly reader: Thread<ReadCalls> }, order: LoadOrder, watcher: Watcher): Promise<Loaded> {
  const { raw, write } = db;
  if (write === null) throw new Error('an import needs the right to write');
  try {
    beginLoad(raw);
    gatherText(raw);
    const dep = deploymentNumber(write, order.deploymentId);
    const importId = nextImportId(write);
    const keep = createProblemKeeper(problemInserter(raw), importId);
    const files: ImportedFile[] = [];
    const total = { bytes: 0, all: order.files.reduce((sum, { bytes }) => sum + bytes, 0), rows: 0 };
    for (const [index, checked] of order.files.entries()) {
      const counts: Counts = { accepted: 0, skipped: 0, rejected: 0, changed: 0 };
      const note = (problem: Omit<ImportProblem, 'file'>): void => {
        counts[problem.outcome] += 1;
        keep.add({ file: index, ...problem });
      };
      const before = total.bytes;
      const read = async (sink: BatchSink): Promise<ReadFile> => {
        const whole = await readAhead(reader, checked, (batch) => {
          handOver(batch, sink);
          watcher.throwIfCancelled();
          watcher.progress({ name: checked.name, bytes: before + batch.bytes, total: total.all, rows: total.rows });
        });
        total.bytes = before + whole.bytes;
        return whole;
      };
      const load = { db, order, checked, read, importId, dep, watcher, total, counts, note };
      if (isRefused(checked, order.mode)) await listRejected(load);
      else await loadFile(load);
      files.push(reportOf(checked, counts, order.mode));
    }
    ungatherText(raw);
    insertImport(write, { id: importId, dep, atUs: order.atUs, mode: order.mode, files, problemCount: keep.count() });
    watcher.throwIfCancelled();
    if (order.dryRun) rollBackLoad(raw);
    else commitLoad(raw);
    return { importId: order.dryRun ? null : importId, files, problems: keep.first(), problemCount: keep.count() };
  } catch (error) {
    try {
      rollBackLoad(raw);
    } catch {
      // The first failure is what counts; a transaction that was not committed goes with its connection.
    }
    throw translateDatabaseError(error, 'writing');
  }
}

interface FileLoad {
  readonly db: ThreadConnection;
  readonly order: LoadOrder;
  readonly checked: CheckedFile;
  /** Hands every row of the file to the sink. */
  readonly read: (sink: BatchSink) => Promise<ReadFile>;
  readonly importId: number;
  readonly dep: number;
  readonly watcher: Watcher;
  readonly total: { rows: number };
  readonly counts: Counts;
  readonly note: (problem: Omit<ImportProblem, 'file'>) => void;
}

async function loadFile({ db, order, checked, read, importId, dep, watcher, total, counts, note }: FileLoad): Promise<void> {
  const { write } = db;
  if (write === null) throw new Error('an import needs the right to write');
  const store = openRowStore(write, { deploymentId: order.deploymentId, kind: 'import', address: null, source: `${checked.name} (sha256 ${checked.sha256.slice(0, 16)})`, atUs: order.atUs, importId });
  const place = createContentPlacer(store);
  let pending: (ReadRow & RowToStore)[] = [];
  let lines: number[] = [];
  let unflushed = 0;

  const differs = (line: number, reason: string): void => note({ line, outcome: 'changed', reason, excerpt: null });
  function judge(row: ReadRow, line: number, outcome: RowOutcome): void {
    const { row: kept, payload } = outcome;
    if (kept === 'changed') {
      const columns = row.id === null ? [] : differingColumns(write as NonNullable<typeof write>, dep, { ...row, id: row.id });
      differs(line, `held with other content; the first version is kept${columns.length === 0 ? '' : `. Differs in ${columns.join(', ')}`}`);
    } else if (payload === 'changed') differs(line, 'held with another payload; the first version is kept');
    else if (kept === 'held' && payload !== 'added') note({ line, outcome: 'skipped', reason: 'held already', excerpt: null });
    else counts.accepted += 1;
  }

  function storePending(): void {
    const given = pending;
    const linesOf = lines;
    pending = [];
    lines = [];
    store.addMany(given).forEach((outcome, index) => judge(given[index] as ReadRow, linesOf[index] as number, outcome));
    if (unflushed < FLUSH_ROWS) return;
    unflushed = 0;
    store.index();
    watcher.throwIfCancelled();
  }

  /** Problems stand in the order of the lines, so that what waits is judged first. */
  function noteInTurn(problem: Omit<ImportProblem, 'file'>): void {
    storePending();
    note(problem);
  }

  const { sha256 } = await read({
    row(row, line) {
      total.rows += 1;
      unflushed += 1;
      if (hasId(row)) {
        pending.push(row);
        lines.push(line);
      } else {
        judge(row, line, place(row));
      }
      if (pending.length >= PENDING_ROWS || unflushed >= FLUSH_ROWS) storePending();
    },
    empty: (line) => noteInTurn({ line, outcome: 'skipped', reason: 'empty', excerpt: null }),
    reject: (line, reason, excerpt) => noteInTurn({ line, outcome: 'rejected', reason, excerpt }),
  });
  storePending();
  store.flush();
  requireUnchanged(checked, sha256);
}

/** Whether nothing of a file may be written, because a row of it cannot be read. */
export function isRefused({ rejected }: Pick<CheckedFile, 'rejected'>, mode: LoadOrder['mode']): boolean {
  return mode === 'all-or-nothing' && rejected > 0;
}

/** A refused file: every row that was rejected goes into the report, and none of the others into the cache. */
async function listRejected({ checked, read, note }: FileLoad): Promise<void> {
  const ignore = (): void => undefined;
  const { sha256 } = await read({ row: ignore, empty: ignore, reject: (line, reason, excerpt) => note({ line, outcome: 'rejected', reason, excerpt }) });
  requireUnchanged(checked, sha256);
}

function requireUnchanged(checked: CheckedFile, sha256: string): void {
  if (sha256 !== checked.sha256) {
    throw new AppError('file_unreadable', { message: `"${checked.name}" changed while it was being imported. The cache is as it was before.`, hint: 'Copy the file to where nobody writes to it, then import the copy.' });
  }
}

function reportOf(checked: CheckedFile, counts: Counts, mode: LoadOrder['mode']): ImportedFile {
  const instant = (us: number | null): string | null => (us === null ? null : formatInstantUs(us));
  return {
    name: checked.name, bytes: checked.bytes, sha256: checked.sha256, format: checked.shape.format, outcome: isRefused(checked, mode) ? 'refused' : counts.accepted > 0 ? 'taken' : 'nothing-new', rows: checked.rows + checked.rejected + checked.empty,
    ...counts, oldestAt: instant(checked.oldestUs), newestAt: instant(checked.newestUs),
  };
}

/** Files that are all refused: what was read, and nothing taken. */
export function refusedReport(files: readonly CheckedFile[]): ImportedFile[] {
  return files.map((file) => reportOf(file, { accepted: 0, skipped: 0, rejected: file.rejected, changed: 0 }, 'all-or-nothing'));
}

/** Problems go into the cache as they come: the first of them, so that neither memory nor cache grows without end. All are counted. */
function createProblemKeeper(insert: (importId: number, n: number, problem: ImportProblem) => void, importId: number): { add(problem: ImportProblem): void; first(): ImportProblem[]; count(): number } {
  const first: ImportProblem[] = [];
  let count = 0;
  return {
    add(problem) {
      count += 1;
      if (first.length < PROBLEMS_IN_REPORT) first.push(problem);
      if (count <= PROBLEMS_KEPT) insert(importId, count, problem);
    },
    first: () => first,
    count: () => count,
  };
}
