// Looks for rows at a deployment without changing anything there: the list of all organisations, and single rows by the route of their payload.
import { DAY_US } from '#shared/domain/retention.ts';
import { AppError } from '#shared/errors.ts';
import { withRetry } from '../../deployments/retry.ts';
import type { RetryBudget } from '../../deployments/retry.ts';
import type { NaviClient } from '../../deployments/service.ts';
import type { Clock } from '../../ports.ts';

export const LIST_LIMIT = 1000;
const LIST_SOURCE = 'GET /api/audit?limit=1000';

export interface Sight { readonly isThere: boolean; readonly source: string; readonly atUs: number }
export interface ListSeen {
  /** Of the rows that it gave. */
  readonly times: ReadonlyMap<number, number>;
  /** It gave fewer rows than it may, every one readable: all there are. */
  readonly isWhole: boolean;
  /** Rows with a later time than this that it did not give are not there; null when it proves nothing of the kind. */
  readonly provenAfterUs: number | null;
  readonly atUs: number;
}

export interface Looker {
  list(): Promise<ListSeen>;
  /** One row by itself. @returns null when the answer tells nothing of it */
  ask(id: number): Promise<Sight | null>;
  readonly requests: () => number;
}

/** Answers that say nothing of one row while others may still be asked. */
const UNCLEAR: ReadonlySet<string> = new Set(['server_error', 'response_unexpected', 'response_not_json', 'response_invalid_utf8', 'response_duplicate_key', 'response_unsafe_number', 'response_too_deep', 'response_prototype_key', 'response_too_large', 'payload_not_offered', 'not_offered']);

export function createLooker({ client, retries, clock, signal }: { readonly client: NaviClient; readonly retries: RetryBudget; readonly clock: Clock; readonly signal: AbortSignal }): Looker {
  let requests = 0;
  const ask = <T>(run: () => Promise<T>): Promise<T> => withRetry(() => {
    requests += 1;
    return run();
  }, { clock, budget: retries, signal });

  return {
    requests: () => requests,
    async list() {
      const page = await ask(() => client.listEvents({ limit: LIST_LIMIT }, signal));
      const times = new Map(page.rows.map(({ id, createdAtUs }) => [id, createdAtUs]));
      const isReadable = page.rejected.length === 0;
      const isOrdered = page.rows.every(({ createdAtUs }, index) => index === 0 || createdAtUs <= (page.rows[index - 1]?.createdAtUs ?? 0));
      const oldest = page.rows.at(-1)?.createdAtUs ?? null;
      // An empty list is what a wrong one looks like too: it alone proves nothing.
      return { times, isWhole: isReadable && page.received > 0 && page.received < LIST_LIMIT, provenAfterUs: isReadable && isOrdered && oldest !== null ? oldest : null, atUs: page.observedAt * 1000 };
    },
    async ask(id) {
      try {
        const { requestLine, observedAt } = await ask(() => client.payload(id, { decrypt: false }, signal));
        return { isThere: true, source: requestLine, atUs: observedAt * 1000 };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'event_not_found') return { isThere: false, source: `GET /api/audit/${id}/payload`, atUs: clock.now() * 1000 };
        if (UNCLEAR.has(error.code) && error.facts['notAsked'] !== true) return null;
        throw error;
      }
    },
  };
}

/** A database may give the number of a deleted row to a new one. Less than a day apart may be two readings of the same time. */
const isAnother = (givenUs: number, createdAtUs: number | null): boolean => createdAtUs !== null && givenUs - createdAtUs >= DAY_US;

/** What the list shows of a row; null when it shows nothing of it. */
export function inList({ times, isWhole, provenAfterUs, atUs }: ListSeen, id: number, createdAtUs: number | null): Sight | null {
  const givenUs = times.get(id);
  if (givenUs !== undefined) return { isThere: !isAnother(givenUs, createdAtUs), source: LIST_SOURCE, atUs };
  const isShown = isWhole || (provenAfterUs !== null && createdAtUs !== null && createdAtUs > provenAfterUs);
  return isShown ? { isThere: false, source: LIST_SOURCE, atUs } : null;
}

/** At most so many of them, evenly spread, the first and the last among them. */
export function spread(ids: readonly number[], most: number): number[] {
  if (ids.length <= most) return [...ids];
  return [...new Set(Array.from({ length: most }, (_, index) => ids[Math.round((index * (ids.length - 1)) / (most - 1))] as number))];
}

export interface Found { readonly there: readonly number[]; readonly gone: readonly number[]; /** Asked, without an answer that tells. */ readonly unclear: readonly number[]; /** Neither shown by the list nor asked. */ readonly unasked: number; readonly asked: number; readonly sights: ReadonlyMap<number, Sight> }

/**
 * Looks for rows: every one by the list as far as it shows them, and some of them by themselves, whatever the list said.
 * @param times of the rows, as far as they are known @param always rows that are asked for in any case
 */
export async function lookFor(looker: Looker, list: ListSeen, { ids, times, most, always = [] }: { readonly ids: readonly number[]; readonly times: ReadonlyMap<number, number>; readonly most: number; readonly always?: readonly number[] }): Promise<Found> {
  const sights = new Map<number, Sight>();
  for (const id of ids) {
    const sight = inList(list, id, times.get(id) ?? null);
    if (sight !== null) sights.set(id, sight);
  }
  const unclear: number[] = [];
  let asked = 0;
  let isListBelieved = true;
  const hidden = ids.filter((id) => !sights.has(id));
  for (const id of new Set([...always, ...spread(hidden.length > 0 ? hidden : ids, hidden.length > 0 ? most : Math.min(most, 5))])) {
    // Under its number the list gives another row: to ask for it would show that one.
    if (list.times.has(id) && sights.get(id)?.isThere === false) continue;
    asked += 1;
    const sight = await looker.ask(id);
    if (sight?.isThere === true && sights.get(id)?.isThere === false) isListBelieved = false;
    // A look for this row alone is newer and more exact than the list.
    if (sight !== null) sights.set(id, sight);
    else if (!sights.has(id)) unclear.push(id);
  }
  // A list that leaves out a row which is there is shorter than it seems: that it does not give others shows nothing.
  if (!isListBelieved) for (const [id, { isThere, source }] of sights) if (!isThere && source === LIST_SOURCE) sights.delete(id);
  const of = (isThere: boolean): number[] => [...sights].filter(([, sight]) => sight.isThere === isThere).map(([id]) => id);
  return { there: of(true), gone: of(false), unclear, unasked: ids.filter((id) => !sights.has(id) && !unclear.includes(id)).length, asked, sights };
}
