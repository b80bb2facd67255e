// The values of each facet with their counts: from the roll-up for all rows, else over the matching ones; what was not counted whole says so.
import { FACET_FIELDS } from '#shared/domain/audit-search.ts';
import type { FacetField, FacetValues } from '#shared/domain/audit-search.ts';
import type { ReadDb } from '../../db/sql.ts';
import { choosePlan, slicesOf } from './scan-queries.ts';
import type { Scope } from './scan-queries.ts';
import { countIn, facetGroupsIn, routeCountsIn, routesLike, talliesLike, talliesOf, totalOf } from './search-queries.ts';
import type { ValueCount } from './search-queries.ts';
import type { Turn } from './turn.ts';

/** Routes hold ids: of a large log only so many rows are asked for them. */
const ROUTE_ROWS = 100_000;
const NEWEST_ROUTE_ROWS = 20_000;
/** Distinct values kept of one facet; bounds the memory of a log where every row has its own. */
const DISTINCT = 200_000;
const COMPLETIONS = 20;

interface Tally { readonly counts: Map<string | null, number>; isWhole: boolean }
const newTally = (): Tally => ({ counts: new Map(), isWhole: true });

/** All facets of the matching rows, the most frequent values first. @throws AppError cancelled */
export async function facetsOf(db: ReadDb, { scope, limit, whole }: { readonly scope: Scope; readonly limit: number; readonly whole: boolean }, turn: Turn): Promise<FacetValues> {
  const { query, dep } = scope;
  if (!whole && query.isOnlyTime && query.sinceUs === null && query.untilUs === null) {
    const rows = totalOf(db, dep);
    return build((field) => {
      const found = field === 'route' ? routesLike(db, dep, { prefix: '', rows: NEWEST_ROUTE_ROWS, limit: limit + 1 }) : talliesOf(db, dep, { facet: field, limit: limit + 1 });
      return { ...shown(found, limit), countedRows: field === 'route' && rows > NEWEST_ROUTE_ROWS ? NEWEST_ROUTE_ROWS : null };
    });
  }
  const tallies = new Map(FACET_FIELDS.map((field) => [field, newTally()] as const));
  const note = (field: FacetField, value: string | null, n: number): void => {
    const tally = tallies.get(field);
    if (tally === undefined) return;
    const known = tally.counts.get(value);
    if (known === undefined && tally.counts.size >= DISTINCT) tally.isWhole = false;
    else tally.counts.set(value, (known ?? 0) + n);
  };
  let routeRows = 0;
  let isRouteWhole = true;
  for (const slice of slicesOf(db, scope, choosePlan(db, scope))) {
    for (const group of facetGroupsIn(db, slice)) {
      for (const field of ['method', 'status', 'org', 'actor', 'event', 'payload'] as const) note(field, group[field], group.n);
      if (group.payload === 'encrypted') note('key', group.key, group.n);
    }
    await turn.pause();
    if (whole || routeRows < ROUTE_ROWS) {
      for (const { value, n } of routeCountsIn(db, slice)) {
        note('route', value, n);
        routeRows += n;
      }
    } else if (isRouteWhole && countIn(db, slice) > 0) isRouteWhole = false;
    await turn.pause();
  }
  return build((field) => {
    const tally = tallies.get(field);
    const sorted = [...tally?.counts ?? []].map(([value, n]) => ({ value, n })).sort((a, b) => b.n - a.n || String(a.value).localeCompare(String(b.value), 'en'));
    const { values, hasMore } = shown(sorted, limit);
    return { values, hasMore: hasMore || tally?.isWhole === false, countedRows: field === 'route' && !isRouteWhole ? routeRows : null };
  });
}

function shown(found: readonly ValueCount[], limit: number): { readonly values: { value: string | null; count: number }[]; readonly hasMore: boolean } {
  return { values: found.slice(0, limit).map(({ value, n }) => ({ value, count: n })), hasMore: found.length > limit };
}

function build(of: (field: FacetField) => FacetValues[FacetField]): FacetValues {
  return { method: of('method'), status: of('status'), org: of('org'), actor: of('actor'), route: of('route'), event: of('event'), payload: of('payload'), key: of('key') };
}

/** Values for completion, the most frequent first. Of routes those of the newest rows. */
export function completionsOf(db: ReadDb, dep: number, want: { readonly field: FacetField; readonly prefix: string }): { readonly value: string | null; readonly count: number }[] {
  const found = want.field === 'route'
    ? routesLike(db, dep, { prefix: want.prefix, rows: NEWEST_ROUTE_ROWS, limit: COMPLETIONS })
    : talliesLike(db, dep, { facet: want.field, prefix: want.prefix, limit: COMPLETIONS });
  return shown(found, COMPLETIONS).values;
}
