// The security posture of a deployment: looked at, shown from the cache or as a report, compared, and judged as a gate for scripts.
import { resolve } from 'node:path';
import { REPORT_FORMATS } from '#shared/contract/security-report.ts';
import type { ReportFormat } from '#shared/contract/security-report.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import { isAccepted } from '#shared/domain/evidence.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { judgeGate } from '#shared/domain/posture-gate.ts';
import type { Gate } from '#shared/domain/posture-gate.ts';
import type { Fleet, PostureDiff, SnapshotHead } from '#shared/domain/posture.ts';
import { visibleJson } from '#shared/domain/visible-text.ts';
import { command } from '../command.ts';
import type { Command, Context, Result } from '../command.ts';
import { Refused, UsageError } from '../failure.ts';
import { counted, fields, say, stateCell, table, utc } from '../print.ts';
import type { Cell, Look } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

const cellOf = (check: SecurityCheck): Cell => (isAccepted(check) ? { text: 'accepted', tone: 'doubtful' } : stateCell(check.state));
const wordsOf = (check: Pick<SecurityCheck, 'state' | 'seen' | 'reason'>): string => (check.state === 'pass' || check.state === 'fail' ? check.seen : check.reason);

const BASELINE = { type: 'text', value: 'ID', about: 'the baseline to evaluate; left out: the one used last, else the one for its kind' } as const;

const scan = command({
  words: ['security', 'scan'],
  summary: 'Look at a deployment, evaluate its baseline, and judge it as a gate.',
  arguments: [NAME],
  options: {
    baseline: BASELINE,
    offline: { type: 'flag', about: 'ask nobody: evaluate what the cache holds' },
    'allow-unknown': { type: 'flag', about: 'unknown and stale checks do not close the gate' },
  },
  notes: [
    'Exit code 0 only when every check of severity critical or high that applies is known, fresh and passing, or has an exception that has not expired; else 3.',
    'The requests are listed by "security probes NAME"; in production they are off until they are allowed there.',
  ],
}, async ({ args: [name], options }, context) => {
  const view = await context.serve(['deployment.list', 'security.scan'], async (app) => app.call('security.scan', { deploymentId: (await deploymentNamed(app, name)).id, isOffline: options.offline, ...baselineOf(options.baseline) }));
  const gate = judgeGate(view.checks, { allowUnknown: options['allow-unknown'] });
  if (options['allow-unknown'] && gate.unknown.length + gate.stale.length > 0) context.note(say`${counted(gate.unknown.length + gate.stale.length, 'check')} of severity critical or high ${gate.unknown.length + gate.stale.length === 1 ? 'is' : 'are'} not known; --allow-unknown lets them through.`);
  const ids = (checks: Gate['failing']): string[] => checks.map(({ id }) => id);
  return {
    document: { ...view, gate: { passes: gate.passes, allowUnknown: options['allow-unknown'], failing: ids(gate.failing), unknown: ids(gate.unknown), stale: ids(gate.stale), accepted: ids(gate.accepted) } },
    text: `${describe(view, context.look)}\n\n${describeGate(gate, context.look)}`,
    ...(gate.passes ? {} : { failing: { code: 'gate_closed' as const, message: closedBecause(gate), hint: 'Mend what fails, look again, or note an exception with its owner, reason and last day.' } }),
  };
});

function closedBecause({ asked, failing, unknown, stale }: Gate): string {
  if (asked === 0) return 'No check of severity critical or high applies, so nothing is proven.';
  const parts = [[failing, 'failing'], [unknown, 'unknown'], [stale, 'stale']] as const;
  return `Of ${counted(asked, 'check')} of severity critical or high, ${parts.filter(([checks]) => checks.length > 0).map(([checks, word]) => `${checks.length} ${word}`).join(', ')}.`;
}

function describeGate(gate: Gate, look: Look): string {
  if (gate.passes) return say`Gate open: ${counted(gate.asked, 'check')} of severity critical or high, none of them in the way.`;
  const rows = [...gate.failing, ...gate.unknown, ...gate.stale].map((check) => [stateCell(check.state), check.severity, check.id, wordsOf(check)]);
  return `Gate closed.\n\n${table([{ title: 'STATE' }, { title: 'SEVERITY' }, { title: 'ID' }, { title: 'WHY', cut: true }], rows, look)}`;
}

/** After these there is nothing to fall back to, or the admin asked to stop. */
const FINAL: ReadonlySet<string> = new Set(['internal', 'cancelled', 'invalid_input', 'deployment_not_found', 'baseline_not_found']);

const show = command({
  words: ['security', 'show'],
  summary: 'Show the security checks of a deployment with their evidence.',
  arguments: [NAME],
  options: {
    baseline: BASELINE,
    offline: { type: 'flag', about: 'ask nobody: show what the cache holds' },
    format: { type: 'text', value: 'FORMAT', choices: REPORT_FORMATS, about: 'as a report: html and pdf for people; csv; sarif, oscal, ocsf and cklb for other systems; json is the view itself' },
    out: { type: 'text', value: 'FILE', about: 'the file to write the report to; one that exists is refused. Left out: it is printed (not a pdf)' },
  },
  notes: [
    'It looks at the deployment first, as security scan does. Where that is not possible (no network, or a window holds the profile) it shows the cache and says why on stderr.',
    'A report names the digest of its baseline and when each evidence was seen.',
  ],
}, async ({ args: [name], options }, context) => {
  if (options.out !== undefined && options.format === undefined) throw new UsageError('--out needs --format.', ['security', 'show']);
  if (options.format === 'pdf' && options.out === undefined) throw new UsageError('A PDF needs a file: --out FILE.', ['security', 'show']);
  const view = options.offline ? await cached(name, options.baseline, context) : await lookedAt(name, options.baseline, context);
  if (options.format !== undefined) return reported(view, { format: options.format, out: options.out, baseline: options.baseline }, context);
  return { document: view, text: describe(view, context.look) };
});

/** The view just seen as a report: printed as it is, or in a file. */
async function reported(view: SecurityView, { format, out, baseline }: { readonly format: ReportFormat; readonly out: string | undefined; readonly baseline: string | undefined }, context: Context): Promise<Result> {
  if (format === 'json' && out === undefined) return { document: view, text: visibleJson(view) };
  const path = out === undefined ? null : resolve(out);
  const { text, ...written } = await context.serve(['security.report'], async (app) => app.call('security.report', { deploymentId: view.deploymentId, ...baselineOf(baseline), format, path }));
  if (text === null) return { document: written, text: `Wrote the report.\n\n${fields([['File', written.path], ['Format', format], ['Bytes', written.bytes], ['SHA-256', written.sha256]], context.look)}` };
  if (context.json) return { document: { ...written, text }, text: null };
  context.out(text);
  return { document: undefined, text: null };
}

const baselineOf = (baselineId: string | undefined): { readonly baselineId?: string } => (baselineId === undefined ? {} : { baselineId });

async function lookedAt(name: string, baselineId: string | undefined, context: Context): Promise<SecurityView> {
  try {
    return await context.serve(['deployment.list', 'security.scan', 'security.show'], async (app) => {
      const { id: deploymentId } = await deploymentNamed(app, name);
      const envelope = await app.attempt('security.scan', { deploymentId, ...baselineOf(baselineId) });
      if (envelope.ok) return envelope.value;
      if (FINAL.has(envelope.error.code)) throw new Refused(envelope.error);
      context.note(`Not looked at: ${envelope.error.message} ${envelope.error.hint}`);
      return app.call('security.show', { deploymentId, ...baselineOf(baselineId) });
    });
  } catch (error) {
    if (!(error instanceof Refused) || error.wire.code !== 'profile_in_use') throw error;
    context.note(`Not looked at: ${error.wire.message}`);
    return cached(name, baselineId, context);
  }
}

function cached(name: string, baselineId: string | undefined, context: Context): Promise<SecurityView> {
  return context.serve(['deployment.list', 'security.show'], async (app) => app.call('security.show', { deploymentId: (await deploymentNamed(app, name)).id, ...baselineOf(baselineId) }));
}

function describe(view: SecurityView, look: Look): string {
  const rows = view.checks.map((check) => [cellOf(check), check.severity, check.id, check.title, wordsOf(check)]);
  const lines = [
    table([{ title: 'STATE' }, { title: 'SEVERITY' }, { title: 'ID' }, { title: 'CHECK', cut: true }, { title: 'SEEN', cut: true }], rows, look),
    '',
    say`${view.summary}. Baseline ${view.baseline.id} ${view.baseline.version}. Observed ${utc(view.observedAt)}.`,
  ];
  if (view.lastFailure !== null) lines.push(say`The last look failed at ${utc(view.lastFailure.at)}: ${view.lastFailure.message}`);
  if (view.uncovered.length > 0) lines.push(say`${counted(view.uncovered.length, 'setting')} of an imported file ${view.uncovered.length === 1 ? 'has' : 'have'} no check: ${view.uncovered.slice(0, 5).join(', ')}${view.uncovered.length > 5 ? ' …' : ''}`);
  return lines.join('\n');
}

const history = command({
  words: ['security', 'history'],
  summary: 'List the looks at a deployment, newest first.',
  arguments: [NAME],
  options: {},
}, async ({ args: [name] }, context) => {
  const { snapshots } = await context.serve(['deployment.list', 'security.history'], async (app) => app.call('security.history', { deploymentId: (await deploymentNamed(app, name)).id }));
  const rows = snapshots.map((head) => [head.id, utc(head.at), head.baseline.id, head.summary, head.isReviewed ? 'reviewed' : '']);
  return { document: { snapshots }, text: snapshots.length === 0 ? 'No look was kept yet.' : table([{ title: 'ID', align: 'right' }, { title: 'AT' }, { title: 'BASELINE' }, { title: 'OUTCOME' }, { title: '' }], rows, context.look) };
});

const headLine = (word: string, { id, at, summary }: SnapshotHead): readonly [string, string] => [word, `${id}, ${utc(at)}: ${summary}`];

function describeDiff(diff: PostureDiff, look: Look): string {
  const ends = fields([headLine('From', diff.from), headLine('To', diff.to)], look);
  if (diff.changes.length === 0) return `${ends}\n\nNothing changed: ${counted(diff.unchanged, 'check')} as before.`;
  const rows = diff.changes.map((change) => [change.change, change.severity, change.checkId, `${change.from ?? '-'} -> ${change.to ?? '-'}`, change.seenNow ?? change.seenBefore]);
  return `${ends}\n\n${table([{ title: 'CHANGE' }, { title: 'SEVERITY' }, { title: 'ID' }, { title: 'STATE' }, { title: 'SEEN', cut: true }], rows, look)}\n\n${counted(diff.unchanged, 'check')} as before.`;
}

function lookId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`"${text}" is not the number of a look.`, ['security', 'diff']);
  return Number(text);
}

const diff = command({
  words: ['security', 'diff'],
  summary: 'Show what changed between two looks at a deployment. Asks nobody.',
  arguments: [NAME],
  options: {
    from: { type: 'text', value: 'ID', required: true, about: 'the earlier look, see security history' },
    to: { type: 'text', value: 'ID', required: true, about: 'the later look' },
  },
}, async ({ args: [name], options }, context) => {
  const found = await context.serve(['deployment.list', 'security.diff'], async (app) => app.call('security.diff', { deploymentId: (await deploymentNamed(app, name)).id, from: lookId(options.from), to: lookId(options.to) }));
  return { document: found, text: describeDiff(found, context.look) };
});

function describeFleet({ rows }: Fleet, look: Look): string {
  if (rows.length === 0) return 'There is no deployment yet.';
  return table([{ title: 'DEPLOYMENT' }, { title: 'KIND' }, { title: 'ENVIRONMENT' }, { title: 'OBSERVED' }, { title: 'OUTCOME' }], rows.map((row) => [row.name, row.kind, row.environment, utc(row.observedAt), row.summary]), look);
}

const fleet = command({
  words: ['security', 'fleet'],
  summary: 'Show every deployment at a glance, from the cache. Asks nobody.',
  arguments: [],
  options: {},
}, async (_input, context) => {
  const found = await context.serve(['security.fleet'], async (app) => app.call('security.fleet', {}));
  return { document: found, text: describeFleet(found, context.look) };
});

export const securityCommands: readonly Command[] = [scan, show, history, diff, fleet];
