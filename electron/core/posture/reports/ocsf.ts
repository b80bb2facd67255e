// The report as OCSF, class Compliance Finding (2003), one event a line and check. What is not known is a warning, as the schema calls a check without a result; what the class has no place for stands under unmapped.
import { OCSF_VERSION } from '#shared/domain/audit-export.ts';
import type { Severity } from '#shared/domain/evidence.ts';
import { visibleJson } from '#shared/domain/visible-text.ts';
import { exceptionOf } from './report.ts';
import type { Report, ReportCheck, Standing } from './report.ts';

const CATEGORY_UID = 2;
const CLASS_UID = 2003;
const CREATE = 1;
/** The schema's rule. */
const RULE = 1;
const SEVERITIES = { critical: 5, high: 4, medium: 3, low: 2 } as const satisfies Record<Severity, number>;
const INFORMATIONAL = 1;
const STATUSES = {
  pass: [1, 'Pass'], fail: [3, 'Fail'], accepted: [3, 'Fail'], unknown: [2, 'Warning'], stale: [2, 'Warning'], 'not-applicable': [99, 'Not applicable'],
} as const satisfies Record<Standing, readonly [number, string]>;
/** Of the finding's own life: new, or suppressed. The schema has no word for one that never was. */
const LIVES: Readonly<Partial<Record<Standing, number>>> = { fail: 1, accepted: 3 };

const ms = (instant: string): number => Math.floor(Date.parse(instant));

function eventOf(report: Report, check: ReportCheck): object {
  const { baseline, deployment, host } = report;
  const [statusId, status] = STATUSES[check.standing];
  const times = check.evidence.map(({ observedAt }) => observedAt).toSorted();
  const [from, to] = [times[0], times.at(-1)];
  const isGood = check.standing === 'pass' || check.standing === 'not-applicable';
  const comment = exceptionOf(check);
  const life = LIVES[check.standing];
  return {
    activity_id: CREATE, category_uid: CATEGORY_UID, class_uid: CLASS_UID, type_uid: CLASS_UID * 100 + CREATE, time: ms(check.observedAt ?? to ?? report.at), severity_id: isGood ? INFORMATIONAL : SEVERITIES[check.severity],
    ...(life === undefined ? {} : { status_id: life }), ...(comment === null ? {} : { comment }), ...(from === undefined || to === undefined ? {} : { start_time: ms(from), end_time: ms(to) }),
    message: `${check.title}: ${check.seen}`,
    metadata: { version: OCSF_VERSION, product: { name: 'Holdfast', vendor_name: 'Holdfast', version: report.version }, uid: report.idOf('event', check.id) },
    finding_info: {
      uid: report.idOf('result', check.id), title: check.title, desc: check.why, types: [check.group],
      analytic: { type_id: RULE, uid: check.id, name: check.title, version: baseline.version, desc: `Of the baseline ${baseline.id}, sha256 ${baseline.digest}` },
      ...(check.evidence.length === 0 ? {} : { data_sources: [...new Set(check.evidence.map(({ source }) => source))] }), ...(to === undefined ? {} : { last_seen_time: ms(to) }),
    },
    compliance: {
      standards: [`${baseline.id} ${baseline.version}`], control: check.id, ...(check.references.length === 0 ? {} : { requirements: check.references }), status_id: statusId, status, status_code: check.state, status_details: [check.reason],
    },
    ...(check.evidence.length === 0 ? {} : { evidences: check.evidence.map(({ kind, source, path, value, observedAt }) => ({ data: { kind, source, path, value, observed_at: observedAt } })) }),
    remediation: { desc: check.fix },
    resources: [{ uid: report.deploymentId, name: deployment.name, ...(host === null ? {} : { hostname: host }), labels: [`kind: ${deployment.kind}`, `environment: ${deployment.environment}`] }],
    unmapped: {
      standing: check.standing, is_contradiction: check.isContradiction, severity: check.severity, last_known: check.lastKnown, observed_at: check.observedAt, exception: check.exception, address: deployment.url,
      baseline: { id: baseline.id, version: baseline.version, sha256: baseline.digest }, judged_on: report.on, summary: report.summary,
    },
  };
}

export function ocsfReport(report: Report): string {
  return report.checks.map((check) => `${visibleJson(eventOf(report, check), 0)}\n`).join('');
}
