// Runbooks as text for people: the list, one whole, and what is wrong with a file.
import type { RunbookHead } from '#shared/contract/runbook.ts';
import type { LiveCheck, RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { fields, say, table, wrapped } from '../print.ts';
import type { Cell, Look } from '../print.ts';

export function describeList(heads: readonly RunbookHead[], look: Look): string {
  return table([{ title: 'ID' }, { title: 'KIND' }, { title: 'STEPS', align: 'right' }, { title: 'FOR' }, { title: 'TITLE', cut: true }], heads.map((head): Cell[] => [
    head.id, head.kind, head.steps, head.applies.length === 0 ? 'any' : head.applies.join(', '), `${head.title}${head.isShipped ? '' : ` (imported, ${head.version})`}`,
  ]), look);
}

const PHASES = { prepare: 'prepare', deploy: 'deploy', validate: 'validate', cutover: 'cutover', finished: 'its end' } as const;

/** What a live check asks, in one sentence. */
export function checkSentence(check: LiveCheck): string {
  switch (check.asks) {
    case 'health': return `${check.path} answers 200 within ${check.within_ms} ms${check.holds === undefined ? '' : ` and holds ${check.holds}`}`;
    case 'error-rate': return `fewer than ${check.below_percent} % of the answers of ${check.minutes} minutes are 5xx`;
    case 'token': return `the stored token is ${check.expect}`;
    case 'security-check': return `the security check ${check.check} passes and is fresh`;
    case 'overdue-rows': return check.at_most === 0 ? 'no audit row is overdue' : `at most ${check.at_most} audit rows are overdue`;
    case 'metric': return `the metric ${check.name}${Object.entries(check.labels).map(([name, value]) => ` ${name}="${value}"`).join(',')} is ${check.is} ${check.value}`;
    case 'rotation': return `the newest rotation of the JWT secret has come to ${PHASES[check.phase]}`;
  }
}

const KINDS: Readonly<Record<RunbookStep['kind'], string>> = { manual: 'by hand', 'live-check': 'live check', decision: 'decision', timer: 'timer', 'sign-off': 'sign-off', evidence: 'evidence required' };

function stepText(step: RunbookStep, look: Look): string {
  const facts = [KINDS[step.kind], ...(step.gate === 'blocks' ? ['blocks'] : []), ...(step.role === undefined ? [] : [`by ${step.role}`]), ...(step.can_override ? ['a reason may stand in for its proof'] : []), ...(step.marks === undefined ? [] : [`notes the time as ${step.marks}`])];
  return [
    wrapped(`${step.id}: ${step.title}`, '  ', look), wrapped(`(${facts.join('; ')})`, '    ', look),
    ...(step.check === undefined ? [] : [wrapped(`check: ${checkSentence(step.check)}`, '    ', look)]), ...(step.minutes === undefined ? [] : [`    timer: ${step.minutes} min`]),
    ...(step.options === undefined ? [] : [wrapped(`decide: ${step.options.map(({ id, title, ends, goes_to, marks }) => `${id} (${title}${ends === true ? '; ends the run' : ''}${marks === undefined ? '' : `; notes the time as ${marks}`}${goes_to === undefined ? '' : `; go on with ${goes_to}`})`).join(', ')}`, '    ', look)]),
    ...(step.signs === undefined ? [] : [wrapped(`signed as: ${step.signs}`, '    ', look)]), ...(step.evidence === undefined ? [] : [wrapped(`evidence: ${step.evidence}`, '    ', look)]),
    ...(step.text === undefined ? [] : [wrapped(step.text, '    ', look)]), ...step.references.map((reference) => wrapped(`see: ${reference}`, '    ', look)),
  ].join('\n');
}

const list = (entries: readonly { readonly id: string; readonly title: string }[], title: string, look: Look): string[] => (entries.length === 0 ? [] : [[title, ...entries.map((entry) => wrapped(`${entry.id}: ${entry.title}`, '  ', look))].join('\n')]);

export function describePack({ head, pack }: { readonly head: RunbookHead; readonly pack: RunbookPack }, look: Look): string {
  return [
    fields([['Runbook', pack.id], ['Title', pack.title], ['Version', `${pack.version}, ${head.isShipped ? 'ships with the program' : 'imported'}`], ['Kind', pack.kind], ['For', pack.applies === undefined ? 'any deployment, or none' : pack.applies.join(', ')], ['SHA-256', head.digest]], look),
    wrapped(`Source: ${pack.source}`, '', look),
    wrapped(`When to use it: ${pack.when}`, '', look),
    ...list(pack.roles, 'Roles', look),
    ...list(pack.severities.map(({ id, title, acknowledge_minutes: minutes }) => ({ id, title: `${title}${minutes === undefined ? '' : ` (acknowledge within ${minutes} min)`}` })), 'Severities', look),
    ...pack.sections.map((section) => [wrapped(section.title.toUpperCase(), '', look), ...(section.text === undefined ? [] : [wrapped(section.text, '  ', look)]), ...section.steps.map((step) => `\n${stepText(step, look)}`)].join('\n')),
    ...list(pack.comms, 'Messages', look),
    say`To run it: holdfast runbook start ${pack.id}${pack.applies === undefined ? '' : ' --deployment NAME'}`,
  ].join('\n\n');
}
