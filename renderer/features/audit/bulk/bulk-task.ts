// Opening many payloads, and writing them to a file, as the window started it; only counts and digests are kept here, never a payload.
import type { CallInput, CallOutput } from '#shared/contract.ts';
import { createTasks } from '../../../components/tasks.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { refetch } from '../../../lib/query.ts';
import { countsSentence } from './bulk-words.ts';

export const bulkTasks = createTasks<CallInput<'audit.bulkDecrypt'>, CallOutput<'audit.bulkDecrypt'>>(async (input) => {
  const run = await call('audit.bulkDecrypt', input);
  announce(`Opening ended: ${countsSentence(run.counts)}.`);
  refetch('audit.bulkList');
  return run;
});

export const bulkExportTasks = createTasks<CallInput<'audit.bulkExport'>, CallOutput<'audit.bulkExport'>>(async (input) => {
  const result = await call('audit.bulkExport', input);
  announce(`Written: ${countsSentence(result.counts)}.`);
  return result;
});
