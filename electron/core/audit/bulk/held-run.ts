// The opened payloads of one run, in memory and nowhere else: found by place and by text, and overwritten when the run is forgotten.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BULK_OUTCOMES, PAYLOAD_SHOWN } from '#shared/domain/audit-bulk.ts';
import type { BulkOutcome, BulkRow } from '#shared/domain/audit-bulk.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { prettyJson } from '../open-payload.ts';
import { textOf } from './open-rows.ts';
import { DAMAGED, NO_KEY, NOT_OBJECT, OPENED } from './thread-calls.ts';
import type { OpenedPart } from './thread-calls.ts';

/** A longer payload is shown by its beginning as it was written, without being read as a whole. */
const PRETTY_BYTES = 65_536;
/** A search lets others work this often. */
const SEARCH_TURN_MS = 15;

export interface Tally { readonly counts: { readonly opened: number; readonly noKey: number; readonly damaged: number; readonly notObject: number }; readonly byKey: readonly { readonly keyId: string; readonly rows: number }[] }

export interface HeldRun {
  readonly rows: number;
  /** Bytes of plaintext. */
  bytes(): number;
  put(at: number, part: OpenedPart): void;
  tally(): Tally;
  /** Places of the rows that have this outcome and hold this text, newest first. Empty text: any. */
  find(text: string, outcome: BulkOutcome | null, signal: AbortSignal): Promise<Uint32Array>;
  seqAt(place: number): number;
  rowAt(place: number, event: AuditEvent): BulkRow;
  /** Overwrites everything that was opened. */
  wipe(): void;
}

/** Counts outcomes and keys; also for what is not held. */
export function createTally(keyIds: readonly string[]): { add(part: { readonly outcome: Uint8Array; readonly key: Int16Array }): void; read(): Tally } {
  const outcomes = [0, 0, 0, 0];
  const keys = keyIds.map(() => 0);
  return {
    add({ outcome, key }) {
      for (const each of outcome) outcomes[each] = (outcomes[each] ?? 0) + 1;
      for (const each of key) if (each >= 0) keys[each] = (keys[each] ?? 0) + 1;
    },
    read: () => ({
      counts: { opened: outcomes[OPENED] ?? 0, noKey: outcomes[NO_KEY] ?? 0, damaged: outcomes[DAMAGED] ?? 0, notObject: outcomes[NOT_OBJECT] ?? 0 },
      byKey: keyIds.flatMap((keyId, index) => ((keys[index] ?? 0) === 0 ? [] : [{ keyId, rows: keys[index] ?? 0 }])),
    }),
  };
}

/** One sentence of counts, for the ledger and the screen. */
export function tallyText({ counts, byKey }: Tally): string {
  const keys = byKey.map(({ keyId, rows }) => `${keyId} ${rows}`).join(', ');
  return `opened ${counts.opened}, no key ${counts.noKey}, damaged ${counts.damaged}, not an object ${counts.notObject}${keys === '' ? '' : `; with key ${keys}`}`;
}

export function createHeldRun(seqs: Float64Array, keyIds: readonly string[]): HeldRun {
  const count = seqs.length;
  const outcome = new Uint8Array(count);
  const key = new Int16Array(count).fill(-1);
  const sealedAt = new Float64Array(count);
  const slabOf = new Uint32Array(count);
  const start = new Uint32Array(count);
  const end = new Uint32Array(count);
  const slabs: Buffer[] = [];
  const tally = createTally(keyIds);
  let bytes = 0;
  // The last search: pages of one result ask for the same.
  let last: { readonly text: string; readonly outcome: BulkOutcome | null; readonly places: Uint32Array } | null = null;

  function payloadAt(place: number): string | null {
    return outcome[place] === OPENED ? textOf(slabs[slabOf[place] ?? 0] ?? Buffer.alloc(0), start[place] ?? 0, end[place] ?? 0) : null;
  }

  /** In the text as its writer spelled it, or as it is shown. The two differ only by spaces and escapes. */
  function holds(place: number, needle: string): boolean {
    const text = payloadAt(place);
    if (text === null) return false;
    if (text.toLowerCase().includes(needle)) return true;
    return (/[^\x21-\x7e]/.test(needle) || text.includes('\\')) && shown(text).toLowerCase().includes(needle);
  }

  return {
    rows: count,
    bytes: () => bytes,
    put(at, part) {
      outcome.set(part.outcome, at);
      key.set(part.key, at);
      sealedAt.set(part.sealedAt, at);
      start.set(part.start, at);
      end.set(part.end, at);
      slabOf.fill(slabs.length, at, at + part.taken);
      slabs.push(Buffer.from(part.plaintext));
      bytes += part.plaintext.byteLength;
      tally.add(part);
    },
    tally: () => tally.read(),
    async find(given, wanted, signal) {
      const text = given.toLowerCase();
      if (last !== null && last.text === text && last.outcome === wanted) return last.places;
      const places: number[] = [];
      const wantedAt = wanted === null ? -1 : BULK_OUTCOMES.indexOf(wanted);
      let turnEnds = performance.now() + SEARCH_TURN_MS;
      for (let place = 0; place < count; place += 1) {
        if (wantedAt !== -1 && outcome[place] !== wantedAt) continue;
        if (text === '' || holds(place, text)) places.push(place);
        if ((place & 63) !== 0 || performance.now() < turnEnds) continue;
        await nextTurn();
        if (signal.aborted) break;
        turnEnds = performance.now() + SEARCH_TURN_MS;
      }
      const found = Uint32Array.from(places);
      if (!signal.aborted) last = { text, outcome: wanted, places: found };
      return found;
    },
    seqAt: (place) => seqs[place] ?? 0,
    rowAt(place, event) {
      const common = { event, outcome: BULK_OUTCOMES[outcome[place] ?? DAMAGED] ?? 'damaged', keyId: keyIds[key[place] ?? -1] ?? null, sealedAt: key[place] === -1 ? null : formatInstantMs((sealedAt[place] ?? 0) * 1000) };
      if (outcome[place] !== OPENED) return { ...common, payload: null, isCut: false };
      return { ...common, ...cut(slabs[slabOf[place] ?? 0] ?? Buffer.alloc(0), start[place] ?? 0, end[place] ?? 0) };
    },
    wipe() {
      for (const slab of slabs) slab.fill(0);
      slabs.length = 0;
      last = null;
      outcome.fill(NO_KEY);
    },
  };
}

function shown(text: string): string {
  return prettyJson(text, JSON.parse(text));
}

function cut(slab: Buffer, start: number, end: number): { readonly payload: string; readonly isCut: boolean } {
  const isLong = end - start > PRETTY_BYTES;
  const whole = isLong ? slab.toString('utf8', start, start + PAYLOAD_SHOWN * 4).replace(/^\ufeff/, '') : shown(textOf(slab, start, end) ?? '{}');
  if (whole.length <= PAYLOAD_SHOWN && !isLong) return { payload: whole, isCut: false };
  // Never half of a pair.
  const last = whole.charCodeAt(PAYLOAD_SHOWN - 1);
  return { payload: whole.slice(0, last >= 0xd800 && last <= 0xdbff ? PAYLOAD_SHOWN - 1 : PAYLOAD_SHOWN), isCut: true };
}
