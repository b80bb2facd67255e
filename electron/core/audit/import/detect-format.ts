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
  if (begins.startsWith('{') || begins.startsWith('[')) return detectObjects(head, begins.startsWith('['), isWhole);
  // A field of a log may hold U+0000: what begins with a known header is a CSV all the same.
  const csv = detectCsv(head, isWhole);
  if (csv?.shape === undefined || csv.shape === null) if (head.includes(0)) return unknown('bytes that are no text');
  return csv ?? detectLines(head) ?? unknownText(head, begins);
}

function detectObjects(head: Buffer, isList: boolean, isWhole: boolean): Detection {
  const texts: string[] = [];
  const ends: string[] = [];
  const splitter = createObjectSplitter((text) => { if (texts.length < CANDIDATES) texts.push(text); }, { reject: (_line, reason) => { ends.push(reason); } });
  splitter.push(head);
  if (isWhole) splitter.end();
  const layout: Layout = isList || texts[0]?.includes('\n') === true ? 'objects' : 'lines';
  for (const text of texts) {
    const shape = shapeOf(text, layout);
    if (shape !== null) return found({ head, isWhole }, shape);
  }
  if (texts.length === 0 && isList && isWhole && ends.length === 0) return { shape: { format: 'navi-json', layout: 'objects' }, finding: 'An empty list: it has no rows.', sample: [], needsMore: false };
  // One line may be broken in a way that hides the others from a reader of objects.
  const lines = isList ? null : detectLines(head);
  if (lines !== null) return lines;
  if (texts.some((text) => holdsOpened(text))) return unknown('rows with payloads that Holdfast opened. They are not imported: opened payloads never go into the cache. Import an export of the rows as they are stored');
  const members = texts.map((text) => readFields(text, null)).find((fields) => typeof fields !== 'string');
  if (members !== undefined && typeof members !== 'string') return unknown(`JSON whose objects have the members ${excerptOf(Object.keys(members.values).slice(0, 8).join(', '))}, which is the shape of no log that is known`);
  return unknown(texts.length === 0 && !isWhole ? 'JSON whose first object does not end within what was looked at' : 'it begins like JSON, but no whole object was found', !isWhole);
}

/** Lines of JSON behind a first one that is broken or of another kind. */
function detectLines(head: Buffer): Detection | null {
  const texts: string[] = [];
  const splitter = createLineSplitter((text) => { if (texts.length < CANDIDATES) texts.push(text); }, { empty: () => undefined, reject: () => undefined });
  splitter.push(head);
  for (const text of texts) {
    const shape = text.trimStart().startsWith('{') ? shapeOf(text, 'lines') : null;
    if (shape !== null) return found({ head, isWhole: false }, shape);
  }
  return null;
}

function holdsOpened(text: string): boolean {
  const fields = readFields(text, null);
  return typeof fields !== 'string' && isOpened(fields.values);
}

function shapeOf(text: string, layout: Layout): Shape | null {
  const fields = readFields(text, null);
  if (typeof fields === 'string') return null;
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
  const sample: ImportRow[] = [];
  let rejected: { readonly line: number; readonly reason: string } | null = null;
  const reader = createRowReader(shape, {
    row: (row) => { if (sample.length < SAMPLES) sample.push(row); },
    empty: () => undefined,
    reject: (line, reason) => { rejected ??= { line, reason }; },
  });
  reader.push(head);
  if (isWhole) reader.end();
  const spread = shape.layout === 'objects' && shape.format !== 'navi-json' ? ' Its objects go over several lines.' : '';
  const problem = rejected as { readonly line: number; readonly reason: string } | null;
  const trouble = problem === null ? '' : ` Line ${problem.line} cannot be read: ${problem.reason}.`;
  return { shape, finding: `${IMPORT_FORMAT_NAMES[shape.format]}: ${WHY[shape.format]}.${spread}${more}${trouble}`, sample, needsMore: false };
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
