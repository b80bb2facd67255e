// The report as PDF in a plain layout: the same content as the HTML one, nothing that acts, no time of its own, so that the same view gives the same bytes.
import { readFont, showable } from './pdf-font.ts';
import type { FontName } from './pdf-font.ts';
import { byKind, exceptionOf, factOf, inReadingOrder, saidOf, STANDING_WORDS, STANDINGS } from './report.ts';
import type { Report, ReportCheck } from './report.ts';

const MARGIN = 48;
/** A heading keeps so much room below it, in points. */
const KEEP = 96;
const GREY = '#555555';
const BLACK = '#000000';

interface Style { readonly font?: FontName; readonly size?: number; readonly colour?: string; readonly indent?: number; /** Points below. */ readonly gap?: number }

/** The two things of the library that its types leave out. */
interface Glyphs { readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } } }

interface Paper {
  line(text: string, style?: Style): void;
  heading(text: string): void;
  /** Begins a new page when less than `points` are left on this one. */
  keep(points: number): void;
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

function writeCheck(paper: Paper, check: ReportCheck): void {
  paper.keep(KEEP);
  paper.line(`${STANDING_WORDS[check.standing]}: ${check.title}`, { font: 'bold', size: 10 });
  paper.line(`${check.id} · ${check.severity} · ${check.group}${check.isContradiction ? ' · compares what is declared with what was seen' : ''}`, { colour: GREY, size: 8 });
  paper.line(saidOf(check));
  const exception = exceptionOf(check);
  if (exception !== null) paper.line(exception, { font: 'bold' });
  const kinds = byKind(check.evidence);
  for (const { kind, items } of kinds) for (const one of items) paper.line(`${kind}: ${factOf(one)}. ${one.source}, ${one.observedAt}`, { indent: 12, size: 8 });
  const absent = kinds.filter(({ items }) => items.length === 0).map(({ kind }) => kind);
  if (absent.length > 0) paper.line(`${absent.join(', ')}: none`, { indent: 12, size: 8, colour: GREY });
  paper.line(`Observed: ${check.observedAt ?? 'never'}${check.lastKnown === null ? '' : `. Last known: ${STANDING_WORDS[check.lastKnown]}`}`, { size: 8 });
  paper.line(`Why it matters: ${check.why}`, { size: 8 });
  paper.line(`How to fix: ${check.fix}`, { size: 8 });
  if (check.references.length > 0) paper.line(`References: ${check.references.join('; ')}`, { size: 8 });
  paper.line(' ', { size: 5 });
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
    paper.heading(`${STANDING_WORDS[standing]} (${checks.length})`);
    for (const check of checks) writeCheck(paper, check);
  }
  if (report.uncovered.length > 0) writeList(paper, `Settings without a check (${report.uncovered.length})`, report.uncovered);
  const { baseline } = report;
  return paper.finish((page, pages) => `Holdfast ${report.version}. ${baseline.id} ${baseline.version}, sha256 ${baseline.digest}. Page ${page} of ${pages}`);
}
