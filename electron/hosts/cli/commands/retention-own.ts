// What this workstation itself keeps of deployments, and for how long: the rule, what it would remove, and removing it.
import type { OwnPolicy, OwnPreview } from '#shared/domain/retention-own.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, table, utc } from '../print.ts';
import type { Look } from '../print.ts';
import { quoted, size } from './retention-text.ts';

const KEEP = 'keep';

/** Days from 1 to 36500, or "keep" as null. */
function daysOf(option: string, text: string): number | null {
  if (text === KEEP) return null;
  const days = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(days <= 36_500)) throw new UsageError(`--${option} must be a number of days from 1 to 36500, or ${KEEP}.`, ['retention', 'own']);
  return days;
}

const option = (what: string, kept: string) => ({ type: 'text', value: 'DAYS', about: `remove ${what} after so many days; ${KEEP}: ${kept}` }) as const;
const FILES_STAY = 'never, also when the deployment is removed';

function describePolicy({ rowDays, exportDays, reportDays }: OwnPolicy, look: Look): string {
  const words = (days: number | null): string => (days === null ? 'kept' : `${counted(days, 'day')}`);
  return fields([['Cached rows', words(rowDays)], ['Exports', words(exportDays)], ['Reports', words(reportDays)]], look);
}

const policy = command({
  words: ['retention', 'own'],
  summary: 'Show or set how long this workstation keeps cached rows, exports and reports. It removes nothing by itself.',
  arguments: [],
  options: { 'set-rows': option('cached rows, by the age of the row,', 'not before the deployment is removed'), 'set-exports': option('exports that were written from here', FILES_STAY), 'set-reports': option('reports that were written from here', FILES_STAY) },
  notes: ['The ledger and rows under a legal hold are never removed. retention own preview says what would go, retention own purge removes it.'],
}, async ({ options }, context) => {
  const given = [['rowDays', 'set-rows'], ['exportDays', 'set-exports'], ['reportDays', 'set-reports']] as const;
  const changes = Object.fromEntries(given.flatMap(([key, name]) => {
    const text = options[name];
    return text === undefined ? [] : [[key, daysOf(name, text)]];
  })) as Partial<OwnPolicy>;
  const found = Object.keys(changes).length === 0
    ? await context.serve(['retention.ownPolicy'], (app) => app.call('retention.ownPolicy', {}))
    : await context.serve(['retention.ownPolicy', 'retention.setOwnPolicy'], async (app) => app.call('retention.setOwnPolicy', { ...await app.call('retention.ownPolicy', {}), ...changes }));
  return { document: found, text: describePolicy(found, context.look) };
});

/** What must be typed to remove it. */
const confirmOf = ({ rows, files }: OwnPreview): string => `${counted(rows.due + rows.released, 'row')}, ${counted(files.filter(({ state }) => state === 'due').length, 'file')}`;

function describePreview(preview: OwnPreview, look: Look): string {
  const { rows, files, copies, deployments, cutoffs } = preview;
  const words = (cutoff: string | null): string => (cutoff === null ? 'kept' : `before ${utc(cutoff)}`);
  const head = fields([
    ['Rows', `${words(cutoffs.rows)}: ${rows.due} would go (${size(rows.bytes)}), ${rows.held} are kept by holds, ${rows.kept} stay`], ['Released', `${counted(rows.released, 'row')} of released holds would leave the vault`],
    ['Exports', words(cutoffs.exports)], ['Reports', words(cutoffs.reports)], ['Old copies', copies.length === 0 ? 'none' : `${counted(copies.length, 'copy', 'copies')} of the cache, ${size(copies.reduce((sum, { bytes }) => sum + bytes, 0))}, would go too`],
  ], look);
  return [
    head,
    ...(deployments.length === 0 ? [] : [table([{ title: 'DEPLOYMENT', cut: true }, { title: 'WOULD GO', align: 'right' }, { title: 'HELD', align: 'right' }], deployments.map(({ name, due, held }) => [name, due, held]), look)]),
    ...(files.length === 0 ? [] : [table([{ title: 'FILE' }, { title: 'KIND' }, { title: 'WRITTEN' }, { title: '' }], files.map(({ path, kind, writtenAt, state }) => [path, kind, utc(writtenAt), state === 'due' ? 'would go' : state === 'changed' ? 'changed since, so it is left' : 'gone already']), look)]),
  ].join('\n\n');
}

const withoutToken = ({ token: _token, ...preview }: OwnPreview & { readonly token: string }): OwnPreview => preview;

const preview = command({
  words: ['retention', 'own', 'preview'],
  summary: 'Say what this workstation\'s own rule would remove now.',
  arguments: [],
  options: {},
}, async (_input, context) => {
  const found = withoutToken(await context.serve(['retention.ownPreview'], (app) => app.call('retention.ownPreview', {})));
  return { document: { ...found, confirm: confirmOf(found) }, text: `${describePreview(found, context.look)}\n\nTo remove it: holdfast retention own purge --confirm ${quoted(confirmOf(found))}` };
});

const purge = command({
  words: ['retention', 'own', 'purge'],
  summary: 'Remove what this workstation\'s own rule names, and give the space back. The ledger and held rows stay.',
  arguments: [],
  options: { confirm: { type: 'text', value: '"N rows, M files"', required: true, about: 'what goes, as retention own preview says it' } },
  notes: ['Nothing at a deployment is touched. What was signed of the rows stays, with a note that this workstation let them go.'],
}, async ({ options }, context) => {
  const done = await context.serve(['retention.ownPreview', 'retention.ownPurge'], async (app) => {
    const found = await app.call('retention.ownPreview', {});
    if (options.confirm !== confirmOf(found)) throw new AppError('confirmation_mismatch', { message: `What would go now is "${confirmOf(found)}", and something else was typed. Nothing was removed.`, hint: 'Look at retention own preview, then type what it says.' });
    return app.call('retention.ownPurge', { token: found.token, digest: found.digest });
  });
  return {
    document: done,
    text: fields([
      ['Rows removed', done.rowsRemoved], ['Kept by holds', done.rowsHeld], ['Of released holds', done.releasedRemoved], ['Files removed', `${done.filesRemoved}${done.filesLeft === 0 ? '' : `; ${done.filesLeft} left, changed or gone`}`], ['Old copies removed', done.copiesRemoved],
      ['On disk', `${size(done.bytesBefore)} before, ${size(done.bytesAfter)} now${done.isCompacted ? '' : '; the file keeps its size, it is too large to be written anew'}`], ['Ledger entry', done.ledgerEntry],
    ], context.look),
  };
});

export const retentionOwnCommands: readonly Command[] = [policy, preview, purge];
