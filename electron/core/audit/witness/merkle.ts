// The Merkle tree of the witness, as in RFC 6962 section 2.1: hashes leaves and nodes, and grows a tree of which only the frontier is kept.
import { hash } from 'node:crypto';

/** Bytes of a hash. Hashes travel as text of 32 characters, one for each byte (latin1): the fastest form in Node by far. */
export const HASH_BYTES = 32;

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: string = hash('sha256', '', 'binary');

/** SHA-256(0x00 || data), the data as UTF-8. */
export function leafHash(data: string): string {
  return hash('sha256', `\0${data}`, 'binary');
}

const pair = Buffer.alloc(1 + 2 * HASH_BYTES);
pair[0] = 1;

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: string, right: string): string {
  pair.write(left, 1, 'latin1');
  pair.write(right, 1 + HASH_BYTES, 'latin1');
  return hash('sha256', pair, 'binary');
}

/** A tree to which leaves are added at the end; it keeps the roots of its perfect subtrees and nothing else. */
export interface Frontier {
  size(): number;
  add(leaf: string): void;
  root(): string;
  /** Roots of the perfect subtrees, largest first, 32 bytes each. */
  bytes(): Buffer;
  copy(): Frontier;
}

/** How many perfect subtrees a tree of so many leaves has: the ones in its size in binary. */
function subtreesOf(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** A tree as `bytes()` left it. @returns null when so many bytes cannot belong to so many leaves */
export function openFrontier(size: number, bytes: Buffer): Frontier | null {
  if (!Number.isSafeInteger(size) || size < 0 || bytes.length !== subtreesOf(size) * HASH_BYTES) return null;
  const roots: string[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) roots.push(bytes.toString('latin1', at, at + HASH_BYTES));
  return grow(size, roots);
}

/** The tree without leaves. */
export function emptyFrontier(): Frontier {
  return grow(0, []);
}

function grow(from: number, roots: string[]): Frontier {
  let size = from;
  return {
    size: () => size,
    add(leaf) {
      let carried = leaf;
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) carried = nodeHash(roots.pop() ?? '', carried);
      roots.push(carried);
      size += 1;
    },
    root() {
      let right = roots.at(-1);
      if (right === undefined) return EMPTY_ROOT;
      for (let index = roots.length - 2; index >= 0; index -= 1) right = nodeHash(roots[index] ?? '', right);
      return right;
    },
    bytes: () => Buffer.from(roots.join(''), 'latin1'),
    copy: () => grow(size, [...roots]),
  };
}

export function hexOf(digest: string): string {
  return Buffer.from(digest, 'latin1').toString('hex');
}
