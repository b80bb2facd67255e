// The order of a run's events: ancestors before descendants, ties by time and digest, so that every machine that holds the same events reads the same history.
import type { RunEvent } from './runbook-run.ts';

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

interface Queued { readonly event: RunEvent; waits: number }

const isBefore = (a: RunEvent, b: RunEvent): boolean => (a.at === b.at ? a.digest < b.digest : a.at < b.at);

/** A heap of what can be read next, smallest first. */
function createReady() {
  const heap: RunEvent[] = [];
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
    push(event: RunEvent): void {
      heap.push(event);
      for (let at = heap.length - 1; at > 0;) {
        const up = (at - 1) >> 1;
        if (!less(at, up)) break;
        swap(at, up);
        at = up;
      }
    },
    pop(): RunEvent | undefined {
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

/** @param given verified events of one run, in any order, each once */
export function historyOf(given: readonly RunEvent[]): History {
  const byDigest = new Map(given.map((event) => [event.digest, { event, waits: 0 } satisfies Queued as Queued]));
  const children = new Map<string, Queued[]>();
  const missing = new Set<string>();
  const ready = createReady();
  for (const queued of byDigest.values()) {
    for (const parent of queued.event.parents) {
      if (byDigest.has(parent)) {
        queued.waits += 1;
        children.set(parent, [...(children.get(parent) ?? []), queued]);
      } else {
        queued.waits += 1;
        missing.add(parent);
      }
    }
    if (queued.event.parents.length === 0) ready.push(queued.event);
  }
  const events: RunEvent[] = [];
  const read = new Set<string>();
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    events.push(next);
    read.add(next.digest);
    for (const child of children.get(next.digest) ?? []) {
      child.waits -= 1;
      if (child.waits === 0) ready.push(child.event);
    }
  }
  const named = new Set(events.flatMap(({ parents }) => parents));
  return {
    events,
    heads: events.map(({ digest }) => digest).filter((digest) => !named.has(digest)).sort(),
    missing: [...missing].sort(),
    waiting: given.filter(({ digest }) => !read.has(digest)),
  };
}
