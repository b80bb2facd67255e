// Runs between people on the command line: written to a file, the folder that is watched, what one is called, and whose key is trusted.
import { basename, resolve } from 'node:path';
import type { Identity } from '#shared/contract/runbook.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, utc } from '../print.ts';
import type { Cell, Look } from '../print.ts';
import { outFile, OVERWRITE, refuseExisting } from './out-file.ts';
import { describeIdentities, describeIdentity } from './runbook-merge-text.ts';
import { refuseUnknown, RUN, runNamed } from './runbook-named.ts';

const exportRun = command({
  words: ['runbook', 'export'],
  summary: 'Write a run to a file that is signed, for somebody who imports it and works on.',
  arguments: [RUN],
  options: {
    out: { type: 'text', value: 'FILE', required: true, about: 'the file to write; one that exists is refused' }, overwrite: OVERWRITE,
    'without-evidence': { type: 'flag', about: 'only the digests of the evidence, not the files' },
  },
  notes: ['The file is not encrypted: it holds the runbook, every event and the evidence, for whoever reads it.'],
}, async ({ args: [run], options }, context) => {
  const path = outFile(options.out, ['runbook', 'export']);
  refuseExisting(path, options.overwrite);
  const { runId, written } = await context.serve(['run.list', 'run.export'], async (app) => {
    const meant = await runNamed(app, run);
    return { runId: meant, written: await app.call('run.export', { runId: meant, path, overwrite: options.overwrite, withEvidence: !options['without-evidence'] }) };
  });
  return { document: { run: runId, ...written }, text: `${say`Wrote ${counted(written.events, 'event')} of ${runId}.`}\n\n${fields([['File', written.path], ['Bytes', written.bytes], ['SHA-256', written.sha256]], context.look)}` };
});

interface Watching { readonly path: string | null; readonly lastAt: string | null; readonly problem: string | null }

function describeWatching({ path, lastAt, problem }: Watching, look: Look): string {
  if (path === null) return 'No folder is watched.';
  return fields([['Folder', path], ...(lastAt === null ? [] : [['Looked', utc(lastAt)] as const]), ['Problem', problem === null ? 'none seen' : { text: problem, tone: 'bad' } satisfies Cell]], look);
}

const watch = command({
  words: ['runbook', 'watch'],
  summary: 'Share runs by a folder: join what lies there, and write there what this profile recorded.',
  arguments: [{ name: 'FOLDER', type: 'text', about: 'the folder; it exists already. Left out: say which one is watched', optional: true }],
  options: { off: { type: 'flag', about: 'watch none any more' } },
  notes: ['The command looks once and ends. An open window looks every few seconds. Give the folder again to look again.', 'Exit code 3 when something there could not be joined.'],
}, async ({ args: [folder], options }, context) => {
  if (folder !== null && options.off) throw new UsageError('Give either a folder or --off.', ['runbook', 'watch']);
  if (folder === null && !options.off) {
    const found = await context.serve(['run.watching'], (app) => app.call('run.watching', {}));
    return { document: found, text: describeWatching(found, context.look) };
  }
  const set = await context.serve(['run.watch'], (app) => app.call('run.watch', { path: folder === null ? null : resolve(folder) }));
  return {
    document: set, text: describeWatching(set, context.look),
    ...(set.problem === null ? {} : { failing: { code: 'run_file_damaged', message: set.problem, hint: `The folder ${basename(set.path ?? '')} stays watched. Mend that, then give the folder again.` } }),
  };
});

const identity = command({
  words: ['runbook', 'identity'],
  summary: 'Show the key under which this profile signs, and the keys of others that were met. With --name: say what you are called.',
  arguments: [],
  options: { name: { type: 'text', value: 'NAME', about: 'what others see beside your key' } },
}, async ({ options: { name } }, context) => {
  if (name !== undefined) {
    const renamed = await context.serve(['identity.rename'], (app) => app.call('identity.rename', { name }));
    return { document: renamed, text: describeIdentity(renamed, context.look) };
  }
  const found = await context.serve(['identity.list'], (app) => app.call('identity.list', {}));
  return { document: found, text: describeIdentities(found, context.look) };
});

const trust = command({
  words: ['runbook', 'trust'],
  summary: 'Trust the key of somebody, after comparing its fingerprint with them by another way.',
  arguments: [{ name: 'FINGERPRINT', type: 'text', about: 'all 64 digits, as runbook identity shows them' }],
  options: { name: { type: 'text', value: 'WHO', required: true, about: 'whose key it is' }, revoke: { type: 'flag', about: 'judge that it is not to be trusted: what it says then changes nothing' } },
  notes: ['A name that a key gives itself proves nothing.'],
}, async ({ args: [typed], options }, context) => {
  // People write digits in groups.
  const fingerprint = typed.toLowerCase().replaceAll(/[\s:.-]/g, '');
  const judged = await context.serve(['identity.list', 'identity.trust'], async (app): Promise<Identity> => {
    const { others } = await app.call('identity.list', {});
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) refuseUnknown('identity_not_found', { message: 'A fingerprint has 64 digits, and a part of one does not tell keys apart. Nothing was changed.', typed: fingerprint, choices: others.map((each) => each.fingerprint), none: 'No key of somebody else was met yet: import a file of that person first.' });
    return app.call('identity.trust', { fingerprint, name: options.name, isTrusted: !options.revoke });
  });
  return { document: judged, text: describeIdentity(judged, context.look) };
});

export const runbookShareCommands: readonly Command[] = [exportRun];
export const runbookPeopleCommands: readonly Command[] = [identity, trust, watch];
