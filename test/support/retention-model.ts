// A deployment of dialect A as a model, and a console over a real cache that holds, plans, purges and certifies there. What the model says happened is the truth that tests compare with.
import { createWitness } from '#core/audit/witness/service.ts';
import { ensureWitnessKey, keysOfLedger } from '#core/audit/witness/witness-key.ts';
import type { AuditService } from '#core/audit/service.ts';
import { createAuditSync } from '#core/audit/sync/service.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import type { DeploymentsService, NaviClient, NaviRow } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import { createPostureService } from '#core/posture/service.ts';
import { createAfterRows } from '#core/retention/holds/after-rows.ts';
import { createHolds } from '#core/retention/holds/service.ts';
import { holdsPortOf } from '#core/retention/plans/holds-port.ts';
import { createPlans } from '#core/retention/plans/service.ts';
import { createProofs } from '#core/retention/proof/service.ts';
import { createPurges } from '#core/retention/purge/service.ts';
import { createTruth } from '#core/retention/truth/service.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { keptLog, systemClock, testPorts } from './ports.ts';

export const DAY_US = 86_400_000_000;
const START_US = 1_790_000_000_000_000;
const RULE_DAYS = 90;
/** How long each answer takes, so that two things seldom happen at one instant. */
const ANSWER_US = 20_000;

export interface ModelRow { readonly id: number; readonly at: number; readonly actor: string; /** Left out: it names the row. */ readonly payload?: string }
export type Loss = 'none' | 'answer' | 'request';

export async function openModelSession(profileDir: string): Promise<Session> {
  const session = createSession({ ports: testPorts(profileDir, { host: 'cli' }), emitter: createEmitter(keptLog()), access: 'write' });
  await session.open({ store: 'keychain', passphrase: null });
  const problem = session.problem();
  if (problem !== null) throw problem;
  return session;
}

let made = 0;

export function retentionModel(session: Session, { environment = 'staging', aheadUs: aheadAtFirst = 0, cap = 1000 }: { readonly environment?: 'staging' | 'production'; readonly aheadUs?: number; readonly cap?: number } = {}) {
  made += 1;
  const id = `d_${made.toString(16).padStart(16, '0')}`;
  const url = `https://model-${made}.example.com`;
  insertDeployment(session.write(), id, { name: `m${made}`, url, kind: 'navi', environment, readOnly: false, caPem: null, pin: null, createdAtUs: 1 });
  let nowUs = START_US;
  let rows: ModelRow[] = [];
  let nextId = 1;
  let loss: Loss = 'none';
  let extra = 0;
  let aheadUs = aheadAtFirst;
  let counts: number | 'truly' = 'truly';
  let isStatusDown = false;
  let isPayloadDown = false;
  const posts: { readonly days: number; readonly deleted: readonly ModelRow[] }[] = [];
  const serverUs = (): number => nowUs + aheadUs;
  let stallMs = 0;
  let stalledMs = 0;
  const clock = { ...systemClock, now: () => nowUs / 1000, monotonicMs: () => systemClock.monotonicMs() + stalledMs };
  const toRow = ({ id: eventId, at, actor }: ModelRow): NaviRow => ({ id: eventId, createdAtUs: at, createdAtRaw: formatInstantUs(at), route: `/r/${eventId}`, method: 'POST', eventType: 'http.request', org: 'acme', actorSub: actor, actorEmail: null, resourceId: null, statusCode: 200 });
  const lost = (): AppError => new AppError('connection_reset', { message: 'The connection broke off.', hint: 'Try again.' });
  const unused = (): never => { throw new Error('not part of this model'); };
  const client: NaviClient = {
    probe: unused, anonymousStatus: unused, decrypt: unused, exportEvents: unused,
    async securityStatus() {
      nowUs += ANSWER_US;
      if (isStatusDown) throw new AppError('server_error', { message: 'It failed.', hint: 'Try again.', facts: { httpStatus: 500 } });
      const cutoff = serverUs() - RULE_DAYS * DAY_US;
      stalledMs += stallMs;
      const json = { audit_retention: { enabled: true, retention_days: RULE_DAYS, overdue_count: counts === 'truly' ? rows.filter(({ at }) => at < cutoff).length : counts, cutoff_iso: formatInstantUs(cutoff) } };
      return { httpStatus: 200, json, bodyText: JSON.stringify(json), observedAt: nowUs / 1000, requestLine: 'GET /api/admin/security/status' };
    },
    async listEvents({ actor, limit }) {
      nowUs += ANSWER_US;
      const page = rows.filter((row) => actor === undefined || row.actor === actor).toSorted((a, b) => b.at - a.at || b.id - a.id).slice(0, Math.min(limit, cap)).map(toRow);
      return { rows: page, rejected: [], received: page.length, requestLine: 'GET /api/audit', observedAt: nowUs / 1000 };
    },
    async payload(eventId) {
      nowUs += ANSWER_US;
      if (isPayloadDown) throw new AppError('server_error', { message: 'It failed.', hint: 'Try again.', facts: { httpStatus: 500 } });
      const found = rows.find((row) => row.id === eventId);
      if (found === undefined) throw new AppError('event_not_found', { message: 'It is not there.', hint: 'It was removed.', facts: { httpStatus: 404 } });
      return { id: eventId, payload: { state: 'plain', body: found.payload ?? `{"row":"${eventId} of ${found.actor}"}`, keyId: null }, storedEncrypted: false, keyId: null, requestLine: `GET /api/audit/${eventId}/payload`, observedAt: nowUs / 1000 };
    },
    async purge(days) {
      nowUs += ANSWER_US;
      const cutoffUs = serverUs() - days * DAY_US;
      if (loss === 'request') {
        posts.push({ days, deleted: [] });
        throw lost();
      }
      const deleted = rows.filter(({ at }) => at < cutoffUs);
      const beyond = rows.filter(({ at }) => at >= cutoffUs).toSorted((a, b) => a.at - b.at).slice(0, extra);
      rows = rows.filter((row) => !deleted.includes(row) && !beyond.includes(row));
      posts.push({ days, deleted: [...deleted, ...beyond] });
      if (loss === 'answer') throw lost();
      return { deleted: deleted.length, cutoffUs, requestLine: 'POST /api/audit/purge', observedAt: nowUs / 1000 };
    },
  };
  const offered = ['security-status', 'audit-list', 'audit-payload', 'purge'].map((name) => ({ name, state: 'offered', reason: '' }));
  const deployment = { id, name: `m${made}`, url, kind: 'navi', environment, readOnly: false, dialect: 'A', token: { stored: true, claims: { org: 'acme' }, importedAt: null }, capabilitiesAt: '2026-01-01T00:00:00Z', capabilities: offered };
  const deployments = {
    list: () => [deployment], get: () => deployment, tokenFingerprint: () => 'f', test: unused,
    withClient: (_id: string, _signal: AbortSignal, work: (...given: unknown[]) => unknown) => work(client, deployment, { first: () => undefined, take: () => false }),
  } as unknown as DeploymentsService;
  const emitter = createEmitter(keptLog());
  const jobs = createJobs(emitter, systemClock);
  const ledger = createLedgerService({ session, emitter, clock, actor: 'tester' });
  const posture = createPostureService({ session, deployments, audit: {} as AuditService, ledger, jobs, emitter, clock });
  const witness = createWitness({ session, ledger, jobs, clock });
  const truth = createTruth({ session, deployments, clock, coverage: (deploymentId) => sync.coverage(deploymentId) });
  const holds = createHolds({ session, deployments, ledger, jobs, emitter, clock, gapsBefore: truth.gapsBefore });
  const sync = createAuditSync({ session, deployments, jobs, emitter, clock, observeRetention: posture.observeStatus, afterSync: createAfterRows({ preserve: holds.preserveAfterSync, countAges: truth.countAfterSync, sign: (deploymentId, options) => witness.afterSync(deploymentId, options) }) });
  const signing = { key: async () => (await ensureWitnessKey(session, ledger, undefined)).key, known: () => keysOfLedger(session.read()).map(({ publicKey }) => publicKey) };
  const port = holdsPortOf(holds);
  const plans = createPlans({ session, deployments, ledger, emitter, clock, actor: 'tester', truth, observeStatus: posture.observeStatus, holds: port, signing });
  const never = new AbortController().signal;
  const purges = createPurges({ session, deployments, ledger, jobs, emitter, clock, plans, holds: port, known: truth.known, observeStatus: posture.observeStatus, knownKeys: signing.known, sync: (deploymentId, signal) => sync.sync(deploymentId, { full: false }, signal) });
  const proofs = createProofs({ session, deployments, ledger, jobs, emitter, clock, actor: 'tester', program: 'Holdfast test', plans, purges, holds: port, truth, observeStatus: posture.observeStatus, witness, key: signing.key, signerOf: () => ({ signer: 'unknown', name: null }) });
  return {
    id, plans, purges, posts, ledger,
    rows: () => rows,
    nowUs: () => nowUs,
    serverUs,
    pass(us: number) { nowUs += us; },
    lose(how: Loss) { loss = how; },
    takeMore(n: number) { extra = n; },
    /** Sets the clock of the console alone. */
    turn(us: number) { [nowUs, aheadUs] = [nowUs + us, aheadUs - us]; },
    /** What the status says of due rows, whatever there is. */
    count(says: number | 'truly') { counts = says; },
    breakStatus(isBroken: boolean) { isStatusDown = isBroken; },
    breakPayloads(isBroken: boolean) { isPayloadDown = isBroken; },
    tamper(change: (all: readonly ModelRow[]) => ModelRow[]) { rows = change(rows); },
    /** Lets so much time pass with each answer of the status, by the clock that nobody sets. */
    stall(ms: number) { stallMs = ms; },
    /** A scan of its security, as far as it reads the status. */
    scan: () => posture.observeStatus(id, client, never),
    show: () => truth.show(id),
    known: () => truth.known(id),
    gaps: () => truth.gapsBefore(id, null),
    write(ageDays: number, actor: string): ModelRow {
      const row = { id: nextId, at: Math.round(serverUs() - ageDays * DAY_US) - nextId, actor };
      nextId += 1;
      rows.push(row);
      return row;
    },
    /** The server's own schedule. */
    script() { rows = rows.filter(({ at }) => at >= serverUs() - RULE_DAYS * DAY_US); },
    sync: () => sync.sync(id, { full: false }, never),
    hold: (caseId: string, query: string) => holds.add({ deploymentId: id, caseId, owner: 'counsel', reason: 'litigation', reviewOn: '2030-01-01', query }, never),
    release: (holdId: string) => holds.release({ deploymentId: id, holdId, reason: 'settled' }),
    preview: (days?: number) => plans.preview({ deploymentId: id, ...(days === undefined ? {} : { days }) }, never),
    plan: (days?: number) => plans.plan({ deploymentId: id, ...(days === undefined ? {} : { days }) }, never),
    async purge(planId: string) {
      const { token, confirm } = purges.arm(id, planId);
      return purges.purge({ deploymentId: id, planId, token, confirm, approvalPath: null }, never);
    },
    settle: (runId: string) => purges.settle(id, runId, never),
    verify: (runId?: string) => proofs.verify({ deploymentId: id, ...(runId === undefined ? {} : { runId }) }, never),
  };
}

export type RetentionModel = ReturnType<typeof retentionModel>;
