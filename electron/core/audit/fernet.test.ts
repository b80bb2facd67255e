// Fernet against the published vectors, against tokens of Python's cryptography, and against every bit that can flip.
import { execFileSync } from 'node:child_process';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { Secret } from '../secret.ts';
import { fernetSealedAt, openFernet, parseFernetKey } from './fernet.ts';

const vectors = join(import.meta.dirname, '../../../../shared/vectors/fernet');
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

/** A token by the specification; `padding` lets a test break it. */
function seal(key: Buffer, plaintext: Buffer, options: { time?: bigint; version?: number; padding?: Buffer } = {}): string {
  const header = Buffer.alloc(25);
  header[0] = options.version ?? 0x80;
  header.writeBigUInt64BE(options.time ?? 1_795_325_829n, 1);
  randomBytes(16).copy(header, 9);
  const n = 16 - (plaintext.length % 16);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), header.subarray(9)).setAutoPadding(false);
  const body = Buffer.concat([header, cipher.update(Buffer.concat([plaintext, options.padding ?? Buffer.alloc(n, n)])), cipher.final()]);
  const token = Buffer.concat([body, createHmac('sha256', key.subarray(0, 16)).update(body).digest()]).toString('base64url');
  return token + '='.repeat((4 - (token.length % 4)) % 4);
}
const raw = Buffer.from('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=', 'base64url');
const keyText = new Secret('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');

describe('published vectors', () => {
  const read = (name: string): Record<string, unknown>[] => JSON.parse(readFileSync(join(vectors, name), 'utf8')) as Record<string, unknown>[];
  const seconds = (iso: unknown): number => Math.floor(Date.parse(String(iso)) / 1000);
  const limits = (vector: Record<string, unknown>) => ({ nowSeconds: seconds(vector['now']), ttlSeconds: Number(vector['ttl_sec']), maxSkewSeconds: 60 });

  it.skipIf(!existsSync(vectors))('verify.json and generate.json open (skipped where ../shared/vectors is absent)', () => {
    for (const vector of [...read('verify.json'), ...read('generate.json')]) {
      const result = openFernet(String(vector['token']), parseFernetKey(new Secret(String(vector['secret']))), vector['ttl_sec'] === undefined ? undefined : limits(vector));
      expect(result.ok && result.plaintext.toString('utf8')).toBe(vector['src']);
    }
  });

  it.skipIf(!existsSync(vectors))('invalid.json: every case is refused, the two time cases with the time option', () => {
    const cases = read('invalid.json');
    expect(cases.length).toBeGreaterThanOrEqual(8);
    for (const vector of cases) expect(openFernet(String(vector['token']), parseFernetKey(new Secret(String(vector['secret']))), limits(vector)).ok, String(vector['desc'])).toBe(false);
  });
});

describe('tokens of the backend', () => {
  const captures = JSON.parse(readFileSync(join(import.meta.dirname, '../../../test/fixtures/fernet-capture.json'), 'utf8')) as { keys: { keyId: string; key: string }[]; rows: { id: number; ciphertext: string; keyId: string; plaintext: string }[] };
  it('opens captured ciphertexts with the key that sealed them and with no other', () => {
    expect(captures.rows.length).toBeGreaterThan(1);
    for (const row of captures.rows) {
      for (const { keyId, key } of captures.keys) {
        const result = openFernet(row.ciphertext, parseFernetKey(new Secret(key)));
        expect(result.ok).toBe(keyId === row.keyId);
        if (result.ok) expect(JSON.parse(result.plaintext.toString('utf8'))).toEqual(JSON.parse(row.plaintext));
      }
    }
  });

  it('opens what Python cryptography seals, where it is installed', (context) => {
    let tokens: string[];
    try {
      tokens = execFileSync('python3', ['-c', 'from cryptography.fernet import Fernet as F\nimport sys\nf=F(sys.argv[1])\nfor n in (0,1,15,16,17,600): print(f.encrypt(b"x"*n).decode())', keyText.reveal()], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n');
    } catch {
      return context.skip('Python with the package cryptography is not installed');
    }
    const opened = tokens.map((token) => openFernet(token, parseFernetKey(keyText)));
    expect(opened.map((result) => result.ok && result.plaintext.length)).toEqual([0, 1, 15, 16, 17, 600]);
  });
});

describe('strictness', () => {
  it('round trip of any bytes, with the time inside', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 4_000_000_000 }), (bytes, time) => {
      const token = seal(raw, Buffer.from(bytes), { time: BigInt(time) });
      const result = openFernet(token, parseFernetKey(keyText));
      expect(result.ok && result.plaintext.equals(Buffer.from(bytes)) && result.sealedAtSeconds === time).toBe(true);
      expect(fernetSealedAt(token)).toBe(time);
    }), { seed, numRuns: 300 });
  });

  it('no flipped bit is accepted', () => {
    const token = seal(raw, Buffer.from('{"query_params":{"trace":"abc"}}'));
    const bytes = Buffer.from(token, 'base64url');
    let accepted = 0;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = flipped.toString('base64url');
      if (openFernet(text + '='.repeat((4 - (text.length % 4)) % 4), parseFernetKey(keyText)).ok) accepted += 1;
    }
    expect(accepted).toBe(0);
  });

  it('only the one canonical spelling of a token is accepted', () => {
    const token = seal(raw, Buffer.from('{"a":1}'));
    const variants = [token.replace(/=+$/, ''), `${token}=`, ` ${token}`, `${token}\n`, token.replaceAll('-', '+').replaceAll('_', '/'), `${token.slice(0, 10)} ${token.slice(10)}`, token.slice(0, -4), `!${token.slice(1)}`];
    // The last character before the padding has unused bits: every other character with the same used bits spells the same bytes.
    const body = token.replace(/=+$/, '');
    const padding = token.length - body.length;
    if (padding > 0) for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') if (!body.endsWith(last)) variants.push(body.slice(0, -1) + last + '='.repeat(padding));
    for (const variant of variants) if (variant !== token) expect(openFernet(variant, parseFernetKey(keyText)).ok, variant.slice(-6)).toBe(false);
    expect(openFernet(token, parseFernetKey(keyText)).ok).toBe(true);
  });

  it('an authentic token with wrong padding or version is refused by its own name', () => {
    const key = parseFernetKey(keyText);
    const text = Buffer.from('0123456789abcd');
    expect(openFernet(seal(raw, text, { padding: Buffer.from([1, 2]) }), key)).toEqual({ ok: false, why: 'bad-padding' });
    expect(openFernet(seal(raw, text, { padding: Buffer.from([0, 0]) }), key)).toEqual({ ok: false, why: 'bad-padding' });
    expect(openFernet(seal(raw, text, { padding: Buffer.from([17, 17]) }), key)).toEqual({ ok: false, why: 'bad-padding' });
    expect(openFernet(seal(raw, text, { version: 0x81 }), key)).toEqual({ ok: false, why: 'not-a-token' });
  });

  it('a key must be 32 bytes in canonical base64url; the missing padding of the documented command is explained', () => {
    const bad = ['', 'x', keyText.reveal().slice(0, 43), `${keyText.reveal()}=`, keyText.reveal().replace('=', 'A'), Buffer.alloc(31).toString('base64url')];
    for (const text of bad) expect(() => parseFernetKey(new Secret(text))).toThrow(AppError);
    expect(() => parseFernetKey(new Secret(keyText.reveal().slice(0, 43)))).toThrow(/43 characters/);
    expect(() => parseFernetKey(new Secret(keyText.reveal().slice(0, 43)))).not.toThrow(new RegExp(keyText.reveal().slice(0, 8)));
  });
});
