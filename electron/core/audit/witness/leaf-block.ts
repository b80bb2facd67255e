// Leaves as they are stored, up to 1024 in a block: what each stands for, its hash, its hint. It refuses a block whose parts do not have the same length.
import { HASH_BYTES } from './merkle.ts';
import { HINT_BYTES } from './leaf-data.ts';

export const BLOCK_LEAVES = 1024;
const REF_BYTES = 16;

/** `row`: the seq of the row; `late`: the num of the late payload. */
export interface LeafRef {
  readonly kind: 'row' | 'late';
  readonly number: number;
  readonly eventId: number;
}

export interface Leaf extends LeafRef {
  readonly hash: string;
  readonly hint: string;
}

export interface LeafBlock {
  readonly first: number;
  readonly leaves: number;
  readonly refs: Buffer;
  readonly hashes: Buffer;
  readonly hints: Buffer;
  readonly frontier: Buffer;
  readonly lastSeq: number;
  readonly lastLate: number;
}

export function encodeLeaves(leaves: readonly Leaf[]): Pick<LeafBlock, 'leaves' | 'refs' | 'hashes' | 'hints'> {
  const refs = Buffer.alloc(leaves.length * REF_BYTES);
  leaves.forEach((leaf, index) => {
    refs.writeBigInt64BE(BigInt(leaf.kind === 'row' ? leaf.number : -leaf.number), index * REF_BYTES);
    refs.writeBigInt64BE(BigInt(leaf.eventId), index * REF_BYTES + 8);
  });
  return { leaves: leaves.length, refs, hashes: Buffer.from(leaves.map((leaf) => leaf.hash).join(''), 'latin1'), hints: Buffer.from(leaves.map((leaf) => leaf.hint).join(''), 'latin1') };
}

/** @returns null for a block that is not whole */
export function decodeLeaves(block: LeafBlock): Leaf[] | null {
  const { leaves, refs, hashes, hints } = block;
  if (leaves < 1 || leaves > BLOCK_LEAVES || refs.length !== leaves * REF_BYTES || hashes.length !== leaves * HASH_BYTES || hints.length !== leaves * HINT_BYTES) return null;
  return Array.from({ length: leaves }, (_, index) => {
    const number = Number(refs.readBigInt64BE(index * REF_BYTES));
    return {
      kind: number < 0 ? 'late' : 'row', number: Math.abs(number), eventId: Number(refs.readBigInt64BE(index * REF_BYTES + 8)),
      hash: hashes.toString('latin1', index * HASH_BYTES, (index + 1) * HASH_BYTES), hint: hints.toString('latin1', index * HINT_BYTES, (index + 1) * HINT_BYTES),
    };
  });
}
