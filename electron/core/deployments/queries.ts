// SQL of the deployment registry. Tokens are not here: only their claims.
import { capability, tokenClaims } from '#shared/domain/deployment.ts';
import type { Capability, Deployment, DeploymentKind, Dialect, Environment, Role, TokenClaims } from '#shared/domain/deployment.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { z } from '#shared/zod.ts';
import { Sql, sql } from '../db/sql.ts';
import type { ReadDb, Row, WriteDb } from '../db/sql.ts';

/** A deployment as stored: what `deployment` shows, and what it does not: the certificate and the fingerprint of the token. */
export interface StoredDeployment extends Deployment { readonly caPem: string | null; readonly tokenFingerprint: string | null }

/** What was asked, and with which token: an answer is kept only while both are still those of the deployment. */
export interface Asked { readonly id: string; readonly url: string; readonly tokenFingerprint: string | null }

const capabilities = z.array(capability);
const instant = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : formatInstantUs(Number(value)));
const text = (value: Row[string] | undefined): string | null => (value === null || value === undefined ? null : String(value));

function toDeployment(row: Row): StoredDeployment {
  const url = String(row['url']);
  return {
    id: String(row['id']), name: String(row['name']), url, kind: String(row['kind']) as DeploymentKind, environment: String(row['environment']) as Environment,
    readOnly: row['read_only'] === 1, hasCa: row['ca_pem'] !== null, caPem: text(row['ca_pem']), tokenFingerprint: text(row['token_fingerprint']), pin: text(row['pin']),
    transport: url.startsWith('https:') ? 'encrypted' : 'loopback',
    token: { stored: row['token_at'] !== null, claims: row['token_claims'] === null ? null : tokenClaims.parse(JSON.parse(String(row['token_claims']))), importedAt: instant(row['token_at']) },
    dialect: text(row['dialect']) as Dialect | null, role: text(row['role']) as Role | null,
    capabilities: capabilities.parse(JSON.parse(String(row['capabilities']))), capabilitiesAt: instant(row['capabilities_at']),
    reachability: { state: String(row['reach_state']) as Deployment['reachability']['state'], at: instant(row['reach_at']), lastReachedAt: instant(row['reach_last_at']), errorCode: text(row['reach_code']), message: text(row['reach_message']) },
    createdAt: formatInstantUs(Number(row['created_at'])),
  };
}

export function listDeployments(db: ReadDb): StoredDeployment[] {
  return db.all(sql`SELECT * FROM deployment WHERE removing_at IS NULL ORDER BY name`, toDeployment);
}

export function findDeployment(db: ReadDb, id: string): StoredDeployment | null {
  return db.get(sql`SELECT * FROM deployment WHERE id = ${id} AND removing_at IS NULL`, toDeployment);
}

export function findByName(db: ReadDb, name: string): StoredDeployment | null {
  return db.get(sql`SELECT * FROM deployment WHERE name = ${name} AND removing_at IS NULL`, toDeployment);
}

export interface DeploymentFields {
  readonly name: string; readonly url: string; readonly environment: Environment;
  readonly readOnly: boolean; readonly caPem: string | null; readonly pin: string | null;
}

export function insertDeployment(db: WriteDb, id: string, fields: DeploymentFields & { readonly kind: DeploymentKind; readonly createdAtUs: number }): void {
  db.run(sql`INSERT INTO deployment (num, id, name, url, kind, environment, read_only, ca_pem, pin, created_at)
    VALUES ((SELECT coalesce(max(num), 0) + 1 FROM deployment), ${id}, ${fields.name}, ${fields.url}, ${fields.kind}, ${fields.environment}, ${fields.readOnly ? 1 : 0}, ${fields.caPem}, ${fields.pin}, ${fields.createdAtUs})`);
}

export function updateDeployment(db: WriteDb, id: string, fields: DeploymentFields): void {
  db.run(sql`UPDATE deployment SET name = ${fields.name}, url = ${fields.url}, environment = ${fields.environment}, read_only = ${fields.readOnly ? 1 : 0}, ca_pem = ${fields.caPem}, pin = ${fields.pin} WHERE id = ${id}`);
}

/**
 * Notes a new token. It may be offered other things: what was seen with the old one stays shown, but is asked for again before it is relied on, and
 * whether the deployment takes it has not been tried.
 */
export function saveToken(db: WriteDb, id: string, token: { readonly claims: TokenClaims; readonly fingerprint: string; readonly importedAtUs: number }): void {
  db.run(sql`UPDATE deployment SET token_claims = ${JSON.stringify(token.claims)}, token_fingerprint = ${token.fingerprint}, token_at = ${token.importedAtUs},
    role = NULL, capabilities_at = NULL, reach_state = 'never-tried', reach_at = NULL, reach_code = NULL, reach_message = NULL WHERE id = ${id}`);
}

export function forgetToken(db: WriteDb, id: string): void {
  db.run(sql`UPDATE deployment SET token_claims = NULL, token_fingerprint = NULL, token_at = NULL WHERE id = ${id}`);
}

/** What we know of another address says nothing of this one: forget it. */
export function forgetWhatWasSeen(db: WriteDb, id: string): void {
  db.run(sql`UPDATE deployment SET dialect = NULL, role = NULL, capabilities = '[]', capabilities_at = NULL, reach_state = 'never-tried', reach_at = NULL, reach_last_at = NULL, reach_code = NULL, reach_message = NULL WHERE id = ${id}`);
}

const still = ({ id, url, tokenFingerprint }: Asked): Sql => sql`id = ${id} AND url = ${url} AND token_fingerprint IS ${tokenFingerprint}`;

export function saveProbe(db: WriteDb, asked: Asked, probe: { readonly dialect: Dialect | null; readonly role: Role | null; readonly capabilities: readonly Capability[]; readonly probedAtUs: number }): void {
  db.run(sql`UPDATE deployment SET dialect = ${probe.dialect}, role = ${probe.role}, capabilities = ${JSON.stringify(probe.capabilities)}, capabilities_at = ${probe.probedAtUs} WHERE ${still(asked)}`);
}

export function saveReached(db: WriteDb, asked: Asked, nowUs: number): void {
  db.run(sql`UPDATE deployment SET reach_state = 'reached', reach_at = ${nowUs}, reach_last_at = ${nowUs}, reach_code = NULL, reach_message = NULL WHERE ${still(asked)}`);
}

export function saveNotReached(db: WriteDb, asked: Asked, failure: { readonly state: 'unreachable' | 'refused'; readonly code: string; readonly message: string; readonly atUs: number }): void {
  // An answer that refuses us was still an answer: the deployment was reached.
  db.run(sql`UPDATE deployment SET reach_state = ${failure.state}, reach_at = ${failure.atUs}, reach_code = ${failure.code}, reach_message = ${failure.message},
    reach_last_at = CASE WHEN ${failure.state} = 'refused' THEN ${failure.atUs} ELSE reach_last_at END WHERE ${still(asked)}`);
}

/** A look was answered: the deployment was reached. That it refuses our token stays known until it is asked with the token again. */
export function saveAnswered(db: WriteDb, asked: Asked, nowUs: number): void {
  db.run(sql`UPDATE deployment SET reach_last_at = ${nowUs} WHERE ${still(asked)}`);
  db.run(sql`UPDATE deployment SET reach_state = 'reached', reach_at = ${nowUs}, reach_code = NULL, reach_message = NULL WHERE ${still(asked)} AND (reach_state <> 'refused' OR token_at IS NULL)`);
}

/** What a removal takes with it: how many audit rows, and the ids of the audit keys in the secret store. */
export function heldBy(db: ReadDb, id: string): { readonly events: number; readonly keyIds: readonly string[] } {
  return {
    events: db.get(sql`SELECT count(*) AS n FROM audit_event WHERE dep = (SELECT num FROM deployment WHERE id = ${id})`, (row) => Number(row['n'])) ?? 0,
    keyIds: db.all(sql`SELECT key_id FROM audit_key WHERE deployment_id = ${id}`, (row) => String(row['key_id'])),
  };
}

/** Holds that stand for a deployment, by case. */
export function standingHolds(db: ReadDb, id: string): string[] {
  return db.all(sql`SELECT h.case_id FROM hold h LEFT JOIN hold_end x ON x.hold_id = h.id WHERE h.deployment_id = ${id} AND x.hold_id IS NULL ORDER BY h.case_id`, (row) => String(row['case_id']));
}

/** What is kept of a deployment beside its audit rows, in words, with how many there are; what there is none of is left out. */
export function keptOf(db: ReadDb, id: string): { readonly what: string; readonly count: number }[] {
  const dep = sql`(SELECT num FROM deployment WHERE id = ${id})`;
  const parts = [
    ['stored payloads', sql`audit_event WHERE dep = ${dep} AND state IS NOT NULL`], ['findings', sql`audit_finding WHERE dep = ${dep}`], ['signed checkpoints', sql`audit_checkpoint WHERE dep = ${dep}`],
    ['imports', sql`audit_import WHERE dep = ${dep}`], ['notes of rows let go', sql`audit_let_go WHERE dep = ${dep}`], ['pieces of evidence', sql`evidence WHERE deployment_id = ${id}`],
    ['evaluations', sql`posture_snapshot WHERE deployment_id = ${id}`], ['exceptions', sql`posture_exception WHERE deployment_id = ${id}`], ['rotations', sql`rotation WHERE deployment_id = ${id}`],
    ['legal holds', sql`hold WHERE deployment_id = ${id}`], ['preserved rows', sql`vault_row WHERE dep = ${dep}`], ['purge plans', sql`purge_plan WHERE deployment_id = ${id}`],
    ['purges', sql`purge_run WHERE deployment_id = ${id}`], ['certificates', sql`certificate WHERE deployment_id = ${id}`], ['notes of written files', sql`written_file WHERE deployment_id = ${id}`],
  ] as const;
  return parts.map(([what, from]) => ({ what, count: db.get(sql`SELECT count(*) AS n FROM ${from}`, (row) => Number(row['n'])) ?? 0 })).filter(({ count }) => count > 0);
}

/** Files that were written for the admin with data of a deployment and are not known to be gone: they lie outside the profile and stay. */
export function filesOf(db: ReadDb, id: string): string[] {
  return db.all(sql`SELECT path FROM written_file WHERE deployment_id = ${id} AND removed_at IS NULL ORDER BY seq`, (row) => String(row['path']));
}

/** What is found of a deployment that was removed: in every table that has a column for one, whatever this file knows of it. */
export interface Left { readonly tables: number; readonly rows: number }

function leftOf(db: ReadDb, { id, dep }: { readonly id: string; readonly dep: number | null }): Left {
  const columns = db.all(sql`SELECT t.name AS at, c.name AS col FROM pragma_table_list t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.schema = 'main' AND c.name IN ('dep', 'deployment_id')`, (row) => ({ table: String(row['at']), column: String(row['col']) }));
  // The names come out of the schema of this database, from nobody outside.
  const rows = columns.map(({ table, column }) => db.get(sql`SELECT count(*) AS n FROM ${new Sql(`"${table}" WHERE ${column}`, [])} = ${column === 'dep' ? dep : id}`, (row) => Number(row['n'])) ?? 0);
  return { tables: new Set(columns.map(({ table }) => table)).size + 1, rows: rows.reduce((sum, n) => sum + n, 0) + (findDeployment(db, id) === null ? 0 : 1) };
}

/** Removes a deployment and every row of it; must run inside a transaction. Returns how many audit rows went, and what is left. */
export function deleteDeployment(db: WriteDb, id: string, nowUs: number): { readonly events: number; readonly left: Left } {
  db.run(sql`UPDATE deployment SET removing_at = ${nowUs} WHERE id = ${id}`);
  const dep = db.get(sql`SELECT num FROM deployment WHERE id = ${id}`, (row) => Number(row['num']));
  const isOnly = db.get(sql`SELECT 1 FROM audit_event WHERE dep <> ${dep} LIMIT 1`, () => true) === null;
  // The text index must be told what it holds; where nothing else is in it, it is emptied at once.
  if (isOnly) db.run(sql`INSERT INTO audit_text (audit_text) VALUES ('delete-all')`);
  else db.run(sql`INSERT INTO audit_text (audit_text, rowid, route, actor, other, payload) SELECT 'delete', seq, route, actor, other, payload FROM audit_text_doc WHERE dep = ${dep}`);
  db.run(sql`DELETE FROM audit_payload WHERE seq IN (SELECT seq FROM audit_event WHERE dep = ${dep})`);
  const { changes } = db.run(sql`DELETE FROM audit_event WHERE dep = ${dep}`);
  db.run(sql`DELETE FROM audit_import_problem WHERE import_id IN (SELECT id FROM audit_import WHERE dep = ${dep})`);
  for (const table of [sql`audit_payload_late`, sql`audit_batch`, sql`audit_hour`, sql`audit_tally`, sql`audit_coverage`, sql`audit_walk`, sql`audit_finding`, sql`audit_leaf_block`, sql`audit_checkpoint`, sql`audit_import`]) {
    db.run(sql`DELETE FROM ${table} WHERE dep = ${dep}`);
  }
  db.run(sql`DELETE FROM audit_sync WHERE deployment_id = ${id}`);
  db.run(sql`DELETE FROM audit_key WHERE deployment_id = ${id}`);
  db.run(sql`DELETE FROM posture_review WHERE deployment_id = ${id}`);
  db.run(sql`DELETE FROM posture_exception_end WHERE exception_id IN (SELECT id FROM posture_exception WHERE deployment_id = ${id})`);
  for (const table of [sql`rotation_seal`, sql`rotation_entry`]) db.run(sql`DELETE FROM ${table} WHERE rotation_id IN (SELECT id FROM rotation WHERE deployment_id = ${id})`);
  db.run(sql`DELETE FROM rotation WHERE deployment_id = ${id}`);
  db.run(sql`DELETE FROM evidence_file WHERE seq IN (SELECT seq FROM evidence WHERE deployment_id = ${id})`);
  for (const table of [sql`posture_exception`, sql`posture_snapshot`, sql`probe_consent`, sql`evidence`]) db.run(sql`DELETE FROM ${table} WHERE deployment_id = ${id}`);
  deleteRetention(db, { id, dep });
  db.run(sql`DELETE FROM deployment WHERE id = ${id}`);
  return { events: changes, left: leftOf(db, { id, dep }) };
}

/** Holds and their vault, plans and purges, certificates, what was let go and which files were written. */
function deleteRetention(db: WriteDb, { id, dep }: { readonly id: string; readonly dep: number | null }): void {
  const holds = sql`(SELECT id FROM hold WHERE deployment_id = ${id})`;
  const vault = sql`(SELECT num FROM vault_row WHERE dep = ${dep})`;
  db.run(sql`DELETE FROM hold_member WHERE hold_id IN ${holds} OR num IN ${vault}`);
  for (const table of [sql`hold_end`, sql`hold_mark`]) db.run(sql`DELETE FROM ${table} WHERE hold_id IN ${holds}`);
  db.run(sql`DELETE FROM vault_payload WHERE num IN ${vault}`);
  db.run(sql`DELETE FROM purge_step WHERE run_id IN (SELECT id FROM purge_run WHERE deployment_id = ${id})`);
  db.run(sql`DELETE FROM purge_plan_end WHERE plan_id IN (SELECT id FROM purge_plan WHERE deployment_id = ${id})`);
  // What this profile approved for another one names the deployment by its address.
  db.run(sql`DELETE FROM given_approval WHERE json_valid(body) AND body ->> '$.url' = (SELECT url FROM deployment WHERE id = ${id})`);
  for (const table of [sql`vault_row`, sql`presence`, sql`audit_let_go`, sql`let_go_packet`, sql`own_purge_open`, sql`age_hour`, sql`age_mark`]) db.run(sql`DELETE FROM ${table} WHERE dep = ${dep}`);
  for (const table of [sql`hold`, sql`certificate`, sql`purge_run`, sql`purge_plan`, sql`written_file`]) db.run(sql`DELETE FROM ${table} WHERE deployment_id = ${id}`);
}
