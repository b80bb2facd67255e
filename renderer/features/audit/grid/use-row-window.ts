// Which rows of the list are drawn now, and where; scrolling itself does no work: it is looked at once a frame, and most frames change nothing.
import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { afterScroll, placeAt, placeShowing, ROW_PX, rowsInSight, TOP } from './scroll-scale.ts';
import type { Place, Track } from './scroll-scale.ts';

/** Rows drawn beyond each edge, so that a scroll shows rows before the page draws again. */
const BEYOND = 14;
/** The drawn rows follow only when the list moved by this many. */
const STEP_ROWS = 5;

export interface RowWindow {
  readonly first: number;
  /** Not drawn any more. */
  readonly last: number;
  readonly basePx: number;
  readonly widthPx: number;
  readonly pageRows: number;
  /** Scrolls as little as needed so that all of the row is seen. */
  readonly show: (row: number) => void;
}

interface Scroller {
  /** Begins to follow an element; the function returned stops it. */
  attach(element: HTMLElement): () => void;
  setTrack(track: Track): void;
  show(row: number): void;
  /** The place that the drawn rows are of. */
  drawn(): Place;
  subscribe(listener: () => void): () => void;
}

function createScroller(): Scroller {
  let home: HTMLElement | null = null;
  let track: Track = { rows: 0, viewPx: 0 };
  let latest = TOP;
  let drawn = TOP;
  const listeners = new Set<() => void>();

  function put(next: Place): void {
    latest = next;
    if (home !== null && Math.abs(home.scrollTop - next.scrollPx) >= 1) home.scrollTop = next.scrollPx;
    const movedPx = Math.abs(next.scrollPx + next.basePx - drawn.scrollPx - drawn.basePx);
    if (next.basePx === drawn.basePx && movedPx < STEP_ROWS * ROW_PX) return;
    drawn = next;
    for (const listener of listeners) listener();
  }

  return {
    attach(element) {
      home = element;
      let frame = 0;
      const look = (): void => {
        frame = 0;
        put(afterScroll(latest, element.scrollTop, track));
      };
      const onScroll = (): void => { frame ||= requestAnimationFrame(look); };
      // At rest the bar is put where it belongs in proportion; the rows do not move. It may come before the frame that would have looked.
      const onEnd = (): void => {
        look();
        if (latest.basePx !== 0) put(placeAt(latest.scrollPx + latest.basePx, track));
      };
      element.addEventListener('scroll', onScroll, { passive: true });
      element.addEventListener('scrollend', onEnd, { passive: true });
      return () => {
        home = null;
        cancelAnimationFrame(frame);
        element.removeEventListener('scroll', onScroll);
        element.removeEventListener('scrollend', onEnd);
      };
    },
    setTrack(next) { track = next; },
    show: (row) => put(placeShowing(row, latest, track)),
    drawn: () => drawn,
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  };
}

export function useRowWindow(element: RefObject<HTMLDivElement | null>, { rows, headerPx }: { readonly rows: number; readonly headerPx: number }): RowWindow {
  const [scroller] = useState(createScroller);
  const [box, setBox] = useState({ viewPx: 0, widthPx: 0 });
  const { viewPx, widthPx } = box;
  const place = useSyncExternalStore(scroller.subscribe, scroller.drawn);
  useLayoutEffect(() => scroller.setTrack({ rows, viewPx }), [scroller, rows, viewPx]);
  useEffect(() => {
    const home = element.current;
    if (home === null) return undefined;
    const size = new ResizeObserver(() => setBox({ viewPx: home.clientHeight - headerPx, widthPx: home.clientWidth }));
    size.observe(home);
    const detach = scroller.attach(home);
    return () => {
      size.disconnect();
      detach();
    };
  }, [element, scroller, headerPx]);
  return { ...rowsInSight(place, { rows, viewPx }, BEYOND), basePx: place.basePx, widthPx, pageRows: Math.max(1, Math.floor(viewPx / ROW_PX) - 1), show: scroller.show };
}
