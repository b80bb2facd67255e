// Owns the backend's own encryption of audit payloads (Fernet, both wrapper shapes); refuses to try more than one key, as the backend does.
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { pythonJson } from './python-text.ts';
import { paddedBase64Url } from './secrets.ts';

const VERSION = 0x80;
const HEADER_BYTES = 1 + 8 + 16;
const MAC_BYTES = 32;

/** Raised where Python's cryptography would raise InvalidToken: the server answers it as an unhandled error. */
export class InvalidFernetToken extends Error {}

/** A Fernet token: `key` is padded base64url of 32 bytes, `iv` 16 bytes, `seconds` the Unix time written into the token. */
export function fernetEncrypt(input: { readonly key: string; readonly plaintext: string; readonly iv: Buffer; readonly seconds: number }): string {
  const key = Buffer.from(input.key, 'base64url');
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = VERSION;
  header.writeBigUInt64BE(BigInt(input.seconds), 1);
  input.iv.copy(header, 9);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), input.iv);
  const signed = Buffer.concat([header, cipher.update(input.plaintext, 'utf8'), cipher.final()]);
  const mac = createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
  return paddedBase64Url(Buffer.concat([signed, mac]));
}

/** The plaintext of a token, or InvalidFernetToken. */
export function fernetDecrypt(key: string, token: string): string {
  const keyBytes = Buffer.from(key, 'base64url');
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < HEADER_BYTES + MAC_BYTES || bytes[0] !== VERSION) throw new InvalidFernetToken('not a Fernet token');
  const signed = bytes.subarray(0, bytes.length - MAC_BYTES);
  const mac = createHmac('sha256', keyBytes.subarray(0, 16)).update(signed).digest();
  if (!timingSafeEqual(mac, bytes.subarray(bytes.length - MAC_BYTES))) throw new InvalidFernetToken('signature does not match');
  try {
    const decipher = createDecipheriv('aes-128-cbc', keyBytes.subarray(16), signed.subarray(9, HEADER_BYTES));
    return decipher.update(signed.subarray(HEADER_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new InvalidFernetToken('padding does not match', { cause });
  }
}

/** The two modules that write encrypted payloads (contract section 4). */
export type WriterShape = 'core' | 'audit-service';

export interface EncryptedPayloadInput {
  readonly shape: WriterShape;
  readonly key: string;
  /** Null = AUDIT_ENCRYPTION_KEY_ID is not set: `core` leaves key_id out, `audit-service` writes "default". */
  readonly keyId: string | null;
  readonly payload: unknown;
  readonly iv: Buffer;
  readonly seconds: number;
}

/** The wrapper as each writer orders its keys. */
export function encryptedPayload(input: EncryptedPayloadInput): Readonly<Record<string, unknown>> {
  const { key, iv, seconds } = input;
  if (input.shape === 'core') {
    const ciphertext = fernetEncrypt({ key, iv, seconds, plaintext: pythonJson(input.payload, 'default') });
    return { encrypted: true, ciphertext, ...(input.keyId === null ? {} : { key_id: input.keyId }) };
  }
  const ciphertext = fernetEncrypt({ key, iv, seconds, plaintext: pythonJson(input.payload, 'compact') });
  return { encrypted: true, key_id: input.keyId ?? 'default', ciphertext };
}
