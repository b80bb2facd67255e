// Reads the deployment's present when a plan is made: only its clock shows later that a day has passed, because whoever plans can set the one of this computer.
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Clock } from '../../ports.ts';
import type { PostureService } from '../../posture/service.ts';
import type { TruthService } from '../truth/service.ts';

export interface ClockDeps {
  readonly deployments: Pick<DeploymentsService, 'withClient'>;
  readonly observeStatus: PostureService['observeStatus'];
  readonly truth: Pick<TruthService, 'known'>;
  readonly clock: Clock;
}

/** @returns null when its status was read just now and tells its clock; else why not. @throws AppError cancelled */
export async function readClock({ deployments, observeStatus, truth, clock }: ClockDeps, deploymentId: string, signal: AbortSignal): Promise<string | null> {
  const askedUs = clock.now() * 1000;
  try {
    await deployments.withClient(deploymentId, signal, (client) => observeStatus(deploymentId, client, signal));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
    return error.message;
  }
  const { said } = truth.known(deploymentId);
  if (said === null || said.observedAtUs < askedUs) return 'What it answered could not be kept.';
  return said.hasOwnClock ? null : 'Its status names no cutoff.';
}
