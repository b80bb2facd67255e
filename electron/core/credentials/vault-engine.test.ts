// Keeps the vault's promises: round trips, wrong passphrase, damage, other writers, other users. The derivation is a cheap one; passphrase-vault.test.ts pays for scrypt.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { Secret } from '../secret.ts';
import type { Derive } from './kdf.ts';
import { newSealKey, seal, sealed, unseal } from './sealed.ts';
import { vaultEngine } from './vault-engine.ts';
import { vaultExists, vaultText, writeVaultFile } from './vault-file.ts';

const cheap: Derive = async (passphrase, salt) => createHash('sha512').update(salt).update(passphrase.reveal()).digest();
const { createVault, openVault, changeVaultPassphrase } = vaultEngine(cheap);
const right = new Secret('correct horse battery staple');
const wrong = new Secret('correct horse battery stapler');

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-vault-'));
  path = join(directory, 'vault.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => null, (reason: unknown) => reason);
  if (error === null) return 'no error';
  expect(error).toBeInstanceOf(AppError);
  return (error as AppError).code;
}

const storable = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((text) => !text.includes('\0'));
const secrets = fc.uniqueArray(fc.tuple(fc.oneof(storable, fc.constantFrom('__proto__', 'constructor', 'token:a')), storable), { maxLength: 6, selector: ([name]) => name });

describe('vault', () => {
  it('R27: what was set comes back, in this store and in one opened later', async () => {
    await fc.assert(fc.asyncProperty(secrets, storable, async (pairs, passphrase) => {
      rmSync(path, { force: true });
      const vault = await createVault(path, new Secret(passphrase));
      for (const [name, value] of pairs) await vault.set(name, value);
      const later = await openVault(path, new Secret(passphrase));
      for (const store of [vault, later]) for (const [name, value] of pairs) expect(await store.get(name)).toBe(value);
      const [first, ...others] = pairs;
      if (first === undefined) return;
      await later.delete(first[0]);
      expect(await vault.get(first[0])).toBeNull();
      for (const [name, value] of others) expect(await vault.get(name)).toBe(value);
    }), { numRuns: 60 });
  });

  it('R27: any other passphrase is refused as wrong_passphrase and changes nothing', async () => {
    await createVault(path, right);
    const before = readFileSync(path);
    await fc.assert(fc.asyncProperty(fc.string().filter((text) => text !== right.reveal()), async (text) => {
      expect(await codeOf(openVault(path, new Secret(text)))).toBe('wrong_passphrase');
    }), { numRuns: 200 });
    expect(readFileSync(path)).toEqual(before);
  });

  it('R26: every byte of the file, changed in three ways, is refused as damaged and left as it is', async () => {
    const vault = await createVault(path, right);
    await vault.set('token:a', 'eyJ.secret');
    const good = readFileSync(path);
    let refused = 0;
    for (let at = 0; at < good.length; at += 1) {
      for (const change of [1, 0x20, 0x80]) {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ change;
        writeFileSync(path, bad);
        expect(await codeOf(openVault(path, right)), `byte ${at} ^ ${change}`).toBe('vault_damaged');
        expect(readFileSync(path).equals(bad)).toBe(true);
        refused += 1;
      }
    }
    expect(refused).toBe(good.length * 3);
    writeFileSync(path, good);
    expect(await vault.get('token:a')).toBe('eyJ.secret');
  });

  it('R26: every length but the right one is refused as damaged', async () => {
    await createVault(path, right);
    const good = readFileSync(path);
    for (let length = 0; length < good.length; length += 1) {
      writeFileSync(path, good.subarray(0, length));
      expect(await codeOf(openVault(path, right))).toBe('vault_damaged');
    }
    writeFileSync(path, Buffer.concat([good, Buffer.from(' ')]));
    expect(await codeOf(openVault(path, right))).toBe('vault_damaged');
  });

  it('R26: an attacker who mends the digest still fails: at the passphrase or at the seal', async () => {
    const vault = await createVault(path, right);
    await vault.set('token:a', 'old');
    const older = sealed.parse(JSON.parse(readFileSync(path, 'utf8')));
    await vault.set('token:a', 'new');
    const now = sealed.parse(JSON.parse(readFileSync(path, 'utf8')));
    const flip = (text: string): string => {
      const bytes = Buffer.from(text, 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    const expected = { salt: 'wrong_passphrase', check: 'wrong_passphrase', nonce: 'vault_damaged', body: 'vault_damaged', tag: 'vault_damaged' } as const;
    for (const field of Object.keys(expected) as (keyof typeof expected)[]) {
      writeFileSync(path, mended({ ...now, [field]: flip(now[field]) }));
      expect(await codeOf(openVault(path, right)), field).toBe(expected[field]);
    }
    for (const part of ['nonce', 'body', 'tag'] as const) {
      writeFileSync(path, mended({ ...now, [part]: older[part] }));
      expect(await codeOf(openVault(path, right)), `${part} of an older file`).toBe('vault_damaged');
    }
  });

  it('R26: the seal covers the header: the same key and contents under another header do not open', async () => {
    const sealKey = await newSealKey('holdfast-vault', right, cheap);
    const envelope = seal(sealKey, Buffer.from('[]'));
    expect(unseal(envelope, sealKey)?.toString()).toBe('[]');
    const other = Buffer.alloc(32, 1).toString('base64');
    for (const changed of [{ ...envelope, format: 'holdfast-wrapped-key' as const }, { ...envelope, salt: other }, { ...envelope, check: other }]) expect(unseal(changed, sealKey)).toBeNull();
  });

  it('the file is compared once more right before it is replaced', async () => {
    const [first, second] = [vaultText(seal(await newSealKey('holdfast-vault', right, cheap), Buffer.from('[]'))), 'written by another process'];
    writeFileSync(path, second);
    expect(await codeOf(writeVaultFile({ path, expected: first, text: first }))).toBe('busy');
    expect(readFileSync(path, 'utf8')).toBe(second);
    expect(readdirSync(directory)).toEqual(['vault.json']);
  });

  it('R27: a file that names a cheaper scrypt is refused before any key is derived', async () => {
    await createVault(path, right);
    const envelope = JSON.parse(readFileSync(path, 'utf8')) as { kdf: { N: number } };
    expect(envelope.kdf).toEqual({ name: 'scrypt', N: 131_072, r: 8, p: 1 });
    for (const N of [2, 16_384, 65_536, 262_144]) {
      writeFileSync(path, `${JSON.stringify({ ...envelope, kdf: { ...envelope.kdf, N } }, null, 2)}\n`);
      expect(await codeOf(vaultEngine(() => { throw new Error('derived'); }).openVault(path, right))).toBe('vault_damaged');
    }
  });

  it('a newer version is refused and left untouched', async () => {
    await createVault(path, right);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version": 1', '"version": 2'));
    const before = readFileSync(path);
    await expect(openVault(path, right)).rejects.toMatchObject({ code: 'vault_damaged', message: expect.stringContaining('newer version') });
    expect(readFileSync(path)).toEqual(before);
  });

  it('R25: the file holds no name and no value in plain, base64 or hex, and every write takes a fresh nonce', async () => {
    const vault = await createVault(path, right);
    const nonces = new Set<string>();
    for (let turn = 0; turn < 20; turn += 1) {
      await vault.set('token:production', `canary-value-${turn}`);
      const text = readFileSync(path, 'utf8');
      nonces.add(sealed.parse(JSON.parse(text)).nonce);
      for (const plain of ['token:production', 'canary-value', right.reveal()]) {
        for (const form of [plain, Buffer.from(plain).toString('hex'), Buffer.from(plain).toString('base64').slice(0, -4)]) expect(text).not.toContain(form);
      }
    }
    expect(nonces.size).toBe(20);
  });

  it('R30: the file is 0600 from the first moment and no temporary file stays', async () => {
    const vault = await createVault(path, right);
    await vault.set('a', 'b');
    expect(readdirSync(directory)).toEqual(['vault.json']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never replaces a file that is already there', async () => {
    writeFileSync(path, 'something else');
    expect(await vaultExists(path)).toBe(true);
    expect(await codeOf(createVault(path, right))).toBe('invalid_input');
    expect(readFileSync(path, 'utf8')).toBe('something else');
    expect(readdirSync(directory)).toEqual(['vault.json']);
    expect(await vaultExists(join(directory, 'other'))).toBe(false);
  });

  it('refuses once when another process wrote, keeps its change, and succeeds at the next attempt', async () => {
    const mine = await createVault(path, right);
    const theirs = await openVault(path, right);
    await theirs.set('b', 'theirs');
    expect(await codeOf(mine.set('a', 'mine'))).toBe('busy');
    expect(await theirs.get('b')).toBe('theirs');
    expect(await theirs.get('a')).toBeNull();
    await mine.set('a', 'mine');
    const later = await openVault(path, right);
    expect([await later.get('a'), await later.get('b')]).toEqual(['mine', 'theirs']);
  });

  it('writes nothing over a file that was damaged, removed or replaced under it', async () => {
    const vault = await createVault(path, right);
    writeFileSync(path, 'not a vault');
    expect(await codeOf(vault.set('a', 'b'))).toBe('vault_damaged');
    expect(await codeOf(vault.get('a'))).toBe('vault_damaged');
    expect(readFileSync(path, 'utf8')).toBe('not a vault');
    rmSync(path);
    expect(await codeOf(vault.set('a', 'b'))).toBe('vault_damaged');
    expect(await vaultExists(path)).toBe(false);
    await createVault(path, right);
    expect(await codeOf(vault.set('a', 'b'))).toBe('passphrase_required');
  });

  it('keeps calls of one store in order', async () => {
    const vault = await createVault(path, right);
    await Promise.all(Array.from({ length: 25 }, (_item, index) => vault.set(`name${index}`, `value${index}`)));
    const later = await openVault(path, right);
    for (let index = 0; index < 25; index += 1) expect(await later.get(`name${index}`)).toBe(`value${index}`);
  });

  it('R32: after close the key is gone and every call says so; a close in the middle of a write damages nothing', async () => {
    const vault = await createVault(path, right);
    await vault.set('a', 'b');
    const running = Array.from({ length: 10 }, (_item, index) => codeOf(vault.set('a', `b${index}`)));
    queueMicrotask(() => vault.close());
    const codes = await Promise.all(running);
    expect(codes.at(-1)).toBe('passphrase_required');
    for (const call of [vault.get('a'), vault.set('a', 'c'), vault.delete('a')]) expect(await codeOf(call)).toBe('passphrase_required');
    const later = await openVault(path, right);
    expect(await later.get('a')).toMatch(/^b\d?$/);
  });

  it('R28: a new passphrase opens the same secrets, the old one no longer, and a wrong current one changes nothing', async () => {
    const vault = await createVault(path, right);
    await vault.set('a', 'b');
    const before = readFileSync(path);
    expect(await codeOf(changeVaultPassphrase({ path, current: wrong, next: new Secret('something new') }))).toBe('wrong_passphrase');
    expect(readFileSync(path)).toEqual(before);
    await changeVaultPassphrase({ path, current: right, next: wrong });
    expect(await codeOf(openVault(path, right))).toBe('wrong_passphrase');
    expect(await (await openVault(path, wrong)).get('a')).toBe('b');
    expect(await codeOf(vault.get('a'))).toBe('passphrase_required');
    expect(readdirSync(directory)).toEqual(['vault.json']);
  });

  it('a directory that takes no file is a typed error and the vault stays as it was', async () => {
    const missing = join(directory, 'vault.json', 'inside');
    writeFileSync(path, 'a file, not a directory');
    await expect(createVault(missing, right)).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('a file, not a directory');
  });

  it.each([['an empty value', 'a', ''], ['NUL', 'a', 'x\0y'], ['a lone surrogate', 'a', '\ud800'], ['an empty name', '', 'x']])('%s is a bug of the caller and is not stored', async (_what, name, value) => {
    const vault = await createVault(path, right);
    await expect(vault.set(name, value)).rejects.not.toBeInstanceOf(AppError);
    expect(await vault.get('a')).toBeNull();
  });
});

/** The file with a digest that fits its changed fields, as anyone can compute it. */
function mended(envelope: ReturnType<typeof sealed.parse>): string {
  const { format, version, kdf, salt, check, nonce, body, tag } = envelope;
  const header = JSON.stringify([format, version, kdf.name, kdf.N, kdf.r, kdf.p, salt, check]);
  const digest = createHash('sha256').update(header).update(`\n${nonce}\n${body}\n${tag}`).digest('base64');
  return vaultText({ ...envelope, digest });
}
