// What an after-action report says, from the state of a run alone: same state and same time, same parts. What is missing, in conflict, unproven or not trusted is said in its place.
import type { Block, Cell, ReportDocument } from './document.ts';
import { durationText, said } from './document.ts';
import type { RunbookStep } from '#shared/domain/runbook-pack.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import type { RunState } from '#shared/domain/runbook-state.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { stepsIn } from '../runs/store.ts';
import type { LoadedRun } from '../runs/store.ts';
import { timelineText } from '../runs/timeline-text.ts';

export interface ReportSource { readonly run: LoadedRun; readonly view: RunView; /** Of making, milliseconds since the epoch. */ readonly nowMs: number; /** Of this program. */ readonly version: string }

const STATES: Readonly<Record<StepStanding['state'], string>> = { open: 'open', waiting: 'waiting', done: 'done', claimed: 'claimed, nothing proves it', overridden: 'overridden', failed: 'failed', skipped: 'skipped', 'not-applicable': 'not applicable', conflict: 'in conflict' };
/** Events are written by clocks of milliseconds; the zeros behind them say nothing. */
const when = (at: string): string => at.replace(/(\.\d{3})000Z$/, '$1Z');
const yes = (isTrusted: boolean): string => (isTrusted ? 'trusted' : 'not trusted');

/** In the words of the runbook where it has its own. */
export function stateWords({ pack }: Pick<LoadedRun, 'pack'>, state: StepStanding['state']): string {
  const { words = {} } = pack;
  const own = state === 'open' || state === 'done' || state === 'overridden' || state === 'failed' ? words[state] : undefined;
  return own === undefined ? STATES[state] : `${own} (${STATES[state]})`;
}

/** What is shown is said by nobody who is trusted, or is one of several. */
const doubtText = (doubt: RunState['doubts']['severity'], which = 'the last one is shown'): string => (doubt === undefined ? '' : doubt === 'not-trusted' ? ' (not trusted)' : ` (people say different things; ${which})`);

function headBlocks({ run, view, nowMs, version }: ReportSource): readonly Block[] {
  const { state, pack } = run;
  const severity = pack.severities.find(({ id }) => id === state.severity)?.title ?? state.severity;
  const facts: (readonly [string, Cell])[] = [
    ['Run', { code: run.id }], ['Runbook', `${pack.title}, ${pack.id} ${pack.version}${view.isOtherText ? ' (another text than the one that is here under this name)' : ''}`], ['SHA-256 of the runbook', { code: run.packDigest }],
    ['Deployment', view.deployment === null ? 'none' : said(view.deployment.name)], ...(view.deployment === null ? [] : [['Address', { code: said(view.deployment.url) }] as const]),
    ['Severity', severity === null ? 'none' : `${said(severity)}${doubtText(state.doubts.severity)}`], ['Drill', state.isDrill ? 'yes' : 'no'], ['Started', `${when(state.startedAt)} by ${said(state.startedBy)}`],
    ['Ended', state.ended === null ? 'not ended' : `${when(state.ended.at)}, ${state.ended.outcome}${state.ended.note.trim() === '' ? '' : `: ${said(state.ended.note)}`}`],
    ['Events', String(run.events.length)], ['Made', `${when(formatInstantMs(nowMs))} by Holdfast ${version}`],
  ];
  const whole: Block[] = state.missing.length === 0 && state.waiting === 0 ? [] : [
    { kind: 'text', isStrong: true, text: `This history is not whole: ${state.missing.length} events that others name are missing, and ${state.waiting} wait for them. What they say is not in this report.` },
    { kind: 'table', heads: ['Missing event'], rows: state.missing.map((digest) => [{ code: digest }]), none: 'None is known by its digest.' },
  ];
  return [{ kind: 'facts', facts }, ...whole];
}

function durationBlocks({ run, nowMs }: ReportSource): readonly Block[] {
  const { state, pack } = run;
  const { acknowledged, mitigated, resolved } = state.milestones;
  const limit = pack.severities.find(({ id }) => id === state.severity)?.acknowledge_minutes;
  const between = (from: string | undefined, to: string | undefined): string => (from === undefined || to === undefined ? 'not recorded' : durationText(Date.parse(to) - Date.parse(from)));
  const doubted = (...what: readonly (keyof RunState['milestones'])[]): string => doubtText(what.map((each) => state.doubts[each]).find((doubt) => doubt !== undefined), 'the earliest time is taken');
  const late = limit === undefined || acknowledged === undefined || state.doubts.acknowledged === 'not-trusted' ? '' : Date.parse(acknowledged) - Date.parse(state.startedAt) <= limit * 60_000 ? `, within ${limit} min` : `, later than ${limit} min`;
  const end = state.ended?.at;
  return [{ kind: 'section', title: 'Durations' }, { kind: 'table', none: '', heads: ['What', 'Time', 'From', 'To'], rows: [
    ['To acknowledge', `${between(state.startedAt, acknowledged)}${late}${doubted('acknowledged')}`, when(state.startedAt), when(acknowledged ?? '–')],
    ['To mitigate', `${between(state.startedAt, mitigated)}${doubted('mitigated')}`, when(state.startedAt), when(mitigated ?? '–')],
    ['To resolve', `${between(state.startedAt, resolved)}${doubted('resolved')}`, when(state.startedAt), when(resolved ?? '–')],
    ['From acknowledged to mitigated', `${between(acknowledged, mitigated)}${doubted('acknowledged', 'mitigated')}`, when(acknowledged ?? '–'), when(mitigated ?? '–')],
    ['From mitigated to resolved', `${between(mitigated, resolved)}${doubted('mitigated', 'resolved')}`, when(mitigated ?? '–'), when(resolved ?? '–')],
    [end === undefined ? 'Until this report' : 'Whole run', durationText((end === undefined ? nowMs : Date.parse(end)) - Date.parse(state.startedAt)), when(state.startedAt), when(end ?? formatInstantMs(nowMs))],
  ] }];
}

function checkText({ check }: StepStanding): string {
  if (check === null) return '';
  return `Check: ${check.result}${check.isStale ? ', stale by now' : ''}${check.attestedBy === null ? '' : `, attested by ${said(check.attestedBy)}`}. ${said(check.seen)} ${said(check.because)} (${said(check.source)}, ${when(check.observedAt)})`;
}

const sentences = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

function stepRow(run: LoadedRun, step: RunbookStep, standing: StepStanding): readonly Cell[] {
  const said1 = sentences([
    said(standing.note), standing.override === null ? '' : `Overridden: ${said(standing.override)}`, checkText(standing), standing.carriedFrom === null ? '' : `Carried over from ${standing.carriedFrom}.`,
    standing.evidence.length === 0 ? '' : `Evidence: ${standing.evidence.map(({ digest }) => digest.slice(0, 16)).join(', ')}.`,
  ]);
  return [step.title, stateWords(run, standing.state), standing.by === null ? '–' : `${said(standing.by)}${standing.isTrusted ? '' : ' (not trusted)'}`, when(standing.at ?? '–'), said1 === '' ? '–' : said1];
}

function stepBlocks({ run }: ReportSource): readonly Block[] {
  const standings = new Map(run.state.steps.map((standing) => [standing.step, standing]));
  const heads = ['Step', 'Standing', 'Who', 'When', 'What was recorded'];
  const sections = run.pack.sections.map((section): Block => ({ kind: 'table', none: '', heads: [`${section.title}: step`, ...heads.slice(1)], rows: section.steps.flatMap((step) => { const standing = standings.get(step.id); return standing === undefined ? [] : [stepRow(run, step, standing)]; }) }));
  const titles = new Map(stepsIn(run.pack).map((step) => [step.id, step]));
  const chosen = (states: readonly StepStanding['state'][]): readonly (readonly Cell[])[] => run.state.steps.flatMap((standing) => {
    const step = titles.get(standing.step);
    return states.includes(standing.state) && step !== undefined ? [[step.title, stateWords(run, standing.state), said(standing.override ?? standing.note) || 'no reason was given', standing.by === null ? '–' : said(standing.by)]] : [];
  });
  const conflicts = run.state.steps.filter(({ state }) => state === 'conflict').flatMap(({ step, claims }) => claims.map((claim): readonly Cell[] => [titles.get(step)?.title ?? step, claim.outcome, `${said(claim.by)}, ${yes(claim.isTrusted)}`, when(claim.at), said(claim.note) || '–']));
  return [
    { kind: 'section', title: 'Steps skipped, overridden or not proven' },
    { kind: 'table', heads: ['Step', 'Standing', 'Why', 'Who'], rows: chosen(['skipped', 'overridden', 'not-applicable', 'claimed', 'failed']), none: 'None.' },
    { kind: 'section', title: 'Conflicts' },
    { kind: 'table', heads: ['Step', 'Outcome', 'Who', 'When', 'Note'], rows: conflicts, none: run.state.steps.some(({ state }) => state === 'conflict') ? 'People decided or signed differently; see decisions and signatures.' : 'None.' },
    { kind: 'section', title: 'Steps' }, ...sections,
  ];
}

function peopleBlocks({ run, view }: ReportSource): readonly Block[] {
  const { state, pack } = run;
  const title = (step: string | null): string => (step === null ? 'the run' : stepsIn(pack).find(({ id }) => id === step)?.title ?? step);
  const roleTitle = (role: string): string => pack.roles.find(({ id }) => id === role)?.title ?? said(role);
  const option = (step: string | null, id: string): string => stepsIn(pack).find((each) => each.id === step)?.options?.find((each) => each.id === id)?.title ?? said(id);
  return [
    { kind: 'section', title: 'Decisions' },
    { kind: 'table', heads: ['When', 'About', 'Decided', 'Why', 'Who'], none: 'None.', rows: state.decisions.map((each) => [when(each.at), each.step === null ? 'the run' : title(each.step), option(each.step, each.option), said(each.reason), `${said(each.by)}, ${yes(each.isTrusted)}`]) },
    { kind: 'section', title: 'Signatures' },
    { kind: 'table', heads: ['When', 'For', 'Role', 'Name', 'Verdict', 'Statement', 'Signed by'], none: 'None.', rows: state.signatures.map((each) => [when(each.at), title(each.step), roleTitle(each.role), said(each.name), `${each.verdict}${each.isOutdated ? ', outdated' : ''}`, said(each.statement) || '–', `${said(each.by)}, ${yes(each.isTrusted)}`]) },
    { kind: 'section', title: 'Reviews' },
    { kind: 'table', heads: ['Submitted', 'By', 'Standing', 'Reviews'], none: 'Nothing was submitted.', rows: state.reviews.map((each) => [when(each.at), said(each.submittedBy), `${each.state}${each.isOutdated ? ', outdated' : ''}`, each.reviews.map((review) => `${said(review.by)}, ${when(review.at)}: ${review.verdict}${review.counts ? '' : ` (does not count: ${review.whyNot ?? 'not trusted'})`}${review.feedback.trim() === '' ? '' : `. ${said(review.feedback)}`}`).join(' / ') || 'none']) },
    { kind: 'section', title: 'Open actions' },
    { kind: 'table', heads: ['What', 'Who', 'Until', 'Id'], none: 'None.', rows: state.actions.filter(({ isDone }) => !isDone).map((each) => [said(each.text), said(each.owner), each.due ?? '–', { code: each.id }]) },
    { kind: 'section', title: 'Actions that are done' },
    { kind: 'table', heads: ['What', 'Who', 'Id'], none: 'None.', rows: state.actions.filter(({ isDone }) => isDone).map((each) => [said(each.text), said(each.owner), { code: each.id }]) },
    { kind: 'section', title: 'Evidence' },
    { kind: 'table', heads: ['Name', 'SHA-256', 'Bytes', 'Kind', 'For', 'Note', 'When and by whom', 'Here'], none: 'None.', rows: view.evidence.map((each) => [said(each.name), { code: each.digest }, String(each.bytes), `${said(each.type)}, ${each.source}`, title(each.step), said(each.note) || '–', `${when(each.at)}, ${said(each.by)}`, each.isHere ? 'yes' : 'no']) },
    { kind: 'section', title: 'People' },
    { kind: 'table', heads: ['Name', 'Fingerprint of the key', 'Trust', 'Events'], none: 'Nobody.', rows: view.authors.map((each) => [said(each.name), { code: each.fingerprint }, each.isSelf ? 'this profile' : yes(each.isTrusted), String(each.events)]) },
    { kind: 'section', title: 'Roles' },
    { kind: 'table', heads: ['Role', 'Names'], none: 'None.', rows: state.roles.map((each) => [roleTitle(each.role), each.names.map(said).join(', ') || 'nobody']) },
  ];
}

function timelineBlocks({ run }: ReportSource): readonly Block[] {
  return [{ kind: 'section', title: 'Timeline' }, {
    kind: 'table', heads: ['When', 'Who', 'What'], none: 'None.',
    rows: run.state.timeline.map((item) => [item.at === item.recordedAt ? when(item.at) : `${when(item.at)}, recorded ${when(item.recordedAt)}`, `${said(item.by)}${item.isTrusted ? '' : ' (not trusted)'}`, said(timelineText(item.body, run.pack, run.state.voided.get(item.event)))]),
  }];
}

/** Same source, same parts. */
export function runReport(source: ReportSource): ReportDocument {
  const { run, version } = source;
  const newest = run.events.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), 0);
  return {
    title: `${run.state.isDrill ? 'Drill: ' : ''}${said(run.state.title)}`,
    blocks: [...headBlocks(source), ...durationBlocks(source), ...stepBlocks(source), ...peopleBlocks(source), ...timelineBlocks(source)],
    footer: `Holdfast ${version}. ${run.id}, ${run.pack.id} ${run.pack.version}, sha256 ${run.packDigest}.`, atMs: newest,
  };
}
