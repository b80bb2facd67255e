// Bytes of evidence: base64 both ways, hexadecimal, and the size that an image claims.
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Of, bytesOf, hexLines, imageSize, joined } from './evidence-bytes.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2000 : 300;

describe('bytes', () => {
  it('come out of base64 as they went in, as core writes it', () => assert(property(uint8Array({ maxLength: 70_000 }), (bytes) => {
    expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(Buffer.from(bytesOf(base64Of(bytes))).equals(Buffer.from(bytes))).toBe(true);
  }), { seed: SEED, numRuns: Math.min(RUNS, 100) }));

  it('are joined in their order', () => expect([...joined([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)])]).toEqual([1, 2, 3]));

  it('are written in lines of sixteen, with no character but those of ASCII', () => {
    expect(hexLines(Buffer.from('PK\u0003\u0004 and then more than one'))).toBe('00000000  50 4b 03 04 20 61 6e 64 20 74 68 65 6e 20 6d 6f  PK.. and then mo\n00000010  72 65 20 74 68 61 6e 20 6f 6e 65                 re than one');
    expect(hexLines(new Uint8Array(0))).toBe('');
    assert(property(uint8Array({ maxLength: 300 }), (bytes) => { expect(hexLines(bytes)).toMatch(/^[\x20-\x7e\n]*$/); }), { seed: SEED, numRuns: RUNS });
  });
});

describe('the size that an image claims', () => {
  const png = (width: number, height: number): Buffer => {
    const bytes = Buffer.alloc(33);
    bytes.write('89504e470d0a1a0a0000000d49484452', 'hex');
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };

  it('of a PNG, up to the largest', () => {
    expect(imageSize(png(640, 480))).toEqual({ width: 640, height: 480 });
    expect(imageSize(png(0xffffffff, 0x80000000))).toEqual({ width: 4_294_967_295, height: 2_147_483_648 });
    expect(imageSize(png(1, 1).subarray(0, 20))).toBeNull();
  });

  it('of a JPEG, after other segments and filling', () => {
    const frame = 'ffc2000b08012c0190010111000000';
    expect(imageSize(Buffer.from(`ffd8ffe000040102${frame}`, 'hex'))).toEqual({ width: 400, height: 300 });
    expect(imageSize(Buffer.from(`ffd8ffff${frame.slice(2)}`, 'hex'))).toEqual({ width: 400, height: 300 });
    expect(imageSize(Buffer.from('ffd8ffe00000ffc0000b08012c0190010111000000', 'hex'))).toBeNull();
  });

  it('is not known of anything else, and looking for it ends', () => assert(property(uint8Array({ maxLength: 400 }), uint8Array({ maxLength: 4 }), (bytes, more) => {
    expect(imageSize(Buffer.from([0x47, ...bytes, ...more]))).toBeNull();
    const found = imageSize(Buffer.from([0xff, 0xd8, ...bytes]));
    expect(found === null || (found.width <= 65_535 && found.height <= 65_535)).toBe(true);
  }), { seed: SEED, numRuns: RUNS }));
});
