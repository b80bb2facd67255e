// A runbook: a checklist as content. Owns its form and what makes it sound; text is Markdown that is rendered to elements, never to HTML.
import { z } from '../zod.ts';

/** Shown in windows, terminals and reports: no control characters, nothing that turns the direction of writing, nothing without width except the two joiners that scripts need, no half characters. */
export const HIDDEN_IN_RUNBOOK = /[^\P{Cc}\n]|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd\u{e0000}-\u{e007f}]|\p{Cs}/u;
const line = (most: number) => z.string().trim().min(1).max(most).refine((text) => !HIDDEN_IN_RUNBOOK.test(text) && !text.includes('\n'), 'is one line without characters that cannot be seen');
const markdown = z.string().trim().min(1).max(8000).refine((text) => !HIDDEN_IN_RUNBOOK.test(text), 'has a character that cannot be seen');
const id = z.string().regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, 'is made of small letters, digits, dots and dashes').max(80);

export const RUNBOOK_FORMAT = 'holdfast.runbook/1';
export const STEP_KINDS = ['manual', 'live-check', 'decision', 'timer', 'sign-off', 'evidence'] as const;
export const stepKind = z.enum(STEP_KINDS);
export type StepKind = z.infer<typeof stepKind>;
/** blocks: what comes after in its section waits for it. warns: it is said, and no more. */
export const gate = z.enum(['blocks', 'warns']);

/** What a live check asks; every one is a read-only call of the console's own services. Numbers are in the unit of their name. */
export const liveCheck = z.discriminatedUnion('asks', [
  /** A path that answers 200 within the limit, without a token. */
  z.strictObject({ asks: z.literal('health'), path: z.string().regex(/^\/[\x21-\x7e]*$/).max(200), within_ms: z.int().min(1).max(60_000), /** A text that the answer holds. */ holds: line(200).optional() }),
  /** Share of 5xx in the cached audit rows or the metrics of the last minutes, against a share. */
  z.strictObject({ asks: z.literal('error-rate'), minutes: z.int().min(1).max(1440), below_percent: z.number().min(0).max(100) }),
  z.strictObject({ asks: z.literal('token'), expect: z.enum(['accepted', 'refused']) }),
  z.strictObject({ asks: z.literal('security-check'), check: id }),
  z.strictObject({ asks: z.literal('overdue-rows'), at_most: z.int().min(0) }),
  /** A sample of the deployment's Prometheus text; labels must all be there. Several samples: their sum. */
  z.strictObject({ asks: z.literal('metric'), name: z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/).max(200), labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/).max(100), line(200)).default({}), is: z.enum(['<', '<=', '>', '>=', '==']), value: z.number() }),
  /** The state of the newest rotation of this deployment. */
  z.strictObject({ asks: z.literal('rotation'), phase: z.enum(['prepare', 'deploy', 'validate', 'cutover', 'finished']) }),
]);
export type LiveCheck = z.infer<typeof liveCheck>;

/** A time of an incident that a step or an option stands for: it is noted when that is done, unless it was noted before. */
export const runMilestone = z.enum(['acknowledged', 'mitigated', 'resolved']);

export const runbookStep = z.strictObject({
  id,
  title: line(200),
  text: markdown.optional(),
  kind: stepKind.default('manual'),
  gate: gate.default('warns'),
  /** Whose step it is unless somebody else takes it: an id of `roles`. */
  role: id.optional(),
  check: liveCheck.optional(),
  /** Minutes after which the answer of a live check is stale. */
  stale_minutes: z.int().min(1).max(10_080).optional(),
  marks: runMilestone.optional(),
  /** What can be decided; `ends` ends the run, `goes_to` names the step to go on with, `severity` becomes that of the run. */
  options: z.array(z.strictObject({ id, title: line(200), ends: z.boolean().optional(), goes_to: id.optional(), marks: runMilestone.optional(), severity: id.optional() })).min(2).max(10).optional(),
  minutes: z.int().min(1).max(43_200).optional(),
  /** Whose signature a sign-off needs: an id of `roles`. */
  signs: id.optional(),
  /** What evidence must be there before the step is done, in words. */
  evidence: line(300).optional(),
  /** Whether a reason may carry an unproven step: the override stays visible. */
  can_override: z.boolean().default(false),
  references: z.array(line(200)).max(10).default([]),
});
export type RunbookStep = z.infer<typeof runbookStep>;

export const runbookSection = z.strictObject({ id, title: line(200), text: markdown.optional(), steps: z.array(runbookStep).min(1).max(200) });

export const runbookPack = z.strictObject({
  format: z.literal(RUNBOOK_FORMAT),
  id,
  version: z.string().regex(/^\d+\.\d+\.\d+$/).max(80),
  title: line(200),
  /** When to use it. */
  when: markdown,
  kind: z.enum(['incident', 'checklist', 'drill', 'rollout', 'review']),
  /** Which deployments it is for; absent: any, or none. */
  applies: z.array(z.enum(['navi', 'karen'])).min(1).optional(),
  /** Where it comes from. */
  source: line(400),
  /** What this checklist calls the standing of a step, where it has words of its own; shown instead of the common ones. */
  words: z.strictObject({ open: line(40).optional(), done: line(40).optional(), overridden: line(40).optional(), failed: line(40).optional() }).optional(),
  severities: z.array(z.strictObject({ id, title: line(200), acknowledge_minutes: z.int().min(1).optional() })).max(10).default([]),
  roles: z.array(z.strictObject({ id, title: line(120) })).max(30).default([]),
  sections: z.array(runbookSection).min(1).max(50),
  /** Templates of messages; {{run.title}}, {{run.severity}}, {{run.started}}, {{run.elapsed}}, {{run.deployment}}, {{role.<id>}}, {{step.<id>}} are filled from the run, anything else is refused. */
  comms: z.array(z.strictObject({ id, title: line(200), text: markdown })).max(30).default([]),
});
export type RunbookPack = z.infer<typeof runbookPack>;
/** As an author may write it: what has a default may be left out. */
export type RunbookDraft = z.input<typeof runbookPack>;

/** Kinds whose "done" needs a proof, which a reason may stand in for. */
const PROVEN: ReadonlySet<StepKind> = new Set(['live-check', 'decision', 'timer', 'evidence']);
const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/g;

export interface RunbookProblem { readonly place: readonly (string | number)[]; readonly message: string }

/** What the form alone does not tell: ids that stand twice or name nothing, and steps without what their kind needs. Empty: sound. */
export function runbookProblems(pack: RunbookPack): RunbookProblem[] {
  const problems: RunbookProblem[] = [];
  const roles = new Set(pack.roles.map((role) => role.id));
  const severities = new Set(pack.severities.map((severity) => severity.id));
  const steps = new Set(pack.sections.flatMap((section) => section.steps.map((step) => step.id)));
  const twice = (ids: readonly { readonly id: string }[], place: readonly (string | number)[], what: string): void => {
    const seen = new Set<string>();
    ids.forEach((each, index) => {
      if (seen.has(each.id)) problems.push({ place: [...place, index, 'id'], message: `the ${what} ${each.id} stands twice` });
      seen.add(each.id);
    });
  };
  twice(pack.roles, ['roles'], 'role');
  twice(pack.sections, ['sections'], 'section');
  twice(pack.severities, ['severities'], 'severity');
  twice(pack.comms, ['comms'], 'template');
  const seen = new Set<string>();
  pack.sections.forEach((section, s) => section.steps.forEach((step, t) => {
    const at = (...rest: (string | number)[]): (string | number)[] => ['sections', s, 'steps', t, ...rest];
    const say = (message: string, ...rest: (string | number)[]): void => { problems.push({ place: at(...rest), message }); };
    if (seen.has(step.id)) say(`the step ${step.id} stands twice`, 'id');
    seen.add(step.id);
    if (step.role !== undefined && !roles.has(step.role)) say(`the role ${step.role} is not among the roles`, 'role');
    if (step.signs !== undefined && !roles.has(step.signs)) say(`the role ${step.signs} is not among the roles`, 'signs');
    const needs = { 'live-check': 'check', decision: 'options', timer: 'minutes', 'sign-off': 'signs', evidence: 'evidence' } as const;
    for (const [kind, field] of Object.entries(needs)) {
      if (step.kind === kind && step[field] === undefined) say(`a step of the kind ${kind} needs ${field}`, 'kind');
      if (step.kind !== kind && step[field] !== undefined && field !== 'evidence') say(`${field} belongs to a step of the kind ${kind}`, field);
    }
    if (step.can_override && !PROVEN.has(step.kind)) say(`can_override belongs to a step that has to be proven: ${[...PROVEN].join(', ')}`, 'can_override');
    if (step.kind !== 'live-check' && step.stale_minutes !== undefined) say('stale_minutes belongs to a step of the kind live-check', 'stale_minutes');
    twice(step.options ?? [], at('options'), 'option');
    step.options?.forEach((option, o) => {
      if (option.goes_to !== undefined && !steps.has(option.goes_to)) say(`the step ${option.goes_to} is not in this runbook`, 'options', o, 'goes_to');
      if (option.severity !== undefined && !severities.has(option.severity)) say(`the severity ${option.severity} is not among the severities`, 'options', o, 'severity');
      if (option.goes_to !== undefined && option.ends === true) say('an option that ends the run goes nowhere', 'options', o, 'goes_to');
    });
  }));
  pack.comms.forEach((template, index) => {
    for (const [, name = ''] of template.text.matchAll(VARIABLE)) {
      const [kind, key = ''] = name.split(/\.(.*)/s);
      const isKnown = (kind === 'run' && ['title', 'severity', 'started', 'elapsed', 'deployment'].includes(key)) || (kind === 'role' && roles.has(key)) || (kind === 'step' && steps.has(key));
      if (!isKnown) problems.push({ place: ['comms', index, 'text'], message: `{{${name}}} is nothing that a run can fill in` });
    }
    // What is half a variable would go out as it stands.
    if (/\{\{|\}\}/.test(template.text.replaceAll(VARIABLE, ''))) problems.push({ place: ['comms', index, 'text'], message: 'a variable is {{two.words}} in two braces on each side' });
  });
  return problems;
}
