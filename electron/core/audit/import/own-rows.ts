// Rows of our own exports, JSON lines and CSV: the same row comes back, and its payload is judged by its text, never by the label beside it.
import { formatInstantUs } from '#shared/domain/time.ts';
import { EXPORT_COLUMNS, EXPORT_NUMBERS, restoredCell } from '#shared/domain/audit-export.ts';
import { isFileId } from '#shared/domain/audit-event.ts';
import { classifyPayload } from '../../deployments/adapters/navi/payload.ts';
import type { PayloadToStore } from '../store.ts';
import type { Cell } from './csv-records.ts';
import type { ImportRow } from './import-row.ts';
import { createInstantReader } from './instant.ts';
import type { Columns, RowReader } from './navi-rows.ts';
import { readFields } from './read-fields.ts';

/** The columns that tell our CSV from the server's. */
export const OWN_MARKS = ['payload_state', 'key_id', 'sealed_at'] as const;
export const OWN_REQUIRED: readonly string[] = EXPORT_COLUMNS;

const STATES: ReadonlySet<unknown> = new Set(['plain', 'encrypted', 'failed', 'malformed']);
const TEXTS = ['method', 'route', 'event_type'] as const;
const OPTIONAL = ['org_key', 'actor_sub', 'actor_email', 'resource_id'] as const;

export function createOwnJsonReader(): RowReader<string> {
  const instant = createInstantReader();
  return (text) => {
    const fields = readFields(text, 'payload');
    if (typeof fields === 'string') return fields;
    const exact = fields.values['payload_text'];
    return ownRow(fields.values, typeof exact === 'string' ? exact : fields.raw ?? null, instant);
  };
}

export function createOwnCsvReader(columns: Columns, width: number): RowReader<readonly Cell[]> {
  const instant = createInstantReader();
  const places = [...columns];
  return (cells) => {
    if (cells.length !== width) return `has ${cells.length} cells where the header has ${width}`;
    const values: Record<string, unknown> = {};
    for (const [name, at] of places) {
      const text = cells[at]?.text ?? '';
      if (EXPORT_NUMBERS.has(name)) values[name] = /^\d{1,16}$/.test(text) ? Number(text) : text;
      else values[name] = restoredCell(text);
    }
    return ownRow(values, values['payload'] as string | null, instant);
  };
}

/** @param body the payload's text; unused where payload_state says that none was obtained */
function ownRow(values: Readonly<Record<string, unknown>>, body: string | null, instant: (text: string) => number | null): ImportRow | string {
  const { id, status_code: statusCode, created_at: createdAt, created_at_raw: createdAtRaw, payload_state: state } = values;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return 'id: not a whole number that can be kept exactly';
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 0 || statusCode > 999) return 'status_code: not a whole number from 0 to 999';
  for (const name of TEXTS) if (typeof values[name] !== 'string') return `${name}: not a text`;
  for (const name of OPTIONAL) if (values[name] !== null && typeof values[name] !== 'string') return `${name}: neither a text nor nothing`;
  const createdAtUs = typeof createdAt === 'string' ? instant(createdAt) : null;
  if (createdAtUs === null) return `created_at: ${JSON.stringify(createdAt ?? null)} is no time that can be kept`;
  if (createdAtRaw !== undefined && createdAtRaw !== null && typeof createdAtRaw !== 'string') return 'created_at_raw: not a text';
  if (state !== null && !STATES.has(state)) return `payload_state: ${JSON.stringify(state ?? null)} is no state of a payload that was obtained`;
  if (state !== null && body === null) return `payload: missing, although payload_state says ${String(state)}`;
  return {
    id, createdAtUs, createdAtRaw: createdAtRaw ?? formatInstantUs(createdAtUs), method: values['method'] as string, route: values['route'] as string, eventType: values['event_type'] as string,
    org: values['org_key'] as string | null, actorSub: values['actor_sub'] as string | null, actorEmail: values['actor_email'] as string | null, resourceId: values['resource_id'] as string | null, statusCode,
    payload: state === null || body === null ? undefined : payloadOf(id, body),
  };
}

/** A row of a log file is plain whatever it says: it is the log's own text, which a wrapper never is. */
function payloadOf(id: number, body: string): PayloadToStore {
  return isFileId(id) ? { state: 'plain', body, keyId: null } : classifyPayload(body);
}
