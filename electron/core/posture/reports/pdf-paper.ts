// The paper under every PDF of this program: lines of text in the embedded fonts, pages, a footer. Nothing that acts, no time of its own, no character dropped.
import { readFont, showable } from './pdf-font.ts';
import type { FontName } from './pdf-font.ts';

const MARGIN = 48;
/** A heading, and what is longer than a page, find at least so much room, in points. */
const KEEP = 96;
export const GREY = '#555555';
const BLACK = '#000000';

interface Style { readonly font?: FontName; readonly size?: number; readonly colour?: string; readonly indent?: number; /** Points below. */ readonly gap?: number }

export interface Line extends Style { readonly text: string }

/** The two things of the library that its types leave out. */
interface Glyphs { readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } } }

export interface Paper {
  line(text: string, style?: Style): void;
  heading(text: string): void;
  /** Lines that stand on one page; what is longer than a page is broken where it must be. */
  block(lines: readonly Line[]): void;
  /** So many so far. */
  pages(): number;
  finish(footer: (page: number, pages: number) => string): Promise<Buffer>;
}

/** What a reader's window says of a document. */
export interface PaperFacts { readonly title: string; readonly subject: string; readonly creator: string; /** Its own time, ISO 8601. */ readonly at: string }

export async function openPaper({ title, subject, creator, at }: PaperFacts): Promise<Paper> {
  // Only now: the library is large, and few calls need it.
  const { default: PDFDocument } = await import('pdfkit');
  const chunks: Buffer[] = [];
  const document = new PDFDocument({
    // No font at first: the library would open one of its own, which lacks most characters.
    font: null as unknown as string, size: 'A4', margin: MARGIN, bufferPages: true, lang: 'en', displayTitle: true, pdfVersion: '1.7',
    info: { Title: title, Creator: creator, Producer: 'Holdfast', Subject: subject, CreationDate: new Date(at) },
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
    return showable(text, (codePoint) => glyphs.hasGlyphForCodePoint(codePoint));
  }

  const layout = ({ indent = 0, gap = 2 }: Style): { readonly width: number; readonly paragraphGap: number } => ({ width: document.page.width - 2 * MARGIN - indent, paragraphGap: gap });

  /** Begins a new page when less than `points` are left on this one. */
  function keep(points: number): void {
    if (document.y > document.page.height - MARGIN - points) document.addPage();
  }

  const paper: Paper = {
    line(text, style = {}) {
      const { font = 'text', size = 9, colour = BLACK, indent = 0 } = style;
      const visible = shown(text, font, size);
      document.fillColor(colour).text(visible, MARGIN + indent, undefined, layout(style));
    },
    block(lines) {
      const height = lines.reduce((sum, line) => sum + document.heightOfString(shown(line.text, line.font ?? 'text', line.size ?? 9), layout(line)), 0);
      keep(height > document.page.height - 2 * MARGIN ? KEEP : height);
      for (const { text, ...style } of lines) paper.line(text, style);
    },
    heading(text) {
      keep(KEEP);
      document.moveDown(0.6);
      paper.line(text, { font: 'bold', size: 13, gap: 4 });
    },
    pages: () => document.bufferedPageRange().count,
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
