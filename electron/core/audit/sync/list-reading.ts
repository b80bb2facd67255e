// Reads the list of all organisations: its newest rows, then what filters reach beyond them. A short answer is not taken for the whole log before it was doubted.
import { LACKS_HELD } from '#shared/domain/audit-event.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { NaviRows } from '../../deployments/service.ts';
import type { Session } from '../../session.ts';
import { createComparing } from './comparing.ts';
import { BEGINNING, PRESENT, withGaps } from './coverage.ts';
import type { Piece, Range } from './coverage.ts';
import { putGap, putPieces } from './map-store.ts';
import { isNewestFirst, newestOf, oldestOf, rejectionsOf } from './page.ts';
import { cutoffUs } from './retention.ts';
import type { Storing } from './storing.ts';
import { endWalk, holdsOlder, insertWalk, raiseTop, stretches } from './sync-queries.ts';
import type { ScopeKey } from './sync-queries.ts';

/** The server's own limit of one list answer (contract section 3.1). */
export const LIST_LIMIT = 1000;
export const LIST_SOURCE = 'the list';
/** So many filters are asked for in one sync; what is left is named. */
const FILTERS_AT_MOST = 1000;
const DAY_US = 86_400_000_000;

export interface ListFilter { readonly org?: string; readonly actor?: string }

export interface ListReading {
  readonly session: Session;
  readonly storing: Storing;
  /** The scope of the list: 'all'. */
  readonly key: ScopeKey;
  readonly nowUs: () => number;
  readonly signal: AbortSignal;
  /** The organisation that the export has just given whole; null when there is none. */
  readonly exported: string | null;
  ask(filter: ListFilter): Promise<NaviRows>;
  orgs(): readonly string[];
  actors(): Promise<readonly string[]>;
}

const SHORT = 'The list gave fewer rows than it may, which is taken for all there are.';
const NEWEST_ONLY = (limit: number): string => `The list gives only the newest ${limit} rows of all organisations, and no way to older rows that name neither an organisation nor an actor. Such rows from before this time may be missing.`;

const LACKS_ALL = `The list gave no row at all, and rows are held that should still be there: ${LACKS_HELD}`;

export interface ListProof {
  readonly pieces: readonly Piece[];
  /** Where rows that are held and not in the answer are missed: only what was shown completely. */
  readonly ranges: readonly Range[];
  readonly oldestUs: number | null;
  readonly topUs: number;
  /** Unreadable rows at the end of the answer. */
  readonly trailing: number;
}

/** What an answer of the unfiltered list proves: everything after its oldest instant, which may be cut short itself. */
export function listProof(page: NaviRows, knownTopUs: number | null): ListProof {
  const observedAtUs = page.observedAt * 1000;
  const oldestUs = oldestOf(page.rows);
  const topUs = Math.min(observedAtUs, Math.max(newestOf(page.rows, observedAtUs) ?? BEGINNING, knownTopUs ?? BEGINNING, page.received === 0 ? observedAtUs - DAY_US : BEGINNING));
  const { places, trailing } = rejectionsOf(page);
  const proof = { oldestUs, topUs, trailing };
  // An empty list is believed, not proven.
  if (page.received === 0) return { ...proof, pieces: [{ fromUs: BEGINNING, toUs: topUs, state: 'complete', reason: SHORT }], ranges: [] };
  if (oldestUs === null) return { ...proof, pieces: [], ranges: [] };
  const inside = { fromUs: oldestUs + 1, toUs: topUs };
  if (!isNewestFirst(page.rows)) return { ...proof, pieces: [{ ...inside, state: 'gap', reason: 'The list was not in the order of time, so nothing shows that it was complete.' }], ranges: [] };
  const pieces = inside.fromUs > inside.toUs ? [] : withGaps({ ...inside, state: 'complete', reason: null }, places);
  const above = places.some(({ toUs }) => toUs === PRESENT) ? [] : [{ fromUs: Math.max(topUs, oldestUs) + 1, toUs: PRESENT }];
  return { ...proof, pieces, ranges: [...pieces.filter(({ state }) => state === 'complete'), ...above] };
}

/** @returns gaps beyond those of the map, and unreadable rows of the filters */
export async function readList(reading: ListReading): Promise<AuditGap[]> {
  const { storing, key, nowUs } = reading;
  let walkId = 0;
  await storing.write((to) => { walkId = insertWalk(to, key, { kind: 'list', startedAtUs: nowUs() }); });
  const comparing = createComparing({ ...reading, org: null, source: () => null });
  const gaps: AuditGap[] = [];

  async function filtered(filter: ListFilter): Promise<NaviRows> {
    const page = await reading.ask(filter);
    await storing.rows(page.rows, LIST_SOURCE);
    for (const { index, reason } of page.rejected) gaps.push({ from: null, to: null, reason: `Row ${index + 1} of an answer to ${LIST_SOURCE} could not be read: ${reason}` });
    return page;
  }

  comparing.mark();
  const page = await reading.ask({});
  const observedAtUs = page.observedAt * 1000;
  const before = stretches(reading.session.read(), key);
  const { pieces, ranges, oldestUs: oldest, topUs: top, trailing } = listProof(page, before.length === 0 ? null : Math.max(...before.map(({ toUs }) => toUs)));
  // Everything that is held and should still be there speaks against an empty answer.
  const lacksAll = page.received === 0 && holdsOlder(reading.session.read(), key, { sinceUs: cutoffUs(storing.retentions(), nowUs()) ?? BEGINNING, beforeUs: PRESENT }) !== null;
  const shown: readonly Piece[] = lacksAll ? [{ fromUs: BEGINNING, toUs: top, state: 'gap', reason: LACKS_ALL }] : pieces;
  const missing = await comparing.missingFrom(page.rows.map((row) => row.id), ranges);
  const proof = { key, observedAtUs, walk: walkId };
  if (missing.length > 0) comparing.holdBack(missing, { pieces: shown, reading: proof });
  await storing.rows(page.rows, LIST_SOURCE, (to) => {
    if (missing.length === 0) putPieces(to, shown, proof);
    if (oldest !== null && top > BEGINNING) raiseTop(to, walkId, top);
  });
  await comparing.settle();

  const edgeUs = oldest ?? top;
  const below = (reason: string, to = edgeUs): Promise<void> => storing.write((db) => putGap(db, { fromUs: BEGINNING, toUs: to, state: 'gap', reason }, proof));
  const done = async (): Promise<AuditGap[]> => {
    await storing.write((to) => endWalk(to, walkId, nowUs()));
    return gaps;
  };
  if (trailing > 0) await below(`${trailing === 1 ? 'A row' : `${trailing} rows`} at the end of the list could not be read: ${page.rejected.at(-1)?.reason ?? ''}`);

  let limit = LIST_LIMIT;
  if (page.received < LIST_LIMIT) {
    const doubt = oldest === null ? 'none' : await doubtOf(reading, { oldestUs: oldest, page, filtered });
    if (doubt === 'none') {
      if (trailing === 0 && oldest !== null) await storing.write((db) => putPieces(db, [{ fromUs: BEGINNING, toUs: oldest, state: 'complete', reason: SHORT }], proof));
      return done();
    }
    if (doubt === 'lacking') {
      await below(`The list gave ${page.received} rows and lacks older ones that are held: ${LACKS_HELD}`);
      return done();
    }
    limit = page.received;
  }
  await below(NEWEST_ONLY(limit));
  gaps.push(...await throughFilters(reading, { limit, edgeUs, filtered }));
  return done();
}

interface Doubting { readonly oldestUs: number; readonly page: NaviRows; readonly filtered: (filter: ListFilter) => Promise<NaviRows> }

/**
 * Whether an answer below the limit may have been cut short by somebody else's limit. cut: older rows exist. lacking: older rows are held, but no filter
 * can show whether they are still there. none: nothing speaks for it, as far as the filters of this interface reach.
 */
async function doubtOf(reading: ListReading, { oldestUs, page, filtered }: Doubting): Promise<'none' | 'cut' | 'lacking'> {
  const { session, storing, key, nowUs, exported } = reading;
  const held = holdsOlder(session.read(), key, { sinceUs: cutoffUs(storing.retentions(), nowUs()) ?? BEGINNING, beforeUs: oldestUs });
  // What the export has just given is there: the list lacks it.
  if (held !== null && exported !== null && held.org === exported) return 'cut';
  const counts = (pick: (row: NaviRows['rows'][number]) => string | null): string[] => {
    const found = new Map<string, number>();
    for (const row of page.rows) {
      const value = pick(row);
      if (value !== null && value !== '') found.set(value, (found.get(value) ?? 0) + 1);
    }
    return [...found].toSorted((a, b) => b[1] - a[1]).map(([value]) => value);
  };
  const org = held?.org ?? counts((row) => row.org).find((value) => value !== exported);
  const actor = held?.actor ?? counts((row) => row.actorSub)[0];
  for (const filter of [...(org === undefined ? [] : [{ org }]), ...(actor === undefined ? [] : [{ actor }])]) {
    const { rows } = await filtered(filter);
    if (rows.some((row) => row.createdAtUs < oldestUs)) return 'cut';
  }
  return held === null ? 'none' : 'lacking';
}

interface Filtering { readonly limit: number; readonly edgeUs: number; readonly filtered: (filter: ListFilter) => Promise<NaviRows> }

/** The list has no paging: so it is asked for every organisation and actor that was seen, and for both where each overflows. */
async function throughFilters(reading: ListReading, { limit, edgeUs, filtered }: Filtering): Promise<AuditGap[]> {
  let left = FILTERS_AT_MOST;
  const overflows = async (filter: ListFilter): Promise<boolean> => {
    left -= 1;
    return (await filtered(filter)).received >= limit;
  };
  const overflowing: string[] = [];
  // The export has given its organisation whole.
  for (const org of reading.orgs()) if (left > 0 && org !== reading.exported && await overflows({ org })) overflowing.push(org);
  const actorsOverflowing: string[] = [];
  for (const actor of await reading.actors()) if (left > 0 && await overflows({ actor })) actorsOverflowing.push(actor);
  const gaps: AuditGap[] = [];
  const to = formatInstantUs(edgeUs);
  for (const org of overflowing) {
    for (const actor of actorsOverflowing) {
      if (left > 0 && await overflows({ org, actor })) gaps.push({ from: null, to, reason: `More than ${limit} rows of ${actor} in ${org}: older ones are out of the list's reach.` });
    }
  }
  if (overflowing.length > 0) gaps.push({ from: null, to, reason: `Rows of ${overflowing.join(', ')} beyond the newest ${limit} are known only for actors that were seen.` });
  if (left <= 0) gaps.push({ from: null, to, reason: `More than ${FILTERS_AT_MOST} organisations and actors are known; rows beyond the newest ${limit} were asked for only for so many of them.` });
  return gaps;
}
