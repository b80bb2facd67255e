// The commands about the audit log: sync, list, show one row, open one payload for a reason.
import { METHOD_PATTERN } from '#shared/domain/audit-event.ts';
import type { AuditEvent, AuditFilter } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { bareUtc, counted, fields, say, table, utc } from '../print.ts';
import type { Look } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

const ID = { name: 'ID', type: 'id', about: 'id of the audit event, a whole number as the server gave it' } as const;
/** The contract's largest page. */
const PAGE = 1000;

const sync = command({ words: ['audit', 'sync'], summary: 'Fetch the audit log of a deployment into the encrypted cache.', arguments: [NAME], options: {} }, async ({ args: [name] }, context) => {
  const result = await context.serve(['deployment.list', 'audit.sync'], async (app) => app.call('audit.sync', { deploymentId: (await deploymentNamed(app, name)).id }));
  if (!result.complete) context.note('The log is not complete: see the gaps.');
  const lines = [
    say`${result.complete ? 'Complete' : 'Not complete'} as of ${utc(result.syncedAt)}: ${counted(result.added, 'new event')}, ${counted(result.payloadsAdded, 'new payload')}, ${result.alreadyHeld} already held, ${result.total} in the cache; ${counted(result.requests, 'request')}.`,
    ...(result.changed > 0 ? [say`${counted(result.changed, 'row differs', 'rows differ')} from what was first seen; the first version is kept.`] : []),
    ...result.gaps.map((gap) => say`Gap from ${gap.from === null ? 'the beginning' : utc(gap.from)} to ${gap.to === null ? 'the end' : utc(gap.to)}: ${gap.reason}`),
  ];
  return { document: result, text: lines.join('\n') };
});

const list = command({
  words: ['audit', 'list'],
  summary: 'List cached audit events, newest first. Asks nobody.',
  arguments: [NAME],
  options: {
    text: { type: 'text', value: 'TEXT', about: 'only events that hold this text' },
    actor: { type: 'text', value: 'ACTOR', about: 'only this actor (subject or e-mail)' },
    org: { type: 'text', value: 'ORG', about: 'only this organisation' },
    method: { type: 'text', value: 'METHOD', about: 'only this HTTP method' },
    status: { type: 'text', value: 'STATUS', about: 'a code (404), a class (4xx) or a comparison (">=400", in quotes)' },
    since: { type: 'text', value: 'TIME', about: 'from this time on: 2026-11-22 or 2026-11-22T05:37Z; UTC unless it names a zone' },
    until: { type: 'text', value: 'TIME', about: 'up to this time; a date alone means its whole day' },
    limit: { type: 'count', value: 'N', fallback: 100, max: 10_000_000, about: 'at most so many events' },
  },
}, async ({ args: [name], options }, context) => {
  const filter: AuditFilter = {
    ...(options.text === undefined ? {} : { text: options.text }),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    ...(options.org === undefined ? {} : { org: options.org }),
    ...(options.method === undefined ? {} : { method: methodOf(options.method) }),
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.since === undefined ? {} : { since: timeOf('--since', options.since) }),
    ...(options.until === undefined ? {} : { until: endOf(timeOf('--until', options.until)) }),
  };
  const found = await context.serve(['deployment.list', 'audit.list'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const events: AuditEvent[] = [];
    let cursor: string | null = null;
    for (;;) {
      const page: { events: AuditEvent[]; nextCursor: string | null; matching: number; total: number } = await app.call('audit.list', { deploymentId, filter, cursor, limit: Math.min(PAGE, options.limit - events.length) });
      for (const event of page.events) events.push(event);
      cursor = page.nextCursor;
      if (cursor === null || events.length >= options.limit) return { events, nextCursor: cursor, matching: page.matching, total: page.total };
    }
  });
  const shown = `${found.events.length} of ${counted(found.matching, 'matching event')}, ${found.total} in the cache.`;
  return { document: found, text: found.events.length === 0 ? emptyList(found.total, name) : `${eventTable(found.events, context.look)}\n\n${shown}` };
});

/** A payload for programs: as a JSON value, and as the exact text, because a value can lose something (big numbers, doubled keys). */
function payloadFields(text: string | null): { readonly payload: unknown; readonly payloadText: string | null } {
  if (text === null) return { payload: null, payloadText: null };
  try {
    const payload: unknown = JSON.parse(text);
    // What is nested too deeply to be written again stays text.
    JSON.stringify(payload);
    return { payload, payloadText: text };
  } catch {
    return { payload: text, payloadText: text };
  }
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

const decrypt = command({
  words: ['audit', 'decrypt'],
  summary: 'Open one payload for a stated reason. The ledger holds the reason before the payload is shown.',
  arguments: [NAME, ID],
  options: {
    reason: { type: 'text', value: 'TEXT', required: true, about: 'why, 3 to 256 characters; goes into the ledger' },
    server: { type: 'flag', about: 'let the deployment decrypt it, instead of doing it here with a stored key' },
  },
  notes: ['At dialect A, --server is a GET that writes a row at the deployment and carries the reason in its address.'],
}, async ({ args: [name, id], options }, context) => {
  const opened = await context.serve(['deployment.list', 'audit.decrypt'], async (app) => {
    const deployment = await deploymentNamed(app, name);
    if (options.server && deployment.dialect === 'A') context.note('This deployment decrypts by a GET that writes a row of its own and carries the reason in its address, where logs and proxies may keep it.');
    return app.call('audit.decrypt', { deploymentId: deployment.id, id, reason: options.reason, where: options.server ? 'server' : 'here' });
  });
  const head = fields([
    ['Event', opened.id],
    ['Opened', `${opened.where === 'here' ? 'on this machine' : 'by the deployment'}${opened.wasEncrypted ? '' : '; it was not encrypted'}`],
    ['Key', opened.keyId ?? 'not named'],
    ['Key on the row', opened.keyIdOnRow],
    ['Sealed', opened.sealedAt === null ? null : utc(opened.sealedAt)],
    ['Ledger entry', opened.ledgerEntry],
    ['Reason', opened.reason],
  ], context.look);
  return { document: { ...opened, ...payloadFields(opened.payload) }, text: `${head}\n\n${visibleBlock(opened.payload)}` };
});

function eventTable(events: readonly AuditEvent[], look: Look): string {
  return table(
    [{ title: 'ID', align: 'right' }, { title: 'TIME (UTC)' }, { title: 'STATUS' }, { title: 'METHOD' }, { title: 'ROUTE', cut: true }, { title: 'ACTOR', cut: true }, { title: 'ORG', cut: true }, { title: 'TYPE', cut: true }, { title: 'PAYLOAD' }],
    events.map((event) => [event.id, bareUtc(event.createdAt), event.statusCode, event.method, event.route, event.actorEmail ?? event.actorSub, event.org, event.eventType, event.payloadState.replace('-', ' ')]),
    look,
  );
}

function emptyList(total: number, name: string): string {
  return total === 0 ? say`The cache holds no event of this deployment. Fetch them with: holdfast audit sync "${name}"` : `None of ${counted(total, 'cached event')} matches.`;
}

function methodOf(text: string): string {
  const method = text.toUpperCase();
  if (!METHOD_PATTERN.test(method)) throw new UsageError('--method must be an HTTP method such as GET.', ['audit', 'list']);
  return method;
}

function timeOf(option: string, text: string): string {
  if (parseInstantUs(text) === null) throw new UsageError(`${option} is not a time that can be read: write 2026-11-22 or 2026-11-22T05:37:00Z.`, ['audit', 'list']);
  return text.trim();
}

/** A date alone, as an end, is the end of that day: the filter is inclusive and keeps microseconds. */
function endOf(time: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(time) ? `${time}T23:59:59.999999Z` : time;
}

export const auditCommands: readonly Command[] = [sync, list, show, decrypt];
