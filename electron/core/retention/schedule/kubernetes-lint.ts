// What is wrong with a CronJob that is meant to purge. YAML is read as plain data; what stands for something else is followed only as far as the reader's own limit.
import { isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Document } from 'yaml';
import { lintCommand, lintEnvironment, lintWords, MEANS_PURGE } from './command-lint.ts';
import { lintTime } from './cron-lint.ts';
import { cronTimes } from './cron-times.ts';
import { excerpt } from './problems.ts';
import type { Problems } from './problems.ts';
import { PURGED, PURGE_SCRIPT } from './values.ts';

type Path = readonly (string | number)[];
const UTC = /^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal|GMT)$/i;

/** Deeper than any manifest. */
const MAX_INDENT = 200;

interface Found { readonly document: Document; readonly at: Path; readonly lines: LineCounter }

const nodeAt = ({ document, at }: Found, path: Path): unknown => document.getIn([...at, ...path], true);

/** A scalar's value, or what a list or map is in plain; undefined where there is nothing. */
function valueAt(found: Found, path: Path): unknown {
  const node = nodeAt(found, path);
  return isScalar(node) ? node.value : isNode(node) ? node.toJS(found.document, { maxAliasCount: 20 }) as unknown : node;
}

/** The line of what stands there, or of the nearest that does. */
function lineAt(found: Found, path: Path): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = nodeAt(found, path.slice(0, length));
    if (isNode(node) && node.range) return found.lines.linePos(node.range[0]).line;
  }
  return null;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : null);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map((each) => text(each) ?? '') : []);

export function lintKubernetes(problems: Problems, given: string): void {
  if (given.split('\n').some((line) => (/^(?:\s|[-?:]\s)*/.exec(line)?.[0].length ?? 0) > MAX_INDENT || (line.match(/[[{]/g)?.length ?? 0) > MAX_INDENT)) {
    return problems.error('bad-yaml', null, { message: 'This YAML is nested too deeply to be read.', fix: 'Give the CronJob alone.' });
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(given, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, strict: true, logLevel: 'error' });
  const all = Array.isArray(documents) ? documents : [];
  for (const document of all) for (const error of document.errors) problems.error('bad-yaml', lines.linePos(error.pos[0]).line, { message: `This is no valid YAML: ${excerpt(error.message)}`, fix: 'Mend it; kubectl would refuse it too.' });
  const twice = new Map(all.map((document) => [document, keysTwice(document)]));
  for (const at of [...twice.values()].flat()) problems.error('bad-yaml', lines.linePos(at).line, { message: 'This key stands twice in its map.', fix: 'Mend it; kubectl would refuse it too.' });
  const jobs: Found[] = [];
  const kinds: string[] = [];
  for (const document of all) {
    if (document.errors.length > 0 || (twice.get(document) ?? []).length > 0) continue;
    for (const at of objectsOf(document)) {
      const found = { document: document as Document, at, lines };
      const kind = text(valueAt(found, ['kind']));
      if (kind === 'CronJob') jobs.push(found);
      else if (kind !== null) kinds.push(kind);
    }
  }
  if (jobs.length === 0 && !problems.list().some(({ rule }) => rule === 'bad-yaml')) {
    problems.error('no-cronjob', null, { message: kinds.length === 0 ? 'There is no object of Kubernetes in it.' : `There is no CronJob in it, only ${excerpt([...new Set(kinds)].join(', '))}: nothing runs it again and again.`, fix: 'Use a CronJob of batch/v1.' });
  }
  const purging = jobs.filter((job) => MEANS_PURGE.test(String(job.document)) && (jobs.length === 1 || MEANS_PURGE.test(JSON.stringify(valueAt(job, ['spec']) ?? null))));
  if (jobs.length > 0 && purging.length === 0) problems.error('no-purge', lineAt(jobs[0] as Found, []), { message: 'No CronJob in it runs the script that purges.', fix: `Give it the command: the Python of the image, and ${PURGE_SCRIPT}.` });
  for (const job of purging) lintJob(problems, job);
  return undefined;
}

/** Where a key stands that its map has already. The reader's own way of finding them takes for ever with a long map. */
function keysTwice(document: Document | Document.Parsed): number[] {
  const found: number[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) found.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return found;
}

/** The objects of a document: itself, or the items of a list. */
function objectsOf(document: Document | Document.Parsed): Path[] {
  const items = document.get('items', true);
  if (isMap(document.contents) && String(document.get('kind') ?? '').endsWith('List') && isSeq(items)) return items.items.map((_item, index) => ['items', index]);
  return isMap(document.contents) ? [[]] : [];
}

const JOB = ['spec', 'jobTemplate', 'spec'] as const;
const POD = [...JOB, 'template', 'spec'] as const;

function lintJob(problems: Problems, job: Found): void {
  const value = (path: Path): unknown => valueAt(job, path);
  const line = (path: Path): number | null => lineAt(job, path);
  const version = text(value(['apiVersion']));
  if (version !== 'batch/v1') problems.error('api-version', line(['apiVersion']), { message: `apiVersion is ${excerpt(version ?? 'missing')}: Kubernetes knows CronJob as batch/v1 only (batch/v1beta1 went with 1.25).`, fix: 'Write apiVersion: batch/v1' });
  const called = text(value(['metadata', 'name']));
  if (called !== null && (called.length > 52 || !/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(called)) && !called.includes('<<') && !called.includes('{{')) problems.error('bad-name', line(['metadata', 'name']), { message: `${excerpt(called)} is no name for a CronJob: Kubernetes takes small letters, digits and dashes, 52 at most.`, fix: 'Give it another name.' });
  if (called === null) problems.error('no-name', line(['metadata']), { message: 'The CronJob has no name.', fix: 'Set metadata.name.' });
  const namespace = text(value(['metadata', 'namespace']));
  if (namespace === null) problems.warning('no-namespace', line(['metadata']), { message: 'It names no namespace: it goes wherever kubectl points at that moment, perhaps away from the secret it needs.', fix: 'Set metadata.namespace.' });
  lintSpec(problems, job);
  lintPod(problems, job);
  const at = namespace === null ? '' : ` -n ${/^[a-z0-9-]+$/.test(namespace) ? namespace : 'NAMESPACE'}`;
  const shown = /^[a-z0-9.-]+$/.test(called ?? '') ? called ?? '' : 'NAME';
  problems.ask('kubectl apply --dry-run=server -f FILE');
  problems.ask(`kubectl${at} get cronjob ${shown}   # SUSPEND must be False, LAST SCHEDULE recent`);
  problems.ask(`kubectl${at} create job ${shown}-by-hand --from=cronjob/${shown} && kubectl${at} logs -f job/${shown}-by-hand   # must log: ${PURGED}`);
}

function lintSpec(problems: Problems, job: Found): void {
  const value = (name: string): unknown => valueAt(job, ['spec', name]);
  const line = (name: string): number | null => lineAt(job, ['spec', name]);
  const schedule = text(value('schedule'));
  if (schedule === null) problems.error('no-time', line('schedule'), { message: 'There is no schedule.', fix: 'Set schedule: "15 2 * * *"' });
  else if (/^(?:CRON_)?TZ=/.test(schedule)) problems.error('bad-schedule', line('schedule'), { message: 'The schedule names a time zone in itself, which Kubernetes refuses.', fix: 'Use timeZone: Etc/UTC beside it.' });
  else lintTime(problems, { times: cronTimes(schedule), schedule, line: line('schedule') });
  const zone = text(value('timeZone'));
  if (zone === null) problems.error('local-time', line('timeZone'), { message: 'Without timeZone the time is the local one of the controller of the cluster: where that has summer time, a run may be left out or made twice.', fix: 'Set timeZone: Etc/UTC' });
  else if (zone === 'Local' || zone === '') problems.error('bad-zone', line('timeZone'), { message: `timeZone ${excerpt(zone) || '""'} is refused by Kubernetes.`, fix: 'Set timeZone: Etc/UTC' });
  else if (!UTC.test(zone)) problems.error('local-time', line('timeZone'), { message: `The time is that of ${excerpt(zone)}: it may move with summer time.`, fix: 'Set timeZone: Etc/UTC' });
  if (value('suspend') === true || text(value('suspend')) === 'true') problems.error('suspended', line('suspend'), { message: 'suspend is true: it never runs.', fix: 'Set suspend: false.' });
  const concurrency = text(value('concurrencyPolicy'));
  if (concurrency !== 'Forbid') problems.warning('concurrency', line('concurrencyPolicy'), { message: concurrency === null ? 'Without concurrencyPolicy, two purges may run at once.' : `concurrencyPolicy is ${excerpt(concurrency)}: ${concurrency === 'Replace' ? 'a purge that takes long is killed by the next one' : 'two purges may run at once'}.`, fix: 'Set concurrencyPolicy: Forbid.' });
  const deadline = value('startingDeadlineSeconds');
  if (typeof deadline === 'number' && deadline < 10) problems.error('deadline', line('startingDeadlineSeconds'), { message: `startingDeadlineSeconds is ${deadline}: the controller looks every ten seconds, so that it may never start.`, fix: 'Set it to an hour: 3600.' });
  else if (deadline === undefined || deadline === null) problems.warning('deadline', line('startingDeadlineSeconds'), { message: 'Without startingDeadlineSeconds, a CronJob that missed more than a hundred runs does not start again by itself.', fix: 'Set startingDeadlineSeconds: 3600.' });
  for (const name of ['parallelism', 'completions'] as const) if (valueAt(job, [...JOB, name]) === 0) problems.error('no-pods', lineAt(job, [...JOB, name]), { message: `${name} is 0: no pod is started.`, fix: 'Take it out.' });
  if (valueAt(job, [...JOB, 'suspend']) === true) problems.error('suspended', lineAt(job, [...JOB, 'suspend']), { message: 'Its jobs are made suspended: they never run.', fix: 'Take it out.' });
}

function lintPod(problems: Problems, job: Found): void {
  const restart = text(valueAt(job, [...POD, 'restartPolicy']));
  if (restart !== 'Never' && restart !== 'OnFailure') problems.error('restart-policy', lineAt(job, [...POD, 'restartPolicy']), { message: `restartPolicy is ${excerpt(restart ?? 'missing, and so Always')}: Kubernetes refuses a job with it.`, fix: 'Set restartPolicy: Never.' });
  for (const key of ['env', 'envFrom', 'workingDir', 'command', 'args', 'image']) if (valueAt(job, [...POD, key]) !== undefined) problems.error('wrong-place', lineAt(job, [...POD, key]), { message: `${key} stands beside the containers, where Kubernetes knows no such field.`, fix: 'Put it into the container.' });
  const containers = valueAt(job, [...POD, 'containers']);
  if (!Array.isArray(containers) || containers.length === 0) {
    problems.error('no-containers', lineAt(job, POD), { message: 'There is no container.', fix: 'Add one that runs the script.' });
    return;
  }
  const purging = containers.findIndex((container) => MEANS_PURGE.test(JSON.stringify(container ?? null)));
  lintContainer(problems, job, [...POD, 'containers', Math.max(0, purging)]);
}

function lintContainer(problems: Problems, job: Found, at: Path): void {
  const value = (name: string): unknown => valueAt(job, [...at, name]);
  const line = (...path: Path): number | null => lineAt(job, [...at, ...path]);
  const image = text(value('image'));
  if (image === null || image === '') problems.error('no-image', line('image'), { message: 'The container has no image.', fix: 'Name the image of the backend.' });
  else if (!image.includes('@') && (!/:[^/]+$/.test(image) || image.endsWith(':latest')) && !image.startsWith('<<')) problems.warning('image-tag', line('image'), { message: `${excerpt(image)} names no fixed version: what the script does may change with the next pull.`, fix: 'Name the version that the backend runs, or its digest.' });
  const environment = new Map<string, string>();
  const env = value('env');
  if (env !== undefined && env !== null && !Array.isArray(env)) problems.error('env-type', line('env'), { message: 'env is no list: Kubernetes refuses it.', fix: 'Write each variable as an item with name and value.' });
  for (const [index, each] of (Array.isArray(env) ? env : []).entries()) {
    const { name, value: given, valueFrom } = (each ?? {}) as { readonly name?: unknown; readonly value?: unknown; readonly valueFrom?: unknown };
    const key = text(name);
    if (key === null) continue;
    if (valueFrom !== undefined && valueFrom !== null) {
      if (key === 'PYTHONPATH') environment.set(key, '$unknown');
      continue;
    }
    if (given !== undefined && given !== null && typeof given !== 'string') problems.error('env-type', line('env', index, 'value'), { message: `The value of ${excerpt(key)} is no text: Kubernetes refuses it.`, fix: 'Put it in quotes.' });
    const plain = (text(given) ?? '').replaceAll('$$', '$');
    environment.set(key, plain);
    lintEnvironment(problems, line('env', index), { name: key, value: plain });
  }
  for (const each of Array.isArray(value('envFrom')) ? value('envFrom') as readonly unknown[] : []) {
    const from = each as { readonly secretRef?: { readonly name?: unknown }; readonly configMapRef?: { readonly name?: unknown } } | null;
    const [kind, name] = [from?.secretRef === undefined ? 'configmap' : 'secret', text(from?.secretRef?.name ?? from?.configMapRef?.name)];
    if (name !== null && /^[a-z0-9.-]+$/.test(name)) problems.ask(`kubectl get ${kind} ${name}   # in its namespace: must be what the backend itself uses`);
  }
  const hasFile = Array.isArray(value('envFrom')) && (value('envFrom') as unknown[]).length > 0;
  if (!hasFile && ![...environment.keys()].some((name) => /DATABASE|DB_|POSTGRES|PG/.test(name)) && !(Array.isArray(env) && env.some((each) => MEANS_SETTINGS.test(text((each as { readonly name?: unknown } | null)?.name) ?? '')))) {
    problems.warning('no-settings', line(), { message: 'The container is given no settings of the backend: without the address of the database it purges nothing, or another one.', fix: 'Add envFrom with the secret that the backend itself uses.' });
  }
  const command = texts(value('command'));
  const args = texts(value('args'));
  const words = [...command, ...args].map((word) => word.replaceAll('$$', '$'));
  if (words.length === 0) {
    problems.error('no-command', line(), { message: 'The container has no command: it starts what the image starts, which is the server.', fix: `Set command to the Python of the image and ${PURGE_SCRIPT}.` });
    return;
  }
  const workdir = text(value('workingDir'));
  if (workdir !== null && !workdir.startsWith('/') && !workdir.startsWith('<<')) problems.error('relative-workdir', line('workingDir'), { message: `workingDir ${excerpt(workdir)} is no whole path.`, fix: 'Write it from / on.' });
  const where = line(command.length > 0 ? 'command' : 'args');
  const around = { line: where, workdir, environment, hasUnknownEnvironment: hasFile && !environment.has('PYTHONPATH'), keeps: 'the log of the container' as const };
  const shell = /(?:^|\/)(?:ba|da|z|k|a)?sh$/.test(words[0] ?? '') ? words.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word)) : -1;
  const { isPurge } = shell === -1 ? lintWords(problems, words, around) : lintCommand(problems, words[shell + 1] ?? '', around);
  if (!isPurge) problems.error('no-purge', where, { message: 'The command does not run the script that purges.', fix: `Run ${PURGE_SCRIPT} of the repository.` });
  if (command.length === 1 && /\s/.test(command[0] ?? '') && shell === -1) problems.error('one-word', where, { message: 'The whole command stands in one word: Kubernetes looks for a program of that name.', fix: 'Write each word as an item of the list.' });
}

const MEANS_SETTINGS = /DATABASE|DB_|POSTGRES|PG/;
