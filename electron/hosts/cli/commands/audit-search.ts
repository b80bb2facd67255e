// The commands that search and count cached audit events by a query.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { formatTerm, withTerm } from '#shared/domain/audit-query-format.ts';
import { SORT_KEYS } from '#shared/domain/audit-search.ts';
import type { AuditSort } from '#shared/domain/audit-search.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { command } from '../command.ts';
import type { Command, Served } from '../command.ts';
import { counted, table } from '../print.ts';
import { checkedQuery, CSV_HEAD, eventLines, eventRecords, eventsText } from './audit-event-text.ts';
import { deploymentNamed, NAME } from './named.ts';

const QUERY = { name: 'QUERY', type: 'text', about: 'what to look for; left out: every event', optional: true } as const;
const QUERY_NOTES = [
  'A query: words, "phrases", begin*, actor: org: method: route: status:>=400 event: resource: encrypted:yes payload: key: since:24h until: id:17..40, -x or NOT x, OR, parentheses.',
  'Put it into quotes for the shell. If it begins with a minus sign, write -- before it.',
];
/** The contract's largest page. */
const PAGE = 1000;
const SORTS = SORT_KEYS.flatMap((by) => [by, `${by}:asc`, `${by}:desc`]);

/** "status" is descending, as "status:desc". */
function sortOf(text: string): AuditSort {
  const by = SORT_KEYS.find((key) => text.split(':')[0] === key) ?? 'time';
  return { by, direction: text.endsWith(':asc') ? 'asc' : 'desc' };
}

export interface EventsWanted { readonly deploymentId: string; readonly query: string; readonly sort: AuditSort; readonly limit: number }

/** Pages of one search until the limit; the cursor is that behind the last one. */
export async function eachPage(app: Served<'audit.search'>, { limit, ...asked }: EventsWanted, take: (events: readonly AuditEvent[]) => void): Promise<{ readonly nextCursor: string | null; readonly anchor: number }> {
  let cursor: string | null = null;
  let anchor: number | null = null;
  for (let taken = 0; ;) {
    const page: { events: AuditEvent[]; nextCursor: string | null; anchor: number } = await app.call('audit.search', { ...asked, cursor, anchor, limit: Math.min(PAGE, limit - taken) });
    take(page.events);
    taken += page.events.length;
    if (page.nextCursor === null || taken >= limit) return page;
    ({ nextCursor: cursor, anchor } = page);
  }
}

const search = command({
  words: ['audit', 'search'],
  summary: 'Search the cached audit events. Asks nobody.',
  arguments: [NAME, QUERY],
  options: {
    sort: { type: 'text', value: 'COLUMN', choices: SORTS, fallback: 'time', about: `${SORT_KEYS.join(', ')}; with :asc or :desc` },
    format: { type: 'text', value: 'FORMAT', choices: ['table', 'json', 'jsonl', 'csv'], fallback: 'table', about: 'json is one document; jsonl and csv go out line by line' },
    limit: { type: 'count', value: 'N', fallback: 100, max: 10_000_000, about: 'at most so many events' },
  },
  notes: QUERY_NOTES,
}, async ({ args: [name, given], options }, context) => {
  const query = checkedQuery(given ?? '');
  const byLine = !context.json && (options.format === 'jsonl' || options.format === 'csv');
  return context.serve(['deployment.list', 'audit.search', 'audit.count'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const events: AuditEvent[] = [];
    if (byLine && options.format === 'csv') context.out(CSV_HEAD);
    const { nextCursor, anchor } = await eachPage(app, { deploymentId, query, sort: sortOf(options.sort), limit: options.limit }, (page) => {
      if (byLine) context.out(options.format === 'csv' ? eventRecords(page, context.look) : eventLines(page));
      else for (const event of page) events.push(event);
    });
    if (byLine) {
      if (nextCursor !== null) context.note(`There are more than ${counted(options.limit, 'event')}: see --limit.`);
      return { document: null, text: null };
    }
    const document = { events, nextCursor, ...await app.call('audit.count', { deploymentId, query, anchor }) };
    if (options.format === 'json') return { document, text: eventsJson(document) };
    return { document, text: eventsText({ ...document, events }, { name, look: context.look }) };
  });
});

/** The document of --json. */
function eventsJson(document: { readonly events: readonly AuditEvent[] }): string {
  const { events, ...rest } = document;
  const lines = eventLines(events).trimEnd().split('\n').join(',\n    ');
  return `{\n  "events": [${events.length === 0 ? '' : `\n    ${lines}\n  `}],\n${JSON.stringify(rest, null, 2).slice(2)}`;
}

const DAY_SECONDS = 86_400;
const BUCKETS = 400;
const SHOWN = 10_000;

type Counts = readonly { readonly value: string | null; readonly count: number }[];

/** Days with events, in UTC, oldest first. Steps longer than a day are asked for again where they hold anything. */
async function countDays(app: Served<'audit.histogram'>, asked: { readonly deploymentId: string; readonly query: string; readonly anchor: number }): Promise<Counts> {
  const days = new Map<number, number>();
  const gather = async (query: string): Promise<void> => {
    const { startSeconds, stepSeconds, counts } = await app.call('audit.histogram', { ...asked, query, buckets: BUCKETS });
    for (let at = 0; at < counts.length; at += 1) {
      const count = counts[at] ?? 0;
      if (count === 0) continue;
      const start = startSeconds + at * stepSeconds;
      if (stepSeconds > DAY_SECONDS) {
        // Neighbours go together, as far as steps of a day reach.
        let end = at + 1;
        while ((counts[end] ?? 0) > 0 && (end + 1 - at) * stepSeconds <= BUCKETS * DAY_SECONDS) end += 1;
        const between = withTerm(query, formatTerm('since', formatInstantUs(start * 1e6)));
        await gather(withTerm(between, formatTerm('until', formatInstantUs((startSeconds + end * stepSeconds) * 1e6 - 1))));
        at = end - 1;
      } else {
        const day = Math.floor(start / DAY_SECONDS);
        days.set(day, (days.get(day) ?? 0) + count);
      }
    }
  };
  await gather(asked.query);
  return [...days].sort(([a], [b]) => a - b).map(([day, count]) => ({ value: formatInstantUs(day * DAY_SECONDS * 1e6).slice(0, 10), count }));
}

const count = command({
  words: ['audit', 'count'],
  summary: 'Count the cached audit events that match, in all and by day, actor, route or status. Asks nobody.',
  arguments: [NAME, QUERY],
  options: { by: { type: 'text', value: 'WHAT', choices: ['day', 'actor', 'route', 'status'], about: 'day (UTC), actor, route or status; left out: only how many' } },
  notes: QUERY_NOTES,
}, async ({ args: [name, given], options }, context) => {
  const query = checkedQuery(given ?? '');
  const { by } = options;
  const document = await context.serve(['deployment.list', 'audit.search', 'audit.count', 'audit.histogram', 'audit.facets'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    // What comes in meanwhile is left out of every part.
    const { anchor } = await app.call('audit.search', { deploymentId, query: '', limit: 1 });
    const counts = await app.call('audit.count', { deploymentId, query, anchor });
    if (by === undefined) return { ...counts, by: null, values: [] as Counts, hasMore: false };
    if (by === 'day') return { ...counts, by, values: await countDays(app, { deploymentId, query, anchor }), hasMore: false };
    const facet = (await app.call('audit.facets', { deploymentId, query, anchor, limit: SHOWN, whole: true }))[by];
    return { ...counts, by, values: facet.values as Counts, hasMore: facet.hasMore };
  });
  const sum = `${counted(document.matching, 'matching event')}, ${document.total} in the cache.`;
  if (document.hasMore) context.note(`There are more values: the ${document.values.length} most frequent are shown.`);
  if (document.by === null || document.values.length === 0) return { document, text: sum };
  return { document, text: `${table([{ title: document.by.toUpperCase() }, { title: 'EVENTS', align: 'right' }], document.values.map((each) => [each.value, each.count]), context.look)}\n\n${sum}` };
});

export const auditSearchCommands: readonly Command[] = [search, count];
