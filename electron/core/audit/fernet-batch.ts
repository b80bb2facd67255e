// Opens many Fernet tokens with one key, several hundred thousand a second; its verdict on each is that of openFernet. It keeps no plaintext: the caller wipes what it is given.
import { createDecipheriv, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { openFernet } from './fernet.ts';
import type { FernetFailure, FernetKey } from './fernet.ts';

const VERSION = 0x80;
const IV_AT = 9;
const HEADER_BYTES = 25;
const MAC_BYTES = 32;
const BLOCK_BYTES = 16;
const HASH_BLOCK_BYTES = 64;
const TIME_AT = HASH_BLOCK_BYTES + 1;
/** Before the scratch: it puts what follows a header, and with it each MAC, at a multiple of 16. */
const SKEW_BYTES = 7;
/** A longer token is opened by itself. */
const MAX_TOKEN_BYTES = 65_536;
/** IV and ciphertext in one pass of the cipher: more gains nothing and falls out of the processor's cache. */
const PASS_BYTES = 196_608;
/** 31 December 9999, as openFernet has it: beyond it no time is real. */
const LAST_SECOND = 253_402_300_799;
const ZERO_IV = Buffer.alloc(BLOCK_BYTES);
const EQUALS = 0x3d;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Costs nothing on a string of one byte a character: there it cannot match. */
const WIDE = /[^\0-\xff]/;

const VERDICTS = ['opened', 'not-a-token', 'not-authentic', 'bad-padding'] as const satisfies readonly ('opened' | FernetFailure)[];
/** openFernet's verdict as a number, so that a pass makes no object for each token: the place in this list. */
export type Verdict = (typeof VERDICTS)[number];
export const OPENED = 0;
export const NOT_A_TOKEN = 1;
export const NOT_AUTHENTIC = 2;
export const BAD_PADDING = 3;
export const verdictName = (verdict: number): Verdict => VERDICTS[verdict] ?? 'not-a-token';

/** A key, prepared for many tokens: each half of the HMAC begins with a block of its own. */
export interface BatchKey { readonly single: FernetKey; readonly inner: Buffer; readonly outer: Buffer; readonly encryption: KeyObject }

/** Of token `from + i`: when `verdict[i]` is OPENED, its plaintext is `plaintext[start[i] .. end[i]]`. Valid until the next pass. */
export interface Pass {
  /** Tokens that were looked at; those behind them belong into the next pass. */
  readonly taken: number;
  readonly plaintext: Buffer;
  readonly verdict: Uint8Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Seconds since the epoch; only of an opened token. */
  readonly sealedAt: Float64Array;
}

export interface BatchOpener {
  /** Opens tokens from `from` on, as many as one pass takes (at least one). */
  open(tokens: readonly string[], from: number, key: BatchKey): Pass;
  /** Overwrites what passes left in memory. */
  wipe(): void;
}

/** Prepares a key; its bytes lie in the blocks until `forgetBatchKey`. */
export function prepareBatchKey(key: FernetKey): BatchKey {
  const signing = key.signing.export();
  const inner = Buffer.alloc(HASH_BLOCK_BYTES, 0x36);
  const outer = Buffer.alloc(HASH_BLOCK_BYTES, 0x5c);
  for (const [index, byte] of signing.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  signing.fill(0);
  return { single: key, inner, outer, encryption: key.encryption };
}

export function forgetBatchKey(key: BatchKey): void {
  key.inner.fill(0);
  key.outer.fill(0);
}

/** @param most tokens in one pass */
export function createBatchOpener(most = 256): BatchOpener {
  const memory = new ArrayBuffer(SKEW_BYTES + HASH_BLOCK_BYTES + MAX_TOKEN_BYTES);
  // One token, decoded, behind the block that begins its HMAC.
  const scratch = Buffer.from(memory, SKEW_BYTES);
  const words = new Int32Array(memory, 0, memory.byteLength >> 2);
  const outer = Buffer.alloc(HASH_BLOCK_BYTES + MAC_BYTES);
  const macMemory = new ArrayBuffer(MAC_BYTES);
  const mac = Buffer.from(macMemory);
  const macWords = new Int32Array(macMemory);
  const sealed = Buffer.alloc(PASS_BYTES + MAX_TOKEN_BYTES);
  // Views by number of blocks: the tokens of a log have few lengths, and a view for each token would be an object for each.
  const signedViews: (Buffer | undefined)[] = [];
  const sealedViews: (Buffer | undefined)[] = [];
  const verdict = new Uint8Array(most);
  const start = new Uint32Array(most);
  const end = new Uint32Array(most);
  const sealedAt = new Float64Array(most);
  let plaintext = Buffer.alloc(0);

  const signedView = (blocks: number): Buffer => (signedViews[blocks] ??= scratch.subarray(0, HASH_BLOCK_BYTES + HEADER_BYTES + blocks * BLOCK_BYTES));
  const sealedView = (blocks: number): Buffer => (sealedViews[blocks] ??= scratch.subarray(HASH_BLOCK_BYTES + IV_AT, HASH_BLOCK_BYTES + HEADER_BYTES + blocks * BLOCK_BYTES));

  /** Decodes into the scratch. @returns the number of ciphertext blocks; 0 when the text is not the canonical spelling of a token */
  function decode(token: string): number {
    const { length } = token;
    const padding = token.charCodeAt(length - 1) !== EQUALS ? 0 : token.charCodeAt(length - 2) !== EQUALS ? 1 : 2;
    const bytes = (length >> 2) * 3 - padding;
    const body = bytes - HEADER_BYTES - MAC_BYTES;
    if ((length & 3) !== 0 || body < BLOCK_BYTES || (body & 15) !== 0) return 0;
    // Node's decoder leaves out junk, which shows in the count; it takes the other alphabet and loose bits, and cuts wide characters down to a byte.
    if (scratch.write(token, HASH_BLOCK_BYTES, bytes, 'base64url') !== bytes || token.includes('+') || token.includes('/') || WIDE.test(token)) return 0;
    if (padding !== 0) {
      const last = scratch[HASH_BLOCK_BYTES + bytes - 1] ?? 0;
      if (token.charCodeAt(length - padding - 1) !== ALPHABET.charCodeAt(padding === 1 ? (last & 15) << 2 : (last & 3) << 4)) return 0;
    }
    return scratch[HASH_BLOCK_BYTES] === VERSION ? body >> 4 : 0;
  }

  /** True when the token in the scratch carries the MAC of the key in use. Looks at every byte, whatever the first ones say. */
  function isAuthentic(blocks: number): boolean {
    outer.write(hash('sha256', signedView(blocks), 'binary'), HASH_BLOCK_BYTES, MAC_BYTES, 'latin1');
    mac.write(hash('sha256', outer, 'binary'), 0, MAC_BYTES, 'latin1');
    const at = (SKEW_BYTES + HASH_BLOCK_BYTES + HEADER_BYTES + blocks * BLOCK_BYTES) >> 2;
    let difference = 0;
    for (let index = 0; index < MAC_BYTES >> 2; index += 1) difference |= (words[at + index] ?? 0) ^ (macWords[index] ?? 0);
    return difference === 0;
  }

  /** Takes a token into the pass at `at`. @returns the bytes that it takes there, 0 when it does not open, -1 when it has not the form */
  function take(token: string, index: number, at: number): number {
    const blocks = decode(token);
    if (blocks === 0) return -1;
    if (!isAuthentic(blocks)) {
      verdict[index] = NOT_AUTHENTIC;
      return 0;
    }
    const seconds = scratch.readUInt32BE(TIME_AT) * 4_294_967_296 + scratch.readUInt32BE(TIME_AT + 4);
    if (seconds > LAST_SECOND) {
      verdict[index] = NOT_A_TOKEN;
      return 0;
    }
    sealedAt[index] = seconds;
    sealed.set(sealedView(blocks), at);
    // CBC takes itself up again at each IV: its block decrypts to nothing of use, the blocks behind it are right.
    start[index] = at + BLOCK_BYTES;
    end[index] = at + (blocks + 1) * BLOCK_BYTES;
    verdict[index] = OPENED;
    return (blocks + 1) * BLOCK_BYTES;
  }

  /** Full PKCS#7: every byte of the padding, not the last alone. */
  function unpad(index: number): void {
    const last = end[index] ?? 0;
    const padding = plaintext[last - 1] ?? 0;
    let wrong = padding < 1 || padding > BLOCK_BYTES ? 1 : 0;
    if (wrong === 0) for (let at = last - padding; at < last; at += 1) wrong |= (plaintext[at] ?? 0) ^ padding;
    if (wrong === 0) end[index] = last - padding;
    else verdict[index] = BAD_PADDING;
  }

  /** Puts plaintexts that were opened one at a time behind those of the pass. */
  function append(singles: readonly Single[]): void {
    const joined = Buffer.alloc(singles.reduce((sum, single) => sum + single.plaintext.length, plaintext.length));
    let at = plaintext.copy(joined);
    plaintext.fill(0);
    for (const single of singles) {
      start[single.index] = at;
      at += single.plaintext.copy(joined, at);
      end[single.index] = at;
      single.plaintext.fill(0);
    }
    plaintext = joined;
  }

  return {
    open(tokens, from, key) {
      key.inner.copy(scratch);
      key.outer.copy(outer);
      plaintext.fill(0);
      const singles: Single[] = [];
      const limit = Math.min(most, tokens.length - from);
      let taken = 0;
      let at = 0;
      for (let bytes = 0; taken < limit && bytes < PASS_BYTES; taken += 1) {
        const token = tokens[from + taken] ?? '';
        const used = token.length <= MAX_TOKEN_BYTES ? take(token, taken, at) : -1;
        if (used >= 0) {
          at += used;
          bytes += used;
          continue;
        }
        // Too long, or not of the form: the plain way decides, so that there is one opinion of what a token is.
        const result = openFernet(token, key.single);
        bytes += token.length;
        verdict[taken] = result.ok ? OPENED : VERDICTS.findIndex((name) => name === result.why);
        if (!result.ok) continue;
        sealedAt[taken] = result.sealedAtSeconds;
        singles.push({ index: taken, plaintext: result.plaintext });
      }
      plaintext = createDecipheriv('aes-128-cbc', key.encryption, ZERO_IV).setAutoPadding(false).update(sealed.subarray(0, at));
      let single = 0;
      for (let index = 0; index < taken; index += 1) {
        if (singles[single]?.index === index) single += 1;
        else if (verdict[index] === OPENED) unpad(index);
      }
      if (singles.length > 0) append(singles);
      return { taken, plaintext, verdict, start, end, sealedAt };
    },
    wipe() {
      for (const buffer of [plaintext, scratch, outer, mac, sealed]) buffer.fill(0);
    },
  };
}

interface Single { readonly index: number; readonly plaintext: Buffer }
