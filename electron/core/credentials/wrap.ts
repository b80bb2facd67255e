// Wraps the database key under the app passphrase and back; it keeps nothing and refuses a passphrase that does not fit.
import { AppError } from '#shared/errors.ts';
import type { z } from '#shared/zod.ts';
import { Secret } from '../secret.ts';
import { deriveWithScrypt } from './kdf.ts';
import type { Derive } from './kdf.ts';
import { isUndamaged, newSealKey, seal, sealed, sealKeyOf, unseal } from './sealed.ts';

/** Plain JSON; safe to lie in profile.json or in a secret store, as far as the passphrase is strong. */
export const wrappedKey = sealed.extend({ format: sealed.shape.format.extract(['holdfast-wrapped-key']) });
export type WrappedKey = z.infer<typeof wrappedKey>;

function damaged(): AppError {
  return new AppError('vault_damaged', {
    message: 'The stored form of the wrapped key is damaged. Nothing was changed; the cache is untouched.',
    hint: 'Restore the profile from a backup. Without the wrapped key the cache cannot be opened.',
  });
}

/** The pair of functions over one derivation. Product code uses `wrapKey` and `unwrapKey` below. */
export function keyWrapper(derive: Derive): {
  wrapKey(key: Secret<Buffer>, passphrase: Secret): Promise<WrappedKey>;
  unwrapKey(wrapped: WrappedKey, passphrase: Secret): Promise<Secret<Buffer>>;
} {
  return {
    async wrapKey(key, passphrase) {
      const sealKey = await newSealKey('holdfast-wrapped-key', passphrase, derive);
      const wrapped = wrappedKey.parse(seal(sealKey, key.reveal()));
      sealKey.key.reveal().fill(0);
      return wrapped;
    },
    async unwrapKey(wrapped, passphrase) {
      const envelope = wrappedKey.safeParse(wrapped);
      if (!envelope.success || !isUndamaged(envelope.data)) throw damaged();
      const sealKey = await sealKeyOf(envelope.data, passphrase, derive);
      if (sealKey === null) throw new AppError('wrong_passphrase', { message: 'The passphrase does not fit. Nothing was changed.', hint: 'Type it again; mind the keyboard layout and Caps Lock.' });
      const plain = unseal(envelope.data, sealKey);
      sealKey.key.reveal().fill(0);
      if (plain === null) throw damaged();
      return new Secret(plain);
    },
  };
}

const wrapper = keyWrapper(deriveWithScrypt);

/** Wraps a key: scrypt (N = 2^17), AES-256-GCM. About 0.4 s, off the main thread. */
export const wrapKey = wrapper.wrapKey;

/** The key again. Throws AppError `wrong_passphrase`, or `vault_damaged` when the stored form was changed. */
export const unwrapKey = wrapper.unwrapKey;
