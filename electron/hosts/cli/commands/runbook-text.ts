// A run as text for people: its head, every step with what stands under it, the next one with how to take it on, and what was signed, decided and left to do.
import type { RunHead } from '#shared/contract/runbook.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { bareUtc, counted, fields, say, table, utc, wrapped } from '../print.ts';
import type { Cell, Look } from '../print.ts';
import { size } from './retention-text.ts';
import { stepsOf } from './runbook-named.ts';
import { howTo, progressWords, stateCell, stepLines } from './runbook-step-text.ts';

const MINUTE_MS = 60_000;
/** Entries of the timeline that are shown unless all are asked for. */
const LAST = 5;

/** "3 d 4 h", "2 h 5 min", "4 min". */
export function elapsed(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

const trusted = (isTrusted: boolean): string => (isTrusted ? '' : ', NOT TRUSTED YET');

const doubtWords = (doubt: RunView['doubts']['severity']): string => (doubt === null ? '' : doubt === 'not-trusted' ? ', NOT TRUSTED YET' : ', PEOPLE DIFFER');

const severityWords = ({ severity, pack, doubts }: Pick<RunView, 'severity' | 'pack' | 'doubts'>): string | null => (severity === null ? null : `${pack.severities.find(({ id }) => id === severity)?.title ?? severity}${doubtWords(doubts.severity)}`);

function headOf(view: RunView, nowMs: number, look: Look): string {
  const { pack, deployment, ended, milestones, authors, missing, waiting } = view;
  const spent = elapsed((ended === null ? nowMs : Date.parse(ended.at)) - Date.parse(view.startedAt));
  const reached = (['acknowledged', 'mitigated', 'resolved'] as const).flatMap((what) => (milestones[what] === null ? [] : [`${what} ${utc(milestones[what])}${doubtWords(view.doubts[what])}`]));
  const conflicts = view.steps.filter(({ state }) => state === 'conflict').length;
  const rows: (readonly [string, Cell])[] = [
    ['Run', view.runId], ['Title', `${view.title}${view.isDrill ? ' (DRILL)' : ''}`], ['Runbook', view.isOtherText ? { text: `${pack.title}, ${pack.id} ${pack.version}: ANOTHER TEXT than the one that is here under this name`, tone: 'bad' } : `${pack.title}, ${pack.id} ${pack.version}`],
    ['Deployment', deployment === null ? 'none' : `${deployment.name}, ${deployment.url}${deployment.deploymentId === null ? ' (not in this profile)' : ''}`],
    ...(pack.severities.length === 0 && view.severity === null ? [] : [['Severity', severityWords(view)] as const]),
    ['Started', `${utc(view.startedAt)} by ${view.startedBy}`],
    ended === null ? ['Elapsed', spent] : ['Ended', { text: `${utc(ended.at)}, ${ended.outcome}, after ${spent}${ended.note.trim() === '' ? '' : `: ${ended.note.trim()}`}`, tone: ended.outcome === 'completed' ? 'good' : 'doubtful' }],
    ...(reached.length === 0 ? [] : [['Reached', reached.join('; ')] as const]),
    ['Progress', conflicts > 0 ? { text: progressWords(view.steps), tone: 'bad' } : progressWords(view.steps)],
    ...view.roles.filter(({ names }) => names.length > 0).map(({ title, names }) => ['Role', `${title}: ${names.join(', ')}`] as const),
    ['People', authors.map(({ name, isSelf, isTrusted }) => `${name}${isSelf ? ' (you)' : trusted(isTrusted)}`).join('; ')],
    ...(missing.length + waiting === 0 ? [] : [['History', { text: `NOT WHOLE: ${counted(missing.length, 'event')} missing, ${waiting} wait for them`, tone: 'bad' as const }] as const]),
  ];
  const left = Math.max(...rows.map(([label]) => label.length)) + 2;
  // What is too long for the terminal goes on under its own value.
  return rows.map(([label, value]) => {
    const [first = '', ...rest] = wrapped(visibleLine(cellWords(value)), '', { columns: look.columns === null ? null : Math.max(20, look.columns - left) }).split('\n');
    return [fields([[label.padEnd(left - 2), typeof value === 'object' && value !== null ? { ...value, text: first } : first]], look), ...rest.map((line) => `${' '.repeat(left)}${line}`)].join('\n');
  }).join('\n');
}

const cellWords = (cell: Cell): string => (cell === null ? 'none' : typeof cell === 'object' ? cell.text : String(cell));

function stepsText({ pack, steps }: RunView, look: Look): string {
  const standings = new Map(steps.map((standing) => [standing.step, standing]));
  const rows = stepsOf(pack).flatMap((step) => {
    const standing = standings.get(step.id);
    return standing === undefined ? [] : [{ step, standing }];
  });
  const [, ...lines] = table([{ title: '' }, { title: '' }, { title: '', cut: true }], rows.map(({ step, standing }): Cell[] => [stateCell(pack, standing), step.id, `${step.title}${step.gate === 'blocks' ? ' *' : ''}`]), look).split('\n');
  const texts = new Map(rows.map(({ step, standing }, index) => [step.id, [lines[index] ?? '', ...stepLines(step, standing).map((line) => wrapped(line, '    ', look))].join('\n')]));
  const sections = pack.sections.map((section) => [visibleLine(section.title), ...section.steps.flatMap(({ id }) => texts.get(id) ?? [])].join('\n'));
  return [...sections, ...(rows.some(({ step }) => step.gate === 'blocks') ? ['* blocks: what comes after it in its section waits for it.'] : [])].join('\n\n');
}

/** What to do next, whole. Empty when the run has ended or nothing is left. */
export function nextText(view: RunView, look: Look): string[] {
  const step = stepsOf(view.pack).find(({ id }) => id === view.next);
  const standing = view.steps.find((each) => each.step === view.next);
  if (step === undefined || standing === undefined) return view.ended === null ? ['Every step is settled. To end it: ' + say`holdfast runbook end ${view.runId.slice(0, 16)}`] : [];
  return [[say`Next: ${step.id}, ${step.title}`, ...(step.text === undefined ? [] : [wrapped(step.text, '  ', look)]), wrapped(howTo(step, standing, view.runId), '  ', { columns: null })].join('\n')];
}

const named = (title: string, lines: readonly string[], look: Look): string[] => (lines.length === 0 ? [] : [[title, ...lines.map((line) => wrapped(`- ${line.trim().replaceAll('\n', ' / ')}`, '  ', look))].join('\n')]);

const VERDICTS = { approved: 'approved', conditional: 'approved with conditions', refused: 'REFUSED' } as const;

function peopleText({ signatures, decisions, reviews, actions, pack }: RunView, look: Look): string[] {
  const role = (id: string): string => pack.roles.find((each) => each.id === id)?.title ?? id;
  const option = (step: string | null, id: string): string => stepsOf(pack).find((each) => each.id === step)?.options?.find((each) => each.id === id)?.title ?? id;
  const words = (text: string): string => (text.trim() === '' ? '' : `: ${text.trim()}`);
  return [
    ...named('Decisions', decisions.map((one) => `${option(one.step, one.option)}${one.step === null ? '' : ` [${one.step}]`}, ${one.by}${trusted(one.isTrusted)}, ${utc(one.at)}${words(one.reason)}`), look),
    ...named('Signatures', signatures.map((one) => `${VERDICTS[one.verdict]} by ${one.name} as ${role(one.role)}${one.step === null ? ', the run' : ` [${one.step}]`}, ${utc(one.at)}, key of ${one.by}${one.isTrusted ? '' : ': NOT TRUSTED YET, so it does not count'}${one.isOutdated ? ', OUTDATED: more was recorded since' : ''}${words(one.statement)}`), look),
    ...named('Reviews', reviews.flatMap((one) => [`submitted by ${one.submittedBy}, ${utc(one.at)}: ${one.state}${one.isOutdated ? ', OUTDATED: more was recorded since' : ''}`, ...one.reviews.map((each) => `${each.verdict} by ${each.by}, ${utc(each.at)}${each.whyNot === null ? '' : `, does not count (${each.whyNot})`}${words(each.feedback)}`)]), look),
    ...named('Actions', actions.map((one) => `${one.isDone ? 'done' : 'open'} ${one.id}, ${one.owner}${one.due === null ? '' : `, until ${one.due}`}: ${one.text}`), look),
  ];
}

function timelineText({ timeline, earlier }: RunView, isWhole: boolean, look: Look): string[] {
  const shown = isWhole ? timeline : timeline.slice(-LAST);
  const before = earlier + timeline.length - shown.length;
  const lines = shown.map((item) => {
    const at = say`  ${bareUtc(item.at)}  `;
    return at + wrapped(`${item.by}${trusted(item.isTrusted)}: ${item.text}`.replaceAll('\n', ' / '), ' '.repeat(at.length), look).slice(at.length);
  });
  return [[`Timeline (UTC)${before === 0 ? '' : `, the last ${shown.length}; ${before} before${isWhole ? '' : ': --timeline'}`}`, ...lines].join('\n')];
}

/** All of a run. @param nowMs for what has elapsed */
export function describeRun(view: RunView, { nowMs, isWhole, look }: { readonly nowMs: number; readonly isWhole: boolean; readonly look: Look }): string {
  return [headOf(view, nowMs, look), stepsText(view, look), ...peopleText(view, look), ...timelineText(view, isWhole, look), ...nextText(view, look)].join('\n\n');
}

/** One step with its text. */
export function describeStep(view: RunView, stepId: string, look: Look): string {
  const step = stepsOf(view.pack).find(({ id }) => id === stepId);
  const standing = view.steps.find((each) => each.step === stepId);
  if (step === undefined || standing === undefined) throw new Error('a step that was found is not there');
  return [
    fields([['Step', step.id], ['Title', step.title], ['State', stateCell(view.pack, standing)]], look),
    ...(step.text === undefined ? [] : [wrapped(step.text, '', look)]),
    ...[stepLines(step, standing).map((line) => wrapped(line, '', look)).join('\n')].filter((text) => text !== ''),
    ...(step.references.length === 0 ? [] : [named('References', step.references, look).join('\n')]),
    ...(view.ended === null ? [wrapped(howTo(step, standing, view.runId), '', { columns: null })] : []),
  ].join('\n\n');
}

export function describeRuns(runs: readonly RunHead[], look: Look): string {
  if (runs.length === 0) return 'No run is here. Start one with "holdfast runbook start ID"; "holdfast runbook list" shows what there is.';
  return table([{ title: 'RUN' }, { title: 'STARTED (UTC)' }, { title: 'STATE' }, { title: 'DONE', align: 'right' }, { title: 'TITLE', cut: true }, { title: 'DEPLOYMENT', cut: true }], runs.map((run): Cell[] => [
    run.runId.slice(0, 16), bareUtc(run.startedAt).slice(0, 16),
    run.conflicts > 0 ? { text: 'CONFLICT', tone: 'bad' } : run.outcome === null ? 'open' : { text: run.outcome, tone: run.outcome === 'completed' ? 'good' : 'doubtful' },
    `${run.done}/${run.steps}`, `${run.isDrill ? 'DRILL: ' : ''}${run.title}${run.severity === null ? '' : `, ${run.severity}`}`, run.deployment,
  ]), look);
}

/** Evidence of a run with its digests. */
export function describeEvidence({ evidence }: Pick<RunView, 'evidence'>, look: Look): string {
  if (evidence.length === 0) return 'This run has no evidence yet.';
  return evidence.map(({ digest, name, bytes, type, step, at, by, note, source, isHere }) => [
    digest, wrapped(`${name}, ${size(bytes)}, ${type}, ${source}${isHere ? '' : ', NOT HERE: only its digest came'}`, '  ', look), wrapped(`${step === null ? 'of the run' : `for ${step}`}, by ${by}, ${utc(at)}${note.trim() === '' ? '' : `: ${note.trim().replaceAll('\n', ' / ')}`}`, '  ', look),
  ].join('\n')).join('\n');
}
