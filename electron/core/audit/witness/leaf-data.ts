// What a leaf of the witness stands for, as text: every column of a row or payload, its place in the log, and where it came from. One spelling for one content.
import { hash } from 'node:crypto';

/** A row as the cache holds it, with its payload. */
export interface WitnessRow {
  readonly seq: number;
  readonly id: number;
  /** Microseconds since the epoch. */
  readonly createdAtUs: number;
  readonly createdRaw: string;
  readonly route: string;
  readonly method: string;
  readonly eventType: string;
  readonly org: string | null;
  readonly actorSub: string | null;
  readonly actorEmail: string | null;
  readonly resourceId: string | null;
  readonly statusCode: number;
  readonly batch: number;
  readonly state: string | null;
  readonly keyId: string | null;
  /** Seconds since the epoch. */
  readonly sealedAt: number | null;
  readonly payloadBatch: number | null;
  readonly body: string | null;
  /** The body is so long that it was left out: `withBody` reads it when its turn comes. */
  readonly isLarge: boolean;
}

/** Where a batch came from, as JSON text: its number, kind, address, source, time, import; 'null' when no such batch is known. */
export type Provenance = (batch: number) => string;

/** Bytes of a hint: enough to tell a changed row from a changed payload. */
export const HINT_BYTES = 8;
export const NO_HINT = '\0'.repeat(HINT_BYTES);

/** Up to and with the status code, and without the closing bracket. */
function head(row: WitnessRow, position: number): string {
  return JSON.stringify([
    'holdfast-audit-row-1', position, row.id, row.createdAtUs, row.createdRaw, row.route, row.method, row.eventType, row.org, row.actorSub, row.actorEmail, row.resourceId, row.statusCode,
  ]).slice(0, -1);
}

function payloadOf(row: WitnessRow): string {
  if (row.isLarge) throw new Error('a row is hashed without its body');
  return `${JSON.stringify(row.state)},${JSON.stringify(row.body)},${JSON.stringify(row.keyId)},${row.sealedAt}`;
}

/** 'null' as it is written; any other text where the columns do not say what they said then. */
function payloadSeen({ state, batch, payloadBatch }: WitnessRow, seen: Provenance): string {
  if (payloadBatch === null) return state === null ? 'null' : '"no batch"';
  if (state === null) return '"no payload"';
  return payloadBatch === batch ? 'null' : seen(payloadBatch);
}

/** A row with the payload that it came with. */
export function rowWithPayload(row: WitnessRow, position: number, seen: Provenance): string {
  return `${head(row, position)},${payloadOf(row)},${seen(row.batch)},${payloadSeen(row, seen)}]`;
}

/** A row as it was before its payload came. */
export function rowAlone(row: WitnessRow, position: number, seen: Provenance): string {
  return `${head(row, position)},null,null,null,null,${seen(row.batch)},null]`;
}

/** A payload that came after its row. */
export function latePayload(row: WitnessRow, position: number, seen: Provenance): string {
  return `["holdfast-audit-payload-1",${position},${row.id},${payloadOf(row)},${row.payloadBatch === null ? 'null' : seen(row.payloadBatch)}]`;
}

/** A short digest of the row without its payload: it helps to name what was changed, and proves nothing. */
export function hintFor(row: WitnessRow, position: number, seen: Provenance): string {
  return hash('sha256', rowAlone(row, position, seen), 'binary').slice(0, HINT_BYTES);
}

/** The hint that is stored with the first leaf of a row: none where the leaf holds no payload. */
export function hintOf(row: WitnessRow, position: number, seen: Provenance): string {
  return row.state === null || !cameTogether(row) ? NO_HINT : hintFor(row, position, seen);
}

/** Whether the payload came with its row, so that one leaf stands for both. */
export function cameTogether(row: WitnessRow): boolean {
  return row.state === null || row.payloadBatch === null || row.payloadBatch === row.batch;
}

/** The first leaf of a row, as it is made. */
export function rowLeaf(row: WitnessRow, position: number, seen: Provenance): string {
  return cameTogether(row) ? rowWithPayload(row, position, seen) : rowAlone(row, position, seen);
}
