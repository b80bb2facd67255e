// Which key opens a row, why none does, and that pretty printing loses nothing.
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { Secret } from '../secret.ts';
import { parseFernetKey } from './fernet.ts';
import { openPayload, prettyJson, readWrapper, sealedAt } from './open-payload.ts';
import type { RingKey } from './open-payload.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)];
const ringKey = (keyId: string, index: number): RingKey => ({ keyId, key: parseFernetKey(new Secret(`${(keys[index] ?? Buffer.alloc(0)).toString('base64url')}=`)) });

function seal(index: number, plaintext: string): string {
  const key = keys[index] ?? Buffer.alloc(32);
  const header = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(8), randomBytes(16)]);
  header.writeBigUInt64BE(1_795_325_829n, 1);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), header.subarray(9));
  const body = Buffer.concat([header, cipher.update(plaintext, 'utf8'), cipher.final()]);
  const token = Buffer.concat([body, createHmac('sha256', key.subarray(0, 16)).update(body).digest()]).toString('base64url');
  return token + '='.repeat((4 - (token.length % 4)) % 4);
}
const wrap = (ciphertext: string, keyId?: string): string => JSON.stringify({ encrypted: true, ciphertext, ...(keyId === undefined ? {} : { key_id: keyId }) });
function code(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('the key that serves', () => {
  const ring = [ringKey('new', 0), ringKey('old', 1)];
  it('is the named one, any other when the label is missing or lies, and the result says which', () => {
    expect(openPayload(wrap(seal(0, '{"a":1}'), 'new'), ring)).toMatchObject({ keyId: 'new', sealedAt: '2026-11-22T05:37:09Z' });
    expect(openPayload(wrap(seal(1, '{"a":1}')), ring).keyId).toBe('old');
    expect(openPayload(wrap(seal(1, '{"a":1}'), 'new'), ring).keyId).toBe('old');
    expect(openPayload(wrap(seal(1, '{"a":1}'), 'default'), ring).keyId).toBe('old');
  });
  it('none held, none fitting, a fitting label that does not open, and a broken token are told apart', () => {
    expect(code(() => openPayload(wrap(seal(2, '{}'), 'x'), []))).toBe('no_key');
    expect(code(() => openPayload(wrap(seal(2, '{}'), 'x'), ring))).toBe('no_key');
    expect(code(() => openPayload(wrap(seal(2, '{}')), ring))).toBe('no_key');
    expect(code(() => openPayload(wrap(seal(2, '{}'), 'old'), ring))).toBe('token_damaged');
    expect(code(() => openPayload(wrap('not a token', 'old'), ring))).toBe('token_damaged');
    expect(code(() => openPayload('{"encrypted":false,"error":"audit_encryption_failed"}', ring))).toBe('payload_not_encrypted');
  });
  it('content that is no JSON object is refused and named, never shown', () => {
    for (const text of ['[1]', '"text"', '5', 'null', 'not json', '']) expect(code(() => openPayload(wrap(seal(0, text)), ring)), text).toBe('payload_not_object');
  });
});

it('readWrapper takes only a wrapper; sealedAt reads the time without a key', () => {
  expect(readWrapper('{"encrypted":true,"error":"encryption_failed"}')).toBeNull();
  expect(readWrapper('[]')).toBeNull();
  expect(readWrapper('{"encrypted":"true","ciphertext":"x"}')).toBeNull();
  expect(sealedAt(wrap(seal(0, '{}')))).toBe('2026-11-22T05:37:09Z');
  expect(sealedAt(wrap('junk'))).toBeNull();
});

describe('prettyJson', () => {
  it('indents any JSON value and stays the same value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.parse(prettyJson(text, JSON.parse(text)))).toEqual(JSON.parse(text));
      expect(prettyJson(JSON.stringify(value, null, 3), JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text), null, 2));
    }), { seed, numRuns: 1000 });
  });
  it('leaves a text alone that is nested too deeply to be written again', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(prettyJson(deep, JSON.parse(deep))).toBe(deep);
  });
  it('leaves the text alone where parsing would lose something', () => {
    for (const text of ['{"a":9007199254740993}', '{"a":1,"a":2}', '{"a":1.0}', '{"a":1e400}']) expect(prettyJson(text, JSON.parse(text))).toBe(text);
    expect(prettyJson('{"a": "za\\u017c\\u00f3\\u0142"}', { a: 'zażół' })).toBe('{\n  "a": "zażół"\n}');
  });
});
