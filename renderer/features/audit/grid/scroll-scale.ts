// Where the rows of a very long list stand while it scrolls: a browser cannot make a page as high as five million rows, so above a limit one pixel of the scroll bar stands for more. It never loses a row.

export const ROW_PX = 28;
/** Below 2^24 px: up to there a 32-bit float, in which pages are drawn, names every single pixel. */
export const MAX_TRACK_PX = 15_000_000;
/** A scroll farther than this many views at once is a jump (the bar was dragged); nearer ones move row by row. */
const JUMP_VIEWS = 4;

export interface Track {
  readonly rows: number;
  /** Height in which rows are seen. */
  readonly viewPx: number;
}

/** The list's own offset is always scrollPx + basePx; basePx is 0 as long as the whole list fits the page. */
export interface Place { readonly scrollPx: number; readonly basePx: number }

export const TOP: Place = { scrollPx: 0, basePx: 0 };

/** The height that the page is given for the rows. */
export function trackPx(rows: number): number {
  return Math.min(rows * ROW_PX, MAX_TRACK_PX);
}

const endPx = ({ rows, viewPx }: Track): number => Math.max(0, rows * ROW_PX - viewPx);
const scrollEndPx = ({ rows, viewPx }: Track): number => Math.max(0, trackPx(rows) - viewPx);

/** The place for an offset in the list, in proportion; offsets outside the list are brought inside. */
export function placeAt(offsetPx: number, track: Track): Place {
  const end = endPx(track);
  const offset = Math.round(Math.min(end, Math.max(0, offsetPx)));
  const scrollEnd = scrollEndPx(track);
  if (end === scrollEnd || end === 0) return { scrollPx: offset, basePx: 0 };
  // Off the ends of the list the bar is off its own ends as well, or it could not be moved on.
  const inner = Math.min(scrollEnd - 1, Math.max(1, Math.round((offset / end) * scrollEnd)));
  const scrollPx = offset === 0 ? 0 : offset === end ? scrollEnd : inner;
  return { scrollPx, basePx: offset - scrollPx };
}

/** The place after the page scrolled to `scrollPx`. When its scrollPx is another, the page is to be set there. */
export function afterScroll(before: Place, scrollPx: number, track: Track): Place {
  const end = endPx(track);
  const scrollEnd = scrollEndPx(track);
  if (end === scrollEnd) return { scrollPx: Math.round(scrollPx), basePx: 0 };
  if (Math.abs(scrollPx - before.scrollPx) > track.viewPx * JUMP_VIEWS) return placeAt((scrollPx / scrollEnd) * end, track);
  const offset = Math.round(scrollPx) + before.basePx;
  // The bar ends before the list does, or the other way round: start anew from the true proportion; what is nearer than a view is reached at once.
  const was = before.scrollPx + before.basePx;
  if (scrollPx <= 0) return placeAt(was <= track.viewPx ? 0 : offset, track);
  if (scrollPx >= scrollEnd) return placeAt(end - was <= track.viewPx ? end : offset, track);
  if (offset < 0 || offset > end) return placeAt(offset, track);
  return { scrollPx: Math.round(scrollPx), basePx: before.basePx };
}

/** The place that shows a row entirely, moved as little as needed. */
export function placeShowing(row: number, before: Place, track: Track): Place {
  const offset = before.scrollPx + before.basePx;
  const topPx = row * ROW_PX;
  const wanted = topPx < offset ? topPx : topPx + ROW_PX > offset + track.viewPx ? topPx + ROW_PX - track.viewPx : offset;
  if (wanted === offset) return before;
  const scrollPx = wanted - before.basePx;
  const isNear = Math.abs(wanted - offset) <= track.viewPx * JUMP_VIEWS;
  return isNear && scrollPx > 0 && scrollPx < scrollEndPx(track) ? { scrollPx, basePx: before.basePx } : placeAt(wanted, track);
}

/** The rows to draw: those in sight and some beyond. `last` is the first row that is not drawn. */
export function rowsInSight(place: Place, track: Track, beyond: number): { readonly first: number; readonly last: number } {
  const offset = place.scrollPx + place.basePx;
  const first = Math.max(0, Math.floor(offset / ROW_PX) - beyond);
  return { first, last: Math.max(first, Math.min(track.rows, Math.ceil((offset + track.viewPx) / ROW_PX) + beyond)) };
}
