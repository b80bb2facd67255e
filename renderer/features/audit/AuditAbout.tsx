// The line beside the title: how much is held, how much matches, how complete it is, what was found. A figure that is not counted yet is no figure.
import type { AuditSummary } from '#shared/domain/audit-event.ts';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import { Time } from '../../components/Time.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { toShown } from './query/query-text.ts';
import { headlineOf } from './timeline/coverage.ts';

interface AuditAboutProps {
  readonly summary: AuditSummary;
  /** Rows that match the query; null while they are being counted; undefined without a query. */
  readonly matching: number | null | undefined;
  readonly coverage: readonly CoverageSegment[] | undefined;
  readonly onWitness: () => void;
}

export function AuditAbout({ summary, matching, coverage, onWitness }: AuditAboutProps) {
  return (
    <span className="audit-about" title={`${formatCount(summary.encrypted)} encrypted, ${formatCount(summary.plain)} plain, ${formatCount(summary.notOffered)} without a payload offered`}>
      {plural(summary.events, 'event')}
      {matching === undefined ? null : matching === null ? <> · <span className="dim">counting…</span></> : <> · <span className="nowrap">{formatCount(matching)} match</span></>}
      {coverage === undefined || summary.events === 0 ? null : <> · <Completeness segments={coverage} /></>}
      {summary.lastSyncAt === null ? ' · never synced' : null}
      {summary.findings === 0 ? null : <> · <button type="button" className="link text-fail nowrap" onClick={onWitness}>{plural(summary.findings, 'finding')}</button></>}
    </span>
  );
}

/** When the deployment was last asked, and whether that came to its end. */
export function LastSync({ summary: { lastSyncAt, lastSyncComplete, gaps } }: { readonly summary: Pick<AuditSummary, 'lastSyncAt' | 'lastSyncComplete' | 'gaps'> }) {
  if (lastSyncAt === null) return null;
  return <span className="nowrap">last sync <Time iso={lastSyncAt} age />{lastSyncComplete === false ? <span className="text-stale" title={gaps.map(({ reason }) => toShown(reason)).join('\n')}>, incomplete</span> : null}</span>;
}

function Completeness({ segments }: { readonly segments: readonly CoverageSegment[] }) {
  const { state, since, allSince, gaps } = headlineOf(segments);
  const gapPart = gaps === 0 ? null : <span className="text-stale">, {plural(gaps, 'gap')}</span>;
  if (state === null) return <span className="text-stale nowrap">completeness not proven{gapPart}</span>;
  return <span className="nowrap">{state === 'complete' ? 'complete' : 'own organisation complete'}{since === null ? '' : <> since <Time iso={since} style="day" /></>}{allSince === null ? null : <>, all since <Time iso={allSince} style="day" /></>}{gapPart}</span>;
}
