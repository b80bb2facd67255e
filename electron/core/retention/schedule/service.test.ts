// The files that are written for a deployment: exact, quoted for their format, clean under our own lint and under systemd's, and no value leaves its field.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { ParsedInput } from '#shared/contract.ts';
import type { ScheduleFiles } from '#shared/domain/retention-schedule.ts';
import { SCHEDULE_KINDS } from '#shared/domain/retention-schedule.ts';
import type { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import { createSchedules } from './service.ts';
import { readUnits, undoPercent, unitWords } from './unit-file.ts';
import { forCron, forExec, forShell, nameFor, PURGE_SCRIPT } from './values.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-schedule-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const schedules = createSchedules({ deployments: { get: (id: string) => ({ id, name: 'Acme prod', kind: id === 'd_karen' ? 'karen' : 'navi' }) } as unknown as DeploymentsService });
type Given = Omit<ParsedInput<'retention.schedule'>, 'deploymentId' | 'kind'>;
const WHOLE = { workdir: '/srv/navi', python: '/srv/navi/.venv/bin/python', image: 'ghcr.io/acme/navi:2026.11', namespace: 'navi-prod' };
const made = (kind: ScheduleFiles['kind'], given: Given = WHOLE): ScheduleFiles => schedules.schedule({ deploymentId: 'd_1', kind, ...given });
const textOf = (files: ScheduleFiles): string => files.files.map(({ text }) => text).join('');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.each(SCHEDULE_KINDS)('%s', (kind) => {
  it('with everything given, nothing is left open and our own lint finds nothing', () => {
    const { files, placeholders, steps, notes } = made(kind);
    expect(placeholders).toEqual([]);
    for (const { text, name, check } of files) {
      expect(schedules.lint({ text, name }).problems).toEqual([]);
      expect(schedules.lint({ text, name: '' }).problems).toEqual([]);
      expect(text.endsWith('\n')).toBe(true);
      expect(check).not.toBe('');
    }
    expect(notes.join(' ')).toContain('Purged N audit rows older than …');
    expect(steps.length).toBeGreaterThan(3);
  });

  it('what is not given stays a marked placeholder, which lint refuses', () => {
    const { files, placeholders, notes } = made(kind, {});
    expect(placeholders).toEqual(kind === 'kubernetes' ? ['<<NAMESPACE>>', '<<IMAGE>>', '<<WORKDIR>>', '<<PYTHON>>'] : ['<<WORKDIR>>', '<<PYTHON>>']);
    expect(notes[0]).toContain('Placeholders are left');
    const found = files.flatMap(({ text, name }) => schedules.lint({ text, name }).problems);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ rule, level }) => `${level} ${rule}`))).toEqual(new Set(['error placeholder']));
    for (const name of placeholders) expect(found.some(({ message }) => message.startsWith(name))).toBe(true);
  });

  it('keeps the documented form out: no make, no shell but the one that cron has, the folder and PYTHONPATH', () => {
    const text = textOf(made(kind));
    expect(text).not.toMatch(/\bmake\b|\|\| true|\/dev\/null/);
    expect(text).toContain('PYTHONPATH');
    expect(text).toContain('/srv/navi');
  });
});

it('a crontab line says in which time it is, keeps what the script says, and is one line', () => {
  expect(made('cron').files[0]?.text.split('\n').slice(2)).toEqual(['CRON_TZ=UTC', `15 2 * * * cd /srv/navi && PYTHONPATH=/srv/navi /srv/navi/.venv/bin/python ${PURGE_SCRIPT} >> "$HOME/navi-audit-purge-acme-prod.log" 2>&1`, '']);
});

it('an AI-Karen has no schedule', () => {
  expect(() => schedules.schedule({ deploymentId: 'd_karen', kind: 'cron' })).toThrow(expect.objectContaining({ code: 'not_offered' }) as AppError);
});

it.each(['Ünïcode Ⅻ', '2026', 'a  b__c', 'x'.repeat(64), 'ж', 'Ends-'])('a name for units and objects out of %j', (name) => {
  expect(nameFor(name)).toMatch(/^[a-z0-9](?:[-a-z0-9]{0,50}[a-z0-9])$/);
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom('"', "'", '$', '$(id)', '$$', '`id`', '%', '%%', '%n', '%i', '\n', '\r', '\\', ' ', '  ', ';', ' && rm -rf /', '|', '#', '&', '../', '/', 'a', 'é', '\u2028', '\u0085', '{x}', '*', '!', '~', '=', '<<WORKDIR>>', '<<', ':', ' ;', '-', ', ', ': ', '- ', '&a', '*a', '@'), { maxLength: 12 }).map((parts) => parts.join('')),
).map((tail) => `/srv/${tail}`.trim());

/** As the cron of Vixie does before it hands the line to a shell. */
const asCron = (command: string): string => {
  const at = /(?<!\\)%/.exec(command)?.index;
  expect(at, 'no bare percent sign').toBeUndefined();
  return command.replaceAll('\\%', '%');
};
/** As Kubernetes does in command and env. */
const asContainer = (value: string): string => value.replaceAll(/\$\$|\$\([^)]*\)/g, (found) => (found === '$$' ? '$' : '?'));

describe('a hostile --workdir or --python', () => {
  it('is refused, or stays in its field in every format (property)', () => {
    let kept = 0;
    fc.assert(fc.property(hostile, hostile, (workdir, python) => {
      let files: Record<string, ScheduleFiles>;
      try {
        files = Object.fromEntries(SCHEDULE_KINDS.map((kind) => [kind, made(kind, { ...WHOLE, workdir, python })]));
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_input' });
        return;
      }
      kept += 1;
      const [cron, systemd, kubernetes] = [files['cron'], files['systemd'], files['kubernetes']].map((each) => each as ScheduleFiles) as [ScheduleFiles, ScheduleFiles, ScheduleFiles];
      const object = parse(textOf(kubernetes)) as { readonly spec: { readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly workingDir: string; readonly command: readonly string[]; readonly env: readonly { readonly value: string }[] }[] } } } } } };
      const container = object.spec.jobTemplate.spec.template.spec.containers[0];
      const folderOf = container?.workingDir ?? '';
      expect(workdir.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1')).toBe(folderOf);
      expect(container?.env.map(({ value }) => asContainer(value))).toEqual([folderOf]);
      const [program = '', script = ''] = (container?.command ?? []).map(asContainer);
      expect(script).toBe(`${folderOf}/${PURGE_SCRIPT}`);
      expect(cronJob.safeParse(object).error?.issues).toBeUndefined();

      const lines = textOf(cron).split('\n');
      expect(lines).toHaveLength(5);
      expect(lines[3]?.startsWith('15 2 * * * ')).toBe(true);
      expect(asCron((lines[3] ?? '').slice(11))).toBe(`cd ${forShell(folderOf)} && PYTHONPATH=${forShell(folderOf)} ${forShell(program)} ${PURGE_SCRIPT} >> "$HOME/navi-audit-purge-acme-prod.log" 2>&1`);

      const text = systemd.files[0]?.text ?? '';
      expect(text.split('\n')).toHaveLength(systemdLines);
      const [unit] = readUnits(text);
      const value = (key: string): string => unit?.settings.find((each) => each.key === key)?.value ?? '';
      expect(undoPercent(value('WorkingDirectory'))).toBe(folderOf);
      expect(unitWords(undoPercent(value('Environment')))).toEqual([`PYTHONPATH=${folderOf}`, 'PYTHONDONTWRITEBYTECODE=1']);
      expect(unitWords(undoPercent(value('ExecStart')))?.map((word) => word.replaceAll('$$', '$'))).toEqual([...(/['"$]/.test(program) ? ['/usr/bin/env'] : []), program, script]);
      for (const each of [cron, systemd, kubernetes]) expect(each.files.flatMap(({ text: whole, name }) => schedules.lint({ text: whole, name }).problems).filter(({ level, rule }) => level === 'error' && rule !== 'wrong-script')).toEqual([]);
    }), { seed, numRuns: isLong ? 5000 : 1000 });
    expect(kept).toBeGreaterThan(20);
  });

  it('is one word for a real shell', () => {
    const values = fc.sample(hostile, { seed, numRuns: 300 }).filter((value) => !/[\0\ud800-\udfff]/.test(value));
    const { stdout, status } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${values.map((value) => asCron(forCron(forShell(value.replaceAll('\\', ''))))).join(' ')}`], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout.split('\0').slice(0, -1)).toEqual(values.map((value) => value.replaceAll('\\', '')));
  });

  it('never becomes a prefix, a specifier or a variable in ExecStart=', () => {
    expect(forExec('/a%n$HOME "x"')).toBe('"/a%%n$$HOME \\"x\\""');
  });
});

it.skipIf(!hasSystemd)('systemd itself accepts the units, also with quotes, spaces, percent and dollar signs in them (skipped where systemd-analyze is not installed)', () => {
  for (const [index, name] of ['plain', "na vi 100%n 'q' \"d\" $HOME é; #x"].entries()) {
    const workdir = join(folder, `${index}`, name);
    mkdirSync(join(workdir, 'bin'), { recursive: true });
    const python = join(workdir, 'bin/python');
    writeFileSync(python, '#!/bin/sh\n');
    chmodSync(python, 0o755);
    const units = join(folder, `units-${index}`);
    mkdirSync(units);
    const { files } = made('systemd', { ...WHOLE, workdir, python });
    for (const each of files) writeFileSync(join(units, each.name), each.text);
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files.map((each) => join(units, each.name))], { encoding: 'utf8' });
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('navi-audit-purge'));
    expect({ said, status }).toEqual({ said: [], status: 0 });
  }
  const broken = join(folder, 'broken.service');
  writeFileSync(broken, (made('systemd').files[0]?.text ?? '').replace('Type=oneshot', 'Type=nothing').replace('ExecStart=', 'ExecStartNot='));
  expect(spawnSync('systemd-analyze', ['verify', '--man=no', broken], { encoding: 'utf8' }).status, 'it can refuse').not.toBe(0);
});

const systemdLines = (made('systemd').files[0]?.text ?? '').split('\n').length;
const name63 = z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/);
const labels = z.record(z.string(), z.string().max(63).regex(/^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/));
const quantity = z.string().regex(/^\d+(?:m|Mi|Gi)?$/);
/** The fields that are used, as the API reference of Kubernetes (v1.31: CronJob, JobSpec, PodSpec and Container of batch/v1 and core/v1) gives their names, types and choices; strict, so that a misspelt one is found. */
const cronJob = z.strictObject({
  apiVersion: z.literal('batch/v1'), kind: z.literal('CronJob'),
  metadata: z.strictObject({ name: name63.max(52), namespace: name63, labels }),
  spec: z.strictObject({
    schedule: z.string(), timeZone: z.literal('Etc/UTC'), concurrencyPolicy: z.enum(['Allow', 'Forbid', 'Replace']), startingDeadlineSeconds: z.int().min(10), suspend: z.literal(false),
    successfulJobsHistoryLimit: z.int().min(0), failedJobsHistoryLimit: z.int().min(0),
    jobTemplate: z.strictObject({
      spec: z.strictObject({
        backoffLimit: z.int().min(0), activeDeadlineSeconds: z.int().min(1),
        template: z.strictObject({
          metadata: z.strictObject({ labels }),
          spec: z.strictObject({
            restartPolicy: z.enum(['Never', 'OnFailure']), automountServiceAccountToken: z.boolean(),
            containers: z.array(z.strictObject({
              name: name63, image: z.string().min(1), workingDir: z.string().min(1), command: z.array(z.string().min(1)).min(1),
              env: z.array(z.strictObject({ name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), value: z.string() })),
              envFrom: z.array(z.strictObject({ secretRef: z.strictObject({ name: name63 }) })),
              securityContext: z.strictObject({ allowPrivilegeEscalation: z.boolean(), capabilities: z.strictObject({ drop: z.array(z.string()) }) }),
              resources: z.strictObject({ requests: z.strictObject({ cpu: quantity, memory: quantity }), limits: z.strictObject({ memory: quantity }) }),
            })).length(1),
          }),
        }),
      }),
    }),
  }),
});

it('the CronJob is one for the API of Kubernetes', () => {
  const object: unknown = parse(textOf(made('kubernetes')));
  expect(cronJob.safeParse(object).error?.issues).toBeUndefined();
  expect(textOf(made('kubernetes'))).not.toMatch(/[&*]a\d/);
  // Readers of YAML 1.1, as kubectl is one, take these for something else where they stand bare.
  for (const namespace of ['on', 'no', '1e3', '0x10', 'null', '12']) expect(textOf(made('kubernetes', { ...WHOLE, namespace }))).toContain(`namespace: "${namespace}"`);
});

it.each([
  ['workdir', 'srv/navi'], ['workdir', '/srv/../etc'], ['workdir', '/a:b'], ['workdir', '/a\nExecStart=/bin/sh'], ['workdir', '/a\\'], ['workdir', '/<<WORKDIR>>'], ['python', 'python3'], ['python', '/usr/bin/py\tthon'],
  ['image', 'a b'], ['image', 'x\ny'], ['image', '--help'], ['image', 'UPPER/case'], ['namespace', 'a.b'], ['namespace', '-x'], ['namespace', 'Upper'], ['namespace', 'a\nb'],
])('--%s %j is refused', (option, value) => {
  expect(() => made('kubernetes', { ...WHOLE, [option]: value })).toThrow(expect.objectContaining({ code: 'invalid_input' }) as AppError);
});

it.each(['python:3.12', 'localhost:5000/a/b', 'ghcr.io/acme/navi@sha256:'.concat('a'.repeat(64)), 'images.example.com/a/b_c/d-e:v1.2'])('the image %s is taken', (image) => {
  expect(textOf(made('kubernetes', { ...WHOLE, image }))).toContain(`image: "${image}"`);
});

