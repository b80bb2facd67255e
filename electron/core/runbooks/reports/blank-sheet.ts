// A runbook as a sheet for a room without computers: boxes to tick, lines for names, times and notes. The same runbook gives the same bytes.
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { openPaper } from './paper.ts';
import type { Paper, Style } from './paper.ts';

const KINDS: Readonly<Record<RunbookStep['kind'], string>> = { manual: '', 'live-check': 'check', decision: 'decision', timer: 'timer', 'sign-off': 'sign-off', evidence: 'evidence' };

/** Without the marks of Markdown that say nothing on paper. */
const plain = (markdown: string): string => markdown.replaceAll(/^```.*\n?/gm, '').replaceAll(/\*\*|`/g, '');

/** Paragraphs as they are, tables as tables. */
function writeMarkdown(paper: Paper, markdown: string, style: Style): void {
  for (const part of markdown.split(/\n{2,}/)) {
    const [heads = [], ...rows] = part.split('\n').filter((line) => line.startsWith('|') && !/^[|:\s-]+$/.test(line)).map((line) => plain(line).replaceAll(/^\|\s*|\s*\|$/g, '').split(/\s*\|\s*/));
    if (!part.startsWith('|') || heads.length === 0) paper.line(plain(part), style);
    else paper.table(heads, rows.map((row) => heads.map((_, index) => row[index] ?? '')), { tall: (row) => paper.line(row.join(' | '), style), indent: style.indent ?? 0 });
  }
}

/** The number of a step on the sheet, as people in a room call it. */
function numberOf({ sections }: RunbookPack, stepId: string): string {
  const section = sections.findIndex(({ steps }) => steps.some(({ id }) => id === stepId));
  return `${section + 1}.${(sections[section]?.steps.findIndex(({ id }) => id === stepId) ?? -1) + 1}`;
}

/** A message with room to write where a run would fill something in. */
function blankMessage(text: string, pack: RunbookPack): string {
  return text.replaceAll(/\{\{\s*(run|role|step)\.([^{}]*?)\s*\}\}/g, (_, kind: string, key: string) => {
    const what = kind === 'role' ? pack.roles.find(({ id }) => id === key)?.title ?? key : kind === 'step' ? numberOf(pack, key) : key;
    return `____________ (${what})`;
  });
}

/** What a live check would ask, for somebody who asks it by hand. */
function checkText({ check }: RunbookStep): string | null {
  switch (check?.asks) {
    case undefined: return null;
    case 'health': return `${check.path} answers 200 within ${check.within_ms} ms${check.holds === undefined ? '' : ` and holds ${check.holds}`}.`;
    case 'error-rate': return `Of the answers of ${check.minutes} minutes less than ${check.below_percent} % are 5xx.`;
    case 'token': return `The token is ${check.expect}.`;
    case 'security-check': return `The security check ${check.check} passes.`;
    case 'overdue-rows': return `At most ${check.at_most} rows are overdue.`;
    case 'metric': return `${check.name}${Object.entries(check.labels).map(([label, value]) => ` ${label}="${value}"`).join('')} ${check.is} ${check.value}.`;
    case 'rotation': return `The rotation has come to: ${check.phase}.`;
  }
}

function writeStep(paper: Paper, step: RunbookStep, { pack, number }: { readonly pack: RunbookPack; readonly number: string }): void {
  const role = (id: string | undefined): string => pack.roles.find((each) => each.id === id)?.title ?? '';
  paper.keep(90);
  paper.box(`${number}  ${step.title}`, { font: 'bold', size: 10 });
  const about = [KINDS[step.kind], step.gate === 'blocks' ? 'what follows waits for it' : '', role(step.role), step.minutes === undefined ? '' : `${step.minutes} min`, step.signs === undefined ? '' : `signed by ${role(step.signs)}`].filter((part) => part !== '').join(' · ');
  if (about !== '') paper.line(about, { size: 8, isSoft: true, indent: 15 });
  const check = checkText(step);
  if (check !== null) paper.line(check, { indent: 15 });
  if (step.text !== undefined) writeMarkdown(paper, step.text, { indent: 15 });
  if (step.evidence !== undefined) paper.box(`Evidence: ${step.evidence}`, { indent: 15 });
  if (step.references.length > 0) paper.line(`See ${step.references.join('; ')}`, { size: 8, isSoft: true, indent: 15 });
  for (const option of step.options ?? []) paper.box(`${option.title}${option.ends === true ? ' (ends the run)' : ''}${option.goes_to === undefined ? '' : ` (go on with ${numberOf(pack, option.goes_to)})`}`, { indent: 15 });
  const { words } = pack;
  // Where the runbook has words of its own, they are what people in the room say.
  const outcomes = step.kind === 'sign-off' ? ['approved', 'approved with conditions', 'refused']
    : [...(words?.done === undefined || step.kind === 'decision' ? [] : [words.done]), ...(step.can_override ? [`${words?.overridden ?? 'not proven'}, accepted for a reason`] : []), words?.failed ?? 'failed', 'skipped', 'not applicable'];
  paper.line(`${outcomes.map((outcome) => `[  ] ${outcome}`).join('    ')}`, { size: 8, isSoft: true, indent: 15 });
  paper.rules([['Name', 3], ['Time (UTC)', 2], ...(step.kind === 'timer' ? [['Started', 2] as const] : [])], 15);
  paper.rules([['Note', 1]], 15);
}

/** @param digest of the runbook */
export async function blankSheet(pack: RunbookPack, digest: string): Promise<Buffer> {
  // A runbook has no time of its own; the sheet gets none of ours.
  const paper = await openPaper({ title: pack.title, subject: `${pack.id} ${pack.version}`, atMs: 0 });
  paper.line(pack.title, { font: 'bold', size: 18, gap: 4 });
  paper.line(`${pack.id} ${pack.version}, sha256 ${digest}`, { size: 8, isSoft: true, gap: 6 });
  writeMarkdown(paper, pack.when, { gap: 6 });
  const isIncident = pack.kind === 'incident' || pack.kind === 'drill' || pack.severities.length > 0;
  paper.rules([[isIncident ? 'What happened' : 'What it is about', 1]]);
  paper.rules([['Deployment', 1], ['Started (UTC)', 1]]);
  if (isIncident) paper.rules([['Acknowledged', 1], ['Mitigated', 1], ['Resolved', 1]]);
  if (pack.severities.length > 0) {
    paper.heading('Severity');
    for (const { title, acknowledge_minutes: minutes } of pack.severities) paper.box(`${title}${minutes === undefined ? '' : `, acknowledge within ${minutes} min`}`);
  }
  if (pack.roles.length > 0) {
    paper.heading('Roles');
    for (const { title } of pack.roles) paper.rules([[title, 1]]);
  }
  pack.sections.forEach((section, s) => {
    paper.heading(`${s + 1}  ${section.title}`);
    if (section.text !== undefined) writeMarkdown(paper, section.text, { gap: 4 });
    section.steps.forEach((step, t) => writeStep(paper, step, { pack, number: `${s + 1}.${t + 1}` }));
  });
  if (pack.comms.length > 0) paper.heading('Messages');
  for (const { title, text } of pack.comms) {
    paper.keep(60);
    paper.line(title, { font: 'bold', size: 10 });
    paper.line(blankMessage(text, pack), { gap: 8 });
  }
  paper.heading('What happened, and when');
  for (let row = 0; row < 12; row += 1) paper.rules([['Time', 1], ['Who', 1], ['What', 4]]);
  paper.heading('Open actions');
  for (let row = 0; row < 6; row += 1) paper.rules([['What', 4], ['Who', 2], ['Until', 1]]);
  return paper.finish((page, pages) => `${pack.id} ${pack.version}, sha256 ${digest}. Page ${page} of ${pages}`);
}
