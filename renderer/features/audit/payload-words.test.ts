// Keeps: "not offered by this deployment" is never "plain", and the key that served is always named.
import { expect, test } from 'vitest';
import { PAYLOAD_STATES } from '#shared/domain/audit-event.ts';
import type { AuditEvent, OpenedPayload } from '#shared/domain/audit-event.ts';
import { keySentence, PAYLOAD_SENTENCE, PAYLOAD_SHORT, payloadCell, sealedGap } from './payload-words.ts';

const event: AuditEvent = { id: 1, createdAt: '2026-11-22T14:00:00Z', createdAtRaw: '', route: '/', method: 'POST', eventType: 'http.request', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 200, payloadState: 'encrypted', keyId: 'k1' };
const opened: OpenedPayload = { id: 1, payload: '{}', wasEncrypted: true, where: 'here', keyId: 'k1', keyIdOnRow: 'k1', sealedAt: null, ledgerEntry: 1, reason: 'abc' };

test('only a plain payload is called plain or unencrypted', () => {
  for (const state of PAYLOAD_STATES) {
    if (state === 'plain') continue;
    expect(PAYLOAD_SHORT[state]).not.toContain('plain');
    expect(PAYLOAD_SENTENCE[state]).not.toMatch(/plain|unencrypted/iu);
  }
  expect(PAYLOAD_SENTENCE['not-offered']).toContain('Not offered by this deployment');
});

test('a cell says when the key is not held, and does not claim it before the ring was read', () => {
  expect(payloadCell(event, new Set(['k1'])).lacksKey).toBe(false);
  expect(payloadCell(event, new Set()).lacksKey).toBe(true);
  expect(payloadCell(event, null).lacksKey).toBe(false);
});

test('the key that served is named, and a mismatch is said', () => {
  expect(keySentence(opened)).toBe('Opened on this workstation with key k1.');
  expect(keySentence({ ...opened, keyId: 'k2' })).toContain('although the row names k1');
  expect(keySentence({ ...opened, keyIdOnRow: null })).toContain('the row names none');
  expect(keySentence({ ...opened, where: 'server', keyId: null })).toContain('named no key');
  expect(keySentence({ ...opened, wasEncrypted: false, keyId: null })).toContain('not encrypted');
});

test('a sealing time far from the row is pointed out, a near one is not', () => {
  expect(sealedGap({ createdAt: '2026-11-22T14:00:00Z', sealedAt: '2026-11-22T14:00:30Z' })).toBeNull();
  expect(sealedGap({ createdAt: '2026-11-22T14:00:00Z', sealedAt: '2026-11-22T15:00:00Z' })).toContain('1 h after');
  expect(sealedGap({ createdAt: '2026-11-22T14:00:00Z', sealedAt: null })).toBeNull();
});
