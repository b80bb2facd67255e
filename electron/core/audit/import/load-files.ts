// The second reading: all files into the cache in one transaction, so that the cache is as before or holds all of it; refuses files that are not what was checked.
import type { ImportedFile, ImportProblem } from '#shared/domain/audit-import.ts';
import { PROBLEMS_IN_REPORT, PROBLEMS_KEPT } from '#shared/domain/audit-import.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { translateDatabaseError } from '../../db/sqlite-errors.ts';
import type { ThreadConnection } from '../../db/thread-connection.ts';
import { deploymentNumber, openRowStore } from '../store.ts';
import type { RowOutcome, RowToStore } from '../store.ts';
import { readThrough } from './check-files.ts';
import type { CheckedFile, Watcher } from './check-files.ts';
import { createContentPlacer } from './content-ids.ts';
import { openImportFile } from './import-file.ts';
import type { ImportFile } from './import-file.ts';
import { beginLoad, commitLoad, differingColumns, gatherText, insertImport, nextImportId, problemInserter, rollBackLoad, ungatherText } from './import-queries.ts';
import type { ImportRow } from './import-row.ts';

/** Rows between two updates of the text index: their pages are still at hand, and a cancel waits no longer than this. */
const FLUSH_ROWS = 4000;
/** Rows that go into the store together. */
const PENDING_ROWS = 512;

const hasId = (row: ImportRow): row is ImportRow & RowToStore => row.id !== null;

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

/** @throws AppError cancelled, file_unreadable (changed since it was checked), disk_full … ; then the cache is as it was */
export async function loadFiles(db: ThreadConnection, order: LoadOrder, watcher: Watcher): Promise<Loaded> {
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
      const file = openImportFile(checked.path);
      try {
        const note = (problem: Omit<ImportProblem, 'file'>): void => {
          counts[problem.outcome] += 1;
          keep.add({ file: index, ...problem });
        };
        await loadFile({ db, order, checked, file, importId, dep, watcher, total, counts, note });
      } finally {
        file.close();
      }
      files.push(reportOf(checked, counts));
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
  readonly file: ImportFile;
  readonly importId: number;
  readonly dep: number;
  readonly watcher: Watcher;
  readonly total: { bytes: number; readonly all: number; rows: number };
  readonly counts: Counts;
  readonly note: (problem: Omit<ImportProblem, 'file'>) => void;
}

async function loadFile({ db, order, checked, file, importId, dep, watcher, total, counts, note }: FileLoad): Promise<void> {
  const { write } = db;
  if (write === null) throw new Error('an import needs the right to write');
  const store = openRowStore(write, { deploymentId: order.deploymentId, kind: 'import', address: null, source: `${checked.name} (sha256 ${checked.sha256.slice(0, 16)})`, atUs: order.atUs, importId });
  const place = createContentPlacer(store);
  let rows = 0;
  let pending: (ImportRow & RowToStore)[] = [];
  let lines: number[] = [];
  let unflushed = 0;

  const differs = (line: number, reason: string): void => note({ line, outcome: 'changed', reason, excerpt: null });
  function judge(row: ImportRow, line: number, outcome: RowOutcome): void {
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
    store.addMany(given).forEach((outcome, index) => judge(given[index] as ImportRow, linesOf[index] as number, outcome));
    if (unflushed < FLUSH_ROWS) return;
    unflushed = 0;
    store.flush();
    watcher.throwIfCancelled();
  }

  /** Problems stand in the order of the lines, so that what waits is judged first. */
  function noteInTurn(problem: Omit<ImportProblem, 'file'>): void {
    storePending();
    note(problem);
  }

  const reading = await readThrough({
    file, shape: checked.shape, watcher, total, rows: () => total.rows + rows,
    sink: {
      row(row, line) {
        rows += 1;
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
    },
  });
  storePending();
  store.flush();
  total.rows += rows;
  if (reading.sha256 !== checked.sha256) {
    throw new AppError('file_unreadable', { message: `"${checked.name}" changed while it was being imported. The cache is as it was before.`, hint: 'Copy the file to where nobody writes to it, then import the copy.' });
  }
}

function reportOf(checked: CheckedFile, counts: Counts): ImportedFile {
  const instant = (us: number | null): string | null => (us === null ? null : formatInstantUs(us));
  return {
    name: checked.name, bytes: checked.bytes, sha256: checked.sha256, format: checked.shape.format, rows: checked.rows + checked.rejected + checked.empty,
    ...counts, oldestAt: instant(checked.oldestUs), newestAt: instant(checked.newestUs),
  };
}

/** A refused import: what was read, and nothing taken. */
export function refusedReport(files: readonly CheckedFile[]): ImportedFile[] {
  return files.map((file) => reportOf(file, { accepted: 0, skipped: 0, rejected: file.rejected, changed: 0 }));
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
