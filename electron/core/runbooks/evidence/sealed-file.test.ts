// R31, R56: a sealed file gives back what was sealed, and nothing once a byte of it is another.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf, sealed, sealedBytes, unsealed } from './sealed-file.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 500 : 100;
const CHUNK = 65_536;
const key = Buffer.alloc(32, 7);
const fileOf = (content: Buffer, own = key): Buffer => Buffer.concat([...sealed(content, own)]);
const openedBy = (file: Buffer, bytes: number, own = key): Promise<Buffer | null> => unsealed((position, length) => Promise.resolve(file.subarray(position, position + length)), { key: own, bytes });

describe('R31: a sealed file', () => {
  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])('of %i bytes comes back whole and shows nothing of itself', async (size) => {
    const content = Buffer.alloc(size, 'evidence');
    const file = fileOf(content);
    expect(file.length).toBe(sealedBytes(size));
    expect(file.includes('evidence', 20)).toBe(false);
    expect((await openedBy(file, size))?.equals(content)).toBe(true);
    expect(await openedBy(file, size, Buffer.alloc(32, 8))).toBeNull();
    expect(await openedBy(file, size + 1)).toBeNull();
    if (size > 0) expect(await openedBy(file, size - 1)).toBeNull();
  });

  it('is refused when its chunks are moved, dropped, doubled or taken from another', async () => {
    const content = randomBytes(3 * CHUNK);
    const [magic = Buffer.alloc(0), a = Buffer.alloc(0), b = Buffer.alloc(0), c = Buffer.alloc(0)] = [...sealed(content, key)];
    const [, other = Buffer.alloc(0)] = [...sealed(randomBytes(3 * CHUNK), Buffer.alloc(32, 9))];
    for (const parts of [[magic, b, a, c], [magic, a, b], [magic, a, b, c, c], [magic, a, c, b], [magic, other, b, c], [a, b, c], []]) expect(await openedBy(Buffer.concat(parts), content.length)).toBeNull();
    // The first two chunks alone, as if the second were the last.
    expect(await openedBy(Buffer.concat([magic, a, b]), 2 * CHUNK)).toBeNull();
  });

  it('R56: is refused with any one byte altered, added or cut off', async () => {
    const content = randomBytes(CHUNK + 100);
    const file = fileOf(content);
    await fc.assert(fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const altered = Buffer.from(file);
      altered[at] = (altered[at] ?? 0) ^ change;
      expect(await openedBy(altered, content.length)).toBeNull();
      expect(await openedBy(file.subarray(0, at), content.length)).toBeNull();
      expect(await openedBy(Buffer.concat([file, Buffer.of(change)]), content.length)).toBeNull();
    }), { seed, numRuns });
  });

  it('has a name that tells neither key nor content', () => {
    expect(fileNameOf(key)).toMatch(/^[0-9a-f]{40}$/);
    expect(fileNameOf(key)).not.toBe(fileNameOf(Buffer.alloc(32, 8)));
  });
});
