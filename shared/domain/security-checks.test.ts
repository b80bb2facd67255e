// Each of the 16 fields: what passes, what fails, what stays unknown; nothing missing or odd is ever a pass.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { securityCheck } from './evidence.ts';
import type { SecurityCheck } from './evidence.ts';
import { evaluateSecurityStatus, FRESH_HOURS, SECURITY_CHECK_IDS, summariseChecks } from './security-checks.ts';
import type { PayloadCounts, SecurityInput } from './security-checks.ts';
import { formatInstantUs } from './time.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const nowUs = Date.UTC(2026, 10, 22, 12) * 1000;
const day = 86_400_000_000;
const good = {
  jwt: { enabled: true, has_primary_secret: true, has_previous_secrets: false, rotation_ready: false },
  encryption: { audit_encryption_enabled: true, audit_encryption_key_id: 'audit-2026-01', token_encryption_configured: true, token_encryption_key_id: 'alias/navi' },
  audit_retention: { enabled: true, retention_days: 90, overdue_count: 0, cutoff_iso: new Date((nowUs - 90 * day) / 1000).toISOString() },
  sso: { auth0_domain: 'tenant.example.auth0.com', auth0_client_configured: true, auth0_audience_configured: true, device_flow_enabled: false },
};
type Status = typeof good;
const payloads = (counts: Partial<PayloadCounts>): PayloadCounts => {
  const all = { encrypted: 0, plain: 0, failed: 0, malformed: 0, newestRowUs: nowUs - 1_000_000, observedAtUs: nowUs, ...counts };
  return { rows: all.encrypted + all.plain + all.failed + all.malformed, ...all };
};

function evaluate(change: (status: Status) => unknown = (status) => status, over: Partial<SecurityInput> = {}): Map<string, SecurityCheck> {
  const json = change(structuredClone(good));
  const checks = evaluateSecurityStatus({ status: { json, observedAtUs: nowUs }, anonymous: { httpStatus: 401, observedAtUs: nowUs }, newestPayloads: payloads({ encrypted: 10 }), nowUs, missingBecause: 'never asked', ...over });
  return new Map(checks.map((check) => [check.id, securityCheck.parse(check)]));
}
const state = (id: string, change?: (status: Status) => unknown, over?: Partial<SecurityInput>): string | undefined => evaluate(change, over).get(id)?.state;
const set = (section: keyof Status, field: string, value: unknown) => (status: Status): Status => ({ ...status, [section]: { ...status[section], [field]: value } });

describe('each field', () => {
  const cases: readonly [id: string, value: unknown, expected: string][] = [
    ['jwt.enabled', true, 'pass'], ['jwt.enabled', false, 'fail'],
    ['jwt.has_primary_secret', true, 'pass'], ['jwt.has_primary_secret', false, 'unknown'],
    ['jwt.has_previous_secrets', false, 'pass'], ['jwt.has_previous_secrets', true, 'unknown'],
    ['jwt.rotation_ready', true, 'unknown'], ['jwt.rotation_ready', false, 'unknown'],
    ['encryption.audit_encryption_enabled', true, 'pass'], ['encryption.audit_encryption_enabled', false, 'fail'],
    ['encryption.audit_encryption_key_id', 'audit-2026-01', 'pass'], ['encryption.audit_encryption_key_id', 'default', 'fail'], ['encryption.audit_encryption_key_id', null, 'fail'],
    ['encryption.token_encryption_configured', true, 'pass'], ['encryption.token_encryption_configured', false, 'fail'],
    ['encryption.token_encryption_key_id', 'alias/x', 'pass'], ['encryption.token_encryption_key_id', null, 'fail'],
    ['audit_retention.enabled', true, 'pass'], ['audit_retention.enabled', false, 'fail'],
    ['audit_retention.retention_days', 90, 'pass'], ['audit_retention.retention_days', 0, 'fail'], ['audit_retention.retention_days', -5, 'fail'], ['audit_retention.retention_days', 99999, 'fail'],
    ['audit_retention.overdue_count', 0, 'unknown'], ['audit_retention.overdue_count', 2, 'fail'], ['audit_retention.overdue_count', -1, 'unknown'],
    ['audit_retention.cutoff_iso', good.audit_retention.cutoff_iso, 'pass'], ['audit_retention.cutoff_iso', '2020-01-01T00:00:00+00:00', 'fail'], ['audit_retention.cutoff_iso', 'soon', 'unknown'],
    ['sso.auth0_domain', 'tenant.example.auth0.com', 'pass'], ['sso.auth0_domain', 'dev-nr76km00xa820k15.us.auth0.com', 'fail'], ['sso.auth0_domain', '', 'unknown'],
    ['sso.auth0_client_configured', true, 'pass'], ['sso.auth0_client_configured', false, 'fail'],
    ['sso.auth0_audience_configured', true, 'pass'], ['sso.auth0_audience_configured', false, 'fail'],
    ['sso.device_flow_enabled', true, 'unknown'], ['sso.device_flow_enabled', false, 'unknown'],
  ];
  it.each(cases)('%s = %j gives %s', (id, value, expected) => {
    const [section, field] = id.split('.') as [keyof Status, string];
    expect(state(id, set(section, field, value))).toBe(expected);
  });
  it('all 16 fields of the captured answer are judged, and the table above covers each', () => {
    const captured = JSON.parse(readFileSync(join(import.meta.dirname, '../../test/fixtures/navi-captures.json'), 'utf8')) as { captures: { label: string; response: { json?: Record<string, Record<string, unknown>> } }[] };
    const answer = captured.captures.find((capture) => capture.label === 'admin ok')?.response.json ?? {};
    const fields = Object.entries(answer).flatMap(([section, values]) => Object.keys(values).map((field) => `${section}.${field}`));
    expect([...SECURITY_CHECK_IDS].sort()).toEqual(fields.sort());
    expect(new Set(cases.map(([id]) => id))).toEqual(new Set(fields));
  });
});

describe('declared against observed', () => {
  it('JWT declared on is no pass until a request without a token got 401', () => {
    expect(state('jwt.enabled', undefined, { anonymous: null })).toBe('unknown');
    expect(state('jwt.enabled', undefined, { anonymous: { httpStatus: 503, observedAtUs: nowUs } })).toBe('unknown');
    expect(state('jwt.enabled', undefined, { anonymous: { httpStatus: 200, observedAtUs: nowUs } })).toBe('fail');
  });
  it('encryption declared on is no pass until rows show it', () => {
    const id = 'encryption.audit_encryption_enabled';
    expect(state(id, undefined, { newestPayloads: null })).toBe('unknown');
    expect(state(id, undefined, { newestPayloads: payloads({ plain: 10 }) })).toBe('fail');
    expect(state(id, undefined, { newestPayloads: payloads({ encrypted: 9, plain: 1 }) })).toBe('unknown');
  });
  it.each<[counts: Partial<PayloadCounts>, expected: string]>([
    [{ encrypted: 1 }, 'pass'], [{ encrypted: 999, failed: 1 }, 'fail'], [{ plain: 3, malformed: 3 }, 'fail'], [{ encrypted: 9, malformed: 1 }, 'unknown'], [{ malformed: 10 }, 'unknown'],
    [{ encrypted: 10, newestRowUs: nowUs - day - 1 }, 'unknown'], [{ encrypted: 10, newestRowUs: nowUs - day }, 'pass'], [{ encrypted: 10, observedAtUs: nowUs - day - 1 }, 'unknown'],
    [{ encrypted: 10, failed: 1, newestRowUs: nowUs - 3 * day }, 'fail'],
  ])('payloads %j give %s', (counts, expected) => {
    expect(state('encryption.audit_encryption_enabled', undefined, { newestPayloads: payloads(counts) })).toBe(expected);
  });
  it('says how many carry the mark of a failed encryption, and when the payloads were read, not when that was looked at', () => {
    const check = evaluate(undefined, { newestPayloads: payloads({ encrypted: 7, failed: 5, observedAtUs: nowUs - 3 * day }) }).get('encryption.audit_encryption_enabled');
    expect(check?.seen).toContain('5 of the newest 12 payloads carry the mark of a failed encryption');
    expect(check?.evidence.at(-1)?.observedAt).toBe(formatInstantUs(nowUs - 3 * day));
  });
  it('what hangs on a switched-off feature does not apply', () => {
    expect(state('jwt.has_primary_secret', set('jwt', 'enabled', false))).toBe('not-applicable');
    expect(state('encryption.audit_encryption_key_id', set('encryption', 'audit_encryption_enabled', false))).toBe('not-applicable');
    expect(state('audit_retention.overdue_count', set('audit_retention', 'enabled', false))).toBe('unknown');
  });
});

describe('freshness', () => {
  it('old evidence is stale, keeps its last state, and unknown stays unknown', () => {
    const later = nowUs + (FRESH_HOURS * 3600 + 1) * 1_000_000;
    const checks = evaluate(undefined, { nowUs: later });
    expect(checks.get('jwt.enabled')).toMatchObject({ state: 'stale', lastKnown: 'pass' });
    expect(checks.get('jwt.rotation_ready')?.state).toBe('unknown');
    expect([...checks.values()].some((check) => check.state === 'pass' || check.state === 'fail')).toBe(false);
  });
  it('without an answer everything is unknown, with the reason', () => {
    const checks = evaluateSecurityStatus({ status: null, anonymous: null, newestPayloads: null, nowUs, missingBecause: 'connection refused' });
    expect(checks.every((check) => check.state === 'unknown' && check.reason === 'connection refused')).toBe(true);
  });
});

describe('hostile answers', () => {
  it('any JSON at all gives 16 valid checks; a pass needs the right type at the right path', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => {
      const checks = evaluateSecurityStatus({ status: { json, observedAtUs: nowUs }, anonymous: null, newestPayloads: null, nowUs, missingBecause: '' });
      expect(checks).toHaveLength(16);
      for (const check of checks) expect(securityCheck.parse(check).state).not.toBe('pass');
    }), { seed, numRuns: 1000 });
  });
  it('one field replaced by anything of another type is unknown, never pass', () => {
    fc.assert(fc.property(fc.constantFrom(...SECURITY_CHECK_IDS), fc.oneof(fc.constant(undefined), fc.array(fc.boolean()), fc.constant({}), fc.double({ noInteger: true }), fc.constant('true')), (id, value) => {
      const [section, field] = id.split('.') as [keyof Status, string];
      const original = (good[section] as Record<string, unknown>)[field];
      if (typeof value === typeof original || (typeof value === 'string' && (original === null || typeof original === 'string'))) return;
      expect(state(id, set(section, field, value))).toBe('unknown');
    }), { seed, numRuns: 500 });
  });
  it('inherited properties do not count', () => {
    const json = Object.create(good) as unknown;
    expect(state('jwt.enabled', () => json)).toBe('unknown');
  });
});

it('the summary counts only what is known and fresh', () => {
  expect(summariseChecks([...evaluate().values()])).toBe('13 of 16 known and fresh: 13 pass, 0 fail');
  expect(summariseChecks(evaluateSecurityStatus({ status: null, anonymous: null, newestPayloads: null, nowUs, missingBecause: '' }))).toBe('0 of 16 known and fresh');
});
