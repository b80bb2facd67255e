// From passphrase to key: scrypt at one fixed cost that every stored file names; it refuses any other cost.
import { scrypt } from 'node:crypto';
import { z } from '#shared/zod.ts';
import type { Secret } from '../secret.ts';

/** 32 bytes of encryption key, then 32 bytes of check key. */
export const DERIVED_BYTES = 64;
export const SALT_BYTES = 32;

/** The cost is written into every file and is the only one accepted there. */
export const scryptCost = z.strictObject({ name: z.literal('scrypt'), N: z.literal(131_072), r: z.literal(8), p: z.literal(1) });
export const SCRYPT_COST: z.infer<typeof scryptCost> = { name: 'scrypt', N: 131_072, r: 8, p: 1 };

// scrypt needs 128 * N * r bytes and a little more; Node's default limit (32 MiB) and exactly that sum (128 MiB) both throw.
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Turns a passphrase and a salt into DERIVED_BYTES. A parameter of the engines, so that their tests need not pay for scrypt a thousand times. */
export type Derive = (passphrase: Secret, salt: Buffer) => Promise<Buffer>;

/** scrypt, N = 2^17, off the main thread. The passphrase is taken in Unicode NFC, because keyboards differ in how they send the same letter. */
export const deriveWithScrypt: Derive = (passphrase, salt) => new Promise((resolve, reject) => {
  const options = { N: SCRYPT_COST.N, r: SCRYPT_COST.r, p: SCRYPT_COST.p, maxmem: MAX_MEMORY_BYTES };
  scrypt(passphrase.reveal().normalize('NFC'), salt, DERIVED_BYTES, options, (error, key) => {
    if (error !== null) reject(error);
    else resolve(key);
  });
});
