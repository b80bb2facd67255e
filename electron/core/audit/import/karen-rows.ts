// Rows of AI-Karen's log files (contract section 7): one JSON object each, kept whole as the payload. What a file does not say is left empty, never guessed.
import { excerptOf } from './import-row.ts';
import { createInstantReader } from './instant.ts';
import type { RowReader } from './navi-rows.ts';
import { readFields } from './read-fields.ts';

/** Columns end where those of the other rows do; the payload has the whole text. */
const WIDTH = { route: 1020, method: 64, eventType: 256, org: 256, sub: 512, email: 1020, resource: 512 } as const;
const MAX_TIME = 64;

type Values = Readonly<Record<string, unknown>>;

/** Reads the text of one object of application.log and its like, of audit_YYYY-MM-DD.jsonl, or of model_orchestrator_audit.log. */
export function createKarenReader(): RowReader<string> {
  const instant = createInstantReader();
  return (text) => {
    const fields = readFields(text, null);
    if (typeof fields === 'string') return fields;
    const { values } = fields;
    const createdAtRaw = first(values, ['timestamp', 'asctime'], MAX_TIME + 1);
    if (createdAtRaw === null) return 'timestamp: missing';
    const createdAtUs = createdAtRaw.length > MAX_TIME ? null : instant(createdAtRaw);
    if (createdAtUs === null) return `timestamp: ${JSON.stringify(excerptOf(createdAtRaw))} is no time that can be kept`;
    const body = text.trim();
    return {
      id: null, createdAtUs, createdAtRaw, route: routeOf(values), method: first(values, ['method'], WIDTH.method) ?? 'LOG', eventType: eventOf(values),
      org: first(values, ['tenant_id'], WIDTH.org), actorSub: first(values, ['user_id'], WIDTH.sub), actorEmail: first(values, ['email'], WIDTH.email),
      resourceId: first(values, ['correlation_id', 'plan_id', 'model_id'], WIDTH.resource), statusCode: statusOf(values), payload: { state: 'plain', body, keyId: null },
    };
  };
}

/** The first of the members that says something: a text that is not empty, or a number or truth value as text. */
function first(values: Values, names: readonly string[], most: number): string | null {
  for (const name of names) {
    const value = values[name];
    if (typeof value === 'string' && value !== '') return value.length > most ? value.slice(0, most) : value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return null;
}

/** A path where one is given, else the place in the program, else what was done. */
function routeOf(values: Values): string {
  const path = first(values, ['endpoint', 'path'], WIDTH.route);
  if (path !== null) return path;
  const place = [first(values, ['logger'], WIDTH.route), first(values, ['function'], WIDTH.route)].filter((part) => part !== null).join('.');
  return (place === '' ? first(values, ['operation', 'event_type', 'type'], WIDTH.route) ?? '' : place).slice(0, WIDTH.route);
}

function eventOf(values: Values): string {
  const event = first(values, ['event_type', 'type'], WIDTH.eventType);
  if (event !== null) return event;
  return [first(values, ['logger'], WIDTH.eventType), first(values, ['level', 'severity'], WIDTH.eventType)].filter((part) => part !== null).join('/').slice(0, WIDTH.eventType);
}

/** 0: the file says nothing of an outcome. */
function statusOf({ status_code: status, success }: Values): number {
  const given = typeof status === 'string' && /^\d{1,3}$/.test(status) ? Number(status) : status;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= 999) return given;
  if (success === true) return 200;
  return success === false ? 401 : 0;
}
