// The report as one HTML file that opens from disk: no script, nothing loaded, no link. Every text is escaped and keeps its own direction of writing.
import { createHash } from 'node:crypto';
import { STYLE } from '../../posture/reports/html-style.ts';
import type { Block, Cell, ReportDocument } from './document.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
const shown = (cell: Cell): string => (typeof cell === 'string' ? `<bdi>${escaped(cell).replaceAll('\n', '<br>')}</bdi>` : `<code><bdi>${escaped(cell.code)}</bdi></code>`);

function written(block: Block): string {
  switch (block.kind) {
    case 'section': return `<h2>${escaped(block.title)}</h2>`;
    case 'text': return block.isStrong === true ? `<p><strong>${shown(block.text)}</strong></p>` : `<p>${shown(block.text)}</p>`;
    case 'facts': return `<dl>${block.facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${shown(value)}</dd>`).join('\n')}</dl>`;
    case 'table': {
      if (block.rows.length === 0) return `<p>${escaped(block.none)}</p>`;
      return `<table><thead><tr>${block.heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')}</tr></thead><tbody>
${block.rows.map((row) => `<tr>${row.map((cell) => `<td>${shown(cell)}</td>`).join('')}</tr>`).join('\n')}
</tbody></table>`;
    }
  }
}

export function htmlReport({ title, blocks, footer }: ReportDocument): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1><bdi>${escaped(title)}</bdi></h1>
${blocks.map(written).join('\n')}
<footer><p>${escaped(footer)}</p></footer>
</main>
</body>
</html>
`;
}
