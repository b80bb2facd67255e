// The deployment registry's rules: who is known, how each is reached, and the one way for other features to talk to it.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { Deployment, TokenClaims } from '#shared/domain/deployment.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { auditKeyName, tokenName } from '../credentials/names.ts';
import { sql } from '../db/sql.ts';
import type { Emitter } from '../emitter.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { createNaviClient } from './adapters/navi/client.ts';
import type { NaviClient } from './adapters/navi/types.ts';
import type { HttpClient } from './http.ts';
import { deleteDeployment, doubtWhatWasSeen, findByName, findDeployment, forgetWhatWasSeen, insertDeployment, listDeployments, saveClaims, saveNotReached, saveProbe, saveReached, updateDeployment } from './queries.ts';
import type { DeploymentFields, StoredDeployment } from './queries.ts';
import { parseTarget } from './target.ts';
import { normaliseToken, readTokenClaims } from './token-claims.ts';

export type { NaviClient, NaviRow, NaviRows } from './adapters/navi/types.ts';

/** How long a removal stays armed. */
const PLAN_LIFETIME_MS = 15 * 60_000;

/** Codes with which a deployment answered, as against codes that say that it could not be reached. */
const ANSWERED = new Set(['unauthorized', 'forbidden', 'not_found', 'rate_limited', 'rate_limiter_down', 'server_error', 'server_unavailable', 'request_refused', 'redirect_refused', 'response_not_json', 'response_unexpected', 'not_offered', 'event_not_found', 'server_cannot_decrypt']);
/** Codes of our own that say nothing of the deployment. */
const OURS = new Set(['read_only', 'cancelled', 'busy', 'invalid_input', 'internal']);

export interface DeploymentsService {
  list(): Deployment[];
  get(id: string): Deployment;
  add(input: ParsedInput<'deployment.add'>): Promise<Deployment>;
  edit(input: ParsedInput<'deployment.edit'>): Promise<Deployment>;
  setToken(id: string, token: Secret): Promise<TokenClaims>;
  test(id: string, signal: AbortSignal): Promise<CallOutput<'deployment.test'>>;
  planRemoval(id: string): CallOutput<'deployment.planRemoval'>;
  remove(input: ParsedInput<'deployment.remove'>): Promise<CallOutput<'deployment.remove'>>;
  /** Runs work with a client for this deployment and remembers whether it was reached. */
  withClient<T>(id: string, work: (client: NaviClient, deployment: Deployment) => Promise<T>): Promise<T>;
}

interface Plan { readonly token: string; readonly digest: string; readonly deploymentId: string; readonly expiresMs: number }

export function createDeploymentsService(deps: { session: Session; ledger: LedgerService; emitter: Emitter; clock: Clock; http: HttpClient }): DeploymentsService {
  const { session, ledger, emitter, clock, http } = deps;
  let plan: Plan | null = null;

  const nowUs = (): number => clock.now() * 1000;

  function stored(id: string): StoredDeployment {
    const found = findDeployment(session.read(), id);
    if (found === null) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'See the list of deployments.' });
    return found;
  }

  function shown({ caPem: _caPem, ...deployment }: StoredDeployment): Deployment {
    return deployment;
  }

  /** Checks address, certificate and pin together and gives them in their normal form. */
  function checked(fields: DeploymentFields): DeploymentFields {
    const target = parseTarget({ url: fields.url, caPem: fields.caPem, pin: fields.pin, readOnly: fields.readOnly });
    return { ...fields, url: target.url, caPem: target.caPem, pin: target.pin };
  }

  function refuseTakenName(name: string, ownId: string | null): void {
    const taken = findByName(session.read(), name);
    if (taken !== null && taken.id !== ownId) throw new AppError('deployment_exists', { message: `There is already a deployment named ${taken.name}. Nothing was changed.`, hint: 'Choose another name.' });
  }

  async function storeToken(deployment: { readonly id: string; readonly name: string }, given: Secret): Promise<TokenClaims> {
    const token = normaliseToken(given);
    const claims = readTokenClaims(token, clock.now());
    await session.putSecret(tokenName(deployment.id), token.reveal());
    saveClaims(session.write(), deployment.id, claims, nowUs());
    doubtWhatWasSeen(session.write(), deployment.id);
    await ledger.append({ action: 'deployment.token.stored', deployment: deployment.name, subject: claims.subject ?? 'token without a subject', outcome: `role ${claims.role ?? 'none'}, expires ${claims.expiresAt ?? 'never'}` });
    return claims;
  }

  async function connect(deployment: StoredDeployment): Promise<NaviClient> {
    const target = parseTarget({ url: deployment.url, caPem: deployment.caPem, pin: deployment.pin, readOnly: deployment.readOnly });
    const token = deployment.token.stored ? await session.secrets().get(tokenName(deployment.id)) : null;
    if (deployment.token.stored && token === null) throw new AppError('secret_missing', { message: `The token of ${deployment.name} is no longer in the secret store. What was synced is kept.`, hint: 'Import the token again.' });
    return createNaviClient({ http, target, token: token === null ? null : new Secret(token), clock });
  }

  function noteFailure(id: string, error: unknown): void {
    if (!(error instanceof AppError) || OURS.has(error.code) || session.database()?.write === null) return;
    saveNotReached(session.write(), id, { state: ANSWERED.has(error.code) ? 'refused' : 'unreachable', code: error.code, message: error.message }, nowUs());
    emitter.emit('deployment.changed', { deploymentId: id });
  }

  const service: DeploymentsService = {
    list: () => listDeployments(session.read()).map(shown),
    get: (id) => shown(stored(id)),

    async add(input) {
      const fields = checked(input);
      refuseTakenName(fields.name, null);
      // Refuse a bad token before anything is stored.
      const token = input.token === undefined ? null : normaliseToken(new Secret(input.token));
      const id = `d_${randomBytes(8).toString('hex')}`;
      insertDeployment(session.write(), id, fields, nowUs());
      await ledger.append({ action: 'deployment.added', deployment: fields.name, subject: fields.url, outcome: fields.readOnly ? 'read-only' : 'read-write' });
      if (token !== null) await storeToken({ id, name: fields.name }, token);
      emitter.emit('deployment.changed', { deploymentId: id });
      return service.get(id);
    },

    async edit({ id, ...change }) {
      const before = stored(id);
      const pick = <T>(given: T | undefined, old: T): T => (given === undefined ? old : given);
      const fields = checked({
        name: pick(change.name, before.name), url: pick(change.url, before.url), environment: pick(change.environment, before.environment),
        readOnly: pick(change.readOnly, before.readOnly), caPem: pick(change.caPem, before.caPem), pin: pick(change.pin, before.pin),
      });
      refuseTakenName(fields.name, id);
      const db = session.write();
      db.transaction(() => {
        updateDeployment(db, id, fields);
        if (fields.url !== before.url) forgetWhatWasSeen(db, id);
      });
      const changed = (['name', 'url', 'environment', 'readOnly', 'caPem', 'pin'] as const).filter((key) => fields[key] !== before[key]);
      await ledger.append({ action: before.readOnly && !fields.readOnly ? 'deployment.write.allowed' : 'deployment.edited', deployment: fields.name, subject: fields.url, outcome: changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}` });
      emitter.emit('deployment.changed', { deploymentId: id });
      return service.get(id);
    },

    async setToken(id, token) {
      const claims = await storeToken(stored(id), token);
      emitter.emit('deployment.changed', { deploymentId: id });
      return claims;
    },

    async test(id, signal) {
      return service.withClient(id, async (client) => {
        const probe = await client.probe(signal);
        saveProbe(session.write(), id, probe, nowUs());
        return probe;
      });
    },

    planRemoval(id) {
      const deployment = stored(id);
      const db = session.read();
      const events = db.get(sql`SELECT count(*) AS n FROM audit_event WHERE deployment_id = ${id}`, (row) => Number(row['n'])) ?? 0;
      const keys = db.get(sql`SELECT count(*) AS n FROM audit_key WHERE deployment_id = ${id}`, (row) => Number(row['n'])) ?? 0;
      const digest = createHash('sha256').update(JSON.stringify([id, deployment.name, events, keys])).digest('hex');
      plan = { token: randomBytes(24).toString('hex'), digest, deploymentId: id, expiresMs: clock.now() + PLAN_LIFETIME_MS };
      return { token: plan.token, digest, name: deployment.name, events, keys, expiresAt: formatInstantMs(plan.expiresMs) };
    },

    async remove({ id, token, confirmName }) {
      const armed = plan;
      plan = null;
      if (armed === null || armed.deploymentId !== id || clock.now() > armed.expiresMs || !sameText(armed.token, token)) throw new AppError('plan_expired', { message: 'This removal is not armed. Nothing was removed.', hint: 'Look at what would go, then confirm again.' });
      const deployment = stored(id);
      if (service.planRemoval(id).digest !== armed.digest) {
        plan = null;
        throw new AppError('plan_expired', { message: 'What would be removed has changed since you looked. Nothing was removed.', hint: 'Look again, then confirm.' });
      }
      plan = null;
      if (confirmName !== deployment.name) throw new AppError('confirmation_mismatch', { message: 'The name typed is not the name of this deployment. Nothing was removed.', hint: `Type ${deployment.name} exactly.` });
      const db = session.write();
      const keyIds = db.all(sql`SELECT key_id FROM audit_key WHERE deployment_id = ${id}`, (row) => String(row['key_id']));
      await ledger.append({ action: 'deployment.removed', deployment: deployment.name, subject: deployment.url, outcome: 'started' });
      let secretsRemoved = 0;
      const names = new Set(session.secretNames());
      for (const name of [tokenName(id), ...keyIds.map((keyId) => auditKeyName(id, keyId))]) {
        if (!names.has(name)) continue;
        await session.dropSecret(name);
        secretsRemoved += 1;
      }
      const eventsRemoved = db.transaction(() => deleteDeployment(db, id, nowUs()));
      emitter.emit('deployment.removed', { deploymentId: id });
      return { eventsRemoved, secretsRemoved };
    },

    async withClient(id, work) {
      const deployment = stored(id);
      try {
        const value = await work(await connect(deployment), shown(deployment));
        saveReached(session.write(), id, nowUs());
        emitter.emit('deployment.changed', { deploymentId: id });
        return value;
      } catch (error) {
        noteFailure(id, error);
        throw error;
      }
    },
  };
  return service;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
