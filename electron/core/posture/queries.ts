// SQL of observations: what was asked, what came back, when. Rows are never changed.
import { sql } from '../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../db/sql.ts';

/** retention-status: the security status as an audit sync asked for it. The checks that are shown are those of a look, which has both other answers. */
export type ObservationSubject = 'security-status' | 'anonymous-status' | 'retention-status';

/** Which deployment, at which address and with which token (its fingerprint; null without one), was asked for what. */
export interface Asked { readonly deploymentId: string; readonly address: string; readonly token: string | null; readonly subject: ObservationSubject }

export interface Observation {
  readonly observedAtUs: number;
  readonly source: string;
  readonly httpStatus: number | null;
  readonly body: string | null;
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

function toObservation(row: Row): Observation {
  return {
    observedAtUs: Number(row['observed_at']), source: String(row['source']),
    httpStatus: row['http_status'] === null ? null : Number(row['http_status']), body: row['body'] === null ? null : String(row['body']),
    failure: row['error_code'] === null ? null : { code: String(row['error_code']), message: String(row['error_message']), hint: String(row['error_hint']) },
  };
}

/** Keeps an observation, unless the deployment went or moved to another address while it was made. */
export function insertObservation(db: WriteDb, asked: Asked, seen: Observation): void {
  db.run(sql`INSERT INTO observation (deployment_id, address, token, subject, source, observed_at, http_status, body, error_code, error_message, error_hint)
    SELECT ${asked.deploymentId}, ${asked.address}, ${asked.token}, ${asked.subject}, ${seen.source}, ${seen.observedAtUs}, ${seen.httpStatus}, ${seen.body}, ${seen.failure?.code ?? null}, ${seen.failure?.message ?? null}, ${seen.failure?.hint ?? null}
    WHERE EXISTS (SELECT 1 FROM deployment WHERE id = ${asked.deploymentId} AND url = ${asked.address})`);
}

/** The newest answer, leaving failures out. */
export function latestAnswer(db: ReadDb, asked: Asked): Observation | null {
  return db.get(sql`SELECT * FROM observation WHERE deployment_id = ${asked.deploymentId} AND address = ${asked.address} AND token IS ${asked.token} AND subject = ${asked.subject} AND http_status IS NOT NULL ORDER BY seq DESC LIMIT 1`, toObservation);
}

/** The newest row of any outcome. */
export function latestAttempt(db: ReadDb, asked: Asked): Observation | null {
  return db.get(sql`SELECT * FROM observation WHERE deployment_id = ${asked.deploymentId} AND address = ${asked.address} AND token IS ${asked.token} AND subject = ${asked.subject} ORDER BY seq DESC LIMIT 1`, toObservation);
}

/** True when this was asked at this address at all, with whatever token. */
export function wasAsked(db: ReadDb, asked: Asked): boolean {
  return db.get(sql`SELECT 1 FROM observation WHERE deployment_id = ${asked.deploymentId} AND address = ${asked.address} AND subject = ${asked.subject} LIMIT 1`, () => true) ?? false;
}
