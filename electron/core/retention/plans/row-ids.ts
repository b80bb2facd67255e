// The rows that a plan names, as numbers in order: one digest over them that anybody can work out, and a short form to keep them in.
import { createHash } from 'node:crypto';

/** Ids in ascending order, each once. */
export const inOrder = (ids: Iterable<number>): number[] => [...Float64Array.from(new Set(ids)).sort()];

/** SHA-256, hex, over the ids in ascending order, each in decimal with a line end. */
export function idsDigest(ids: readonly number[]): string {
  const hash = createHash('sha256');
  for (let at = 0; at < ids.length; at += 10_000) hash.update(`${ids.slice(at, at + 10_000).join('\n')}\n`);
  return hash.digest('hex');
}

/** Distances between neighbours in groups of seven bits, the lowest first. @param ids ascending, each once */
export function packIds(ids: readonly number[]): Buffer {
  const bytes: number[] = [];
  let before = 0;
  for (const id of ids) {
    let distance = id - before;
    for (; distance >= 128; distance = Math.floor(distance / 128)) bytes.push((distance % 128) + 128);
    bytes.push(distance);
    before = id;
  }
  return Buffer.from(bytes);
}

/** The ids that were packed. @throws Error for bytes that nobody packed */
export function unpackIds(packed: Buffer): number[] {
  const ids: number[] = [];
  let before = 0;
  let distance = 0;
  let scale = 1;
  for (const byte of packed) {
    distance += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    before += distance;
    ids.push(before);
    distance = 0;
    scale = 1;
  }
  if (scale !== 1 || !Number.isSafeInteger(before)) throw new Error('the rows of a plan cannot be read');
  return ids;
}
