// Opening many payloads: what would be opened, the ledger entry, then the threads. What was opened lies in memory until it is forgotten, the profile locks or the program ends.
import { randomUUID } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { AuditCheck, BulkPlan, BulkRun, BulkSelection } from '#shared/domain/audit-bulk.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { NoteWrittenFile } from '../../files/service.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { parseFernetKey } from '../fernet.ts';
import { loadKeyRing } from '../key-ring.ts';
import { eventsBySeq, ringKeyIds } from './bulk-queries.ts';
import { exportOpened } from './export-opened.ts';
import { createHeldRun, tallyText } from './held-run.ts';
import type { HeldRun } from './held-run.ts';
import { clearDrafts } from './plaintext-drafts.ts';
import { withPool, wipePart } from './pool.ts';
import type { Pool } from './pool.ts';
import type { BulkCalls, DeclaredEncryption, Selected } from './thread-calls.ts';
import { createUntoldEnds } from './untold-ends.ts';
import type { UntoldEnds } from './untold-ends.ts';

/** What may lie in memory: of one run, and of all together, where the oldest run goes first. */
export interface BulkLimits { readonly runBytes: number; readonly runRows: number; readonly runs: number; readonly heldBytes: number }
const LIMITS: BulkLimits = { runBytes: 268_435_456, runRows: 2_000_000, runs: 4, heldBytes: 536_870_912 };
const THREADS = 2;

export interface AuditBulk {
  plan(deploymentId: string, selection: BulkSelection, signal: AbortSignal): Promise<BulkPlan>;
  decrypt(input: ParsedInput<'audit.bulkDecrypt'>, signal: AbortSignal): Promise<BulkRun>;
  results(input: ParsedInput<'audit.bulkResults'>, signal: AbortSignal): Promise<CallOutput<'audit.bulkResults'>>;
  list(deploymentId: string): readonly BulkRun[];
  forget(bulkId: string): void;
  export(input: ParsedInput<'audit.bulkExport'>, signal: AbortSignal): Promise<CallOutput<'audit.bulkExport'>>;
  checks(deploymentId: string, signal: AbortSignal): Promise<readonly AuditCheck[]>;
}

export interface BulkDeps {
  readonly session: Session; readonly deployments: DeploymentsService; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock; readonly log: Log;
  /** Files of opened payloads do not go there. */
  readonly profileDir: string;
  /** What the deployment last said of its audit encryption; null when it never did. */
  declaredEncryption(deploymentId: string): DeclaredEncryption | null;
  readonly limits?: BulkLimits;
  readonly noteWrittenFile?: NoteWrittenFile;
}

/** Rows of the exact set and how they are named in the ledger. */
export interface ChosenSet extends Selected { readonly deploymentName: string; readonly subject: string; readonly described: string }

/** What decrypting and exporting share: choosing the set, checking it against the plan, and the keys. */
export interface BulkSteps {
  readonly deps: BulkDeps;
  /** @throws AppError plan_expired when the set is not the one that the digest names; no_key when no key is held at all */
  choose(pool: Pool, asked: { readonly deploymentId: string; readonly selection: BulkSelection; readonly digest: string | null }, job: JobHandle): Promise<ChosenSet>;
  /** Hands the keys to the threads. Call it only after the ledger entry is on disk. @returns the key ids in the order of the ring */
  unlock(pool: Pool, deploymentId: string): Promise<readonly string[]>;
  /** Every run goes through `ends.during`. */
  readonly ends: UntoldEnds;
  /** The second entry. A profile that locked meanwhile cannot take one: it is told when the profile is open again. */
  noteEnd(note: { readonly action: 'audit.bulk.decrypt.ended' | 'audit.bulk.export.ended'; readonly set: ChosenSet; readonly reason: string; readonly error: unknown; readonly said: string }): Promise<void>;
}

export function createAuditBulk(deps: BulkDeps): AuditBulk {
  const { session, deployments, ledger, jobs, emitter, clock, log, limits = LIMITS } = deps;
  const ends = createUntoldEnds({ session, ledger, log });
  let runs: { readonly summary: BulkRun; readonly held: HeldRun }[] = [];

  function forgetWhere(isMeant: (run: BulkRun) => boolean): void {
    for (const run of runs) if (isMeant(run.summary)) run.held.wipe();
    runs = runs.filter((run) => !isMeant(run.summary));
  }
  session.onClosing(() => { forgetWhere(() => true); });
  emitter.listen((event) => {
    if (event.name === 'deployment.removed') forgetWhere((run) => run.deploymentId === (event.payload as { readonly deploymentId: string }).deploymentId);
    if (event.name !== 'app.opened') return;
    clearDrafts(session).catch((error: unknown) => { log.error('what a killed export left could not be removed', { cause: String(error) }); });
    ends.tell();
  });
  function select(pool: Pool, asked: { readonly deploymentId: string; readonly selection: BulkSelection }): Promise<Selected> {
    return pool.first.call('select', { deploymentId: asked.deploymentId, selection: asked.selection, nowUs: clock.now() * 1000 }, { signal: pool.stop });
  }

  const steps: BulkSteps = {
    deps,
    ends,
    async choose(pool, asked, job) {
      job.report({ step: 'Choosing the rows', done: 0, total: null });
      const chosen = await select(pool, asked);
      if (asked.digest !== null && chosen.digest !== asked.digest) throw new AppError('plan_expired', { message: `The rows have changed since the plan was made: there are ${chosen.seqs.length} now, under another digest. Nothing was opened.`, hint: 'Look at the new plan, then start again.' });
      if (ringKeyIds(session.read(), asked.deploymentId).length === 0) throw new AppError('no_key', { message: 'No audit key is held for this deployment. Nothing was opened.', hint: 'Add the key (AUDIT_ENCRYPTION_KEY) under Audit keys.' });
      const { selection } = asked;
      const described = 'ids' in selection ? `${selection.ids.length} ids` : selection.query.trim() === '' ? 'all rows' : `query ${JSON.stringify(selection.query)}`;
      return { ...chosen, deploymentName: deployments.get(asked.deploymentId).name, subject: `${chosen.seqs.length} rows, ids SHA-256 ${chosen.digest}`, described };
    },
    async unlock(pool, deploymentId) {
      const keys = (await loadKeyRing(session, deploymentId)).map(({ keyId, text }) => ({ keyId, key: parseFernetKey(text) }));
      await pool.unlock(keys);
      return keys.map(({ keyId }) => keyId);
    },
    async noteEnd({ action, set, reason, error, said }) {
      const code = error instanceof AppError ? error.code : 'internal';
      const outcome = error === null ? said : `${code === 'cancelled' ? 'cancelled' : `failed: ${code}`}; ${said}`;
      const note = ledger.append({ action, deployment: set.deploymentName, subject: set.subject, reason, outcome });
      if (error === null) await note;
      // The failure is what the caller must hear of; that the entry is missing is told by the ledger itself.
      else await note.catch(() => undefined);
    },
  };

  const fits = (chosen: Selected): boolean => chosen.plaintextBytes <= limits.runBytes && chosen.seqs.length <= limits.runRows;

  function tooLarge(): AppError {
    return new AppError('too_large', { message: `The opened payloads do not fit into memory: at most ${limits.runRows} rows and ${Math.floor(limits.runBytes / 1_048_576)} MiB are held. Nothing is shown.`, hint: 'Narrow the query, or export to an encrypted file, which has no such limit.' });
  }

  async function openAll(pool: Pool, { set, held, job }: { readonly set: ChosenSet; readonly held: HeldRun; readonly job: JobHandle }): Promise<void> {
    let done = 0;
    await pool.each('open', set.seqs, (at, part: BulkCalls['open']['output']) => {
      if (pool.stop.aborted || held.bytes() + part.plaintext.byteLength > limits.runBytes) {
        wipePart(part);
        throw pool.stop.aborted ? dropped() : tooLarge();
      }
      held.put(at, part);
      done += part.taken;
      job.report({ step: 'Opening', done, total: set.seqs.length });
    });
  }

  function keep(summary: BulkRun, held: HeldRun): void {
    runs.push({ summary, held });
    while (runs.length > limits.runs || (runs.length > 1 && runs.reduce((sum, run) => sum + run.held.bytes(), 0) > limits.heldBytes)) runs.shift()?.held.wipe();
  }

  return {
    async plan(deploymentId, selection, signal) {
      deployments.get(deploymentId);
      const chosen = await withPool({ session, size: 1, signal }, (pool) => select(pool, { deploymentId, selection }));
      const held = new Set(ringKeyIds(session.read(), deploymentId));
      return {
        rows: chosen.seqs.length, others: chosen.others, withoutPayload: chosen.withoutPayload, digest: chosen.digest, fitsInMemory: fits(chosen),
        byKey: chosen.byKey.map(({ keyId, rows }) => ({ keyId, rows, isHeld: keyId !== null && held.has(keyId) })),
      };
    },

    decrypt({ deploymentId, selection, digest, reason }, signal) {
      deployments.get(deploymentId);
      session.write();
      return jobs.run({ call: 'audit.bulkDecrypt', deploymentId, signal }, (job) => withPool({ session, size: THREADS, signal: job.signal }, (pool) => ends.during(async () => {
        const startedMs = clock.monotonicMs();
        const set = await steps.choose(pool, { deploymentId, selection, digest }, job);
        if (!fits(set)) throw tooLarge();
        const entry = await ledger.append({ action: 'audit.bulk.decrypt', deployment: set.deploymentName, subject: set.subject, reason, outcome: `to be shown here; ${set.described}` });
        const end = { action: 'audit.bulk.decrypt.ended', set, reason } as const;
        let held: HeldRun | null = null;
        // At lock everything goes at once, also what this run has so far.
        const stopListening = session.onClosing(() => { held?.wipe(); });
        try {
          const keyIds = await steps.unlock(pool, deploymentId);
          held = createHeldRun(set.seqs, keyIds);
          await openAll(pool, { set, held, job });
          const tally = held.tally();
          await steps.noteEnd({ ...end, error: null, said: tallyText(tally) });
          if (pool.stop.aborted) throw dropped();
          const summary: BulkRun = {
            bulkId: randomUUID(), deploymentId, rows: set.seqs.length, digest: set.digest, counts: { ...tally.counts }, byKey: tally.byKey.map((each) => ({ ...each })), reason,
            ledgerEntry: entry.seq, openedAt: formatInstantMs(clock.now()), seconds: (clock.monotonicMs() - startedMs) / 1000,
          };
          keep(summary, held);
          return summary;
        } catch (error) {
          held?.wipe();
          await steps.noteEnd({ ...end, error: pool.stop.aborted ? dropped() : error, said: 'everything that had been opened was dropped, nothing was shown' });
          throw error;
        } finally {
          stopListening();
        }
      })));
    },

    async results({ bulkId, text, outcome, offset, limit }, signal) {
      const run = runs.find((each) => each.summary.bulkId === bulkId);
      if (run === undefined) throw gone();
      const places = await run.held.find(text, outcome, signal);
      if (!runs.includes(run)) throw gone();
      const page = [...places.subarray(offset, offset + limit)];
      const events = eventsBySeq(session.read(), page.map((place) => run.held.seqAt(place)));
      return { matching: places.length, rows: page.flatMap((place, index) => { const event = events[index] ?? null; return event === null ? [] : [run.held.rowAt(place, event)]; }) };
    },

    list(deploymentId) {
      return runs.filter((run) => run.summary.deploymentId === deploymentId).map((run) => run.summary).reverse();
    },

    forget(bulkId) {
      forgetWhere((run) => run.bulkId === bulkId);
    },

    export: (input, signal) => exportOpened(steps, input, signal),

    async checks(deploymentId, signal) {
      deployments.get(deploymentId);
      const declared = deps.declaredEncryption(deploymentId);
      return withPool({ session, size: 1, signal }, (pool) => pool.first.call('checks', { deploymentId, declared }, { signal: pool.stop }));
    },
  };
}

function dropped(): AppError {
  return new AppError('cancelled', { message: 'Cancelled. What had been opened was dropped.', hint: 'Start it again when you need it.' });
}

function gone(): AppError {
  return new AppError('bulk_gone', { message: 'These results are no longer in memory.', hint: 'Open the rows again, with a reason.' });
}
