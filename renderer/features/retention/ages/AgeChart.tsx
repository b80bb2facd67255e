// Rows by age as bars, with the cutoff drawn in, held rows marked and unread stretches hatched; the same as a table. What was never read is not drawn as none.
import { useLayoutEffect, useRef, useState } from 'react';
import type { PointerEvent } from 'react';
import type { AgeBar, CachedAges, RetentionPolicy } from '#shared/domain/retention.ts';
import { useNow } from '../../../lib/clock.ts';
import { formatBytes, formatCount, formatTime, plural } from '../../../lib/format.ts';
import { useSettings } from '../../../lib/settings.ts';
import { ticksOf } from '../../audit/timeline/time-axis.ts';
import { linesOf, placeBars, placeOf, roundTop, secondsOf, spanOf } from './age-scale.ts';
import type { AgeSpan } from './age-scale.ts';

const HEIGHT = 128;
const TOP = 18;
/** Room for the counts of the axis. */
const LEFT = 44;
const HELD_Y = TOP + HEIGHT + 3;
const HELD_HEIGHT = 5;
const AXIS_Y = HELD_Y + HELD_HEIGHT + 15;
const WHOLE = AXIS_Y + 6;

export function AgeChart({ ages, policy }: { readonly ages: CachedAges; readonly policy: RetentionPolicy }) {
  const [asTable, setAsTable] = useState(false);
  const { bars, stepDays } = ages;
  const span = spanOf(bars, policy.cutoff);
  const hasHeld = bars.some(({ held }) => held > 0);
  if (span === null) return <p className="sub ages-none">No row is held here yet, so there are no ages to show. Sync the audit log, or import an export.</p>;
  return (
    <section className="ages" aria-label="Rows by age">
      <header className="ages-head">
        <p className="label">Rows by age</p>
        <span className="small dim">{stepDays === 1 ? 'one bar a day' : `one bar for ${stepDays} days`}, as cached here</span>
        <span className="grow" />
        <ul className="ages-legend" aria-hidden>
          <li><i className="key-rows" />rows</li>
          {hasHeld ? <li><i className="key-held" />under a hold</li> : null}
          {policy.cutoff === null ? null : <li><i className="key-due" />past the cutoff</li>}
          {ages.gaps.length === 0 ? null : <li><i className="key-gap" />never read</li>}
        </ul>
        <button type="button" className="link-quiet small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? 'As a picture' : 'As a table'}</button>
      </header>
      {asTable ? <AgeTable ages={ages} policy={policy} /> : <Picture ages={ages} policy={policy} span={span} />}
    </section>
  );
}

function Picture({ ages, policy, span }: { readonly ages: CachedAges; readonly policy: RetentionPolicy; readonly span: AgeSpan }) {
  const { bars, gaps } = ages;
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [at, setAt] = useState<number | null>(null);
  const { times: zone } = useSettings();
  const nowMs = useNow();
  useLayoutEffect(() => {
    const home = host.current;
    if (home === null) return undefined;
    const size = new ResizeObserver(() => setWidth(home.clientWidth));
    setWidth(home.clientWidth);
    size.observe(home);
    return () => size.disconnect();
  }, []);
  const plot = Math.max(1, width - LEFT);
  const top = roundTop(Math.max(1, ...bars.map(({ rows }) => rows)));
  const placed = placeBars(bars, span, { widthPx: plot, heightPx: HEIGHT, top });
  const x = (seconds: number): number => Math.min(plot, Math.max(0, placeOf(seconds, span, plot)));
  const cutoffX = policy.cutoff === null ? null : x(secondsOf(policy.cutoff));
  const day = (iso: string): string => formatTime(iso, { zone, style: 'day', nowMs });
  const bar = at === null ? undefined : bars[at];
  const isCutoffLeft = cutoffX !== null && cutoffX < plot / 2;

  function onMove(event: PointerEvent<SVGSVGElement>): void {
    const here = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    const found = placed.findIndex((one) => here >= one.x && here <= one.x + one.width + 1);
    setAt(found === -1 ? null : found);
  }

  return (
    <div ref={host} className="ages-plot">
      {width === 0 ? null : (
        <svg width={width} height={WHOLE} role="img" aria-label={pictureWords(ages, policy, day)} onPointerMove={onMove} onPointerLeave={() => setAt(null)}>
          <defs><pattern id="ages-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line className="ages-hatch" x1="0" y1="0" x2="0" y2="7" /></pattern></defs>
          <g transform={`translate(${LEFT} ${TOP})`}>
            {cutoffX === null ? null : <rect className="ages-due" x={0} y={0} width={cutoffX} height={HEIGHT} />}
            {[0, ...linesOf(top)].map((line) => {
              const y = HEIGHT - (line / top) * HEIGHT;
              return <g key={line}><line className={line === 0 ? 'ages-base' : 'ages-line'} x1={0} x2={plot} y1={y} y2={y} /><text className="ages-text" x={-8} y={y + 4} textAnchor="end">{formatCount(line)}</text></g>;
            })}
            {gaps.map(({ from, to }, index) => {
              const [left, right] = [from === null ? 0 : x(secondsOf(from)), to === null ? plot : x(secondsOf(to))];
              return right <= left ? null : <rect key={index} fill="url(#ages-hatch)" x={left} y={0} width={right - left} height={HEIGHT} />;
            })}
            {placed.map((one, index) => (one.height === 0 ? null : (
              <g key={index}>
                <rect className={index === at ? 'ages-bar ages-bar-at' : 'ages-bar'} x={one.x} y={HEIGHT - one.height} width={one.width} height={one.height} />
                {one.heldHeight === 0 ? null : <rect className="ages-held" x={one.x} y={HEIGHT - one.heldHeight} width={one.width} height={one.heldHeight} />}
              </g>
            )))}
            {placed.map((one, index) => ((bars[index]?.held ?? 0) === 0 ? null : <rect key={`held-${index}`} className="ages-held" x={one.x} y={HEIGHT + 3} width={Math.max(2, one.width)} height={HELD_HEIGHT} />))}
            {cutoffX === null || policy.cutoff === null ? null : (
              <g>
                <line className="ages-cutoff" x1={cutoffX} x2={cutoffX} y1={-TOP + 2} y2={HEIGHT + HELD_HEIGHT + 4} />
                <text className="ages-text ages-cutoff-text" x={cutoffX + (isCutoffLeft ? 6 : -6)} y={-6} textAnchor={isCutoffLeft ? 'start' : 'end'}>cutoff {day(policy.cutoff)}</text>
              </g>
            )}
            {ticksOf(span, Math.max(1, Math.floor(plot / 90)), zone).map(({ atSeconds, label }) => {
              const tickX = x(atSeconds);
              return <text key={atSeconds} className="ages-text" x={tickX} y={AXIS_Y - TOP} textAnchor={tickX < 24 ? 'start' : tickX > plot - 24 ? 'end' : 'middle'}>{label}</text>;
            })}
          </g>
        </svg>
      )}
      {bar === undefined || at === null ? null : <Tip bar={bar} leftPx={LEFT + (placed[at]?.x ?? 0)} isRight={(placed[at]?.x ?? 0) > plot * 0.6} widthPx={width} day={day} />}
    </div>
  );
}

function Tip({ bar: { from, to, rows, bytes, held }, leftPx, isRight, widthPx, day }: { readonly bar: AgeBar; readonly leftPx: number; readonly isRight: boolean; readonly widthPx: number; readonly day: (iso: string) => string }) {
  const end = secondsOf(to) - secondsOf(from) <= 86_400 ? null : day(to);
  return (
    <div className="ages-tip" style={isRight ? { right: `${widthPx - leftPx}px` } : { left: `${leftPx + 8}px` }} aria-hidden>
      <strong>{day(from)}{end === null ? '' : ` to ${end}`}</strong>
      <span>{plural(rows, 'row')} · {formatBytes(bytes)}</span>
      {held === 0 ? null : <span>{formatCount(held)} under a hold</span>}
    </div>
  );
}

function pictureWords({ rows, oldestAt, newestAt, pastCutoff, bars, gaps }: CachedAges, { cutoff }: RetentionPolicy, day: (iso: string) => string): string {
  const held = bars.reduce((sum, bar) => sum + bar.held, 0);
  return [
    `${plural(rows, 'row')} by age${oldestAt === null || newestAt === null ? '' : `, from ${day(oldestAt)} to ${day(newestAt)}`}`,
    cutoff === null ? 'no cutoff is known' : `cutoff ${day(cutoff)}${pastCutoff === null ? '' : `, ${plural(pastCutoff, 'row')} before it`}`,
    held === 0 ? 'none under a hold' : `${formatCount(held)} under a hold`,
    gaps.length === 0 ? null : `${plural(gaps.length, 'stretch', 'stretches')} before the cutoff never read`,
  ].filter((part) => part !== null).join('; ');
}

function AgeTable({ ages: { bars }, policy: { cutoff } }: { readonly ages: CachedAges; readonly policy: RetentionPolicy }) {
  const { times: zone } = useSettings();
  const nowMs = useNow();
  const day = (iso: string): string => formatTime(iso, { zone, style: 'day', nowMs });
  const filled = bars.filter(({ rows }) => rows > 0);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard.
    <div className="ages-table" role="region" aria-label="Rows by age, as a table" tabIndex={0}>
      <table className="table">
        <thead><tr><th scope="col">From</th><th scope="col">Until</th><th scope="col" className="num">Rows</th><th scope="col" className="num">Size here</th><th scope="col" className="num">Under a hold</th><th scope="col">By the cutoff</th></tr></thead>
        <tbody>
          {filled.map(({ from, to, rows, bytes, held }) => (
            <tr key={from}>
              <td>{day(from)}</td><td>{day(to)}</td><td className="num">{formatCount(rows)}</td><td className="num">{formatBytes(bytes)}</td><td className="num">{held === 0 ? <span className="dim">none</span> : formatCount(held)}</td>
              <td className="sub">{cutoff === null ? 'not known' : secondsOf(to) <= secondsOf(cutoff) ? 'due' : secondsOf(from) >= secondsOf(cutoff) ? 'not due' : 'the cutoff lies in it'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {filled.length === bars.length ? null : <p className="small dim">Steps without a cached row are left out.</p>}
    </div>
  );
}
