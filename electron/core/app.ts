// The composition root: puts services and handlers together and hands out one dispatch. The only file that knows every feature.
import type { AppEvent } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { startIdleLock } from './app/idle-lock.ts';
import { appHandlers } from './app/handlers.ts';
import { declaredEncryption } from './audit/bulk/declared-encryption.ts';
import { auditBulkHandlers } from './audit/bulk/handlers.ts';
import { createAuditBulk } from './audit/bulk/service.ts';
import { auditExportHandlers } from './audit/export/handlers.ts';
import { createAuditExport } from './audit/export/service.ts';
import { auditHandlers } from './audit/handlers.ts';
import { auditImportHandlers } from './audit/import/handlers.ts';
import { createImportService } from './audit/import/service.ts';
import { auditSearchHandlers } from './audit/search/handlers.ts';
import { createAuditSearch } from './audit/search/service.ts';
import { createAuditService } from './audit/service.ts';
import { auditSyncHandlers } from './audit/sync/handlers.ts';
import { createAuditSync } from './audit/sync/service.ts';
import { createAuditTail } from './audit/sync/tail.ts';
import { auditWitnessHandlers } from './audit/witness/handlers.ts';
import { createWitness } from './audit/witness/service.ts';
import { ensureWitnessKey, keysOfLedger } from './audit/witness/witness-key.ts';
import { createClipboardService } from './clipboard/service.ts';
import { credentialsHandlers } from './credentials/handlers.ts';
import { createCredentialsService } from './credentials/service.ts';
import { deploymentHandlers } from './deployments/handlers.ts';
import { createHttpClient } from './deployments/http.ts';
import { createDeploymentsService } from './deployments/service.ts';
import type { Database } from './db/open.ts';
import { createDispatcher } from './dispatch.ts';
import type { Dispatcher, Gate } from './dispatch.ts';
import { createEmitter } from './emitter.ts';
import type { Emitter } from './emitter.ts';
import { createJobs } from './jobs/jobs.ts';
import { filesHandlers } from './files/handlers.ts';
import { createFilesService } from './files/service.ts';
import { ledgerHandlers } from './ledger/handlers.ts';
import { createLedgerService } from './ledger/service.ts';
import type { LedgerService } from './ledger/service.ts';
import { overviewHandlers } from './overview/handlers.ts';
import type { Ports, SecretsRequest } from './ports.ts';
import { rotationHandlers } from './posture/rotation/handlers.ts';
import { createRotation } from './posture/rotation/service.ts';
import { securityHandlers } from './posture/handlers.ts';
import { securityReportHandlers } from './posture/reports/handlers.ts';
import { createSecurityReports } from './posture/reports/service.ts';
import { createPostureService } from './posture/service.ts';
import { createLiveChecks } from './runbooks/checks/service.ts';
import { runbookHandlers } from './runbooks/handlers.ts';
import { createRunbooks } from './runbooks/service.ts';
import { compactCache } from './retention/own/compact.ts';
import { createAfterRows } from './retention/holds/after-rows.ts';
import { holdsHandlers } from './retention/holds/handlers.ts';
import { createHolds } from './retention/holds/service.ts';
import { ownRetentionHandlers } from './retention/own/handlers.ts';
import { createOwnRetention } from './retention/own/service.ts';
import { createFileNotes } from './retention/own/written-files.ts';
import { plansHandlers } from './retention/plans/handlers.ts';
import { holdsPortOf } from './retention/plans/holds-port.ts';
import { createPlans } from './retention/plans/service.ts';
import { proofsHandlers } from './retention/proof/handlers.ts';
import { createProofs } from './retention/proof/service.ts';
import { purgesHandlers } from './retention/purge/handlers.ts';
import { createPurges } from './retention/purge/service.ts';
import { scheduleHandlers } from './retention/schedule/handlers.ts';
import { createSchedules } from './retention/schedule/service.ts';
import { truthHandlers } from './retention/truth/handlers.ts';
import { createTruth } from './retention/truth/service.ts';
import { createWatchGivenAgain } from './retention/truth/still-there.ts';
import { createSession } from './session.ts';
import type { LockReason, Session } from './session.ts';
import { settingsHandlers } from './settings/handlers.ts';
import type { CheckCalls } from './workers/check-cache.ts';
import { startThread } from './workers/thread.ts';

export interface App extends Dispatcher {
  onEvent(listener: (event: AppEvent) => void): () => void;
  /** For hosts: locks because the system does (suspend, lock screen). */
  lock(why: LockReason): Promise<void>;
  /** Another start asked for this window. */
  summoned(): void;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly version: string;
  readonly secrets: SecretsRequest;
  readonly access?: 'write' | 'read';
}

function createGate(session: Session): Gate {
  return {
    admit(name, spec) {
      if (session.access() === 'read' && spec.effect !== 'read') throw new AppError('profile_in_use', { message: 'This profile is open for reading only. Nothing was changed.', hint: 'Close the window that holds it, then try again.' });
      if (spec.whileLocked === true) return;
      if (session.state() === 'open') return;
      // Opening failed for a reason; while locked the lock is the reason.
      const problem = session.problem();
      if (session.state() === 'setup' && problem !== null) throw problem;
      if (session.state() === 'locked') throw problem ?? new AppError('profile_locked', { message: 'Holdfast is locked.', hint: 'Unlock it first.' });
      throw new AppError('setup_needed', { message: 'No place for secrets has been chosen yet.', hint: `Choose where secrets are kept before using ${name}.` });
    },
  };
}

/** Every page of the cache, in a thread: it takes about 8 ms a MiB. */
async function checkInThread({ session, database, signal }: { session: Session; database: Database; signal: AbortSignal }): Promise<'ok' | string[]> {
  const thread = startThread<CheckCalls>('check-cache', database.forThread());
  const stop = session.onClosing(() => void thread.end());
  try {
    return await thread.call('check', null, { signal });
  } finally {
    stop();
    await thread.end();
  }
}

/** Verifies ledger and cache in the background, so that the status line says what was verified and when. */
async function verifyAfterOpening({ session, ledger, emitter, signal }: { session: Session; ledger: LedgerService; emitter: Emitter; signal: AbortSignal }): Promise<void> {
  const database = session.database();
  try {
    await ledger.verify();
    if (database !== null && database.verifiedAt === null) {
      const verdict = await checkInThread({ session, database, signal });
      database.noteVerdict(verdict);
      if (verdict !== 'ok') session.noteDamage(verdict[0] ?? 'no reason was given');
    }
  } catch (error) {
    // Locked or closed meanwhile: what was open then is not there to be verified any more.
    if (session.database() !== database || signal.aborted) return;
    throw error;
  }
  emitter.emit('app.verified', {});
}

/** Opens the profile and composes the app. Never fails for an expected reason: see `problem` in app.status. */
export async function createApp(ports: Ports, options: AppOptions): Promise<App> {
  const { clock, log } = ports;
  const emitter = createEmitter(log);
  const session = createSession({ ports, emitter, access: options.access ?? 'write' });
  const http = createHttpClient({ clock, log });
  const jobs = createJobs(emitter, clock);
  const ledger = createLedgerService({ session, emitter, clock, actor: ports.actor });
  const noteWrittenFile = createFileNotes({ session, clock, log });
  const deployments = createDeploymentsService({ session, ledger, jobs, emitter, clock, http, compact: () => compactCache(session) });
  const witness = createWitness({ session, ledger, jobs, clock });
  const audit = createAuditService({ session, findings: witness, sign: (deploymentId, { signal }) => witness.afterSync(deploymentId, { signal }), deployments, ledger, emitter, clock });
  const posture = createPostureService({ session, deployments, audit, ledger, jobs, emitter, clock });
  const truth = createTruth({ session, deployments, clock, coverage: (deploymentId) => auditSync.coverage(deploymentId) });
  const holds = createHolds({ session, deployments, ledger, jobs, emitter, clock, gapsBefore: truth.gapsBefore });
  const afterRows = createAfterRows({ preserve: holds.preserveAfterSync, countAges: truth.countAfterSync, sign: (deploymentId, options) => witness.afterSync(deploymentId, options) });
  const auditSync = createAuditSync({
    session, deployments, jobs, emitter, clock, observeRetention: posture.observeStatus, afterSync: afterRows, watchGivenAgain: createWatchGivenAgain({ session, deployments, clock }),
  });
  const auditTail = createAuditTail({ session, deployments, jobs, emitter, clock, log, afterSync: (deploymentId) => afterRows(deploymentId) });
  const auditExport = createAuditExport({ session, deployments, jobs, clock, profileDir: ports.paths.profileDir, program: `Holdfast ${options.version}`, coverage: (deploymentId) => auditSync.coverage(deploymentId), noteWrittenFile });
  const signing = { key: async () => (await ensureWitnessKey(session, ledger, undefined)).key, known: () => keysOfLedger(session.read()).map(({ publicKey }) => publicKey) };
  const rotation = createRotation({
    session, deployments, ledger, jobs, emitter, clock, actor: ports.actor,
    areProbesAllowed: (deploymentId) => posture.plan(deploymentId).consents.some(({ consent, isAllowed }) => consent === 'probes' && isAllowed),
    signing,
  });
  const bulk = createAuditBulk({ session, deployments, ledger, jobs, emitter, clock, log, profileDir: ports.paths.profileDir, declaredEncryption: (deploymentId) => declaredEncryption(posture.declared(deploymentId)), noteWrittenFile });
  const held = holdsPortOf(holds);
  const plans = createPlans({ session, deployments, ledger, emitter, clock, actor: ports.actor, truth, observeStatus: posture.observeStatus, holds: held, signing });
  const purges = createPurges({
    session, deployments, ledger, jobs, emitter, clock, plans, holds: held, known: truth.known, observeStatus: posture.observeStatus, knownKeys: signing.known,
    sync: (deploymentId, signal) => auditSync.sync(deploymentId, { full: false }, signal),
  });
  const securityReports = createSecurityReports({ posture, deployments, clock, version: options.version, noteWrittenFile });
  const search = createAuditSearch({ session, deployments, clock, log, inThread: ports.host !== 'cli' });
  const runbooks = createRunbooks({ session, ledger, emitter, clock, log, deployments, actor: ports.actor, signing, securityReports, version: options.version, profileDir: ports.paths.profileDir, stays: ports.host !== 'cli' });
  const signerOf = (publicKey: string) => {
    const people = runbooks.identities.people();
    const trust = people.trustOf(publicKey);
    return { signer: trust === 'not-trusted-yet' ? 'unknown' as const : trust, name: people.nameOf(publicKey) };
  };
  const proofs = createProofs({ session, deployments, ledger, jobs, emitter, clock, actor: ports.actor, program: `Holdfast ${options.version}`, plans, purges, holds: held, truth, observeStatus: posture.observeStatus, witness, key: signing.key, signerOf });
  const checks = createLiveChecks({
    session, store: runbooks.store, runs: runbooks.runs, clock, jobs, deployments, posture, rotation, search, sync: auditSync,
    isOwn: (author) => signing.known().some((publicKey) => publicKey.toString('base64') === author),
  });
  const credentials = createCredentialsService({ session, ledger, ports });
  const clipboard = createClipboardService({ clipboard: ports.clipboard, clock });

  async function lock(why: LockReason): Promise<void> {
    // First the keys, then the rest: work under way finds the cache closed and ends.
    session.lock(why);
    await jobs.stopAll();
    await auditTail.stopAll();
    await runbooks.watch.stop();
    await clipboard.clearNow();
  }

  const idle = ports.host === 'cli' ? null : startIdleLock({
    clock, limitMs: () => session.profile().settings.lockAfterMinutes * 60_000,
    lock: (why) => { lock(why).catch((error: unknown) => log.error('locking failed', { cause: String(error) })); },
  });

  const dispatcher = createDispatcher({
    ...appHandlers({ ports, version: options.version, session, credentials, ledger, http, touch: () => idle?.touch(), lock }),
    ...settingsHandlers({ session, emitter }),
    ...credentialsHandlers(credentials),
    ...deploymentHandlers({ deployments, audit, sample: ports.sample }),
    ...securityHandlers(posture),
    ...securityReportHandlers(securityReports),
    ...rotationHandlers(rotation),
    ...runbookHandlers({ ...runbooks, checks }),
    ...truthHandlers({ truth, holds, standing: (deploymentId) => ({ plan: plans.newest(deploymentId), runs: purges.runs(deploymentId), certificates: proofs.list(deploymentId) }) }),
    ...plansHandlers(plans),
    ...purgesHandlers(purges),
    ...proofsHandlers(proofs),
    ...holdsHandlers(holds),
    ...scheduleHandlers(createSchedules({ deployments })),
    ...ownRetentionHandlers(createOwnRetention({ session, ledger, jobs, emitter, clock, witness, key: async () => (await ensureWitnessKey(session, ledger, undefined)).key })),
    ...auditHandlers(audit),
    ...auditSearchHandlers(search),
    ...auditSyncHandlers({ session, sync: auditSync, tail: auditTail, get: (deploymentId, id) => audit.get(deploymentId, id) }),
    ...auditImportHandlers(createImportService({ session, deployments, ledger, jobs, emitter, clock, afterImport: (deploymentId) => afterRows(deploymentId) })),
    ...auditWitnessHandlers(witness),
    ...auditExportHandlers(auditExport),
    ...filesHandlers(createFilesService()),
    ...auditBulkHandlers(bulk),
    ...ledgerHandlers(ledger),
    ...overviewHandlers({ deployments, posture, audit }),
    'job.list': () => ({ jobs: jobs.list() }),
    'job.cancel': ({ jobId }) => ({ cancelled: jobs.cancel(jobId) }),
    'clipboard.copy': async ({ text }) => {
      const seconds = session.profile().settings.clearClipboardAfterSeconds;
      await clipboard.copy(text, seconds);
      return { copied: true, clearsAfterSeconds: seconds };
    },
  }, createGate(session), log);

  const checking = new AbortController();
  if (ports.host !== 'cli') {
    const afterOpening = (): void => { verifyAfterOpening({ session, ledger, emitter, signal: checking.signal }).catch((error: unknown) => log.error('what was opened could not be verified', { cause: String(error) })); };
    emitter.listen((event) => { if (event.name === 'app.opened') afterOpening(); });
    // Held rows that came before a kill go into the vault.
    emitter.listen((event) => { if (event.name === 'app.opened') holds.resume().catch((error: unknown) => log.error('held rows could not be preserved', { cause: String(error) })); });
    // What a kill left unsaid of purges is said in the ledger.
    emitter.listen((event) => { if (event.name === 'app.opened') purges.resume().catch((error: unknown) => log.error('purges could not be completed in the ledger', { cause: String(error) })); });
  }
  await session.open(options.secrets);

  return {
    ...dispatcher,
    onEvent: (listener) => emitter.listen(listener),
    lock,
    summoned: () => emitter.emit('app.summoned', {}),
    async close() {
      idle?.stop();
      checking.abort();
      await jobs.stopAll();
      await auditTail.stopAll();
      await runbooks.watch.stop();
      await clipboard.clearNow();
      await http.close();
      await session.close();
    },
  };
}
