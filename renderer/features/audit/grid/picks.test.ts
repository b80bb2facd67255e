// Keeps: what is picked is exactly what was asked for, never more than the limit, and "all" is never a list.
import { expect, test } from 'vitest';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { ALL_PICKED, encryptedAmong, extended, hasPicks, MAX_PICKED, NO_PICKS, toggled } from './picks.ts';

const event = (id: number, payloadState: AuditEvent['payloadState'] = 'plain'): AuditEvent => ({ id, createdAt: '2026-11-22T00:00:00Z', createdAtRaw: '', route: '/', method: 'GET', eventType: 'x', org: null, actorSub: null, actorEmail: null, resourceId: null, statusCode: 200, payloadState, keyId: null });

test('x picks and lets go', () => {
  const one = toggled(NO_PICKS, event(7, 'encrypted'), 3);
  expect([...one.ids]).toEqual([[7, true]]);
  expect(one.fromRow).toBe(3);
  expect(encryptedAmong(one)).toBe(1);
  expect(hasPicks(toggled(one, event(7), 3))).toBe(false);
});

test('Shift adds a stretch to what is picked', () => {
  const some = extended(toggled(NO_PICKS, event(1), 0), [event(2), event(3, 'encrypted')], 0);
  expect([...some.ids.keys()]).toEqual([1, 2, 3]);
  expect(encryptedAmong(some)).toBe(1);
});

test('all is the query; one row of it begins anew', () => {
  expect(hasPicks(ALL_PICKED)).toBe(true);
  expect(ALL_PICKED.ids.size).toBe(0);
  expect(toggled(ALL_PICKED, event(4), 9)).toEqual({ isAll: false, ids: new Map([[4, false]]), fromRow: 9 });
});

test('no more than the limit is picked one by one', () => {
  const many = Array.from({ length: MAX_PICKED + 5 }, (_, id) => event(id));
  expect(extended(NO_PICKS, many, 0).ids.size).toBe(MAX_PICKED);
  expect(toggled(extended(NO_PICKS, many, 0), event(999_999), 0).ids.has(999_999)).toBe(false);
});
