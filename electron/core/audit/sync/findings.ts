// What a comparison with the server finds, as a sentence with both versions; it never calls two spellings of the same value a change.
import { createHash } from 'node:crypto';
import type { FindingKind } from '#shared/domain/audit-witness.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { NaviPayload, NaviRow } from '../../deployments/service.ts';
import { keepable } from '../open-payload.ts';
import { isSameJson } from '../same-json.ts';
import { keptFor } from './retention.ts';
import type { Retentions } from './retention.ts';
import type { HeldVersion, NewFinding } from './sync-queries.ts';

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
export function vanished(held: HeldVersion, retentions: Retentions): NewFinding {
  const { id } = held.columns;
  return finding('vanished', {
    eventId: Number(id), createdAtUs: held.createdAtUs, found: null, held: JSON.stringify({ ...shown(held.columns), payload: held.payload }),
    message: `Event ${id} of ${formatInstantUs(held.createdAtUs)} is no longer at the server, which answered completely for its time. ${keptFor(retentions)}`,
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
  if (held.payload === null || isSameJson(held.payload.body, now.body)) return null;
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
