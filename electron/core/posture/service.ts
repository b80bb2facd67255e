// Security status: asks the deployment, keeps every answer as an observation, and shows checks computed from the cache alone.
import type { SecurityView } from '#shared/contract/security.ts';
import { countStates } from '#shared/domain/evidence.ts';
import { ANONYMOUS_SOURCE, evaluateSecurityStatus, FRESH_HOURS, STATUS_SOURCE, summariseChecks } from '#shared/domain/security-checks.ts';
import type { AnonymousAnswer } from '#shared/domain/security-checks.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { AuditService } from '../audit/service.ts';
import type { DeploymentsService, NaviClient } from '../deployments/service.ts';
import type { Emitter } from '../emitter.ts';
import type { Clock } from '../ports.ts';
import type { Session } from '../session.ts';
import { insertObservation, latestAnswer, latestAttempt, wasAsked } from './queries.ts';
import type { Asked, Observation } from './queries.ts';

/** Two answers belong to one look when they are this close, in microseconds. */
const SAME_LOOK_US = 120_000_000;

/** The anonymous answer, when it belongs to the same look as the status. */
function sameLook(answer: Observation | null, anonymous: Observation | null): AnonymousAnswer | null {
  if (answer === null || anonymous === null || anonymous.httpStatus === null) return null;
  return Math.abs(anonymous.observedAtUs - answer.observedAtUs) > SAME_LOOK_US ? null : { httpStatus: anonymous.httpStatus, observedAtUs: anonymous.observedAtUs };
}

export interface PostureService {
  show(deploymentId: string): SecurityView;
  /** Two requests: the status with our token, and the same without one. */
  refresh(deploymentId: string, signal: AbortSignal): Promise<SecurityView>;
  /** One request with the client of an audit sync: what the deployment says of its retention is kept. What is shown stays as it was. @throws AppError of the way */
  observeRetention(deploymentId: string, client: NaviClient, signal: AbortSignal): Promise<void>;
}

export function createPostureService(deps: { session: Session; deployments: DeploymentsService; audit: AuditService; emitter: Emitter; clock: Clock }): PostureService {
  const { session, deployments, audit, emitter, clock } = deps;

  function show(deploymentId: string): SecurityView {
    const { status: askedStatus, anonymous: askedAnonymous } = asking(deploymentId);
    const db = session.read();
    const answer = latestAnswer(db, askedStatus);
    const anonymous = latestAnswer(db, askedAnonymous);
    const attempt = latestAttempt(db, askedStatus);
    const failure = attempt?.failure ?? null;
    const nowUs = clock.now() * 1000;
    const checks = evaluateSecurityStatus({
      status: answer === null ? null : { json: JSON.parse(answer.body ?? 'null'), observedAtUs: answer.observedAtUs },
      anonymous: sameLook(answer, anonymous),
      newestPayloads: audit.newestPayloads(deploymentId),
      nowUs,
      missingBecause: failure?.message ?? (wasAsked(db, askedStatus) ? 'The last look was with another token.' : 'The deployment has not been asked yet.'),
    });
    return {
      deploymentId, checks, counts: countStates(checks), observedAt: answer === null ? null : formatInstantUs(answer.observedAtUs), freshHours: FRESH_HOURS,
      summary: summariseChecks(checks), lastFailure: failure === null || attempt === null ? null : { ...failure, at: formatInstantUs(attempt.observedAtUs) },
    };
  }

  function asking(deploymentId: string): { readonly status: Asked; readonly anonymous: Asked } {
    const at = { deploymentId, address: deployments.get(deploymentId).url };
    return { status: { ...at, token: deployments.tokenFingerprint(deploymentId), subject: 'security-status' }, anonymous: { ...at, token: null, subject: 'anonymous-status' } };
  }

  function note(asked: Asked, error: AppError): void {
    const source = asked.subject === 'security-status' ? STATUS_SOURCE : ANONYMOUS_SOURCE;
    insertObservation(session.write(), asked, { observedAtUs: clock.now() * 1000, source, httpStatus: null, body: null, failure: { code: error.code, message: error.message, hint: error.hint } });
  }

  return {
    show,
    async refresh(deploymentId, signal) {
      const asked = asking(deploymentId);
      session.write();
      try {
        await deployments.withClient(deploymentId, signal, async (client) => {
          // The anonymous answer first: with authentication off it is worth more than the status itself.
          try {
            const anonymous = await client.anonymousStatus(signal);
            insertObservation(session.write(), asked.anonymous, { observedAtUs: anonymous.observedAt * 1000, source: ANONYMOUS_SOURCE, httpStatus: anonymous.httpStatus, body: null, failure: null });
          } catch (error) {
            if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
            note(asked.anonymous, error);
          }
          const status = await client.securityStatus(signal);
          insertObservation(session.write(), asked.status, { observedAtUs: status.observedAt * 1000, source: STATUS_SOURCE, httpStatus: status.httpStatus, body: status.bodyText, failure: null });
        });
      } catch (error) {
        if (error instanceof AppError && error.code !== 'cancelled' && session.state() === 'open') {
          note(asked.status, error);
          emitter.emit('security.refreshed', { deploymentId });
        }
        throw error;
      }
      emitter.emit('security.refreshed', { deploymentId });
      return show(deploymentId);
    },
    async observeRetention(deploymentId, client, signal) {
      const asked: Asked = { ...asking(deploymentId).status, subject: 'retention-status' };
      const { observedAt, httpStatus, bodyText } = await client.securityStatus(signal);
      await session.whenWritable({ signal });
      insertObservation(session.write(), asked, { observedAtUs: observedAt * 1000, source: STATUS_SOURCE, httpStatus, body: bodyText, failure: null });
    },
  };
}
