// Sheets of a PDF in a plain layout: lines, headings, boxes to tick and rules to write on. Nothing in it acts, and it has no time of its own: same words, same bytes.
import { readFont, showable } from '../../posture/reports/pdf-font.ts';
import type { FontName } from '../../posture/reports/pdf-font.ts';

const MARGIN = 48;
const BOX = 9;
const GREY = '#555555';
const BLACK = '#000000';

/** Of a table: size of its type, room between columns, the longest word that stays whole. */
const CELL = 7.5;
const GUTTER = 8;
const WORD = 116;
/** What a column may have that is not the one with the most to say. */
const SIDE = 160;

/** Each column has its longest word; of the room that is left those that need little get all they need, and the others share the rest. */
function columnWidths(rows: readonly (readonly string[])[], measure: (text: string) => number, room: number): readonly number[] {
  const columns = (rows[0] ?? []).map((_, index) => rows.map((row) => row[index] ?? ''));
  const longest = (cells: readonly string[], apart: RegExp): number => GUTTER + 1 + Math.max(0, ...cells.flatMap((cell) => cell.split(apart)).map(measure));
  const natural = columns.map((cells) => longest(cells, /\n/));
  const least = columns.map((cells, index) => Math.min(longest(cells, /\s/), WORD, natural[index] ?? 0));
  const sum = (widths: readonly number[]): number => widths.reduce((all, width) => all + width, 0);
  let left = room - sum(least);
  if (left <= 0) return least.map((width) => (width * room) / sum(least));
  const widths = [...least];
  const byNeed = natural.map((wished, index) => ({ index, need: wished - (least[index] ?? 0) })).sort((a, b) => a.need - b.need);
  for (const [at, { index, need }] of byNeed.entries()) {
    const most = at === byNeed.length - 1 ? left : Math.max(0, SIDE - (least[index] ?? 0));
    const more = Math.min(need, most, left / (byNeed.length - at));
    widths[index] = (least[index] ?? 0) + more;
    left -= more;
  }
  return widths;
}

export interface Style { readonly font?: FontName; readonly size?: number; readonly isSoft?: boolean; readonly indent?: number; /** Points below. */ readonly gap?: number }

/** The thing of the library that its types leave out. */
interface Glyphs { readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } } }

export interface Paper {
  line(text: string, style?: Style): void;
  heading(text: string): void;
  /** A line behind a box to tick. */
  box(text: string, style?: Style): void;
  /** Columns as wide as what stands in them needs, under a head that each page repeats. A row stays on one page; one that is taller than a page is written by `tall`. */
  table(heads: readonly string[], rows: readonly (readonly string[])[], how: { readonly tall: (row: readonly string[]) => void; readonly indent?: number }): void;
  /** Words with room behind each to write by hand, on one line; shares of the width. */
  rules(labels: readonly (readonly [string, number])[], indent?: number): void;
  /** Begins a new page when less than `points` are left on this one. */
  keep(points: number): void;
  finish(footer: (page: number, pages: number) => string): Promise<Buffer>;
}

/** @param atMs the time that the file says it was made at, milliseconds since the epoch */
export async function openPaper({ title, subject, atMs }: { readonly title: string; readonly subject: string; readonly atMs: number }): Promise<Paper> {
  // Only now: the library is large, and few calls need it.
  const { default: PDFDocument } = await import('pdfkit');
  const chunks: Buffer[] = [];
  const document = new PDFDocument({
    // No font at first: the library would open one of its own, which lacks most characters.
    font: null as unknown as string, size: 'A4', margin: MARGIN, bufferPages: true, lang: 'en', displayTitle: true, pdfVersion: '1.7',
    info: { Title: title, Creator: 'Holdfast', Producer: 'Holdfast', Subject: subject, CreationDate: new Date(atMs) },
  });
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => void chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  document.registerFont('text', readFont('text'));
  document.registerFont('bold', readFont('bold'));

  function shown(text: string, font: FontName, size: number): string {
    document.font(font).fontSize(size);
    const { font: glyphs } = (document as unknown as Glyphs)._font;
    return text.split('\n').map((line) => showable(line, (codePoint) => glyphs.hasGlyphForCodePoint(codePoint))).join('\n');
  }

  const paper: Paper = {
    line(text, { font = 'text', size = 9, isSoft = false, indent = 0, gap = 2 } = {}) {
      const visible = shown(text, font, size);
      document.fillColor(isSoft ? GREY : BLACK).text(visible, MARGIN + indent, undefined, { width: document.page.width - 2 * MARGIN - indent, paragraphGap: gap });
    },
    heading(text) {
      paper.keep(96);
      document.moveDown(0.6);
      paper.line(text, { font: 'bold', size: 13, gap: 4 });
    },
    box(text, style = {}) {
      const indent = style.indent ?? 0;
      // A box and its first line stay together.
      paper.keep(28);
      const y = document.y + 1;
      document.lineWidth(0.8).strokeColor(BLACK).rect(MARGIN + indent, y, BOX, BOX).stroke();
      paper.line(text, { ...style, indent: indent + BOX + 6 });
    },
    table(heads, rows, { tall, indent = 0 }) {
      const room = document.page.width - 2 * MARGIN - indent;
      const fontOf = (row: readonly string[]): FontName => (row === heads ? 'bold' : 'text');
      const measure = (text: string): number => document.widthOfString(text);
      const visible = [heads, ...rows].map((row) => row.map((cell) => shown(cell, fontOf(row), CELL)));
      document.font('bold').fontSize(CELL);
      const widths = columnWidths(visible, measure, room);
      const [head = [], ...body] = visible;
      const heightOf = (cells: readonly string[], font: FontName): number => {
        document.font(font).fontSize(CELL);
        return Math.max(...cells.map((cell, index) => document.heightOfString(cell, { width: (widths[index] ?? 1) - GUTTER }))) + 5;
      };
      const write = (cells: readonly string[], font: FontName): void => {
        const [y, height] = [document.y, heightOf(cells, font)];
        let x = MARGIN + indent;
        for (const [index, cell] of cells.entries()) {
          document.fillColor(font === 'bold' ? GREY : BLACK).text(cell, x, y, { width: (widths[index] ?? 1) - GUTTER });
          x += widths[index] ?? 0;
        }
        document.lineWidth(font === 'bold' ? 0.8 : 0.3).strokeColor(GREY).moveTo(MARGIN + indent, y + height - 3).lineTo(MARGIN + indent + room, y + height - 3).stroke();
        document.x = MARGIN;
        document.y = y + height;
      };
      const page = document.page.height - 2 * MARGIN - heightOf(head, 'bold');
      paper.keep(heightOf(head, 'bold') + Math.min(60, heightOf(body[0] ?? head, 'text')));
      write(head, 'bold');
      for (const [index, cells] of body.entries()) {
        const height = heightOf(cells, 'text');
        if (height > page) {
          tall(rows[index] ?? []);
          continue;
        }
        if (document.y + height > document.page.height - MARGIN) {
          document.addPage();
          write(head, 'bold');
        }
        write(cells, 'text');
      }
      document.y += 6;
    },
    rules(labels, indent = 0) {
      paper.keep(40);
      const y = document.y + 8;
      const width = document.page.width - 2 * MARGIN - indent;
      const total = labels.reduce((sum, [, share]) => sum + share, 0);
      let x = MARGIN + indent;
      for (const [label, share] of labels) {
        const visible = shown(label, 'text', 8);
        const own = (width * share) / total;
        document.fillColor(GREY).text(visible, x, y, { lineBreak: false });
        const from = x + document.widthOfString(visible) + 4;
        document.lineWidth(0.5).strokeColor(GREY).moveTo(from, y + 9).lineTo(x + own - 8, y + 9).stroke();
        x += own;
      }
      document.x = MARGIN;
      document.y = y + 16;
    },
    keep(points) {
      if (document.y > document.page.height - MARGIN - points) document.addPage();
    },
    finish(footer) {
      const { start, count } = document.bufferedPageRange();
      for (let index = 0; index < count; index += 1) {
        document.switchToPage(start + index);
        // Below the margin the library would begin another page.
        document.page.margins.bottom = 0;
        document.fillColor(GREY).text(shown(footer(index + 1, count), 'text', 7), MARGIN, document.page.height - MARGIN + 16, { width: document.page.width - 2 * MARGIN, lineBreak: false });
      }
      document.end();
      return whole;
    },
  };
  return paper;
}
