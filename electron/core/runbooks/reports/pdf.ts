// The report as PDF: the same parts as in Markdown and HTML, a row of a table as lines below each other.
import type { Block, Cell, ReportDocument } from './document.ts';
import { openPaper } from './paper.ts';
import type { Paper } from './paper.ts';

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
      for (const row of block.rows) {
        const [first = '', ...rest] = row;
        paper.keep(40);
        paper.line(`${block.heads[0] ?? ''}: ${textOf(first)}`, { font: 'bold', gap: 1 });
        rest.forEach((cell, index) => paper.line(`${block.heads[index + 1] ?? ''}: ${textOf(cell)}`, { size: 8, indent: 12, gap: 1 }));
      }
  }
}

/** Same document, same bytes. */
export async function pdfReport({ title, blocks, footer, atMs }: ReportDocument): Promise<Buffer> {
  const paper = await openPaper({ title, subject: footer, atMs });
  paper.line(title, { font: 'bold', size: 18, gap: 6 });
  for (const block of blocks) writeBlock(paper, block);
  return paper.finish((page, pages) => `${footer} Page ${page} of ${pages}`);
}
