// Keeps that a wrapped key comes back under its passphrase only, and that no changed byte is taken.
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../secret.ts';
import type { Derive } from './kdf.ts';
import { keyWrapper, unwrapKey, wrapKey, wrappedKey } from './wrap.ts';

const cheap: Derive = async (passphrase, salt) => createHash('sha512').update(salt).update(passphrase.reveal()).digest();
const wrapper = keyWrapper(cheap);

describe('wrapped key', () => {
  it('R32: wraps and unwraps at the full cost of scrypt', { timeout: 60_000 }, async () => {
    const key = new Secret(randomBytes(32));
    const wrapped = await wrapKey(key, new Secret('a passphrase for the app'));
    expect(wrapped.kdf).toEqual({ name: 'scrypt', N: 131_072, r: 8, p: 1 });
    const stored = wrappedKey.parse(JSON.parse(JSON.stringify(wrapped)));
    expect((await unwrapKey(stored, new Secret('a passphrase for the app'))).reveal().equals(key.reveal())).toBe(true);
  });

  it('R32: any key comes back under its passphrase and under no other', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.string(), fc.string(), async (bytes, right, other) => {
      const wrapped = await wrapper.wrapKey(new Secret(Buffer.from(bytes)), new Secret(right));
      expect((await wrapper.unwrapKey(wrapped, new Secret(right))).reveal().equals(bytes)).toBe(true);
      if (other !== right) await expect(wrapper.unwrapKey(wrapped, new Secret(other))).rejects.toMatchObject({ code: 'wrong_passphrase' });
    }), { numRuns: 200 });
  });

  it('R25: neither the key nor the passphrase lies in the stored form', async () => {
    const key = randomBytes(32);
    const text = JSON.stringify(await wrapper.wrapKey(new Secret(key), new Secret('a passphrase for the app')));
    for (const form of [key.toString('hex'), key.toString('base64'), 'a passphrase for the app']) expect(text).not.toContain(form);
  });

  it('R26: every changed field is refused as damaged, and a vault envelope is no wrapped key', async () => {
    const wrapped = await wrapper.wrapKey(new Secret(randomBytes(32)), new Secret('right'));
    for (const field of ['salt', 'check', 'nonce', 'body', 'tag', 'digest'] as const) {
      const bytes = Buffer.from(wrapped[field], 'base64');
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await expect(wrapper.unwrapKey({ ...wrapped, [field]: changed.toString('base64') }, new Secret('right'))).rejects.toMatchObject({ code: 'vault_damaged' });
      }
    }
    expect(wrappedKey.safeParse({ ...wrapped, format: 'holdfast-vault' }).success).toBe(false);
    expect(wrappedKey.safeParse({ ...wrapped, kdf: { ...wrapped.kdf, N: 16_384 } }).success).toBe(false);
    expect(wrappedKey.safeParse({ ...wrapped, salt: `${wrapped.salt.slice(0, -1)}!` }).success).toBe(false);
  });

  it('R32: unwrapping does not use up the wrapped key, and the given key is not wiped', async () => {
    const key = new Secret(randomBytes(32));
    const copy = Buffer.from(key.reveal());
    const wrapped = await wrapper.wrapKey(key, new Secret('right'));
    expect(key.reveal().equals(copy)).toBe(true);
    for (let turn = 0; turn < 2; turn += 1) expect((await wrapper.unwrapKey(wrapped, new Secret('right'))).reveal().equals(copy)).toBe(true);
  });
});
