// Opens stored wrappers with a ring of keys, many at once; the rules are those of openPayload: the named key first, then every other. Runs in a thread.
import { isUtf8 } from 'node:buffer';
import { forgetBatchKey, NOT_AUTHENTIC, OPENED as TOKEN_OPENED, createBatchOpener, prepareBatchKey } from '../fernet-batch.ts';
import type { BatchKey, BatchOpener, Pass } from '../fernet-batch.ts';
import { fernetSealedAt } from '../fernet.ts';
import type { FernetKey } from '../fernet.ts';
import { readWrapper } from '../open-payload.ts';
import { DAMAGED, NO_KEY, NOT_OBJECT, OPENED } from './thread-calls.ts';

export interface Ring {
  readonly ids: readonly string[];
  readonly keys: readonly BatchKey[];
  readonly opener: BatchOpener;
}

export function prepareRing(keys: readonly { readonly keyId: string; readonly key: FernetKey }[]): Ring {
  return { ids: keys.map((entry) => entry.keyId), keys: keys.map((entry) => prepareBatchKey(entry.key)), opener: createBatchOpener() };
}

/** Overwrites keys and plaintexts. */
export function forgetRing(ring: Ring): void {
  for (const key of ring.keys) forgetBatchKey(key);
  ring.opener.wipe();
}

/** What became of row i. `accept` gets the plaintext of each object while it is there; the buffer is overwritten afterwards. */
export interface OpenedRows { readonly outcome: Uint8Array; readonly key: Int16Array; readonly sealedAt: Float64Array }
export interface Found { readonly plaintext: Buffer; readonly start: number; readonly end: number }
export type Accept = (row: number, found: Found) => void;

/**
 * Opens the wrappers in `bodies`. Where no key fits a row: damaged when the key that it names is held (the token was altered, or the label lies), else no-key.
 * @param look called between two passes; throws to stop
 */
export function openRows(bodies: readonly string[], ring: Ring, { accept, look }: { readonly accept: Accept; readonly look: () => void }): OpenedRows {
  const count = bodies.length;
  const outcome = new Uint8Array(count).fill(UNDECIDED);
  const key = new Int16Array(count).fill(-1);
  const sealedAt = new Float64Array(count);
  const tokens: string[] = [];
  const named = new Int16Array(count).fill(-1);
  for (const [row, body] of bodies.entries()) {
    const wrapper = wrapperOf(body);
    tokens.push(wrapper?.ciphertext ?? '');
    if (wrapper === null) outcome[row] = DAMAGED;
    else if (wrapper.keyId !== null) named[row] = ring.ids.indexOf(wrapper.keyId);
  }

  function settle({ rows, from, keyAt }: { readonly rows: readonly number[]; readonly from: number; readonly keyAt: number }, pass: Pass): void {
    for (let index = 0; index < pass.taken; index += 1) {
      const row = rows[from + index] ?? 0;
      const verdict = pass.verdict[index];
      if (verdict === NOT_AUTHENTIC) continue;
      if (verdict !== TOKEN_OPENED) {
        outcome[row] = DAMAGED;
        continue;
      }
      const start = pass.start[index] ?? 0;
      const end = pass.end[index] ?? 0;
      key[row] = keyAt;
      sealedAt[row] = pass.sealedAt[index] ?? 0;
      outcome[row] = isObject(pass.plaintext, start, end) ? OPENED : NOT_OBJECT;
      if (outcome[row] === OPENED) accept(row, { plaintext: pass.plaintext, start, end });
    }
  }

  function tryKey(keyAt: number, isMeant: (row: number) => boolean): void {
    const batchKey = ring.keys[keyAt];
    const rows: number[] = [];
    for (let row = 0; row < count; row += 1) if (outcome[row] === UNDECIDED && isMeant(row)) rows.push(row);
    if (batchKey === undefined || rows.length === 0) return;
    const chosen = rows.map((row) => tokens[row] ?? '');
    for (let from = 0; from < rows.length;) {
      look();
      const pass = ring.opener.open(chosen, from, batchKey);
      settle({ rows, from, keyAt }, pass);
      from += pass.taken;
    }
  }

  ring.keys.forEach((_, keyAt) => { tryKey(keyAt, (row) => named[row] === keyAt); });
  ring.keys.forEach((_, keyAt) => { tryKey(keyAt, (row) => named[row] !== keyAt); });
  for (let row = 0; row < count; row += 1) {
    if (outcome[row] === UNDECIDED) outcome[row] = named[row] !== -1 || fernetSealedAt(tokens[row] ?? '') === null ? DAMAGED : NO_KEY;
  }
  return { outcome, key, sealedAt };
}

const UNDECIDED = 255;

function wrapperOf(body: string): ReturnType<typeof readWrapper> {
  try {
    return readWrapper(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The text of a payload: strict UTF-8, without a byte order mark; null when it is none. */
export function textOf(plaintext: Buffer, start: number, end: number): string | null {
  const text = plaintext.toString('utf8', start, end);
  // As long as its bytes and without a replacement: ASCII, or nearly; only the rest needs the strict look.
  if ((text.length !== end - start || text.includes('\ufffd')) && !isUtf8(plaintext.subarray(start, end))) return null;
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function isObject(plaintext: Buffer, start: number, end: number): boolean {
  const text = textOf(plaintext, start, end);
  if (text === null) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    // What the parser says may quote the text: it goes nowhere.
    return false;
  }
}
