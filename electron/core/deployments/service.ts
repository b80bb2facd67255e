// The deployment registry's rules: who is known, how each is reached, and the one way for other features to talk to it.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { Deployment, TokenClaims } from '#shared/domain/deployment.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { auditKeyName, tokenName } from '../credentials/names.ts';
import type { Emitter } from '../emitter.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { answerError } from './adapters/navi/answer-errors.ts';
import { createNaviClient } from './adapters/navi/client.ts';
import type { NaviClient } from './adapters/navi/types.ts';
import { createBreaker, seenFailure } from './breaker.ts';
import type { Action, Breaker } from './breaker.ts';
import type { HttpClient } from './http.ts';
import { deleteDeployment, doubtWhatWasSeen, findByName, findDeployment, forgetWhatWasSeen, heldBy, insertDeployment, listDeployments, saveClaims, saveNotReached, saveProbe, saveReached, updateDeployment } from './queries.ts';
import type { DeploymentFields, StoredDeployment } from './queries.ts';
import type { RetryBudget } from './retry.ts';
import { parseTarget } from './target.ts';
import type { Target } from './target.ts';
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
  /**
   * Runs one action of the admin with a client for this deployment and remembers whether it was reached. The action's first request always goes out;
   * what follows goes past the breaker of the address, and what is repeated comes out of `retries`.
   */
  withClient<T>(id: string, work: (client: NaviClient, deployment: Deployment, retries: RetryBudget) => Promise<T>): Promise<T>;
}

interface Plan { readonly token: string; readonly digest: string; readonly deploymentId: string; readonly expiresMs: number }

export function createDeploymentsService(deps: { session: Session; ledger: LedgerService; emitter: Emitter; clock: Clock; http: HttpClient }): DeploymentsService {
  const { session, ledger, emitter, clock, http } = deps;
  let plan: Plan | null = null;
  /** By origin: deployments at one address share its breaker, and another address begins anew. */
  const breakers = new Map<string, Breaker>();

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
    saveClaims(session.write(), deployment.id, { claims, importedAtUs: nowUs() });
    doubtWhatWasSeen(session.write(), deployment.id);
    await ledger.append({ action: 'deployment.token.stored', deployment: deployment.name, subject: claims.subject ?? 'token without a subject', outcome: `role ${claims.role ?? 'none'}, expires ${claims.expiresAt ?? 'never'}` });
    return claims;
  }

  function startAction({ origin }: Target): Action {
    const breaker = breakers.get(origin) ?? createBreaker(clock);
    breakers.set(origin, breaker);
    return breaker.startAction();
  }

  async function connect(deployment: StoredDeployment): Promise<{ readonly client: NaviClient; readonly retries: RetryBudget }> {
    const target = parseTarget({ url: deployment.url, caPem: deployment.caPem, pin: deployment.pin, readOnly: deployment.readOnly });
    const token = deployment.token.stored ? await session.secrets().get(tokenName(deployment.id)) : null;
    if (deployment.token.stored && token === null) throw new AppError('secret_missing', { message: `The token of ${deployment.name} is no longer in the secret store. What was synced is kept.`, hint: 'Import the token again.' });
    const action = startAction(target);
    const guarded = action.guard(http, (answer) => (answer.status >= 500 ? answerError(answer) : null));
    return { client: createNaviClient({ http: guarded, target, token: token === null ? null : new Secret(token), clock }), retries: action.retries };
  }

  function noteFailure(id: string, error: unknown): void {
    if (!(error instanceof AppError) || OURS.has(error.code) || session.database()?.write === null) return;
    const { code, message } = seenFailure(error);
    saveNotReached(session.write(), id, { state: ANSWERED.has(code) ? 'refused' : 'unreachable', code, message, atUs: nowUs() });
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
      insertDeployment(session.write(), id, { ...fields, createdAtUs: nowUs() });
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
        saveProbe(session.write(), id, { ...probe, probedAtUs: nowUs() });
        return probe;
      });
    },

    planRemoval(id) {
      const deployment = stored(id);
      const { events, keyIds } = heldBy(session.read(), id);
      const keys = keyIds.length;
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
      const { keyIds } = heldBy(db, id);
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
        const { client, retries } = await connect(deployment);
        const value = await work(client, shown(deployment), retries);
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
