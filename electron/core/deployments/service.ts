// The deployment registry's rules: who is known, how each is reached, and the one way for other features to talk to it.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { testRefusal } from '#shared/contract/deployment.ts';
import type { Deployment, TokenClaims } from '#shared/domain/deployment.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { auditKeyName, rotationPrefix, tokenName, witnessHeadName } from '../credentials/names.ts';
import type { Emitter } from '../emitter.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { LedgerNote, LedgerService } from '../ledger/service.ts';
import type { Clock } from '../ports.ts';
import { recorded } from '../recorded.ts';
import { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { testKaren } from './adapters/karen/test.ts';
import { answerError } from './adapters/navi/answer-errors.ts';
import { createNaviClient } from './adapters/navi/client.ts';
import type { NaviClient } from './adapters/navi/types.ts';
import { createBreaker, seenFailure } from './breaker.ts';
import type { Action, Breaker } from './breaker.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { createPacer } from './pacer.ts';
import type { Pacer } from './pacer.ts';
import { createProber, noted, paced } from './prober.ts';
import type { Prober } from './prober.ts';
import { deleteDeployment, filesOf, findByName, findDeployment, forgetToken, forgetWhatWasSeen, heldBy, insertDeployment, keptOf, listDeployments, saveAnswered, saveNotReached, saveProbe, saveReached, saveToken, standingHolds, updateDeployment } from './queries.ts';
import type { Asked, DeploymentFields, StoredDeployment } from './queries.ts';
import type { RetryBudget } from './retry.ts';
import { parseTarget } from './target.ts';
import type { Target } from './target.ts';
import { normaliseToken, readTokenClaims, tokenFingerprint } from './token-claims.ts';

export type { NaviClient, NaviPayload, NaviPurged, NaviRow, NaviRows } from './adapters/navi/types.ts';
export type { ProbeAnswer, Prober, ProbeRequest } from './prober.ts';
export { probeLine } from './prober.ts';

/** How long a removal stays armed. */
const PLAN_LIFETIME_MS = 15 * 60_000;

/** Codes with which a deployment answered, as against codes that say that it could not be reached. */
const ANSWERED = new Set(['unauthorized', 'forbidden', 'not_found', 'rate_limited', 'rate_limiter_down', 'server_error', 'server_unavailable', 'request_refused', 'redirect_refused', 'response_not_json', 'response_unexpected', 'not_offered', 'event_not_found', 'server_cannot_decrypt']);
/** Codes of our own that say nothing of the deployment. */
const OURS = new Set(['read_only', 'cancelled', 'busy', 'invalid_input', 'internal', 'payload_not_offered']);

export interface DeploymentsService {
  list(): Deployment[];
  get(id: string): Deployment;
  /** Tells which token is stored without telling it; null when none is. */
  tokenFingerprint(id: string): string | null;
  add(input: ParsedInput<'deployment.add'>): Promise<Deployment>;
  edit(input: ParsedInput<'deployment.edit'>): Promise<Deployment>;
  setToken(id: string, token: Secret): Promise<TokenClaims>;
  test(id: string, signal: AbortSignal): Promise<CallOutput<'deployment.test'>>;
  planRemoval(id: string): CallOutput<'deployment.planRemoval'>;
  remove(input: ParsedInput<'deployment.remove'>): Promise<CallOutput<'deployment.remove'>>;
  /**
   * Runs one action of the admin with a client for this deployment and remembers whether it was reached. The action's first request always goes out;
   * what follows goes past the breaker of the address, and what is repeated comes out of `retries`.
   * @throws AppError not_offered for an AI-Karen, which is asked by probes only
   */
  withClient<T>(id: string, signal: AbortSignal, work: (client: NaviClient, deployment: Deployment, retries: RetryBudget) => Promise<T>): Promise<T>;
  /**
   * Runs one action of the admin with a client that can only look, at most twice a second at one address whoever asks. Any answer counts as reached.
   * `node` is the address of another node of the same deployment: its own token never goes there, and what it answers says nothing of the deployment's reachability.
   */
  withProber<T>(id: string, work: (prober: Prober) => Promise<T>, options?: { readonly node?: string }): Promise<T>;
}

interface Plan { readonly token: string; readonly digest: string; readonly deploymentId: string; readonly expiresMs: number }

export interface DeploymentsDeps {
  readonly session: Session; readonly ledger: LedgerService; readonly jobs: Jobs; readonly emitter: Emitter; readonly clock: Clock; readonly http: HttpClient;
  /** Gives the space of what was removed back and takes away older copies of the cache. @throws AppError */
  readonly compact?: () => Promise<{ readonly bytesBefore: number; readonly bytesAfter: number; readonly copiesRemoved: number; readonly isCompacted: boolean }>;
}

export function createDeploymentsService(deps: DeploymentsDeps): DeploymentsService {
  const { session, ledger, jobs, emitter, clock, http } = deps;
  let plan: Plan | null = null;
  /** By origin: deployments at one address share its breaker, and another address begins anew. */
  const breakers = new Map<string, Breaker>();
  /** By origin too: two a second is what a machine can bear, not a name in a list. */
  const pacers = new Map<string, Pacer>();

  let lastChange: Promise<unknown> = Promise.resolve();

  const nowUs = (): number => clock.now() * 1000;

  /** Changes of the registry happen one after the other: a token meant for one address must not land beside another. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = lastChange.then(change);
    lastChange = next.catch(() => undefined);
    return next;
  }

  function stored(id: string): StoredDeployment {
    const found = findDeployment(session.read(), id);
    if (found === null) throw new AppError('deployment_not_found', { message: 'There is no such deployment.', hint: 'See the list of deployments.' });
    return found;
  }

  function shown({ caPem: _caPem, tokenFingerprint: _tokenFingerprint, ...deployment }: StoredDeployment): Deployment {
    return deployment;
  }

  /** Checks address, certificate and pin together and gives them in their normal form. */
  function checked(fields: DeploymentFields): DeploymentFields & { readonly origin: string } {
    const target = parseTarget({ url: fields.url, caPem: fields.caPem, pin: fields.pin, readOnly: fields.readOnly });
    return { ...fields, url: target.url, caPem: target.caPem, pin: target.pin, origin: target.origin };
  }

  function refuseTakenName(name: string, ownId: string | null): void {
    const taken = findByName(session.read(), name);
    if (taken !== null && taken.id !== ownId) throw new AppError('deployment_exists', { message: `There is already a deployment named ${taken.name}. Nothing was changed.`, hint: 'Choose another name.' });
  }

  /** Stores a token under its own entry; `insert` runs in the transaction that notes its claims. */
  function storeToken({ id, name }: { readonly id: string; readonly name: string }, token: Secret, insert: () => void): Promise<TokenClaims> {
    const claims = readTokenClaims(token, clock.now());
    const note: LedgerNote = { action: 'deployment.token.stored', deployment: name, subject: claims.subject ?? 'token without a subject', outcome: `role ${claims.role ?? 'none'}, expires ${claims.expiresAt ?? 'never'}` };
    return recorded(ledger, note, async () => {
      await session.putSecret(tokenName(id), token.reveal());
      const db = session.write();
      db.transaction(() => {
        insert();
        saveToken(db, id, { claims, fingerprint: tokenFingerprint(token), importedAtUs: nowUs() });
      });
      return claims;
    });
  }

  function startAction({ origin }: Target): Action {
    const breaker = breakers.get(origin) ?? createBreaker(clock);
    breakers.set(origin, breaker);
    return breaker.startAction();
  }

  function pacerOf({ origin }: Target): Pacer {
    const pacer = pacers.get(origin) ?? createPacer(clock);
    pacers.set(origin, pacer);
    return pacer;
  }

  async function tokenOf(deployment: StoredDeployment): Promise<Secret | null> {
    const token = deployment.token.stored ? await session.secrets().get(tokenName(deployment.id)) : null;
    if (deployment.token.stored && token === null) throw new AppError('secret_missing', { message: `The token of ${deployment.name} is no longer in the secret store. What was synced is kept.`, hint: 'Import the token again.' });
    // The secret store may be slow: a token that was imported for another address meanwhile must not be sent to this one.
    const now = findDeployment(session.read(), deployment.id);
    if (now?.url !== deployment.url || now.tokenFingerprint !== deployment.tokenFingerprint) throw new AppError('busy', { message: `${deployment.name} was changed at this moment. Nothing was sent.`, hint: 'Try again.' });
    return token === null ? null : new Secret(token);
  }

  const failureIn = (answer: HttpAnswer): AppError | null => (answer.status >= 500 ? answerError(answer) : null);

  async function connect(deployment: StoredDeployment): Promise<{ readonly client: NaviClient; readonly retries: RetryBudget }> {
    const target = parseTarget({ url: deployment.url, caPem: deployment.caPem, pin: deployment.pin, readOnly: deployment.readOnly });
    const token = await tokenOf(deployment);
    const action = startAction(target);
    return { client: createNaviClient({ http: action.guard(noted(http, pacerOf(target)), failureIn), target, token, clock }), retries: action.retries };
  }

  /** Remembers what a look showed of the way: any answer is enough, for nothing but the token of a NAVI can be refused as a whole. */
  async function look<T>(asked: StoredDeployment, node: string | null, work: (prober: Prober) => Promise<T>): Promise<T> {
    const target = parseTarget({ url: node ?? asked.url, caPem: asked.caPem, pin: asked.pin, readOnly: true });
    let answers = 0;
    let own: Promise<Secret | null> | null = null;
    const prober = createProber({
      http: startAction(target).guard(paced(http, pacerOf(target)), failureIn), target, deployment: shown(asked), clock,
      onAnswer: () => { answers += 1; },
      ownToken: () => {
        if (target.origin !== new URL(asked.url).origin) throw new AppError('cross_origin_refused', { message: `The token of ${asked.name} belongs to another address. Nothing was sent.`, hint: 'Give the token for this node.' });
        own ??= tokenOf(asked);
        return own;
      },
    });
    let failure: unknown = null;
    try {
      return await work(prober);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (node === null && session.state() === 'open') {
        await session.whenWritable();
        if (answers > 0) {
          saveAnswered(session.write(), asked, nowUs());
          emitter.emit('deployment.changed', { deploymentId: asked.id });
        } else if (failure !== null) noteFailure(asked, failure);
      }
    }
  }

  /** A hold that one way of deleting misses is no hold. @throws AppError rows_held */
  function refuseHeld({ id, name }: StoredDeployment): void {
    const cases = standingHolds(session.read(), id);
    if (cases.length > 0) throw new AppError('rows_held', { message: `${cases.length === 1 ? 'A legal hold stands' : `${cases.length} legal holds stand`} for ${name} (${cases.slice(0, 5).join(', ')}). Nothing was removed.`, hint: 'Release each with a reason, then remove the deployment.' });
  }

  /** Everything is gone by now, also when the space could not be given back: then the next purge does. */
  async function compacted(): Promise<CallOutput<'deployment.remove'>['space']> {
    try {
      return await deps.compact?.() ?? null;
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  function refuseKaren({ kind, name }: StoredDeployment, what: string): void {
    if (kind === 'karen') throw new AppError('not_offered', { message: `${name} is an AI-Karen: ${what}. Nothing was sent.`, hint: 'Scan its security: that needs its address alone.' });
  }

  function noteFailure(asked: Asked, error: unknown): void {
    if (!(error instanceof AppError) || OURS.has(error.code) || session.database()?.write === null) return;
    const { code, message } = seenFailure(error);
    saveNotReached(session.write(), asked, { state: ANSWERED.has(code) ? 'refused' : 'unreachable', code, message, atUs: nowUs() });
    emitter.emit('deployment.changed', { deploymentId: asked.id });
  }

  /** Notes what was seen of the way when the cache may be written. A cancel does not wait for that: then it is not noted. */
  async function noteWay(signal: AbortSignal, note: () => void): Promise<void> {
    for (;;) {
      await session.whenWritable({ signal });
      try {
        note();
        return;
      } catch (error) {
        // Between waiting and writing somebody else was given the right to write.
        if (!(error instanceof AppError) || error.code !== 'busy') throw error;
        if (signal.aborted) return;
      }
    }
  }

  interface Acting { readonly id: string; readonly signal: AbortSignal }

  /** As withClient; `refusal` tells what an answer that came means when it is not success. */
  async function act<T>({ id, signal }: Acting, work: (client: NaviClient, asked: StoredDeployment, retries: RetryBudget) => Promise<T>, refusal: (value: T) => { readonly code: string; readonly message: string } | null): Promise<T> {
    const asked = stored(id);
    refuseKaren(asked, 'it is looked at by probes only, without a token');
    try {
      const { client, retries } = await connect(asked);
      const value = await work(client, asked, retries);
      const refused = refusal(value);
      await noteWay(signal, () => {
        if (refused === null) saveReached(session.write(), asked, nowUs());
        else saveNotReached(session.write(), asked, { state: 'refused', code: refused.code, message: refused.message, atUs: nowUs() });
      });
      emitter.emit('deployment.changed', { deploymentId: id });
      return value;
    } catch (error) {
      await noteWay(signal, () => noteFailure(asked, error));
      throw error;
    }
  }

  async function testByLooking(id: string, signal: AbortSignal): Promise<CallOutput<'deployment.test'>> {
    const asked = stored(id);
    const test = await look(asked, null, (prober) => testKaren({ prober, clock, signal }));
    await session.whenWritable();
    saveProbe(session.write(), asked, { ...test, probedAtUs: nowUs() });
    const refused = testRefusal(test);
    if (refused !== null) saveNotReached(session.write(), asked, { state: 'refused', code: refused.code, message: refused.message, atUs: nowUs() });
    emitter.emit('deployment.changed', { deploymentId: id });
    return test;
  }

  /** What a removal of this deployment would take, and a digest of it; `kept` says what a refusal leaves. @throws AppError busy */
  function removalOf(deployment: StoredDeployment, kept: string): { readonly digest: string; readonly events: number; readonly keyIds: readonly string[] } {
    const running = jobs.list().some(({ deploymentId }) => deploymentId === deployment.id);
    if (running) throw new AppError('busy', { message: `Work on this deployment is under way. ${kept}`, hint: 'Wait for it, or cancel it first.' });
    const { events, keyIds } = heldBy(session.read(), deployment.id);
    return { digest: createHash('sha256').update(JSON.stringify([deployment.id, deployment.name, events, keyIds.length])).digest('hex'), events, keyIds };
  }

  const service: DeploymentsService = {
    list: () => listDeployments(session.read()).map(shown),
    get: (id) => shown(stored(id)),

    tokenFingerprint: (id) => stored(id).tokenFingerprint,

    add: (input) => inTurn(async () => {
      const fields = checked(input);
      refuseTakenName(fields.name, null);
      if (input.kind === 'karen' && input.token !== undefined) throw new AppError('not_offered', { message: 'An AI-Karen is asked without a token. Nothing was added, and the token was not kept.', hint: 'Add it by its address alone.' });
      const token = input.token === undefined ? null : normaliseToken(new Secret(input.token));
      const id = `d_${randomBytes(8).toString('hex')}`;
      session.write();
      const insert = (): void => insertDeployment(session.write(), id, { ...fields, kind: input.kind, createdAtUs: nowUs() });
      const note: LedgerNote = { action: 'deployment.added', deployment: fields.name, subject: fields.url, outcome: fields.readOnly ? 'read-only' : 'read-write' };
      await recorded<unknown>(ledger, note, () => (token === null ? insert() : storeToken({ id, name: fields.name }, token, insert)));
      emitter.emit('deployment.changed', { deploymentId: id });
      return service.get(id);
    }),

    edit: ({ id, ...change }) => inTurn(async () => {
      const before = stored(id);
      const pick = <T>(given: T | undefined, old: T): T => (given === undefined ? old : given);
      const { origin, ...fields } = checked({
        name: pick(change.name, before.name), url: pick(change.url, before.url), environment: pick(change.environment, before.environment),
        readOnly: pick(change.readOnly, before.readOnly), caPem: pick(change.caPem, before.caPem), pin: pick(change.pin, before.pin),
      });
      refuseTakenName(fields.name, id);
      session.write();
      const dropsToken = before.token.stored && origin !== new URL(before.url).origin;
      const changed = (['name', 'url', 'environment', 'readOnly', 'caPem', 'pin'] as const).filter((key) => fields[key] !== before[key]);
      const outcome = `${changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}`}${dropsToken ? '; token dropped: it belongs to the old address' : ''}`;
      await recorded(ledger, { action: before.readOnly && !fields.readOnly ? 'deployment.write.allowed' : 'deployment.edited', deployment: fields.name, subject: fields.url, outcome }, async () => {
        // The token goes first: whatever fails after it, it cannot go to the new address.
        if (dropsToken) await session.dropSecret(tokenName(id));
        const db = session.write();
        db.transaction(() => {
          updateDeployment(db, id, fields);
          if (fields.url !== before.url) forgetWhatWasSeen(db, id);
          if (dropsToken) forgetToken(db, id);
        });
      });
      emitter.emit('deployment.changed', { deploymentId: id });
      return service.get(id);
    }),

    setToken: (id, given) => inTurn(async () => {
      const deployment = stored(id);
      refuseKaren(deployment, 'it is asked without a token, so none is kept');
      const claims = await storeToken(deployment, normaliseToken(given), () => undefined);
      emitter.emit('deployment.changed', { deploymentId: id });
      return claims;
    }),

    test: (id, signal) => (stored(id).kind === 'karen' ? testByLooking(id, signal) : act({ id, signal }, async (client, asked) => {
      const probe = await client.probe(signal);
      saveProbe(session.write(), asked, { ...probe, probedAtUs: nowUs() });
      return probe;
    }, testRefusal)),

    planRemoval(id) {
      const deployment = stored(id);
      refuseHeld(deployment);
      const { digest, events, keyIds } = removalOf(deployment, 'Nothing was removed.');
      plan = { token: randomBytes(24).toString('hex'), digest, deploymentId: id, expiresMs: clock.now() + PLAN_LIFETIME_MS };
      return { token: plan.token, digest, name: deployment.name, events, keys: keyIds.length, kept: keptOf(session.read(), id), files: filesOf(session.read(), id), expiresAt: formatInstantMs(plan.expiresMs) };
    },

    remove: ({ id, token, confirmName }) => inTurn(async () => {
      const armed = plan;
      plan = null;
      if (armed === null || armed.deploymentId !== id || clock.now() > armed.expiresMs || !sameText(armed.token, token)) throw new AppError('plan_expired', { message: 'This removal is not armed. Nothing was removed.', hint: 'Look at what would go, then confirm again.' });
      const deployment = stored(id);
      refuseHeld(deployment);
      const unchanged = (kept: string): readonly string[] => {
        const { digest, keyIds } = removalOf(deployment, kept);
        if (digest !== armed.digest) throw new AppError('plan_expired', { message: `What would be removed has changed since you looked. ${kept}`, hint: 'Look again, then confirm.' });
        return keyIds;
      };
      unchanged('Nothing was removed.');
      if (confirmName !== deployment.name) throw new AppError('confirmation_mismatch', { message: 'The name typed is not the name of this deployment. Nothing was removed.', hint: `Type ${deployment.name} exactly.` });
      return recorded(ledger, { action: 'deployment.removed', deployment: deployment.name, subject: deployment.url, outcome: 'started' }, async () => {
        const keyIds = unchanged('Nothing was removed.');
        let secretsRemoved = 0;
        const names = new Set(session.secretNames());
        for (const name of [tokenName(id), witnessHeadName(id), ...keyIds.map((keyId) => auditKeyName(id, keyId)), ...[...names].filter((name) => name.startsWith(rotationPrefix(id)))]) {
          if (!names.has(name)) continue;
          await session.dropSecret(name);
          secretsRemoved += 1;
        }
        const db = session.write();
        const removed = db.transaction(() => {
          unchanged('Its token and keys are gone, its rows were kept.');
          refuseHeld(deployment);
          const gone = { kept: keptOf(db, id), filesLeft: filesOf(db, id) };
          return { ...gone, ...deleteDeployment(db, id, nowUs()) };
        });
        emitter.emit('deployment.removed', { deploymentId: id });
        const { events: eventsRemoved, left, ...gone } = removed;
        const secrets = session.secretNames().filter((name) => name.includes(id)).length;
        return { ...gone, eventsRemoved, secretsRemoved, left: { ...left, secrets }, space: await compacted() };
      });
    }),

    withClient: (id, signal, work) => act({ id, signal }, (client, asked, retries) => work(client, shown(asked), retries), () => null),
    withProber: (id, work, { node } = {}) => look(stored(id), node ?? null, work),
  };
  return service;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
