// The passphrase vault over a key derivation; it refuses wrong passphrases, damaged files and overwriting what another process wrote.
import { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';
import type { SecretStore } from '../ports.ts';
import type { Secret } from '../secret.ts';
import type { Derive } from './kdf.ts';
import { keyFits, newSealKey, seal, sealKeyOf, unseal } from './sealed.ts';
import type { Sealed, SealKey } from './sealed.ts';
import { assertStorable } from './value.ts';
import { readVaultFile, vaultChanged, vaultDamaged, vaultText, writeVaultFile } from './vault-file.ts';

/** A secret store in one file. `close` forgets the key; every call after it throws `passphrase_required`. */
export interface Vault extends SecretStore {
  readonly kind: 'passphrase';
  close(): void;
}

export interface VaultEngine {
  createVault(path: string, passphrase: Secret): Promise<Vault>;
  openVault(path: string, passphrase: Secret): Promise<Vault>;
  changeVaultPassphrase(change: { path: string; current: Secret; next: Secret }): Promise<void>;
}

const contents = z.array(z.tuple([z.string(), z.string()]));
type Contents = Map<string, string>;

function wrongPassphrase(): AppError {
  return new AppError('wrong_passphrase', { message: 'The passphrase does not open the vault. Nothing was changed.', hint: 'Type it again; mind the keyboard layout and Caps Lock.' });
}

function textOf(sealKey: SealKey, values: Contents): string {
  // Pairs and not an object: a secret named __proto__ would be lost.
  const plain = Buffer.from(JSON.stringify([...values]));
  const text = vaultText(seal(sealKey, plain));
  plain.fill(0);
  return text;
}

function contentsOf(envelope: Sealed, sealKey: SealKey): Contents {
  const plain = unseal(envelope, sealKey);
  if (plain === null) throw vaultDamaged('The passphrase fits, but the contents of the vault were changed.');
  const parsed = contents.safeParse(JSON.parse(plain.toString()));
  plain.fill(0);
  if (!parsed.success) throw vaultDamaged('The vault holds something this version does not know.');
  return new Map(parsed.data);
}

function vaultStore(path: string, sealKey: SealKey, firstText: string): Vault {
  let text = firstText;
  let open = true;
  let turn: Promise<unknown> = Promise.resolve();

  /** Asked for anew at every use: `close` may come between any two awaits, and a wiped key must never seal anything. */
  function usableKey(): SealKey {
    if (!open) throw new AppError('passphrase_required', { message: 'The vault is closed. Nothing was changed.', hint: 'Open it with its passphrase.' });
    return sealKey;
  }

  /** The file as it is now. Secrets are decrypted for the call that needs them and not kept. */
  async function read(): Promise<{ text: string; values: Contents }> {
    usableKey();
    const file = await readVaultFile(path);
    if (!keyFits(file.envelope, usableKey())) {
      throw new AppError('passphrase_required', { message: 'The passphrase of the vault was changed by another process. Nothing was changed here.', hint: 'Open the vault with its new passphrase.' });
    }
    return { text: file.text, values: contentsOf(file.envelope, sealKey) };
  }

  /** Calls of one store run one after another, so that a read-modify-write is never interleaved. */
  function alone<T>(run: () => Promise<T>): Promise<T> {
    const result = turn.then(run);
    turn = result.catch(() => undefined);
    return result;
  }

  /** `apply` says whether there is anything to write. */
  async function change(apply: (values: Contents) => boolean): Promise<void> {
    const now = await read();
    if (now.text !== text) {
      text = now.text; // Seen from here on: the next attempt builds on the newer state.
      throw vaultChanged();
    }
    if (!apply(now.values)) return;
    const next = textOf(usableKey(), now.values);
    await writeVaultFile({ path, expected: now.text, text: next });
    text = next;
  }

  return {
    kind: 'passphrase',
    get: (name) => alone(async () => {
      assertStorable(name);
      const now = await read();
      text = now.text;
      return now.values.get(name) ?? null;
    }),
    set: (name, value) => alone(async () => {
      assertStorable(name, value);
      await change((values) => {
        if (values.get(name) === value) return false;
        values.set(name, value);
        return true;
      });
    }),
    delete: (name) => alone(async () => {
      assertStorable(name);
      await change((values) => values.delete(name));
    }),
    close() {
      open = false;
      sealKey.key.reveal().fill(0);
    },
  };
}

/** The vault functions over one derivation. Product code takes those of passphrase-vault.ts, which fix it to scrypt. */
export function vaultEngine(derive: Derive): VaultEngine {
  async function unlock(path: string, passphrase: Secret): Promise<{ text: string; envelope: Sealed; sealKey: SealKey }> {
    const file = await readVaultFile(path);
    const sealKey = await sealKeyOf(file.envelope, passphrase, derive);
    if (sealKey === null) throw wrongPassphrase();
    return { ...file, sealKey };
  }

  return {
    async createVault(path, passphrase) {
      const sealKey = await newSealKey('holdfast-vault', passphrase, derive);
      const text = textOf(sealKey, new Map());
      await writeVaultFile({ path, expected: null, text });
      return vaultStore(path, sealKey, text);
    },
    async openVault(path, passphrase) {
      const { text, envelope, sealKey } = await unlock(path, passphrase);
      contentsOf(envelope, sealKey);
      return vaultStore(path, sealKey, text);
    },
    async changeVaultPassphrase({ path, current, next }) {
      const { text, envelope, sealKey } = await unlock(path, current);
      const values = contentsOf(envelope, sealKey);
      const nextKey = await newSealKey('holdfast-vault', next, derive);
      await writeVaultFile({ path, expected: text, text: textOf(nextKey, values) });
      sealKey.key.reveal().fill(0);
      nextKey.key.reveal().fill(0);
    },
  };
}
