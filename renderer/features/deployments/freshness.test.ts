// Keeps: freshness belongs to the data; an old success is not shown as a connection.
import { expect, test } from 'vitest';
import { freshnessOf as freshnessSince } from './freshness.ts';
import type { Reachability } from '#shared/domain/deployment.ts';

const freshnessOf = (reachability: Reachability, now: number) => freshnessSince(reachability, now, 0);

const nowMs = Date.UTC(2026, 10, 22, 17, 0, 0);
const base = { state: 'reached', at: '2026-11-22T16:58:00Z', lastReachedAt: '2026-11-22T16:58:00Z', errorCode: null, message: null } as const;

test('a recent answer is a connection, an old one is not', () => {
  expect(freshnessOf(base, nowMs)).toMatchObject({ tone: 'pass', word: 'Connected' });
  expect(freshnessOf({ ...base, at: '2026-11-22T14:00:00Z' }, nowMs)).toMatchObject({ tone: 'unknown', word: 'Not asked lately' });
  expect(freshnessOf({ ...base, at: null }, nowMs).tone).not.toBe('pass');
});

test('what was reached before this window was loaded is no connection', () => {
  expect(freshnessSince(base, nowMs, nowMs - 60_000)).toMatchObject({ tone: 'unknown', word: 'Not asked lately' });
  expect(freshnessSince(base, nowMs, nowMs - 180_000).tone).toBe('pass');
});

test('away, refused and never tried keep the time of the last answer', () => {
  expect(freshnessOf({ ...base, state: 'unreachable', message: 'Nothing listens there.' }, nowMs)).toEqual({ tone: 'stale', word: 'Offline', asOf: '2026-11-22T16:58:00Z', detail: 'Nothing listens there.' });
  expect(freshnessOf({ ...base, state: 'refused' }, nowMs)).toMatchObject({ tone: 'fail', word: 'Refused' });
  expect(freshnessOf({ ...base, state: 'never-tried', at: null, lastReachedAt: null }, nowMs)).toMatchObject({ tone: 'unknown', asOf: null });
});
