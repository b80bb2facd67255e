// The console's own retention: its rule, what it would take now, and the purge. The ledger and held rows are never taken, nor rows that the witness cannot account for.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallOutput } from '#shared/contract.ts';
import { DAY_US } from '#shared/domain/retention.ts';
import type { OwnPolicy, OwnPreview, OwnPurge } from '#shared/domain/retention-own.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { highestSeq } from '../../audit/store-queries.ts';
import { createPace } from '../../audit/witness/pace.ts';
import type { Witness } from '../../audit/witness/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { LedgerNote, LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import { digestOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import type { Session } from '../../session.ts';
import { compactCache, oldCopies } from './compact.ts';
import { ROWS_AT_ONCE, sumDue } from './due.ts';
import type { Window } from './due.ts';
import { cancelled, letGo, whenWritable } from './let-go-rows.ts';
import { countReleased, countRows, currentPolicy, insertPolicy, noteRemoved, places, removeReleased, writtenBefore } from './own-queries.ts';
import type { Place, WrittenRow } from './own-queries.ts';
import { removeFile, shownFile, stateOfFile } from './written-files.ts';
import type { FileState } from './written-files.ts';

/** How long a preview stays armed. */
const LIFETIME_MS = 15 * 60_000;

export interface OwnRetention {
  policy(): OwnPolicy;
  /** @throws AppError ledger_broken */
  setPolicy(policy: OwnPolicy): Promise<OwnPolicy>;
  /** What the rule would take now, and the single-use token that arms exactly that for 15 minutes. @throws AppError cancelled */
  preview(signal: AbortSignal): Promise<CallOutput<'retention.ownPreview'>>;
  /** Long: runs as a job. @throws AppError plan_expired, plan_changed, witness_broken, ledger_broken, cancelled */
  purge(input: { readonly token: string; readonly digest: string }, signal: AbortSignal): Promise<OwnPurge>;
}

export interface OwnRetentionDeps {
  readonly session: Session; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock;
  readonly witness: Pick<Witness, 'afterSync' | 'verify'>;
  readonly key: () => Promise<SigningKey>;
}

interface Looked { readonly preview: OwnPreview; readonly window: Window | null; readonly due: readonly Place[]; readonly files: readonly { readonly file: WrittenRow; readonly state: FileState }[] }
interface Armed { readonly token: string; readonly atUs: number; readonly throughSeq: number; readonly expiresMs: number }

const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;
const daysOf = (days: number | null): string => (days === null ? 'kept' : `${days} days`);

export function createOwnRetention({ session, ledger, jobs, emitter, clock, witness, key }: OwnRetentionDeps): OwnRetention {
  let armed: Armed | null = null;
  const nowUs = (): number => clock.now() * 1000;

  async function look({ atUs, throughSeq }: Pick<Armed, 'atUs' | 'throughSeq'>, signal: AbortSignal): Promise<Looked> {
    const policy = currentPolicy(session.read());
    const database = session.database();
    const cutoff = (days: number | null): number | null => (days === null ? null : atUs - days * DAY_US);
    const cutoffs = { rows: cutoff(policy.rowDays), exports: cutoff(policy.exportDays), reports: cutoff(policy.reportDays) };
    const pace = createPace(signal, () => clock.monotonicMs());
    const window = cutoffs.rows === null ? null : { cutoffUs: cutoffs.rows, throughSeq, nowUs: atUs };
    const all = places(session.read());
    const sums: { readonly place: Place; readonly due: number; readonly bytes: number; readonly held: number; readonly digest: string; readonly released: number }[] = [];
    if (window !== null) for (const place of all) sums.push({ place, ...await sumDue(session.read, place, { window, pace }), released: countReleased(session.read(), place.dep, window.cutoffUs) });
    const files: { file: WrittenRow; state: FileState }[] = [];
    for (const [kind, before] of [['export', cutoffs.exports], ['report', cutoffs.reports]] as const) {
      if (before === null) continue;
      for (const file of writtenBefore(session.read(), kind, before)) files.push({ file, state: await stateOfFile(file, signal).catch(() => { throw cancelled(); }) });
    }
    const sum = (of: (each: (typeof sums)[number]) => number): number => sums.reduce((total, each) => total + of(each), 0);
    const due = sum((each) => each.due);
    const shown = {
      policy,
      cutoffs: { rows: instant(cutoffs.rows), exports: instant(cutoffs.exports), reports: instant(cutoffs.reports) },
      rows: { due, bytes: sum((each) => each.bytes), held: sum((each) => each.held), kept: all.reduce((total, { dep }) => total + countRows(session.read(), dep), 0) - due, released: sum((each) => each.released) },
      files: files.map(({ file, state }) => shownFile(file, state)),
      deployments: sums.filter((each) => each.due + each.held > 0).map(({ place, due: ofPlace, held }) => ({ deploymentId: place.deploymentId, name: place.name, due: ofPlace, held })),
      copies: database === null ? [] : oldCopies(database.path),
    };
    const digest = digestOf([policy, cutoffs, sums.map((each) => [each.place.deploymentId, each.due, each.held, each.digest, each.released]), files.map(({ file, state }) => [file.seq, file.path, file.sha256, state]), shown.copies]);
    return { preview: { ...shown, digest }, window, due: sums.filter((each) => each.due > 0).map(({ place }) => place), files };
  }

  function take(token: string): Armed {
    const found = armed;
    armed = null;
    if (found === null || clock.now() > found.expiresMs || !sameText(found.token, token)) throw new AppError('plan_expired', { message: 'This purge is not armed. Nothing was removed.', hint: 'Look at what would go, then confirm again.' });
    return found;
  }

  /** Everything that goes must have its leaf, stand under a checkpoint and be what was signed: a row that somebody changed is evidence, and not to be swept away by a rule. */
  async function signAll(due: readonly Place[], job: JobHandle): Promise<void> {
    for (const { deploymentId, name } of due) {
      job.report({ step: `Signing what is cached of ${name}`, done: 0, total: null });
      const { problem: unsigned } = await witness.afterSync(deploymentId, { signal: job.signal });
      job.report({ step: `Verifying what is cached of ${name}`, done: 0, total: null });
      const { verdict, message } = await witness.verify(deploymentId, job.signal);
      const problem = unsigned ?? (verdict === 'broken' ? message : null);
      if (problem !== null) throw new AppError('witness_broken', { message: `The cached log of ${name} is not what was signed, so its rows are evidence. Nothing was removed. ${problem}`, hint: 'Run audit verify, and keep a copy of the profile before you go on.' });
    }
  }

  async function run(found: Looked, job: JobHandle): Promise<OwnPurge> {
    const { preview, window, due, files } = found;
    await signAll(due, job);
    const signing = await key();
    const going = files.filter(({ state }) => state === 'due').length;
    const note: LedgerNote = { action: 'retention.own.purged', deployment: null, subject: `${rows(preview.rows.due)} and ${going} files of this workstation, digest ${preview.digest}`, outcome: `started; rows ${daysOf(preview.policy.rowDays)}, exports ${daysOf(preview.policy.exportDays)}, reports ${daysOf(preview.policy.reportDays)}` };
    const entry = await ledger.append(note);
    let [rowsRemoved, rowsHeld, releasedRemoved, filesRemoved, filesLeft] = [0, 0, 0, 0, 0];
    const soFar = (): string => `${rows(rowsRemoved)} removed, ${rowsHeld} held, ${releasedRemoved} of released holds removed, ${filesRemoved} files removed, ${filesLeft} left`;
    try {
      for (const place of window === null ? [] : due) {
        const onProgress = (went: number): void => {
          rowsRemoved += went;
          job.report({ step: `Removing rows of ${place.name}`, done: rowsRemoved, total: preview.rows.due });
        };
        try {
          rowsHeld += (await letGo({ session, place, window: window as Window, key: signing, ledgerEntry: entry.seq, nowUs, signal: job.signal, onProgress })).held;
        } finally {
          emitter.emit('audit.changed', { deploymentId: place.deploymentId });
          emitter.emit('retention.changed', { deploymentId: place.deploymentId });
        }
      }
      for (const { dep } of window === null ? [] : places(session.read())) {
        for (let went = ROWS_AT_ONCE; went > 0; releasedRemoved += went) went = await whenWritable(session, job.signal, (db) => removeReleased(db, dep, { cutoffUs: (window as Window).cutoffUs, limit: ROWS_AT_ONCE }));
      }
      for (const { file } of files) {
        if (job.signal.aborted) throw cancelled();
        job.report({ step: 'Removing files', done: filesRemoved + filesLeft, total: files.length });
        const outcome = await removeFile(file, job.signal);
        if (outcome === 'removed') filesRemoved += 1;
        else filesLeft += 1;
        // What is gone needs no entry; what was changed keeps it, and is shown again.
        if (outcome !== 'changed') await whenWritable(session, job.signal, (db) => { noteRemoved(db, file.seq, nowUs()); });
      }
      // Also where nothing was due: a purge that was cancelled or killed before it came here left words in the text index, and space.
      const isNothing = rowsRemoved + releasedRemoved + filesRemoved + preview.copies.length === 0;
      job.report({ step: isNothing ? 'Nothing was due; giving back what earlier purges left' : 'Giving the space back', done: 0, total: null });
      const compacted = await compactCache(session, job.signal);
      await ledger.append({ ...note, outcome: `done: ${isNothing ? 'nothing was due' : soFar()}; the cache ${compacted.isCompacted ? 'was written anew' : 'is too large to be written anew'}` });
      return { rowsRemoved, rowsHeld: rowsHeld + preview.deployments.filter(({ due: n }) => n === 0).reduce((sum, { held }) => sum + held, 0), releasedRemoved, filesRemoved, filesLeft, ...compacted, ledgerEntry: entry.seq };
    } catch (error) {
      const code = job.signal.aborted ? 'cancelled' : error instanceof AppError ? error.code : 'internal';
      // The failure is what the caller must hear of; that the entry is missing is told by the ledger itself.
      await ledger.append({ ...note, outcome: `${code === 'cancelled' ? code : `failed: ${code}`}; ${soFar()}` }).catch(() => undefined);
      throw job.signal.aborted ? cancelled() : error;
    }
  }

  return {
    policy: () => currentPolicy(session.read()),

    async setPolicy(policy) {
      session.write();
      const subject = `rows ${daysOf(policy.rowDays)}, exports ${daysOf(policy.exportDays)}, reports ${daysOf(policy.reportDays)}`;
      await recorded(ledger, { action: 'retention.own.policy', deployment: null, subject, outcome: 'set' }, async () => {
        await session.whenWritable();
        insertPolicy(session.write(), policy, nowUs());
      });
      // Whatever was looked at was looked at under another rule.
      armed = null;
      return currentPolicy(session.read());
    },

    async preview(signal) {
      const at = { atUs: nowUs(), throughSeq: highestSeq(session.read()) };
      const { preview } = await look(at, signal);
      const token = randomBytes(24).toString('hex');
      armed = { ...at, token, expiresMs: clock.now() + LIFETIME_MS };
      return { ...preview, token };
    },

    async purge({ token, digest }, signal) {
      const plan = take(token);
      session.write();
      return jobs.run({ call: 'retention.ownPurge', deploymentId: null, signal }, async (job) => {
        job.report({ step: 'Looking again at what would go', done: 0, total: null });
        const found = await look(plan, job.signal);
        if (found.preview.digest !== digest) throw new AppError('plan_changed', { message: 'What would go has changed since you looked. Nothing was removed.', hint: 'Look again, then confirm.' });
        return run(found, job);
      });
    },
  };
}

const instant = (us: number | null): string | null => (us === null ? null : formatInstantUs(us));

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
