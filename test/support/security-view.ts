// A posture as reports take it, for the tests of their forms: one check of each standing with every kind of evidence, and the same with one hostile text in every field.
import type { ReportSource } from '#core/posture/reports/report.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import { countStates, summariseCounts } from '#shared/domain/evidence.ts';
import type { Evidence, SecurityCheck } from '#shared/domain/evidence.ts';

export const DIGEST = 'a3f1'.repeat(16);
export const DEPLOYMENT_ID = 'd_0123456789abcdef';

const declared: Evidence = { kind: 'declared', source: 'GET /api/admin/security/status', path: '$.jwt.enabled', value: 'true', observedAt: '2026-11-20T10:00:00.000001Z' };
const observed: Evidence = { kind: 'observed', source: 'GET /api/admin/users', path: '$.status', value: '401', observedAt: '2026-11-20T10:00:03.5Z' };
const derived: Evidence = { kind: 'derived', source: 'newest 500 cached rows', path: null, value: '{"plain":0}', observedAt: '2026-11-20T10:01:00Z' };
const attested: Evidence = { kind: 'attested', source: 'Sam Reviewer, 2026-11-02; photo.png', path: '$.holds', value: null, observedAt: '2026-11-02T00:00:00Z' };

export function check(over: Partial<SecurityCheck> & Pick<SecurityCheck, 'id' | 'state'>): SecurityCheck {
  return {
    title: `Title of ${over.id}`, group: 'Tokens', severity: 'high', isContradiction: false, seen: `Seen at ${over.id}`, reason: `Reason of ${over.id}`, why: `Why ${over.id} matters`, fix: `Fix ${over.id}`, references: ['NIST SP 800-53 AC-3', 'OWASP ASVS 5.0 9.1.1'],
    evidence: [declared, observed], observedAt: '2026-11-20T10:00:00.000001Z', lastKnown: null, exception: null, ...over,
  };
}

const exception = { id: 4, checkId: 'cors.any', owner: 'Kim Owner', reason: 'Until the new gateway', until: '2026-12-31', createdAt: '2026-11-01T08:00:00Z', isExpired: false };

const CHECKS: readonly SecurityCheck[] = [
  check({ id: 'jwt.enabled', state: 'pass', severity: 'critical', evidence: [declared, observed, derived, attested] }),
  check({ id: 'hsts.sent', state: 'fail', isContradiction: true, group: 'Transport' }),
  check({ id: 'cors.any', state: 'fail', severity: 'medium', exception }),
  check({ id: 'docs.open', state: 'fail', severity: 'low', exception: { ...exception, id: 5, checkId: 'docs.open', until: '2026-11-01', isExpired: true } }),
  check({ id: '2fa.on', state: 'unknown', evidence: [], observedAt: null, references: [] }),
  check({ id: 'tls.version', state: 'stale', lastKnown: 'pass', severity: 'critical' }),
  check({ id: 'sso.on', state: 'not-applicable', severity: 'low', evidence: [declared] }),
];

export function view(checks: readonly SecurityCheck[] = CHECKS, over: Partial<SecurityView> = {}): SecurityView {
  const counts = countStates(checks);
  return {
    deploymentId: DEPLOYMENT_ID, baseline: { id: 'navi-production', version: '1.0.0', title: 'NAVI in production', kind: 'navi', checks: checks.length, digest: DIGEST, origin: 'shipped', importedAt: null, source: 'Where it comes from' },
    checks: [...checks], counts, summary: summariseCounts(counts), observedAt: '2026-11-20T10:00:03.5Z', lastFailure: { code: 'connection_refused', message: 'Nobody answered.', hint: 'Look at the address.', at: '2026-11-21T09:00:00Z' },
    snapshotId: 3, uncovered: ['config.theme'], ...over,
  };
}

export function source(over: Partial<ReportSource> = {}): ReportSource {
  return { view: view(), deployment: { name: 'acme', url: 'https://navi.example.com:8443/base', kind: 'navi', environment: 'production' }, on: '2026-11-22', version: '0.1.0', ...over };
}

/** Each would act, end a field, forge one or hide, in one of the forms. */
export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='x", '&lt;b&gt;', '</style><style>*{display:none}', '=HYPERLINK("http://evil")', '@SUM(1)', '+1', '-1', '\t=1', '\u200b=1', '"a","b"\r\nforged,row',
  '{0} {{x}}', '[click](https://evil.example)', '**bold** `code` <b> ~~x~~ {{ insert: param, x }}', '\u001b[31mred', '\u202egnp.exe', '\u2066x', '\0', '\u2028', ' leading and trailing ', '', '\ud800', '漢字 😀 עברית e\u0301', ') Tj ET (', '\\', '%PDF-1.7',
];

/** Every text of a view that a deployment, a person or an imported pack could have written is this one. */
export function hostileSource(text: string): ReportSource {
  const bad = { ...exception, owner: text, reason: text };
  const checks = CHECKS.map((one): SecurityCheck => ({
    ...one, title: text, group: text, seen: text, reason: text, why: text, fix: text, references: [text], exception: one.exception === null ? null : { ...bad, isExpired: one.exception.isExpired },
    evidence: one.evidence.map((item) => ({ ...item, source: text, path: text, value: text })),
  }));
  const base = view(checks);
  return source({
    view: { ...base, baseline: { ...base.baseline, title: text, source: text }, lastFailure: { code: 'network_timeout', message: text, hint: text, at: '2026-11-21T09:00:00Z' }, uncovered: [text] },
    deployment: { name: text, url: text, kind: 'navi', environment: 'production' },
  });
}
