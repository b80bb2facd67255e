// Security status: asks the deployment, keeps every answer as an observation, and shows checks computed from the cache alone.
import type { SecurityView } from '#shared/contract/security.ts';
import { countStates } from '#shared/domain/evidence.ts';
import { ANONYMOUS_SOURCE, evaluateSecurityStatus, FRESH_HOURS, STATUS_SOURCE, summariseChecks } from '#shared/domain/security-checks.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { AuditService } from '../audit/service.ts';
import type { DeploymentsService } from '../deployments/service.ts';
import type { Emitter } from '../emitter.ts';
import type { Clock } from '../ports.ts';
import type { Session } from '../session.ts';
import { insertObservation, latestAnswer, latestAttempt } from './queries.ts';
import type { Asked } from './queries.ts';

/** Two answers belong to one look when they are this close, in microseconds. */
const SAME_LOOK_US = 120_000_000;

export interface PostureService {
  show(deploymentId: string): SecurityView;
  /** Two requests: the status with our token, and the same without one. */
  refresh(deploymentId: string, signal: AbortSignal): Promise<SecurityView>;
}

export function createPostureService(deps: { session: Session; deployments: DeploymentsService; audit: AuditService; emitter: Emitter; clock: Clock }): PostureService {
  const { session, deployments, audit, emitter, clock } = deps;

  function show(deploymentId: string): SecurityView {
    const asked: Asked = { deploymentId, address: deployments.get(deploymentId).url };
    const db = session.read();
    const answer = latestAnswer(db, asked, 'security-status');
    const anonymous = latestAnswer(db, asked, 'anonymous-status');
    const attempt = latestAttempt(db, asked, 'security-status');
    const failure = attempt?.failure ?? null;
    const nowUs = clock.now() * 1000;
    const checks = evaluateSecurityStatus({
      status: answer === null ? null : { json: JSON.parse(answer.body ?? 'null'), observedAtUs: answer.observedAtUs },
      anonymous: answer === null || anonymous?.httpStatus == null || Math.abs(anonymous.observedAtUs - answer.observedAtUs) > SAME_LOOK_US ? null : { httpStatus: anonymous.httpStatus, observedAtUs: anonymous.observedAtUs },
      newestPayloads: audit.newestPayloads(deploymentId, nowUs),
      nowUs,
      missingBecause: failure === null ? 'The deployment has not been asked yet.' : failure.message,
    });
    return {
      deploymentId, checks, counts: countStates(checks), observedAt: answer === null ? null : formatInstantUs(answer.observedAtUs), freshHours: FRESH_HOURS,
      summary: summariseChecks(checks), lastFailure: failure === null || attempt === null ? null : { ...failure, at: formatInstantUs(attempt.observedAtUs) },
    };
  }

  function note(asked: Asked, subject: 'security-status' | 'anonymous-status', source: string, error: AppError): void {
    insertObservation(session.write(), asked, subject, { observedAtUs: clock.now() * 1000, source, httpStatus: null, body: null, failure: { code: error.code, message: error.message, hint: error.hint } });
  }

  return {
    show,
    async refresh(deploymentId, signal) {
      const asked: Asked = { deploymentId, address: deployments.get(deploymentId).url };
      session.write();
      try {
        await deployments.withClient(deploymentId, async (client) => {
          // The anonymous answer first: with authentication off it is worth more than the status itself.
          try {
            const anonymous = await client.anonymousStatus(signal);
            insertObservation(session.write(), asked, 'anonymous-status', { observedAtUs: anonymous.observedAt * 1000, source: ANONYMOUS_SOURCE, httpStatus: anonymous.httpStatus, body: null, failure: null });
          } catch (error) {
            if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
            note(asked, 'anonymous-status', ANONYMOUS_SOURCE, error);
          }
          const status = await client.securityStatus(signal);
          insertObservation(session.write(), asked, 'security-status', { observedAtUs: status.observedAt * 1000, source: STATUS_SOURCE, httpStatus: status.httpStatus, body: status.bodyText, failure: null });
        });
      } catch (error) {
        if (error instanceof AppError && error.code !== 'cancelled' && session.state() === 'open') {
          note(asked, 'security-status', STATUS_SOURCE, error);
          emitter.emit('security.refreshed', { deploymentId });
        }
        throw error;
      }
      emitter.emit('security.refreshed', { deploymentId });
      return show(deploymentId);
    },
  };
}
