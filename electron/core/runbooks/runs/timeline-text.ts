// One sentence for each event of a run, in the words of its runbook. What people wrote is shown with whatever could act on a display spelled out.
import type { RunbookPack } from '#shared/domain/runbook-pack.ts';
import type { RunEventBody, StepOutcome } from '#shared/domain/runbook-run.ts';
import { visibleBlock, visibleLine } from '#shared/domain/visible-text.ts';
import { stepsIn } from './store.ts';

const OUTCOME_WORDS: Readonly<Record<StepOutcome, string>> = { done: 'done', failed: 'failed', skipped: 'skipped', 'not-applicable': 'not applicable', reopened: 'opened again' };
const TIMER_WORDS = { started: 'started', acknowledged: 'acknowledged', stopped: 'stopped' } as const;
const VOID_WORDS = { 'after-end': 'After the end, so it changes nothing: ', distrusted: 'From a key that is not trusted, so it changes nothing: ' } as const;

/** What an event says. @param voided why it changes nothing, where that is so */
export function timelineText(body: RunEventBody, pack: RunbookPack, voided?: 'after-end' | 'distrusted'): string {
  return `${voided === undefined ? '' : VOID_WORDS[voided]}${sentence(body, pack)}`;
}

function sentence(body: RunEventBody, pack: RunbookPack): string {
  const step = (id: string): string => `"${stepsIn(pack).find((each) => each.id === id)?.title ?? visibleLine(id)}"`;
  const role = (id: string): string => pack.roles.find((each) => each.id === id)?.title ?? visibleLine(id);
  const severity = (id: string): string => pack.severities.find((each) => each.id === id)?.title ?? visibleLine(id);
  const also = (text: string): string => (text.trim() === '' ? '' : ` ${visibleBlock(text.trim())}`);
  switch (body.kind) {
    case 'started': return `${body.drill ? 'Drill started' : 'Started'}: ${visibleLine(body.title)}.`;
    case 'person': return `Takes part as ${visibleLine(body.name)}.`;
    case 'step': return `${step(body.step)}: ${OUTCOME_WORDS[body.outcome]}${body.carried === null ? '' : ', carried over'}.${body.override === null ? '' : ` Overridden: ${visibleLine(body.override)}.`}${also(body.note)}`;
    case 'check': return `${step(body.step)}: ${{ pass: 'the check passed', fail: 'the check failed', unknown: 'the check could not tell' }[body.result]}${body.attestedBy === null ? '' : `, as ${visibleLine(body.attestedBy)} attests`}.${also(body.seen)}`;
    case 'decision': return `${body.step === null ? 'Decided' : step(body.step)}: ${visibleLine(optionTitle(body, pack))}.${also(body.reason)}`;
    case 'timer': return `${step(body.step)}: timer ${TIMER_WORDS[body.action]}.`;
    case 'evidence': return `Evidence${body.step === null ? '' : ` for ${step(body.step)}`}: ${visibleLine(body.name)}, ${body.bytes} bytes.${also(body.note)}`;
    case 'entry': return visibleBlock(body.text);
    case 'action': return `Action for ${visibleLine(body.owner)}${body.due === null ? '' : ` until ${body.due}`}: ${visibleLine(body.text)}${body.isDone ? ' (done)' : ''}.`;
    case 'severity': return `Severity: ${severity(body.severity)}.${also(body.reason)}`;
    case 'role': return body.name === null ? `${role(body.role)}: nobody any more.` : `${role(body.role)}: ${visibleLine(body.name)}.`;
    case 'milestone': return { acknowledged: 'Acknowledged.', mitigated: 'Mitigated.', resolved: 'Resolved.' }[body.what];
    case 'sign': return `${{ approved: 'Approved', conditional: 'Approved with conditions', refused: 'Refused' }[body.verdict]} by ${visibleLine(body.name)} as ${role(body.role)}${body.step === null ? '' : `, for ${step(body.step)}`}.${also(body.statement)}`;
    case 'submitted': return `Submitted for review.${also(body.note)}`;
    case 'review': return `Review: ${body.verdict}.${also(body.feedback)}`;
    case 'ended': return `${body.outcome === 'completed' ? 'Completed' : 'Stopped'}.${also(body.note)}`;
  }
}

function optionTitle({ step, option }: Extract<RunEventBody, { kind: 'decision' }>, pack: RunbookPack): string {
  return stepsIn(pack).find(({ id }) => id === step)?.options?.find(({ id }) => id === option)?.title ?? option;
}
