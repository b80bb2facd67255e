// SQL of evidence: what was looked at, what came, when. Rows are never changed.
import type { Json } from '#shared/domain/posture-expression.ts';
import { isDocumentName } from '#shared/domain/posture-pack.ts';
import type { DocumentName } from '#shared/domain/posture-pack.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { sql } from '../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../db/sql.ts';

/** Which document of which deployment; asked at which address (null for files and statements), with which token (its fingerprint; null without one). */
export interface Asked { readonly deploymentId: string; readonly address: string | null; readonly token: string | null; readonly document: DocumentName }

export interface Failure { readonly code: string; readonly message: string; readonly hint: string }
export interface Look { readonly source: string; readonly observedAtUs: number; readonly value: Json; readonly failure: null }
export interface FailedLook { readonly source: string; readonly observedAtUs: number; readonly value: null; readonly failure: Failure }

export interface StoredLook extends Look { readonly document: DocumentName }

function toLook(row: Row): Look {
  return { source: String(row['source']), observedAtUs: Number(row['observed_at']), value: JSON.parse(String(row['value'])) as Json, failure: null };
}

function toFailed(row: Row): FailedLook {
  return { source: String(row['source']), observedAtUs: Number(row['observed_at']), value: null, failure: { code: String(row['error_code']), message: String(row['error_message']), hint: String(row['error_hint']) } };
}

/** Keeps a look, unless the deployment went or moved to another address while it was made. @returns its number; null when it was not kept */
export function insertLook(db: WriteDb, asked: Asked, look: Look | FailedLook): number | null {
  const value = look.failure === null ? JSON.stringify(look.value) : null;
  db.run(sql`INSERT INTO evidence (deployment_id, address, token, document, source, observed_at, value, error_code, error_message, error_hint)
    SELECT ${asked.deploymentId}, ${asked.address}, ${asked.token}, ${asked.document}, ${look.source}, ${look.observedAtUs}, ${value}, ${look.failure?.code ?? null}, ${look.failure?.message ?? null}, ${look.failure?.hint ?? null}
    WHERE EXISTS (SELECT 1 FROM deployment WHERE id = ${asked.deploymentId} AND (${asked.address} IS NULL OR url = ${asked.address}))`);
  return db.get(sql`SELECT last_insert_rowid() AS seq, changes() AS n`, (row) => (Number(row['n']) === 1 ? Number(row['seq']) : null));
}

export function insertFile(db: WriteDb, seq: number, file: { readonly name: string; readonly sha256: string; readonly bytes: Buffer }): void {
  db.run(sql`INSERT INTO evidence_file (seq, name, sha256, bytes) VALUES (${seq}, ${file.name}, ${file.sha256}, ${file.bytes})`);
}

/** The newest answer, leaving failures out. */
export function latestLook(db: ReadDb, asked: Asked): Look | null {
  return db.get(sql`SELECT * FROM evidence WHERE deployment_id = ${asked.deploymentId} AND document = ${asked.document} AND address IS ${asked.address} AND token IS ${asked.token} AND value IS NOT NULL ORDER BY seq DESC LIMIT 1`, toLook);
}

/** The newest look when it failed; null when it did not, or there was none. */
export function latestFailure(db: ReadDb, asked: Asked): FailedLook | null {
  return db.get(sql`SELECT * FROM evidence WHERE deployment_id = ${asked.deploymentId} AND document = ${asked.document} AND address IS ${asked.address} AND token IS ${asked.token} ORDER BY seq DESC LIMIT 1`, (row) => (row['value'] === null ? toFailed(row) : null));
}

/** True when this was asked at this address at all, with whatever token. */
export function wasAsked(db: ReadDb, asked: Asked): boolean {
  return db.get(sql`SELECT 1 FROM evidence WHERE deployment_id = ${asked.deploymentId} AND document = ${asked.document} AND address IS ${asked.address} LIMIT 1`, () => true) ?? false;
}

/**
 * Failures after which what was seen before still is the last that was seen: the deployment was not reached, it was not asked, or it was
 * asked too often, as after a burst of our own. Any other failure is an answer, only not one that proves something; it puts an end to what an earlier answer proved.
 */
const NOT_ANSWERED: readonly ErrorCode[] = [
  'cancelled', 'busy', 'dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout', 'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch',
  'tls_too_old', 'tls_client_certificate', 'tls_failed', 'insecure_url', 'invalid_url', 'secret_missing', 'rate_limited',
];

/** The newest answers of every document that has one, by the names given: one row each. A document whose newest answer proves nothing is not among them. */
export function latestOf(db: ReadDb, { deploymentId, address, token }: Omit<Asked, 'document'>): readonly StoredLook[] {
  return db.all(sql`SELECT e.* FROM evidence e JOIN (
      SELECT max(seq) AS seq FROM evidence WHERE deployment_id = ${deploymentId} AND address IS ${address} AND token IS ${token} AND document <> 'attested'
        AND (value IS NOT NULL OR error_code NOT IN (SELECT value FROM json_each(${JSON.stringify(NOT_ANSWERED)}))) GROUP BY document
    ) newest ON newest.seq = e.seq AND e.value IS NOT NULL`, (row) => ({ ...toLook(row), document: String(row['document']) as DocumentName })).filter(({ document }) => isDocumentName(document));
}

/** The newest statement about each check. */
export function latestStatements(db: ReadDb, deploymentId: string): readonly Look[] {
  return db.all(sql`SELECT e.* FROM evidence e JOIN (
      SELECT max(seq) AS seq FROM evidence WHERE deployment_id = ${deploymentId} AND document = 'attested' AND value IS NOT NULL GROUP BY json_extract(value, '$.checkId')
    ) newest ON newest.seq = e.seq ORDER BY e.seq`, toLook);
}

/** What a status said of three things that matter over time; null where it said nothing of the kind. */
export interface StatusPoint { readonly observedAtUs: number; readonly hasPrevious: boolean | null; readonly keyId: string | null; readonly overdue: number | null }

const POINTS_MAX = 2000;

/** Earlier answers of the status at one address, with whatever token, newest first. */
export function statusPoints(db: ReadDb, deploymentId: string, address: string): readonly StatusPoint[] {
  return db.all(sql`SELECT observed_at, json_type(value, '$.jwt.has_previous_secrets') AS previous, json_type(value, '$.encryption.audit_encryption_key_id') AS key_type, json_extract(value, '$.encryption.audit_encryption_key_id') AS key_id,
      json_type(value, '$.audit_retention.overdue_count') AS overdue_type, json_extract(value, '$.audit_retention.overdue_count') AS overdue
    FROM evidence WHERE deployment_id = ${deploymentId} AND document = 'status' AND address = ${address} AND value IS NOT NULL ORDER BY seq DESC LIMIT ${POINTS_MAX}`, (row) => ({
    observedAtUs: Number(row['observed_at']),
    hasPrevious: row['previous'] === 'true' ? true : row['previous'] === 'false' ? false : null,
    keyId: row['key_type'] === 'text' ? String(row['key_id']) : null,
    overdue: row['overdue_type'] === 'integer' ? Number(row['overdue']) : null,
  }));
}
