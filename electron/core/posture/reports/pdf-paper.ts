// The paper under every PDF of this program: lines of text in the embedded fonts, pages, a footer. Nothing that acts, no time of its own, no character dropped.
import { readFont, showable } from './pdf-font.ts';
import type { FontName } from './pdf-font.ts';

const MARGIN = 48;
/** A heading keeps so much room below it, in points. */
export const KEEP = 96;
export const GREY = '#555555';
const BLACK = '#000000';

interface Style { readonly font?: FontName; readonly size?: number; readonly colour?: string; readonly indent?: number; /** Points below. */ readonly gap?: number }

/** The two things of the library that its types leave out. */
interface Glyphs { readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } } }

export interface Paper {
  line(text: string, style?: Style): void;
  heading(text: string): void;
  /** Begins a new page when less than `points` are left on this one. */
  keep(points: number): void;
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

  const paper: Paper = {
    line(text, { font = 'text', size = 9, colour = BLACK, indent = 0, gap = 2 } = {}) {
      const visible = shown(text, font, size);
      document.fillColor(colour).text(visible, MARGIN + indent, undefined, { width: document.page.width - 2 * MARGIN - indent, paragraphGap: gap });
    },
    heading(text) {
      paper.keep(KEEP);
      document.moveDown(0.6);
      paper.line(text, { font: 'bold', size: 13, gap: 4 });
    },
    keep(points) {
      if (document.y > document.page.height - MARGIN - points) document.addPage();
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
