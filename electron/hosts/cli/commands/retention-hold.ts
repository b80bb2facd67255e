// Legal holds on the command line: what one would take in, setting it, the list, releasing it with a reason.
import { holdFields } from '#shared/domain/retention-hold.ts';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { counted, fields, say, utc } from '../print.ts';
import { checkedQuery } from './audit-event-text.ts';
import { deploymentNamed, NAME } from './named.ts';
import { bullets, describeHolds, holdWarnings } from './retention-text.ts';

const LIMIT = 'The console cannot stop the server\'s own schedule: it keeps copies, refuses its own purges, and tells when held rows come due or are gone.';
const QUERY = { type: 'text', value: 'QUERY', required: true, about: 'the rows, written as for audit search; times that count back from now are refused. "" stands for no query here: write id:>0 for all' } as const;

const preview = command({
  words: ['retention', 'hold', 'preview'],
  summary: 'Count what a legal hold would take in, from the cache. Asks nobody, keeps nothing.',
  arguments: [NAME],
  options: { query: QUERY },
}, async ({ args: [name], options }, context) => {
  const query = checkedQuery(options.query);
  const found = await context.serve(['deployment.list', 'retention.holdPreview'], async (app) => app.call('retention.holdPreview', { deploymentId: (await deploymentNamed(app, name)).id, query }));
  return { document: found, text: fields([['Rows', found.rows], ['Oldest', found.oldestAt === null ? null : utc(found.oldestAt)], ['Newest', found.newestAt === null ? null : utc(found.newestAt)], ['Without payload', found.withoutPayload], ['Never read', found.gaps === 0 ? 'nothing' : `${counted(found.gaps, 'stretch', 'stretches')}: what is in them is not counted`]], context.look) };
});

const add = command({
  words: ['retention', 'hold', 'add'],
  summary: 'Set a legal hold over rows of the audit log, and preserve what is cached of them in the sealed vault.',
  arguments: [NAME],
  options: {
    case: { type: 'text', value: 'ID', required: true, about: 'the case' },
    owner: { type: 'text', value: 'WHO', required: true, about: 'who answers for it' },
    reason: { type: 'text', value: 'TEXT', required: true, about: 'why the rows must stay' },
    review: { type: 'text', value: 'DATE', required: true, about: 'YYYY-MM-DD: when somebody asks again whether it is needed. A hold does not end by itself' },
    query: QUERY,
  },
  notes: [LIMIT],
}, async ({ args: [name], options }, context) => {
  const query = checkedQuery(options.query);
  if (!holdFields.reviewOn.safeParse(options.review).success) throw new UsageError('--review must be a date that exists, as YYYY-MM-DD.', ['retention', 'hold', 'add']);
  if (!holdFields.caseId.safeParse(options.case).success) throw new UsageError('--case must begin with a letter or digit and have only letters, digits, space and . _ / # -, 80 at most.', ['retention', 'hold', 'add']);
  const hold = await context.serve(['deployment.list', 'retention.holdAdd'], async (app) => app.call('retention.holdAdd', { deploymentId: (await deploymentNamed(app, name)).id, caseId: options.case, owner: options.owner, reason: options.reason, reviewOn: options.review, query }));
  return { document: hold, text: [describeOne(hold, context.look), ...bullets('It needs a look:', holdWarnings([hold])), LIMIT].join('\n\n') };
});

function describeOne({ id, caseId, owner, reason, reviewOn, query, counts: { rows, preserved, withoutPayload }, nextDue, released }: Hold, look: Parameters<typeof fields>[1]): string {
  return fields([
    ['Hold', id], ['Case', caseId], ['Owner', owner], ['Reason', reason], ['Query', query], ['State', released === null ? { text: 'stands', tone: 'good' } : `released ${utc(released.at)}: ${released.reason}`],
    ['Rows', rows], ['In the vault', `${preserved}${withoutPayload === 0 ? '' : `, ${withoutPayload} without payload`}`], ['Oldest due', nextDue === null ? 'unknown' : utc(nextDue)], ['Review', reviewOn],
  ], look);
}

const list = command({
  words: ['retention', 'hold', 'list'],
  summary: 'List the legal holds of a deployment with their counts. Asks nobody.',
  arguments: [NAME],
  options: {},
  notes: [LIMIT],
}, async ({ args: [name] }, context) => {
  const found = await context.serve(['deployment.list', 'retention.holdList'], async (app) => app.call('retention.holdList', { deploymentId: (await deploymentNamed(app, name)).id }));
  return { document: found, text: [describeHolds(found.holds, context.look), ...bullets('They need a look:', holdWarnings(found.holds))].join('\n\n') };
});

/** By its id, or by the case where one hold of it stands. @throws AppError hold_not_found */
function holdMeant(holds: readonly Hold[], wanted: string): string {
  const byId = holds.find(({ id }) => id === wanted);
  const byCase = holds.filter(({ caseId, released }) => caseId === wanted && released === null);
  const found = byId ?? (byCase.length === 1 ? byCase[0] : undefined);
  if (found !== undefined) return found.id;
  throw new AppError('hold_not_found', { message: byCase.length > 1 ? `More than one hold of the case "${wanted}" stands. Nothing was released.` : `No hold "${wanted}" stands for this deployment. Nothing was released.`, hint: 'Name it by its id: see retention hold list.' });
}

const release = command({
  words: ['retention', 'hold', 'release'],
  summary: 'Release a legal hold with a reason. What the vault keeps of it stays until this workstation\'s own purge.',
  arguments: [NAME, { name: 'HOLD', type: 'text', about: 'id of the hold, or its case' }],
  options: { reason: { type: 'text', value: 'TEXT', required: true, about: 'why it ends' } },
}, async ({ args: [name, wanted], options }, context) => {
  const hold = await context.serve(['deployment.list', 'retention.holdList', 'retention.holdRelease'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    const { holds } = await app.call('retention.holdList', { deploymentId });
    return app.call('retention.holdRelease', { deploymentId, holdId: holdMeant(holds, wanted), reason: options.reason });
  });
  return { document: hold, text: say`The hold ${hold.id} of the case ${hold.caseId} was released. In the vault of this workstation: ${counted(hold.counts.preserved, 'row')}, until its own purge.` };
});

export const retentionHoldCommands: readonly Command[] = [preview, add, list, release];
