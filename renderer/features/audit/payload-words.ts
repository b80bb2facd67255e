// What is known of a payload, in words; a payload that was not obtained is never called plain.
import type { AuditEvent, AuditEventDetail, OpenedPayload, PayloadState } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { formatDuration } from '../../lib/format.ts';

/** For the narrow column of the grid. */
export const PAYLOAD_SHORT: Readonly<Record<PayloadState, string>> = {
  plain: 'plain', encrypted: 'encrypted', failed: 'encryption failed', malformed: 'malformed', 'not-offered': 'not offered', 'not-synced': 'not synced yet',
};

/** For the detail pane. */
export const PAYLOAD_SENTENCE: Readonly<Record<PayloadState, string>> = {
  plain: 'Stored unencrypted at the server.',
  encrypted: 'Stored encrypted at the server.',
  failed: 'The server noted that encryption failed and stored this marker in place of the payload. The payload itself is lost.',
  malformed: 'Says that it is encrypted, but holds no ciphertext that could be opened.',
  'not-offered': 'Not offered by this deployment: it gives no way to read the payload of this event, so nothing can be said about it.',
  'not-synced': 'Not read yet. Sync to read it from the deployment.',
};

/** The cell of the grid: encrypted payloads name their key, and say when we do not hold it. */
export function payloadCell(event: AuditEvent, heldKeys: ReadonlySet<string> | null): { readonly text: string; readonly keyId: string | null; readonly lacksKey: boolean } {
  const lacksKey = event.keyId !== null && heldKeys !== null && !heldKeys.has(event.keyId);
  if (event.payloadState !== 'encrypted') return { text: PAYLOAD_SHORT[event.payloadState], keyId: null, lacksKey: false };
  return { text: 'encrypted', keyId: event.keyId, lacksKey };
}

/** How the time inside the token stands to the row's own time; null within a minute, which is the normal case. */
export function sealedGap(detail: Pick<AuditEventDetail, 'sealedAt' | 'createdAt'>): string | null {
  const sealed = detail.sealedAt === null ? null : parseInstantUs(detail.sealedAt);
  const created = parseInstantUs(detail.createdAt);
  if (sealed === null || created === null) return null;
  const seconds = Math.round((sealed - created) / 1_000_000);
  if (Math.abs(seconds) < 60) return null;
  return `Sealed ${formatDuration(Math.abs(seconds))} ${seconds > 0 ? 'after' : 'before'} the row's own time. Re-written rows look like this.`;
}

/** Which key served, and whether it is the one that the row names. */
export function keySentence(opened: OpenedPayload): string {
  const place = opened.where === 'server' ? 'on the server' : 'on this workstation';
  if (!opened.wasEncrypted) return `It was not encrypted; read ${place}.`;
  if (opened.keyId === null) return `Opened ${place}; the server named no key.`;
  if (opened.keyIdOnRow === null) return `Opened ${place} with key ${opened.keyId}; the row names none.`;
  if (opened.keyIdOnRow !== opened.keyId) return `Opened ${place} with key ${opened.keyId}, although the row names ${opened.keyIdOnRow}.`;
  return `Opened ${place} with key ${opened.keyId}.`;
}
