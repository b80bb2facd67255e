// A profile with an audit log and the console's own retention over it, with a clock that stands where a test puts the cutoff.
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createJobs } from '#core/jobs/jobs.ts';
import type { Jobs } from '#core/jobs/jobs.ts';
import { connect } from '#core/db/connection.ts';
import { sql } from '#core/db/sql.ts';
import { createEmitter } from '#core/emitter.ts';
import { createOwnRetention } from '#core/retention/own/service.ts';
import type { OwnRetention } from '#core/retention/own/service.ts';
import { ensureWitnessKey } from '#core/audit/witness/witness-key.ts';
import { Secret } from '#core/secret.ts';
import type { Session } from '#core/session.ts';
import { DEPLOYMENT, never, openWitnessProfile } from './audit-witness-profile.ts';
import type { WitnessProfile } from './audit-witness-profile.ts';
import { fakeClock, keptLog } from './ports.ts';
import type { FakeClock } from './ports.ts';

export const DAYS = 30;

export interface OwnBench extends WitnessProfile {
  readonly own: OwnRetention;
  readonly clock: FakeClock;
  readonly jobs: Jobs;
  /** Rows with an id below it are older than the rule of DAYS. */
  dueBelow(id: number): void;
  /** Sets the rule, looks, and purges. */
  purgeBelow(id: number): Promise<Awaited<ReturnType<OwnRetention['purge']>>>;
}

export async function openOwnBench(profileDir: string): Promise<OwnBench> {
  const profile = await openWitnessProfile(profileDir);
  const clock = fakeClock();
  const emitter = createEmitter(keptLog());
  const jobs = createJobs(emitter, clock);
  const { session, ledger, witness } = profile;
  const own = createOwnRetention({
    session, ledger, jobs, emitter, clock,
    witness, key: async () => (await ensureWitnessKey(session, ledger, undefined)).key,
  });
  const bench: OwnBench = {
    ...profile, own, clock, jobs,
    close: async () => { await jobs.stopAll(); await profile.close(); },
    dueBelow: (id) => clock.setWall(1_790_000_000_000 + id + DAYS * 86_400_000),
    async purgeBelow(id) {
      bench.dueBelow(id);
      if (own.policy().rowDays !== DAYS) await own.setPolicy({ ...own.policy(), rowDays: DAYS });
      const { token, digest } = await own.preview(never);
      return own.purge({ token, digest }, never);
    },
  };
  return bench;
}

export const idsHeld = (session: Session): number[] => session.read().all(sql`SELECT id FROM audit_event ORDER BY id`, (row) => Number(row['id']));

/** A hold with these rows in its vault; `query` matches no row unless it is given. */
export function addHold(session: Session, { id = 'h_0000000000000001', ids, query = 'event:nothing.is.like.this', deploymentId = DEPLOYMENT }: { readonly id?: string; readonly ids: readonly number[]; readonly query?: string; readonly deploymentId?: string }): void {
  const db = session.write();
  db.run(sql`INSERT INTO hold (id, deployment_id, case_id, owner, reason, review_on, query, created_at) VALUES (${id}, ${deploymentId}, ${`case ${id}`}, 'counsel', 'litigation', '2027-01-01', ${query}, 1)`);
  for (const eventId of ids) {
    db.run(sql`INSERT OR IGNORE INTO vault_row (dep, event_id, created_at, body, digest, address, kept_at) SELECT num, ${eventId}, 1, '{}', 'x', NULL, 1 FROM deployment WHERE id = ${deploymentId}`);
    db.run(sql`INSERT INTO hold_member (hold_id, num, created_at) SELECT ${id}, v.num, v.created_at FROM vault_row v JOIN deployment d ON d.num = v.dep WHERE d.id = ${deploymentId} AND v.event_id = ${eventId}`);
  }
}

export function releaseHold(session: Session, id = 'h_0000000000000001'): void {
  session.write().run(sql`INSERT INTO hold_end (hold_id, reason, at) VALUES (${id}, 'settled', 2)`);
}

/** What roll-ups say, and what counting the rows gives: both must be equal. */
export function countsOf(session: Session): { readonly kept: unknown; readonly counted: unknown } {
  const all = (hours: Parameters<ReturnType<Session['read']>['all']>[0], tally: Parameters<ReturnType<Session['read']>['all']>[0]) => ({ hours: session.read().all(hours, (row) => ({ ...row })), tally: session.read().all(tally, (row) => ({ ...row })) });
  return {
    kept: all(sql`SELECT dep, hour, events, errors FROM audit_hour ORDER BY 1, 2`, sql`SELECT dep, facet, value, n FROM audit_tally ORDER BY 1, 2, 3`),
    counted: all(
      sql`SELECT dep, created_at / 3600000000 - (created_at % 3600000000 < 0) AS hour, count(*) AS events, sum(status_code >= 400) AS errors FROM audit_event GROUP BY 1, 2 ORDER BY 1, 2`,
      sql`SELECT dep, facet, value, count(*) AS n FROM audit_tally_of GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    ),
  };
}

/** The bytes of the closed cache as they are under the encryption, with those of pages that are free. */
export function openedBytes(profileDir: string): Buffer {
  const copy = join(profileDir, '../opened.db');
  for (const end of ['', '-wal', '-shm']) {
    rmSync(copy + end, { force: true });
    if (existsSync(join(profileDir, `cache.db${end}`))) copyFileSync(join(profileDir, `cache.db${end}`), copy + end);
  }
  const stored = (JSON.parse(readFileSync(`${profileDir}.keychain.json`, 'utf8')) as Record<string, string>)['database-key'] ?? '';
  const raw = connect({ path: copy, key: new Secret(Buffer.from(stored.slice(4), 'hex')), mode: 'write' });
  raw.pragma('journal_mode = delete');
  raw.pragma("rekey = ''");
  raw.close();
  const bytes = readFileSync(copy);
  rmSync(copy, { force: true });
  return bytes;
}
