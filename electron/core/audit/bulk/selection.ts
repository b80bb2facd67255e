// From a selection to the exact set of rows that would be opened, with the digest that names it. Runs in a thread; it reads no payload but those that are malformed.
import { createHash } from 'node:crypto';
import type { BulkSelection } from '#shared/domain/audit-bulk.ts';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { AppError } from '#shared/errors.ts';
import type { ReadDb, Sql } from '../../db/sql.ts';
import { readWrapper } from '../open-payload.ts';
import { compileQuery } from '../search/compile-queries.ts';
import { bodyBytes, bodyOf, ofIds, selectRows } from './bulk-queries.ts';
import type { Selected } from './thread-calls.ts';

/** Bodies whose length stands for all. */
const SAMPLE_ROWS = 512;
const LOOK_EVERY = 4096;
/** Of a stored payload: the wrapper's own text; of its token, base64 makes 4 characters of 3 bytes, and header, MAC and half a block of padding are no plaintext. */
const WRAPPER_BYTES = 60;
const PLAINTEXT_SHARE = 0.75;
const TOKEN_BYTES = 65;

function conditionOf(selection: BulkSelection, nowUs: number): Sql {
  if ('ids' in selection) return ofIds(selection.ids);
  const parsed = parseQuery(selection.query);
  if (!parsed.ok) throw new AppError('invalid_query', { message: `Column ${parsed.error.column}: ${parsed.error.message}`, hint: parsed.error.hint });
  return compileQuery(parsed.ast, nowUs).condition(null);
}

/** SHA-256, hex, over ids in ascending order, each in decimal with a line end: `sort -n | sha256sum` gives the same. */
export function digestOfIds(ids: Float64Array): string {
  const sorted = Float64Array.from(ids).sort();
  const hash = createHash('sha256');
  for (let from = 0; from < sorted.length; from += LOOK_EVERY) hash.update(`${sorted.subarray(from, from + LOOK_EVERY).join('\n')}\n`);
  return hash.digest('hex');
}

/** A broken token is still one that somebody sealed: it is opened too, and told as damaged. */
function saysEncrypted(db: ReadDb, seq: number): boolean {
  const body = bodyOf(db, seq);
  try {
    return body !== null && readWrapper(body) !== null;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** @throws AppError invalid_query with the column, or what `look` throws when it was cancelled */
export function select(db: ReadDb, asked: { readonly deploymentId: string; readonly selection: BulkSelection; readonly nowUs: number }, look: () => void): Selected {
  const seqs: number[] = [];
  const ids: number[] = [];
  const keys = new Map<string | null, number>();
  let others = 0;
  let withoutPayload = 0;
  let seen = 0;
  for (const row of selectRows(db, asked.deploymentId, conditionOf(asked.selection, asked.nowUs))) {
    seen += 1;
    if (seen % LOOK_EVERY === 0) look();
    if (row.state === null) withoutPayload += 1;
    else if (row.state === 'encrypted' || (row.state === 'malformed' && saysEncrypted(db, row.seq))) {
      seqs.push(row.seq);
      ids.push(row.id);
      keys.set(row.keyId, (keys.get(row.keyId) ?? 0) + 1);
    } else others += 1;
  }
  look();
  return {
    seqs: Float64Array.from(seqs), others, withoutPayload, digest: digestOfIds(Float64Array.from(ids)), plaintextBytes: estimate(db, seqs),
    byKey: [...keys].map(([keyId, rows]) => ({ keyId, rows })).sort((a, b) => b.rows - a.rows),
  };
}

function estimate(db: ReadDb, seqs: readonly number[]): number {
  const step = Math.max(1, Math.ceil(seqs.length / SAMPLE_ROWS));
  const sample = seqs.filter((_, index) => index % step === 0);
  if (sample.length === 0) return 0;
  const each = (bodyBytes(db, sample) / sample.length - WRAPPER_BYTES) * PLAINTEXT_SHARE - TOKEN_BYTES;
  return Math.ceil(Math.max(0, each) * seqs.length);
}
