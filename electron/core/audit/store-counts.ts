// Counts of the rows of one transaction by hour and by value, kept while they come: reading them again from the table costs more than storing them.
import type { EventColumns, PayloadColumns } from './store-queries.ts';

const HOUR_US = 3_600_000_000;

type Payload = Pick<PayloadColumns, 'state' | 'keyId'>;

export interface RowCounts {
  add(row: EventColumns, payload: Payload | null): void;
  /** A row that was counted without a payload, and is not written yet, has one now. */
  addLate(payload: Payload): void;
  /** How many hours and values are counted by now. */
  size(): number;
  /** Gives what was counted, and starts again. */
  take(): Counted;
}

export interface Counted {
  /** By hour since the epoch. */
  readonly hours: ReadonlyMap<number, { readonly events: number; readonly errors: number }>;
  /** By value for each facet; null stands for no value. */
  readonly facets: ReadonlyMap<string, ReadonlyMap<string | null, { readonly n: number }>>;
}

const FACETS = ['method', 'status', 'event', 'org', 'actor', 'subject', 'payload', 'key'] as const;
type Facet = (typeof FACETS)[number];
interface Counter { n: number }

/** Text of its own: a slice would keep what it was cut from in memory. */
const ownText = (text: string | null): string | null => (text === null ? null : Buffer.from(text, 'utf16le').toString('utf16le'));

/** The facets and their values are those of the view audit_tally_of. */
export function createRowCounts(): RowCounts {
  let hours = new Map<number, { events: number; errors: number }>();
  let facets = emptyFacets();
  let size = 0;

  function count(facet: Facet, value: string | null, by = 1): void {
    const counter = facets[facet].get(value);
    if (counter !== undefined) {
      counter.n += by;
      return;
    }
    facets[facet].set(ownText(value), { n: by });
    size += 1;
  }

  function countPayload(payload: Payload | null, by = 1): void {
    count('payload', payload?.state ?? null, by);
    if (payload?.state === 'encrypted') count('key', payload.keyId, by);
  }

  return {
    add(row, payload) {
      const hour = Math.floor(row.createdAtUs / HOUR_US);
      let ofHour = hours.get(hour);
      if (ofHour === undefined) {
        hours.set(hour, ofHour = { events: 0, errors: 0 });
        size += 1;
      }
      ofHour.events += 1;
      if (row.statusCode >= 400) ofHour.errors += 1;
      count('method', row.method);
      count('status', String(row.statusCode));
      count('event', row.eventType);
      count('org', row.org);
      count('actor', row.actorEmail ?? row.actorSub);
      count('subject', row.actorSub);
      countPayload(payload);
    },
    addLate(payload) {
      countPayload(null, -1);
      countPayload(payload);
    },
    size: () => size,
    take() {
      const counted = { hours, facets: new Map(FACETS.map((facet) => [facet, facets[facet]])) };
      hours = new Map();
      facets = emptyFacets();
      size = 0;
      return counted;
    },
  };
}

function emptyFacets(): Record<Facet, Map<string | null, Counter>> {
  return { method: new Map(), status: new Map(), event: new Map(), org: new Map(), actor: new Map(), subject: new Map(), payload: new Map(), key: new Map() };
}
