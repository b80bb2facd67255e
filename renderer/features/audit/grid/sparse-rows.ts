// The rows of one search as far as they were read: pages around what is looked at, by keyset from a neighbour and by offset after a jump; it holds a bounded number of pages.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { toClientError } from '../../../lib/client.ts';
import type { ClientError } from '../../../lib/client.ts';

export const PAGE_ROWS = 200;
/** At most this many pages stay; those farthest from what is looked at go first. */
export const MAX_PAGES = 40;
const AT_ONCE = 2;

export interface PageRequest { readonly cursor: string | null; readonly offset: number | null }
export interface Page { readonly events: readonly AuditEvent[]; readonly nextCursor: string | null }

export interface SparseRows {
  eventAt(row: number): AuditEvent | undefined;
  /** The row of an event among those held; -1 when it is not among them. */
  rowOf(id: number): number;
  /** Says which rows are looked at (`last` is not one of them); reads what is missing there and leaves other reading undone. */
  look(first: number, last: number): void;
  /** How many rows there are, once the last page was seen; else null. */
  end(): number | null;
  /** Why rows that are looked at could not be read. */
  error(): ClientError | null;
  retry(): void;
  pagesHeld(): number;
  /** Changes with every change, for useSyncExternalStore. */
  version(): number;
  subscribe(listener: () => void): () => void;
  /** Answers that are still on their way are dropped. */
  stop(): void;
}

/** @param read gives a page of PAGE_ROWS rows, fewer only at the end */
export function createSparseRows(first: Page, read: (request: PageRequest) => Promise<Page>): SparseRows {
  const pages = new Map<number, Page>([[0, first]]);
  const running = new Set<number>();
  const listeners = new Set<() => void>();
  let wanted: readonly number[] = [];
  let looked = { first: 0, last: 0 };
  let known: number | null = endOf(0, first);
  let failure: ClientError | null = null;
  let version = 0;
  let isStopped = false;

  function changed(): void {
    version += 1;
    for (const listener of listeners) listener();
  }

  function requestFor(page: number): PageRequest {
    const cursor = pages.get(page - 1)?.nextCursor ?? null;
    return cursor === null ? { cursor: null, offset: page * PAGE_ROWS } : { cursor, offset: null };
  }

  async function load(page: number): Promise<void> {
    running.add(page);
    try {
      const answer = await read(requestFor(page));
      if (isStopped) return;
      pages.set(page, answer);
      known = endOf(page, answer) ?? known;
      letGo();
    } catch (error) {
      if (isStopped) return;
      failure = toClientError(error);
      wanted = [];
    } finally {
      running.delete(page);
    }
    changed();
    pump();
  }

  function pump(): void {
    for (const page of wanted) {
      if (running.size >= AT_ONCE) return;
      // Behind a page that is on its way: its cursor is cheaper than a jump.
      if (!pages.has(page) && !running.has(page) && !running.has(page - 1)) void load(page);
    }
  }

  function letGo(): void {
    const middle = (looked.first + looked.last) / 2 / PAGE_ROWS - 0.5;
    const byDistance = [...pages.keys()].toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    for (const page of byDistance.slice(MAX_PAGES)) pages.delete(page);
  }

  function aim(): void {
    const from = Math.floor(looked.first / PAGE_ROWS);
    const to = Math.max(from, Math.ceil(looked.last / PAGE_ROWS) - 1);
    const near = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    // The neighbours come after what is in sight, the next before the one before.
    wanted = [...near, to + 1, from - 1].filter((page) => page >= 0 && (known === null || page * PAGE_ROWS < known));
    pump();
  }

  return {
    eventAt: (row) => pages.get(Math.floor(row / PAGE_ROWS))?.events[row % PAGE_ROWS],
    rowOf(id) {
      for (const [page, { events }] of pages) {
        const at = events.findIndex((event) => event.id === id);
        if (at !== -1) return page * PAGE_ROWS + at;
      }
      return -1;
    },
    look(from, last) {
      if (isStopped || failure !== null) return;
      looked = { first: from, last };
      aim();
    },
    end: () => known,
    error: () => failure,
    retry() {
      failure = null;
      changed();
      aim();
    },
    pagesHeld: () => pages.size,
    version: () => version,
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    stop() {
      isStopped = true;
      wanted = [];
    },
  };
}

/** Where the list ends, when this page shows it. */
function endOf(page: number, { events, nextCursor }: Page): number | null {
  if (nextCursor !== null) return null;
  // An empty page after a jump says only that the end lies before it.
  return events.length === 0 && page > 0 ? null : page * PAGE_ROWS + events.length;
}
