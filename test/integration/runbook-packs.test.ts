// The shipped runbooks as content: complete against their sources line by line, live checks only where a deployment really answers, each one runnable to its end.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { describe, expect, it } from 'vitest';
import { z } from '#shared/zod.ts';
import type { RunbookPack, RunbookStep } from '#shared/domain/runbook-pack.ts';
import { EVENT_FORMAT } from '#shared/domain/runbook-run.ts';
import type { RunEvent, RunEventBody } from '#shared/domain/runbook-run.ts';
import { runState } from '#shared/domain/runbook-state.ts';
import type { RunState } from '#shared/domain/runbook-state.ts';
import { shippedPacks } from '#core/posture/packs.ts';
import { parseYaml } from '#core/posture/yaml.ts';
import { lintSchedule } from '#core/retention/schedule/lint.ts';
import { shippedRunbooks, stepDigest } from '#core/runbooks/packs/packs.ts';
import { COMMANDS } from '../../electron/hosts/cli/catalogue.ts';

const root = join(import.meta.dirname, '../..');
/** Where the sources lie on the machines that have them; another checkout names them. */
const SHARED = process.env['HOLDFAST_TEST_SHARED'] ?? join(root, '../shared');

const fact = z.strictObject({ id: z.string(), says: z.string().min(1), steps: z.array(z.string()).min(1).optional(), reason: z.string().min(10).optional() });
const sources = z.strictObject({ sources: z.array(z.strictObject({ id: z.string(), path: z.string(), parts: z.array(z.string()).min(1), lines: z.array(z.strictObject({ line: z.string().regex(/^[0-9a-f]{16}$/), facts: z.array(fact).min(1) })).min(1) })) });
const SOURCES = sources.parse(parseYaml(readFileSync(join(root, 'test/fixtures/runbooks/sources.yaml'), 'utf8')).value).sources;
const FACTS = SOURCES.flatMap(({ lines }) => lines.flatMap(({ facts }) => facts));

const PACKS = shippedRunbooks().map(({ pack }) => pack);
const stepsOf = (pack: RunbookPack): readonly RunbookStep[] => pack.sections.flatMap(({ steps }) => steps);
const STEPS: ReadonlyMap<string, RunbookStep> = new Map(PACKS.flatMap((pack) => stepsOf(pack).map((step): [string, RunbookStep] => [`${pack.id}/${step.id}`, step])));

function packOf(id: string): RunbookPack {
  const found = PACKS.find((pack) => pack.id === id);
  if (found === undefined) throw new Error(`no runbook ${id}`);
  return found;
}
function stepOf(id: string): RunbookStep {
  const found = STEPS.get(id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
}
const wordsOf = (id: string): string => [stepOf(id).title, stepOf(id).text ?? '', stepOf(id).evidence ?? '', ...(stepOf(id).options ?? []).map(({ title }) => title)].join(' ');

const hashOf = (line: string): string => createHash('sha256').update(line.trim(), 'utf8').digest('hex').slice(0, 16);
const levelOf = (line: string): number | null => /^(#+) /.exec(line)?.[1]?.length ?? null;

/** The lines of the parts of a document, each from its heading to the next one of its level; blank lines and rules are none. */
function linesOf(text: string, parts: readonly string[]): string[] {
  const found: string[] = [];
  let level: number | null = null;
  for (const line of text.split('\n')) {
    const own = levelOf(line);
    if (parts.some((part) => line.startsWith(part))) level = own;
    else if (level !== null && own !== null && own <= level) level = null;
    if (level !== null && line.trim() !== '' && line.trim() !== '---') found.push(line);
  }
  return found;
}

describe('every line of the sources became a step, or says why not', () => {
  it('each fact has an id of its own, and steps or a reason, never both', () => {
    expect(FACTS.length).toBeGreaterThan(250);
    expect(FACTS.filter(({ steps, reason }) => (steps === undefined) === (reason === undefined)).map(({ id }) => id)).toEqual([]);
    expect(new Set(FACTS.map(({ id }) => id)).size).toBe(FACTS.length);
  });

  it('each step that a fact names exists', () => {
    expect(FACTS.flatMap(({ id, steps = [] }) => steps.filter((step) => !STEPS.has(step)).map((step) => `${id}: ${step}`))).toEqual([]);
  });

  it('few facts of a contract are without a step', () => {
    const without = SOURCES.filter(({ id }) => id === 'navi' || id === 'karen').flatMap(({ lines }) => lines.flatMap(({ facts }) => facts)).filter(({ steps }) => steps === undefined);
    expect(without.map(({ id }) => id)).toEqual(['navi.6', 'navi.6.1', 'navi.6.3-ga', 'navi.6.3-drafts', 'navi.6.3-pkce', 'navi.6.3-device', 'navi.6.3-auth0', 'navi.6.4', 'navi.6.4-head', 'navi.6.4-rule', 'karen.5']);
  });

  it('a line of a seed is without a step for one of a few reasons only', () => {
    const reasons = SOURCES.filter(({ path }) => path.startsWith('seeds/')).flatMap(({ lines }) => lines.flatMap(({ facts }) => facts.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }]))));
    const KNOWN = /^(?:A heading;|Form of the document;|Date or state of that day;|A state of that day;|A description of the product;|A change of the product's own|A repair of that day|How the pipeline was cut;|Advice about funding|A sign-in that is off|The launch plan has the readiness report's hours;|An estimate;|Named in the launch plan)/;
    expect(reasons.filter(({ reason }) => !KNOWN.test(reason))).toEqual([]);
    expect(SOURCES.filter(({ path }) => path.startsWith('seeds/')).map(({ parts }) => parts)).toEqual([['# AI-Karen Production Hardening Report'], ['# NAVI Production Readiness Status']]);
  });

  it('every checkbox of section 9 of the hardening report is a step of the hardening runbook', () => {
    const boxes = FACTS.filter(({ id, says }) => id.startsWith('karen-report.9-') && says !== 'Heading');
    expect(boxes.length).toBe(44);
    for (const { id, steps = [] } of boxes) expect(steps.every((step) => step.startsWith('karen-hardening/')) && steps.length > 0, id).toBe(true);
  });

  it.each(SOURCES.map(({ id, path, parts, lines }) => ({ id, path, parts, lines })))('$path: the list holds exactly its lines, in their order', ({ path, parts, lines }) => {
    const file = join(SHARED, path);
    if (!existsSync(file)) return;
    const given = linesOf(readFileSync(file, 'utf8'), parts);
    const known = lines.map(({ line }) => line);
    expect(given.filter((line) => !known.includes(hashOf(line)))).toEqual([]);
    expect(given.map(hashOf)).toEqual(known);
  });

  it('a line that is missing or new would be seen', () => {
    const text = '# A\n## 5. X\none\n\n---\n### Y\n- two\n## 6. Z\nthree\n';
    expect(linesOf(text, ['## 5. X'])).toEqual(['## 5. X', 'one', '### Y', '- two']);
    expect(linesOf(text, ['### Y'])).toEqual(['### Y', '- two']);
    expect(hashOf('- two ')).toBe(hashOf('- two'));
    expect(hashOf('- two')).not.toBe(hashOf('- twp'));
  });
});

describe('a live check asks only what the deployment really answers', () => {
  const checksOf = (kind: 'navi' | 'karen'): ReadonlySet<string> => new Set(shippedPacks().filter(({ pack }) => pack.kind === kind).flatMap(({ pack }) => pack.checks.map(({ id }) => id)));
  const CHECKS = { navi: checksOf('navi'), karen: checksOf('karen') };
  /** Paths that were seen to answer without a token. Those of AI-Karen that always say unknown are not among them. */
  const PATHS: Readonly<Record<'navi' | 'karen', readonly string[]>> = {
    navi: ['/ping', '/health', '/health/live', '/health/ready', '/metrics/metrics'],
    karen: ['/api/health', '/api/health/database/test', '/api/health/degraded-mode'],
  };
  /** Names in the metrics of a running NAVI. */
  const METRICS = ['process_resident_memory_bytes'];
  const live = PACKS.flatMap((pack) => stepsOf(pack).flatMap((step) => (step.check === undefined ? [] : [{ name: `${pack.id}/${step.id}`, kinds: pack.applies ?? [], step, check: step.check }])));

  it('belongs to a runbook for one kind of deployment, and grows stale', () => {
    expect(live.length).toBeGreaterThan(90);
    expect(live.filter(({ kinds }) => kinds.length !== 1).map(({ name }) => name)).toEqual([]);
    expect(live.filter(({ step }) => step.stale_minutes === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('names a check that the baseline of this kind has', () => {
    expect(live.flatMap(({ name, kinds, check }) => (check.asks === 'security-check' && !kinds.every((kind) => CHECKS[kind].has(check.check)) ? [`${name}: ${check.check}`] : []))).toEqual([]);
  });

  it('names a path that answers', () => {
    expect(live.flatMap(({ name, kinds, check }) => (check.asks === 'health' && !kinds.every((kind) => PATHS[kind].includes(check.path)) ? [`${name}: ${check.path}`] : []))).toEqual([]);
    // A fixed answer proves nothing of the database: it may be asked, and never alone.
    expect(live.filter(({ check }) => check.asks === 'health' && check.path === '/health').map(({ name }) => name)).toEqual(['navi-rollback-verification/verify.health']);
    expect(stepOf('navi-rollback-verification/verify.ready').check).toMatchObject({ path: '/health/ready' });
  });

  it('asks tokens, rotations, overdue rows, error rates and metrics of NAVI only', () => {
    expect(live.filter(({ kinds, check }) => !['health', 'security-check'].includes(check.asks) && kinds[0] !== 'navi').map(({ name }) => name)).toEqual([]);
    expect(live.flatMap(({ check }) => (check.asks === 'metric' && !METRICS.includes(check.name) ? [check.name] : []))).toEqual([]);
  });

  it('what no check of this console proves as a whole is evidence, not a live check that a part of it would turn green', () => {
    const WHOLE = ['karen-deployment/pre.configuration', 'karen-deployment/post.health', 'karen-admin-deployment/dependencies.email', 'karen-admin-deployment/configuration.domain', 'karen-admin-deployment/application.files', 'karen-security-checklist/monitoring.response', 'karen-security-checklist/hardening.accounts', 'karen-security-checklist/upkeep.scanning', 'karen-security-checklist/upkeep.audits', 'karen-hardening/a.flags'];
    expect(WHOLE.filter((id) => stepOf(id).kind !== 'evidence')).toEqual([]);
    expect(stepsOf(packOf('karen-deployment')).flatMap(({ id, check }) => (id.startsWith('health.') && check?.asks === 'health' ? [check.path] : []))).toEqual(['/api/health', '/api/health/database/test', '/api/health/degraded-mode']);
  });

  it('a health route that answers 200 in any case is asked for a word of its answer', () => {
    expect(live.filter(({ kinds, check }) => check.asks === 'health' && kinds[0] === 'karen' && check.path !== '/api/health' && check.holds === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('the rotation runbook follows the rotation assistant to its end', () => {
    expect(stepsOf(packOf('jwt-rotation')).flatMap(({ check }) => (check?.asks === 'rotation' ? [check.phase] : []))).toEqual(['deploy', 'validate', 'cutover', 'finished']);
  });
});

/** Everything of a pack that is Markdown, with the place it stands in. */
const markdownOf = (pack: RunbookPack): { readonly where: string; readonly text: string }[] => [
  { where: `${pack.id}, when`, text: pack.when },
  ...pack.sections.flatMap(({ id, text, steps }) => [{ where: `${pack.id}/${id}`, text: text ?? '' }, ...steps.map((step) => ({ where: `${pack.id}/${step.id}`, text: step.text ?? '' }))]),
].filter(({ text }) => text !== '');
interface MarkdownNode { readonly type: string; readonly value?: string; readonly children?: readonly MarkdownNode[] }
const treeOf = (text: string): MarkdownNode => fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
const nodesOf = (node: MarkdownNode): MarkdownNode[] => [node, ...(node.children ?? []).flatMap(nodesOf)];
const codeIn = (text: string): string[] => nodesOf(treeOf(text)).flatMap(({ type, value }) => (type === 'code' && value !== undefined ? [value] : []));

describe('the words of a runbook as Markdown', () => {
  const WORDS = PACKS.flatMap(markdownOf);

  it('are paragraphs, lists, tables and code: no HTML, nothing that became emphasis or a link by chance', () => {
    const plain = new Set(['root', 'text', 'paragraph', 'inlineCode', 'strong', 'list', 'listItem', 'code', 'table', 'tableRow', 'tableCell']);
    expect(WORDS.flatMap(({ where, text }) => nodesOf(treeOf(text)).flatMap(({ type }) => (plain.has(type) ? [] : [`${where}: ${type}`])))).toEqual([]);
  });

  it('have variables, routes and files in code', () => {
    const bare = /\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b|(?<![\w.])\/[a-z][\w/.-]*|\b[a-z]+_[a-z_]+\b|\b[\w-]+\.(?:sh|py|sql|ya?ml|json)\b/g;
    expect(WORDS.flatMap(({ where, text }) => nodesOf(treeOf(text)).flatMap(({ type, value = '' }) => (type === 'text' ? [...value.matchAll(bare)].map(([found]) => `${where}: ${found}`) : [])))).toEqual([]);
  });

  it('name only commands of this console that there are', () => {
    const words = new Set(COMMANDS.map(({ spec }) => spec.words.join(' ')));
    const named = WORDS.flatMap(({ where, text }) => [...text.matchAll(/holdfast ((?:[a-z]+ ?)+)/g)].map(([, line = '']) => ({ where, line: line.trim() })));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ line }) => ![...words].some((each) => line === each || line.startsWith(`${each} `)))).toEqual([]);
  });

  it('name the schedules, the lint and the certificate of this console where retention is set up and looked at', () => {
    const wordsIn = (id: string): string => markdownOf(packOf(id)).map(({ text }) => text).join('\n');
    for (const verb of ['schedule', 'lint', 'verify', 'preview']) expect(wordsIn('navi-audit-retention')).toContain(`holdfast retention ${verb}`);
    for (const verb of ['lint', 'verify']) expect(wordsIn('navi-on-call-weekly')).toContain(`holdfast retention ${verb}`);
  });

  it.each([['schedule.cron', 'aep.cron'], ['schedule.service', 'aep-audit-purge.service'], ['schedule.timer', 'aep-audit-purge.timer']])('give a schedule in %s in which the lint of this console finds no error', (id, name) => {
    const [code = ''] = codeIn(stepOf(`navi-audit-retention/${id}`).text ?? '');
    expect(lintSchedule(code.replaceAll('REPOSITORY', '/srv/navi'), name).problems.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('say of each share of errors that it needs two readings', () => {
    const rates = [...STEPS].filter(([, { check }]) => check?.asks === 'error-rate');
    expect(rates.length).toBeGreaterThan(7);
    expect(rates.filter(([, { text = '' }]) => !/two readings/.test(text)).map(([id]) => id)).toEqual([]);
  });
});

describe('what each runbook must hold', () => {
  it('each of the list is there', () => {
    expect(PACKS.map(({ id }) => id)).toEqual(expect.arrayContaining([
      'jwt-rotation', 'navi-incident', 'navi-symptoms', 'navi-rollback-verification', 'navi-on-call-daily', 'navi-on-call-weekly', 'navi-production-readiness', 'navi-release-criteria', 'navi-e2e-gate', 'navi-audit-retention', 'navi-deploy', 'navi-go-live',
      'karen-hardening', 'karen-canary', 'karen-dr-drill', 'karen-launch', 'karen-deployment', 'karen-security-checklist', 'karen-security-incident', 'karen-admin-deployment', 'karen-maintenance', 'first-fifteen-minutes', 'incident-comms', 'post-mortem',
    ]));
  });

  it('hardening: its four statuses, sections A to J with their verdicts, nine signatures before the decision', () => {
    const pack = packOf('karen-hardening');
    expect(pack.words).toEqual({ open: 'PENDING', done: 'PASS', overridden: 'PARTIAL', failed: 'FAIL' });
    expect(pack.sections.map(({ title }) => title.slice(0, 2))).toEqual(['A.', 'B.', 'C.', 'D.', 'E.', 'F.', 'G.', 'H.', 'I.', 'J.']);
    expect(pack.sections.map(({ steps }) => steps.length)).toEqual([4, 5, 12, 8, 15, 9, 7, 6, 6, 19]);
    for (const { id, steps } of pack.sections.slice(0, 9)) {
      const verdict = steps.at(-1);
      expect(verdict?.options?.map(({ title }) => title), id).toEqual(['APPROVED', 'CONDITIONAL PASS', 'PENDING', 'BLOCKED']);
      // PARTIAL is a proof that is missing and a reason that stays visible; a row that needs no proof could not be partial.
      for (const row of steps.slice(0, -1)) expect([row.kind === 'evidence' || row.kind === 'live-check', row.can_override], row.id).toEqual([true, true]);
    }
    const last = pack.sections.at(-1)?.steps ?? [];
    expect(new Set(last.flatMap(({ kind, signs }) => (kind === 'sign-off' ? [signs] : []))).size).toBe(9);
    expect(new Set(pack.roles.map(({ id }) => id))).toEqual(new Set(last.flatMap(({ signs }) => signs ?? [])));
    // Nothing before the decision may be left out silently, except the scorecard.
    expect(last.filter(({ gate }) => gate === 'warns').map(({ id }) => id)).toEqual(['j.scorecard']);
    expect(last.at(-1)?.options?.map(({ title }) => title)).toEqual(['GO', 'CONDITIONAL GO', 'NO-GO']);
  });

  it('canary: 5, 50 and 100 %, a soak of 30 minutes before each promotion, all five triggers', () => {
    const steps = stepsOf(packOf('karen-canary'));
    expect(steps.filter(({ kind }) => kind === 'timer').map(({ id, minutes, gate }) => [id, minutes, gate])).toEqual([['rollout.five-soak', 30, 'blocks'], ['rollout.fifty-soak', 30, 'blocks']]);
    expect(wordsOf('karen-canary/prepare.triggers')).toMatch(/50 %[^]*1 %[^]*critical function[^]*vulnerability[^]*integrity/);
    expect(stepOf('karen-canary/rollout.five-decide').options?.map(({ goes_to }) => goes_to)).toEqual(['rollout.fifty-start', 'rollout.five-soak', 'back.flip']);
    // What holds a promotion back stands in its own section, from the first traffic to the last.
    expect(packOf('karen-canary').sections.find(({ id }) => id === 'rollout')?.steps.filter(({ gate }) => gate !== 'blocks').map(({ id }) => id)).toEqual([]);
  });

  it('the deployment checklist has 11, 11 and 7 steps; the security checklist five and two groups of five', () => {
    expect(packOf('karen-deployment').sections.map(({ steps }) => steps.length).slice(0, 3)).toEqual([11, 11, 7]);
    expect(packOf('karen-security-checklist').sections.map(({ steps }) => steps.filter(({ kind }) => kind !== 'sign-off').length)).toEqual([5, 5, 5, 5, 5, 5, 5]);
    expect(packOf('karen-admin-deployment').sections.slice(0, 10).map(({ steps }) => steps.length)).toEqual([6, 6, 5, 5, 5, 7, 7, 6, 13, 5]);
    expect(packOf('karen-launch').sections.map(({ title }) => title.slice(0, 2))).toEqual(['1.', '2.', '3.', '4.', '5.', '6.', '7.', 'Af']);
  });

  it('the first fifteen minutes are fifteen, with five acts and six questions', () => {
    const pack = packOf('first-fifteen-minutes');
    expect(stepOf('first-fifteen-minutes/minutes.clock')).toMatchObject({ kind: 'timer', minutes: 15 });
    expect(stepsOf(pack).filter(({ id }) => id.startsWith('minutes.')).map(({ title }) => /^\d/.exec(title)?.[0] ?? '')).toEqual(['', '1', '2', '3', '4', '5']);
    expect(stepsOf(pack).filter(({ id }) => id.startsWith('investigate.')).length).toBe(6);
    expect(pack.severities.map(({ id, acknowledge_minutes: minutes }) => [id, minutes])).toEqual([['p0', 15], ['p1', 60], ['p2', 240], ['p3', 1440]]);
  });

  it.each([
    ['karen-dr-drill', ['4 h', '15 min', '2 h', '8 h', '1 h', '24 h']], ['navi-production-readiness/objectives.choose', ['99.9 %', '99.5 %', '99.7 %', '2.0 s', '5 s', '10 s']], ['navi-incident/scope.errors', ['2 %', '0.5 %', '1 %', '5 %']],
    ['navi-incident/scope.latency', ['2.0 s', '5 s', '10 s']], ['navi-incident/first.acknowledge', ['5 minutes', '15 minutes', 'at once']], ['navi-incident/decide.rollback', ['99.9 %', '99.5 %', '503 for more than 2 minutes']],
    ['navi-on-call-weekly/budget.left', ['75 %', '50 to 75 %', '25 to 50 %', '25 %', '99.5 %', '99.9 %']], ['karen-hardening/c.latency', ['120', '300', '50 ms']], ['karen-hardening/a.rc-tag', ['pending', 'done']],
    ['karen-hardening/j.scorecard', ['82', 'B+']], ['karen-launch/load.slo', ['50 ms', '1.2 s', '3 s', '99 %', '70 %']], ['navi-audit-retention/policy.days', ['90', '365']],
  ] as const)('%s names its figures, also those of the other document', (id, figures) => {
    const words = id.includes('/') ? wordsOf(id) : packOf(id).when;
    for (const figure of figures) expect(words).toContain(figure);
  });

  it('says which alerts never fire, wherever one of them is looked for', () => {
    const names = ['http_request_duration_seconds', 'aep_task_success_rate', 'database_connection_errors_total'];
    for (const name of names) expect(wordsOf('navi-incident/scope.silent')).toContain(name);
    for (const id of ['navi-incident/scope.pool', 'navi-incident/scope.provider', 'navi-production-readiness/monitoring.alert-latency', 'navi-production-readiness/monitoring.alert-database']) expect(wordsOf(id)).toMatch(/never fires/);
    expect(wordsOf('navi-on-call-daily/dashboards.empty')).toMatch(/stays? empty/);
    // No live check and no step may lean on one of them.
    for (const [id, { check }] of STEPS) if (check?.asks === 'metric') expect(names, id).not.toContain(check.name);
  });
});

describe('every runbook', () => {
  it.each(PACKS.map((pack) => ({ id: pack.id, pack })))('$id can be worked through: its roles are used, its ways lead on, its words are readable', ({ pack }) => {
    const steps = stepsOf(pack);
    const used = new Set([...steps.flatMap(({ role, signs }) => [role, signs]), ...pack.comms.flatMap(({ text }) => [...text.matchAll(/\{\{role\.([^}]+)\}\}/g)].map(([, role]) => role))]);
    expect(pack.roles.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
    expect(steps.filter(({ role }) => role === undefined).map(({ id }) => id)).toEqual([]);
    expect(steps.every(({ id }) => pack.sections.some((section) => id.startsWith(`${section.id}.`) && section.steps.some((step) => step.id === id)))).toBe(true);
    // A decision must leave a way on: not every option may end the run.
    expect(steps.filter(({ options }) => options?.every(({ ends }) => ends === true) === true).map(({ id }) => id)).toEqual([]);
    if (pack.kind === 'incident' && pack.id !== 'navi-symptoms') expect(pack.severities.length).toBeGreaterThanOrEqual(3);
    const words = JSON.stringify(pack);
    expect(words).not.toMatch(/\p{Extended_Pictographic}/u);
    expect(words).not.toMatch(/\/Users\/|\/home\/|@[a-z]+\.(?:com|ai|test)|https?:\/\/(?!localhost|127\.0\.0\.1)/i);
  });

  it.each(PACKS.map((pack) => ({ id: pack.id, pack })))('$id: where a decision sends people they may go on at once', ({ pack }) => {
    const held = pack.sections.flatMap(({ steps }) => steps.flatMap(({ id, options = [] }, from) => options.flatMap(({ goes_to: to }) => {
      const between = steps.slice(from + 1, Math.max(from + 1, steps.findIndex((step) => step.id === to)));
      return between.some(({ gate }) => gate === 'blocks') ? [`${id} to ${to ?? ''}`] : [];
    })));
    expect(held).toEqual([]);
  });

  it('no two steps of one runbook have one text digest', () => {
    for (const pack of PACKS) expect(new Set(stepsOf(pack).map(stepDigest)).size, pack.id).toBe(stepsOf(pack).length);
  });
});

describe('every runbook can be run to its end', () => {
  const ME = 'me';
  const sha = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
  const START = Date.parse('2026-11-22T08:00:00.000Z');

  /** One person's run: each event knows the one before it. */
  function createRun(pack: RunbookPack) {
    const events: RunEvent[] = [];
    let now = START;
    const texts = new Map(stepsOf(pack).map((step) => [step.id, stepDigest(step)]));
    const add = (body: RunEventBody): void => {
      const last = events.at(-1);
      events.push({ format: EVENT_FORMAT, run: last === undefined ? null : `run_${'0'.repeat(32)}`, parents: last === undefined ? [] : [last.digest], at: new Date(now).toISOString(), author: ME, body, digest: sha(String(events.length)), signature: '' });
    };
    add({ kind: 'started', pack: { id: pack.id, version: pack.version, digest: sha(pack.id) }, title: pack.title, deployment: null, severity: null, drill: true, nonce: '0'.repeat(32) });
    const state = (): RunState => {
      const found = runState(events, pack, { isTrusted: (author) => author === ME, nameOf: () => 'Me', textOf: (step) => texts.get(step) ?? null, nowMs: now });
      if (found === null) throw new Error('no state');
      return found;
    };
    const settle = (step: RunbookStep, outcome: 'done' | 'failed', { evidence = [], override = null }: { readonly evidence?: readonly string[]; readonly override?: string | null } = {}): void => add({ kind: 'step', step: step.id, text: texts.get(step.id) ?? '', outcome, note: '', evidence: [...evidence], override, carried: null });
    return { add, state, settle, wait: (minutes: number) => { now += minutes * 60_000; }, at: () => new Date(now).toISOString() };
  }
  type Run = ReturnType<typeof createRun>;

  /** What proves a step of each kind. */
  function prove(run: Run, step: RunbookStep): readonly string[] {
    if (step.kind === 'live-check') run.add({ kind: 'check', step: step.id, result: 'pass', seen: 'seen', because: 'because', source: 'test', observedAt: run.at(), attestedBy: null });
    if (step.kind === 'decision') run.add({ kind: 'decision', step: step.id, option: step.options?.find(({ ends }) => ends !== true)?.id ?? '', reason: 'a reason' });
    if (step.kind === 'timer') {
      run.add({ kind: 'timer', step: step.id, action: 'started' });
      run.wait(step.minutes ?? 0);
      run.add({ kind: 'timer', step: step.id, action: 'acknowledged' });
    }
    if (step.kind === 'sign-off') run.add({ kind: 'sign', step: step.id, role: step.signs ?? '', name: 'Me', verdict: 'approved', statement: '' });
    if (step.kind !== 'evidence') return [];
    run.add({ kind: 'evidence', digest: sha(step.id), name: 'a.txt', bytes: 1, type: 'text/plain', step: step.id, note: '', source: 'file' });
    return [sha(step.id)];
  }

  it.each(PACKS.map((pack) => ({ id: pack.id, pack })))('$id: with a proof for each step, in the order in which the run names the next one', ({ pack }) => {
    const run = createRun(pack);
    const byId = new Map(stepsOf(pack).map((step) => [step.id, step]));
    const order: string[] = [];
    for (let { next } = run.state(); next !== null; { next } = run.state()) {
      const step = byId.get(next);
      if (step === undefined || order.includes(next)) throw new Error(`stuck at ${next}`);
      order.push(next);
      const evidence = prove(run, step);
      if (step.kind !== 'sign-off') run.settle(step, 'done', { evidence });
    }
    expect(order).toEqual([...byId.keys()]);
    expect(new Set(run.state().steps.map(({ state }) => state))).toEqual(new Set(['done']));
  });

  it.each(PACKS.map((pack) => ({ id: pack.id, pack })))('$id: nothing is done by a claim alone; what may be overridden says so, and the rest holds back what waits for it', ({ pack }) => {
    const run = createRun(pack);
    for (const step of stepsOf(pack)) run.settle(step, 'done', { override: step.can_override ? 'accepted, see the register' : null });
    const standings = new Map(run.state().steps.map((standing) => [standing.step, standing.state]));
    for (const step of stepsOf(pack)) expect(standings.get(step.id), step.id).toBe(step.kind === 'manual' ? 'done' : step.can_override ? 'overridden' : 'claimed');
    const failed = createRun(pack);
    const [first] = stepsOf(pack).filter(({ gate }) => gate === 'blocks');
    if (first === undefined) return;
    failed.settle(first, 'failed');
    const section = pack.sections.find(({ steps }) => steps.includes(first));
    const after = section?.steps.slice(section.steps.indexOf(first) + 1).map(({ id }) => id) ?? [];
    expect(failed.state().steps.filter(({ step, state }) => after.includes(step) && state !== 'waiting')).toEqual([]);
  });
});
