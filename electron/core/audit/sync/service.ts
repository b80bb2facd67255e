// The sync as others see it: one job that brings a deployment's audit log into the cache, compares it with what was held, and keeps the coverage map true.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { AuditGap, SyncResult } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { withRetry } from '../../deployments/retry.ts';
import type { RetryBudget } from '../../deployments/retry.ts';
import type { DeploymentsService, NaviClient } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { JobHandle, Jobs } from '../../jobs/jobs.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { idsWithoutPayload, insertSync } from '../queries.ts';
import { deploymentNumber } from '../store.ts';
import { letGoUpTo } from '../witness/let-go-queries.ts';
import { BEGINNING, coverageSegments, uncovered } from './coverage.ts';
import type { Stretch } from './coverage.ts';
import { OtherOrganisation, readExport, WHOLE_UP_TO } from './export-reading.ts';
import { withLetGo } from './let-go-coverage.ts';
import { LIST_LIMIT, readList } from './list-reading.ts';
import { readPayloads } from './payload-reading.ts';
import { knownActors, ownWithoutPayload } from './scanning.ts';
import { withoutPayloads } from './payload-coverage.ts';
import { cancelled, createStoring } from './storing.ts';
import type { Storing, StoringDeps } from './storing.ts';
import { bareInstants, countHeld, knownOrgs, LIST_SCOPE, newestScope, stretches } from './sync-queries.ts';

const SAY_AGAIN_MS = 150;
/** The retention is worth one wait; without it a finding says that it is not known. */
const RETENTION_ATTEMPTS = 2;

export interface AuditSyncDeps {
  readonly session: Session;
  readonly deployments: DeploymentsService;
  readonly jobs: Jobs;
  readonly emitter: Emitter;
  readonly clock: Clock;
  /** Asks the deployment how long it keeps rows, and keeps the answer. */
  readonly observeRetention: (deploymentId: string, client: NaviClient, signal: AbortSignal) => Promise<void>;
  /** Signs what came. Its failure is told beside the result, and loses nothing; a cancel ends it. */
  readonly afterSync: (deploymentId: string, options: { readonly signal: AbortSignal }) => Promise<{ readonly problem: string | null } | void>;
  /** For one sync, is told of rows that were held and came again: they are still there. */
  readonly watchGivenAgain?: (deploymentId: string, address: string) => StoringDeps['onGivenAgain'];
  /** Up to so many rows of a deployment, every sync reads everything again. */
  readonly wholeUpTo?: number;
}

export interface AuditSync {
  /** Long: runs as a job. @throws AppError of the way, cancelled, busy; what had arrived is kept and not asked for again */
  sync(deploymentId: string, options: { readonly full: boolean }, signal: AbortSignal): Promise<SyncResult>;
  /** The map of the present address, from the beginning to the present. */
  coverage(deploymentId: string): CoverageSegment[];
}

export const offers = (deployment: Pick<Deployment, 'capabilities'>, name: string): boolean => deployment.capabilities.some((capability) => capability.name === name && capability.state === 'offered');

const refuses = (deployment: Pick<Deployment, 'capabilities'>, name: string): boolean => deployment.capabilities.some((capability) => capability.name === name && capability.state === 'not-offered');

/** Failures of one route, which a sync can do without. What stands in the way of everything, or refuses our token, is not asked past. */
const OF_ONE_ROUTE: ReadonlySet<string> = new Set(['not_found', 'not_offered', 'request_refused', 'server_error', 'rate_limited', 'network_timeout', 'redirect_refused', 'response_unexpected', 'response_not_json', 'response_too_large']);

function unlessNeeded(error: unknown): void {
  if (!(error instanceof AppError) || !OF_ONE_ROUTE.has(error.code) || error.facts['notAsked'] === true) throw error;
}

/** Whose rows the export gives, as a scope of the map. */
export const exportScope = (org: string | null, fingerprint: string | null): string => (org === null ? `token:${fingerprint ?? 'none'}` : `org:${org}`);

const keptOutNote = (rows: number): string[] => (rows === 0 ? [] : [`${rows} ${rows === 1 ? 'row' : 'rows'} came again that this workstation let go by its own rule: not stored.`]);

const gapOf = ({ fromUs, toUs, reason }: Pick<Stretch, 'fromUs' | 'toUs' | 'reason'>): AuditGap => ({ from: fromUs <= BEGINNING ? null : formatInstantUs(fromUs), to: formatInstantUs(toUs), reason: reason ?? 'Not read yet.' });

/** What is missing of a scope, up to the newest that was read. */
export function gapsOf(map: readonly Stretch[]): AuditGap[] {
  const topUs = map.reduce((top, { toUs }) => Math.max(top, toUs), BEGINNING);
  if (topUs === BEGINNING) return [];
  const unread = uncovered(map, { fromUs: BEGINNING, toUs: topUs }).map((range) => ({ ...range, reason: null }));
  return [...map.filter(({ state }) => state === 'gap'), ...unread].toSorted((a, b) => a.fromUs - b.fromUs).map(gapOf);
}

export function createAuditSync({ session, deployments, jobs, emitter, clock, observeRetention, afterSync, watchGivenAgain, wholeUpTo = WHOLE_UP_TO }: AuditSyncDeps): AuditSync {
  const nowUs = (): number => clock.now() * 1000;

  interface Run { readonly client: NaviClient; readonly deployment: Deployment; readonly retries: RetryBudget; readonly job: JobHandle; readonly storing: Storing; readonly dep: number; readonly isFull: boolean }

  /** Everything that is asked in one sync; gives the scope of the export and what is missing. */
  async function readAll({ client, deployment, retries, job, storing, dep, isFull }: Run): Promise<{ readonly requests: number; readonly gaps: AuditGap[] }> {
    const { signal } = job;
    const at = { deploymentId: deployment.id, address: deployment.url };
    const key = { dep, address: deployment.url };
    let requests = 0;
    let seen = 0;
    let step = 'Reading';
    const report = (words: string, total: number | null = null): void => {
      step = words;
      job.report({ step: words, done: seen, total });
    };
    async function ask<T>(run: () => Promise<T>, limits: { readonly maxAttempts?: number } = {}): Promise<T> {
      if (signal.aborted) throw cancelled();
      let stopSaying = (): void => undefined;
      const sayWait = (waitMs: number): void => {
        const waiting = { step: `The server asks to wait ${Math.ceil(waitMs / 1000)} s (${step})`, done: seen, total: null };
        job.report(waiting);
        // A report right after another one is left out, and a wait brings no further one.
        stopSaying = clock.after(SAY_AGAIN_MS, () => job.report(waiting));
      };
      try {
        return await withRetry(() => {
          stopSaying();
          requests += 1;
          return run();
        }, { clock, budget: retries, signal, onWait: sayWait, ...limits });
      } catch (error) {
        throw signal.aborted ? cancelled() : error;
      } finally {
        stopSaying();
      }
    }
    if (!refuses(deployment, 'security-status')) await ask(() => observeRetention(deployment.id, client, signal), { maxAttempts: RETENTION_ATTEMPTS }).catch(unlessNeeded);
    const actors = (): Promise<readonly string[]> => knownActors({ session, key, signal });
    const gaps: AuditGap[] = [];
    let exported: string | null = null;

    if (offers(deployment, 'audit-export')) {
      const claimed = deployment.token.claims?.org ?? null;
      // A token that names no organisation: the first row tells whose the export is.
      let org = claimed ?? (await ask(() => client.exportEvents({ limit: 1, includePayload: false }, signal))).rows[0]?.org ?? null;
      for (let attempt = 1; ; attempt += 1) {
        const scope = exportScope(org, deployments.tokenFingerprint(deployment.id));
        try {
          await readExport({
            session, storing, key: { ...key, scope }, org, isFull, wholeUpTo, nowUs, signal, actors,
            ask: (query) => ask(() => client.exportEvents(query, signal)),
            report: (words, { received, fraction }) => {
              seen = received;
              report(words, fraction === null || fraction < 0.05 ? null : Math.max(received, Math.round(received / fraction)));
            },
          });
          gaps.push(...gapsOf(stretches(session.read(), { ...key, scope })));
          break;
        } catch (error) {
          if (!(error instanceof OtherOrganisation)) throw error;
          // Once more for the organisation that came; when that is not one either, nothing is compared.
          org = attempt === 1 ? error.org : null;
        }
      }
      exported = gaps.length === 0 ? org : null;
    }

    gaps.push(...await readList({
      session, storing, key: { ...key, scope: LIST_SCOPE }, nowUs, signal, exported, actors,
      orgs: () => knownOrgs(session.read(), dep),
      ask: async (filter) => {
        const page = await ask(() => client.listEvents({ ...filter, limit: LIST_LIMIT }, signal));
        seen += page.rows.length;
        report('Reading the list');
        return page;
      },
    }));
    gaps.push(...gapsOf(stretches(session.read(), { ...key, scope: LIST_SCOPE })));

    if (offers(deployment, 'audit-payload')) {
      const bare = idsWithoutPayload(session.read(), at);
      const ids = bare.filter((id) => storing.isStillThatRow(id));
      if (ids.length < bare.length) gaps.push({ from: null, to: null, reason: `For ${bare.length - ids.length} ${bare.length - ids.length === 1 ? 'row' : 'rows'} no payload was asked: nothing shows that the server still has that row under its number, and that of another one must not take its place.` });
      gaps.push(...await readPayloads({
        ids, ask: async (id) => (await ask(() => client.payload(id, { decrypt: false }, signal))).payload,
        keep: (payloads) => storing.payloads(payloads, 'GET /api/audit/{id}/payload'),
        report: (done) => job.report({ step: 'Reading payloads', done, total: ids.length }),
      }));
    }
    const own = deployment.token.claims?.org ?? null;
    const missing = offers(deployment, 'audit-export') && own !== null ? await ownWithoutPayload({ session, key, signal }, own) : 0;
    if (missing > 0) gaps.push({ from: null, to: null, reason: `${missing} ${missing === 1 ? 'row' : 'rows'} of our organisation came without a payload: sync again.` });
    return { requests, gaps };
  }

  async function sign(deploymentId: string, signal: AbortSignal): Promise<string[]> {
    try {
      const problem = (await afterSync(deploymentId, { signal }))?.problem ?? null;
      return problem === null ? [] : [problem];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return [`What was synced is kept, but no checkpoint was signed for it. ${error.message}`];
    }
  }

  return {
    async sync(deploymentId, { full }, signal) {
      session.write();
      return jobs.run({ call: 'audit.sync', deploymentId, signal }, async (job) => {
        const startedAtUs = nowUs();
        let at = { deploymentId, address: deployments.get(deploymentId).url };
        let storing: Storing | null = null;
        try {
          const { requests, gaps } = await deployments.withClient(deploymentId, job.signal, async (client, asked, retries) => {
            at = { deploymentId, address: asked.url };
            // What is offered must be known before rows without payload can be called "not offered".
            const deployment = asked.capabilitiesAt === null ? { ...asked, capabilities: (await deployments.test(deploymentId, job.signal)).capabilities } : asked;
            const dep = deploymentNumber(session.read(), deploymentId);
            storing = createStoring({ session, deploymentId, dep, address: asked.url, nowUs, signal: job.signal, onGivenAgain: watchGivenAgain?.(deploymentId, asked.url) });
            const read = await readAll({ client, deployment, retries, job, storing, dep, isFull: full });
            const endedAtUs = nowUs();
            const { tally } = storing;
            await storing.write((db) => insertSync(db, at, { startedAtUs, endedAtUs, outcome: 'done', added: tally.added, complete: read.gaps.length === 0, gaps: read.gaps }));
            return read;
          });
          const { tally } = storing as unknown as Storing;
          job.report({ step: 'Signing what came', done: tally.added, total: null });
          const notes = [...await sign(deploymentId, job.signal), ...keptOutNote((storing as unknown as Storing).keptOut())];
          const total = countHeld(session.read(), deploymentNumber(session.read(), deploymentId));
          return { ...tally, requests, total, complete: gaps.length === 0, gaps, notes, syncedAt: formatInstantUs(nowUs()) };
        } catch (error) {
          if (session.state() === 'open' && session.access() === 'write' && error instanceof AppError) {
            const added = (storing as Storing | null)?.tally.added ?? 0;
            noteFailure(at, { startedAtUs, added, error });
          }
          throw error;
        } finally {
          emitter.emit('audit.changed', { deploymentId });
        }
      });
    },

    coverage(deploymentId) {
      const deployment = deployments.get(deploymentId);
      const db = session.read();
      const key = { dep: deploymentNumber(db, deploymentId), address: deployment.url };
      const { claims, importedAt } = deployment.token;
      const claimed = exportScope(claims?.org ?? null, deployments.tokenFingerprint(deploymentId));
      // Where the export gives another organisation than the token names, what this token has read last tells which.
      const scope = newestScope(db, key, importedAt === null ? BEGINNING : parseInstantUs(importedAt) ?? BEGINNING) ?? claimed;
      const segments = withLetGo(coverageSegments(stretches(db, { ...key, scope }), stretches(db, { ...key, scope: LIST_SCOPE })), letGoUpTo(db, key.dep));
      // Payloads are offered for every row by their own route, by the export for its organisation, else not at all.
      const org = claims?.org ?? null;
      if (!offers(deployment, 'audit-payload') && (!offers(deployment, 'audit-export') || org === null)) return segments;
      return segments.flatMap((segment) => withoutPayloads(segment, (range) => bareInstants(db, key.dep, { ...range, org: offers(deployment, 'audit-payload') ? null : org })));
    },
  };

  function noteFailure(at: { readonly deploymentId: string; readonly address: string }, { startedAtUs, added, error }: { readonly startedAtUs: number; readonly added: number; readonly error: AppError }): void {
    try {
      insertSync(session.write(), at, { startedAtUs, endedAtUs: nowUs(), outcome: error.code, added, complete: false, gaps: [{ from: null, to: null, reason: `The last sync stopped before its end: ${error.message}` }] });
    } catch (second) {
      // While an import holds the right to write, the sync before stays the last that is told of.
      if (!(second instanceof AppError)) throw second;
    }
  }
}
