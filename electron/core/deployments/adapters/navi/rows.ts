// Reads a page of audit rows one by one: a row that cannot be trusted is set aside with its reason, and never takes its page with it.
import { AppError } from '#shared/errors.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { z } from '#shared/zod.ts';
import type { HttpAnswer } from '../../http.ts';
import { parseStrictJsonKeeping } from '../../strict-json.ts';
import { classifyExported } from './payload.ts';
import type { NaviRow, NaviRows } from './types.ts';

/** People read why a row was refused: each check says it in words of ours. */
const saying = (what: string) => ({ error: ({ input }: { readonly input?: unknown }): string => (input === undefined ? 'missing' : what) });

/** Four times the width of the columns (contract section 3.8): what is longer was not read from that table. */
const text = (columnWidth: number) => textUpTo(columnWidth * 4);
const textUpTo = (most: number) => z.string(saying('not a text')).max(most, `longer than ${most} characters, the most that is taken`);
const optionalText = (columnWidth: number) => text(columnWidth).nullish().transform((value) => value ?? null);

const rowSchema = z.looseObject({
  id: z.int(saying('not a whole number that can be kept exactly')).min(0, 'a negative number'),
  route: text(255),
  method: text(16),
  event_type: text(64),
  org_key: optionalText(64),
  actor_sub: optionalText(128),
  actor_email: optionalText(255),
  resource_id: optionalText(128),
  status_code: z.int(saying('not a whole number')).min(0, 'not from 0 to 999').max(999, 'not from 0 to 999'),
  created_at: textUpTo(64),
  payload_encoding: z.enum(['json', 'base64', 'plain'], saying('none of json, base64 and plain')).nullish(),
}, saying('not an object'));

/**
 * Reads the body of a list or an export.
 * @throws AppError response_unexpected when the body is no list; the errors of strict JSON when it is no JSON
 */
export function readRows(answer: HttpAnswer): NaviRows {
  const { value, kept } = parseStrictJsonKeeping(answer.body, { key: 'payload', depth: 2 });
  if (!Array.isArray(value)) {
    throw new AppError('response_unexpected', {
      message: `The deployment answered ${answer.requestLine.replace(/\?.*$/, '')} with ${value === null ? 'null' : `a JSON ${typeof value}`} where a list of rows was expected. Nothing of it was kept.`,
      hint: 'Check that the address is that of a NAVI backend, and test the connection.',
    });
  }
  const rows: NaviRow[] = [];
  const rejected: { index: number; reason: string }[] = [];
  for (const [index, entry] of value.entries()) {
    const row = readNaviRow(entry, kept.get(index));
    if (typeof row === 'string') rejected.push({ index, reason: row });
    else rows.push(row);
  }
  return { rows, rejected, received: value.length, requestLine: answer.requestLine, observedAt: answer.receivedAt };
}

/**
 * Reads one row, from an answer or from a file.
 * @param rawPayload the raw JSON text of its member `payload`; undefined when it has none
 * @returns the row, or why it cannot be read
 */
export function readNaviRow(entry: unknown, rawPayload: string | undefined): NaviRow | string {
  const parsed = rowSchema.safeParse(entry);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not readable'}`;
  }
  const row = parsed.data;
  const createdAtUs = parseInstantUs(row.created_at);
  if (createdAtUs === null || !Number.isSafeInteger(createdAtUs)) return `created_at: ${JSON.stringify(row.created_at)} is no time that can be kept`;
  return {
    id: row.id, createdAtUs, createdAtRaw: row.created_at, route: row.route, method: row.method, eventType: row.event_type,
    org: row.org_key, actorSub: row.actor_sub, actorEmail: row.actor_email, resourceId: row.resource_id, statusCode: row.status_code,
    ...(rawPayload === undefined ? {} : { payload: classifyExported(rawPayload, row.payload_encoding ?? null) }),
  };
}
