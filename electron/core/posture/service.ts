// The posture of a deployment: shown from the cache, looked at anew on demand, with exceptions, statements, snapshots and what changed between them.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { isAccepted, summariseCounts } from '#shared/domain/evidence.ts';
import type { Exception, SecurityCheck } from '#shared/domain/evidence.ts';
import { diffChecks } from '#shared/domain/posture-diff.ts';
import type { EvidenceSet } from '#shared/domain/posture-evaluate.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import { DOCUMENTS, isDocumentName } from '#shared/domain/posture-pack.ts';
import { PROBE_CONSENTS } from '#shared/domain/posture.ts';
import type { Fleet, PostureDiff, ProbeConsent, ProbePlan, SnapshotHead } from '#shared/domain/posture.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { AuditService } from '../audit/service.ts';
import type { DeploymentsService, NaviClient } from '../deployments/service.ts';
import type { Emitter } from '../emitter.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { recorded } from '../recorded.ts';
import type { Session } from '../session.ts';
import { attestation } from './attestation.ts';
import { auditDocument } from './audit-document.ts';
import { createBaselines } from './baselines.ts';
import type { Baselines, UsableBaseline } from './baselines.ts';
import { collectEvidence } from './collect.ts';
import { countsOf, evaluateChecks, snapshotOf, uncoveredLeaves } from './evaluation.ts';
import { readEvidenceFile, recogniseConfiguration } from './evidence-files.ts';
import { insertFile, insertLook, latestFailure } from './evidence-queries.ts';
import { lookAt, STATUS_SOURCE } from './looking.ts';
import { planProbes } from './probes/plan.ts';
import { checkPoints, decidedConsents, endExceptions, findSnapshot, insertConsent, insertException, insertReview, insertSnapshot, listSnapshots, standingExceptions } from './queries.ts';
import { lastRotatedAtUs } from './rotation/rotation-queries.ts';

export interface PostureService {
  readonly baselines: Baselines;
  show(deploymentId: string, baselineId?: string): SecurityView;
  plan(deploymentId: string): ProbePlan;
  setConsent(input: ParsedInput<'security.setConsent'>): Promise<ProbePlan>;
  /** @throws AppError when the deployment could not be reached; what came before is kept, and no snapshot is made */
  scan(input: ParsedInput<'security.scan'>, signal: AbortSignal): Promise<SecurityView>;
  history(deploymentId: string, limit: number): SnapshotHead[];
  checkHistory(input: ParsedInput<'security.checkHistory'>): CallOutput<'security.checkHistory'>;
  diff(input: ParsedInput<'security.diff'>): PostureDiff;
  markReviewed(deploymentId: string, snapshotId: number): Promise<SnapshotHead>;
  fleet(): Fleet;
  addEvidence(input: ParsedInput<'security.addEvidence'>): Promise<CallOutput<'security.addEvidence'>>;
  except(input: ParsedInput<'security.except'>): Promise<Exception>;
  endException(input: ParsedInput<'security.endException'>): Promise<number>;
  /** One request with the client of an audit sync: what the deployment says of itself now, and of its retention, is kept. @throws AppError of the way */
  observeStatus(deploymentId: string, client: NaviClient, signal: AbortSignal): Promise<void>;
  /** What the deployment declared of itself last, with the present token; null when it never did. */
  declared(deploymentId: string): { readonly value: Json; readonly observedAtUs: number } | null;
}

const SEVERITIES = ['critical', 'high', 'medium', 'low'];

export function createPostureService(deps: { session: Session; deployments: DeploymentsService; audit: AuditService; ledger: LedgerService; jobs: Jobs; emitter: Emitter; clock: Clock }): PostureService {
  const { session, deployments, audit, ledger, jobs, emitter, clock } = deps;
  const baselines = createBaselines({ session, ledger, clock });
  const nowUs = (): number => clock.now() * 1000;
  const today = (): string => formatInstantUs(nowUs()).slice(0, 10);

  function isAllowed(deployment: Deployment, consent: ProbeConsent): boolean {
    const decided = decidedConsents(session.read(), deployment.id).get(consent);
    // Ordinary looks are on unless it is production; what is more than that is off until somebody allows it.
    return decided?.isAllowed ?? (consent === 'probes' && deployment.environment !== 'production');
  }

  function evidenceOf(deployment: Deployment): EvidenceSet {
    return collectEvidence({
      db: session.read(), deployment, tokenFingerprint: deployments.tokenFingerprint(deployment.id), audit: deployment.kind === 'navi' ? auditDocument(audit, deployment.id) : null, rotatedAtUs: lastRotatedAtUs(session.read(), deployment.id),
      areProbesAllowed: isAllowed(deployment, 'probes'), nowUs: nowUs(),
    });
  }

  function chosen(deployment: Deployment, baselineId: string | undefined): UsableBaseline {
    if (baselineId !== undefined) {
      const found = baselines.find(baselineId);
      if (found.pack.kind !== deployment.kind) throw new AppError('baseline_not_found', { message: `The baseline ${baselineId} is for another kind of deployment than ${deployment.name}. Nothing was looked at.`, hint: 'See the list of baselines for one of its kind.' });
      return found;
    }
    const [last] = listSnapshots(session.read(), deployment.id, 1);
    const used = last === undefined ? undefined : baselines.list().find(({ pack }) => pack.id === last.baseline.id && pack.kind === deployment.kind);
    return used ?? baselines.shippedFor(deployment.kind);
  }

  function evaluated(deployment: Deployment, baseline: UsableBaseline): { readonly checks: SecurityCheck[]; readonly evidence: EvidenceSet } {
    const evidence = evidenceOf(deployment);
    return { evidence, checks: evaluateChecks(baseline.pack, evidence, standingExceptions(session.read(), deployment.id, today())) };
  }

  /** When the deployment itself was seen last: files, statements and what is worked out here say nothing of that. */
  function seenAtUs({ documents }: EvidenceSet): number | null {
    const times = Object.entries(documents).filter(([document]) => document === 'status' || (isDocumentName(document) && DOCUMENTS[document] === 'observed')).map(([, look]) => look.observedAtUs);
    return times.length === 0 ? null : Math.max(...times);
  }

  function view(deployment: Deployment, baseline: UsableBaseline): SecurityView {
    const { checks, evidence } = evaluated(deployment, baseline);
    const seen = seenAtUs(evidence);
    const token = deployments.tokenFingerprint(deployment.id);
    const failed = latestFailure(session.read(), { deploymentId: deployment.id, address: deployment.url, token, document: deployment.kind === 'navi' ? 'status' : 'headers' });
    return {
      deploymentId: deployment.id, baseline: baseline.about, checks, ...countsOf(checks), observedAt: seen === null ? null : formatInstantUs(seen),
      lastFailure: failed === null ? null : { ...failed.failure, at: formatInstantUs(failed.observedAtUs) },
      snapshotId: listSnapshots(session.read(), deployment.id, 1)[0]?.id ?? null, uncovered: uncoveredLeaves(baseline.pack, evidence),
    };
  }

  function planOf(deployment: Deployment): ProbePlan {
    const decided = decidedConsents(session.read(), deployment.id);
    const allowed = new Set(PROBE_CONSENTS.filter((consent) => isAllowed(deployment, consent)));
    const probes = planProbes({ kind: deployment.kind, url: deployment.url, allowed });
    return {
      deploymentId: deployment.id, probes: [...probes], status: deployment.kind === 'navi' ? STATUS_SOURCE : null, requests: probes.filter(({ willRun }) => willRun).reduce((sum, { requests }) => sum + requests.length, 0),
      consents: PROBE_CONSENTS.map((consent) => { const one = decided.get(consent); return { consent, isAllowed: allowed.has(consent), decidedAt: one === undefined ? null : formatInstantUs(one.atUs) }; }),
    };
  }

  /** @throws AppError check_not_found */
  function requireCheck(deployment: Deployment, checkId: string): void {
    if (chosen(deployment, undefined).pack.checks.some(({ id }) => id === checkId) || baselines.list().some(({ pack }) => pack.kind === deployment.kind && pack.checks.some(({ id }) => id === checkId))) return;
    throw new AppError('check_not_found', { message: `There is no check ${checkId} in the baselines for this deployment. Nothing was changed.`, hint: 'See the ids of its checks.' });
  }

  function requireSnapshot(deploymentId: string, id: number): NonNullable<ReturnType<typeof findSnapshot>> {
    const found = findSnapshot(session.read(), deploymentId, id);
    if (found === null) throw new AppError('snapshot_not_found', { message: `There is no look ${id} at this deployment.`, hint: 'See the list of earlier looks.' });
    return found;
  }

  const changed = (deploymentId: string): void => emitter.emit('security.refreshed', { deploymentId });

  return {
    baselines,
    show: (deploymentId, baselineId) => {
      const deployment = deployments.get(deploymentId);
      return view(deployment, chosen(deployment, baselineId));
    },
    plan: (deploymentId) => planOf(deployments.get(deploymentId)),
    async setConsent({ deploymentId, consent, isAllowed: allow }) {
      const deployment = deployments.get(deploymentId);
      session.write();
      await recorded(ledger, { action: 'security.consent', deployment: deployment.name, subject: consent, outcome: allow ? 'allowed' : 'forbidden' }, () => insertConsent(session.write(), deploymentId, { consent, isAllowed: allow, atUs: nowUs() }));
      changed(deploymentId);
      return planOf(deployment);
    },
    scan: ({ deploymentId, baselineId, isOffline }, signal) => jobs.run({ call: 'security.scan', deploymentId, signal }, async (job) => {
      const deployment = deployments.get(deploymentId);
      const baseline = chosen(deployment, baselineId);
      session.write();
      try {
        if (!isOffline) await lookAt({ session, deployments, clock }, deployment, { plan: planOf(deployment).probes, job });
        await session.whenWritable({ signal: job.signal });
        // The look may have told the dialect or the role: evaluate what is known now.
        const now = deployments.get(deploymentId);
        const { checks } = evaluated(now, baseline);
        insertSnapshot(session.write(), { deploymentId, atUs: nowUs(), counts: countsOf(checks).counts, checks: snapshotOf(checks), baseline: baseline.about });
        return view(now, baseline);
      } finally {
        if (session.state() === 'open') changed(deploymentId);
      }
    }),
    history(deploymentId, limit) {
      deployments.get(deploymentId);
      return listSnapshots(session.read(), deploymentId, limit);
    },
    checkHistory({ deploymentId, checkId, limit }) {
      deployments.get(deploymentId);
      return { points: checkPoints(session.read(), deploymentId, { checkId, limit }).map(({ atUs, ...point }) => ({ ...point, at: formatInstantUs(atUs) })) };
    },
    diff({ deploymentId, from, to }) {
      deployments.get(deploymentId);
      const [before, after] = [requireSnapshot(deploymentId, from), requireSnapshot(deploymentId, to)];
      return { from: before.head, to: after.head, ...diffChecks(before.checks, after.checks) };
    },
    async markReviewed(deploymentId, snapshotId) {
      const deployment = deployments.get(deploymentId);
      const { head } = requireSnapshot(deploymentId, snapshotId);
      await recorded(ledger, { action: 'security.reviewed', deployment: deployment.name, subject: `look ${snapshotId}`, outcome: head.summary }, () => insertReview(session.write(), deploymentId, { snapshotId, atUs: nowUs() }));
      changed(deploymentId);
      return { ...head, isReviewed: true };
    },
    fleet() {
      const checks = new Map<string, Fleet['checks'][number]>();
      const rows = deployments.list().map((deployment): Fleet['rows'][number] => {
        const baseline = chosen(deployment, undefined);
        const { checks: own, evidence } = evaluated(deployment, baseline);
        for (const { id, title, severity } of own) checks.set(id, { id, title, severity });
        const { counts } = countsOf(own);
        const seen = seenAtUs(evidence);
        return {
          deploymentId: deployment.id, name: deployment.name, kind: deployment.kind, environment: deployment.environment, baselineId: baseline.pack.id, observedAt: seen === null ? null : formatInstantUs(seen), counts, summary: summariseCounts(counts),
          states: Object.fromEntries(own.map((check) => [check.id, isAccepted(check) ? 'accepted' as const : check.state])),
        };
      });
      return { rows, checks: [...checks.values()].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.title.localeCompare(b.title, 'en')) };
    },
    async addEvidence({ deploymentId, path, attests }) {
      const deployment = deployments.get(deploymentId);
      if (attests !== null) requireCheck(deployment, attests.checkId);
      else if (path === null) throw new AppError('invalid_input', { message: 'Neither a file nor a statement was given. Nothing was kept.', hint: 'Name a file, or state something about a check.' });
      const file = path === null ? null : await readEvidenceFile(path);
      const known = attests !== null || file === null ? null : recogniseConfiguration(file);
      const document = known?.document ?? 'attested';
      const source = [...(attests === null ? [] : [`${attests.by}, ${attests.on}`]), ...(file === null ? [] : [`${file.name}, sha256 ${file.sha256.slice(0, 16)}`])].join('; ');
      const value: Json = known === null ? attestation.parse(attests) : known.value;
      const about = known?.about ?? `A statement about ${attests?.checkId ?? ''}`;
      const digest = file?.sha256 ?? '';
      session.write();
      await recorded(ledger, { action: 'security.evidence.added', deployment: deployment.name, subject: about, outcome: source }, () => {
        const db = session.write();
        db.transaction(() => {
          const seq = insertLook(db, { deploymentId, address: null, token: null, document }, { source, observedAtUs: nowUs(), value, failure: null });
          if (seq === null) throw new AppError('deployment_not_found', { message: 'The deployment was removed meanwhile. Nothing was kept.', hint: 'See the list of deployments.' });
          // A configuration with secrets in it is kept by its digest and what can be shown of it, not as it was.
          if (file !== null && (known === null || known.hidden === 0)) insertFile(db, seq, file);
        });
      });
      changed(deploymentId);
      return { document, source, digest, about };
    },
    async except({ deploymentId, checkId, owner, reason, until }) {
      const deployment = deployments.get(deploymentId);
      requireCheck(deployment, checkId);
      if (until < today()) throw new AppError('invalid_input', { message: `${until} has passed. Nothing was changed.`, hint: 'An exception needs a last day that is still to come.' });
      await recorded(ledger, { action: 'security.excepted', deployment: deployment.name, subject: checkId, reason, outcome: `${owner}, until ${until}` }, () => insertException(session.write(), deploymentId, { checkId, owner, reason, until, atUs: nowUs() }));
      changed(deploymentId);
      const made = standingExceptions(session.read(), deploymentId, today()).get(checkId);
      if (made === undefined) throw new Error('an exception that was made is not there');
      return made;
    },
    async endException({ deploymentId, checkId, reason }) {
      const deployment = deployments.get(deploymentId);
      requireCheck(deployment, checkId);
      const ended = await recorded(ledger, { action: 'security.exception.ended', deployment: deployment.name, subject: checkId, reason, outcome: 'ended' }, () => endExceptions(session.write(), deploymentId, { checkId, reason, atUs: nowUs() }));
      changed(deploymentId);
      return ended;
    },
    async observeStatus(deploymentId, client, signal) {
      const asked = { deploymentId, address: deployments.get(deploymentId).url, token: deployments.tokenFingerprint(deploymentId), document: 'status' } as const;
      const { observedAt, json } = await client.securityStatus(signal);
      await session.whenWritable({ signal });
      insertLook(session.write(), asked, { source: STATUS_SOURCE, observedAtUs: observedAt * 1000, value: json as Json, failure: null });
    },
    declared(deploymentId) {
      const found = evidenceOf(deployments.get(deploymentId)).documents.status;
      return found === undefined ? null : { value: found.value, observedAtUs: found.observedAtUs };
    },
  };
}
