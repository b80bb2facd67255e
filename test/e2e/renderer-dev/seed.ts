// Made-up answers for looking at the screens while they are drawn; used by nothing that ships and by no test of behaviour.
import type { CallOutput } from '#shared/contract.ts';
import type { AuditEvent, AuditSummary } from '#shared/domain/audit-event.ts';
import type { Capability, Deployment } from '#shared/domain/deployment.ts';
import { countStates } from '#shared/domain/evidence.ts';
import type { CheckState, SecurityCheck, Severity } from '#shared/domain/evidence.ts';
import type { LedgerEntry } from '#shared/domain/ledger.ts';

const now = Date.now();
export const ago = (seconds: number): string => `${new Date(now - seconds * 1000).toISOString().slice(0, 19)}Z`;

const CAPS: readonly Capability[] = [
  { name: 'security-status', state: 'offered', reason: 'GET /api/admin/security/status answered 200.' },
  { name: 'audit-list', state: 'offered', reason: 'GET /api/audit answered 200.' },
  { name: 'audit-export', state: 'offered', reason: 'openapi.json lists GET /api/audit/export.' },
  { name: 'audit-payload', state: 'not-offered', reason: 'GET /api/audit/{id}/payload belongs to dialect A; this is C1.' },
  { name: 'decrypt-on-server', state: 'offered', reason: 'openapi.json lists POST /api/audit/{id}/decrypt.' },
  { name: 'purge', state: 'not-offered', reason: 'Purging is done by a script on the server; there is no route.' },
];

export function makeDeployment(over: Partial<Deployment> & Pick<Deployment, 'id' | 'name'>): Deployment {
  return {
    url: 'https://navi.acme.example', kind: 'navi', environment: 'production', readOnly: true, hasCa: true, pin: null, transport: 'encrypted',
    token: { stored: true, importedAt: ago(86_400 * 3), claims: { format: 'jwt', subject: 'auth0|8f2c11', role: 'admin', org: 'acme', email: 'admin-2@acme.example', issuer: 'https://tenant.us.auth0.example/', algorithm: 'HS256', issuedAt: ago(86_400 * 4), expiresAt: ago(-86_400 * 5), warnings: [] } },
    dialect: 'C1', role: 'admin', capabilities: [...CAPS], capabilitiesAt: ago(7200),
    reachability: { state: 'unreachable', at: ago(240), lastReachedAt: ago(3 * 3600), errorCode: 'connection_refused', message: 'Nothing answered at navi.acme.example:443.' },
    createdAt: ago(86_400 * 40), ...over,
  };
}

export const PROD = makeDeployment({ id: 'd_00000000000000a1', name: 'acme-prod' });
export const STAGING = makeDeployment({
  id: 'd_00000000000000a2', name: 'acme-staging', environment: 'staging', url: 'https://staging.navi.acme.example', dialect: 'A', readOnly: false, hasCa: false, pin: 'sha256/2Yt0w5m3Ck8p0l9r6l1Yw2Z0r9i3N5w0c8m8Jp8m0nA=',
  capabilities: CAPS.map((capability) => (capability.name === 'audit-export' ? { ...capability, state: 'not-offered', reason: 'Answered 404: this dialect has no export.' } : capability.name === 'decrypt-on-server' ? { ...capability, reason: 'GET /api/audit/{id}/payload decrypts.' } : capability.name === 'audit-payload' ? { ...capability, state: 'offered', reason: 'openapi.json lists it.' } : capability)),
  reachability: { state: 'refused', at: ago(3600), lastReachedAt: ago(3600), errorCode: 'unauthorized', message: 'It answered 401: the token has expired.' },
  token: { stored: true, importedAt: ago(86_400 * 30), claims: { format: 'jwt', subject: 'svc-console', role: 'planner', org: null, email: null, issuer: null, algorithm: 'HS256', issuedAt: ago(86_400 * 31), expiresAt: ago(86_400), warnings: ['The token expired a day ago.', 'It grants planner; the audit routes want admin.'] } },
});
export const SAMPLE = makeDeployment({ id: 'd_00000000000000a3', name: 'Sample', environment: 'sample', url: 'http://127.0.0.1:41873', transport: 'loopback', hasCa: false, reachability: { state: 'reached', at: ago(20), lastReachedAt: ago(20), errorCode: null, message: null } });

const ROUTES = ['/api/plan/7f2/step', '/api/admin/rbac/roles/grant', '/api/navi/chat', '/api/audit/8812/decrypt', '/oauth/device/poll', '/api/plan/91c0/approve'];
const METHODS = ['POST', 'PUT', 'DELETE', 'POST', 'PATCH'];
const ACTORS = ['admin-2@acme.example', 'svc-planner', 'auditor@acme.example', null];
const STATUSES = [200, 200, 201, 403, 200, 500, 204, 200, 404];
const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

/** The event of a row, the newest first; the same row always gives the same event. */
export function eventAt(index: number): AuditEvent {
  const state = index % 3 === 0 ? 'plain' : index % 41 === 7 ? 'malformed' : index % 53 === 11 ? 'failed' : index % 17 === 5 ? 'not-offered' : 'encrypted';
  const actor = at(ACTORS, index * 3 + (index >> 3));
  const step = index < 100_000 ? 271_000 : 1000;
  const iso = `${new Date(now - 3 * 3_600_000 - (index < 100_000 ? index * step : 100_000 * 271_000 + (index - 100_000) * step) - (Math.floor(index / 40) % 5) * 900_000).toISOString().slice(0, 23)}Z`;
  return {
    id: index % 97 === 13 ? 2 ** 52 + index : 5_918_204 - index, createdAt: iso, createdAtRaw: iso.replace('Z', '+00:00'), method: at(METHODS, index * 7 + (index >> 2)), eventType: 'http.request',
    route: index === 6 ? '/api/files/invoice\u202Efdp.exe' : index === 9 ? '/api/navi/\u001B[31mchat\u200B' : at(ROUTES, index * 5 + (index >> 3)),
    org: index % 4 === 3 ? null : 'acme', actorSub: actor === null ? null : 'auth0|8f2c11', actorEmail: actor?.includes('@') === true ? actor : null,
    resourceId: index % 2 === 0 ? 'step' : null, statusCode: at(STATUSES, index * 4 + (index >> 4)), payloadState: state,
    keyId: state === 'encrypted' ? (index % 7 === 1 ? 'audit-2025-12' : 'audit-2026-01') : null,
  };
}

export function makeEvents(count: number): AuditEvent[] {
  return Array.from({ length: count }, (_, index) => eventAt(index));
}

export function makeSummary(events: number): AuditSummary {
  return {
    events, encrypted: Math.round(events * 0.62), plain: Math.round(events * 0.33), notOffered: Math.round(events * 0.05), oldestAt: ago(86_400 * 16), newestAt: ago(3 * 3600), lastSyncAt: ago(3 * 3600), lastSyncComplete: false, findings: 3,
    gaps: [{ from: ago(86_400 * 9), to: ago(86_400 * 8), reason: 'The export was cut off at 10,000 rows within one second; rows with the same time may be missing.' }, { from: null, to: ago(86_400 * 16), reason: 'The deployment deletes rows older than its retention of 90 days.' }],
  };
}

const CHECKS: readonly (readonly [CheckState, string, string, string, Severity])[] = [
  ['fail', 'payload-encryption', 'Audit payloads are encrypted', 'audit_encryption_enabled is true, yet 214 of the last 5,000 rows arrived in plain text.', 'critical'],
  ['fail', 'overdue', 'Retention deletes overdue rows', 'overdue_count is 2 and the oldest row is 131 days old; 90 are configured.', 'high'],
  ['fail', 'token-encryption', 'Connector tokens are encrypted', 'token_encryption_configured is false.', 'high'],
  ['unknown', 'rotation', 'Signing-key rotation is ready', 'rotation_ready is true, which says only that a previous secret is still accepted.', 'medium'],
  ['unknown', 'primary', 'A signing secret is set', 'has_primary_secret is false, which is also what JWKS mode says.', 'high'],
  ['unknown', 'device', 'Device flow is off', 'device_flow_enabled is false, which does not say whether its routes are mounted.', 'medium'],
  ['stale', 'retention-on', 'Retention is on', 'audit_retention.enabled was true 9 days ago.', 'medium'],
  ['pass', 'jwt', 'Authentication is on', 'jwt.enabled is true, and an anonymous request got 401.', 'critical'],
  ['pass', 'anonymous', 'Anonymous requests are refused', 'GET /api/admin/security/status without a token got 401.', 'critical'],
  ['pass', 'key-id', 'The audit key has a name', 'audit_encryption_key_id is audit-2026-01.', 'low'],
  ['pass', 'previous', 'The grace window is closed', 'has_previous_secrets is false.', 'medium'],
  ['pass', 'days', 'Retention is at least 30 days', 'retention_days is 90.', 'medium'],
  ['pass', 'cutoff', 'The cutoff follows the retention', 'cutoff_iso is 90 days before the answer.', 'low'],
  ['pass', 'domain', 'The identity provider is your own', 'auth0_domain is tenant.us.auth0.example.', 'high'],
  ['not-applicable', 'audience', 'The audience is set', 'Single sign-on is not configured.', 'low'],
  ['not-applicable', 'client', 'The SSO client is set', 'Single sign-on is not configured.', 'low'],
];

export const BASELINE: CallOutput<'security.show'>['baseline'] = { id: 'navi-production', version: '1.0.0', title: 'NAVI in production', kind: 'navi', checks: 16, digest: '5e'.repeat(32), origin: 'shipped', importedAt: null, source: '' };

export function makeSecurity(deploymentId: string, over: Partial<CallOutput<'security.show'>> = {}): CallOutput<'security.show'> {
  const checks: SecurityCheck[] = CHECKS.map(([state, id, title, seen, severity]) => ({
    id, title, severity, state, seen, group: severity === 'critical' ? 'Tokens' : 'Retention', isContradiction: id === 'overdue', references: ['NIST SP 800-53 AU-11'],
    exception: id === 'token-encryption' ? { id: 1, checkId: id, owner: 'platform-admin', reason: 'The connector leaves with the next release.', until: ago(-86_400 * 9).slice(0, 10), createdAt: ago(86_400), isExpired: false } : null,
    reason: state === 'unknown' ? 'The field alone does not prove it either way.' : state === 'stale' ? 'The evidence is 9 days old.' : state === 'fail' ? 'What is declared and what is observed disagree. What is observed counts.' : state === 'pass' ? 'Declared and observed agree.' : 'The part that it speaks of is not in use.',
    why: 'Whoever reads the database or its backup reads every payload that is not encrypted.', fix: 'Set AUDIT_ENCRYPTION_KEY in every process that writes audit rows, restart them, and check new rows.',
    evidence: [
      { kind: 'declared', source: 'GET /api/admin/security/status', path: '$.encryption.audit_encryption_enabled', value: 'true', observedAt: ago(3 * 3600) },
      ...(state === 'fail' ? [{ kind: 'derived' as const, source: 'cached rows, newest 5,000', path: null, value: '214 plain', observedAt: ago(3 * 3600) }] : []),
    ],
    observedAt: ago(state === 'stale' ? 86_400 * 9 : 3 * 3600), lastKnown: state === 'stale' ? 'pass' : null,
  }));
  return { deploymentId, checks, counts: countStates(checks), observedAt: ago(3 * 3600), baseline: BASELINE, snapshotId: 4, uncovered: [], summary: '10 of 14 known and fresh: 7 pass, 2 fail, 1 accepted', lastFailure: null, ...over };
}

export const LEDGER: readonly LedgerEntry[] = [
  ['audit.decrypt', 'event 918200', 'INC-204 token replay', 'opened with audit-2026-01'],
  ['audit.decrypt', 'event 917100', 'INC-204 token replay', 'no key'],
  ['audit.key.added', 'key audit-2026-01', null, 'done'],
  ['deployment.token.stored', 'token', null, 'done'],
  ['deployment.added', 'acme-prod', null, 'done'],
  ['credentials.chosen', 'keychain', null, 'done'],
].map(([action, subject, reason, outcome], index) => ({
  seq: 6 - index, at: ago(600 + index * 4000), actor: 'admin', deployment: index > 4 ? null : 'acme-prod', action: action as LedgerEntry['action'], subject: subject ?? '', reason: reason ?? null, outcome: outcome ?? '', prevDigest: '0'.repeat(64), digest: 'a'.repeat(64),
}));
