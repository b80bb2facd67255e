// Time over the grid: bars, the coverage strip on the same axis, its marks, and both in words. While nothing is counted it shows no bar.
import { useEffect, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useQuery } from '../../../lib/query.ts';
import { useSettings } from '../../../lib/settings.ts';
import { useSteadyQuery } from '../use-steady.ts';
import type { View } from '../use-view.ts';
import { headlineOf } from './coverage.ts';
import { CoverageLegend, CoverageList, CoverageSentence, CoverageStrip, UnknownShade } from './CoverageStrip.tsx';
import { Histogram } from './Histogram.tsx';
import type { TimeRange } from './Histogram.tsx';
import { ticksOf } from './time-axis.ts';
import './timeline.css';
import type { Span } from './time-axis.ts';

const BAR_PX = 8;
const TICK_PX = 96;
/** Steps are asked for in tens of this, so that a window that is resized does not count anew with every pixel. */
const STEPS_AT_ONCE = 20;

interface TimelineProps {
  readonly view: View | null;
  readonly isCurrent: boolean;
  readonly onRange: (range: TimeRange) => void;
  readonly onClear: () => void;
  /** Stands beside the word on gaps. */
  readonly lastSync: ReactNode;
}

function useWidth(): readonly [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const size = new ResizeObserver(() => setWidth(element.clientWidth));
    size.observe(element);
    return () => size.disconnect();
  }, []);
  return [ref, width];
}

export function Timeline({ view, isCurrent, onRange, onClear, lastSync }: TimelineProps) {
  const [home, widthPx] = useWidth();
  const buckets = Math.min(400, Math.max(20, Math.round(widthPx / BAR_PX / STEPS_AT_ONCE) * STEPS_AT_ONCE));
  const counted = useSteadyQuery('audit.histogram', view === null || widthPx === 0 ? null : { deploymentId: view.deploymentId, query: view.query, anchor: view.anchor, buckets });
  const coverage = useQuery('audit.coverage', view === null ? null : { deploymentId: view.deploymentId });
  const segments = coverage.data?.segments ?? [];
  const headline = headlineOf(segments);
  const { data } = counted;
  const hasBars = data !== undefined && data.counts.length > 0;
  const axis: Span | null = hasBars ? { startSeconds: data.startSeconds, endSeconds: data.startSeconds + data.stepSeconds * data.counts.length } : null;
  const isOld = counted.isOld || !isCurrent;
  return (
    <section className="timeline" aria-label="Time">
      <div ref={home} className="timeline-plot">
        {axis === null || coverage.data === undefined ? null : <UnknownShade segments={segments} axis={axis} />}
        {hasBars ? <Histogram histogram={data} isOld={isOld} onRange={onRange} onClear={onClear} /> : <p className="timeline-empty dim" role="status">{data !== undefined ? 'No event in this time.' : view !== null && counted.error === null ? 'Counting events over time…' : ''}</p>}
      </div>
      {axis === null || coverage.data === undefined ? <div className="strip" aria-hidden /> : <CoverageStrip segments={segments} axis={axis} />}
      <Marks axis={axis} widthPx={widthPx} />
      {counted.error === null ? null : <ErrorNote error={counted.error} kept={data === undefined ? 'The events below are not affected.' : 'The bars are of an earlier moment.'} onRetry={() => { void counted.reload(); }} />}
      {coverage.error === null || coverage.data !== undefined ? null : <ErrorNote error={coverage.error} kept="How complete the log is cannot be said." onRetry={() => { void coverage.reload(); }} />}
      {coverage.data === undefined ? null : (
        <div className="timeline-foot">
          <span className="dim">{lastSync}</span>
          <details className="gaps">
            <summary className={headline.gaps > 0 || headline.state === null ? 'text-stale' : ''}><CoverageSentence headline={headline} /></summary>
            {segments.length === 0 ? <p className="dim">Nothing was read from the deployment yet, so nothing can be said.</p> : <CoverageList segments={segments} />}
          </details>
          <CoverageLegend />
        </div>
      )}
    </section>
  );
}

function Marks({ axis, widthPx }: { readonly axis: Span | null; readonly widthPx: number }) {
  const { times: zone } = useSettings();
  if (axis === null || widthPx === 0) return <div className="marks" aria-hidden />;
  const length = axis.endSeconds - axis.startSeconds;
  // The zone stands at the right end, so no mark does.
  const ticks = ticksOf(axis, Math.floor(widthPx / TICK_PX), zone).map((tick) => ({ ...tick, place: (tick.atSeconds - axis.startSeconds) / length })).filter(({ place }) => place * widthPx < widthPx - 64);
  return (
    <div className="marks" aria-hidden>
      {ticks.map(({ atSeconds, label, place }) => <span key={atSeconds} className={place * widthPx < 20 ? 'mark-first' : ''} style={{ left: `${place * 100}%` }}>{label}</span>)}
      <span className="marks-zone">{zone === 'utc' ? 'UTC' : 'local'}</span>
    </div>
  );
}
