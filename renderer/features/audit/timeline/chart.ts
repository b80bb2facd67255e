// Draws the counts as bars on a canvas with uPlot, and nothing else: axes, pointer, keys and words belong to the page around it.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { AuditHistogram } from '#shared/domain/audit-search.ts';

/** The colours of the theme as the canvas takes them. */
export interface Ink { readonly events: string; readonly errors: string; readonly chosen: string }
/** Bars from one to the other, both included. */
export interface Brush { readonly from: number; readonly to: number }

export interface Chart {
  show(histogram: AuditHistogram, brush: Brush | null): void;
  resize(widthPx: number, heightPx: number): void;
  /** Reads the colours again: the theme changed. */
  repaint(): void;
  end(): void;
}

/** Space above the highest bar. */
const HEADROOM = 1.06;

export function createChart(host: HTMLElement, ink: () => Ink): Chart {
  let range: [number, number] = [0, 1];
  const bars = uPlot.paths.bars?.({ size: [1, Infinity], align: 1, gap: 1 });
  const series = (colour: () => string): uPlot.Series => ({ fill: colour, width: 0, points: { show: false }, ...(bars === undefined ? {} : { paths: bars }) });
  const plot = new uPlot({
    width: Math.max(1, host.clientWidth), height: Math.max(1, host.clientHeight), padding: [0, 0, 0, 0],
    legend: { show: false }, cursor: { show: false }, select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    axes: [{ show: false }, { show: false }],
    scales: { x: { time: false, range: () => range }, y: { range: (_plot, _min, max) => [0, Math.max(1, max ?? 1) * HEADROOM] } },
    series: [{}, series(() => ink().events), series(() => ink().chosen), series(() => ink().errors)],
  }, [[], [], [], []], host);
  return {
    show({ startSeconds, stepSeconds, counts, errors }, brush) {
      range = [startSeconds, startSeconds + stepSeconds * Math.max(1, counts.length)];
      plot.setData([
        counts.map((_, at) => startSeconds + at * stepSeconds), [...counts],
        counts.map((count, at) => (brush !== null && at >= brush.from && at <= brush.to ? count : null)), [...errors],
      ]);
    },
    resize: (width, height) => plot.setSize({ width: Math.max(1, width), height: Math.max(1, height) }),
    repaint: () => plot.redraw(false),
    end: () => plot.destroy(),
  };
}
