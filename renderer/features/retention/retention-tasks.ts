// Long work about retention that a window started and that goes on when its dialog closes: preserving a hold, carrying out a plan, looking what became of it, certifying.
import type { CallInput, CallOutput } from '#shared/contract.ts';
import { createTasks } from '../../components/tasks.ts';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { refetch } from '../../lib/query.ts';
import { OUTCOME_LOOKS } from './retention-words.ts';

/** Whatever the end: what was read before is old. */
async function thenRead<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    refetch('retention.show', 'retention.preview');
  }
}

export const holdTasks = createTasks<CallInput<'retention.holdAdd'>, CallOutput<'retention.holdAdd'>>(async (input) => {
  const hold = await thenRead(call('retention.holdAdd', input));
  announce(`The hold for ${hold.caseId} stands. ${plural(hold.counts.preserved, 'row')} of ${plural(hold.counts.rows, 'row')} preserved.`);
  return hold;
});

export const purgeTasks = createTasks<CallInput<'retention.purge'>, CallOutput<'retention.purge'>>(async (input) => {
  const run = await thenRead(call('retention.purge', input));
  announce(run.message);
  return run;
});

export const settleTasks = createTasks<CallInput<'retention.settle'>, CallOutput<'retention.settle'>>(async (input) => {
  const run = await thenRead(call('retention.settle', input));
  announce(run.message);
  return run;
});

export const verifyTasks = createTasks<CallInput<'retention.verify'>, CallOutput<'retention.verify'>>(async (input) => {
  const certificate = await thenRead(call('retention.verify', input));
  announce(`A certificate was issued: ${OUTCOME_LOOKS[certificate.outcome].word}.`);
  return certificate;
});
