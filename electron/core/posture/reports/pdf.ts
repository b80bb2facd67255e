// The report as PDF in a plain layout: the same content as the HTML one, nothing that acts, no time of its own, so that the same view gives the same bytes.
import { readFont, showable } from './pdf-font.ts';
import type { FontName } from './pdf-font.ts';
import { byKind, exceptionOf, factOf, inReadingOrder, saidOf, STANDING_WORDS, STANDINGS } from './report.ts';
import type { Report, ReportCheck } from './report.ts';

const MARGIN = 48;
/** A heading, and what is longer than a page, find at least so much room, in points. */
const KEEP = 96;
const GREY = '#555555';
const BLACK = '#000000';

interface Style { readonly font?: FontName; readonly size?: number; readonly colour?: string; readonly indent?: number; /** Points below. */ readonly gap?: number }

/** The two things of the library that its types leave out. */
interface Glyphs { readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } } }

interface Line extends Style { readonly text: string }

interface Paper {
  line(text: string, style?: Style): void;
  heading(text: string): void;
  /** Lines that stand on one page; what is longer than a page is broken where it must be. */
  block(lines: readonly Line[]): void;
  finish(footer: (page: number, pages: number) => string): Promise<Buffer>;
}

async function openPaper(report: Report): Promise<Paper> {
  // Only now: the library is large, and few calls need it.
  const { default: PDFDocument } = await import('pdfkit');
  const chunks: Buffer[] = [];
  const document = new PDFDocument({
    // No font at first: the library would open one of its own, which lacks most characters.
    font: null as unknown as string, size: 'A4', margin: MARGIN, bufferPages: true, lang: 'en', displayTitle: true, pdfVersion: '1.7',
    info: { Title: `Security posture of ${report.deployment.name}`, Creator: `Holdfast ${report.version}`, Producer: 'Holdfast', Subject: report.summary, CreationDate: new Date(report.at) },
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

function linesOf(check: ReportCheck): Line[] {
  const exception = exceptionOf(check);
  const kinds = byKind(check.evidence);
  const absent = kinds.filter(({ items }) => items.length === 0).map(({ kind }) => kind);
  return [
    { text: `${STANDING_WORDS[check.standing]}: ${check.title}`, font: 'bold', size: 10 },
    { text: `${check.id} · ${check.severity} · ${check.group}${check.isContradiction ? ' · compares what is declared with what was seen' : ''}`, colour: GREY, size: 8 },
    { text: saidOf(check) },
    ...(exception === null ? [] : [{ text: exception, font: 'bold' as const }]),
    ...kinds.flatMap(({ kind, items }) => items.map((one) => ({ text: `${kind}: ${factOf(one)}. ${one.source}, ${one.observedAt}`, indent: 12, size: 8 }))),
    ...(absent.length === 0 ? [] : [{ text: `${absent.join(', ')}: none`, indent: 12, size: 8, colour: GREY }]),
    { text: `Observed: ${check.observedAt ?? 'never'}${check.lastKnown === null ? '' : `. Last known: ${STANDING_WORDS[check.lastKnown]}`}`, size: 8 },
    { text: `Why it matters: ${check.why}`, size: 8 },
    { text: `How to fix: ${check.fix}`, size: 8 },
    ...(check.references.length > 0 ? [{ text: `References: ${check.references.join('; ')}`, size: 8 }] : []),
    { text: ' ', size: 5 },
  ];
}

function writeHead(paper: Paper, { deployment, baseline, summary, counts, observedAt, seen, on }: Report): void {
  paper.line(`Security posture of ${deployment.name}`, { font: 'bold', size: 18, gap: 6 });
  paper.line(summary, { font: 'bold', size: 12, gap: 6 });
  paper.line(STANDINGS.map((standing) => `${STANDING_WORDS[standing]}: ${counts[standing]}`).join('   '), { gap: 6 });
  paper.line(`Deployment: ${deployment.url} (${deployment.kind}, ${deployment.environment})`);
  paper.line(`Baseline: ${baseline.title}, ${baseline.id} ${baseline.version}, ${baseline.origin}`);
  paper.line(`SHA-256 of the baseline: ${baseline.digest}`);
  paper.line(`Deployment last seen: ${observedAt ?? 'never'}`);
  paper.line(`Evidence from: ${seen === null ? 'there is none' : `${seen.from} to ${seen.to}`}`);
  paper.line(`Judged on: ${on} (UTC)`);
}

function writeList(paper: Paper, title: string, lines: readonly string[]): void {
  paper.heading(title);
  for (const line of lines.length === 0 ? ['None.'] : lines) paper.line(`• ${line}`);
}

/** Same report, same bytes. */
export async function pdfReport(report: Report): Promise<Buffer> {
  const paper = await openPaper(report);
  writeHead(paper, report);
  writeList(paper, 'Contradictions', report.contradictions.map((check) => `${STANDING_WORDS[check.standing]}: ${check.title} (${check.id}). ${check.seen}`));
  writeList(paper, 'What this report cannot prove', report.limits);
  writeList(paper, 'Exceptions', report.checks.flatMap((check) => { const exception = exceptionOf(check); return exception === null ? [] : [`${check.id}, ${STANDING_WORDS[check.standing]}. ${exception}`]; }));
  for (const { standing, checks } of inReadingOrder(report.checks)) {
    // With the first check of its group, so that it never stands alone at the foot of a page.
    const title: Line = { text: `${STANDING_WORDS[standing]} (${checks.length})`, font: 'bold', size: 13, gap: 4 };
    for (const [index, check] of checks.entries()) paper.block(index === 0 ? [{ text: ' ', size: 5 }, title, ...linesOf(check)] : linesOf(check));
  }
  if (report.uncovered.length > 0) writeList(paper, `Settings without a check (${report.uncovered.length})`, report.uncovered);
  const { baseline } = report;
  return paper.finish((page, pages) => `Holdfast ${report.version}. ${baseline.id} ${baseline.version}, sha256 ${baseline.digest}. Page ${page} of ${pages}`);
}
