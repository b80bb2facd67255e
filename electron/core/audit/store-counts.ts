// Counts of the rows of one transaction by hour and by value, kept while they come: reading them again from the table costs more than storing them.
import type { EventColumns, PayloadColumns } from './store-queries.ts';

const HOUR_US = 3_600_000_000;

type Payload = Pick<PayloadColumns, 'state' | 'keyId'>;

export interface RowCounts {
  add(row: EventColumns, payload: Payload | null): void;
  /** A row that was counted without a payload, and is not written yet, has one now. */
  addLate(payload: Payload): void;
  /** Gives what was counted, and starts again. */
  take(): Counted;
}

export interface Counted {
  /** By hour since the epoch. */
  readonly hours: ReadonlyMap<number, { readonly events: number; readonly errors: number }>;
  /** By value for each facet; null stands for no value. */
  readonly facets: ReadonlyMap<string, ReadonlyMap<string | null, number>>;
}

/** The facets and their values are those of the view audit_tally_of. */
export function createRowCounts(): RowCounts {
  let hours = new Map<number, { events: number; errors: number }>();
  let facets = new Map<string, Map<string | null, number>>();

  function count(facet: string, value: string | null, by = 1): void {
    let values = facets.get(facet);
    if (values === undefined) facets.set(facet, values = new Map());
    values.set(value, (values.get(value) ?? 0) + by);
  }

  function countPayload(payload: Payload | null, by = 1): void {
    count('payload', payload?.state ?? null, by);
    if (payload?.state === 'encrypted') count('key', payload.keyId, by);
  }

  return {
    add(row, payload) {
      const hour = Math.floor(row.createdAtUs / HOUR_US);
      let ofHour = hours.get(hour);
      if (ofHour === undefined) hours.set(hour, ofHour = { events: 0, errors: 0 });
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
    take() {
      const counted = { hours, facets };
      hours = new Map();
      facets = new Map();
      return counted;
    },
  };
}
