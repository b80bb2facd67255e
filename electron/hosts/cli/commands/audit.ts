// The commands about the cached audit log: list it, show one row.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { formatTerm } from '#shared/domain/audit-query-format.ts';
import { NEWEST_FIRST } from '#shared/domain/audit-search.ts';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { fields, utc } from '../print.ts';
import { eventsText } from './audit-event-text.ts';
import { eachPage } from './audit-search.ts';
import { deploymentNamed, NAME } from './named.ts';
import { payloadFields } from './payload-fields.ts';

const ID = { name: 'ID', type: 'id', about: 'id of the audit event, a whole number as the server gave it' } as const;
const METHOD_PATTERN = /^[A-Z]{1,16}$/;
/** Word for events without an organisation. */
const NO_ORG = '(none)';
const TIME_NEEDED = 'is not a time that can be read: write 2026-11-22 or 2026-11-22T05:37:00Z';

const list = command({
  words: ['audit', 'list'],
  summary: 'List cached audit events, newest first. Asks nobody.',
  arguments: [NAME],
  options: {
    text: { type: 'text', value: 'TEXT', about: 'only events that hold these words side by side; the last one may go on' },
    actor: { type: 'text', value: 'ACTOR', about: 'only actors with these words in subject or e-mail' },
    org: { type: 'text', value: 'ORG', about: 'only this organisation' },
    method: { type: 'text', value: 'METHOD', about: 'only this HTTP method' },
    status: { type: 'text', value: 'STATUS', about: 'a code (404), a class (4xx) or a comparison (">=400", in quotes)' },
    since: { type: 'text', value: 'TIME', about: 'from this time on: 2026-11-22 or 2026-11-22T05:37Z; UTC unless it names a zone' },
    until: { type: 'text', value: 'TIME', about: 'up to this time; a date alone means its whole day' },
    limit: { type: 'count', value: 'N', fallback: 100, max: 10_000_000, about: 'at most so many events' },
  },
}, async ({ args: [name], options }, context) => {
  const query = queryOf(options);
  return context.serve(['deployment.list', 'audit.search', 'audit.count'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const events: AuditEvent[] = [];
    const { nextCursor, anchor } = await eachPage(app, { deploymentId, query, sort: NEWEST_FIRST, limit: options.limit }, (page) => { for (const event of page) events.push(event); });
    const document = { events, nextCursor, ...await app.call('audit.count', { deploymentId, query, anchor }) };
    return { document, text: eventsText(document, { name, look: context.look }) };
  });
});

interface ListOptions { readonly text: string | undefined; readonly actor: string | undefined; readonly org: string | undefined; readonly method: string | undefined; readonly status: string | undefined; readonly since: string | undefined; readonly until: string | undefined }

/** The options as one query. @throws UsageError for an option that cannot be read */
function queryOf({ text, actor, org, method, status, since, until }: ListOptions): string {
  const terms: readonly (readonly [option: string, term: string | null, needs: string])[] = [
    ['--text', text === undefined ? null : `${formatTerm(null, text)}*`, 'needs a letter or a digit'],
    ['--actor', actor === undefined ? null : formatTerm('actor', actor, { exact: false }), 'needs a letter or a digit'],
    ['--org', org === undefined ? null : formatTerm('org', org === NO_ORG ? null : org, { exact: false }), 'must be the name of an organisation'],
    ['--method', method === undefined ? null : formatTerm('method', methodOf(method), { exact: false }), 'must be an HTTP method such as GET'],
    ['--status', status === undefined ? null : `status:${status}`, 'must be a code such as 404, a class such as 4xx, or a comparison such as ">=400"'],
    ['--since', since === undefined ? null : `since:"${since}"`, TIME_NEEDED],
    ['--until', until === undefined ? null : `until:"${until}"`, TIME_NEEDED],
  ];
  for (const [option, term, needs] of terms) {
    if (term !== null && !isOneTerm(term)) throw new UsageError(`${option} ${needs}.`, ['audit', 'list']);
  }
  return terms.flatMap(([, term]) => term ?? []).join(' ');
}

/** A value must not bring further terms along. */
function isOneTerm(term: string): boolean {
  const parsed = parseQuery(term);
  return parsed.ok && parsed.ast.kind !== 'and' && parsed.ast.kind !== 'or';
}

const show = command({ words: ['audit', 'show'], summary: 'Show one cached audit event; an encrypted payload stays encrypted.', arguments: [NAME, ID], options: {} }, async ({ args: [name, id] }, context) => {
  const event = await context.serve(['deployment.list', 'audit.get'], async (app) => app.call('audit.get', { deploymentId: (await deploymentNamed(app, name)).id, id }));
  const text = fields([
    ['Id', event.id],
    ['Time', utc(event.createdAt)],
    ['As the server wrote it', event.createdAtRaw],
    ['Request', `${event.method} ${event.route}`],
    ['Status', event.statusCode],
    ['Event type', event.eventType],
    ['Organisation', event.org],
    ['Actor', event.actorEmail === null ? event.actorSub : `${event.actorEmail} (${event.actorSub ?? 'no subject'})`],
    ['Resource', event.resourceId],
    ['Payload', event.payloadState === 'not-offered' ? 'not offered by this deployment' : event.payloadState.replace('-', ' ')],
    ['Key id', event.keyId],
    ['Sealed', event.sealedAt === null ? null : utc(event.sealedAt)],
    ['From', event.source],
    ['First seen', utc(event.firstSeenAt)],
  ], context.look);
  return { document: { ...event, ...payloadFields(event.payload) }, text: event.payload === null ? text : `${text}\n\n${visibleBlock(event.payload)}` };
});

function methodOf(text: string): string {
  const method = text.toUpperCase();
  if (!METHOD_PATTERN.test(method)) throw new UsageError('--method must be an HTTP method such as GET.', ['audit', 'list']);
  return method;
}

export const auditCommands: readonly Command[] = [list, show];
