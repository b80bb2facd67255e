// What a status says of retention, for answers of every shape: a rule is believed only when it is one, a count of none only when it was given.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retentionPolicy } from '#shared/domain/retention.ts';
import { cutoffAt, policyOf, readStatus } from './policy.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const NOW_US = Date.UTC(2026, 10, 22) * 1000;
const DAY_US = 86_400_000_000;
const at = { observedAtUs: NOW_US, source: 'GET /api/admin/security/status' };
const whole = { enabled: true, retention_days: 90, overdue_count: 0, cutoff_iso: '2026-08-24T00:00:00+00:00' };
const policy = (part: unknown, shown: Parameters<typeof policyOf>[1]['shown'] = null) => policyOf(readStatus(part, at), { nowUs: NOW_US, shown });

describe('reading a status', () => {
  it('takes the cutoff from the clock of the deployment, and moves it with ours', () => {
    const said = readStatus({ ...whole, cutoff_iso: '2026-08-25T00:00:00.000001+00:00' }, at);
    expect(cutoffAt(said, NOW_US + 5)).toBe(NOW_US - 89 * DAY_US + 6);
    expect(policy(whole).cutoff).toBe('2026-08-24T00:00:00Z');
  });

  it('says when it had to use our clock', () => {
    for (const cutoff_iso of [undefined, null, 'yesterday', '2026-13-01T00:00:00Z', 7, '9999-12-31T00:00:00Z']) {
      expect(policy({ ...whole, cutoff_iso })).toMatchObject({ cutoff: '2026-08-24T00:00:00Z', reason: expect.stringContaining('clock of this computer') });
    }
  });

  it('takes no rule from a cutoff that fits neither its days nor the time', () => {
    for (const cutoff_iso of ['2026-10-24T00:00:00+00:00', '2026-08-25T01:00:01+00:00', '2026-08-22T22:59:59+00:00', '1970-01-01T00:00:00+00:00', '9000-01-01T00:00:00+00:00']) {
      expect(policy({ ...whole, cutoff_iso, overdue_count: 3 })).toMatchObject({ state: 'unknown', days: 90, cutoff: null, overdue: { said: 3, rows: null }, reason: expect.stringContaining('its days or its clock are wrong') });
    }
    for (const cutoff_iso of ['2026-08-25T00:00:02+00:00', '2026-08-22T23:59:58+00:00']) expect(policy({ ...whole, cutoff_iso }).state).toBe('on');
  });

  it('counts none only as shown, some as said, and nothing while it is off', () => {
    expect(policy(whole).overdue).toMatchObject({ said: 0, rows: null });
    expect(policy(whole, { isShown: false, isDoubted: false, reason: 'Nobody answered.' }).overdue.reason).toContain('Nobody answered.');
    expect(policy(whole, { isShown: true, text: 'It did.' }).overdue).toMatchObject({ said: 0, rows: 0 });
    expect(policy({ ...whole, overdue_count: 3 }).overdue).toMatchObject({ said: 3, rows: 3 });
    for (const overdue_count of [-1, 1.5, '3', null, undefined]) expect(policy({ ...whole, overdue_count }, { isShown: true, text: '' }).overdue).toMatchObject({ said: null, rows: null });
    expect(policy({ ...whole, enabled: false }, { isShown: true, text: '' })).toMatchObject({ state: 'off', cutoff: null, overdue: { said: 0, rows: null } });
  });

  it('whatever comes, it is a policy, and on only with a period and a cutoff', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.record({ enabled: fc.oneof(fc.boolean(), fc.jsonValue()), retention_days: fc.oneof(fc.integer(), fc.jsonValue()), overdue_count: fc.oneof(fc.integer(), fc.jsonValue()), cutoff_iso: fc.oneof(fc.string(), fc.jsonValue()) }, { requiredKeys: [] })), (part) => {
      const said = policy(part, { isShown: true, text: '' });
      expect(retentionPolicy.safeParse(said).success).toBe(true);
      expect(said.state === 'on').toBe(said.cutoff !== null);
      if (said.state === 'on') expect(said.days).toBeGreaterThan(0);
      if (said.state !== 'on') expect(said.overdue.rows).toBeNull();
    }), { seed, numRuns: 500 });
  });
});
