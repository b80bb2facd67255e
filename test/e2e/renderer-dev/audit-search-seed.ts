// Made-up answers to the calls that search, for looking at the audit screen while it is drawn; it understands enough of a query to be looked at, and no more.
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { AuditEvent, TailState } from '#shared/domain/audit-event.ts';
import type { QueryNode, ValueMatch } from '#shared/domain/audit-query-tree.ts';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { FACET_FIELDS } from '#shared/domain/audit-search.ts';
import type { AuditSort, FacetField, FacetValues, SavedView } from '#shared/domain/audit-search.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { ago, eventAt } from './seed.ts';

type Answers = { [N in CallName]?: (input: CallInput<N>) => CallOutput<N> | Promise<CallOutput<N>> };
/** Rows as they are asked for: the newest first, unless they were few enough to be put in order. */
interface Rows { readonly count: number; at(row: number): AuditEvent }

const FEW = 100_000;
const VALUE: Readonly<Record<FacetField, (event: AuditEvent) => string | null>> = {
  method: (event) => event.method, status: (event) => String(event.statusCode), org: (event) => event.org, actor: (event) => event.actorEmail ?? event.actorSub, route: (event) => event.route, event: (event) => event.eventType,
  payload: (event) => (event.payloadState === 'not-offered' || event.payloadState === 'not-synced' ? null : event.payloadState), key: (event) => event.keyId,
};

function meets(match: ValueMatch, value: string | null): boolean {
  if (match.how === 'none' || match.how === 'any') return (value === null) === (match.how === 'none');
  if (value === null || !('value' in match)) return false;
  if (match.how === 'exactly') return value === match.value;
  return match.how === 'prefix' ? value.toLowerCase().startsWith(match.value.toLowerCase()) : value.toLowerCase() === match.value.toLowerCase();
}

function fits(node: QueryNode, event: AuditEvent): boolean {
  switch (node.kind) {
    case 'and': return node.items.every((item) => fits(item, event));
    case 'or': return node.items.some((item) => fits(item, event));
    case 'not': return !fits(node.item, event);
    case 'text': return `${event.route} ${event.actorEmail ?? ''} ${event.method}`.toLowerCase().includes(node.text.toLowerCase());
    case 'value': return node.matches.some((match) => meets(match, node.field === 'resource' ? event.resourceId : VALUE[node.field](event)));
    case 'number': return node.ranges.some(({ min, max }) => { const value = node.field === 'id' ? event.id : event.statusCode; return (min === null || value >= min) && (max === null || value <= max); });
    case 'state': return node.states.some((state) => VALUE.payload(event) === state);
    case 'time': { const us = parseInstantUs(event.createdAt) ?? 0; const at = 'us' in node.at ? node.at.us : Date.now() * 1000 - node.at.agoUs; return node.side === 'since' ? us >= at : us <= at; }
  }
}

const SORTED: Readonly<Record<AuditSort['by'], (event: AuditEvent) => string | number>> = {
  time: (event) => event.createdAt, id: (event) => event.id, method: (event) => event.method, route: (event) => event.route, actor: (event) => VALUE.actor(event) ?? '', org: (event) => event.org ?? '', status: (event) => event.statusCode, event: (event) => event.eventType, resource: (event) => event.resourceId ?? '', payload: (event) => event.payloadState,
};

export function searchAnswers(count: number, options: { readonly tail?: TailState; readonly views?: readonly SavedView[]; readonly grown?: () => number } = {}): Answers {
  const few = Math.min(count, FEW);
  const all: AuditEvent[] = Array.from({ length: few }, (_, row) => eventAt(row));
  let views: SavedView[] = [...(options.views ?? [])];
  let tail: TailState = options.tail ?? { state: 'off', since: null, lastAt: null, nextAt: null, added: 0, message: null };
  const grown = (anchor: number | null | undefined): number => (anchor === null || anchor === undefined ? options.grown?.() ?? 0 : 0);

  function find(query: string): readonly AuditEvent[] | null {
    const parsed = parseQuery(query);
    if (!parsed.ok) throw new AppError('invalid_query', { message: `Column ${parsed.error.column}: ${parsed.error.message}`, hint: parsed.error.hint });
    return query.trim() === '' ? null : all.filter((event) => fits(parsed.ast, event));
  }
  function rowsOf(query: string, sort?: AuditSort): Rows {
    const found = find(query);
    if (found === null && (sort === undefined || (sort.by === 'time' && sort.direction === 'desc') || count > FEW)) return { count, at: eventAt };
    const list = [...(found ?? all)];
    if (sort !== undefined) list.sort((a, b) => { const [x, y] = [SORTED[sort.by](a), SORTED[sort.by](b)]; const order = x < y ? -1 : x > y ? 1 : 0; return sort.direction === 'asc' ? order : -order; });
    return { count: list.length, at: (row) => list[row] as AuditEvent };
  }
  return {
    'audit.search': ({ query = '', sort, cursor = null, offset = null, limit = 200, anchor = null }) => {
      const rows = rowsOf(query, sort);
      const from = cursor === null ? offset ?? 0 : Number(cursor);
      const to = Math.min(rows.count, from + limit);
      return { events: Array.from({ length: Math.max(0, to - from) }, (_, at) => rows.at(from + at)), nextCursor: to < rows.count ? String(to) : null, anchor: anchor ?? count + grown(null) };
    },
    'audit.count': ({ query = '', anchor = null }) => ({ matching: rowsOf(query).count + grown(anchor), total: count + grown(anchor) }),
    'audit.histogram': ({ query = '' }) => {
      const found = find(query) ?? all;
      if (found.length === 0) return { startSeconds: 0, stepSeconds: 60, counts: [], errors: [] };
      const times = found.map((event) => Date.parse(event.createdAt) / 1000);
      const step = [1, 60, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400].find((candidate) => ((times[0] ?? 0) - (times.at(-1) ?? 0)) / candidate < 150) ?? 86_400;
      const start = Math.floor(Math.min(...times) / step) * step;
      const length = Math.floor((Math.max(...times) - start) / step) + 1;
      const counts = Array.from({ length }, () => 0);
      const errors = Array.from({ length }, () => 0);
      for (const [row, time] of times.entries()) {
        const at = Math.floor((time - start) / step);
        counts[at] = (counts[at] ?? 0) + 1;
        if ((found[row]?.statusCode ?? 0) >= 400) errors[at] = (errors[at] ?? 0) + 1;
      }
      return { startSeconds: start, stepSeconds: step, counts, errors };
    },
    'audit.facets': ({ query = '', limit = 8 }) => {
      const found = find(query) ?? all;
      return Object.fromEntries(FACET_FIELDS.map((field) => [field, tally(found, field, limit)])) as FacetValues;
    },
    'audit.complete': ({ field, prefix }) => ({ values: tally(all.filter((event) => (VALUE[field](event) ?? '').toLowerCase().includes(prefix.toLowerCase())), field, 20).values }),
    'audit.render': ({ ids, format }) => ({ text: format === 'json' ? JSON.stringify(ids) : ids.join('\n') }),
    'audit.viewList': () => ({ views }),
    'audit.viewSave': ({ name, query, sort, columns }) => { const saved: SavedView = { id: views.find((view) => view.name === name)?.id ?? views.length + 1, name, query, sort, columns, savedAt: ago(0) }; views = [...views.filter((view) => view.name !== name), saved]; return saved; },
    'audit.viewRemove': ({ id }) => { views = views.filter((view) => view.id !== id); return {}; },
    'audit.tailState': () => tail,
    'audit.tailStart': () => { tail = { state: 'following', since: ago(0), lastAt: ago(0), nextAt: null, added: 0, message: null }; return tail; },
    'audit.tailStop': () => { tail = { state: 'off', since: null, lastAt: null, nextAt: null, added: 0, message: null }; return tail; },
  };
}

function tally(events: readonly AuditEvent[], field: FacetField, limit: number): FacetValues[FacetField] {
  const counts = new Map<string | null, number>();
  for (const event of events) if (field !== 'key' || event.payloadState === 'encrypted') counts.set(VALUE[field](event), (counts.get(VALUE[field](event)) ?? 0) + 1);
  const values = [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count);
  return { values: values.slice(0, limit), hasMore: values.length > limit, countedRows: null };
}
