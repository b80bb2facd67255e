// Which rows this workstation's own rule takes: older than the cutoff, had arrived when it was looked, and under no hold. It looks in short slices and changes nothing.
import { createHash } from 'node:crypto';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { compileQuery } from '../../audit/search/compile-queries.ts';
import type { Pace } from '../../audit/witness/pace.ts';
import { sql } from '../../db/sql.ts';
import type { ReadDb, Sql } from '../../db/sql.ts';
import type { Session } from '../../session.ts';
import { dueRows, standingQueries } from './own-queries.ts';
import type { DueRow, Place } from './own-queries.ts';

/** Rows that are looked at, and rows that go, at once. */
export const ROWS_AT_ONCE = 1000;

export interface DueSums { readonly due: number; readonly bytes: number; readonly held: number; /** SHA-256, hex, over seq and id of each due row that is not held, in order. */ readonly digest: string }

/**
 * What the vault has is held in any case; a row that a standing hold matches is held before the vault has it. Every row is, under a query that cannot be read.
 */
export function underHold(db: ReadDb, deploymentId: string, nowUs: number): Sql {
  return standingQueries(db, deploymentId).map((query): Sql => {
    const parsed = parseQuery(query);
    return parsed.ok ? compileQuery(parsed.ast, nowUs).condition(null) : sql`1`;
  }).reduce((all, each) => sql`${all} OR (${each})`, sql`0`);
}

export interface Window { readonly cutoffUs: number; readonly throughSeq: number; readonly nowUs: number }
export type After = Pick<DueRow, 'id' | 'createdAtUs'> | null;

/** The next due rows of a deployment, with those that are held; null at the end. Give the last row of the page before. */
export function nextDue(db: ReadDb, { dep, deploymentId }: Place, { cutoffUs, throughSeq, nowUs, after }: Window & { readonly after: After }): DueRow[] | null {
  const rows = dueRows(db, dep, { cutoffUs, throughSeq, after, underHold: underHold(db, deploymentId, nowUs), limit: ROWS_AT_ONCE });
  return rows.length === 0 ? null : rows;
}

/** Counts what is due of one deployment. @throws AppError cancelled */
export async function sumDue(read: Session['read'], place: Place, { window, pace }: { readonly window: Window; readonly pace: Pace }): Promise<DueSums> {
  const hash = createHash('sha256');
  let [due, bytes, held] = [0, 0, 0];
  for (let page = nextDue(read(), place, { ...window, after: null }); page !== null; page = nextDue(read(), place, { ...window, after: page.at(-1) ?? null })) {
    for (const row of page) {
      if (row.isHeld) held += 1;
      else {
        due += 1;
        bytes += row.bytes;
        hash.update(`${row.seq} ${row.id}\n`);
      }
    }
    await pace.turn();
  }
  return { due, bytes, held, digest: hash.digest('hex') };
}
