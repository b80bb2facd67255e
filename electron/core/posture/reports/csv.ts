// The report as CSV (RFC 4180), one record a check. No cell begins with what a spreadsheet would calculate, and no cell holds a line break.
import { neutralCell } from '#shared/domain/audit-export.ts';
import { byKind, factOf } from './report.ts';
import type { Report, ReportCheck } from './report.ts';

type Cell = string | null;
type Column = readonly [name: string, value: (check: ReportCheck, report: Report) => Cell];

const kindColumn = (kind: string): Column => [kind, ({ evidence }) => {
  const items = byKind(evidence).find((group) => group.kind === kind)?.items ?? [];
  return items.length === 0 ? null : items.map((one) => `${factOf(one)} (${one.source}, ${one.observedAt})`).join('; ');
}];

const COLUMNS: readonly Column[] = [
  ['deployment', (_check, { deployment }) => deployment.name],
  ['address', (_check, { deployment }) => deployment.url],
  ['environment', (_check, { deployment }) => deployment.environment],
  ['baseline', (_check, { baseline }) => baseline.id],
  ['baseline_version', (_check, { baseline }) => baseline.version],
  ['baseline_sha256', (_check, { baseline }) => baseline.digest],
  ['judged_on', (_check, { on }) => on],
  ['check', ({ id }) => id],
  ['title', ({ title }) => title],
  ['group', ({ group }) => group],
  ['severity', ({ severity }) => severity],
  ['state', ({ state }) => state],
  ['standing', ({ standing }) => standing],
  ['contradiction', ({ isContradiction }) => (isContradiction ? 'yes' : 'no')],
  ['seen', ({ seen }) => seen],
  ['reason', ({ reason }) => reason],
  ['observed_at', ({ observedAt }) => observedAt],
  ['last_known', ({ lastKnown }) => lastKnown],
  ['exception_owner', ({ exception }) => exception?.owner ?? null],
  ['exception_reason', ({ exception }) => exception?.reason ?? null],
  ['exception_until', ({ exception }) => exception?.until ?? null],
  ['exception_expired', ({ exception }) => (exception === null ? null : exception.isExpired ? 'yes' : 'no')],
  ...['declared', 'observed', 'derived', 'attested'].map(kindColumn),
  ['why', ({ why }) => why],
  ['fix', ({ fix }) => fix],
  ['references', ({ references }) => (references.length === 0 ? null : references.join('; '))],
];

function written(cell: Cell): string {
  const neutral = neutralCell(cell);
  return /[",\r\n]/.test(neutral) ? `"${neutral.replaceAll('"', '""')}"` : neutral;
}

export function csvReport(report: Report): string {
  const records = [COLUMNS.map(([name]) => name), ...report.checks.map((check) => COLUMNS.map(([, value]) => written(value(check, report))))];
  return records.map((record) => `${record.join(',')}\r\n`).join('');
}
