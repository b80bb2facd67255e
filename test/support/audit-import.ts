// What the tests of imports share: bytes cut into pieces, a sink that remembers, and rows of every shape that a log may hold.
import fc from 'fast-check';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { ImportRow, RowSink } from '#core/audit/import/import-row.ts';
import { createRowReader } from '#core/audit/import/read-rows.ts';
import type { Shape } from '#core/audit/import/read-rows.ts';

export const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
export const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
export const parameters = { seed, numRuns: isLong ? 1000 : 200 };
/** Inputs for each reader that is fuzzed. */
export const fuzzRuns = isLong ? 20_000 : 4000;

export interface Read {
  readonly rows: { readonly line: number; readonly row: ImportRow }[];
  readonly empty: number[];
  readonly rejected: { readonly line: number; readonly reason: string; readonly excerpt: string | null }[];
}

function remember(): { readonly read: Read; readonly sink: RowSink } {
  const read: Read = { rows: [], empty: [], rejected: [] };
  return {
    read,
    sink: {
      row: (row, line) => { read.rows.push({ row, line }); },
      empty: (line) => { read.empty.push(line); },
      reject: (line, reason, excerpt) => { read.rejected.push({ line, reason, excerpt }); },
    },
  };
}

/** Reads bytes in pieces that end at `cuts`; each piece is overwritten when it has been read, as a file's buffer is. */
export function readAll(shape: Shape, bytes: Buffer, cuts: readonly number[] = []): Read {
  const { read, sink } = remember();
  const reader = createRowReader(shape, sink);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    const piece = Buffer.from(bytes.subarray(from, end));
    reader.push(piece);
    piece.fill(0x22);
    from = end;
  }
  reader.end();
  return read;
}

export const cuts = fc.array(fc.nat(100_000), { maxLength: 12 });

/** Text with everything that trips a reader: quotes, line breaks, signs of formulas, bidi overrides, emoji. */
export const hostileText = (most: number): fc.Arbitrary<string> => fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ',', ' ', '\\', '＝', '\u202e', '\u0000', '{', '}', '😀', 'é'), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text, 'utf8').toString('utf8')),
).filter((text) => text.length <= most);

const nullable = (most: number): fc.Arbitrary<string | null> => fc.option(hostileText(most), { nil: null });

/** A row as NAVI's export gives it. */
export const naviRow = fc.record({
  id: fc.oneof(fc.nat(), fc.maxSafeNat()), route: hostileText(200), method: hostileText(16), event_type: hostileText(64), org_key: nullable(64), actor_sub: nullable(128), actor_email: nullable(255), resource_id: nullable(128),
  status_code: fc.integer({ min: 0, max: 999 }),
  created_at: fc.oneof(
    fc.integer({ min: 0, max: 4_000_000_000_000_000 }).map(formatInstantUs),
    fc.integer({ min: 0, max: 4_000_000_000_000_000 }).map((us) => formatInstantUs(us).replace('Z', '+00:00')),
    fc.constantFrom('2026-11-22T05:41:12.053144', '2026-11-22 05:41:12,053', '2026-11-22T05:41:12+05:30', '2026-11-22'),
  ),
});

export const plainPayload = fc.oneof(
  fc.dictionary(fc.string({ maxLength: 8 }).filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
  fc.record({ encrypted: fc.boolean(), ciphertext: hostileText(40), key_id: nullable(20) }), fc.record({ encrypted: fc.boolean(), error: fc.constantFrom('audit_encryption_failed', 'encryption_failed') }),
  fc.jsonValue({ maxDepth: 2 }),
);
