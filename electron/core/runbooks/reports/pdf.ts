// The report as PDF: the same parts as in Markdown and HTML. A table of many columns is written row by row.
import type { Block, Cell, ReportDocument } from './document.ts';
import { openPaper } from './paper.ts';
import type { Paper } from './paper.ts';

/** How a report writes that there is nothing. */
const EMPTY = '–';
/** More of them leave none enough room on a sheet. */
const COLUMNS = 5;
/** Characters of a cell that has room for another beside it. */
const BESIDE = 40;

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.code);

function writeBlock(paper: Paper, block: Block): void {
  switch (block.kind) {
    case 'section': return paper.heading(block.title);
    case 'text': return paper.line(block.text, block.isStrong === true ? { font: 'bold' } : {});
    case 'facts':
      for (const [name, value] of block.facts) paper.line(`${name}: ${textOf(value)}`);
      return;
    case 'table':
      if (block.rows.length === 0) return paper.line(block.none);
      if (block.heads.length <= COLUMNS) return paper.table(block.heads, block.rows.map((row) => row.map(textOf)), { tall: (row) => writeRow(paper, block.heads, row) });
      for (const row of block.rows) writeRow(paper, block.heads, row.map(textOf));
  }
}

/** A row as a few lines: short cells beside each other, long ones below, empty ones left out. */
function writeRow(paper: Paper, heads: readonly string[], [first = '', ...rest]: readonly string[]): void {
  paper.keep(40);
  paper.line(first, { font: 'bold', gap: 1 });
  const cells = rest.map((text, index) => [heads[index + 1] ?? '', text] as const).filter(([, text]) => text !== EMPTY);
  const isShort = (text: string): boolean => text.length <= BESIDE && !text.includes('\n');
  const beside = cells.filter(([, text]) => isShort(text)).map(([head, text]) => `${head}: ${text}`);
  if (beside.length > 0) paper.line(beside.join('   '), { size: 8, indent: 12, gap: 1 });
  for (const [head, text] of cells) if (!isShort(text)) paper.line(`${head}: ${text}`, { size: 8, indent: 12, gap: 1 });
}

/** Same document, same bytes. */
export async function pdfReport({ title, blocks, footer, atMs }: ReportDocument): Promise<Buffer> {
  const paper = await openPaper({ title, subject: footer, atMs });
  paper.line(title, { font: 'bold', size: 18, gap: 6 });
  for (const block of blocks) writeBlock(paper, block);
  return paper.finish((page, pages) => `${footer} Page ${page} of ${pages}`);
}
