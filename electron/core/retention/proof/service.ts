// Proof of a purge, or of an ordinary day: looks at the deployment, checks what it can, says what it could not, and signs that. A certificate never changes.
import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { CERTIFICATE_FORMAT, retentionCertificate } from '#shared/domain/retention-plan.ts';
import type { CertificateReading, RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import { DAY_US } from '#shared/domain/retention.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { createPace } from '../../audit/witness/pace.ts';
import type { DeploymentsService, NaviClient } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import { openAtomicFile } from '../../files/atomic-file.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { LedgerService } from '../../ledger/service.ts';
import type { Clock } from '../../ports.ts';
import { recorded } from '../../recorded.ts';
import type { SigningKey } from '../../seal.ts';
import type { Session } from '../../session.ts';
import type { HoldsPort } from '../plans/holds-port.ts';
import { readFormat, stretchOf } from '../plans/plan-file.ts';
import { rowsBefore } from '../plans/plan-queries.ts';
import { isGone } from '../plans/belief.ts';
import { emptiedAt, purgedAt } from '../plans/reckoning.ts';
import type { Plans } from '../plans/service.ts';
import { createLooker } from '../purge/looking.ts';
import { whyNotPromised } from '../purge/outcome.ts';
import type { Purges } from '../purge/service.ts';
import type { KnownRetention } from '../truth/known.ts';
import { cutoffAt } from '../truth/policy.ts';
import type { StatusSaid } from '../truth/policy.ts';
import type { TruthService } from '../truth/service.ts';
import { certificatePdf } from './certificate-pdf.ts';
import { certificateDigest, outcomeOf, signCertificate, verifyCertificate } from './certificate.ts';
import { countFits, holdsIntact, overdueCount, policyKnown, rowsGone, rowsKept, witnessAgrees } from './checks.ts';
import { observe, sightsOf } from './observing.ts';
import type { Observed } from './observing.ts';
import { certificatesOf, findCertificate, insertCertificate } from './proof-queries.ts';

const SHOWN = 50;
const PAGE = 5000;
const SIGHTS_AT_MOST = 5000;

export interface Proofs {
  /** Long: runs as a job. A purge of which nobody knows whether it happened is settled first. @throws AppError policy_unknown, plan_expired, not_offered, ledger_broken and those of the way */
  verify(input: ParsedInput<'retention.verify'>, signal: AbortSignal): Promise<RetentionCertificate>;
  /** @throws AppError certificate_not_found */
  certificate(id: string): RetentionCertificate;
  /** Asks nobody, keeps nothing. @throws AppError file_not_found, file_unreadable, too_large, unknown_format */
  read(path: string): Promise<CertificateReading>;
  write(input: ParsedInput<'retention.writeCertificate'>): Promise<CallOutput<'retention.writeCertificate'>>;
  /** Newest first. */
  list(deploymentId: string): RetentionView['certificates'];
}

export interface ProofsDeps {
  readonly session: Session; readonly deployments: DeploymentsService; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock; readonly actor: string;
  /** Name and version. */
  readonly program: string;
  readonly plans: Plans; readonly purges: Purges; readonly holds: HoldsPort;
  readonly truth: Pick<TruthService, 'known' | 'gapsBefore'>;
  readonly observeStatus: (deploymentId: string, client: NaviClient, signal: AbortSignal) => Promise<void>;
  /** Signs what is not signed yet, and verifies everything. */
  readonly witness: { afterSync(deploymentId: string, options: { readonly signal: AbortSignal }): Promise<unknown>; verify(deploymentId: string, signal: AbortSignal): Promise<WitnessVerdict> };
  readonly key: () => Promise<SigningKey>;
  /** What this profile knows of a public key, base64. */
  readonly signerOf: (publicKey: string) => { readonly signer: NonNullable<CertificateReading['signer']>; readonly name: string | null };
}

type Purged = ReturnType<Purges['run']>;

export function createProofs(deps: ProofsDeps): Proofs {
  const { session, deployments, ledger, jobs, emitter, clock, actor, program, plans, purges, holds, truth, observeStatus, witness, key, signerOf } = deps;
  const nowUs = (): number => clock.now() * 1000;
  const changed = (deploymentId: string): void => emitter.emit('retention.changed', { deploymentId });

  /** Where rows end that must be gone, and where those begin that must be there. */
  function boundsOf(purged: Purged | null, said: StatusSaid | null, statuses: readonly StatusSaid[]): { readonly goneBeforeUs: number | null; readonly keptFromUs: number | null } {
    const rule = said?.state === 'on' ? said.cutoffUs : null;
    // What went under a rule of before is not missed.
    const ever = Math.max(Number.MIN_SAFE_INTEGER, ...statuses.flatMap((one, index) => (one.state === 'on' ? [cutoffAt(one, statuses[index - 1]?.observedAtUs ?? one.observedAtUs) ?? Number.MIN_SAFE_INTEGER] : [])));
    // A purge by schedule may come once a day.
    if (purged === null) return { goneBeforeUs: rule === null ? null : rule - DAY_US, keptFromUs: rule === null ? null : Math.max(rule, ever) };
    const { cutoffUs, endUs } = stretchOf(purged.plan);
    const serverUs = purged.run.serverCutoff === null ? null : parseInstantUs(purged.run.serverCutoff);
    return { goneBeforeUs: serverUs === null ? cutoffUs : Math.max(cutoffUs, Math.min(serverUs, endUs)), keptFromUs: Math.max(Math.min(serverUs ?? endUs, endUs), rule ?? Number.MIN_SAFE_INTEGER, ever) };
  }

  function namedBy(purged: Purged | null): readonly number[] | null {
    return purged === null ? null : plans.named(purged.plan.id).rows;
  }

  async function look(deploymentId: string, purged: Purged | null, job: JobHandle): Promise<Observed> {
    job.report({ step: 'Looking at the deployment', done: 0, total: null });
    const known = truth.known(deploymentId);
    const place = known.at;
    const heldIds = [...holds.heldBefore(session.read(), deploymentId, { toUs: Number.MAX_SAFE_INTEGER }).ids];
    return deployments.withClient(deploymentId, job.signal, async (client, _deployment, retries) => {
      const pace = createPace(job.signal, () => clock.monotonicMs());
      const looker = createLooker({ client, retries, clock, signal: job.signal });
      return observe({ read: session.read, place, client, looker, pace, nowUs, observeStatus: () => observeStatus(deploymentId, client, job.signal) }, {
        named: namedBy(purged), bounds: (said) => boundsOf(purged, said, truth.known(deploymentId).statuses), missedBeforeUs: purged === null ? Number.NEGATIVE_INFINITY : parseInstantUs(purged.run.startedAt) ?? Number.NEGATIVE_INFINITY,
        purged: purgedAt(session.read(), place, purged?.run.id ?? null), heldIds,
      });
    });
  }

  /** Keeps what was seen of single rows. */
  async function keepSights({ at: { dep, address } }: KnownRetention, { gone, held, kept }: Observed): Promise<void> {
    // Of the rows that are there as they should be, nothing needs to be kept.
    const missed = 'lack' in kept ? new Map() : new Map([...kept.found.sights].filter(([, { isThere }]) => !isThere));
    const seen = [...sightsOf([gone, held]), ...missed].slice(0, SIGHTS_AT_MOST);
    if (seen.length === 0) return;
    await session.whenWritable();
    const db = session.write();
    db.transaction(() => holds.recordPresence(db, seen.map(([eventId, { isThere, source, atUs }]) => ({ dep, address, eventId, isThere, source, atUs }))));
  }

  async function witnessed(deploymentId: string, job: JobHandle): Promise<WitnessVerdict | { readonly lack: string }> {
    job.report({ step: 'Verifying the signed log', done: 0, total: null });
    try {
      await witness.afterSync(deploymentId, { signal: job.signal });
      return await witness.verify(deploymentId, job.signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled' || error.code === 'profile_locked') throw error;
      return { lack: error.message };
    }
  }

  /** Cached rows of a stretch that are believed to be there: they came due after what is certified, and the deployment may count them. */
  function between({ at: place, noneLeft }: KnownRetention, fromUs: number, toUs: number): number {
    const emptied = emptiedAt(session.read(), place, noneLeft);
    let rows = 0;
    for (let after: { readonly createdAtUs: number; readonly id: number } | null = { createdAtUs: fromUs, id: -1 }; after !== null;) {
      const page = rowsBefore(session.read(), place, { beforeUs: toUs, throughSeq: Number.MAX_SAFE_INTEGER, after, limit: PAGE });
      rows += page.filter((row) => !isGone(row, emptied)).length;
      after = page.length < PAGE ? null : page.at(-1) ?? null;
    }
    return rows;
  }

  function checksOf(deploymentId: string, purged: Purged | null, { observed, holding, verdict }: { readonly observed: Observed; readonly holding: Parameters<typeof holdsIntact>; readonly verdict: WitnessVerdict | { readonly lack: string } }): RetentionCheck[] {
    const { status, list, goneBeforeUs, keptFromUs, gone, kept } = observed;
    const known = truth.known(deploymentId);
    const said = 'lack' in status ? null : status.said;
    const rule = said?.state === 'on' ? said.cutoffUs : null;
    const isShown = !('lack' in status) && status.isDatabaseShown;
    const noneByCount = isShown && said?.overdue === 0 && rule !== null && goneBeforeUs !== null && rule >= goneBeforeUs;
    const oldInList = 'lack' in list || goneBeforeUs === null ? [] : [...list.times].filter(([, us]) => us < goneBeforeUs).map(([id]) => id);
    const checks = [
      rowsGone(gone, { cutoffUs: goneBeforeUs, isListWhole: !('lack' in list) && list.isWhole, oldInList, noneByCount }),
      rowsKept(kept, keptFromUs),
      holdsIntact(...holding),
      witnessAgrees(verdict),
      overdueCount(status, { sinceDue: rule === null || goneBeforeUs === null || rule <= goneBeforeUs ? 0 : between(known, goneBeforeUs, rule), hasGaps: rule !== null && truth.gapsBefore(deploymentId, rule).length > 0 }),
    ];
    if (purged !== null) {
      const { plan: { preview }, plan, run } = purged;
      const promised = { rows: preview.rows, alsoDue: preview.alsoDue.rows, ...stretchOf(plan), hasGaps: preview.gaps.length > 0 };
      const problem = run.deleted === null ? null : whyNotPromised({ deleted: run.deleted, cutoffUs: run.serverCutoff === null ? null : parseInstantUs(run.serverCutoff) }, promised);
      checks.push(countFits({ deleted: run.deleted, problem, range: preview.alsoDue.rows === 0 ? `${preview.rows}` : `${preview.rows} to ${preview.rows + preview.alsoDue.rows}` }));
    }
    return [...checks, policyKnown(status)];
  }

  function countsOf(purged: Purged | null, { gone }: Observed, isProven: boolean): RetentionCertificate['counts'] {
    if ('lack' in gone) return { before: purged?.plan.preview.rows ?? null, after: null, gone: null };
    const { total, found } = gone;
    const isEverySeen = found.there.length + found.gone.length === total;
    return { before: purged?.plan.preview.rows ?? total, after: isProven ? 0 : isEverySeen ? found.there.length : null, gone: isProven ? total : found.gone.length };
  }

  async function issue(deploymentId: string, purged: Purged | null, job: JobHandle): Promise<RetentionCertificate> {
    const observed = await look(deploymentId, purged, job);
    await keepSights(truth.known(deploymentId), observed);
    const verdict = await witnessed(deploymentId, job);
    const vault = await holds.checkVault(deploymentId, job.signal);
    const standing = (await holds.list(deploymentId, job.signal)).filter(({ released }) => released === null);
    const checks = checksOf(deploymentId, purged, { observed, holding: [standing, observed.held, vault], verdict });
    const { policy } = truth.known(deploymentId);
    const { name, url, environment, dialect } = deployments.get(deploymentId);
    const issuedAtUs = nowUs();
    const certificate = signCertificate({
      format: CERTIFICATE_FORMAT, id: `c_${randomBytes(8).toString('hex')}`, issuedAt: formatInstantUs(issuedAtUs), issuedBy: actor, program, deployment: { name, url, environment, dialect },
      policy: { state: policy.state, days: policy.days, cutoff: policy.cutoff, observedAt: policy.observedAt }, purge: purged,
      counts: countsOf(purged, observed, checks[0]?.state === 'holds'),
      holds: standing.map(({ caseId, owner, counts }) => ({ caseId, owner, rows: counts.rows, preserved: counts.preserved, vanished: counts.vanished })),
      checks, outcome: outcomeOf(checks),
    }, await key());
    await recorded(ledger, { action: 'retention.certified', deployment: name, subject: `${certificate.id}${purged === null ? '' : `, purge ${purged.run.id}`}`, outcome: `${certificate.outcome}; SHA-256 ${certificateDigest(certificate)}` }, async () => {
      await session.whenWritable();
      insertCertificate(session.write(), { id: certificate.id, deploymentId, runId: purged?.run.id ?? null, issuedAtUs, body: JSON.stringify(certificate) });
    });
    return certificate;
  }

  function certificate(id: string): RetentionCertificate {
    const found = findCertificate(session.read(), id);
    if (found === null) throw new AppError('certificate_not_found', { message: 'There is no such certificate.', hint: 'See the list of certificates.' });
    return retentionCertificate.parse(JSON.parse(found));
  }

  return {
    certificate,
    async verify({ deploymentId, runId }, signal) {
      const known = truth.known(deploymentId);
      session.write();
      if (runId !== undefined && purges.run(deploymentId, runId).run.state === 'unknown') await purges.settle(deploymentId, runId, signal);
      const purged = runId === undefined ? null : purges.run(deploymentId, runId);
      if (purged !== null && purged.run.state === 'requested') throw new AppError('busy', { message: 'This purge is under way. Nothing was certified.', hint: 'Wait for it.' });
      if (purged !== null && purged.plan.deployment.url !== known.at.address) throw new AppError('plan_expired', { message: 'The deployment has moved to another address since this purge, so it cannot be checked there. Nothing was certified.', hint: 'Set the address of that time again.' });
      const issued = await jobs.run({ call: 'retention.verify', deploymentId, signal }, (job) => issue(deploymentId, purged, job));
      changed(deploymentId);
      return issued;
    },

    async read(path) {
      const { name, value } = await readFormat(path, CERTIFICATE_FORMAT);
      const { problems, certificate: read, key: fingerprint } = verifyCertificate(value);
      if (read === null || fingerprint === null || problems.length > 0) return { name, isValid: false, problems: [...problems], signer: null, signerName: null, fingerprint: null, certificate: null };
      const { signer, name: signerName } = signerOf(read.publicKey);
      return { name, isValid: true, problems: [], signer, signerName, fingerprint, certificate: read };
    },

    async write({ id, path, overwrite }) {
      const found = certificate(id);
      const kind = extname(path).toLowerCase();
      if (kind !== '.json' && kind !== '.pdf') throw new AppError('unknown_format', { message: 'A certificate is written as .json or .pdf. Nothing was written.', hint: 'End the name of the file with one of them.' });
      const file = await openAtomicFile(path, overwrite ? { mayReplace: () => Promise.resolve(true) } : {});
      try {
        await file.write(kind === '.json' ? `${JSON.stringify(found, null, 2)}\n` : await certificatePdf(found));
        return { path, ...await file.commit() };
      } catch (error) {
        await file.abort();
        throw error;
      }
    },

    list: (deploymentId) => certificatesOf(session.read(), deploymentId, SHOWN).map(({ id, issuedAtUs, outcome, days, runId }) => ({ id, issuedAt: formatInstantUs(issuedAtUs), outcome: retentionCertificate.shape.outcome.parse(outcome), days, runId })),
  };
}
