// Rows by age as bars, oldest at the left, with the cutoff and what is held drawn in; the same stands in a table for those who cannot see bars. It guesses at no row that was not read.
import { useState } from 'react';
import type { PointerEvent } from 'react';
import type { AgeBar, CachedAges } from '#shared/domain/retention.ts';
import { useNow } from '../../lib/clock.ts';
import { formatBytes, formatCount, formatShortCount, formatTime, plural } from '../../lib/format.ts';
import { placeOf, rowsAxis, timeMarks, unreadStretches } from './age-chart.ts';

/** Height of the plot; the drawing counts in these, so that heights are pixels. */
const HEIGHT = 150;
/** A bar of a single row among many must still be seen. */
const LEAST = 2;
const LEAST_HELD = 4;

const percent = (share: number): string => `${share * 100}%`;

/** Bars are whole days of UTC, whatever zone times are read in. */
function dayOf(iso: string, nowMs: number): string {
  return formatTime(iso, { zone: 'utc', style: 'day', nowMs });
}

function stretchOf({ from, to }: AgeBar, stepDays: number, nowMs: number): string {
  if (stepDays === 1) return dayOf(from, nowMs);
  return `${dayOf(from, nowMs)} to ${dayOf(new Date(Date.parse(to) - 1).toISOString(), nowMs)}`;
}

export function AgeHistogram({ ages, cutoff }: { readonly ages: CachedAges; readonly cutoff: string | null }) {
  const nowMs = useNow();
  const [at, setAt] = useState<number | null>(null);
  const { bars, stepDays } = ages;
  const { top, steps } = rowsAxis(Math.max(0, ...bars.map(({ rows }) => rows)));
  const cut = cutoff === null ? null : placeOf(bars, cutoff);
  const isAllDue = cutoff !== null && cut === null && Date.parse(cutoff) > Date.parse(bars.at(-1)?.to ?? cutoff);
  const pointed = at === null ? undefined : bars[at];
  const height = (rows: number, least: number): number => (rows === 0 ? 0 : Math.max(least, (rows / top) * HEIGHT));

  function point(event: PointerEvent<HTMLElement>): void {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * bars.length))));
  }

  return (
    <div className="ages">
      <p className="small ages-readout" aria-hidden>
        {pointed === undefined ? <span className="dim">{stepDays === 1 ? 'One bar is one day' : `One bar is ${stepDays} days`}, in UTC. Point at a bar for its figures.</span> : (
          <><strong>{stretchOf(pointed, stepDays, nowMs)}</strong> · {plural(pointed.rows, 'row')} · {formatBytes(pointed.bytes)}{pointed.held === 0 ? null : <> · {formatCount(pointed.held)} held</>}{cutoff !== null && pointed.from < cutoff ? <span className="text-stale"> · past the cutoff</span> : null}</>
        )}
      </p>
      <div className="ages-frame" role="img" aria-label={`Rows by age, ${plural(bars.length, 'bar')}. The same figures stand in the table below.`}>
        <div className="ages-scale">{steps.map((step) => <span key={step} style={{ bottom: percent(step / top) }}>{formatShortCount(step)}</span>)}</div>
        <div className="ages-plot" style={{ height: HEIGHT }} onPointerMove={point} onPointerLeave={() => setAt(null)}>
          {steps.slice(1).map((step) => <i key={step} className="ages-line" style={{ bottom: percent(step / top) }} />)}
          {unreadStretches(ages).map(({ from, to }) => <i key={`${from} ${to}`} className="ages-unread" style={{ left: percent(from), width: percent(to - from) }} />)}
          {cut === null && !isAllDue ? null : <i className="ages-due" style={{ width: percent(cut ?? 1) }} />}
          {pointed === undefined || at === null ? null : <i className="ages-pointed" style={{ left: percent(at / bars.length), width: percent(1 / bars.length) }} />}
          <svg viewBox={`0 0 ${Math.max(1, bars.length)} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
            {bars.map(({ from, rows, held }, index) => {
              const all = height(rows, LEAST);
              const kept = Math.min(height(held, LEAST_HELD), Math.max(all, LEAST_HELD));
              return (
                <g key={from}>
                  {all === 0 ? null : <rect className="ages-bar" x={index + 0.08} width={0.84} y={HEIGHT - all} height={all} />}
                  {kept === 0 ? null : <rect className="ages-held" x={index + 0.08} width={0.84} y={HEIGHT - kept} height={kept} />}
                </g>
              );
            })}
          </svg>
          {cut === null ? null : <i className={`ages-cutoff ${cut > 0.8 ? 'ages-cutoff-late' : ''}`} style={{ left: percent(cut) }}><b>Cutoff {dayOf(cutoff ?? '', nowMs)}</b></i>}
        </div>
        <div className="ages-days">{timeMarks(bars).map(({ at: place, iso }, index) => <span key={iso} className={index === 0 ? 'ages-day-first' : ''} style={{ left: percent(place) }}>{dayOf(iso, nowMs)}</span>)}</div>
      </div>
      <ul className="ages-legend small">
        <li><i className="legend-bar" aria-hidden />rows</li>
        <li><i className="legend-held" aria-hidden />under a hold</li>
        {cut === null && !isAllDue ? null : <li><i className="legend-due" aria-hidden />past the cutoff</li>}
        {ages.gaps.length === 0 ? null : <li><i className="legend-unread" aria-hidden />never read</li>}
        {cutoff !== null && cut === null ? <li>The cutoff, {dayOf(cutoff, nowMs)}, lies {isAllDue ? 'after' : 'before'} everything that is held here.</li> : null}
      </ul>
      <AgeTable ages={ages} cutoff={cutoff} nowMs={nowMs} />
    </div>
  );
}

function AgeTable({ ages: { bars, stepDays }, cutoff, nowMs }: { readonly ages: CachedAges; readonly cutoff: string | null; readonly nowMs: number }) {
  const filled = bars.filter(({ rows, held }) => rows > 0 || held > 0);
  return (
    <details className="retention-more">
      <summary>The bars as a table</summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
      <div className="ages-table" tabIndex={0} role="region" aria-label="Table of rows by age">
        <table className="table" aria-label="Rows by age">
          <thead><tr><th scope="col">{stepDays === 1 ? 'Day, UTC' : `${stepDays} days from, UTC`}</th><th scope="col" className="num">Rows</th><th scope="col" className="num">Size here</th><th scope="col" className="num">Held</th><th scope="col">Against the cutoff</th></tr></thead>
          <tbody>{filled.map((bar) => <tr key={bar.from}><td>{stretchOf(bar, stepDays, nowMs)}</td><td className="num">{formatCount(bar.rows)}</td><td className="num">{formatBytes(bar.bytes)}</td><td className="num">{formatCount(bar.held)}</td><td>{cutoff === null ? 'no cutoff' : bar.to <= cutoff ? 'past it' : bar.from < cutoff ? 'across it' : 'before it comes due'}</td></tr>)}</tbody>
        </table>
        {filled.length === bars.length ? null : <p className="small dim pad">{plural(bars.length - filled.length, 'bar')} without a row {bars.length - filled.length === 1 ? 'is' : 'are'} left out.</p>}
      </div>
    </details>
  );
}
