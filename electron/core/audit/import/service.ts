// Imports as the main thread sees them: look, check, load in a thread while nobody else writes, then the ledger entry. It reads no file itself.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { ImportedFile, ImportProblem, ImportReport, InspectedFile } from '#shared/domain/audit-import.ts';
import { PROBLEMS_IN_REPORT, PROBLEMS_KEPT } from '#shared/domain/audit-import.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { JobHandle, JobReport, Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { startThread } from '../../workers/thread.ts';
import type { Thread } from '../../workers/thread.ts';
import { deploymentNumber } from '../store.ts';
import type { Checked, ReadProgress } from './check-files.ts';
import { carryOverAtCommits, hasImport, listImports, listProblems } from './import-queries.ts';
import type { ImportCalls } from './import-work.ts';
import { isRefused, refusedReport } from './load-files.ts';
import type { Loaded } from './load-files.ts';

export interface ImportService {
  inspect(input: ParsedInput<'audit.importInspect'>, signal: AbortSignal): Promise<InspectedFile[]>;
  import(input: ParsedInput<'audit.import'>, signal: AbortSignal): Promise<ImportReport>;
  /** Newest first, each with its first problems. */
  list(deploymentId: string): ImportReport[];
  problems(input: ParsedInput<'audit.importProblems'>): CallOutput<'audit.importProblems'>;
}

type Order = ParsedInput<'audit.import'>;

/** Signs what came. Its failure is told beside the report, and loses nothing. */
export type AfterImport = (deploymentId: string) => Promise<{ readonly problem: string | null }>;

export function createImportService(deps: { session: Session; deployments: DeploymentsService; ledger: LedgerService; jobs: Jobs; emitter: Emitter; clock: Clock; afterImport: AfterImport }): ImportService {
  const { session, deployments, ledger, jobs, emitter, clock, afterImport } = deps;

  async function withThread<T>(work: (thread: Thread<ImportCalls>) => Promise<T>): Promise<T> {
    const thread = startThread<ImportCalls>('audit-import', null);
    // A lock or the end does not wait: what the thread has not committed is undone with its connection.
    const stop = session.onClosing(() => void thread.end());
    try {
      return await work(thread);
    } finally {
      stop();
      await thread.end();
    }
  }

  /** The rows stay even when their entry fails; that must be said, or nobody would know that the ledger has none. */
  async function note(deploymentName: string, loaded: Loaded): Promise<void> {
    const files = loaded.files.map((file) => `${file.name} sha256 ${file.sha256}: ${file.outcome === 'refused' ? `refused, ${file.rejected} rejected` : `${file.accepted} accepted, ${file.skipped} skipped, ${file.rejected} rejected, ${file.changed} changed`}`);
    try {
      await ledger.append({ action: 'audit.imported', deployment: deploymentName, subject: `import ${loaded.importId ?? 0}`, outcome: `written: ${files.join('; ')}` });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError(error.code, { message: `The import is written and stays, but its ledger entry could not be made: ${error.message}`, hint: error.hint, cause: error });
    }
  }

  async function load({ thread, job, order, checked, atUs }: { thread: Thread<ImportCalls>; job: JobHandle; order: Order; checked: Checked; atUs: number }): Promise<Loaded> {
    await session.whenWritable({ signal: job.signal });
    const reservation = session.reserveWrites('An import is being written.');
    try {
      const database = session.database()?.forThread();
      if (database === undefined) throw new AppError('profile_locked', { message: 'Holdfast is locked. Nothing was imported.', hint: 'Unlock it, then import again.' });
      return await thread.call('load', { database, order: { deploymentId: order.deploymentId, files: checked.files, mode: order.mode, dryRun: order.dryRun, atUs } }, {
        signal: job.signal, transfer: [database.key.buffer as ArrayBuffer], onProgress: (progress) => job.report(reportOf(order.dryRun ? 'Trying' : 'Writing', progress)),
      });
    } finally {
      reservation.release();
    }
  }

  /** @returns what to say when no checkpoint could be signed: the import stays all the same */
  async function sign(deploymentId: string): Promise<string | null> {
    try {
      return (await afterImport(deploymentId)).problem;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return `What was imported is kept, but no checkpoint was signed for it. ${error.message}`;
    }
  }

  /** What a load leaves to be done: the log is carried over and the text index merged in small steps. Whatever stops it, the import is done. */
  async function settle(thread: Thread<ImportCalls>, job: JobHandle): Promise<void> {
    const database = session.database()?.forThread();
    if (database === undefined) return;
    job.report({ step: 'Tidying up', done: 0, total: null });
    await thread.call('settle', { database }, { signal: job.signal, transfer: [database.key.buffer as ArrayBuffer] }).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
  }

  return {
    async inspect({ deploymentId, paths }, signal) {
      deployments.get(deploymentId);
      return withThread((thread) => thread.call('inspect', paths, { signal }));
    },

    async import(order, signal) {
      const { name } = deployments.get(order.deploymentId);
      session.write();
      const atUs = clock.now() * 1000;
      return jobs.run({ call: 'audit.import', deploymentId: order.deploymentId, signal }, (job) => withThread(async (thread) => {
        const checked = await thread.call('check', order.paths, { signal: job.signal, onProgress: (progress) => job.report(reportOf('Checking', progress)) });
        const report = { deploymentId: order.deploymentId, at: formatInstantUs(atUs), mode: order.mode, notes: [] };
        const rejected = checked.files.reduce((sum, file) => sum + file.rejected, 0);
        if (checked.files.every((file) => isRefused(file, order.mode))) return { ...report, importId: null, outcome: order.dryRun ? 'dry-run' as const : 'refused' as const, files: refusedReport(checked.files), problems: [...checked.problems], problemCount: rejected };
        const loaded = await load({ thread, job, order, checked, atUs });
        let problem: string | null = null;
        if (!order.dryRun) {
          const db = session.write();
          carryOverAtCommits(db, false);
          try {
            emitter.emit('audit.changed', { deploymentId: order.deploymentId });
            await note(name, loaded);
            await settle(thread, job);
            job.report({ step: 'Signing what came', done: 0, total: null });
            problem = await sign(order.deploymentId);
          } finally {
            // After a lock this connection is gone, and a new one begins with the usual setting.
            if (session.database()?.write === db) carryOverAtCommits(db, true);
          }
        }
        return { ...report, importId: loaded.importId, outcome: order.dryRun ? 'dry-run' as const : writtenAs(loaded.files), files: [...loaded.files], problems: [...loaded.problems], problemCount: loaded.problemCount, notes: problem === null ? [] : [problem] };
      }));
    },

    list(deploymentId) {
      deployments.get(deploymentId);
      const db = session.read();
      return listImports(db, deploymentNumber(db, deploymentId)).map((record) => ({
        importId: record.id, deploymentId, at: formatInstantUs(record.atUs), mode: record.mode, outcome: writtenAs(record.files), files: [...record.files],
        problems: listProblems(db, record.id, { after: 0, limit: PROBLEMS_IN_REPORT }), problemCount: record.problemCount, notes: [],
      }));
    },

    problems({ importId, after, limit }) {
      const db = session.read();
      if (!hasImport(db, importId)) throw new AppError('import_not_found', { message: `There is no import ${importId} in this profile.`, hint: 'See the list of imports.' });
      const problems: ImportProblem[] = listProblems(db, importId, { after, limit });
      return { problems, next: problems.length === limit && after + limit < PROBLEMS_KEPT ? after + limit : null };
    },
  };
}

/** Of an import that wrote. */
function writtenAs(files: readonly ImportedFile[]): 'written' | 'partly-written' {
  return files.some(({ outcome }) => outcome === 'refused') ? 'partly-written' : 'written';
}

function reportOf(what: string, { name, bytes, total, rows }: ReadProgress): JobReport {
  return { step: `${what} ${name}: ${rows} rows`, done: bytes, total };
}
