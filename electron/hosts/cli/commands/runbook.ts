// Runbooks on the command line: the list, one whole, what is wrong with a file, bringing one in, and a sheet to print. Nobody is asked.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { RUNBOOK_FORMAT } from '#shared/domain/runbook-pack.ts';
import { command } from '../command.ts';
import type { Command, Result, Served } from '../command.ts';
import { counted, fields, say } from '../print.ts';
import type { Look } from '../print.ts';
import { outFile, OVERWRITE, refuseExisting } from './out-file.ts';
import { describeMerge, faultOf } from './runbook-merge-text.ts';
import { PACK, packNamed } from './runbook-named.ts';
import { describeList, describePack } from './runbook-pack-text.ts';

/** Enough of a file to know what it is. */
const PEEK_BYTES = 65_536;

const list = command({
  words: ['runbook', 'list'],
  summary: 'List the runbooks that ship with Holdfast and those that were imported.',
  arguments: [],
  options: {},
  notes: ['Runs are listed by "holdfast runbook status" without a run.'],
}, async (_input, context) => {
  const found = await context.serve(['runbook.list'], (app) => app.call('runbook.list', {}));
  return { document: found, text: describeList(found.runbooks, context.look) };
});

const show = command({
  words: ['runbook', 'show'],
  summary: 'Show a runbook whole: when to use it, its roles and every step.',
  arguments: [PACK],
  options: {},
}, async ({ args: [typed] }, context) => {
  const found = await context.serve(['runbook.list', 'runbook.show'], async (app) => app.call('runbook.show', { id: await packNamed(app, typed) }));
  return { document: found, text: describePack(found, context.look) };
});

const lint = command({
  words: ['runbook', 'lint'],
  summary: 'Find everything that is wrong with the file of a runbook, by line and column. Asks nobody.',
  arguments: [{ name: 'FILE', type: 'text', about: 'the runbook, in YAML' }],
  options: {},
  notes: ['Exit code 0 when it is sound, 3 when it is not.'],
}, async ({ args: [file] }, context) => {
  const path = resolve(file);
  const found = await context.serve(['runbook.lint'], (app) => app.call('runbook.lint', { path }));
  const { problems, id, steps } = found;
  if (problems.length === 0) return { document: found, text: say`${basename(path)} is sound: ${id ?? ''}, ${counted(steps, 'step')}.` };
  return {
    document: found, text: problems.map(({ line, column, message }) => say`${file}:${line}:${column}: ${message}`).join('\n'),
    failing: { code: 'invalid_runbook', message: `${basename(path)} is not sound: ${counted(problems.length, 'problem')}.`, hint: 'Mend each where it stands, then lint again.' },
  };
});

const NOTES_IMPORT = ['A runbook needs an id of its own, or a later version than the one that is here. One that is not sound is refused.'];

async function importPack(app: Served<'runbook.import'>, path: string, look: Look): Promise<Result> {
  const head = await app.call('runbook.import', { path });
  return { document: { imported: 'runbook', ...head }, text: `${say`${basename(path)} is a runbook (YAML). It was imported.`}\n\n${fields([['Runbook', head.id], ['Title', head.title], ['Version', head.version], ['Steps', head.steps], ['SHA-256', head.digest]], look)}` };
}

const bringIn = command({
  words: ['runbook', 'import-pack'],
  summary: 'Bring the file of a runbook in, so that runs of it can be started.',
  arguments: [{ name: 'FILE', type: 'text', about: 'the runbook, in YAML' }],
  options: {},
  notes: NOTES_IMPORT,
}, ({ args: [file] }, context) => context.serve(['runbook.import'], (app) => importPack(app, resolve(file), context.look)));

/** The form is named by a key at the left; a later version of it is still a runbook, and is refused as one. */
const SAYS_RUNBOOK = new RegExp(`^format: *["']?${RUNBOOK_FORMAT.replace(/\d+$/, '').replaceAll('.', '\\.')}`, 'm');

/** By what it says of itself in its first lines, or by its name; a run is JSON, and what cannot be read is taken for one. */
function isRunbook(path: string): boolean {
  let handle: number | null = null;
  try {
    // A pipe would wait for somebody to write into it.
    if (!statSync(path).isFile()) return false;
    handle = openSync(path, 'r');
    const bytes = Buffer.alloc(PEEK_BYTES);
    const text = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0)).toString('utf8').replace(/^\ufeff/, '');
    return !text.trimStart().startsWith('{') && (SAYS_RUNBOOK.test(text) || /\.ya?ml$/i.test(path));
  } catch {
    return false;
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

const join = command({
  words: ['runbook', 'import'],
  summary: 'Join the file of a run with what is here, and tell what came from whom. A runbook in YAML is brought in instead.',
  arguments: [{ name: 'FILE', type: 'text', about: 'a run, as runbook export wrote it; or a runbook' }],
  options: {},
  notes: ['Exit code 3 when events were refused or are missing: what was sound is taken all the same, and the rest is named.', 'What a key says that is not trusted yet is shown, and is no sign-off and no review.'],
}, ({ args: [file] }, context) => {
  const path = resolve(file);
  if (isRunbook(path)) return context.serve(['runbook.import'], (app) => importPack(app, path, context.look));
  return context.serve(['run.import'], async (app): Promise<Result> => {
    const report = await app.call('run.import', { path });
    const fault = faultOf(report);
    return {
      document: { imported: 'run', ...report }, text: describeMerge(report, context.look),
      ...(fault === null ? {} : { failing: { code: 'run_file_damaged', message: `The history in ${basename(path)} is not whole or not sound: ${fault}. What was sound was taken.`, hint: 'Ask for the file again, by another way.' } }),
    };
  });
});

const blank = command({
  words: ['runbook', 'blank'],
  summary: 'Write a sheet of a runbook to print and fill in by hand, as PDF.',
  arguments: [PACK],
  options: { out: { type: 'text', value: 'FILE', required: true, about: 'the file to write; one that exists is refused' }, overwrite: OVERWRITE },
}, async ({ args: [typed], options }, context) => {
  const path = outFile(options.out, ['runbook', 'blank']);
  refuseExisting(path, options.overwrite);
  const written = await context.serve(['runbook.list', 'runbook.blank'], async (app) => app.call('runbook.blank', { id: await packNamed(app, typed), path, overwrite: options.overwrite }));
  return { document: written, text: fields([['File', written.path], ['Bytes', written.bytes], ['SHA-256', written.sha256]], context.look) };
});

export const runbookCommands: readonly Command[] = [list, show, lint, bringIn, blank];
export const runbookImportCommands: readonly Command[] = [join];
