// Where bars, marks and the cutoff stand in the picture of ages; it draws nothing and rounds no count.
import { parseInstantUs } from '#shared/domain/time.ts';
import type { CachedAges } from '#shared/domain/retention.ts';

export interface AgeSpan { readonly startSeconds: number; readonly endSeconds: number }
export interface PlacedBar { readonly x: number; readonly width: number; readonly height: number; readonly heldHeight: number }

/** A bar that is there is seen, however small it is beside the highest. */
const LEAST_PX = 2;
/** Room at the side of a cutoff that lies outside of the rows. */
const MARGIN = 0.03;

export const secondsOf = (iso: string): number => (parseInstantUs(iso) ?? Number.NaN) / 1_000_000;

/** From the first bar to the last, and to the cutoff where it lies outside; null without bars. */
export function spanOf(bars: CachedAges['bars'], cutoff: string | null): AgeSpan | null {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [startSeconds, endSeconds] = [secondsOf(first.from), secondsOf(last.to)];
  if (cutoff === null) return { startSeconds, endSeconds };
  const at = secondsOf(cutoff);
  const room = (Math.max(endSeconds, at) - Math.min(startSeconds, at)) * MARGIN;
  return { startSeconds: at < startSeconds + room ? Math.min(startSeconds, at - room) : startSeconds, endSeconds: at > endSeconds - room ? Math.max(endSeconds, at + room) : endSeconds };
}

/** Pixels from the left. */
export function placeOf(atSeconds: number, { startSeconds, endSeconds }: AgeSpan, widthPx: number): number {
  return ((atSeconds - startSeconds) / Math.max(1, endSeconds - startSeconds)) * widthPx;
}

/** The next round number of the axis: 1, 2 or 5 times a power of ten, at least as high as `most`. */
export function roundTop(most: number): number {
  if (most <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  for (const factor of [1, 2, 5]) if (factor * power >= most) return factor * power;
  return 10 * power;
}

/** Counts at which a line is drawn, the highest last; whole numbers only. */
export function linesOf(top: number): readonly number[] {
  return top < 2 ? [top] : top % 2 === 0 ? [top / 2, top] : top === 5 ? [5] : [Math.round(top / 2), top];
}

export function placeBars(bars: CachedAges['bars'], span: AgeSpan, { widthPx, heightPx, top }: { readonly widthPx: number; readonly heightPx: number; readonly top: number }): readonly PlacedBar[] {
  const high = (rows: number): number => (rows === 0 ? 0 : Math.max(LEAST_PX, (rows / top) * heightPx));
  return bars.map(({ from, to, rows, held }) => {
    const [left, right] = [placeOf(secondsOf(from), span, widthPx), placeOf(secondsOf(to), span, widthPx)];
    const gap = right - left > 4 ? 1 : 0;
    return { x: left, width: Math.max(0.5, right - left - gap), height: high(rows), heldHeight: Math.min(high(rows), high(held)) };
  });
}
