// Owns the seeded pseudo-random stream and the secrets derived from a seed; refuses any use of real randomness.
import { createHash } from 'node:crypto';

/** A deterministic stream: the same label gives the same numbers on every machine. */
export interface RandomStream {
  /** In [0, 1). */
  next(): number;
  /** Whole number in [0, bound). */
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
  bytes(length: number): Buffer;
  hex(length: number): string;
}

/** SHA-256 of a label under a seed: 32 bytes, used for keys and for starting a stream. */
export function derivedBytes(seed: number, label: string): Buffer {
  return createHash('sha256').update(`holdfast reference navi:${seed}:${label}`).digest();
}

/** The sfc32 generator (public domain, Chris Doty-Humphrey), started from 16 derived bytes. */
export function randomStream(seed: number, label: string): RandomStream {
  const start = derivedBytes(seed, label);
  let a = start.readInt32LE(0);
  let b = start.readInt32LE(4);
  let c = start.readInt32LE(8);
  let counter = start.readInt32LE(12);
  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  }
  for (let warmUp = 0; warmUp < 12; warmUp += 1) word();
  const stream: RandomStream = {
    next: () => word() / 4294967296,
    below: (bound) => Math.floor((word() / 4294967296) * bound),
    pick: (items) => {
      const item = items[stream.below(items.length)];
      if (item === undefined) throw new Error('pick needs at least one item');
      return item;
    },
    bytes: (length) => {
      const buffer = Buffer.alloc(length);
      for (let offset = 0; offset < length; offset += 1) buffer[offset] = word() & 0xff;
      return buffer;
    },
    hex: (length) => stream.bytes(Math.ceil(length / 2)).toString('hex').slice(0, length),
  };
  return stream;
}
