// What every report says, whatever its form: the view of a posture with all text made visible, in the order of the baseline, with ids that follow from the content. It judges nothing anew.
import { createHash } from 'node:crypto';
import type { SecurityView } from '#shared/contract/security.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { EVIDENCE_KINDS, isAccepted, OWN_SOURCE } from '#shared/domain/evidence.ts';
import type { CheckState, Evidence, EvidenceKind, SecurityCheck } from '#shared/domain/evidence.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';

/** How a check stands: its state, or accepted for a failing one that somebody answers for. In the order in which people need to read them. */
export const STANDINGS = ['fail', 'accepted', 'unknown', 'stale', 'pass', 'not-applicable'] as const;
export type Standing = CheckState | 'accepted';
export const STANDING_WORDS: Readonly<Record<Standing, string>> = { fail: 'Fail', accepted: 'Accepted', unknown: 'Unknown', stale: 'Stale', pass: 'Pass', 'not-applicable': 'Not applicable' };

export interface ReportCheck extends SecurityCheck { readonly standing: Standing }

/** What a report is made from. */
export interface ReportSource {
  readonly view: SecurityView;
  readonly deployment: Pick<Deployment, 'name' | 'url' | 'kind' | 'environment'>;
  /** The day on which exceptions and ages were judged, UTC: YYYY-MM-DD. */
  readonly on: string;
  /** Version of this program. */
  readonly version: string;
}

export interface Report extends Pick<SecurityView, 'deploymentId' | 'baseline' | 'counts' | 'summary' | 'observedAt' | 'lastFailure' | 'uncovered'> {
  readonly deployment: ReportSource['deployment'];
  /** Of its address, without port and brackets; null when it has none. */
  readonly host: string | null;
  readonly on: string;
  readonly version: string;
  /** In the order of the baseline. */
  readonly checks: readonly ReportCheck[];
  /** Contradictions that fail, or failed when they were last seen. */
  readonly contradictions: readonly ReportCheck[];
  /** The times of the oldest and the newest evidence; null when there is none. What this console itself holds is true at any time, so it is no part of it. */
  readonly seen: { readonly from: string; readonly to: string } | null;
  /** The newest time that the report knows of; where it knows none, the beginning of the day of judgement. */
  readonly at: string;
  /** What it cannot prove, one sentence each. */
  readonly limits: readonly string[];
  /** Another one for every other content. */
  readonly id: string;
  /** A UUID that follows from the baseline's digest, the deployment and the parts. */
  idOf(...parts: readonly string[]): string;
}

/** Ours alone: what is named in it is named nowhere else. */
const NAMESPACE = Buffer.from('8e1f6a52c0d94b7fa3d5e2b9174c60ab', 'hex');

/** A UUID of version 5: the same name gives the same one. */
export function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The same value, every text in it with what hides or acts spelled out. */
function visible<T>(value: T): T {
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return visibleLine(inner);
    if (Array.isArray(inner)) return inner.map(walk);
    return typeof inner === 'object' && inner !== null ? Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, walk(one)])) : inner;
  };
  return walk(value) as T;
}

function hostOf(url: string): string | null {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
  return host === '' ? null : host;
}

export function makeReport(source: ReportSource): Report {
  const { view, deployment, on, version } = visible(source);
  const checks = view.checks.map((check): ReportCheck => ({ ...check, standing: isAccepted(check) ? 'accepted' : check.state }));
  const all = checks.flatMap(({ evidence }) => evidence);
  const times = all.filter(({ source: from }) => from !== OWN_SOURCE).map((one) => one.observedAt).toSorted();
  const [from, to] = [times[0], times.at(-1)];
  const { deploymentId, baseline, counts, summary, observedAt, lastFailure, uncovered } = view;
  return {
    deploymentId, baseline, counts, summary, observedAt, lastFailure, uncovered, deployment, on, version, checks, host: hostOf(source.deployment.url),
    contradictions: checks.filter((check) => check.isContradiction && (check.state === 'fail' || (check.state === 'stale' && check.lastKnown === 'fail'))),
    seen: from === undefined || to === undefined ? null : { from, to },
    at: [...all.map((one) => one.observedAt), observedAt].filter((time) => typeof time === 'string').toSorted().at(-1) ?? `${on}T00:00:00Z`,
    limits: limitsOf(view),
    id: uuidOf(JSON.stringify(source)),
    idOf: (...parts) => uuidOf(JSON.stringify([source.view.baseline.digest, source.view.deploymentId, ...parts])),
  };
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function limitsOf({ checks, counts, observedAt, lastFailure, uncovered }: SecurityView): string[] {
  const open = counts.unknown + counts.stale;
  const kinds = new Set(checks.flatMap(({ evidence }) => evidence.map(({ kind }) => kind)));
  return [
    'What was observed held at the time beside it. Nothing is said about before or after.',
    'What is declared is what the deployment, or a file of it, says of itself. That alone does not prove that it is so.',
    ...(kinds.has('derived') ? ['What is derived was computed from the audit rows that were cached here. Rows that were never fetched are not in it.'] : []),
    ...(kinds.has('attested') ? ['What is attested is the word of the person who is named.'] : []),
    'Requests only read. Nothing that would have to write was tried.',
    'Only what the baseline names was judged.',
    ...(open > 0 ? [`${counted(open, 'check')} ${open === 1 ? 'is' : 'are'} unknown or stale. Of these nothing is known now, neither good nor bad.`] : []),
    ...(counts.accepted > 0 ? [`${counted(counts.accepted, 'failing check')} ${counts.accepted === 1 ? 'is' : 'are'} accepted. They still fail.`] : []),
    ...(observedAt === null ? ['The deployment itself was never seen.'] : []),
    ...(lastFailure === null ? [] : [`The last look failed at ${lastFailure.at} (${lastFailure.code}): ${lastFailure.message}`]),
    ...(uncovered.length > 0 ? [`${counted(uncovered.length, 'setting')} of an imported file ${uncovered.length === 1 ? 'has' : 'have'} no check.`] : []),
    'The report carries no signature. The digest names the baseline that was used.',
  ];
}

/** Checks by how they stand, the worst first; those of one standing by severity, then in the order of the baseline. Standings without a check are left out. */
export function inReadingOrder(checks: readonly ReportCheck[]): readonly { readonly standing: Standing; readonly checks: readonly ReportCheck[] }[] {
  const severities = ['critical', 'high', 'medium', 'low'];
  return STANDINGS.map((standing) => ({ standing, checks: checks.filter((check) => check.standing === standing).toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity)) })).filter((group) => group.checks.length > 0);
}

/** Evidence by its kind; every kind is present. */
export function byKind(evidence: readonly Evidence[]): readonly { readonly kind: EvidenceKind; readonly items: readonly Evidence[] }[] {
  return EVIDENCE_KINDS.map((kind) => ({ kind, items: evidence.filter((one) => one.kind === kind) }));
}

/** "$.jwt.enabled = true": the place and what stood there. */
export function factOf({ path, value }: Evidence): string {
  return `${path ?? 'the whole answer'} = ${value ?? 'nothing'}`;
}

/** What was seen, and why the state follows from it. */
export function saidOf({ seen, reason }: ReportCheck): string {
  return `${seen}${/[.!?…]$/.test(seen) ? '' : '.'} ${reason}`;
}

/** Who answers for a failing check; null when nobody ever did. */
export function exceptionOf({ exception }: ReportCheck): string | null {
  if (exception === null) return null;
  const { owner, until, reason, isExpired } = exception;
  return isExpired ? `The exception of ${owner} ended after ${until}: ${reason}` : `Accepted by ${owner} until ${until}: ${reason}`;
}
