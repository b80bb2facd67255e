// The commands of a rotation of the JWT signing key: start, give tokens, see where it stands, ask the nodes, mark a step done, abandon.
import type { CallOutput } from '#shared/contract.ts';
import type { RotationView } from '#shared/contract/rotation.ts';
import { tokenSlot } from '#shared/domain/rotation.ts';
import type { RotationEntry } from '#shared/domain/rotation.ts';
import { LINES_TITLE } from '#shared/domain/rotation-words.ts';
import { visibleJson } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command, Context, Served } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, table, utc } from '../print.ts';
import type { Cell, Look, Tone } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const TONES: Readonly<Record<NonNullable<RotationView['probe']>['rows'][number]['verdict'], Tone>> = { 'as-expected': 'good', contrary: 'bad', 'no-evidence': 'doubtful', unknown: 'doubtful' };

/** Instants in a sentence of core, as they are written everywhere here. */
const readable = (text: string): string => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, utc);

/** "90m" in seconds. */
function seconds(text: string): number {
  const match = /^([1-9]\d{0,7})([smhd])$/.exec(text);
  if (match === null) throw new UsageError(`"${text}" is no length of time: write 30m, 12h or 1d.`, ['security', 'rotation', 'start']);
  return Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 0);
}

/** Old tokens first, the new one last, one a line; where a terminal gives one at a time, the new one is asked for next. */
async function readTokens(context: Context): Promise<{ readonly old: readonly string[]; readonly fresh: string }> {
  const lines = (await context.readSecret('old token')).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  const fresh = lines.length > 1 ? lines.pop() : await context.readSecret('new token');
  if (fresh === undefined) throw new UsageError('The new token is missing.', ['security', 'rotation', 'start']);
  return { old: lines, fresh };
}

function describeTokens({ tokens }: RotationView, look: Look): string {
  if (tokens.length === 0) return 'No token is given yet.';
  return table([{ title: 'TOKEN' }, { title: 'FINGERPRINT' }, { title: 'ALGORITHM' }, { title: 'SUBJECT', cut: true }, { title: 'EXPIRES' }], tokens.map(({ label, facts }) => [
    label, facts.fingerprint, facts.algorithm, facts.subject, facts.expiresAt === null ? 'never' : utc(new Date(facts.expiresAt * 1000).toISOString()),
  ]), look);
}

function describeProbe({ probe, plan }: RotationView, look: Look): string {
  if (probe === null) {
    if (plan.length === 0) return 'Nothing can be asked before the old and the new token are given.';
    return `${counted(plan.length, 'request')} will be sent, at most two a second:\n${table([{ title: 'NODE', cut: true }, { title: 'TOKEN' }, { title: 'SHOULD BE' }, { title: 'REQUEST', cut: true }], plan.map(({ node, token, expected, request }) => [node, token, expected === 'accept' ? 'accepted' : 'refused', request]), look)}`;
  }
  const rows = probe.rows.map((row): Cell[] => [row.node, row.token, row.status === null ? row.answer : `${row.status} ${row.answer}`, row.expected === 'accept' ? 'accepted' : 'refused', { text: row.verdict, tone: TONES[row.verdict] }, row.why]);
  const verdict = probe.void !== null ? say`${probe.void.message}` : probe.isProof ? 'A complete proof.' : 'Not a proof.';
  return `Asked ${utc(probe.at)}${probe.isFresh ? '' : ' (too old to prove anything now)'}:\n${table([{ title: 'NODE', cut: true }, { title: 'TOKEN' }, { title: 'ANSWER' }, { title: 'SHOULD BE' }, { title: 'VERDICT' }, { title: 'WHY', cut: true }], rows, look)}\n${verdict}`;
}

const bullets = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`${title}\n${lines.map((line) => say`  - ${line}`).join('\n')}`]);

function describe(view: RotationView, look: Look): string {
  const isOpen = view.outcome === 'open';
  const head = fields([
    ['Rotation', view.rotationId], [isOpen ? 'Phase' : 'Ended', isOpen ? view.phase : `${view.outcome} ${utc(view.endedAt)}, in ${view.phase}`], ['Started', utc(view.startedAt)],
    ['Nodes', view.nodes.join(', ')], ...(isOpen ? [['Cutover', `${view.cutover.earliest === null ? 'not known to be safe at any time' : `not before ${utc(view.cutover.earliest)}`}. ${readable(view.cutover.message)}`] as const] : []),
    ['Record', { text: `${counted(view.record.entries, 'entry', 'entries')}, ${view.record.verdict}. ${view.record.message}`, tone: view.record.verdict === 'broken' ? 'bad' : view.record.verdict === 'intact' ? 'good' : 'quiet' }],
  ], look);
  return [
    head, describeTokens(view, look), ...(isOpen ? [...bullets('To do:', view.todo), `${LINES_TITLE[view.phase]}:\n${view.environment.map((line) => `  ${line}`).join('\n')}`] : []),
    ...(isOpen || view.probe !== null ? [describeProbe(view, look)] : []), ...bullets('Look out:', view.warnings), ...bullets('Before this phase is done:', view.lacking.map(readable)),
  ].join('\n\n');
}

const start = command({
  words: ['security', 'rotation', 'start'],
  summary: 'Start the rotation of a deployment\'s JWT signing key. Nothing is sent.',
  arguments: [NAME],
  options: {
    nodes: { type: 'text', value: 'URL,URL', about: 'address of each node, with commas in between; left out: the address of the deployment' },
    ttl: { type: 'text', value: 'TIME', about: 'how long tokens of this deployment live, as 30m, 12h or 1d' },
    'tokens-stdin': { type: 'flag', about: 'read tokens from stdin, one a line, those of the old key first and the one of the new key last; on a terminal ask without echo' },
  },
  notes: ['Give tokens of an admin, never a signing key. They leave the secret store when the rotation ends.'],
}, async ({ args: [name], options }, context) => {
  const ttlSeconds = options.ttl === undefined ? null : seconds(options.ttl);
  const nodes = options.nodes?.split(',').map((node) => node.trim()).filter((node) => node !== '');
  const tokens = options['tokens-stdin'] ? await readTokens(context) : null;
  const view = await context.serve(['deployment.list', 'rotation.start', 'rotation.setToken'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    let started = await app.call('rotation.start', { deploymentId, ttlSeconds, ...(nodes === undefined ? {} : { nodes }) });
    for (const token of tokens?.old ?? []) started = await app.call('rotation.setToken', { deploymentId, slot: 'old', token });
    return tokens === null ? started : app.call('rotation.setToken', { deploymentId, slot: 'new', token: tokens.fresh });
  });
  return { document: { rotation: view }, text: describe(view, context.look) };
});

const token = command({
  words: ['security', 'rotation', 'token'],
  summary: 'Give the open rotation one more token.',
  arguments: [NAME],
  options: {
    slot: { type: 'text', value: 'SLOT', required: true, choices: tokenSlot.options, about: 'old: in use, the cutover waits for its end; old-test: of the old key, for the proof alone; new: of the new key' },
    'token-stdin': { type: 'flag', required: true, about: 'read the access token from stdin; on a terminal ask for it without echo' },
  },
}, async ({ args: [name], options }, context) => {
  const text = await context.readSecret(`${options.slot} token`);
  const view = await context.serve(['deployment.list', 'rotation.setToken'], async (app) => app.call('rotation.setToken', { deploymentId: (await deploymentNamed(app, name)).id, slot: options.slot, token: text }));
  return { document: { rotation: view }, text: describe(view, context.look) };
});

/** The whole record, part by part. */
async function wholeRecord(app: Served<'rotation.record'>, deploymentId: string, rotationId: string): Promise<Omit<CallOutput<'rotation.record'>, 'hasMore'>> {
  const entries: RotationEntry[] = [];
  for (;;) {
    const { hasMore, ...part } = await app.call('rotation.record', { deploymentId, rotationId, after: entries.length });
    entries.push(...part.entries);
    if (!hasMore || part.entries.length === 0) return { ...part, entries };
  }
}

const status = command({
  words: ['security', 'rotation', 'status'],
  summary: 'Show where the rotation stands: each answer, and what it should be. Asks nobody.',
  arguments: [NAME],
  options: {
    rotation: { type: 'text', value: 'ID', about: 'an earlier rotation; left out: the newest' },
    format: { type: 'text', value: 'FORM', choices: ['text', 'json'], fallback: 'text', about: 'json: all of it, with the signed record' },
  },
  notes: ['The record in JSON holds every answer and every step, chained by SHA-256 and, once the rotation has ended, signed with Ed25519. It holds no token.'],
}, async ({ args: [name], options }, context) => {
  const document = await context.serve(['deployment.list', 'rotation.show', 'rotation.record'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const shown = await app.call('rotation.show', { deploymentId, ...(options.rotation === undefined ? {} : { rotationId: options.rotation }) });
    return { ...shown, record: shown.rotation === null ? null : await wholeRecord(app, deploymentId, shown.rotation.rotationId) };
  });
  if (options.format === 'json') return { document, text: visibleJson(document) };
  const { rotation, all } = document;
  const earlier = all.length > 1 ? `\n\n${counted(all.length, 'rotation')}: ${all.map(({ rotationId, outcome }) => `${rotationId} ${outcome}`).join(', ')}` : '';
  return { document, text: rotation === null ? 'There was no rotation yet. Start one with "holdfast security rotation start".' : describe(rotation, context.look) + earlier };
});

const probe = command({
  words: ['security', 'rotation', 'probe'],
  summary: 'Ask every node with every token, and keep the answers in the record.',
  arguments: [NAME],
  options: {},
  notes: ['One GET for each node and token, at most two a second at one address. Exit code 3 when the answers are no proof of the phase.'],
}, async ({ args: [name] }, context) => {
  const view = await context.serve(['deployment.list', 'rotation.probe'], async (app) => app.call('rotation.probe', { deploymentId: (await deploymentNamed(app, name)).id }));
  const proves = view.probe?.isProof === true;
  return {
    document: { rotation: view }, text: describe(view, context.look),
    ...(proves ? {} : { failing: { code: 'rotation_unproven' as const, message: view.probe?.void?.message ?? `These answers do not prove ${view.phase}.`, hint: 'See what each node answered, mend that, then ask again.' } }),
  };
});

const advance = command({
  words: ['security', 'rotation', 'advance'],
  summary: 'Mark the present phase done. It asks the nodes anew unless their answers are fresh.',
  arguments: [NAME],
  options: {},
  notes: ['Without a fresh and complete proof from every node it refuses with exit code 3 and says what is lacking.'],
}, async ({ args: [name] }, context) => {
  const { from, view } = await context.serve(['deployment.list', 'rotation.show', 'rotation.advance'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const { rotation } = await app.call('rotation.show', { deploymentId });
    if (rotation === null || rotation.outcome !== 'open') throw new AppError('rotation_not_found', { message: 'No rotation of this deployment is open. Nothing was done.', hint: 'Start one with "holdfast security rotation start".' });
    return { from: rotation.phase, view: await app.call('rotation.advance', { deploymentId, phase: rotation.phase }) };
  });
  return { document: { rotation: view }, text: `${from} is done, on proof. ${view.outcome === 'open' ? `Now: ${view.phase}.` : 'The rotation is finished; its record is signed.'}\n\n${describe(view, context.look)}` };
});

const abandon = command({
  words: ['security', 'rotation', 'abandon'],
  summary: 'End the rotation where it stands. Its tokens leave the secret store; the record is kept and signed.',
  arguments: [NAME],
  options: { reason: { type: 'text', value: 'TEXT', required: true, about: 'why it ends' } },
  notes: ['Nothing is changed at the deployment: put its environment back yourself.'],
}, async ({ args: [name], options }, context) => {
  const view = await context.serve(['deployment.list', 'rotation.abandon'], async (app) => app.call('rotation.abandon', { deploymentId: (await deploymentNamed(app, name)).id, reason: options.reason }));
  return { document: { rotation: view }, text: describe(view, context.look) };
});

export const securityRotationCommands: readonly Command[] = [start, token, status, probe, advance, abandon];
