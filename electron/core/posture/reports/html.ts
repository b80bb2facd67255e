// The report as one HTML file that opens from disk: no script, nothing loaded, no link. Every text that was read is escaped and keeps its own direction of writing.
import { createHash } from 'node:crypto';
import { STYLE } from './html-style.ts';
import { byKind, exceptionOf, factOf, inReadingOrder, saidOf, STANDING_WORDS, STANDINGS } from './report.ts';
import type { Report, ReportCheck, Standing } from './report.ts';

const ICONS: Readonly<Record<Standing, string>> = { fail: '✗', accepted: '◑', unknown: '?', stale: '~', pass: '✓', 'not-applicable': '–' };
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
/** Text from elsewhere: letters that run from right to left stay among themselves. */
const foreign = (text: string): string => `<bdi>${escaped(text)}</bdi>`;
const code = (text: string): string => `<code>${foreign(text)}</code>`;
const time = (instant: string | null): string => (instant === null ? 'never' : `<time datetime="${escaped(instant)}">${escaped(instant)}</time>`);
const stateOf = (standing: Standing): string => `<span class="state ${standing}"><span aria-hidden="true">${ICONS[standing]}</span> ${STANDING_WORDS[standing]}</span>`;
const facts = (pairs: readonly (readonly [string, string])[]): string => `<dl>${pairs.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</tbody></table>`;

function evidenceTable(check: ReportCheck): string {
  const groups = byKind(check.evidence);
  const cells = groups.map(({ items }) => (items.length === 0 ? '<span class="soft">none</span>'
    : `<ul>${items.map((one) => `<li>${code(factOf(one))}<br>${foreign(one.source)}<br><span class="soft">${time(one.observedAt)}</span></li>`).join('')}</ul>`));
  return table(groups.map(({ kind }) => kind), [cells]);
}

function article(check: ReportCheck): string {
  const exception = exceptionOf(check);
  return `<article>
<h3>${stateOf(check.standing)} ${foreign(check.title)}</h3>
<p class="soft">${code(check.id)} · ${check.severity} · ${foreign(check.group)}${check.isContradiction ? ' · compares what is declared with what was seen' : ''}</p>
<p>${foreign(saidOf(check))}</p>
${exception === null ? '' : `<p><strong>${foreign(exception)}</strong></p>`}
${evidenceTable(check)}
${facts([
    ['Observed', time(check.observedAt)], ...(check.lastKnown === null ? [] : [['Last known', STANDING_WORDS[check.lastKnown]] as const]), ['Why it matters', foreign(check.why)], ['How to fix', foreign(check.fix)],
    ...(check.references.length === 0 ? [] : [['References', check.references.map(foreign).join('; ')] as const]),
  ])}
</article>`;
}

function exceptionsTable(checks: readonly ReportCheck[]): string {
  const rows = checks.flatMap(({ id, standing, exception }) => (exception === null ? [] : [[code(id), stateOf(standing), foreign(exception.owner), foreign(exception.reason), `${escaped(exception.until)}${exception.isExpired ? ' (ended)' : ''}`]]));
  return rows.length === 0 ? '<p>None.</p>' : table(['Check', 'State', 'Owner', 'Reason', 'Until'], rows);
}

function head({ deployment, baseline, observedAt, seen, on, summary, counts }: Report): string {
  return `<h1>Security posture of ${foreign(deployment.name)}</h1>
<p class="summary">${foreign(summary)}</p>
${table(STANDINGS.map((standing) => stateOf(standing)), [STANDINGS.map((standing) => String(counts[standing]))])}
${facts([
    ['Deployment', `${foreign(deployment.url)} (${escaped(deployment.kind)}, ${escaped(deployment.environment)})`], ['Baseline', `${foreign(baseline.title)}, ${code(baseline.id)} ${foreign(baseline.version)}, ${escaped(baseline.origin)}`],
    ['SHA-256 of the baseline', code(baseline.digest)], ['Deployment last seen', time(observedAt)], ['Evidence from', seen === null ? 'there is none' : `${time(seen.from)} to ${time(seen.to)}`], ['Judged on', `${escaped(on)} (UTC)`],
  ])}`;
}

export function htmlReport(report: Report): string {
  const { contradictions, uncovered, limits, baseline } = report;
  const groups = inReadingOrder(report.checks).map(({ standing, checks }) => `<section><h2>${STANDING_WORDS[standing]} (${checks.length})</h2>${checks.map(article).join('\n')}</section>`);
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Security posture of ${escaped(report.deployment.name)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${head(report)}
<section><h2>Contradictions</h2>${contradictions.length === 0 ? '<p>None was found.</p>' : `<p>What is declared and what was seen disagree. What was seen counts.</p>${table(['Check', 'State', 'Seen'], contradictions.map((check) => [`${foreign(check.title)}<br>${code(check.id)}`, stateOf(check.standing), foreign(check.seen)]))}`}</section>
<section><h2>What this report cannot prove</h2><ul>${limits.map((limit) => `<li>${foreign(limit)}</li>`).join('')}</ul></section>
<section><h2>Exceptions</h2>${exceptionsTable(report.checks)}</section>
${groups.join('\n')}
${uncovered.length === 0 ? '' : `<section><h2>Settings without a check (${uncovered.length})</h2><ul>${uncovered.map((path) => `<li>${code(path)}</li>`).join('')}</ul></section>`}
<footer><p>Holdfast ${escaped(report.version)}. Baseline ${foreign(baseline.id)} ${foreign(baseline.version)}, SHA-256 ${code(baseline.digest)}.</p></footer>
</main>
</body>
</html>
`;
}
