// Owns what generated payloads look like, well-formed and not; refuses a kind that neither writer nor decay can produce.
import { NEWER_KEY_ID, OLDER_KEY_ID } from './config.ts';
import { encryptedPayload, fernetEncrypt, type WriterShape } from './fernet-writer.ts';
import { queryParametersPayload, HOSTILE_TEXTS } from './generator-content.ts';
import type { RandomStream } from './random.ts';
import type { NaviSecrets } from './secrets.ts';

const COMMON_KINDS = ['encrypted-core', 'encrypted-service', 'encrypted-unnamed', 'plain'] as const;

/** Few of each: what failed writers, lost keys and older versions left behind. */
export const RARE_PAYLOAD_KINDS = [
  'failure-marker', 'legacy-failure-marker', 'missing-ciphertext', 'garbage-ciphertext', 'truncated-ciphertext', 'lost-key', 'wrong-label',
  'encrypted-default-label', 'encrypted-list', 'list', 'text', 'empty', 'decrypt-record', 'hostile-plain', 'hostile-encrypted', 'unicode-encrypted',
] as const;

export type PayloadKind = (typeof COMMON_KINDS)[number] | (typeof RARE_PAYLOAD_KINDS)[number];

export const PAYLOAD_KINDS: readonly PayloadKind[] = [...COMMON_KINDS, ...RARE_PAYLOAD_KINDS];

const RARE_SHARE = 0.02;
/** From this many rows on every rare kind is present for certain. */
export const ROWS_FOR_EVERY_RARE_KIND = RARE_PAYLOAD_KINDS.length * 4;

/** Days before the anchor at which the newer key came into use: everything before is under the older one. */
const ROTATION_DAYS_AGO = 45;

/** The moment of the key rotation for an anchor, in microseconds. */
export function rotationMicrosFor(now: Date): number {
  return (now.getTime() - ROTATION_DAYS_AGO * 86_400_000) * 1000;
}

/** The kind of each row. Rare kinds are placed evenly first, then sprinkled. */
export function payloadKinds(random: RandomStream, times: readonly number[], rotationMicros: number): readonly PayloadKind[] {
  const kinds = times.map((time): PayloadKind => {
    if (random.next() < RARE_SHARE) return random.pick(RARE_PAYLOAD_KINDS);
    const roll = random.next();
    // Before the rotation the newer writer did not exist yet; plain rows are older still, from before encryption was switched on.
    if (time < rotationMicros) return roll < 0.3 ? 'plain' : roll < 0.94 ? 'encrypted-core' : 'encrypted-unnamed';
    return roll < 0.05 ? 'plain' : roll < 0.5 ? 'encrypted-core' : roll < 0.96 ? 'encrypted-service' : 'encrypted-unnamed';
  });
  if (times.length >= ROWS_FOR_EVERY_RARE_KIND) {
    for (const [index, kind] of RARE_PAYLOAD_KINDS.entries()) kinds[Math.floor(((index + 0.5) * times.length) / RARE_PAYLOAD_KINDS.length)] = kind;
  }
  return kinds;
}

export interface PayloadInput {
  readonly kind: PayloadKind;
  readonly createdAtMicros: number;
  readonly rotationMicros: number;
  readonly random: RandomStream;
  readonly secrets: NaviSecrets;
}

/** The stored payload of a kind. */
export function payloadOf(input: PayloadInput): unknown {
  const { kind, random, secrets } = input;
  const seconds = Math.floor(input.createdAtMicros / 1_000_000);
  const { key, keyId } = input.createdAtMicros < input.rotationMicros ? secrets.olderAuditKey : secrets.activeAuditKey;
  const encrypted = (shape: WriterShape, payload: unknown, label: string | null): Readonly<Record<string, unknown>> =>
    encryptedPayload({ shape, key, keyId: label, payload, iv: random.bytes(16), seconds });
  const hostile = (): unknown => ({ query_params: { q: random.pick(HOSTILE_TEXTS), note: random.pick(HOSTILE_TEXTS) } });

  switch (kind) {
    case 'plain':
      return queryParametersPayload(random);
    case 'encrypted-core':
      return encrypted('core', queryParametersPayload(random), keyId);
    case 'encrypted-service':
      return encrypted('audit-service', queryParametersPayload(random), keyId);
    case 'encrypted-unnamed':
      return encrypted('core', queryParametersPayload(random), null);
    case 'encrypted-default-label':
      return encrypted('audit-service', queryParametersPayload(random), null);
    case 'failure-marker':
      return { encrypted: false, error: 'audit_encryption_failed' };
    case 'legacy-failure-marker':
      return { encrypted: true, error: 'encryption_failed' };
    case 'missing-ciphertext':
      return { encrypted: true, key_id: keyId };
    case 'garbage-ciphertext':
      return { encrypted: true, ciphertext: `not-fernet-${random.hex(12)}`, key_id: keyId };
    case 'truncated-ciphertext': {
      const whole = fernetEncrypt({ key, plaintext: '{"query_params": {}}', iv: random.bytes(16), seconds });
      return { encrypted: true, ciphertext: whole.slice(0, 60), key_id: keyId };
    }
    case 'lost-key':
      return encryptedPayload({ shape: 'core', ...secrets.lostAuditKey, payload: queryParametersPayload(random), iv: random.bytes(16), seconds });
    case 'wrong-label':
      return encrypted('core', queryParametersPayload(random), keyId === NEWER_KEY_ID ? OLDER_KEY_ID : NEWER_KEY_ID);
    case 'encrypted-list':
      return encrypted('core', [1, 2, 3], keyId);
    case 'list':
      return [1, 'two', null];
    case 'text':
      return 'str';
    case 'empty':
      return {};
    case 'decrypt-record':
      return { audit_id: 1 + random.below(999), reason: 'INC-42 review', encrypted: true };
    case 'hostile-plain':
      return hostile();
    case 'hostile-encrypted':
      return encrypted('core', hostile(), keyId);
    case 'unicode-encrypted':
      return encrypted('core', { query_params: { q: 'zażółć ☃ 設定 👩🏽‍🚀' } }, keyId);
  }
}
