// Puts the reader of a format together: bytes in, rows and refusals with their lines out. It holds one row at a time.
import type { ImportFormat } from '#shared/domain/audit-import.ts';
import { createCsvSplitter } from './csv-records.ts';
import type { Cell } from './csv-records.ts';
import { excerptOf } from './import-row.ts';
import type { ByteReader, RowSink } from './import-row.ts';
import { createKarenReader } from './karen-rows.ts';
import { createNaviCsvReader, createNaviJsonReader, NAVI_OPTIONAL, NAVI_REQUIRED } from './navi-rows.ts';
import type { Columns, RowReader } from './navi-rows.ts';
import { createOwnCsvReader, createOwnJsonReader, OWN_MARKS, OWN_REQUIRED } from './own-rows.ts';
import { createLineSplitter } from './split-lines.ts';
import { createObjectSplitter } from './split-objects.ts';

/** lines: one object on each. objects: over any number of lines, in a list or bare. */
export type Layout = 'lines' | 'objects' | 'csv';
export interface Shape { readonly format: ImportFormat; readonly layout: Layout }

const JSON_READERS: Readonly<Record<Exclude<ImportFormat, 'navi-csv' | 'holdfast-csv'>, () => RowReader<string>>> = {
  'navi-json': createNaviJsonReader, 'navi-jsonl': createNaviJsonReader, 'holdfast-jsonl': createOwnJsonReader,
  'karen-application-log': createKarenReader, 'karen-audit-json': createKarenReader, 'karen-orchestrator-log': createKarenReader,
};

export function createRowReader({ format, layout }: Shape, sink: RowSink): ByteReader {
  if (format === 'navi-csv' || format === 'holdfast-csv') return createCsvReader(sink);
  const read = JSON_READERS[format]();
  const into = (to: RowSink) => (text: string, line: number): void => {
    const row = read(text);
    if (typeof row === 'string') to.reject(line, row, excerptOf(text));
    else to.row(row, line);
  };
  if (layout === 'lines') return createLineSplitter(into(sink), sink);
  const counting = countingSink(sink);
  return createObjectSplitter(into(counting), counting);
}

/** A whole list may stand on one line: then only its number tells a row from the others. */
function countingSink(sink: RowSink): RowSink {
  let rows = 0;
  return {
    row(row, line) {
      rows += 1;
      sink.row(row, line);
    },
    empty: (line) => sink.empty(line),
    reject(line, reason, excerpt) {
      rows += 1;
      sink.reject(line, `${reason} (row ${rows})`, excerpt);
    },
  };
}

export interface CsvHeader { readonly format: 'navi-csv' | 'holdfast-csv'; readonly columns: Columns; readonly width: number; readonly unknown: readonly string[] }

/** What a header says the file is; in words why it is none that is known. */
export function readCsvHeader(cells: readonly Cell[]): CsvHeader | string {
  const names = cells.map(({ text }) => text.trim());
  const doubled = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (doubled !== undefined) return `the header names the column ${excerptOf(doubled)} twice`;
  const isOwn = OWN_MARKS.every((mark) => names.includes(mark));
  const known: readonly string[] = isOwn ? [...OWN_REQUIRED, 'created_at_raw'] : [...NAVI_REQUIRED, ...NAVI_OPTIONAL];
  const missing = (isOwn ? OWN_REQUIRED : NAVI_REQUIRED).filter((name) => !names.includes(name));
  if (missing.length > 0) return `the header lacks ${missing.join(', ')}`;
  return {
    format: isOwn ? 'holdfast-csv' : 'navi-csv', width: names.length, unknown: names.filter((name) => !known.includes(name)),
    columns: new Map(names.flatMap((name, at): [string, number][] => (known.includes(name) ? [[name, at]] : []))),
  };
}

/** The first record is the header. Columns that are not known are left out. */
function createCsvReader(sink: RowSink): ByteReader {
  let read: RowReader<readonly Cell[]> | null = null;
  return createCsvSplitter((cells, line) => {
    if (read === null) {
      const header = readCsvHeader(cells);
      if (typeof header === 'string') {
        sink.reject(line, header, excerptOf(cells.map(({ text }) => text).join(',')));
        read = () => 'the file has no header that is known';
      } else {
        read = header.format === 'holdfast-csv' ? createOwnCsvReader(header.columns, header.width) : createNaviCsvReader(header.columns, header.width);
      }
      return;
    }
    const row = read(cells);
    if (typeof row === 'string') sink.reject(line, row, excerptOf(cells.map(({ text }) => text).join(',')));
    else sink.row(row, line);
  }, sink);
}
