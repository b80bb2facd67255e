// A message from a template of the runbook, filled in from the run. What the run does not know stands as a gap that is named, and is never guessed.
import type { CallOutput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { stepsIn } from '../runs/store.ts';
import type { LoadedRun } from '../runs/store.ts';
import { durationText, said } from './document.ts';
import { stateWords } from './run-report.ts';

const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/g;

type Filled = { readonly value: string } | { readonly lacks: string };

function stepValue(run: LoadedRun, id: string): Filled {
  const step = stepsIn(run.pack).find((each) => each.id === id);
  const standing = run.state.steps.find((each) => each.step === id);
  if (step === undefined || standing === undefined) return { lacks: `step ${id}` };
  if (standing.state === 'open' || standing.state === 'waiting' || standing.state === 'conflict' || !standing.isTrusted) return { lacks: step.title };
  const decision = run.state.decisions.findLast((each) => each.step === id && each.isTrusted);
  const option = decision === undefined ? undefined : step.options?.find((each) => each.id === decision.option)?.title ?? decision.option;
  const what = option !== undefined && decision !== undefined ? `${said(option)} (${said(decision.reason)})` : said(standing.note);
  return { value: what === '' ? stateWords(run, standing.state) : `${stateWords(run, standing.state)}: ${what}` };
}

function valueOf(run: LoadedRun, name: string, nowMs: number): Filled {
  const { state, pack } = run;
  const [kind, key = ''] = name.split(/\.(.*)/s);
  if (kind === 'role') {
    const names = state.roles.find(({ role }) => role === key)?.names ?? [];
    return names.length === 0 ? { lacks: pack.roles.find(({ id }) => id === key)?.title ?? `role ${key}` } : { value: names.map(said).join(', ') };
  }
  if (kind === 'step') return stepValue(run, key);
  switch (name) {
    // What follows the name of a severity lists all that it may be, data loss among them: nothing to say to people who never saw the runbook.
    case 'run.title': return { value: said(state.title) };
    case 'run.severity': return state.severity === null || state.doubts.severity === 'not-trusted' ? { lacks: 'severity' } : { value: said((pack.severities.find(({ id }) => id === state.severity)?.title ?? state.severity).replace(/: .*$/s, '')) };
    case 'run.started': return { value: `${state.startedAt.slice(0, 16).replace('T', ' ')} UTC` };
    case 'run.elapsed': return { value: durationText((state.ended === null ? nowMs : Date.parse(state.ended.at)) - Date.parse(state.startedAt)) };
    case 'run.deployment': return state.deployment === null ? { lacks: 'deployment' } : { value: said(state.deployment.name) };
    default: return { lacks: name };
  }
}

/** @throws AppError template_not_found */
export function filledMessage(run: LoadedRun, templateId: string, nowMs: number): CallOutput<'run.message'> {
  const template = run.pack.comms.find(({ id }) => id === templateId);
  if (template === undefined) throw new AppError('template_not_found', { message: `This runbook has no message ${said(templateId)}.`, hint: run.pack.comms.length === 0 ? 'It has none at all.' : `Choose one of: ${run.pack.comms.map(({ id }) => id).join(', ')}.` });
  const lacking = new Set<string>();
  // In one pass: what a person wrote is not looked through for variables again.
  const text = template.text.replace(VARIABLE, (_, name: string) => {
    const filled = valueOf(run, name, nowMs);
    if ('value' in filled) return filled.value;
    lacking.add(filled.lacks);
    return `[${filled.lacks}: not known yet]`;
  });
  return { title: template.title, text, lacking: [...lacking] };
}
