// The batch opener against openFernet: for every key and every text, however broken, both give the same verdict, plaintext and time.
import { createCipheriv, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../secret.ts';
import { BAD_PADDING, createBatchOpener, forgetBatchKey, NOT_AUTHENTIC, OPENED, prepareBatchKey, verdictName } from './fernet-batch.ts';
import type { BatchKey } from './fernet-batch.ts';
import { openFernet, parseFernetKey } from './fernet.ts';
import type { FernetKey } from './fernet.ts';

const vectors = join(import.meta.dirname, '../../../../shared/vectors/fernet');
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const long = process.env['HOLDFAST_TEST_LONG'] === '1';

const keyBytes = [Buffer.alloc(32, 7), Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5))];
const keys: readonly FernetKey[] = keyBytes.map((bytes) => parseFernetKey(new Secret(`${bytes.toString('base64url')}=`)));
const batchKeys: readonly BatchKey[] = keys.map((key) => prepareBatchKey(key));

interface Sealing { readonly key: number; readonly plaintext: Uint8Array; readonly time: bigint; readonly version: number; readonly padding: Uint8Array | null; readonly iv: Uint8Array }

function sealBytes({ key, plaintext, time, version, padding, iv }: Sealing): Buffer {
  const bytes = keyBytes[key] ?? Buffer.alloc(32);
  const header = Buffer.alloc(25);
  header[0] = version;
  header.writeBigUInt64BE(time, 1);
  header.set(iv, 9);
  const n = 16 - (plaintext.length % 16);
  const cipher = createCipheriv('aes-128-cbc', bytes.subarray(16), header.subarray(9)).setAutoPadding(false);
  // A padding of the caller's own must still fill the block.
  const tail = padding === null ? Buffer.alloc(n, n) : Buffer.concat([Buffer.alloc(Math.max(0, n - padding.length)), padding.subarray(0, n)]);
  const body = Buffer.concat([header, cipher.update(Buffer.concat([plaintext, tail])), cipher.final()]);
  return Buffer.concat([body, createHmac('sha256', bytes.subarray(0, 16)).update(body).digest()]);
}

function spell(bytes: Buffer): string {
  const text = bytes.toString('base64url');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

const sealing: fc.Arbitrary<Sealing> = fc.record({
  key: fc.constantFrom(0, 1), plaintext: fc.uint8Array({ maxLength: 90 }),
  time: fc.oneof({ weight: 4, arbitrary: fc.bigInt(0n, 4_000_000_000n) }, { weight: 1, arbitrary: fc.constantFrom(253_402_300_799n, 253_402_300_800n, 4_294_967_296n, (1n << 64n) - 1n, 1n << 63n) }),
  version: fc.oneof({ weight: 9, arbitrary: fc.constant(0x80) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) }),
  padding: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 16 }) }),
  iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
});

const ODD = ['+', '/', '=', ' ', '\n', '\0', 'é', 'ÿ', '\u0141', '\u012d', '\u4141', '\uff21', '😀', '-', '_', 'A'];
type Damage = (token: string) => string;
const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 4, arbitrary: fc.constant((token: string) => token) },
  { weight: 3, arbitrary: fc.nat().map((bit): Damage => (token) => {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length > 0) bytes[(bit >> 3) % bytes.length] = (bytes[(bit >> 3) % bytes.length] ?? 0) ^ (1 << (bit & 7));
    return spell(bytes);
  }) },
  { weight: 3, arbitrary: fc.tuple(fc.nat(), fc.constantFrom(...ODD)).map(([at, odd]): Damage => (token) => `${token.slice(0, at % (token.length + 1))}${odd}${token.slice((at % (token.length + 1)) + 1)}`) },
  // At the end: loose bits, missing and surplus padding.
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(...ODD)).map(([back, odd]): Damage => (token) => `${token.slice(0, token.length - back)}${odd}${token.slice(token.length - back + 1)}`) },
  { weight: 2, arbitrary: fc.nat({ max: 120 }).map((cut): Damage => (token) => token.slice(0, Math.max(0, token.length - cut))) },
  { weight: 1, arbitrary: fc.constantFrom<Damage>((token) => token.replace(/=+$/, ''), (token) => `${token}=`, (token) => `${token}====`, (token) => ` ${token}`, (token) => `${token}\n`, (token) => token.replaceAll('-', '+').replaceAll('_', '/'), () => '') },
);

interface Told { readonly verdict: string; readonly plaintext: string | null; readonly sealedAt: number | null }

function byBatch(tokens: readonly string[], key: BatchKey, opener = createBatchOpener()): Told[] {
  const told: Told[] = [];
  for (let from = 0; from < tokens.length;) {
    const pass = opener.open(tokens, from, key);
    expect(pass.taken).toBeGreaterThan(0);
    for (let index = 0; index < pass.taken; index += 1) {
      const opened = pass.verdict[index] === OPENED;
      told.push({ verdict: verdictName(pass.verdict[index] ?? -1), plaintext: opened ? pass.plaintext.toString('hex', pass.start[index], pass.end[index]) : null, sealedAt: opened ? pass.sealedAt[index] ?? null : null });
    }
    from += pass.taken;
  }
  return told;
}

function bySingle(tokens: readonly string[], key: FernetKey): Told[] {
  return tokens.map((token) => {
    const result = openFernet(token, key);
    return result.ok ? { verdict: 'opened', plaintext: result.plaintext.toString('hex'), sealedAt: result.sealedAtSeconds } : { verdict: result.why, plaintext: null, sealedAt: null };
  });
}

describe('the same verdict as openFernet', () => {
  it('on random tokens, flipped bits, other keys, cuts, junk, other alphabets, loose bits, wrong padding, versions and times', () => {
    const seen = new Map<string, number>();
    fc.assert(fc.property(fc.array(fc.tuple(sealing, damage), { maxLength: 24 }), fc.integer({ min: 1, max: 9 }), (made, most) => {
      const tokens = made.map(([what, broken]) => broken(spell(sealBytes(what))));
      for (const [index, key] of keys.entries()) {
        const single = bySingle(tokens, key);
        expect(byBatch(tokens, batchKeys[index] as BatchKey, createBatchOpener(most))).toEqual(single);
        for (const { verdict } of single) seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      }
    }), { seed, numRuns: long ? 5000 : 700 });
    // Each verdict was met often: the property did not run on one kind of token.
    for (const verdict of ['opened', 'not-a-token', 'not-authentic', 'bad-padding']) expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(100);
  });

  it('on every single flipped bit of a token', () => {
    const bytes = sealBytes({ key: 0, plaintext: Buffer.from('{"query_params":{"trace":"abc"}}'), time: 1_795_325_829n, version: 0x80, padding: null, iv: Buffer.alloc(16, 9) });
    const tokens = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return spell(flipped);
    });
    const told = byBatch(tokens, batchKeys[0] as BatchKey);
    expect(told).toEqual(bySingle(tokens, keys[0] as FernetKey));
    expect(told.filter(({ verdict }) => verdict === 'opened')).toEqual([]);
  });

  it('on every last character: of the spellings of one token only the canonical one opens', () => {
    for (let size = 0; size < 48; size += 1) {
      const token = spell(sealBytes({ key: 0, plaintext: Buffer.alloc(size, 0x61), time: 5n, version: 0x80, padding: null, iv: Buffer.alloc(16, size) }));
      const body = token.replace(/=+$/, '');
      const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/'].map((last) => body.slice(0, -1) + last + token.slice(body.length));
      expect(byBatch(spellings, batchKeys[0] as BatchKey).filter(({ verdict }) => verdict === 'opened')).toHaveLength(1);
    }
  });

  it('on long tokens between short ones, and on more than one pass holds', () => {
    const sizes = [10, 48_900, 49_100, 70_000, 400_000, 3, 0, 250_000, 16, 17];
    const tokens = sizes.map((size, index) => spell(sealBytes({ key: index % 2, plaintext: Buffer.alloc(size, index), time: BigInt(index), version: 0x80, padding: null, iv: Buffer.alloc(16, index) })));
    const many = [...tokens, ...Array.from({ length: 600 }, (_, index) => tokens[index % 2 === 0 ? 0 : 8] ?? ''), ...tokens];
    for (const [index, key] of keys.entries()) expect(byBatch(many, batchKeys[index] as BatchKey)).toEqual(bySingle(many, key));
  });

  it.skipIf(!existsSync(vectors))('on the published vectors (skipped where ../shared/vectors is absent)', () => {
    let opened = 0;
    for (const name of ['verify.json', 'generate.json', 'invalid.json']) {
      for (const vector of JSON.parse(readFileSync(join(vectors, name), 'utf8')) as Record<string, unknown>[]) {
        const key = parseFernetKey(new Secret(String(vector['secret'])));
        const told = byBatch([String(vector['token'])], prepareBatchKey(key));
        expect(told, String(vector['desc'] ?? name)).toEqual(bySingle([String(vector['token'])], key));
        if (name !== 'invalid.json') expect(told[0]?.plaintext).toBe(Buffer.from(String(vector['src'])).toString('hex'));
        if (told[0]?.verdict === 'opened') opened += 1;
      }
    }
    expect(opened).toBeGreaterThanOrEqual(2);
  });
});

describe('what is left in memory', () => {
  it('wipe overwrites the plaintexts of the last pass, and the next pass those of the one before', () => {
    const token = spell(sealBytes({ key: 0, plaintext: Buffer.from('marker-of-the-plaintext'), time: 5n, version: 0x80, padding: null, iv: Buffer.alloc(16) }));
    const opener = createBatchOpener();
    const first = opener.open([token], 0, batchKeys[0] as BatchKey).plaintext;
    expect(first.includes('marker-of-the-plaintext')).toBe(true);
    const second = opener.open([token], 0, batchKeys[0] as BatchKey).plaintext;
    expect(first.every((byte) => byte === 0)).toBe(true);
    expect(second.includes('marker-of-the-plaintext')).toBe(true);
    opener.wipe();
    expect(second.every((byte) => byte === 0)).toBe(true);
  });

  it('a key that was forgotten opens nothing any more', () => {
    const key = prepareBatchKey(keys[0] as FernetKey);
    const token = spell(sealBytes({ key: 0, plaintext: Buffer.from('x'), time: 5n, version: 0x80, padding: null, iv: Buffer.alloc(16) }));
    expect(createBatchOpener().open([token], 0, key).verdict[0]).toBe(OPENED);
    forgetBatchKey(key);
    expect(createBatchOpener().open([token], 0, key).verdict[0]).toBe(NOT_AUTHENTIC);
  });

  it('wrong padding has its own verdict', () => {
    const token = spell(sealBytes({ key: 0, plaintext: Buffer.from('0123456789abcd'), time: 5n, version: 0x80, padding: Buffer.from([1, 2]), iv: Buffer.alloc(16) }));
    expect(createBatchOpener().open([token], 0, batchKeys[0] as BatchKey).verdict[0]).toBe(BAD_PADDING);
  });
});
