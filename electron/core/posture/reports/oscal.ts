// The report as OSCAL assessment results 1.2.1: an observation for each evidence, a finding for each check, a risk for each exception. Only a pass is satisfied; what is not known or does not apply says so in its reason.
import type { Evidence, EvidenceKind } from '#shared/domain/evidence.ts';
import { jsonReport } from './json-report.ts';
import { exceptionOf, factOf, saidOf, STANDING_WORDS } from './report.ts';
import type { Report, ReportCheck, Standing } from './report.ts';

const OSCAL_VERSION = '1.2.1';
/** Of our own properties. The domain is one that never resolves. */
const NS = 'https://holdfast.invalid/ns/oscal';
const METHODS: Readonly<Record<EvidenceKind, string>> = { declared: 'EXAMINE', observed: 'TEST', derived: 'EXAMINE', attested: 'INTERVIEW' };
const STATUSES: Readonly<Record<Standing, readonly [state: string, reason: string]>> = {
  pass: ['satisfied', 'pass'], fail: ['not-satisfied', 'fail'], accepted: ['not-satisfied', 'fail'], unknown: ['not-satisfied', 'other'], stale: ['not-satisfied', 'other'], 'not-applicable': ['not-satisfied', 'other'],
};

type Prop = readonly [name: string, value: string | null];

/** A string of the format: not empty, no white space at its ends. What stood there is spelled out. */
function plain(text: string): string {
  const spelled = text.replace(/^\s+|\s+$/gu, (space) => [...space].map((one) => `⟨U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`).join(''));
  return spelled === '' ? '(empty)' : spelled;
}

/** Text as markup that says the same: nothing in it is a link, an emphasis, HTML or an insertion. */
function markup(text: string): string {
  return plain(text).replace(/[\\`*_{}[\]<>!&^~"#|$]/gu, '\\$&');
}

/** Lists of the format are never empty: without items the member is not there. */
function some<K extends string, T>(name: K, items: readonly T[]): Partial<Record<K, readonly T[]>> {
  return items.length === 0 ? {} : { [name]: items } as Record<K, readonly T[]>;
}

function props(...given: readonly Prop[]): { readonly props?: readonly object[] } {
  return some('props', given.flatMap(([name, value]) => (value === null ? [] : [{ name, ns: NS, value: plain(value) }])));
}

/** A check as a control of its baseline; ids of the format begin with a letter. */
const controlId = ({ id }: ReportCheck): string => `check-${id.replace(/[^\p{L}\p{N}._-]/gu, '_')}`;
const objectiveId = (check: ReportCheck): string => `${controlId(check)}_obj`;

const keyOf = ({ kind, source, path, value, observedAt }: Evidence): string => JSON.stringify([kind, source, path, value, observedAt]);

function baselineProps({ baseline }: Report): readonly Prop[] {
  return [['baseline', baseline.id], ['baseline-version', baseline.version], ['baseline-sha256', baseline.digest], ['baseline-origin', baseline.origin]];
}

function observationsOf(report: Report): readonly object[] {
  const all = new Map(report.checks.flatMap(({ evidence }) => evidence.map((one) => [keyOf(one), one])));
  return [...all].map(([key, one]) => ({
    uuid: report.idOf('observation', key), description: markup(`${one.kind}: ${factOf(one)}`), methods: [METHODS[one.kind]], types: ['control-objective'],
    origins: [{ actors: [{ type: 'tool', 'actor-uuid': report.idOf('tool') }] }], subjects: [{ 'subject-uuid': report.idOf('subject'), type: 'component' }],
    'relevant-evidence': [{ description: markup(one.source), ...props(['kind', one.kind], ['source', one.source], ['path', one.path], ['value', one.value]) }],
    collected: one.observedAt,
  }));
}

function relatedObservations(report: Report, { evidence }: ReportCheck): object {
  return some('related-observations', [...new Set(evidence.map(keyOf))].map((key) => ({ 'observation-uuid': report.idOf('observation', key) })));
}

const hasRisk = (check: ReportCheck): boolean => check.state === 'fail' && check.exception !== null;

function findingOf(report: Report, check: ReportCheck): object {
  const [state, reason] = STATUSES[check.standing];
  const { exception } = check;
  return {
    uuid: report.idOf('finding', check.id), title: markup(check.title), description: markup(saidOf(check)),
    ...props(
      ['state', check.state], ['standing', check.standing], ['severity', check.severity], ['group', check.group], ['contradiction', check.isContradiction ? 'yes' : 'no'], ['observed-at', check.observedAt], ['last-known', check.lastKnown],
      ['exception', exceptionOf(check)], ['exception-until', exception?.until ?? null], ['fix', check.fix], ...check.references.map((one): Prop => ['reference', one]),
    ),
    target: {
      type: 'objective-id', 'target-id': objectiveId(check),
      status: { state, reason, ...(reason === 'other' ? { remarks: `${STANDING_WORDS[check.standing]}. The format has no other word for it than not satisfied.` } : {}) },
      ...(check.standing === 'not-applicable' ? { 'implementation-status': { state: 'not-applicable' } } : {}),
    },
    ...relatedObservations(report, check),
    ...(hasRisk(check) ? { 'related-risks': [{ 'risk-uuid': report.idOf('risk', check.id) }] } : {}),
  };
}

function riskOf(report: Report, check: ReportCheck): readonly object[] {
  const { exception } = check;
  if (exception === null || !hasRisk(check)) return [];
  return [{
    uuid: report.idOf('risk', check.id), title: markup(check.title), description: markup(exceptionOf(check) ?? ''), statement: markup(check.why),
    ...props(['owner', exception.owner], ['reason', exception.reason], ['until', exception.until], ['excepted-at', exception.createdAt]),
    status: exception.isExpired ? 'open' : 'deviation-approved', deadline: `${exception.until}T23:59:59Z`,
    ...relatedObservations(report, check),
  }];
}

function localDefinitions(report: Report): object {
  const { deployment } = report;
  return {
    components: [{
      uuid: report.idOf('subject'), type: 'service', title: markup(deployment.name), description: markup(`${deployment.kind} at ${deployment.url}`), ...props(['kind', deployment.kind], ['environment', deployment.environment], ['address', deployment.url]),
      status: { state: 'other', remarks: 'Not judged here.' },
    }],
    'assessment-assets': {
      components: [{ uuid: report.idOf('tool'), type: 'software', title: 'Holdfast', description: 'The program that looked and evaluated.', ...props(['version', report.version]), status: { state: 'operational' } }],
      'assessment-platforms': [{ uuid: report.idOf('platform'), title: 'Holdfast', 'uses-components': [{ 'component-uuid': report.idOf('tool') }] }],
    },
  };
}

function resultOf(report: Report): object {
  const { checks, deployment, baseline, seen, at, uncovered } = report;
  return {
    uuid: report.idOf('oscal result', report.id), title: markup(`${deployment.name} against ${baseline.title}`), description: markup(report.summary), start: seen?.from ?? at, end: at,
    ...props(...baselineProps(report), ['summary', report.summary], ['observed-at', report.observedAt], ['judged-on', report.on], ...report.contradictions.map(({ id }): Prop => ['contradiction', id]), ...uncovered.map((path): Prop => ['without-check', path])),
    'local-definitions': localDefinitions(report),
    'reviewed-controls': {
      description: 'Controls are the checks of the baseline. Where one serves a control of a published catalogue, its finding names it as a reference.',
      'control-selections': [checks.length === 0 ? { 'include-controls': [{ 'control-id': 'no-check' }] } : { 'include-controls': checks.map((check) => ({ 'control-id': controlId(check) })) }],
    },
    ...some('observations', observationsOf(report)),
    ...some('risks', checks.flatMap((check) => riskOf(report, check))),
    ...some('findings', checks.map((check) => findingOf(report, check))),
    remarks: report.limits.map(markup).join('\n\n'),
  };
}

export function oscalReport(report: Report): string {
  const { baseline, checks } = report;
  const pack = report.idOf('baseline');
  return jsonReport({
    'assessment-results': {
      uuid: report.id,
      metadata: { title: markup(`Security posture of ${report.deployment.name}`), 'last-modified': report.at, version: report.on, 'oscal-version': OSCAL_VERSION, ...props(...baselineProps(report)) },
      'import-ap': { href: `#${pack}`, remarks: 'There is no assessment plan. The baseline says what was assessed.' },
      ...(checks.length === 0 ? {} : {
        'local-definitions': {
          'objectives-and-methods': checks.map((check) => ({ 'control-id': controlId(check), description: markup(check.title), parts: [{ id: objectiveId(check), name: 'assessment-objective', prose: markup(check.why) }] })),
        },
      }),
      results: [resultOf(report)],
      'back-matter': {
        resources: [{
          uuid: pack, title: markup(`${baseline.title} ${baseline.version}`), description: markup(baseline.source), ...props(...baselineProps(report)),
          rlinks: [{ href: `${encodeURIComponent(baseline.id)}-${encodeURIComponent(baseline.version)}.yaml`, hashes: [{ algorithm: 'SHA-256', value: plain(baseline.digest) }] }],
        }],
      },
    },
  });
}
