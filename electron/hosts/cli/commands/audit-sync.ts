// The commands that bring a deployment's audit log here: sync it, see which times are covered, follow it live.
import { setTimeout as wait } from 'node:timers/promises';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { AppError } from '#shared/errors.ts';
import { command } from '../command.ts';
import type { Command } from '../command.ts';
import { bareUtc, counted, say, table, utc } from '../print.ts';
import type { Cell, Look } from '../print.ts';
import { eventLines } from './audit-event-text.ts';
import { deploymentNamed, NAME } from './named.ts';

/** How often arrived rows are looked for; nobody is asked for them. */
const LOOK_EVERY_MS = 500;

const sync = command({
  words: ['audit', 'sync'],
  summary: 'Fetch the audit log of a deployment into the encrypted cache, and compare it with what is held.',
  arguments: [NAME],
  options: { full: { type: 'flag', about: 'read everything again, however much it is; otherwise old stretches of a large log take turns' } },
}, async ({ args: [name], options }, context) => {
  const result = await context.serve(['deployment.list', 'audit.sync'], async (app) => app.call('audit.sync', { deploymentId: (await deploymentNamed(app, name)).id, full: options.full }));
  if (!result.complete) context.note('The log is not complete: see the gaps.');
  if (result.findings > 0) context.note(`${counted(result.findings, 'finding')}: see holdfast audit verify.`);
  const lines = [
    say`${result.complete ? 'Complete' : 'Not complete'} as of ${utc(result.syncedAt)}: ${counted(result.added, 'new event')}, ${counted(result.payloadsAdded, 'new payload')}, ${result.alreadyHeld} already held, ${result.total} in the cache; ${counted(result.requests, 'request')}.`,
    ...(result.changed > 0 ? [say`${counted(result.changed, 'row differs', 'rows differ')} from what was first seen; the first version is kept.`] : []),
    ...(result.findings > 0 ? [say`${counted(result.findings, 'new finding')} about rows that vanished, changed or appeared in the past.`] : []),
    ...result.gaps.map((gap) => say`Gap from ${gap.from === null ? 'the beginning' : utc(gap.from)} to ${gap.to === null ? 'the end' : utc(gap.to)}: ${gap.reason}`),
    ...result.notes.map((note) => say`${note}`),
  ];
  return { document: result, text: lines.join('\n') };
});

const TONES = { complete: 'good', 'own-org': 'doubtful', gap: 'bad', unread: 'quiet' } as const;

function coverageTable(segments: readonly CoverageSegment[], look: Look): string {
  return table(
    [{ title: 'FROM (UTC)' }, { title: 'TO (UTC)' }, { title: 'STATE' }, { title: 'CONFIRMED (UTC)' }, { title: 'WHY', cut: true }],
    segments.map(({ from, to, state, reason, observedAt }): Cell[] => [
      from === null ? 'the beginning' : bareUtc(from), to === null ? 'now' : bareUtc(to), { text: state === 'own-org' ? 'own organisation' : state, tone: TONES[state] }, observedAt === null ? null : bareUtc(observedAt), reason,
    ]),
    look,
  );
}

const coverage = command({ words: ['audit', 'coverage'], summary: 'Show which times of the audit log are held completely, which are not, and why. Asks nobody.', arguments: [NAME], options: {} }, async ({ args: [name] }, context) => {
  const result = await context.serve(['deployment.list', 'audit.coverage'], async (app) => app.call('audit.coverage', { deploymentId: (await deploymentNamed(app, name)).id }));
  return { document: result, text: coverageTable(result.segments, context.look) };
});

const line = (event: AuditEvent): string => `${say`${bareUtc(event.createdAt)} ${event.statusCode} ${event.method} ${event.route} ${event.actorEmail ?? event.actorSub ?? '-'} ${event.org ?? '-'} ${event.eventType} #${event.id}`}\n`;

const tail = command({
  words: ['audit', 'tail'],
  summary: 'Follow the audit log of a deployment until Ctrl-C; new events are printed as they arrive, one line each.',
  arguments: [NAME],
  options: {},
  notes: ['With --json each line is one JSON document. Events are stored in the cache as a sync stores them.'],
}, async ({ args: [name] }, context) => {
  await context.serve(['deployment.list', 'audit.tailStart', 'audit.tailState', 'audit.arrived'], async (app) => {
    const { id: deploymentId } = await deploymentNamed(app, name);
    let { place } = await app.call('audit.arrived', { deploymentId });
    let said: string | null = null;
    try {
      await app.call('audit.tailStart', { deploymentId });
      while (!app.interrupted.aborted) {
        const arrived = await app.call('audit.arrived', { deploymentId, after: place });
        if (arrived.events.length > 0) context.out(context.json ? eventLines(arrived.events) : arrived.events.map(line).join(''));
        ({ place } = arrived);
        const state = await app.call('audit.tailState', { deploymentId });
        if (state.state === 'failed') throw new AppError('server_unavailable', { message: state.message ?? 'The log can no longer be followed.', hint: 'Test the connection, then follow it again.' });
        if (state.message !== null && state.message !== said) context.note(state.state === 'waiting' ? `${state.message} It is asked again at ${utc(state.nextAt)}.` : state.message);
        said = state.message;
        if (arrived.events.length === 0) await wait(LOOK_EVERY_MS, null, { signal: app.interrupted });
      }
    } catch (error) {
      // Ctrl-C is how this command ends.
      if (!app.interrupted.aborted) throw error;
    }
  });
  return { document: undefined, text: null };
});

export const auditSyncCommands: readonly Command[] = [sync, coverage, tail];
