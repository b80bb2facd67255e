// The audit log's rules beside its parts (sync, search, import, export, bulk, witness): its summary, one event, the key ring, and opening one payload after the ledger entry is on disk.
import { createHash } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { AuditKey } from '#shared/contract/audit.ts';
import type { AuditEventDetail, AuditSummary, OpenedPayload } from '#shared/domain/audit-event.ts';
import type { AuditFinding } from '#shared/domain/audit-witness.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { auditKeyName } from '../credentials/names.ts';
import type { DeploymentsService } from '../deployments/service.ts';
import type { Emitter } from '../emitter.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { recorded } from '../recorded.ts';
import { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { parseFernetKey } from './fernet.ts';
import { loadKeyRing } from './key-ring.ts';
import { openPayload, readWrapper } from './open-payload.ts';
import type { RingKey } from './open-payload.ts';
import { absentPayloadOf, absentRuleOf } from './search/absent-payload.ts';
import { openOnServer } from './open-on-server.ts';
import { addressOf, countEvents, deleteKey, getEvent, insertKey, isOtherNow, keyIdsWithoutKey, latestSync, listKeys, newestPayloadStates } from './queries.ts';
import type { AbsentPayload, At } from './queries.ts';
import { deploymentNumber, openRowStore } from './store.ts';
import type { RowStore } from './store.ts';

/** How many of the newest payloads speak for "now" in the security checks. */
const NEWEST_PAYLOADS = 1000;

export interface AuditService {
  summary(deploymentId: string): AuditSummary;
  get(deploymentId: string, id: number): AuditEventDetail;
  decrypt(input: ParsedInput<'audit.decrypt'>, signal: AbortSignal): Promise<OpenedPayload>;
  keys(deploymentId: string): CallOutput<'audit.keyList'>;
  addKey(deploymentId: string, keyId: string, key: Secret): Promise<AuditKey>;
  removeKey(deploymentId: string, keyId: string): Promise<void>;
  /** What the rows from the present address show of how the log is kept; null when no payload of it is known. */
  postureFacts(deploymentId: string): { readonly facts: FactsOf<'audit'>; readonly observedAtUs: number } | null;
}

const absentIn = (deployment: Deployment): AbsentPayload => absentPayloadOf(absentRuleOf(deployment));

/** What is known of comparisons with the server; the witness supplies it. */
export interface Findings {
  of(deploymentId: string, eventId: number): readonly AuditFinding[];
  count(deploymentId: string): number;
}

/** Signs what came. A failure loses nothing: the next sync signs it, and `audit verify` says until then what is not signed. */
export type Sign = (deploymentId: string, options: { readonly signal: AbortSignal }) => Promise<unknown>;

export function createAuditService(deps: { session: Session; findings: Findings; sign: Sign; deployments: DeploymentsService; ledger: LedgerService; emitter: Emitter; clock: Clock }): AuditService {
  const { session, findings, sign, deployments, ledger, emitter, clock } = deps;
  const nowUs = (): number => clock.now() * 1000;

  function detail(deploymentId: string, id: number): AuditEventDetail {
    const found = getEvent(session.read(), { deploymentId, id }, absentIn(deployments.get(deploymentId)));
    if (found === null) throw new AppError('event_not_found', { message: `Event ${id} is not in the cache.`, hint: 'Sync the audit log, or check the id.' });
    return { ...found, findings: [...findings.of(deploymentId, id)] };
  }

  /** One transaction, one batch: what came together. */
  function storeIn<T>({ deploymentId, address }: At, source: string, run: (store: RowStore) => T): T {
    const db = session.write();
    return db.transaction(() => {
      const store = openRowStore(db, { deploymentId, kind: 'sync', address, source, atUs: nowUs() });
      const value = run(store);
      store.flush();
      return value;
    });
  }

  async function keyRing(deploymentId: string): Promise<RingKey[]> {
    return (await loadKeyRing(session, deploymentId)).map(({ keyId, text }) => ({ keyId, key: parseFernetKey(text) }));
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
    await deployments.withClient(deploymentId, signal, async (client, deployment) => {
      refuseElsewhere(deployment, event.id);
      if (isOtherNow(session.read(), deploymentNumber(session.read(), deploymentId), event.id)) throw new AppError('payload_not_offered', { message: `At the deployment, event ${event.id} was missing or was another one since it was read here, so its payload there may be that of another row. Nothing was asked.`, hint: 'See the findings of this deployment.' });
      const answer = await client.payload(event.id, { decrypt: false }, signal);
      await session.whenWritable({ signal });
      storeIn({ deploymentId, address: deployment.url }, 'GET /api/audit/{id}/payload', (store) => store.addPayload(event.id, answer.payload));
    });
    try {
      await sign(deploymentId, { signal });
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error;
    }
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
      const absent = absentIn(deployment);
      const last = latestSync(session.read(), { deploymentId, address: deployment.url });
      return {
        events: counts.events, encrypted: counts.encrypted, plain: counts.plain,
        notOffered: counts.absentByOrg.filter(({ org }) => absent(org) === 'not-offered').reduce((sum, { rows }) => sum + rows, 0),
        oldestAt: counts.oldestUs === null ? null : formatInstantUs(counts.oldestUs), newestAt: counts.newestUs === null ? null : formatInstantUs(counts.newestUs),
        lastSyncAt: last === null ? null : formatInstantUs(last.endedAtUs), lastSyncComplete: last?.complete ?? null, gaps: last === null ? [] : [...last.gaps], findings: findings.count(deploymentId),
      };
    },

    get: detail,

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
          ? await deployments.withClient(deploymentId, signal, (client, asked) => {
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
      if (deployment.kind === 'karen') throw new AppError('not_offered', { message: `${deployment.name} is an AI-Karen: its audit log is not encrypted. The key was not kept.`, hint: 'Give the key to the NAVI deployment that it belongs to.' });
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

    postureFacts(deploymentId) {
      const at = { deploymentId, address: deployments.get(deploymentId).url };
      const newest = newestPayloadStates(session.read(), at, NEWEST_PAYLOADS);
      if (newest === null) return null;
      const { events, oldestUs, newestUs } = countEvents(session.read(), deploymentId);
      const last = latestSync(session.read(), at);
      const instant = (us: number | null): string | null => (us === null ? null : formatInstantUs(us));
      const { rows, encrypted, plain, failed, malformed } = newest;
      return {
        observedAtUs: newest.observedAtUs,
        facts: {
          rows, encrypted, plain, failed, malformed, newest_row_at: formatInstantUs(newest.newestRowUs), key_ids: [...newest.keyIds], plain_after_encrypted: newest.plainAfterEncrypted,
          total: events, newest_event_at: instant(newestUs), oldest_event_at: instant(oldestUs), last_sync_at: last === null ? null : formatInstantUs(last.endedAtUs),
        },
      };
    },
  };
  return service;
}
