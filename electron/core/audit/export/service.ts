// Exports of cached rows: a file with its manifest, whole or not at all, and small selections as text. Payloads go out as they are stored; nobody is asked and no key is used.
import { basename } from 'node:path';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { ExportManifest, ExportResult } from '#shared/domain/audit-export.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { NoteWrittenFile } from '../../files/service.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { startThread } from '../../workers/thread.ts';
import type { Thread } from '../../workers/thread.ts';
import { deploymentNumber } from '../store.ts';
import { rowById } from './export-queries.ts';
import type { ExportRow } from './export-row.ts';
import { openExportPair } from './manifest-file.ts';
import type { ExportPair } from './manifest-file.ts';
import { CSV_HEAD, rowAsCsv, rowAsJson } from './own-forms.ts';
import type { ExportCalls, Selected } from './reader.ts';

/** The longest text that goes to the clipboard. */
export const RENDERED_MAX_CHARACTERS = 524_288;

export interface AuditExport {
  export(input: ParsedInput<'audit.export'>, signal: AbortSignal): Promise<ExportResult>;
  /** Rows in the order of the ids; an id that is not held is left out. @throws AppError deployment_not_found or too_large */
  render(input: ParsedInput<'audit.render'>): CallOutput<'audit.render'>;
}

export interface AuditExportDeps {
  readonly session: Session;
  readonly deployments: DeploymentsService;
  readonly jobs: Jobs;
  readonly clock: Clock;
  /** What is known of the log's completeness, for the manifest. */
  readonly coverage: (deploymentId: string) => readonly CoverageSegment[];
  /** Exports do not go there. */
  readonly profileDir: string;
  readonly noteWrittenFile?: NoteWrittenFile;
  /** Name and version of this program. */
  readonly program: string;
}

export function createAuditExport(deps: AuditExportDeps): AuditExport {
  const { session, deployments, jobs, clock } = deps;

  async function run({ deploymentId, query, format, path }: ParsedInput<'audit.export'>, job: JobHandle): Promise<ExportResult> {
    const { name, url } = deployments.get(deploymentId);
    session.read();
    const database = session.database();
    if (database === null) throw new AppError('deployment_not_found', { message: 'This profile is still empty.', hint: 'Add a deployment first.' });
    const pair = await openExportPair(path, deps.profileDir);
    const reader = startThread<ExportCalls>('audit-export', database.forThread());
    // Ended at once, and not waited for: a search inside the database does not notice that it was cancelled.
    const end = (): void => void reader.end();
    const stop = session.onClosing(end);
    job.signal.addEventListener('abort', end, { once: true });
    try {
      // Before the rows are chosen: what is filled while they are written is not among them.
      const coverage = [...deps.coverage(deploymentId)];
      const selected = await reader.call('select', { deploymentId, query, nowUs: clock.now() * 1000, format, origin: { name, url } }, {
        signal: job.signal,
        // Found is not written: counted as done it would spoil the rate.
        onProgress: (found) => job.report({ step: `Finding the rows: ${found} so far`, done: 0, total: null }),
      });
      await copyRows({ reader, pair, selected, job });
      refuseCancelled(job);
      const describe = ({ bytes, sha256 }: { readonly bytes: number; readonly sha256: string }): ExportManifest => ({
        kind: 'holdfast-audit-export-1', file: basename(path), format, formatVersion: selected.formatVersion, deployment: { name, url }, query, order: 'created_at, id, ascending',
        rows: selected.rows, bytes, sha256, oldestAt: selected.oldestAt, newestAt: selected.newestAt, coverage, exportedAt: formatInstantMs(clock.now()), program: deps.program,
      });
      const { bytes, sha256 } = await pair.commit(describe, async (written, sealed) => deps.noteWrittenFile?.({ deploymentId, kind: 'export', path: written, ...sealed }));
      return { path, manifestPath: pair.manifestPath, rows: selected.rows, bytes, sha256 };
    } catch (error) {
      await pair.abort();
      throw error;
    } finally {
      stop();
      job.signal.removeEventListener('abort', end);
      end();
    }
  }

  return {
    export: (input, signal) => jobs.run({ call: 'audit.export', deploymentId: input.deploymentId, signal }, (job) => run(input, job)),

    render({ deploymentId, ids, format }) {
      const db = session.read();
      const dep = deploymentNumber(db, deploymentId);
      const lines: string[] = [];
      let characters = 0;
      for (const id of ids) {
        const row = rowById(db, dep, id);
        if (row === null) continue;
        const line = written(row, format);
        characters += line.length;
        if (characters > RENDERED_MAX_CHARACTERS) throw new AppError('too_large', { message: 'These rows are too long for the clipboard. Nothing was copied.', hint: 'Choose fewer rows, or export them to a file.' });
        lines.push(line);
      }
      return { text: format === 'csv' ? `${CSV_HEAD}\r\n${lines.join('')}` : `[\n${lines.join(',\n')}\n]\n` };
    },
  };
}

function written(row: ExportRow, format: 'json' | 'csv'): string {
  return format === 'csv' ? `${rowAsCsv(row)}\r\n` : rowAsJson(row);
}

async function copyRows({ reader, pair, selected, job }: { readonly reader: Thread<ExportCalls>; readonly pair: ExportPair; readonly selected: Selected; readonly job: JobHandle }): Promise<void> {
  job.report({ step: 'Writing the rows', done: 0, total: selected.rows });
  // Also without a row there is a piece: the head of the format.
  for (let done = -1; done < selected.rows;) {
    refuseCancelled(job);
    const piece = await reader.call('next', null, { signal: job.signal });
    await pair.write(Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.byteLength));
    done = piece.rows;
    job.report({ step: 'Writing the rows', done, total: selected.rows });
  }
}

function refuseCancelled(job: JobHandle): void {
  if (job.signal.aborted) throw new AppError('cancelled', { message: 'The export was cancelled. No file was left behind.', hint: 'Start it again when you need it.' });
}
