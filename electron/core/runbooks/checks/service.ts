// Live checks of a run: each asks the console's own services, reads only, and becomes an event with what was seen. What cannot be asked from here is refused, to be attested by hand.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { isKind } from '#shared/domain/runbook-registers.ts';
import type { EventOf } from '#shared/domain/runbook-registers.ts';
import type { LiveCheck, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService, NaviClient } from '../../deployments/service.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { Clock } from '../../ports.ts';
import type { PostureService } from '../../posture/service.ts';
import type { Session } from '../../session.ts';
import { standingIn } from '../runs/service.ts';
import type { Runs } from '../runs/service.ts';
import { findStep } from '../runs/store.ts';
import type { LoadedRun, RunStore } from '../runs/store.ts';
import { ask, look, withAttesting } from './asking.ts';
import type { Asked } from './asking.ts';
import { auditShare } from './audit-share.ts';
import type { ShareDeps } from './audit-share.ts';
import { earlierReadings, eitherRate, rateByAudit, rateByMetrics, REQUESTS } from './error-rate.ts';
import { found } from './found.ts';
import type { Found } from './found.ts';
import { healthFound } from './health.ts';
import { overdueFound, rotationFound, securityFound } from './known.ts';
import { metricFound, metricsIn, METRICS_PATHS } from './metric.ts';
import { TOKEN_PATH, tokenFound } from './token.ts';

export interface LiveChecks {
  /** Asks, then records what was found. @throws AppError when nothing can be asked from here: then nothing is recorded */
  run(input: ParsedInput<'run.check'>, signal: AbortSignal): Promise<CallOutput<'run.check'>>;
}

export interface LiveChecksDeps extends ShareDeps {
  readonly session: Session; readonly store: RunStore; readonly runs: Pick<Runs, 'view'>; readonly clock: Clock; readonly jobs: Pick<Jobs, 'run'>;
  readonly deployments: Pick<DeploymentsService, 'get' | 'withProber' | 'withClient'>;
  readonly posture: Pick<PostureService, 'show' | 'plan' | 'observeStatus' | 'declared'>;
  /** Gives the open rotation of a deployment, else the newest. */
  readonly rotation: { show(deploymentId: string): { readonly rotation: RotationView | null } };
  /** Whether an event was signed by this profile. */
  isOwn(author: string): boolean;
}

interface Asking<C extends LiveCheck = LiveCheck> { readonly check: C; readonly deployment: Deployment; readonly signal: AbortSignal; readonly own: readonly EventOf<'check'>[] }
type Of<A extends LiveCheck['asks']> = Asking<Extract<LiveCheck, { asks: A }>>;

export function createLiveChecks({ session, store, runs, clock, jobs, deployments, posture, rotation, search, sync, isOwn }: LiveChecksDeps): LiveChecks {
  const areProbesAllowed = (deploymentId: string): boolean => posture.plan(deploymentId).consents.some(({ consent, isAllowed }) => consent === 'probes' && isAllowed);

  const get = ({ deployment, signal }: Asking, path: string): Promise<Asked> => look({ deployments, deployment, areProbesAllowed }, (prober) => ask(prober, { path, token: 'none', signal }));

  async function rate(asking: Of<'error-rate'>): Promise<Found> {
    const { check, deployment, own, signal } = asking;
    const path = METRICS_PATHS[deployment.kind];
    const byMetrics = rateByMetrics(check, { metrics: metricsIn(await get(asking, path), path, clock.now()), name: REQUESTS[deployment.kind], earlier: (line) => earlierReadings(own, line) });
    if (byMetrics.result !== 'unknown' || deployment.kind !== 'navi') return byMetrics;
    const share = await auditShare({ search, sync }, { deploymentId: deployment.id, minutes: check.minutes, nowMs: clock.now(), signal });
    return eitherRate(byMetrics, share === null ? null : rateByAudit(check, share));
  }

  async function token({ check, deployment, signal }: Of<'token'>): Promise<Found> {
    const unasked = (seen: string): Found => found('unknown', { seen, because: 'Nothing was sent.', source: `GET ${TOKEN_PATH}`, at: clock.now() });
    if (deployment.kind === 'karen') return unasked('An AI-Karen is asked without a token.');
    if (!deployment.token.stored) return unasked('No token of this deployment is stored.');
    const answers = await look({ deployments, deployment, areProbesAllowed }, async (prober) => ({
      anonymous: await ask(prober, { path: TOKEN_PATH, token: 'none', signal }), own: await ask(prober, { path: TOKEN_PATH, token: 'own', signal }),
    }));
    return tokenFound(check, answers, clock.now());
  }

  /** Whether the audit log answers: its database is there then. What the way says is thrown. */
  async function answersLog(client: NaviClient, signal: AbortSignal): Promise<boolean> {
    try {
      await client.listEvents({ limit: 1 }, signal);
      return true;
    } catch (error) {
      if (error instanceof AppError && ['server_error', 'server_unavailable', 'response_unexpected', 'response_not_json', 'forbidden', 'not_found', 'rate_limited', 'rate_limiter_down'].includes(error.code)) return false;
      throw error;
    }
  }

  async function overdue({ check, deployment, signal }: Of<'overdue-rows'>): Promise<Found> {
    if (deployment.kind === 'karen') return found('unknown', { seen: 'An AI-Karen counts no overdue rows.', because: 'Nothing was sent.', source: 'deployment', at: clock.now() });
    const isDatabaseThere = await deployments.withClient(deployment.id, signal, async (client) => {
      const before = await answersLog(client, signal);
      await posture.observeStatus(deployment.id, client, signal);
      return before && await answersLog(client, signal);
    });
    const declared = posture.declared(deployment.id);
    if (declared === null) throw new Error('a status that was kept is not there');
    return overdueFound(check, { status: declared.value, atMs: Math.floor(declared.observedAtUs / 1000), isDatabaseThere });
  }

  async function answered(asking: Asking): Promise<Found> {
    const { check, deployment } = asking;
    switch (check.asks) {
      case 'health': return healthFound(check, await get(asking, check.path), clock.now());
      case 'metric': {
        const path = METRICS_PATHS[deployment.kind];
        return metricFound(check, metricsIn(await get(asking, path), path, clock.now()));
      }
      case 'error-rate': return rate({ ...asking, check });
      case 'token': return token({ ...asking, check });
      case 'overdue-rows': return overdue({ ...asking, check });
      case 'security-check': return securityFound(check, posture.show(deployment.id), clock.now());
      case 'rotation': return rotationFound(check, rotation.show(deployment.id).rotation, clock.now());
    }
  }

  function checkOf(run: LoadedRun, stepId: string): { readonly step: RunbookStep; readonly check: LiveCheck } {
    const { step } = findStep(run, stepId);
    if (step.kind !== 'live-check' || step.check === undefined) throw new AppError('invalid_input', { message: `"${step.title}" has no live check. Nothing was recorded.`, hint: 'Record its outcome as a step.' });
    return { step, check: step.check };
  }

  /** The deployment of this profile that the run is about. @throws AppError deployment_not_found */
  function deploymentOf(run: LoadedRun): Deployment {
    const id = runs.view(run).deployment?.deploymentId ?? null;
    if (id !== null) return deployments.get(id);
    const about = run.state.deployment;
    throw new AppError('deployment_not_found', { message: about === null ? 'This run is about no deployment. Nothing was asked and nothing was recorded.' : `This profile has no deployment at ${about.url}. Nothing was asked and nothing was recorded.`, hint: `${about === null ? 'Start a run for a deployment, or' : 'Add it, or'} let somebody who can see it attest it by hand, with a name.` });
  }

  return {
    async run({ runId, step: stepId }, signal) {
      const run = store.load(runId);
      const { step, check } = checkOf(run, stepId);
      if (run.state.ended !== null) throw new AppError('run_ended', { message: 'This run has ended. Nothing was asked.', hint: 'Start a new run for what comes now.' });
      session.write();
      const deployment = deploymentOf(run);
      const own = run.events.filter((event): event is EventOf<'check'> => isKind(event, 'check') && event.body.step === step.id && isOwn(event.author));
      let answer: Found;
      try {
        // A job, so that a window shows that it waits and can stop it: then nothing is recorded.
        answer = await jobs.run({ call: 'run.check', deploymentId: deployment.id, signal }, (job) => {
          job.report({ step: `Asking ${deployment.name}`, done: 0, total: null });
          return answered({ check, deployment, signal: job.signal, own });
        });
      } catch (error) {
        throw withAttesting(error);
      }
      return standingIn(await store.append(runId, () => [{ kind: 'check', step: step.id, ...answer, attestedBy: null }]), step.id);
    },
  };
}
