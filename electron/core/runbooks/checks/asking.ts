// The one way in which live checks ask a deployment: a GET that shows something, or the reason why nothing came. Where it cannot be reached the check is refused, so that somebody attests by hand.
import type { Deployment } from '#shared/domain/deployment.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService, ProbeAnswer, Prober } from '../../deployments/service.ts';

/** Metrics of a busy deployment are this large. */
export const MAX_BYTES = 4_194_304;

/** The deployment took the request and answered badly, or not at all. */
const ANSWERED_BADLY: ReadonlySet<string> = new Set(['connection_reset', 'redirect_refused', 'headers_too_large', 'response_truncated', 'response_malformed', 'response_too_large', 'server_error', 'server_unavailable', 'rate_limited', 'rate_limiter_down']);
const ATTEST = 'Or let somebody who can see it attest it by hand, with a name.';

export type Asked = { readonly answer: ProbeAnswer } | { readonly failure: AppError };

export const failed = (asked: Asked): asked is { readonly failure: AppError } => 'failure' in asked;

/** The same refusal with what else can be done. */
export function withAttesting(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code === 'cancelled' || error.code === 'busy') return error;
  const [message, hint] = [/nothing was recorded\.$/i.test(error.message) ? error.message : `${error.message} Nothing was recorded.`, /attest it by hand/.test(error.hint) ? error.hint : `${error.hint} ${ATTEST}`];
  return new AppError(error.code, { message, hint, facts: error.facts, cause: error });
}

/** An answer, or what stood in its place. @throws AppError of the way when it cannot be told whether the deployment was reached */
export async function ask(prober: Prober, request: { readonly path: string; readonly token: 'none' | 'own'; readonly signal: AbortSignal }): Promise<Asked> {
  try {
    return { answer: await prober.get({ ...request, maxBytes: MAX_BYTES }) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const wasTaken = error.code === 'network_timeout' && error.facts['phase'] !== undefined && error.facts['phase'] !== 'connecting';
    if (wasTaken || ANSWERED_BADLY.has(error.code)) return { failure: error };
    throw error;
  }
}

export interface Looking {
  readonly deployments: Pick<DeploymentsService, 'withProber'>;
  readonly deployment: Deployment;
  /** Whether looks at this deployment are allowed. */
  areProbesAllowed(deploymentId: string): boolean;
}

/** @throws AppError probes_off, and those of the way */
export async function look<T>({ deployments, deployment, areProbesAllowed }: Looking, work: (prober: Prober) => Promise<T>): Promise<T> {
  if (!areProbesAllowed(deployment.id)) throw new AppError('probes_off', { message: `Probes are switched off for ${deployment.name}. Nothing was sent and nothing was recorded.`, hint: `Allow probes for this deployment under Security. ${ATTEST}` });
  return deployments.withProber(deployment.id, work);
}
