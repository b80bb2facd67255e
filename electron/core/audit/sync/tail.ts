// The live tail: rounds for one deployment at a time each, slower after failures, and gone when the profile locks. There is never a second one for a deployment.
import type { TailState } from '#shared/domain/audit-event.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Emitter } from '../../emitter.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { newTailMemory, tailRound } from './tail-round.ts';
import type { TailMemory } from './tail-round.ts';

const EVERY_MS = 5_000;
const SLOWEST_MS = 300_000;
/** What came is signed at most this often. */
const SIGN_EVERY_MS = 60_000;
/** After so long without an answer the tail ends by itself. */
const GIVE_UP_MS = 3_600_000;

/** Failures that pass. What the deployment refuses (401, 403) does not: asking again locks accounts and proves nothing. */
const PASSING: ReadonlySet<string> = new Set([
  'dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout', 'server_unavailable', 'server_error', 'rate_limited', 'rate_limiter_down', 'response_truncated', 'busy',
]);

const OFF: TailState = { state: 'off', since: null, lastAt: null, nextAt: null, added: 0, message: null };

export interface AuditTail {
  /** Begins with one round. @throws AppError of the way when that fails; nothing follows then */
  start(deploymentId: string, signal: AbortSignal): Promise<TailState>;
  stop(deploymentId: string): TailState;
  state(deploymentId: string): TailState;
  /** Ends all of them and waits for the rounds under way. */
  stopAll(): Promise<void>;
}

interface Tail {
  state: TailState;
  readonly controller: AbortController;
  readonly memory: TailMemory;
  failures: number;
  failingSinceMs: number | null;
  /** Rows that came since the last signing. */
  unsigned: number;
  signedAtMs: number;
  cancelTimer: () => void;
  round: Promise<unknown>;
}

export interface AuditTailDeps {
  readonly session: Session;
  readonly deployments: DeploymentsService;
  readonly jobs: Jobs;
  readonly emitter: Emitter;
  readonly clock: Clock;
  readonly log: Log;
  /** Signs what came; what its failure says is told, and loses nothing. */
  readonly afterSync: (deploymentId: string) => Promise<{ readonly problem: string | null } | void>;
  /** Gives a number from 0 up to but not including 1. */
  readonly random?: () => number;
}

export function createAuditTail({ session, deployments, jobs, emitter, clock, log, afterSync, random = Math.random }: AuditTailDeps): AuditTail {
  const tails = new Map<string, Tail>();
  const now = (): string => formatInstantMs(clock.now());
  const changed = (deploymentId: string): void => emitter.emit('audit.changed', { deploymentId });

  function end(deploymentId: string, state: TailState): void {
    const tail = tails.get(deploymentId);
    if (tail === undefined) return;
    tail.state = { ...state, nextAt: null };
    tail.cancelTimer();
    tail.controller.abort();
  }

  const endAll = (): void => {
    for (const [deploymentId, tail] of tails) if (isOn(tail)) end(deploymentId, { ...tail.state, state: 'off' });
  };
  session.onClosing(endAll);
  emitter.listen((event) => {
    if (event.name === 'deployment.removed') end((event.payload as { deploymentId: string }).deploymentId, OFF);
  });

  const isOn = ({ state }: Tail): boolean => state.state === 'following' || state.state === 'waiting';

  /** A full answer is on its way to the cache by a sync: the tail leaves it alone meanwhile. */
  const isSyncing = (deploymentId: string): boolean => jobs.list().some((job) => job.call === 'audit.sync' && job.deploymentId === deploymentId);

  async function runRound(deploymentId: string, tail: Tail, signal: AbortSignal): Promise<void> {
    if (isSyncing(deploymentId)) return;
    const added = await deployments.withClient(deploymentId, signal, async (client, asked) => {
      const deployment = asked.capabilitiesAt === null ? { ...asked, capabilities: (await deployments.test(deploymentId, signal)).capabilities } : asked;
      return tailRound({ session, client, deployment, fingerprint: deployments.tokenFingerprint(deploymentId), memory: tail.memory, nowUs: () => clock.now() * 1000, monotonicMs: () => clock.monotonicMs(), signal });
    });
    tail.failures = 0;
    tail.failingSinceMs = null;
    tail.unsigned += added;
    const message = await sign(deploymentId, tail);
    if (!isOn(tail)) return;
    tail.state = { ...tail.state, state: 'following', lastAt: now(), added: tail.state.added + added, message };
    if (added > 0) changed(deploymentId);
  }

  /** @returns why nothing could be signed; null when all is well */
  async function sign(deploymentId: string, tail: Tail): Promise<string | null> {
    if (tail.unsigned === 0 || clock.monotonicMs() - tail.signedAtMs < SIGN_EVERY_MS) return null;
    tail.signedAtMs = clock.monotonicMs();
    try {
      const problem = (await afterSync(deploymentId))?.problem ?? null;
      if (problem === null) tail.unsigned = 0;
      return problem;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return `New rows are kept, but no checkpoint was signed for them. ${error.message}`;
    }
  }

  function schedule(deploymentId: string, tail: Tail, wantedMs: number): void {
    const waitMs = Math.ceil(wantedMs);
    tail.state = { ...tail.state, nextAt: formatInstantMs(clock.now() + waitMs) };
    tail.cancelTimer = clock.after(waitMs, () => {
      tail.round = next(deploymentId, tail).catch((error: unknown) => {
        end(deploymentId, { ...tail.state, state: 'failed', message: 'Following the log failed.' });
        log.error('following the log failed', { cause: error instanceof Error ? error.stack : String(error) });
      });
    });
  }

  async function next(deploymentId: string, tail: Tail): Promise<void> {
    if (!isOn(tail)) return;
    try {
      await runRound(deploymentId, tail, tail.controller.signal);
      if (isOn(tail)) schedule(deploymentId, tail, EVERY_MS);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (isOn(tail)) afterFailure(deploymentId, tail, error);
    }
  }

  function afterFailure(deploymentId: string, tail: Tail, error: AppError): void {
    tail.failures += 1;
    tail.failingSinceMs ??= clock.monotonicMs();
    const isLong = clock.monotonicMs() - tail.failingSinceMs >= GIVE_UP_MS;
    if (isLong || !PASSING.has(error.code)) {
      end(deploymentId, { ...tail.state, state: 'failed', message: isLong ? `Given up after an hour without an answer. ${error.message}` : error.message });
    } else {
      const slower = Math.min(SLOWEST_MS, EVERY_MS * 2 ** tail.failures);
      const asked = error.facts['retryAfterSeconds'];
      tail.state = { ...tail.state, state: 'waiting', message: error.message };
      // Half of the wait is random, so that many consoles do not come back at once.
      schedule(deploymentId, tail, Math.max(slower / 2 + random() * (slower / 2), typeof asked === 'number' ? asked * 1000 : 0));
    }
    changed(deploymentId);
  }

  return {
    async start(deploymentId, signal) {
      deployments.get(deploymentId);
      session.write();
      const known = tails.get(deploymentId);
      if (known !== undefined && isOn(known)) return known.state;
      const controller = new AbortController();
      const tail: Tail = { state: { ...OFF, state: 'following', since: now() }, controller, memory: newTailMemory(), failures: 0, failingSinceMs: null, unsigned: 0, signedAtMs: -SIGN_EVERY_MS, cancelTimer: () => undefined, round: Promise.resolve() };
      tails.set(deploymentId, tail);
      try {
        const first = runRound(deploymentId, tail, AbortSignal.any([signal, controller.signal]));
        tail.round = first.catch(() => undefined);
        await first;
      } catch (error) {
        end(deploymentId, { ...OFF, message: error instanceof AppError ? error.message : null });
        throw error;
      }
      if (isOn(tail)) schedule(deploymentId, tail, EVERY_MS);
      changed(deploymentId);
      return tail.state;
    },
    stop(deploymentId) {
      deployments.get(deploymentId);
      const tail = tails.get(deploymentId);
      if (tail !== undefined && isOn(tail)) {
        end(deploymentId, { ...tail.state, state: 'off' });
        changed(deploymentId);
      }
      return tail?.state ?? OFF;
    },
    state(deploymentId) {
      deployments.get(deploymentId);
      return tails.get(deploymentId)?.state ?? OFF;
    },
    async stopAll() {
      endAll();
      await Promise.all([...tails.values()].map((tail) => tail.round));
    },
  };
}
