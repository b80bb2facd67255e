// Owns the throw-away secrets of a reference deployment, derived from its seed; refuses to be used for anything real.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { NEWER_KEY_ID, OLDER_KEY_ID } from './config.ts';
import { derivedBytes } from './random.ts';

export interface AuditKey {
  readonly keyId: string;
  /** 32 bytes as padded base64url (44 characters), the form Fernet takes. */
  readonly key: string;
}

export interface NaviSecrets {
  readonly jwtSecret: string;
  readonly previousJwtSecrets: readonly string[];
  readonly sessionSecret: string;
  /** The key in AUDIT_ENCRYPTION_KEY. */
  readonly activeAuditKey: AuditKey;
  /** The key before the last rotation: rows under it cannot be decrypted by the server (section 4). */
  readonly olderAuditKey: AuditKey;
  /** A key that nobody was given: rows under it can be decrypted by nobody. */
  readonly lostAuditKey: AuditKey;
}

export interface JwksKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** The same seed gives the same secrets, so a restarted sample still opens what was synced before. */
export function secretsFor(seed: number): NaviSecrets {
  const text = (label: string): string => derivedBytes(seed, label).toString('hex');
  const auditKey = (keyId: string): AuditKey => ({ keyId, key: paddedBase64Url(derivedBytes(seed, `audit-key ${keyId}`)) });
  return {
    jwtSecret: text('jwt-secret'),
    previousJwtSecrets: [text('jwt-secret previous 0'), text('jwt-secret previous 1')],
    sessionSecret: text('session-secret'),
    activeAuditKey: auditKey(NEWER_KEY_ID),
    olderAuditKey: auditKey(OLDER_KEY_ID),
    lostAuditKey: auditKey('audit-2025-03'),
  };
}

/** A fresh RSA key for the JWKS state. RSA keys cannot be derived from a seed with node:crypto, and no row depends on it. */
export function newJwksKey(kid: string): JwksKey {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  return { kid, publicKey: createPublicKey(pair.publicKey), privateKey: createPrivateKey(pair.privateKey) };
}

/** Base64url with padding, as Python's urlsafe_b64encode writes it. */
export function paddedBase64Url(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
