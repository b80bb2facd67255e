// Schedules for a deployment's purge: written for cron, systemd or Kubernetes, and the lint of one that an admin has. Nobody is asked.
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { SCHEDULE_KINDS } from '#shared/domain/retention-schedule.ts';
import type { LintReport, ScheduleFiles } from '#shared/domain/retention-schedule.ts';
import { visibleBlock } from '#shared/domain/visible-text.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { counted, fields, say, table } from '../print.ts';
import type { Cell, Look } from '../print.ts';
import { deploymentNamed, NAME } from './named.ts';
import { OVERWRITE, refuseExisting } from './out-file.ts';
import { bullets } from './retention-text.ts';

const LINT_BYTES = 262_144;
const NAME_MAX = 255;

const schedule = command({
  words: ['retention', 'schedule'],
  summary: 'Make the files with which a deployment purges by itself, with the commands that check them.',
  arguments: [NAME],
  options: {
    as: { type: 'text', value: 'KIND', required: true, choices: SCHEDULE_KINDS, about: 'what runs it' },
    workdir: { type: 'text', value: 'DIR', about: 'root of the backend\'s repository on its machine, or in the image' },
    python: { type: 'text', value: 'PATH', about: 'the Python with the backend\'s packages' },
    image: { type: 'text', value: 'IMAGE', about: 'for kubernetes: the image of the backend' },
    namespace: { type: 'text', value: 'NS', about: 'for kubernetes: where it runs' },
    out: { type: 'text', value: 'DIR', about: 'the folder to write the files into, made where it is missing; left out: they are printed' },
    overwrite: { ...OVERWRITE, about: 'let the files take the place of those that exist' },
  },
  notes: ['What is left out stays a marked placeholder: retention lint refuses it. Nothing is installed.'],
}, async ({ args: [name], options: { as: kind, out, overwrite, workdir, python, image, namespace } }, context) => {
  const given = Object.fromEntries(Object.entries({ workdir, python, image, namespace }).filter(([, value]) => value !== undefined));
  const made = await context.serve(['deployment.list', 'retention.schedule'], async (app) => app.call('retention.schedule', { deploymentId: (await deploymentNamed(app, name)).id, kind, ...given }));
  const written = out === undefined ? [] : await writeAll(resolve(out), made.files, overwrite);
  return { document: { ...made, written }, text: describe(made, written, context.look) };
});

async function writeAll(folder: string, files: ScheduleFiles['files'], overwrite: boolean): Promise<string[]> {
  const paths = files.map((file) => join(folder, basename(file.name)));
  for (const path of paths) refuseExisting(path, overwrite);
  const done: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [index, path] of paths.entries()) {
      const beside = `${path}.${process.pid}.part`;
      try {
        await writeFile(overwrite ? beside : path, files[index]?.text ?? '', { flag: 'wx', flush: true });
        if (overwrite) await rename(beside, path);
      } catch (error) {
        if (overwrite) await rm(beside, { force: true });
        throw error;
      }
      done.push(path);
    }
    return done;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const kept = `${counted(done.length, 'file')} of ${paths.length} were written.`;
    if (code === 'EEXIST') throw new AppError('file_exists', { message: `There is a file already where one was to be written. ${kept}`, hint: 'Give another folder, or --overwrite.', cause: error });
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AppError('disk_full', { message: `The disk is full. ${kept}`, hint: 'Make room, then run the command again with --overwrite.', cause: error });
    throw new AppError('file_unwritable', { message: `The files could not be written (${code ?? 'unknown'}). ${kept}`, hint: 'Give a folder that you may write to.', cause: error });
  }
}

function describe({ files, steps, notes }: ScheduleFiles, written: readonly string[], look: Look): string {
  const shown = written.length > 0
    ? [fields(written.map((path, index) => ['Wrote', `${path}, for ${files[index]?.place ?? ''}`]), look)]
    : files.map(({ name, place, text }) => `${say`--- ${name}, for ${place}`}\n${visibleBlock(text.trimEnd())}`);
  return [
    ...shown, ...bullets('To set it up, in this order:', steps), ...bullets('To check it:', [...new Set(files.map(({ check }) => check))]),
    ...bullets('Know as well:', notes),
  ].join('\n\n');
}

const lint = command({
  words: ['retention', 'lint'],
  summary: 'Find what is wrong with a crontab, systemd unit, CronJob or command that purges. Asks nobody.',
  arguments: [{ name: 'FILE', type: 'text', about: 'the file, or - for standard input' }],
  options: {},
  notes: ['Exit code 0 only without an error; 3 with one. Whether it runs can only be told on its machine: the commands for that are listed.'],
}, async ({ args: [file] }, context) => {
  const path = resolve(file);
  const text = file === '-' ? await context.readText('schedule', LINT_BYTES) : readWhole(path);
  const report = await context.serve(['retention.lint'], (app) => app.call('retention.lint', { text, name: file === '-' ? '' : path.slice(-NAME_MAX) }));
  const errors = report.problems.filter(({ level }) => level === 'error').length;
  return {
    document: report, text: describeLint(report, context.look),
    ...(errors === 0 ? {} : { failing: { code: 'schedule_faulty' as const, message: `${counted(errors, 'error')}: as it is, it does not delete, or not what it should, or not at a time that is certain.`, hint: 'Mend each, then lint again; retention schedule writes files that have none.' } }),
  };
});

function readWhole(path: string): string {
  const name = basename(path);
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const bytes = Buffer.alloc(LINT_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) read = readSync(handle, bytes, length, bytes.length - length, null);
    if (length > LINT_BYTES) throw new AppError('too_large', { message: `${name} is larger than ${LINT_BYTES / 1024} KiB. Nothing was looked at.`, hint: 'A schedule is a small file.' });
    // A byte order mark is a finding.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new AppError('file_not_found', { message: `There is no file ${name}.`, hint: 'Check the path.', cause: error });
    throw new AppError('file_unreadable', { message: `${name} cannot be read as text. Nothing was looked at.`, hint: 'Give a text file (UTF-8) that you may read.', cause: error });
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

function describeLint({ kind, problems, ask }: LintReport, look: Look): string {
  const rows = problems.map(({ level, line, rule, message, fix }): Cell[] => [{ text: level, tone: level === 'error' ? 'bad' : 'doubtful' }, line, rule, `${message} ${fix}`]);
  return [
    problems.length === 0 ? `Taken for ${kind}: no problem was found.` : `Taken for ${kind}:\n\n${table([{ title: 'LEVEL' }, { title: 'LINE', align: 'right' }, { title: 'RULE' }, { title: 'WHAT IS WRONG, AND WHAT TO DO' }], rows, look)}`,
    ...bullets('Only its machine can tell the rest:', ask),
  ].join('\n\n');
}

export const retentionScheduleCommands: readonly Command[] = [schedule, lint];
