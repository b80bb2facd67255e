// The audit log's rules: sync into the cache, list from it, and open one payload for a stated reason after the ledger entry is on disk.
import { createHash } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { AuditKey } from '#shared/contract/audit.ts';
import type { AuditEventDetail, AuditFilter, AuditSummary, OpenedPayload, SyncResult } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { PayloadCounts } from '#shared/domain/security-checks.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { auditKeyName } from '../credentials/names.ts';
import type { DeploymentsService, NaviRow } from '../deployments/service.ts';
import { withRetry } from '../deployments/retry.ts';
import type { Emitter } from '../emitter.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { recorded } from '../recorded.ts';
import { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { parseFernetKey } from './fernet.ts';
import { openPayload, readWrapper, sealedAt, stateToKeep } from './open-payload.ts';
import type { RingKey } from './open-payload.ts';
import { openOnServer } from './open-on-server.ts';
import {
  addressOf, countEvents, countMatching, countWithoutPayload, deleteKey, distinctValues, facet, getEvent, idsWithoutPayload, insertEvent, insertKey, insertPayload, insertSync, keyIdsWithoutKey, latestSync, listEvents, listKeys, newestPayloadStates,
} from './queries.ts';
import type { AbsentPayload, At, Range } from './queries.ts';
import { syncAudit } from './sync.ts';

/** How many of the newest payloads speak for "now" in the security checks. */
const NEWEST_PAYLOADS = 1000;

export interface AuditService {
  summary(deploymentId: string): AuditSummary;
  list(input: ParsedInput<'audit.list'>): CallOutput<'audit.list'>;
  facets(deploymentId: string): CallOutput<'audit.facets'>;
  get(deploymentId: string, id: number): AuditEventDetail;
  sync(deploymentId: string, signal: AbortSignal): Promise<SyncResult>;
  decrypt(input: ParsedInput<'audit.decrypt'>, signal: AbortSignal): Promise<OpenedPayload>;
  keys(deploymentId: string): CallOutput<'audit.keyList'>;
  addKey(deploymentId: string, keyId: string, key: Secret): Promise<AuditKey>;
  removeKey(deploymentId: string, keyId: string): Promise<void>;
  /** How the newest payloads from the present address are stored, for the security checks; null when none is known. */
  newestPayloads(deploymentId: string): PayloadCounts | null;
}

/** What a row without a payload means at this deployment: out of reach for good, or not fetched yet. */
function absentPayload(deployment: Deployment): AbsentPayload {
  const offered = (name: string): boolean => deployment.capabilities.some((capability) => capability.name === name && capability.state === 'offered');
  if (deployment.capabilities.length === 0 || offered('audit-payload')) return () => 'not-synced';
  if (!offered('audit-export')) return () => 'not-offered';
  // The export holds the caller's own organisation only; rows of others and rows without one have no payload route.
  const own = deployment.token.claims?.org ?? null;
  return (org) => (org !== null && (own === null || org === own) ? 'not-synced' : 'not-offered');
}

export function createAuditService(deps: { session: Session; deployments: DeploymentsService; ledger: LedgerService; jobs: Jobs; emitter: Emitter; clock: Clock }): AuditService {
  const { session, deployments, ledger, jobs, emitter, clock } = deps;
  const nowUs = (): number => clock.now() * 1000;

  function range(filter: AuditFilter): Range {
    return { sinceUs: instant(filter.since, 'since'), untilUs: instant(filter.until, 'until') };
  }

  function detail(deploymentId: string, id: number): AuditEventDetail {
    const found = getEvent(session.read(), { deploymentId, id }, absentPayload(deployments.get(deploymentId)));
    if (found === null) throw new AppError('event_not_found', { message: `Event ${id} is not in the cache.`, hint: 'Sync the audit log, or check the id.' });
    return { ...found, sealedAt: found.payloadState === 'encrypted' && found.payload !== null ? sealedAt(found.payload) : null };
  }

  async function keyRing(deploymentId: string): Promise<RingKey[]> {
    const ring: RingKey[] = [];
    for (const { keyId } of listKeys(session.read(), deploymentId)) {
      const stored = await session.secrets().get(auditKeyName(deploymentId, keyId));
      if (stored === null) throw new AppError('secret_missing', { message: `The audit key ${keyId} is no longer in the secret store. Nothing was opened.`, hint: 'Remove it under Audit keys and add it again.' });
      ring.push({ keyId, key: parseFernetKey(new Secret(stored)) });
    }
    return ring;
  }

  /** Another address may hold another row under the same id. @throws AppError payload_not_offered */
  function refuseElsewhere(deployment: Deployment, id: number): void {
    const from = addressOf(session.read(), deployment.id, id);
    if (from !== deployment.url) throw new AppError('payload_not_offered', { message: `Event ${id} was read from ${from ?? 'another address'}; the present address may hold another row under this id. Nothing was asked.`, hint: 'Decrypt here with an audit key, where its payload is in the cache.' });
  }

  /** Dialect A gives each wrapper by itself: one that no sync has brought yet is fetched now, undecrypted, which changes nothing on the server. */
  async function withWrapper(deploymentId: string, event: AuditEventDetail, signal: AbortSignal): Promise<AuditEventDetail> {
    if (event.payloadState !== 'not-synced') return event;
    const offered = deployments.get(deploymentId).capabilities.some((capability) => capability.name === 'audit-payload' && capability.state === 'offered');
    if (!offered) return event;
    await deployments.withClient(deploymentId, async (client, deployment) => {
      refuseElsewhere(deployment, event.id);
      const answer = await client.payload(event.id, { decrypt: false }, signal);
      insertPayload(session.write(), { eventId: event.id, ...stateToKeep(answer.payload) }, { deploymentId, address: deployment.url, atUs: nowUs(), source: 'GET /api/audit/{id}/payload' });
    });
    return detail(deploymentId, event.id);
  }

  async function openHere(event: AuditEventDetail, deploymentId: string): Promise<{ payload: string; keyId: string | null; sealedAt: string | null }> {
    if (event.payloadState === 'not-offered') throw new AppError('payload_not_offered', { message: 'The payload of this row is not offered by this deployment, so it is not in the cache.', hint: 'Where the deployment can decrypt on the server, try that.' });
    if (event.payloadState === 'not-synced' || event.payload === null) throw new AppError('payload_not_offered', { message: 'The payload of this row has not been synced yet.', hint: 'Sync the audit log, then try again.' });
    const isBrokenToken = event.payloadState === 'malformed' && readWrapper(event.payload) !== null;
    if (event.payloadState !== 'encrypted' && !isBrokenToken) throw new AppError('payload_not_encrypted', { message: `The payload of this row is ${event.payloadState}, not encrypted. It is shown as it is stored.`, hint: 'No key and no reason are needed.' });
    return openPayload(event.payload, await keyRing(deploymentId));
  }

  const service: AuditService = {
    summary(deploymentId) {
      const deployment = deployments.get(deploymentId);
      const counts = countEvents(session.read(), deploymentId);
      const absent = absentPayload(deployment);
      const last = latestSync(session.read(), { deploymentId, address: deployment.url });
      return {
        events: counts.events, encrypted: counts.encrypted, plain: counts.plain,
        notOffered: counts.absentByOrg.filter(({ org }) => absent(org) === 'not-offered').reduce((sum, { rows }) => sum + rows, 0),
        oldestAt: counts.oldestUs === null ? null : formatInstantUs(counts.oldestUs), newestAt: counts.newestUs === null ? null : formatInstantUs(counts.newestUs),
        lastSyncAt: last === null ? null : formatInstantUs(last.endedAtUs), lastSyncComplete: last?.complete ?? null, gaps: last === null ? [] : [...last.gaps],
      };
    },

    list({ deploymentId, filter, cursor, limit }) {
      const db = session.read();
      const absent = absentPayload(deployments.get(deploymentId));
      const matching = { deploymentId, filter, range: range(filter) };
      const rows = listEvents(db, { ...matching, limit: limit + 1, after: readCursor(cursor), absent });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        events: page.map((row) => row.event),
        nextCursor: rows.length > limit && last !== undefined ? `${last.createdAtUs}.${last.event.id}` : null,
        matching: countMatching(db, matching),
        total: countMatching(db, { deploymentId, filter: {}, range: { sinceUs: null, untilUs: null } }),
      };
    },

    facets(deploymentId) {
      deployments.get(deploymentId);
      const db = session.read();
      return { methods: [...facet(db, deploymentId, 'method')], actors: [...facet(db, deploymentId, 'actor')], orgs: [...facet(db, deploymentId, 'org')] };
    },

    get: detail,

    sync(deploymentId, signal) {
      session.write();
      return jobs.run({ call: 'audit.sync', deploymentId, signal }, async (job) => {
        const startedAtUs = nowUs();
        const tally = { added: 0, payloadsAdded: 0, alreadyHeld: 0, changed: 0 };
        const seenIds = new Set<number>();
        let at: At = { deploymentId, address: deployments.get(deploymentId).url };
        const save = (rows: readonly NaviRow[], source: string): void => {
          const db = session.write();
          db.transaction(() => {
            for (const row of rows) {
              const seen = { ...at, atUs: nowUs(), source };
              const outcome = insertEvent(db, row, seen);
              // A row that is held with other content keeps its first version whole: the payload of another would not be its own.
              const payload = row.payload === undefined || outcome === 'changed' ? 'held' : insertPayload(db, { eventId: row.id, ...stateToKeep(row.payload) }, seen);
              if (payload === 'added') tally.payloadsAdded += 1;
              if (outcome === 'added') tally.added += 1;
              else if (!seenIds.has(row.id)) tally.alreadyHeld += 1;
              if (outcome === 'changed' || payload === 'changed') tally.changed += 1;
              seenIds.add(row.id);
            }
          });
        };
        try {
          const { requests, gaps } = await deployments.withClient(deploymentId, async (client, deployment, retries) => {
            at = { deploymentId, address: deployment.url };
            const own = deployment.token.claims?.org ?? null;
            // What is offered must be known before rows without payload can be called "not offered".
            let { capabilities } = deployment;
            if (deployment.capabilitiesAt === null) capabilities = (await deployments.test(deploymentId, job.signal)).capabilities;
            const offered = (name: string): boolean => capabilities.some((capability) => capability.name === name && capability.state === 'offered');
            return syncAudit({
              client, job, offers: { exports: offered('audit-export'), payloads: offered('audit-payload') },
              patiently: (run) => withRetry(run, { clock, budget: retries, signal: job.signal, onWait: (waitMs) => job.report({ step: `The server asks to wait ${Math.ceil(waitMs / 1000)} s`, done: seenIds.size, total: null }) }),
              store: {
                save,
                savePayload: (id, payload, source) => {
                  if (insertPayload(session.write(), { eventId: id, ...stateToKeep(payload) }, { ...at, atUs: nowUs(), source }) === 'added') tally.payloadsAdded += 1;
                },
                orgs: () => distinctValues(session.read(), deploymentId, 'org'),
                actors: () => distinctValues(session.read(), deploymentId, 'actor_sub'),
                idsWithoutPayload: () => idsWithoutPayload(session.read(), at),
                ownWithoutPayload: () => (own === null ? 0 : countWithoutPayload(session.read(), at, own)),
              },
            });
          });
          const endedAtUs = nowUs();
          insertSync(session.write(), at, { startedAtUs, endedAtUs, outcome: 'done', added: tally.added, complete: gaps.length === 0, gaps });
          const total = countEvents(session.read(), deploymentId).events;
          return { ...tally, requests, total, complete: gaps.length === 0, gaps: [...gaps], syncedAt: formatInstantUs(endedAtUs) };
        } catch (error) {
          if (session.state() === 'open' && session.access() === 'write' && error instanceof AppError) {
            insertSync(session.write(), at, { startedAtUs, endedAtUs: nowUs(), outcome: error.code, added: tally.added, complete: false, gaps: [{ from: null, to: null, reason: `The last sync stopped before its end: ${error.message}` }] });
          }
          throw error;
        } finally {
          emitter.emit('audit.changed', { deploymentId });
        }
      });
    },

    async decrypt({ deploymentId, id, reason, where }, signal) {
      const deployment = deployments.get(deploymentId);
      let event = detail(deploymentId, id);
      session.write();
      const subject = `event ${id}`;
      const note = (outcome: string): Promise<{ seq: number }> => ledger.append({ action: 'audit.decrypt', deployment: deployment.name, subject, reason, outcome });
      if (where === 'server') {
        // The request itself shows a payload to someone: its entry must be on disk before it leaves.
        await ledger.append({ action: 'audit.decrypt.requested', deployment: deployment.name, subject, reason, outcome: `asking the server (dialect ${deployment.dialect ?? 'unknown'})` });
      }
      let opened: { readonly payload: string; readonly keyId: string | null; readonly sealedAt: string | null; readonly wasEncrypted: boolean };
      try {
        if (where === 'here') event = await withWrapper(deploymentId, event, signal);
        opened = where === 'server'
          ? await deployments.withClient(deploymentId, (client, asked) => {
            refuseElsewhere(asked, id);
            return openOnServer({ client, deployment: asked, event, reason, signal });
          })
          : { ...await openHere(event, deploymentId), wasEncrypted: true };
      } catch (error) {
        if (error instanceof AppError) await note(`failed: ${error.code}`);
        throw error;
      }
      const { seq } = await note(where === 'server' ? `shown, opened by the server${opened.keyId === null ? '' : ` with key ${opened.keyId}`}` : `shown, opened here with key ${opened.keyId ?? 'unknown'}`);
      return { id, payload: opened.payload, wasEncrypted: opened.wasEncrypted, where, keyId: opened.keyId, keyIdOnRow: event.keyId, sealedAt: opened.sealedAt, ledgerEntry: seq, reason };
    },

    keys(deploymentId) {
      deployments.get(deploymentId);
      const db = session.read();
      return {
        keys: listKeys(db, deploymentId).map(({ addedAtUs, ...key }) => ({ ...key, addedAt: formatInstantUs(addedAtUs) })),
        idsWithoutKey: keyIdsWithoutKey(db, deploymentId).map((entry) => ({ ...entry })),
      };
    },

    async addKey(deploymentId, keyId, given) {
      const deployment = deployments.get(deploymentId);
      const text = given.reveal().trim();
      parseFernetKey(new Secret(text));
      const db = session.write();
      if (listKeys(db, deploymentId).some((key) => key.keyId === keyId)) throw new AppError('key_exists', { message: `A key with the id ${keyId} is already held. Nothing was changed.`, hint: 'Remove it first, or use another id: every key is tried, whatever its id.' });
      const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, 16);
      await recorded(ledger, { action: 'audit.key.added', deployment: deployment.name, subject: keyId, outcome: `fingerprint ${fingerprint}` }, async () => {
        await session.putSecret(auditKeyName(deploymentId, keyId), text);
        insertKey(session.write(), deploymentId, { keyId, fingerprint, addedAtUs: nowUs() });
      });
      emitter.emit('audit.changed', { deploymentId });
      const added = service.keys(deploymentId).keys.find((key) => key.keyId === keyId);
      if (added === undefined) throw new Error('the key that was just added is not listed');
      return added;
    },

    async removeKey(deploymentId, keyId) {
      const deployment = deployments.get(deploymentId);
      if (!listKeys(session.read(), deploymentId).some((key) => key.keyId === keyId)) throw new AppError('key_not_found', { message: `No key with the id ${keyId} is held.`, hint: 'See the list of keys.' });
      await recorded(ledger, { action: 'audit.key.removed', deployment: deployment.name, subject: keyId, outcome: 'removed' }, async () => {
        await session.dropSecret(auditKeyName(deploymentId, keyId));
        deleteKey(session.write(), deploymentId, keyId);
      });
      emitter.emit('audit.changed', { deploymentId });
    },

    newestPayloads: (deploymentId) => newestPayloadStates(session.read(), { deploymentId, address: deployments.get(deploymentId).url }, NEWEST_PAYLOADS),
  };
  return service;
}

function instant(given: string | undefined, field: string): number | null {
  if (given === undefined || given.trim() === '') return null;
  const us = parseInstantUs(given);
  if (us === null) throw new AppError('invalid_input', { message: `${field}: "${given.slice(0, 40)}" is not a time.`, hint: 'Write it like 2026-11-22 or 2026-11-22T05:37:08Z. Times are UTC.' });
  return us;
}

function readCursor(cursor: string | null): { createdAtUs: number; id: number } | null {
  if (cursor === null) return null;
  const match = /^(-?\d{1,16})\.(\d{1,16})$/.exec(cursor);
  if (match === null) throw new AppError('invalid_input', { message: 'cursor: not one that this list gave.', hint: 'Start again from the first page.' });
  return { createdAtUs: Number(match[1]), id: Number(match[2]) };
}
