// Rows of a NAVI export, from JSON or CSV: the adapter's own reading decides; what is plainly right takes a short way to the same result.
import { parseStrictJsonText } from '../../deployments/strict-json.ts';
import { classifyPayload } from '../../deployments/adapters/navi/payload.ts';
import { readNaviRow } from '../../deployments/adapters/navi/rows.ts';
import type { PayloadToStore } from '../store.ts';
import type { Cell } from './csv-records.ts';
import type { ImportRow } from './import-row.ts';
import { createInstantReader } from './instant.ts';
import { isPlainObject, readFields } from './read-fields.ts';

const MAX_KEY_ID = 256;

/** @returns the row, or why it cannot be read */
export type RowReader<T> = (given: T) => ImportRow | string;

/** A row of our own file of opened payloads: it looks like a row of an export, and its payload is what was sealed. */
export function isOpened(values: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(values, 'outcome') && Object.hasOwn(values, 'opened_with');
}

/** Reads the text of one JSON object. */
export function createNaviJsonReader(): RowReader<string> {
  const instant = createInstantReader();
  return (text) => {
    const fields = readFields(text, 'payload');
    if (typeof fields === 'string') return fields;
    return isOpened(fields.values) ? 'its payload was opened by Holdfast; opened payloads never go into the cache' : naviRow(fields.values, fields.raw, instant);
  };
}

/**
 * The columns of the adapter's schema, as it checks them (widths in characters, four times those of the table). What fails here is read again by
 * the adapter, which has the last word and the reason.
 */
function naviRow(values: Readonly<Record<string, unknown>>, raw: string | undefined, instant: (text: string) => number | null): ImportRow | string {
  const { id, route, method, event_type: eventType, org_key: org = null, actor_sub: actorSub = null, actor_email: actorEmail = null, resource_id: resourceId = null, status_code: statusCode, created_at: createdAtRaw, payload_encoding: encoding = null } = values;
  if (isId(id) && isText(route, 1020) && isText(method, 64) && isText(eventType, 256) && isOptional(org, 256) && isOptional(actorSub, 512) && isOptional(actorEmail, 1020) && isOptional(resourceId, 512)
    && typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 0 && statusCode <= 999 && isText(createdAtRaw, 64) && (encoding === 'json' || encoding === null)) {
    const createdAtUs = instant(createdAtRaw);
    if (createdAtUs !== null) {
      return { id, createdAtUs, createdAtRaw, route, method, eventType, org, actorSub, actorEmail, resourceId, statusCode, payload: raw === undefined ? undefined : plainlyClassified(raw, values['payload']) };
    }
  }
  // Members that are lists or objects have no place in these columns; the payload is judged by its text.
  return readNaviRow({ ...values, payload: null }, raw);
}

const isId = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const isOptional = (value: unknown, most: number): value is string | null => value === null || isText(value, most);

/** As classifyPayload, for a payload whose parsed form is at hand. */
function plainlyClassified(body: string, value: unknown): PayloadToStore {
  if (!isPlainObject(body, value)) return classifyPayload(body);
  const { encrypted, ciphertext, key_id: keyId, error } = value;
  if (encrypted === true && typeof ciphertext === 'string' && ciphertext !== '') return { state: 'encrypted', body, keyId: typeof keyId === 'string' && keyId.length <= MAX_KEY_ID ? keyId : null };
  return encrypted === undefined && error === undefined ? { state: 'plain', body, keyId: null } : classifyPayload(body);
}

/** The columns that a CSV of NAVI must have, and those it may have. */
export const NAVI_REQUIRED = ['id', 'route', 'method', 'event_type', 'status_code', 'created_at'] as const;
export const NAVI_OPTIONAL = ['org_key', 'actor_sub', 'actor_email', 'resource_id', 'payload', 'payload_encoding'] as const;

/** Where each column stands in a record. */
export type Columns = ReadonlyMap<string, number>;

/** Reads the cells of one record. An empty cell of a column that may be null is null: the export cannot tell the two apart. */
export function createNaviCsvReader(columns: Columns, width: number): RowReader<readonly Cell[]> {
  const instant = createInstantReader();
  const hasPayload = columns.has('payload');
  return (cells) => {
    if (cells.length !== width) return `has ${cells.length} cells where the header has ${width}`;
    const text = (name: string): string | null => {
      const at = columns.get(name);
      return at === undefined ? null : cells[at]?.text ?? null;
    };
    const optional = (name: string): string | null => text(name) || null;
    const encoding = optional('payload_encoding');
    const values = {
      id: wholeNumber(text('id')), route: text('route'), method: text('method'), event_type: text('event_type'), org_key: optional('org_key'), actor_sub: optional('actor_sub'), actor_email: optional('actor_email'),
      resource_id: optional('resource_id'), status_code: wholeNumber(text('status_code')), created_at: text('created_at'), payload_encoding: encoding,
    };
    if (!hasPayload) return naviRow(values, undefined, instant);
    const raw = payloadText(text('payload') ?? '', encoding);
    return naviRow(encoding === 'base64' || encoding === 'plain' ? values : { ...values, payload: valueOf(raw) }, raw, instant);
  };
}

/** A number of the schema's kind; anything else stays what it is, and is refused with its name. */
function wholeNumber(text: string | null): number | string | null {
  return text !== null && /^\d{1,16}$/.test(text) ? Number(text) : text;
}

/**
 * The JSON text of a cell. Python writes a dictionary or list as JSON, but a text as it is, nothing for None, and True and False in its own spelling.
 * @param encoding of the row; null where the payload is null as well
 */
function payloadText(cell: string, encoding: string | null): string {
  if (cell === '') return encoding === null ? 'null' : '""';
  if (encoding === 'base64' || encoding === 'plain') return JSON.stringify(cell);
  return isGrammatical(cell) ? cell : JSON.stringify(cell);
}

function isGrammatical(text: string): boolean {
  if (valueOf(text) !== undefined) return true;
  try {
    parseStrictJsonText(text, { maxDepth: 1_000_000 });
    return true;
  } catch {
    return false;
  }
}

/** undefined when it is no JSON. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
