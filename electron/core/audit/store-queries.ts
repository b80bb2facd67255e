// SQL that puts rows and payloads into the cached audit log, with the text index and the roll-ups that follow from them. Rows are never changed.
import { Sql, sql } from '../db/sql.ts';
import type { ReadDb, SqlValue, WriteDb } from '../db/sql.ts';
import type { NaviPayload, NaviRow } from '../deployments/service.ts';

/** A row beside its payload. */
export type EventColumns = Omit<NaviRow, 'payload'>;

export interface PayloadColumns extends NaviPayload {
  /** Time inside the Fernet token, seconds since the epoch. */
  readonly sealedAtSeconds: number | null;
}

/** The number under which rows of a deployment are kept; null when there is no such deployment. */
export function numberOf(db: ReadDb, deploymentId: string): number | null {
  return db.get(sql`SELECT num FROM deployment WHERE id = ${deploymentId}`, (row) => Number(row['num']));
}

/** The highest number that a row has or had: that of one which was let go stands in the witness, and is not given again. */
export function highestSeq(db: ReadDb): number {
  return db.get(sql`SELECT max(coalesce((SELECT max(seq) FROM audit_event), 0), coalesce((SELECT max(last_seq) FROM let_go_packet), 0)) AS seq`, (row) => Number(row['seq'])) ?? 0;
}

export function insertBatch(db: WriteDb, batch: { readonly dep: number; readonly kind: 'sync' | 'import'; readonly address: string | null; readonly source: string; readonly atUs: number; readonly importId: number | null }): number {
  const id = db.get(sql`SELECT coalesce(max(id), 0) + 1 AS id FROM audit_batch`, (row) => Number(row['id'])) ?? 1;
  db.run(sql`INSERT INTO audit_batch (id, dep, kind, address, source, at, import_id) VALUES (${id}, ${batch.dep}, ${batch.kind}, ${batch.address}, ${batch.source}, ${batch.atUs}, ${batch.importId})`);
  return id;
}

export function deleteBatch(db: WriteDb, id: number): void {
  db.run(sql`DELETE FROM audit_batch WHERE id = ${id}`);
}

export interface Place { readonly seq: number; readonly dep: number; readonly batch: number }

/** @returns false when a row with this id is held already */
export function insertEvent(db: WriteDb, { event, payload }: { readonly event: EventColumns; readonly payload: PayloadColumns | null }, { seq, dep, batch }: Place): boolean {
  const { changes } = db.run(sql`INSERT INTO audit_event (seq, dep, id, created_at, created_raw, route, method, event_type, org, actor_sub, actor_email, resource_id, status_code, batch, state, key_id, sealed_at, payload_batch)
    VALUES (${seq}, ${dep}, ${event.id}, ${event.createdAtUs}, ${event.createdAtRaw}, ${event.route}, ${event.method}, ${event.eventType}, ${event.org}, ${event.actorSub}, ${event.actorEmail}, ${event.resourceId}, ${event.statusCode}, ${batch},
      ${payload?.state ?? null}, ${payload?.keyId ?? null}, ${payload?.sealedAtSeconds ?? null}, ${payload === null ? null : batch}) ON CONFLICT DO NOTHING`);
  if (changes === 0) return false;
  if (payload !== null) db.run(sql`INSERT INTO audit_payload (seq, body) VALUES (${seq}, ${payload.body})`);
  return true;
}

/** Rows and payloads that go in with one statement: the way of a value to SQLite costs more than the row. */
export const MANY = 32;
const ROWS_OF_PAYLOADS = `INSERT INTO audit_payload (seq, body) VALUES ${Array.from({ length: MANY }, () => '(?, ?)').join(', ')}`;

export interface RowToInsert { readonly event: EventColumns; readonly payload: PayloadColumns | null }

/**
 * The statement for exactly MANY rows of one batch. Its numbers are written into the text, since they are the same for all rows.
 * @returns a function that inserts rows from `firstSeq` on, leaves out those whose id is held, and gives how many went in
 */
export function manyEvents(db: WriteDb, { dep, batch }: Omit<Place, 'seq'>): (rows: readonly RowToInsert[], firstSeq: number) => number {
  if (!Number.isSafeInteger(dep) || !Number.isSafeInteger(batch)) throw new Error('numbers of deployment and batch are whole');
  const one = `(?, ${dep}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${batch}, ?, ?, ?, ?)`;
  const text = `INSERT INTO audit_event (seq, dep, id, created_at, created_raw, route, method, event_type, org, actor_sub, actor_email, resource_id, status_code, batch, state, key_id, sealed_at, payload_batch) VALUES ${Array.from({ length: MANY }, () => one).join(', ')} ON CONFLICT DO NOTHING`;
  return (rows, firstSeq) => {
    const values: SqlValue[] = [];
    rows.forEach(({ event, payload }, index) => {
      values.push(firstSeq + index, event.id, event.createdAtUs, event.createdAtRaw, event.route, event.method, event.eventType, event.org, event.actorSub, event.actorEmail, event.resourceId, event.statusCode);
      if (payload === null) values.push(null, null, null, null);
      else values.push(payload.state, payload.keyId, payload.sealedAtSeconds, batch);
    });
    return db.run(new Sql(text, values)).changes;
  };
}

export function insertPayloads(db: WriteDb, payloads: readonly { readonly seq: number; readonly body: string }[]): void {
  let at = 0;
  for (; at + MANY <= payloads.length; at += MANY) db.run(new Sql(ROWS_OF_PAYLOADS, payloads.slice(at, at + MANY).flatMap(({ seq, body }) => [seq, body])));
  for (const { seq, body } of payloads.slice(at)) db.run(sql`INSERT INTO audit_payload (seq, body) VALUES (${seq}, ${body})`);
}

export function seqsFrom(db: ReadDb, first: number): Set<number> {
  return new Set(db.all(sql`SELECT seq FROM audit_event WHERE seq >= ${first}`, (row) => Number(row['seq'])));
}

/** A row that is held under this id: its seq, whether it says the same, and its payload's state. */
export function compareHeld(db: ReadDb, dep: number, event: EventColumns): { readonly seq: number; readonly isSame: boolean; readonly hasPayload: boolean } | null {
  return db.get(sql`SELECT seq, state, created_at = ${event.createdAtUs} AND route = ${event.route} AND method = ${event.method} AND event_type = ${event.eventType} AND org IS ${event.org}
      AND actor_sub IS ${event.actorSub} AND actor_email IS ${event.actorEmail} AND resource_id IS ${event.resourceId} AND status_code = ${event.statusCode} AS same FROM audit_event WHERE dep = ${dep} AND id = ${event.id}`,
  (row) => ({ seq: Number(row['seq']), isSame: row['same'] === 1, hasPayload: row['state'] !== null }));
}

export function findHeld(db: ReadDb, dep: number, id: number): { readonly seq: number; readonly hasPayload: boolean } | null {
  return db.get(sql`SELECT seq, state FROM audit_event WHERE dep = ${dep} AND id = ${id}`, (row) => ({ seq: Number(row['seq']), hasPayload: row['state'] !== null }));
}

/** The payload's text as it is stored. */
export function bodyOf(db: ReadDb, seq: number): string | null {
  return db.get(sql`SELECT body FROM audit_payload WHERE seq = ${seq}`, (row) => String(row['body']));
}

/** The payload of a row that was held without one. */
export function insertLatePayload(db: WriteDb, payload: PayloadColumns, { seq, dep, batch }: Place): void {
  const num = db.get(sql`SELECT max(coalesce((SELECT max(num) FROM audit_payload_late), 0), coalesce((SELECT max(last_late) FROM let_go_packet), 0)) + 1 AS num`, (row) => Number(row['num'])) ?? 1;
  db.run(sql`INSERT INTO audit_payload_late (num, dep, seq) VALUES (${num}, ${dep}, ${seq})`);
  db.run(sql`INSERT INTO audit_payload (seq, body) VALUES (${seq}, ${payload.body})`);
  db.run(sql`UPDATE audit_event SET state = ${payload.state}, key_id = ${payload.keyId}, sealed_at = ${payload.sealedAtSeconds}, payload_batch = ${batch} WHERE seq = ${seq}`);
}

/** Takes rows out of the text index; must run while they still say what they said when they were put in. */
export function unindexText(db: WriteDb, from: number, to: number): void {
  db.run(sql`INSERT INTO audit_text (audit_text, rowid, route, actor, other, payload) SELECT 'delete', seq, route, actor, other, payload FROM audit_text_doc WHERE seq BETWEEN ${from} AND ${to}`);
}

export function indexText(db: WriteDb, from: number, to: number): void {
  db.run(sql`INSERT INTO audit_text (rowid, route, actor, other, payload) SELECT seq, route, actor, other, payload FROM audit_text_doc WHERE seq BETWEEN ${from} AND ${to} ORDER BY seq`);
}

export function addHours(db: WriteDb, dep: number, hours: ReadonlyMap<number, { readonly events: number; readonly errors: number }>): void {
  for (const [hour, { events, errors }] of hours) {
    db.run(sql`INSERT INTO audit_hour (dep, hour, events, errors) VALUES (${dep}, ${hour}, ${events}, ${errors}) ON CONFLICT DO UPDATE SET events = events + excluded.events, errors = errors + excluded.errors`);
  }
}

/** @param facets counts by value for each facet; null stands for no value */
export function addValues(db: WriteDb, dep: number, facets: ReadonlyMap<string, ReadonlyMap<string | null, { readonly n: number }>>): void {
  for (const [facet, values] of facets) {
    for (const [value, { n }] of values) {
      if (n !== 0) db.run(sql`INSERT INTO audit_tally (dep, facet, value, n) VALUES (${dep}, ${facet}, ${value === null ? '-' : `=${value}`}, ${n}) ON CONFLICT DO UPDATE SET n = n + excluded.n`);
    }
  }
}

/** Adds a row of the table to the counts by value (sign 1), or takes it out (sign -1): for a payload that comes late. The hours do not change with it. */
export function countValues(db: WriteDb, seq: number, sign: 1 | -1): void {
  db.run(sql`INSERT INTO audit_tally (dep, facet, value, n) SELECT dep, facet, value, ${sign} * count(*) FROM audit_tally_of WHERE seq = ${seq} GROUP BY 1, 2, 3
    ON CONFLICT DO UPDATE SET n = n + excluded.n`);
}
