// The report as SARIF 2.1.0: a rule and a result for each check. Only a failing check is a failure; what is not known is for review, never a pass.
import type { Severity } from '#shared/domain/evidence.ts';
import { jsonReport } from './json-report.ts';
import { exceptionOf, saidOf } from './report.ts';
import type { Report, ReportCheck, Standing } from './report.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const KINDS = { pass: 'pass', fail: 'fail', accepted: 'fail', unknown: 'review', stale: 'review', 'not-applicable': 'notApplicable' } as const satisfies Record<Standing, string>;
const LEVELS = { critical: 'error', high: 'error', medium: 'warning', low: 'note' } as const satisfies Record<Severity, string>;

/** In a message braces stand for arguments and [text](place) is a link: neither may come from what was read. */
function message(text: string): { readonly text: string } {
  return { text: text.replaceAll('{', '{{').replaceAll('}', '}}').replace(/(\\*)\]\(/g, '$1$1\\](') };
}

function ruleOf({ id, title, why, fix, references, severity, group, isContradiction }: ReportCheck): object {
  return {
    id, shortDescription: message(title), fullDescription: message(why),
    help: message([why, `Fix: ${fix}`, ...(references.length === 0 ? [] : [`References: ${references.join('; ')}`])].join('\n')),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: [...new Set(['security', group])], severity, group, isContradiction, references },
  };
}

function suppressionsOf(report: Report, check: ReportCheck): readonly object[] {
  const { exception } = check;
  if (exception === null || check.state !== 'fail') return [];
  return [{
    kind: 'external', status: exception.isExpired ? 'rejected' : 'accepted', guid: report.idOf('exception', check.id, String(exception.id)), justification: exceptionOf(check) ?? '',
    properties: { owner: exception.owner, until: exception.until, isExpired: exception.isExpired, createdAt: exception.createdAt },
  }];
}

function resultOf(report: Report, check: ReportCheck, index: number): object {
  const kind = KINDS[check.standing];
  return {
    ruleId: check.id, ruleIndex: index, guid: report.idOf('result', check.id), kind, level: kind === 'fail' ? LEVELS[check.severity] : 'none',
    message: message(saidOf(check)),
    locations: [locationOf(report)],
    partialFingerprints: { 'deploymentAndCheck/v1': report.idOf('fingerprint', check.id) },
    suppressions: suppressionsOf(report, check),
    properties: {
      state: check.state, standing: check.standing, severity: check.severity, isContradiction: check.isContradiction, seen: check.seen, reason: check.reason, observedAt: check.observedAt, lastKnown: check.lastKnown,
      exception: check.exception, evidence: check.evidence,
    },
  };
}

function locationOf({ deployment }: Report): object {
  const uri = URL.canParse(deployment.url) ? new URL(deployment.url).href : undefined;
  return { ...(uri === undefined ? {} : { physicalLocation: { artifactLocation: { uri } } }), logicalLocations: [{ name: deployment.name, kind: 'resource' }] };
}

export function sarifReport(report: Report): string {
  const { baseline, lastFailure, checks } = report;
  return jsonReport({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'Holdfast', version: report.version, rules: checks.map(ruleOf), properties: { baseline } } },
      automationDetails: { id: `${report.deployment.kind}/${baseline.id}/${baseline.version}/`, guid: report.id },
      invocations: [{
        // Of the last look: what it could not see stands as unknown or stale in the results.
        executionSuccessful: lastFailure === null,
        ...(lastFailure === null ? {} : { toolExecutionNotifications: [{ level: 'error', descriptor: { id: lastFailure.code }, message: message(`${lastFailure.message} ${lastFailure.hint}`), timeUtc: lastFailure.at }] }),
      }],
      results: checks.map((check, index) => resultOf(report, check, index)),
      properties: {
        deployment: report.deployment, summary: report.summary, counts: report.counts, judgedOn: report.on, observedAt: report.observedAt, evidenceSeen: report.seen, contradictions: report.contradictions.map(({ id }) => id),
        uncovered: report.uncovered, cannotProve: report.limits,
      },
    }],
  });
}
