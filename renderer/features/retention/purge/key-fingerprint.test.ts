// The fingerprint of a key, against the digest that core takes of it.
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyFingerprint } from './key-fingerprint.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);

it('a key has the fingerprint that core gives it: SHA-256 of its bytes', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (key) => {
    expect(await keyFingerprint(Buffer.from(key).toString('base64'))).toBe(createHash('sha256').update(key).digest('hex'));
  }), { seed: SEED, numRuns: 50 });
  expect(await keyFingerprint('no base64 at all!')).toBeNull();
  expect(await keyFingerprint(randomBytes(32).toString('base64'))).toMatch(/^[0-9a-f]{64}$/);
});
