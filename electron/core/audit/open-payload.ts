// Opening one encrypted payload with the key ring: which key serves, or why none does. It keeps nothing of what it opens.
import { AppError } from '#shared/errors.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import type { NaviPayload } from '../deployments/service.ts';
import { fernetSealedAt, openFernet } from './fernet.ts';
import type { FernetKey } from './fernet.ts';

export interface RingKey { readonly keyId: string; readonly key: FernetKey }
export interface Opened { readonly payload: string; readonly keyId: string; readonly sealedAt: string }

export interface Wrapper { readonly ciphertext: string; readonly keyId: string | null }

/** The ciphertext and key id of a stored wrapper (contract section 4); null when the text is none. */
export function readWrapper(body: string): Wrapper | null {
  const value: unknown = JSON.parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { encrypted, ciphertext, key_id: keyId } = value as Record<string, unknown>;
  if (encrypted !== true || typeof ciphertext !== 'string') return null;
  return { ciphertext, keyId: typeof keyId === 'string' && keyId !== '' ? keyId : null };
}

/** A payload as it is kept: a wrapper whose ciphertext is no Fernet token encrypts nothing, so it does not count as encrypted. `sealedAtSeconds` is the token's own time. */
export function keepable(payload: Pick<NaviPayload, 'state' | 'body' | 'keyId'>): Pick<NaviPayload, 'state' | 'body' | 'keyId'> & { readonly sealedAtSeconds: number | null } {
  const { state, body, keyId } = payload;
  if (state !== 'encrypted') return { state, body, keyId, sealedAtSeconds: null };
  const wrapper = readWrapper(body);
  const seconds = wrapper === null ? null : fernetSealedAt(wrapper.ciphertext);
  return { state: seconds === null ? 'malformed' : 'encrypted', body, keyId, sealedAtSeconds: seconds };
}

/** When the payload was sealed, from the token's own clock; null when the ciphertext is no token. */
export function sealedAt(body: string): string | null {
  const wrapper = readWrapper(body);
  const seconds = wrapper === null ? null : fernetSealedAt(wrapper.ciphertext);
  return seconds === null ? null : formatInstantMs(seconds * 1000);
}

/**
 * Tries the key that the row names first, then every other one: a key id is a label and never proves which key sealed a row.
 * @throws AppError token_damaged, no_key or payload_not_object.
 */
export function openPayload(body: string, ring: readonly RingKey[]): Opened {
  const wrapper = readWrapper(body);
  if (wrapper === null) throw new AppError('payload_not_encrypted', { message: 'This payload is not an encrypted one. It was shown as it is stored.', hint: 'No key is needed.' });
  if (fernetSealedAt(wrapper.ciphertext) === null) throw new AppError('token_damaged', { message: 'The ciphertext is not a Fernet token: its form is broken. It is kept as it was received.', hint: 'Compare it with a backup of the server. No key can open it.' });
  const ordered = [...ring.filter((entry) => entry.keyId === wrapper.keyId), ...ring.filter((entry) => entry.keyId !== wrapper.keyId)];
  for (const { keyId, key } of ordered) {
    const result = openFernet(wrapper.ciphertext, key);
    if (result.ok) return { payload: readObject(result.plaintext), keyId, sealedAt: formatInstantMs(result.sealedAtSeconds * 1000) };
    if (result.why === 'bad-padding') throw new AppError('token_damaged', { message: `The key ${keyId} authenticates this token, but its padding is wrong. It was not sealed by the rules.`, hint: 'Keep the row as evidence; no other key will open it.' });
  }
  const named = wrapper.keyId === null ? 'The row names no key' : `The row names the key ${wrapper.keyId}`;
  if (ring.length === 0) throw new AppError('no_key', { message: `${named}; no audit key is held for this deployment. Nothing was opened.`, hint: 'Add the key (AUDIT_ENCRYPTION_KEY) under Audit keys.' });
  const held = wrapper.keyId !== null && ring.some((entry) => entry.keyId === wrapper.keyId);
  if (held) throw new AppError('token_damaged', { message: `${named}, which is held, but neither it nor any of the ${ring.length} keys authenticates the token. Either the token was altered, or another key lies under this id.`, hint: 'Check the fingerprint of the key, then compare the row with a backup of the server.' });
  throw new AppError('no_key', { message: `${named}; none of the ${ring.length} keys held opens it. Nothing was opened.`, hint: 'Add the key that was in use when the row was written.' });
}

function readObject(plaintext: Buffer): string {
  let decoded: string;
  let value: unknown;
  try {
    decoded = new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
    value = JSON.parse(decoded);
  } catch (cause) {
    throw new AppError('payload_not_object', { message: 'The token opened, but its content is not JSON text. It was not shown.', hint: 'The writer of this row is not NAVI, or is damaged. Keep the row as evidence.', cause: new Error(cause instanceof TypeError ? 'not UTF-8' : 'not JSON') });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AppError('payload_not_object', { message: `The token opened, but its content is ${Array.isArray(value) ? 'a list' : `a ${value === null ? 'null' : typeof value}`} instead of an object. It was not shown.`, hint: 'The server cannot open it either. Keep the row as evidence.' });
  return prettyJson(decoded, value);
}

/** Indents JSON; where parsing would lose something (big numbers, doubled keys) or the nesting is too deep, the text stays as it was written. */
export function prettyJson(text: string, value: unknown): string {
  let compact: string;
  try {
    compact = JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
  const squeezed = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_match, quoted: string | undefined) => quoted ?? '');
  return normaliseEscapes(squeezed) === compact ? JSON.stringify(value, null, 2) : text;
}

/** Brings each JSON string to the spelling that JSON.stringify gives it, so that only real differences remain. */
function normaliseEscapes(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => JSON.stringify(JSON.parse(quoted)));
}
