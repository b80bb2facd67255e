// One look at a deployment: the status with our token, then the planned probes; every answer and every failure is kept as evidence at once, so that an interruption loses nothing.
import type { Deployment } from '#shared/domain/deployment.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import type { DocumentName } from '#shared/domain/posture-pack.ts';
import type { PlannedProbe } from '#shared/domain/posture.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../deployments/service.ts';
import type { JobHandle } from '../jobs/jobs.ts';
import type { Clock } from '../ports.ts';
import type { Session } from '../session.ts';
import { insertLook } from './evidence-queries.ts';
import { runProbes } from './probes/run.ts';
import { refusedHandshake } from './probes/way.ts';

export const STATUS_SOURCE = 'GET /api/admin/security/status';

export interface LookDeps { readonly session: Session; readonly deployments: DeploymentsService; readonly clock: Clock }

/** After these nothing else will be answered either. */
const STOPS: ReadonlySet<string> = new Set(['cancelled', 'dns_failed', 'connection_refused', 'network_unreachable', 'network_timeout', 'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old', 'tls_client_certificate', 'tls_failed', 'insecure_url', 'invalid_url', 'secret_missing', 'busy']);

/** @throws AppError when the deployment could not be reached at all, or of a cancel; what came before is kept */
export async function lookAt({ session, deployments, clock }: LookDeps, deployment: Deployment, { plan, job }: { readonly plan: readonly PlannedProbe[]; readonly job: JobHandle }): Promise<void> {
  const at = { deploymentId: deployment.id, address: deployment.url };
  const token = deployments.tokenFingerprint(deployment.id);
  const keep = async (asked: { readonly document: DocumentName; readonly token: string | null }, look: Parameters<typeof insertLook>[2]): Promise<void> => {
    await session.whenWritable({ signal: job.signal });
    insertLook(session.write(), { ...at, ...asked }, look);
  };
  /** A handshake that was refused says something of the deployment, whichever request met it. */
  const keepHandshake = async ({ code }: { readonly code: string }, source: string): Promise<boolean> => {
    const facts = refusedHandshake(code, deployment);
    if (facts !== null) await keep({ document: 'tls', token: null }, { source, observedAtUs: clock.now() * 1000, value: facts, failure: null });
    return facts !== null;
  };
  const planned = plan.filter(({ willRun }) => willRun);
  const requests = planned.reduce((sum, probe) => sum + probe.requests.length, 0) + (deployment.kind === 'navi' ? 1 : 0);
  let done = 0;

  if (deployment.kind === 'navi') {
    job.report({ step: 'Asking for the security status', done, total: requests });
    try {
      const status = await deployments.withClient(deployment.id, job.signal, (client) => client.securityStatus(job.signal));
      await keep({ document: 'status', token }, { source: STATUS_SOURCE, observedAtUs: status.observedAt * 1000, value: status.json as Json, failure: null });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
      await keep({ document: 'status', token }, { source: STATUS_SOURCE, observedAtUs: clock.now() * 1000, value: null, failure: { code: error.code, message: error.message, hint: error.hint } });
      await keepHandshake(error, STATUS_SOURCE);
      if (STOPS.has(error.code)) throw error;
    }
    done += 1;
  }
  if (planned.length === 0) return;
  await deployments.withProber(deployment.id, async (prober) => {
    await runProbes({
      prober, plan: planned, signal: job.signal,
      onProgress: ({ title, sent }) => job.report({ step: title, done: done + sent, total: requests }),
      keep: async (document, look) => {
        if (document === 'tls' && look.failure !== null && await keepHandshake(look.failure, look.source)) return;
        await keep({ document, token: null }, look);
      },
    });
  });
}

