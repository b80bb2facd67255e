// The order of a run's events: ancestors before descendants, ties by time and digest, so that every machine that holds the same events reads the same history.
import type { RunEvent } from './runbook-run.ts';
import { parseInstantUs } from './time.ts';

export interface History {
  /** Ancestors first; among events that do not know each other the earlier time first, then the smaller digest. */
  readonly events: readonly RunEvent[];
  /** Events that no other one names as a parent: what the next event builds on. */
  readonly heads: readonly string[];
  /** Parents that are named and not here. */
  readonly missing: readonly string[];
  /** Events behind a missing parent, or on another start: kept, not read. */
  readonly waiting: readonly RunEvent[];
}

interface Queued { readonly event: RunEvent; /** Microseconds: two spellings of one time are one time. */ readonly us: number; waits: number }

const isBefore = (a: Queued, b: Queued): boolean => (a.us === b.us ? a.event.digest < b.event.digest : a.us < b.us);
const queuedOf = (event: RunEvent): Queued => ({ event, us: parseInstantUs(event.at) ?? 0, waits: event.parents.length });

/** Earlier first, then the smaller digest: for events that are not each other's ancestors. */
export function byTime(a: RunEvent, b: RunEvent): number {
  const [left, right] = [parseInstantUs(a.at) ?? 0, parseInstantUs(b.at) ?? 0];
  if (left !== right) return left - right;
  return a.digest === b.digest ? 0 : a.digest < b.digest ? -1 : 1;
}

/** A heap of what can be read next, smallest first. */
function createReady() {
  const heap: Queued[] = [];
  const swap = (a: number, b: number): void => {
    const [left, right] = [heap[a], heap[b]];
    if (left === undefined || right === undefined) return;
    heap[a] = right;
    heap[b] = left;
  };
  const less = (a: number, b: number): boolean => {
    const [left, right] = [heap[a], heap[b]];
    return left !== undefined && right !== undefined && isBefore(left, right);
  };
  return {
    push(queued: Queued): void {
      heap.push(queued);
      for (let at = heap.length - 1; at > 0;) {
        const up = (at - 1) >> 1;
        if (!less(at, up)) break;
        swap(at, up);
        at = up;
      }
    },
    pop(): Queued | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      heap[0] = last;
      for (let at = 0; ;) {
        const [left, right] = [at * 2 + 1, at * 2 + 2];
        let least = at;
        if (less(left, least)) least = left;
        if (less(right, least)) least = right;
        if (least === at) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}

const isStart = ({ event }: Queued): boolean => event.parents.length === 0 && event.run === null && event.body.kind === 'started';

/** @param given verified events of one run, in any order; one that is there twice counts once */
export function historyOf(given: readonly RunEvent[]): History {
  const byDigest = new Map(given.map((event) => [event.digest, queuedOf(event)]));
  const children = new Map<string, Queued[]>();
  const missing = new Set<string>();
  const ready = createReady();
  let start: Queued | null = null;
  for (const queued of byDigest.values()) {
    if (isStart(queued) && (start === null || isBefore(queued, start))) start = queued;
    for (const parent of queued.event.parents) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [queued]);
      else known.push(queued);
      if (!byDigest.has(parent)) missing.add(parent);
    }
  }
  if (start !== null) ready.push(start);
  const events: RunEvent[] = [];
  const read = new Set<string>();
  const named = new Set<string>();
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    events.push(next.event);
    read.add(next.event.digest);
    for (const parent of next.event.parents) named.add(parent);
    for (const child of children.get(next.event.digest) ?? []) {
      child.waits -= 1;
      if (child.waits === 0) ready.push(child);
    }
  }
  return {
    events,
    heads: events.map(({ digest }) => digest).filter((digest) => !named.has(digest)).sort(),
    missing: [...missing].sort(),
    waiting: [...byDigest.values()].map(({ event }) => event).filter(({ digest }) => !read.has(digest)).sort(byTime),
  };
}
