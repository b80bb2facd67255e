// How the database key lies in the secret store: raw, or wrapped by an app passphrase. It never touches the disk in the clear.
import { AppError } from '#shared/errors.ts';
import { unwrapKey, wrapKey, wrappedKey } from '../credentials/wrap.ts';
import { Secret } from '../secret.ts';

const RAW = 'raw:';
const WRAPPED = 'wrapped:';

/** The text to store for a 32-byte key; wrapped when a passphrase is given. */
export async function keyToStore(key: Secret<Buffer>, passphrase: Secret | null): Promise<string> {
  if (passphrase === null) return RAW + key.reveal().toString('hex');
  return WRAPPED + JSON.stringify(await wrapKey(key, passphrase));
}

/** The key from its stored text; null when it is wrapped and no passphrase was given. Throws wrong_passphrase, or vault_damaged when the text is neither form. */
export async function keyFromStore(text: string, passphrase: Secret | null): Promise<Secret<Buffer> | null> {
  if (/^raw:[0-9a-f]{64}$/.test(text)) return new Secret(Buffer.from(text.slice(RAW.length), 'hex'));
  const wrapped = text.startsWith(WRAPPED) ? wrappedKey.safeParse(safeJson(text.slice(WRAPPED.length))) : null;
  if (wrapped?.success !== true) throw new AppError('vault_damaged', { message: 'The stored database key is damaged. The cache was left untouched.', hint: 'Restore the keychain from a backup, or start with another --profile directory.' });
  return passphrase === null ? null : unwrapKey(wrapped.data, passphrase);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
