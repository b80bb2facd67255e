// Reads the rows of one export in a thread: first which rows, all at once and so from one state of the cache; then their text, piece by piece.
import type { ExportFormat } from '#shared/domain/audit-export.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { ReadDb } from '../../db/sql.ts';
import { compileQuery } from '../search/compile-queries.ts';
import { readQuery } from '../search/runner.ts';
import { deploymentNumber } from '../store.ts';
import { eachSeq, rowBySeq } from './export-queries.ts';
import type { ExportForm, ExportOrigin } from './export-row.ts';
import { exportForm } from './forms.ts';

export interface ReaderInput {
  readonly deploymentId: string;
  readonly query: string;
  /** From which relative times of the query count back, microseconds. */
  readonly nowUs: number;
  readonly format: ExportFormat;
  readonly origin: ExportOrigin;
}
export interface Selected { readonly rows: number; readonly oldestAt: string | null; readonly newestAt: string | null; readonly formatVersion: string }
/** `rows`: how many rows were written down until now. Nothing follows once that is all of them. */
export interface Piece { readonly bytes: Uint8Array<ArrayBuffer>; readonly rows: number }

/** Calls of the thread: `select` once, then `next` until every row was given. */
export type ExportCalls = Readonly<{
  select: { readonly input: ReaderInput; readonly output: Selected; readonly progress: number };
  next: { readonly input: null; readonly output: Piece };
}>;

export interface ReaderContext { throwIfCancelled(): void; progress(found: number): void }

/** A piece ends with the row that reaches this. */
const PIECE_CHARACTERS = 262_144;
const LOOK_EVERY = 4096;

export interface ExportReader {
  /** @throws AppError deployment_not_found, invalid_query or cancelled */
  select(input: ReaderInput, context: ReaderContext): Selected;
  /** @throws AppError deployment_not_found (removed meanwhile) or cancelled */
  next(context: Pick<ReaderContext, 'throwIfCancelled'>): Piece;
}

export function createExportReader(db: ReadDb): ExportReader {
  let seqs = new Float64Array(0);
  let count = 0;
  let at = 0;
  let form: ExportForm | null = null;

  function add(seq: number): void {
    if (count === seqs.length) {
      const larger = new Float64Array(Math.max(LOOK_EVERY, count * 2));
      larger.set(seqs);
      seqs = larger;
    }
    seqs[count] = seq;
    count += 1;
  }

  const instantOf = (seq: number | undefined): string | null => {
    const row = seq === undefined ? null : rowBySeq(db, seq);
    return row === null ? null : formatInstantUs(row.createdAtUs);
  };

  return {
    select({ deploymentId, query, nowUs, format, origin }, context) {
      const compiled = compileQuery(readQuery(query), nowUs);
      form = exportForm(format, origin);
      count = 0;
      at = 0;
      for (const seq of eachSeq(db, deploymentNumber(db, deploymentId), compiled.condition(null))) {
        add(seq);
        if (count % LOOK_EVERY !== 0) continue;
        context.throwIfCancelled();
        context.progress(count);
      }
      return { rows: count, oldestAt: instantOf(count === 0 ? undefined : seqs[0]), newestAt: instantOf(count === 0 ? undefined : seqs[count - 1]), formatVersion: form.version };
    },

    next(context) {
      if (form === null) throw new Error('nothing was selected yet');
      const parts: string[] = at === 0 ? [form.head] : [];
      let characters = 0;
      while (at < count && characters < PIECE_CHARACTERS) {
        context.throwIfCancelled();
        const row = rowBySeq(db, seqs[at] ?? 0);
        if (row === null) throw new AppError('deployment_not_found', { message: 'The deployment was removed while its rows were written. No file was left behind.', hint: 'See the list of deployments.' });
        const line = form.line(row);
        characters += line.length;
        parts.push(line);
        at += 1;
      }
      return { bytes: new TextEncoder().encode(parts.join('')), rows: at };
    },
  };
}
