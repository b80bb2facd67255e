// The report as PDF in a plain layout: the same content as the HTML one, nothing that acts, no time of its own, so that the same view gives the same bytes.
import { GREY, openPaper } from './pdf-paper.ts';
import type { Line, Paper } from './pdf-paper.ts';
import { byKind, exceptionOf, factOf, inReadingOrder, saidOf, STANDING_WORDS, STANDINGS } from './report.ts';
import type { Report, ReportCheck } from './report.ts';

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
  const paper = await openPaper({ title: `Security posture of ${report.deployment.name}`, subject: report.summary, creator: `Holdfast ${report.version}`, at: report.at });
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
