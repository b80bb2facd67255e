// Rows on their way from the thread that reads a file to the one that writes: many in one message and their texts joined to one, because a message with each text by itself costs more than reading the row did.
import { keepable } from '../open-payload.ts';
import type { PayloadColumns } from '../store-queries.ts';
import type { ImportRow, RowSink } from './import-row.ts';

/** Rows, empty places and refusals in one batch: a text beyond 128 KiB would be kept where V8 seldom collects. */
const MOST_ITEMS = 128;
/** Characters after which a batch is full; a row may be much larger. */
const MOST_CHARACTERS = 65_536;
/** line, id, createdAtUs, statusCode, sealedAtSeconds; NaN for null. */
const NUMBERS = 5;
/** created_raw, route, method, event type, org, actor, e-mail, resource; then state, key id and body of the payload. */
const TEXTS = 11;
const NONE = -1;

/** An empty place (`reason` null) or a refusal; it stands before the row number `before` of its batch. */
interface Note { readonly before: number; readonly line: number; readonly reason: string | null; readonly excerpt: string | null }

export interface RowBatch {
  readonly rows: number;
  readonly numbers: Float64Array;
  /** Of each text within `text`. */
  readonly lengths: Int32Array;
  readonly text: string;
  readonly notes: readonly Note[];
  /** Of the file, as far as it was read when this batch was made. */
  readonly bytes: number;
}

/** `send` must have copied the batch when it returns: its arrays are used again. `flush` sends what is there, and be it nothing but the bytes read. */
export function createRowBatcher(bytesRead: () => number, send: (batch: RowBatch) => void): RowSink & { flush(): void } {
  const numbers = new Float64Array(MOST_ITEMS * NUMBERS);
  const lengths = new Int32Array(MOST_ITEMS * TEXTS);
  let rows = 0;
  let text = '';
  let notes: Note[] = [];
  let number = 0;
  let length = 0;

  function putNumber(value: number | null): void {
    numbers[number] = value ?? Number.NaN;
    number += 1;
  }

  function put(part: string | null): void {
    if (part !== null) text += part;
    lengths[length] = part?.length ?? NONE;
    length += 1;
  }

  function flush(): void {
    const batch = { rows, numbers, lengths, text, notes, bytes: bytesRead() };
    rows = number = length = 0;
    text = '';
    notes = [];
    send(batch);
  }

  function sendIfFull(): void {
    if (rows + notes.length >= MOST_ITEMS || text.length >= MOST_CHARACTERS) flush();
  }

  return {
    row(row, line) {
      const payload = row.payload === undefined ? null : keepable(row.payload);
      putNumber(line);
      putNumber(row.id);
      putNumber(row.createdAtUs);
      putNumber(row.statusCode);
      putNumber(payload?.sealedAtSeconds ?? null);
      put(row.createdAtRaw);
      put(row.route);
      put(row.method);
      put(row.eventType);
      put(row.org);
      put(row.actorSub);
      put(row.actorEmail);
      put(row.resourceId);
      put(payload?.state ?? null);
      put(payload?.keyId ?? null);
      put(payload?.body ?? null);
      rows += 1;
      sendIfFull();
    },
    empty(line) {
      notes.push({ before: rows, line, reason: null, excerpt: null });
      sendIfFull();
    },
    reject(line, reason, excerpt) {
      notes.push({ before: rows, line, reason, excerpt });
      sendIfFull();
    },
    flush,
  };
}

/** A row out of a batch: its payload was judged where it was read. */
export type ReadRow = Omit<ImportRow, 'payload'> & { readonly payload?: PayloadColumns };

export interface BatchSink extends Pick<RowSink, 'empty' | 'reject'> { row(row: ReadRow, line: number): void }

/** Gives what is in a batch to the sink, in the order of the file. */
export function handOver({ rows, numbers, lengths, text, notes }: RowBatch, sink: BatchSink): void {
  let number = 0;
  let length = 0;
  let at = 0;
  let noted = 0;

  const nextNumber = (): number => numbers[number++] as number;
  const nextNumberOrNull = (): number | null => {
    const value = nextNumber();
    return Number.isNaN(value) ? null : value;
  };
  function nextOrNull(): string | null {
    const size = lengths[length++] as number;
    if (size === NONE) return null;
    at += size;
    return text.slice(at - size, at);
  }
  const next = (): string => nextOrNull() as string;
  function noteUpTo(row: number): void {
    for (; noted < notes.length && (notes[noted] as Note).before <= row; noted += 1) {
      const { line, reason, excerpt } = notes[noted] as Note;
      if (reason === null) sink.empty(line);
      else sink.reject(line, reason, excerpt);
    }
  }

  for (let row = 0; row < rows; row += 1) {
    noteUpTo(row);
    const line = nextNumber();
    const id = nextNumberOrNull();
    const createdAtUs = nextNumber();
    const statusCode = nextNumber();
    const sealedAtSeconds = nextNumberOrNull();
    const event = { id, createdAtUs, statusCode, createdAtRaw: next(), route: next(), method: next(), eventType: next(), org: nextOrNull(), actorSub: nextOrNull(), actorEmail: nextOrNull(), resourceId: nextOrNull() };
    const state = nextOrNull() as PayloadColumns['state'] | null;
    const keyId = nextOrNull();
    const body = nextOrNull();
    sink.row(state === null || body === null ? event : { ...event, payload: { state, keyId, sealedAtSeconds, body } }, line);
  }
  noteUpTo(rows);
}
