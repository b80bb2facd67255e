import { describe, expect, it } from 'vitest';
import { decideAll } from '#shared/domain/posture-evaluate.ts';
import type { EvidenceDocument } from '#shared/domain/posture-evaluate.ts';
import type { AuditSummary } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { auditDocument } from './audit-document.ts';
import { shippedPacks } from './packs.ts';

const NOW_US = parseInstantUs('2026-11-22T12:00:00Z') ?? 0;
const DAY_US = 86_400_000_000;
const summary = (more: Partial<AuditSummary> = {}): AuditSummary => ({ events: 40, encrypted: 0, plain: 0, notOffered: 0, oldestAt: '2026-01-01T00:00:00Z', newestAt: '2026-11-01T00:00:00Z', lastSyncAt: '2026-11-22T11:00:00Z', lastSyncComplete: true, gaps: [], findings: 0, ...more });
const PAYLOADS = { rows: 10, encrypted: 10, plain: 0, failed: 0, malformed: 0, newest_row_at: '2026-11-01T00:00:00Z', key_ids: ['k1'], plain_after_encrypted: 0, total: 40, newest_event_at: '2026-11-01T00:00:00Z', oldest_event_at: '2026-01-01T00:00:00Z', last_sync_at: '2026-11-22T11:00:00Z' };
const of = (found: AuditSummary, payloads: { readonly observedAtUs: number } | null): EvidenceDocument | null => auditDocument({ summary: () => found, postureFacts: () => (payloads === null ? null : { facts: PAYLOADS, ...payloads }) }, 'd');

function stateOf(id: string, audit: EvidenceDocument | null): string {
  const pack = shippedPacks().find((loaded) => loaded.pack.kind === 'navi')?.pack;
  const check = pack?.checks.find((one) => one.id === id);
  if (pack === undefined || check === undefined || audit === null) throw new Error('nothing to decide');
  const status = { value: { encryption: { audit_encryption_enabled: true, audit_encryption_key_id: 'k1' } }, source: 'GET /x', observedAtUs: NOW_US };
  return decideAll(pack, { documents: { audit, status }, lacking: {}, deployment: { environment: 'staging', dialect: 'C1' }, nowUs: NOW_US }, [check])[0]?.state ?? 'none';
}

describe('rows that do not arrive', () => {
  it('show although no payload was ever given out', () => expect(stateOf('audit.rows-arrive', of(summary(), null))).toBe('fail'));
  it('show although the payloads that are known came long ago', () => expect(stateOf('audit.rows-arrive', of(summary(), { observedAtUs: NOW_US - 20 * DAY_US }))).toBe('fail'));
  it('show in a log that is empty', () => expect(stateOf('audit.rows-arrive', of(summary({ events: 0, newestAt: null, oldestAt: null }), null))).toBe('fail'));
  it('are not inferred from a sync that stopped before its end', () => expect(stateOf('audit.rows-arrive', of(summary({ lastSyncComplete: false, gaps: [{ from: null, to: null, reason: 'It stopped.' }] }), { observedAtUs: NOW_US }))).toBe('unknown'));
  it('are not the case where a row came today', () => expect(stateOf('audit.rows-arrive', of(summary({ newestAt: '2026-11-22T10:00:00Z' }), null))).toBe('pass'));
});

it('a log without a known payload proves nothing of encryption', () => {
  for (const id of ['audit.encryption-rows', 'audit.encryption-declared-rows', 'audit.key-id-rows']) expect([id, stateOf(id, of(summary({ newestAt: '2026-11-22T10:00:00Z' }), null))]).toEqual([id, 'unknown']);
});

it('nothing is known of a log that was never read', () => expect(of(summary({ events: 0, newestAt: null, oldestAt: null, lastSyncAt: null, lastSyncComplete: null }), null)).toBeNull());
