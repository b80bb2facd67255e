// Keeps that the product's vault pays for scrypt at N = 2^17 and that nothing in the product can pay less.
import { scryptSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../secret.ts';
import { deriveWithScrypt } from './kdf.ts';
import { changeVaultPassphrase, createVault, openVault } from './passphrase-vault.ts';

const CORE = join(import.meta.dirname, '..');

describe('passphrase vault', () => {
  it('R27: create, reopen, wrong passphrase, change and reopen, at the full cost', { timeout: 60_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-vault-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'vault.json');
    // Composed and decomposed: the same passphrase from two keyboards.
    const [composed, decomposed] = [new Secret('für die Prüfung'.normalize('NFC')), new Secret('für die Prüfung'.normalize('NFD'))];
    const next = new Secret('another long passphrase');
    const vault = await createVault(path, composed);
    await vault.set('database-key', 'f'.repeat(64));
    expect(await (await openVault(path, decomposed)).get('database-key')).toBe('f'.repeat(64));
    await expect(openVault(path, next)).rejects.toMatchObject({ code: 'wrong_passphrase' });
    await changeVaultPassphrase({ path, current: composed, next });
    expect(await (await openVault(path, next)).get('database-key')).toBe('f'.repeat(64));
  });

  it('R27: the derivation is scrypt with N = 2^17, r = 8, p = 1', async () => {
    const salt = Buffer.alloc(32, 7);
    const derived = await deriveWithScrypt(new Secret('passphrase'), salt);
    expect(derived.equals(scryptSync('passphrase', salt, 64, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }))).toBe(true);
  });

  it('R27: no product file but passphrase-vault.ts and wrap.ts hands a derivation to an engine, and both hand over scrypt', () => {
    const uses = readdirSync(join(CORE, '..'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(join(CORE, '..', file), 'utf8').matchAll(/(?<!function )\b(?:vaultEngine|keyWrapper)\(([^)]*)\)/g)].map((match) => `${file.replaceAll('\\', '/')} ${match[1]}`));
    expect(uses.sort()).toEqual(['core/credentials/passphrase-vault.ts deriveWithScrypt', 'core/credentials/wrap.ts deriveWithScrypt']);
  });
});
