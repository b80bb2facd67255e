// The report as a checklist of STIG Viewer 3 (.cklb), with ids of its own, never those of DISA. Of a rule only status, overrides, comments and finding_details speak of the deployment.
import type { Severity } from '#shared/domain/evidence.ts';
import { jsonReport } from './json-report.ts';
import { byKind, exceptionOf, factOf } from './report.ts';
import type { Report, ReportCheck, Standing } from './report.ts';

const STATUSES = { pass: 'not_a_finding', fail: 'open', accepted: 'open', unknown: 'not_reviewed', stale: 'not_reviewed', 'not-applicable': 'not_applicable' } as const satisfies Record<Standing, string>;
/** As URLs write IPv4, whatever was typed. */
const DOTTED = /^\d{1,3}(?:\.\d{1,3}){3}$/;
/** The format has no critical. */
const SEVERITIES = { critical: 'high', high: 'high', medium: 'medium', low: 'low' } as const satisfies Record<Severity, string>;

function findingDetails(report: Report, check: ReportCheck): string {
  return [
    `State: ${check.standing}. ${check.seen}`,
    `Reason: ${check.reason}`,
    ...(check.lastKnown === null ? [] : [`Last known: ${check.lastKnown}`]),
    `Observed at: ${check.observedAt ?? 'never'}. Judged on ${report.on} (UTC).`,
    ...byKind(check.evidence).flatMap(({ kind, items }) => items.map((one) => `${kind}: ${factOf(one)} (${one.source}, ${one.observedAt})`)),
    `Baseline ${report.baseline.id} ${report.baseline.version}, sha256 ${report.baseline.digest}`,
  ].join('\n');
}

function commentsOf(check: ReportCheck): string {
  return [...(check.severity === 'critical' ? ['The baseline calls this critical; the checklist knows no more than high.'] : []), exceptionOf(check) ?? ''].filter((line) => line !== '').join('\n');
}

function ruleOf(report: Report, check: ReportCheck, stigUuid: string): object {
  const { baseline } = report;
  const ruleId = `${check.id}_rule`;
  return {
    group_id_src: check.id, group_tree: [{ id: check.id, title: check.group, description: '' }], group_id: check.id, severity: SEVERITIES[check.severity], group_title: check.group, rule_id_src: ruleId, rule_id: ruleId, rule_version: check.id,
    rule_title: check.title, fix_text: check.fix, weight: '10.0', check_content: `Holdfast decides this check by the rules of ${check.id} in the baseline ${baseline.id} ${baseline.version}.`,
    check_content_ref: { href: `${baseline.id}-${baseline.version}.yaml`, name: check.id }, classification: '', discussion: check.why, false_positives: '', false_negatives: '', documentable: 'false',
    security_override_guidance: '', potential_impacts: '', third_party_tools: '', ia_controls: '', responsibility: '', mitigations: '', mitigation_control: '', legacy_ids: [], ccis: [], reference_identifier: '',
    uuid: report.idOf('cklb rule', check.id), stig_uuid: stigUuid, status: STATUSES[check.standing], overrides: {}, comments: commentsOf(check), finding_details: findingDetails(report, check), srg_id: '',
  };
}

export function cklbReport(report: Report): string {
  const { baseline, deployment, checks } = report;
  const host = report.host ?? '';
  const isAddress = host.includes(':') || DOTTED.test(host);
  const uuid = report.idOf('cklb stig');
  return jsonReport({
    title: `${deployment.name}: ${baseline.title}`,
    id: report.id,
    stigs: [{
      stig_name: baseline.title, display_name: baseline.title, stig_id: baseline.id,
      release_info: `Holdfast baseline ${baseline.id} ${baseline.version}, sha256 ${baseline.digest}. Its ids are its own: this is not a STIG of DISA.`,
      version: baseline.version, uuid, reference_identifier: '', size: checks.length, rules: checks.map((check) => ruleOf(report, check, uuid)),
    }],
    active: true,
    mode: 2,
    has_path: false,
    target_data: {
      target_type: 'Computing', host_name: isAddress ? '' : host, ip_address: isAddress ? host : '', mac_address: '', fqdn: isAddress ? '' : host,
      comments: [`${deployment.name}, ${deployment.url}, ${deployment.kind}, ${deployment.environment}`, report.summary, `Observed at: ${report.observedAt ?? 'never'}. Judged on ${report.on} (UTC).`, ...report.limits].join('\n'),
      role: 'None', is_web_database: false, technology_area: '', web_db_site: '', web_db_instance: '', classification: '',
    },
    cklb_version: '1.0',
  });
}
