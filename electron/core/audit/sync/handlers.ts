// Contract to service, for the sync, its coverage map and the live tail.
import type { AuditEventDetail } from '#shared/domain/audit-event.ts';
import type { Handlers } from '../../dispatch.ts';
import type { Session } from '../../session.ts';
import { deploymentNumber } from '../store.ts';
import type { AuditSync } from './service.ts';
import { arrivedAfter, lastArrival } from './sync-queries.ts';
import type { AuditTail } from './tail.ts';

type Own = 'audit.sync' | 'audit.coverage' | 'audit.arrived' | 'audit.tailStart' | 'audit.tailStop' | 'audit.tailState';

export interface AuditSyncHandlersDeps {
  readonly session: Session;
  readonly sync: AuditSync;
  readonly tail: AuditTail;
  readonly get: (deploymentId: string, id: number) => AuditEventDetail;
}

export function auditSyncHandlers({ session, sync, tail, get }: AuditSyncHandlersDeps): Handlers<Own> {
  return {
    'audit.sync': ({ deploymentId, full }, { signal }) => sync.sync(deploymentId, { full }, signal),
    'audit.coverage': ({ deploymentId }) => ({ segments: sync.coverage(deploymentId) }),
    'audit.arrived': ({ deploymentId, after, limit }) => {
      const db = session.read();
      const dep = deploymentNumber(db, deploymentId);
      if (after === null) return { events: [], place: lastArrival(db) };
      const arrived = arrivedAfter(db, dep, { seq: after, limit });
      const events = arrived.map(({ id }) => {
        const { createdAt, createdAtRaw, route, method, eventType, org, actorSub, actorEmail, resourceId, statusCode, payloadState, keyId } = get(deploymentId, id);
        return { id, createdAt, createdAtRaw, route, method, eventType, org, actorSub, actorEmail, resourceId, statusCode, payloadState, keyId };
      });
      return { events, place: arrived.at(-1)?.seq ?? after };
    },
    'audit.tailStart': ({ deploymentId }, { signal }) => tail.start(deploymentId, signal),
    'audit.tailStop': ({ deploymentId }) => tail.stop(deploymentId),
    'audit.tailState': ({ deploymentId }) => tail.state(deploymentId),
  };
}
