// Strict Ed25519 (R55): the one spelling of keys and signatures, the eight points of small order, keys and numbers that are not reduced, and signatures made from others.
import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSignedStrictly, isSoundSeal, readStrictKey } from './ed25519.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
/** All encodings of points of small order: the eight canonical ones, then those that are not reduced or carry a sign that zero has not. */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000', '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];
const NOT_REDUCED = [
  '0100000000000000000000000000000000000000000000000000000000000080', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];
const TEXT = 'what was said\n';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const author = (publicKey.export({ format: 'der', type: 'spki' }) as Buffer).subarray(12).toString('base64');
const signature = sign(null, Buffer.from(TEXT), privateKey);
const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();

describe('a key', () => {
  it.each(SMALL_ORDER.map((hex) => [hex]))('of small order is refused: %s', (hex) => {
    const text = Buffer.from(hex, 'hex').toString('base64');
    expect(readStrictKey(text)).toBeNull();
    // The signature that fits such a key for some texts, whatever they are.
    const forged = Buffer.concat([Buffer.from(SMALL_ORDER[0] ?? '', 'hex'), Buffer.alloc(32)]).toString('base64');
    expect(isSignedStrictly(TEXT, { author: text, signature: forged })).toBe(false);
  });

  it.each(NOT_REDUCED.map((hex) => [hex]))('that is not reduced is refused: %s', (hex) => {
    expect(readStrictKey(Buffer.from(hex, 'hex').toString('base64'))).toBeNull();
  });

  it('is 32 bytes in the one spelling of base64', () => {
    expect(readStrictKey(author)?.toString('base64')).toBe(author);
    const other = author.slice(0, -2) + String.fromCharCode(author.charCodeAt(author.length - 2) + 1) + '=';
    for (const text of ['', author.slice(0, -1), `${author}=`, ` ${author}`, `${author}\n`, author.replaceAll('=', ''), other, Buffer.alloc(31, 7).toString('base64'), Buffer.alloc(33, 7).toString('base64')]) expect(readStrictKey(text), text).toBeNull();
  });
});

describe('a signature', () => {
  const check = (bytes: Buffer, text = TEXT): boolean => isSignedStrictly(text, { author, signature: bytes.toString('base64') });

  it('holds for its text and its key, and for nothing else', () => {
    expect(check(signature)).toBe(true);
    expect(check(signature, `${TEXT} `)).toBe(false);
    const other = (generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }) as Buffer).subarray(12).toString('base64');
    expect(isSignedStrictly(TEXT, { author: other, signature: signature.toString('base64') })).toBe(false);
  });

  it('with the order of the group added to S is refused', () => {
    const s = littleEndian(signature.subarray(32));
    for (let times = 1n; s + times * L < 1n << 256n; times += 1n) expect(check(Buffer.concat([signature.subarray(0, 32), bytesOf(s + times * L)]))).toBe(false);
    expect(isSoundSeal(`x ${Buffer.concat([Buffer.alloc(4), signature.subarray(0, 32), bytesOf(s + L)]).toString('base64')}\n`)).toBe(false);
    expect(isSoundSeal(`x ${Buffer.concat([Buffer.alloc(4), signature]).toString('base64')}\n`)).toBe(true);
  });

  it('is 64 bytes in the one spelling of base64', () => {
    const text = signature.toString('base64');
    const other = text.slice(0, -3) + String.fromCharCode(text.charCodeAt(text.length - 3) + 1) + '==';
    for (const given of ['', text.slice(0, -1), text.replaceAll('=', ''), ` ${text}`, `${text}\n`, other, signature.subarray(1).toString('base64')]) expect(isSignedStrictly(TEXT, { author, signature: given }), given).toBe(false);
  });

  it('with any altered bit is refused', () => {
    fc.assert(fc.property(fc.nat(511), (bit) => {
      const altered = Buffer.from(signature);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(check(altered)).toBe(false);
    }), { seed, numRuns: 512 });
  });
});
