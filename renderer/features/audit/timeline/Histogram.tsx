// Events over time as bars, with a stretch to be chosen by mouse or keys; it changes no query itself, and says nothing that was not counted.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import type { AuditHistogram } from '#shared/domain/audit-search.ts';
import { formatCount } from '../../../lib/format.ts';
import { useSettings } from '../../../lib/settings.ts';
import { createChart } from './chart.ts';
import type { Brush, Chart, Ink } from './chart.ts';
import { stretchWords } from './time-axis.ts';

/** A press that moves less than this is a click, and chooses nothing. */
const DRAG_PX = 4;

export interface TimeRange { readonly sinceUs: number; readonly untilUs: number }

interface HistogramProps {
  readonly histogram: AuditHistogram;
  /** True while the bars are of an earlier query. */
  readonly isOld: boolean;
  readonly onRange: (range: TimeRange) => void;
  /** Double click and Escape: the query shall name no time. */
  readonly onClear: () => void;
}

function inkOf(host: HTMLElement): Ink {
  const colour = (name: string): string => { const probe = host.querySelector(`.ink-${name}`); return probe === null ? 'gray' : getComputedStyle(probe).color; };
  return { events: colour('events'), errors: colour('errors'), chosen: colour('chosen') };
}

const between = (a: number, b: number): Brush => ({ from: Math.min(a, b), to: Math.max(a, b) });

export function Histogram({ histogram, isOld, onRange, onClear }: HistogramProps) {
  const { times: zone } = useSettings();
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const pressed = useRef<{ readonly at: number; readonly xPx: number } | null>(null);
  const [brush, setBrush] = useState<Brush | null>(null);
  /** Where the pointer or the keys are. */
  const [at, setAt] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const { startSeconds, stepSeconds, counts } = histogram;
  const last = counts.length - 1;

  useLayoutEffect(() => {
    const home = host.current;
    if (home === null || canvas.current === null) return undefined;
    // Looked up once for all bars of a drawing.
    let ink = inkOf(home);
    const made = createChart(canvas.current, () => ink);
    chart.current = made;
    const repaint = (): void => {
      ink = inkOf(home);
      made.repaint();
    };
    const size = new ResizeObserver(() => made.resize(home.clientWidth, home.clientHeight));
    size.observe(home);
    const theme = new MutationObserver(repaint);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', repaint);
    return () => {
      size.disconnect();
      theme.disconnect();
      system.removeEventListener('change', repaint);
      made.end();
      chart.current = null;
    };
  }, []);
  useEffect(() => { chart.current?.show(histogram, brush); }, [histogram, brush]);

  const [shownFor, setShownFor] = useState(histogram);
  if (shownFor !== histogram) {
    setShownFor(histogram);
    setBrush(null);
    setAnchor(null);
    if (shownFor.startSeconds !== startSeconds || shownFor.stepSeconds !== stepSeconds) setAt(null);
  }

  function barAt(event: PointerEvent<HTMLElement>): number {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(last, Math.max(0, Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * counts.length)));
  }

  function apply(chosen: Brush): void {
    setBrush(null);
    setAnchor(null);
    onRange({ sinceUs: (startSeconds + chosen.from * stepSeconds) * 1_000_000, untilUs: (startSeconds + (chosen.to + 1) * stepSeconds) * 1_000_000 - 1 });
  }

  function clear(): void {
    setBrush(null);
    setAnchor(null);
    if (brush === null) onClear();
  }

  function onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const here = at ?? last;
    const page = Math.max(1, Math.round(counts.length / 10));
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, ArrowDown: here - 1, ArrowUp: here + 1, PageDown: here - page, PageUp: here + page, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      const next = Math.min(last, Math.max(0, to));
      setAt(next);
      if (event.shiftKey) {
        const from = anchor ?? here;
        setAnchor(from);
        setBrush(between(from, next));
      } else {
        setAnchor(null);
        setBrush(null);
      }
    } else if (event.key === 'Enter') apply(brush ?? between(here, here));
    else if (event.key === 'Escape') clear();
    else return;
    event.preventDefault();
  }

  const words = wordsOf(histogram, brush ?? (at === null ? null : between(at, at)), zone);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = `${formatCount(total)} events in ${counts.length} steps`;
  const shownAt = at === null ? null : ((at + 0.5) / counts.length) * 100;
  return (
    <div ref={host} className={`histogram ${isOld ? 'is-old' : ''}`} role="slider" tabIndex={0} aria-label="Events over time" aria-orientation="horizontal" aria-valuemin={0} aria-valuemax={Math.max(0, last)} aria-valuenow={at ?? last} aria-busy={isOld || undefined}
      aria-valuetext={words === null ? whole : `${words.when}: ${words.counts}${brush === null ? '' : ', chosen; Enter searches this time'}`} aria-keyshortcuts="ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight Enter Escape"
      onKeyDown={onKey} onBlur={() => { setAt(null); setBrush(null); setAnchor(null); }} onDoubleClick={() => { setBrush(null); onClear(); }}
      onPointerDown={(event) => { if (event.button !== 0) return; pressed.current = { at: barAt(event), xPx: event.clientX }; event.currentTarget.setPointerCapture(event.pointerId); }}
      onPointerMove={(event) => {
        const here = barAt(event);
        setAt(here);
        if (pressed.current !== null && Math.abs(event.clientX - pressed.current.xPx) >= DRAG_PX) setBrush(between(pressed.current.at, here));
      }}
      onPointerUp={() => { if (pressed.current !== null && brush !== null) apply(brush); pressed.current = null; }}
      onPointerCancel={() => { pressed.current = null; setBrush(null); }} onPointerLeave={() => { if (pressed.current === null && anchor === null) setAt(null); }}>
      <div ref={canvas} className="histogram-canvas" aria-hidden />
      <i className="ink-events" /><i className="ink-errors" /><i className="ink-chosen" />
      {brush === null ? null : <div className="histogram-brush" style={{ left: `${(brush.from / counts.length) * 100}%`, width: `${((brush.to - brush.from + 1) / counts.length) * 100}%` }} aria-hidden />}
      {words === null || shownAt === null ? null : (
        <div className="histogram-tip" style={shownAt > 60 ? { right: `${100 - shownAt}%` } : { left: `${shownAt}%` }} aria-hidden><strong>{words.when}</strong><span>{words.counts}</span></div>
      )}
    </div>
  );
}

function wordsOf({ startSeconds, stepSeconds, counts, errors }: AuditHistogram, bars: Brush | null, zone: 'utc' | 'local'): { readonly when: string; readonly counts: string } | null {
  if (bars === null || counts.length === 0) return null;
  const sum = (list: readonly number[]): number => list.slice(bars.from, bars.to + 1).reduce((total, count) => total + count, 0);
  const events = sum(counts);
  const wrong = sum(errors);
  return {
    when: stretchWords({ startSeconds: startSeconds + bars.from * stepSeconds, endSeconds: startSeconds + (bars.to + 1) * stepSeconds }, zone),
    counts: `${formatCount(events)} ${events === 1 ? 'event' : 'events'}${events === 0 ? '' : wrong === 0 ? ', no errors' : `, ${formatCount(wrong)} with an error status`}`,
  };
}
