// What a comparison with the server finds, as a sentence with both versions; it never calls two spellings of the same value a change.
import { createHash } from 'node:crypto';
import type { FindingKind } from '#shared/domain/audit-witness.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { NaviPayload, NaviRow } from '../../deployments/service.ts';
import { keepable } from '../open-payload.ts';
import type { HeldVersion, NewFinding } from './sync-queries.ts';

/** How long this deployment keeps rows, from its last security status; null days: it keeps them for ever or does not say. */
export interface Retention { readonly state: 'on' | 'off' | 'unknown'; readonly days: number | null; readonly observedAtUs: number | null }

const DAY_US = 86_400_000_000;
/** Clocks differ: a row this close to the cutoff counts as expired. */
const CUTOFF_SLACK_US = 3_600_000_000;

/** Reads the retention from a security status (contract section 2). */
export function retentionOf(status: { readonly body: string; readonly observedAtUs: number } | null): Retention {
  const unknown: Retention = { state: 'unknown', days: null, observedAtUs: status?.observedAtUs ?? null };
  if (status === null) return unknown;
  let value: unknown;
  try {
    value = JSON.parse(status.body);
  } catch {
    return unknown;
  }
  const part = (value as { audit_retention?: { enabled?: unknown; retention_days?: unknown } } | null)?.audit_retention;
  if (part?.enabled === false) return { ...unknown, state: 'off' };
  const days = part?.retention_days;
  return part?.enabled === true && typeof days === 'number' && Number.isInteger(days) && days > 0 && days <= 36_500 ? { ...unknown, state: 'on', days } : unknown;
}

/** Rows older than this may be gone for good reason; null: none may, as far as is known. */
export function cutoffUs({ days }: Retention, nowUs: number): number | null {
  return days === null ? null : nowUs - days * DAY_US + CUTOFF_SLACK_US;
}

function finding(kind: FindingKind, parts: Omit<NewFinding, 'digest' | 'kind'>): NewFinding {
  return { kind, ...parts, digest: createHash('sha256').update(JSON.stringify([kind, parts.held, parts.found])).digest('hex') };
}

const shown = (columns: HeldVersion['columns']): Record<string, unknown> => {
  const { createdAtUs, ...rest } = columns;
  return { ...rest, createdAt: formatInstantUs(Number(createdAtUs)) };
};

const columnsOf = (row: NaviRow): HeldVersion['columns'] => ({
  id: row.id, createdAtUs: row.createdAtUs, route: row.route, method: row.method, eventType: row.eventType, org: row.org,
  actorSub: row.actorSub, actorEmail: row.actorEmail, resourceId: row.resourceId, statusCode: row.statusCode,
});

/** A row whose stretch the server answered completely, and that was not in the answer. */
export function vanished(held: HeldVersion, retention: Retention): NewFinding {
  const { id } = held.columns;
  const kept = retention.state === 'on' ? `It is younger than the ${retention.days} days that this deployment keeps rows.`
    : retention.state === 'off' ? 'This deployment says that it keeps rows for ever.' : 'How long this deployment keeps rows is not known, so it may have expired.';
  return finding('vanished', {
    eventId: Number(id), createdAtUs: held.createdAtUs, found: null, held: JSON.stringify({ ...shown(held.columns), payload: held.payload }),
    message: `Event ${id} of ${formatInstantUs(held.createdAtUs)} is no longer at the server, which answered completely for its time. ${kept}`,
  });
}

/** A row with other content than the version held. */
export function changed(held: HeldVersion, row: NaviRow): NewFinding {
  const now = columnsOf(row);
  const names = Object.keys(now).filter((name) => now[name] !== held.columns[name]).map((name) => (name === 'createdAtUs' ? 'createdAt' : name));
  return finding('changed', {
    eventId: row.id, createdAtUs: held.createdAtUs, held: JSON.stringify(shown(held.columns)), found: JSON.stringify(shown(now)),
    message: `Event ${row.id} has other content at the server than when it was first seen: ${names.join(', ')} ${names.length === 1 ? 'differs' : 'differ'}. The first version is kept.`,
  });
}

/** The same row with another payload; null when both texts say the same. */
export function payloadChanged(held: HeldVersion, id: number, payload: NaviPayload): NewFinding | null {
  const now = keepable(payload);
  if (held.payload === null || isSameValue(held.payload.body, now.body)) return null;
  const version = ({ state, keyId, body }: { readonly state: string; readonly keyId: string | null; readonly body: string }): string => JSON.stringify({ id, payload: { state, keyId, body } });
  return finding('payload-changed', {
    eventId: id, createdAtUs: held.createdAtUs, held: version(held.payload), found: version(now),
    message: `The payload of event ${id} differs at the server from what was first seen${held.payload.state === now.state ? '' : `: it was ${held.payload.state} and is ${now.state} now`}. The first version is kept.`,
  });
}

/** A row that appeared where everything had been read before. */
export function backDated(row: NaviRow, confirmedAtUs: number): NewFinding {
  return finding('back-dated', {
    eventId: row.id, createdAtUs: row.createdAtUs, held: null, found: JSON.stringify(shown(columnsOf(row))),
    message: `Event ${row.id} says that it is of ${formatInstantUs(row.createdAtUs)}, but it was not there on ${formatInstantUs(confirmedAtUs)}, when that time was read completely.`,
  });
}

export function idBackwards(row: NaviRow, highest: { readonly id: number; readonly timeUs: number }): NewFinding {
  return finding('id-backwards', {
    eventId: row.id, createdAtUs: row.createdAtUs, held: null, found: JSON.stringify(shown(columnsOf(row))),
    message: `Event ${row.id} is newer than everything held (${formatInstantUs(highest.timeUs)}), but its id is not above the highest one (${highest.id}): ids went backwards, as after a restore of an older database or a reused id.`,
  });
}

/** Whether two JSON texts hold the same value: white space and the order of members do not count, the spelling of a number does. */
export function isSameValue(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    return canonical(a) === canonical(b);
  } catch {
    // No JSON, or nested beyond what can be compared: then the texts speak, and they differ.
    return false;
  }
}

/** A number as it is written: 1.0 and 1 are two spellings, and a large one is not rounded. */
class WrittenNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

function canonical(text: string): string {
  const keepNumbers = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => (typeof value === 'number' ? new WrittenNumber(context?.source ?? String(value)) : value);
  return JSON.stringify(sorted(JSON.parse(text, keepNumbers as (key: string, value: unknown) => unknown)));
}

/** Lists and objects begin with a mark, so that one is never taken for the other. */
function sorted(value: unknown): unknown {
  if (value instanceof WrittenNumber) return ['number', value.source];
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  if (typeof value !== 'object' || value === null) return value;
  return ['object', ...Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)])];
}
