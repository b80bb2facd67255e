// What the cached audit log tells of how it is kept, as evidence: the payloads that are known, and the log as it was read last. It reads the cache and asks nobody.
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import type { EvidenceDocument } from '#shared/domain/posture-evaluate.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import type { AuditService } from '../audit/service.ts';

/** Where no payload is known: some versions never give one out in bulk, and rows without an organisation are in no export. */
const NO_PAYLOAD = { rows: 0, encrypted: 0, plain: 0, failed: 0, malformed: 0, newest_row_at: null, key_ids: [], plain_after_encrypted: 0 };

/** @returns null while the log was never read and no payload of it is known */
export function auditDocument(audit: Pick<AuditService, 'postureFacts' | 'summary'>, deploymentId: string): EvidenceDocument | null {
  const payloads = audit.postureFacts(deploymentId);
  const { events, oldestAt, newestAt, lastSyncAt, gaps } = audit.summary(deploymentId);
  // A sync that stopped before its end leaves a gap without ends: what it did not read was not seen to be absent.
  const readAt = gaps.some(({ from, to }) => from === null && to === null) ? null : lastSyncAt;
  const readAtUs = readAt === null ? null : parseInstantUs(readAt);
  if (payloads === null && readAtUs === null) return null;
  const facts: FactsOf<'audit'> = { ...(payloads?.facts ?? NO_PAYLOAD), key_ids: [...payloads?.facts.key_ids ?? []], total: events, newest_event_at: newestAt, oldest_event_at: oldestAt, last_sync_at: readAt };
  const log = readAtUs === null ? null : { source: `the cached audit log, ${events} rows`, observedAtUs: readAtUs };
  return {
    value: facts, source: `newest ${facts.rows} cached rows with a known payload`, observedAtUs: payloads?.observedAtUs ?? readAtUs ?? 0,
    // Payloads age from when they came; the log itself from when it was read last.
    ...(log === null ? {} : { parts: { total: log, newest_event_at: log, oldest_event_at: log, last_sync_at: log } }),
  };
}
