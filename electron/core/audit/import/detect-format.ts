// Tells from the first bytes of a file what it is; the content decides, never the name, and a file of another kind is named as what it is.
import { isUtf8 } from 'node:buffer';
import { IMPORT_FORMAT_NAMES } from '#shared/domain/audit-import.ts';
import type { ImportFormat } from '#shared/domain/audit-import.ts';
import { createCsvSplitter } from './csv-records.ts';
import type { Cell } from './csv-records.ts';
import { excerptOf } from './import-row.ts';
import type { ImportRow } from './import-row.ts';
import { isOpened } from './navi-rows.ts';
import { readFields } from './read-fields.ts';
import type { Fields } from './read-fields.ts';
import { createRowReader, readCsvHeader } from './read-rows.ts';
import type { Layout, Shape } from './read-rows.ts';
import { createLineSplitter } from './split-lines.ts';
import { createObjectSplitter } from './split-objects.ts';

export interface Detection {
  /** null: none that is known. */
  readonly shape: Shape | null;
  /** One or two sentences: why this format, or why none. */
  readonly finding: string;
  /** Up to three of the first rows. */
  readonly sample: readonly ImportRow[];
  /** The first row goes on behind these bytes: with more of them the answer may be another one. */
  readonly needsMore: boolean;
}

interface Head { readonly head: Buffer; readonly isWhole: boolean }

/** Goes through a file from its beginning, in pieces, for one whose head does not show a whole row. It holds one row at a time. */
export interface Search<T> {
  /** @returns false when what was looked for is found, and no more is needed */
  push(piece: Buffer): boolean;
  /** @param isWhole whether all of the file was pushed */
  end(isWhole: boolean): T;
}

const SAMPLES = 3;
/** Objects or lines that are looked at: the first may be cut or broken, as in a log that was rotated. */
const CANDIDATES = 50;

const MAGIC: readonly (readonly [magic: Buffer, what: string])[] = [
  [Buffer.from('%PDF-'), 'a PDF document'], [Buffer.from('SQLite format 3\0'), 'an SQLite database'], [Buffer.from('PK\x03\x04'), 'a ZIP archive (also .xlsx and .docx)'],
  [Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), 'a 7-Zip archive'], [Buffer.from('\x28\xb5\x2f\xfd', 'latin1'), 'compressed with zstd'], [Buffer.from('BZh'), 'compressed with bzip2'], [Buffer.from('\xfd7zXZ\0', 'latin1'), 'compressed with xz'],
  [Buffer.from('\x7fELF'), 'a program'], [Buffer.from('MZ'), 'a Windows program'], [Buffer.from('\x89PNG'), 'a picture (PNG)'], [Buffer.from('\xff\xd8\xff', 'latin1'), 'a picture (JPEG)'], [Buffer.from('GIF8'), 'a picture (GIF)'],
  [Buffer.from('\x1f\x8b', 'latin1'), 'compressed with gzip twice'], [Buffer.from('age-encryption.org/'), 'an age-encrypted file: decrypt it first'], [Buffer.from('\xff\xfe', 'latin1'), 'text in UTF-16, which is not read: save it as UTF-8'], [Buffer.from('\xfe\xff', 'latin1'), 'text in UTF-16, which is not read: save it as UTF-8'],
];

const unknown = (what: string, needsMore = false): Detection => ({ shape: null, finding: `Not known: ${what}.`, sample: [], needsMore });

/** @param isWhole whether these are all bytes of the file */
export function detectFormat(head: Buffer, isWhole: boolean): Detection {
  if (head.length === 0) return unknown('the file is empty');
  const magic = MAGIC.find(([bytes]) => head.subarray(0, bytes.length).equals(bytes));
  if (magic !== undefined) return unknown(magic[1]);
  const start = head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  const begins = head.toString('latin1', start, start + 4096).trimStart();
  if (begins === '') return unknown('nothing but blanks', !isWhole);
  if (isJson(begins)) return detectObjects(head, begins.startsWith('['), isWhole);
  // A field of a log may hold U+0000: what begins with a known header is a CSV all the same.
  const csv = detectCsv(head, isWhole);
  if (csv?.shape === undefined || csv.shape === null) if (head.includes(0)) return unknown('bytes that are no text');
  return csv ?? detectLines(head) ?? unknownText(head, begins);
}

function detectObjects(head: Buffer, isList: boolean, isWhole: boolean): Detection {
  const candidates = createCandidates(() => isList);
  const ends: string[] = [];
  const splitter = createObjectSplitter(candidates.take, { reject: (_line, reason) => { ends.push(reason); } });
  splitter.push(head);
  if (isWhole) splitter.end();
  const shape = candidates.shape();
  if (shape !== null) return found({ head, isWhole }, shape);
  if (candidates.count() === 0 && isList && isWhole && ends.length === 0) return { shape: { format: 'navi-json', layout: 'objects' }, finding: 'An empty list: it has no rows.', sample: [], needsMore: false };
  // One line may be broken in a way that hides the others from a reader of objects.
  const lines = isList ? null : detectLines(head);
  return lines ?? candidates.none(isWhole);
}

/** Looks at the first objects of a file, one after the other; of those that are no rows it keeps only what is said of them. */
function createCandidates(isList: () => boolean): { take(text: string): void; shape(): Shape | null; count(): number; none(isWhole: boolean): Detection } {
  let shape: Shape | null = null;
  let layout: Layout | null = null;
  let count = 0;
  let isOpenedOnes = false;
  let members: string | null = null;
  return {
    take(text) {
      if (shape !== null || count >= CANDIDATES) return;
      count += 1;
      layout ??= isList() || /[\r\n]/.test(text) ? 'objects' : 'lines';
      const fields = readFields(text, null);
      if (typeof fields === 'string') return;
      shape = shapeOf(fields, layout);
      isOpenedOnes ||= isOpened(fields.values);
      members ??= excerptOf(Object.keys(fields.values).slice(0, 8).join(', '));
    },
    shape: () => shape,
    count: () => count,
    none(isWhole) {
      if (isOpenedOnes) return unknown('rows with payloads that Holdfast opened. They are not imported: opened payloads never go into the cache. Import an export of the rows as they are stored');
      if (members !== null) return unknown(`JSON whose objects have the members ${members}, which is the shape of no log that is known`);
      return unknown(count === 0 && !isWhole ? 'JSON whose first object does not end within what was looked at' : 'it begins like JSON, but no whole object was found', !isWhole);
    },
  };
}

/** Looks behind a first row of JSON that no head shows: it is very long, or longer than a row may be. */
export function createShapeSearch(): Search<Shape | Detection> {
  let begins = '';
  const isList = (): boolean => begins.startsWith('[');
  const candidates = createCandidates(isList);
  const objects = createObjectSplitter(candidates.take, { reject: () => undefined });
  // A first line that is broken may hide the others from a reader of objects.
  let lineShape: Shape | null = null;
  const lines = createLineSplitter((text) => { lineShape ??= shapeOfLine(text); }, { empty: () => undefined, reject: () => undefined });
  return {
    push(piece) {
      if (begins === '') begins = piece.toString('utf8').replace(/^\ufeff/, '').trimStart().slice(0, 1);
      if (!isJson(begins)) return begins === '';
      objects.push(piece);
      if (!isList()) lines.push(piece);
      return candidates.shape() === null && lineShape === null && candidates.count() < CANDIDATES;
    },
    end(isWhole) {
      if (!isJson(begins)) return unknown(begins === '' ? 'nothing but blanks' : 'many blanks, and no JSON behind them');
      if (isWhole) {
        objects.end();
        if (!isList()) lines.end();
      }
      return candidates.shape() ?? lineShape ?? candidates.none(isWhole);
    },
  };
}

const isJson = (begins: string): boolean => begins.startsWith('{') || begins.startsWith('[');

/** The first rows of a file of a known shape, and what of its beginning cannot be read. */
export function createSampleSearch(shape: Shape, more = ''): Search<Detection> {
  const sample: ImportRow[] = [];
  let rejected: { readonly line: number; readonly reason: string } | null = null;
  const reader = createRowReader(shape, {
    row: (row) => { if (sample.length < SAMPLES) sample.push(row); },
    empty: () => undefined,
    reject: (line, reason) => { rejected ??= { line, reason }; },
  });
  return {
    push(piece) {
      reader.push(piece);
      return sample.length === 0;
    },
    end(isWhole) {
      if (isWhole) reader.end();
      const spread = shape.layout === 'objects' && shape.format !== 'navi-json' ? ' Its objects go over several lines.' : '';
      const problem = rejected as { readonly line: number; readonly reason: string } | null;
      const trouble = problem === null ? '' : ` Line ${problem.line} cannot be read: ${problem.reason}.`;
      return { shape, finding: `${IMPORT_FORMAT_NAMES[shape.format]}: ${WHY[shape.format]}.${spread}${more}${trouble}`, sample, needsMore: false };
    },
  };
}

/** Lines of JSON behind a first one that is broken or of another kind. */
function detectLines(head: Buffer): Detection | null {
  const texts: string[] = [];
  const splitter = createLineSplitter((text) => { if (texts.length < CANDIDATES) texts.push(text); }, { empty: () => undefined, reject: () => undefined });
  splitter.push(head);
  for (const text of texts) {
    const shape = shapeOfLine(text);
    if (shape !== null) return found({ head, isWhole: false }, shape);
  }
  return null;
}

function shapeOfLine(text: string): Shape | null {
  const fields = text.trimStart().startsWith('{') ? readFields(text, null) : '';
  return typeof fields === 'string' ? null : shapeOf(fields, 'lines');
}

function shapeOf(fields: Fields, layout: Layout): Shape | null {
  const has = (...names: readonly string[]): boolean => names.every((name) => Object.hasOwn(fields.values, name));
  if (isOpened(fields.values)) return null;
  const shape = (format: ImportFormat): Shape => ({ format, layout });
  if (has('id', 'route', 'method', 'created_at')) {
    if (has('payload_state', 'key_id', 'sealed_at')) return shape('holdfast-jsonl');
    return shape(layout === 'objects' ? 'navi-json' : 'navi-jsonl');
  }
  if (!has('timestamp')) return null;
  if (has('level', 'message') && (has('logger') || has('module') || has('function'))) return shape('karen-application-log');
  if (has('event_id') && (has('event_type') || has('type'))) return shape('karen-audit-json');
  if (has('event_type') && (has('model_id') || has('library') || has('operation'))) return shape('karen-orchestrator-log');
  return null;
}

const WHY: Readonly<Record<ImportFormat, string>> = {
  'navi-json': 'JSON objects with id, route, method and created_at', 'navi-jsonl': 'one JSON object a line with id, route, method and created_at', 'navi-csv': 'CSV with the columns of the export',
  'holdfast-jsonl': 'one JSON object a line with payload_state, key_id and sealed_at', 'holdfast-csv': 'CSV with the columns payload_state, key_id and sealed_at',
  'karen-application-log': 'JSON objects with timestamp, level and message', 'karen-audit-json': 'JSON objects with event_id, event_type and timestamp', 'karen-orchestrator-log': 'JSON objects with timestamp, event_type and a model, library or operation',
};

function found({ head, isWhole }: Head, shape: Shape, more = ''): Detection {
  const search = createSampleSearch(shape, more);
  search.push(head);
  return search.end(isWhole);
}

function detectCsv(head: Buffer, isWhole: boolean): Detection | null {
  let first: readonly Cell[] | null = null;
  const splitter = createCsvSplitter((cells) => { first ??= cells; }, { empty: () => undefined, reject: () => { first ??= []; } });
  splitter.push(head);
  if (isWhole) splitter.end();
  const cells = first as readonly Cell[] | null;
  if (cells === null || cells.length < 2) return null;
  const header = readCsvHeader(cells);
  if (typeof header !== 'string') {
    const extra = header.unknown.length === 0 ? '' : ` Columns that are not known are left out: ${excerptOf(header.unknown.map((name) => name || '(no name)').join(', '))}.`;
    return found({ head, isWhole }, { format: header.format, layout: 'csv' }, extra);
  }
  // Prose may have commas too: only a header with names that we know is called one.
  const names = cells.map(({ text }) => text.trim());
  return ['id', 'route', 'method', 'event_type', 'status_code', 'created_at'].filter((name) => names.includes(name)).length >= 2 ? unknown(`CSV, but ${header}`) : null;
}

function unknownText(head: Buffer, begins: string): Detection {
  // The end may cut a character: up to three bytes of it.
  if (![0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)))) return unknown('text that is not UTF-8, or no text');
  const line = head.toString('utf8', 0, 2048).replace(/^\ufeff/, '').trimStart().split(/[\r\n]/, 1)[0] ?? '';
  if (begins.startsWith('<')) return unknown('HTML or XML');
  return unknown(`text, neither JSON nor CSV with known columns; its first line is ${JSON.stringify(excerptOf(line.slice(0, 80)))}`);
}
