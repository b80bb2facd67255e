// The geometry of the age histogram: how high the axis goes, where its marks and the cutoff stand; it draws nothing.
import type { AgeBar, CachedAges } from '#shared/domain/retention.ts';

/** Where something stands along the axis of time, 0 to 1. */
export interface Mark { readonly at: number; readonly iso: string }
export interface Stretch { readonly from: number; readonly to: number }

const MOST_MARKS = 7;

/** The end of the axis of rows and its steps, in round numbers: 1, 2 or 5 times a power of ten, at most five steps. */
export function rowsAxis(most: number): { readonly top: number; readonly steps: readonly number[] } {
  const wanted = Math.max(1, most);
  const rough = wanted / 4;
  const power = 10 ** Math.max(0, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10;
  const count = Math.ceil(wanted / step);
  return { top: count * step, steps: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/** Instants at the left edge of bars, evenly apart. */
export function timeMarks(bars: readonly AgeBar[]): readonly Mark[] {
  const every = Math.max(1, Math.ceil(bars.length / MOST_MARKS));
  return bars.flatMap(({ from }, index) => (index % every === 0 ? [{ at: index / bars.length, iso: from }] : []));
}

/** Where an instant stands between the first bar and the end of the last; null outside, and with no bars. */
export function placeOf(bars: readonly AgeBar[], iso: string): number | null {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [start, end, at] = [Date.parse(first.from), Date.parse(last.to), Date.parse(iso)];
  return at < start || at > end ? null : (at - start) / (end - start);
}

/** Stretches that were never read, cut to the axis. An open end reaches to the edge. */
export function unreadStretches({ bars, gaps }: Pick<CachedAges, 'bars' | 'gaps'>): readonly Stretch[] {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [start, end] = [Date.parse(first.from), Date.parse(last.to)];
  const share = (ms: number): number => (Math.min(end, Math.max(start, ms)) - start) / (end - start);
  return gaps.map(({ from, to }) => ({ from: from === null ? 0 : share(Date.parse(from)), to: to === null ? 1 : share(Date.parse(to)) })).filter((stretch) => stretch.to > stretch.from);
}
