// The report as Markdown. Nothing that people wrote can become markup, a link or HTML.
import type { Block, Cell, ReportDocument } from './document.ts';

/** What Markdown, with its tables and its own linking of addresses, would act on. */
const ACTS = /[\\`*_{}[\]<>#|~&!$@]|:(?=\/\/)|(?<=\bwww)\.|^(?:[-+]|\d+[.)])(?=\s|$)|^={3,}|^-{3,}/gim;
const escaped = (text: string): string => text.replace(ACTS, (found) => (/^\d/.test(found) ? `${found.slice(0, -1)}\\${found.slice(-1)}` : `\\${found}`)).replaceAll('\n', ' / ');
const shown = (cell: Cell): string => {
  if (typeof cell === 'string') return escaped(cell);
  return /^[^`|\n\\]+$/.test(cell.code) ? `\`${cell.code}\`` : escaped(cell.code);
};

function written(block: Block): string {
  switch (block.kind) {
    case 'section': return `## ${escaped(block.title)}\n`;
    case 'text': return block.isStrong === true ? `**${escaped(block.text)}**\n` : `${escaped(block.text)}\n`;
    case 'facts': return `${block.facts.map(([name, value]) => `- ${escaped(name)}: ${shown(value)}`).join('\n')}\n`;
    case 'table': {
      if (block.rows.length === 0) return `${escaped(block.none)}\n`;
      const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
      return `${[row(block.heads.map(escaped)), row(block.heads.map(() => '---')), ...block.rows.map((cells) => row(cells.map(shown)))].join('\n')}\n`;
    }
  }
}

export function markdownReport({ title, blocks, footer }: ReportDocument): string {
  return [`# ${escaped(title)}\n`, ...blocks.map(written), '---\n', `${escaped(footer)}\n`].join('\n');
}
