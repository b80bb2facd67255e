// One opened row as one line of JSON: the members of our export, the outcome, and the payload as its writer spelled it.
import { BULK_OUTCOMES } from '#shared/domain/audit-bulk.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { visibleJson } from '#shared/domain/visible-text.ts';

export interface OpenedLine {
  readonly event: AuditEvent;
  /** Place in BULK_OUTCOMES. */
  readonly outcome: number;
  readonly openedWith: string | null;
  readonly sealedAtSeconds: number | null;
  /** JSON text of an object; null when the row was not opened. */
  readonly payload: string | null;
}

/** With its line end. Line breaks in JSON can only stand between its parts, where a space says the same: nothing is parsed and written anew. */
export function lineOf({ event, outcome, openedWith, sealedAtSeconds, payload }: OpenedLine): string {
  const metadata = visibleJson({
    id: event.id, created_at: event.createdAt, created_at_raw: event.createdAtRaw, method: event.method, route: event.route, event_type: event.eventType, org_key: event.org,
    actor_sub: event.actorSub, actor_email: event.actorEmail, resource_id: event.resourceId, status_code: event.statusCode, key_id: event.keyId,
    sealed_at: sealedAtSeconds === null ? null : formatInstantMs(sealedAtSeconds * 1000), outcome: BULK_OUTCOMES[outcome] ?? 'damaged', opened_with: openedWith,
  }, 0);
  return `${metadata.slice(0, -1)},"payload":${payload === null ? 'null' : payload.replace(/[\r\n]/g, ' ').trim()}}\n`;
}
