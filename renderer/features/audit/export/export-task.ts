// The export that a window started; it goes on when the dialog closes.
import type { CallInput, CallOutput } from '#shared/contract.ts';
import { createTasks } from '../../../components/tasks.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';

export const exportTasks = createTasks<CallInput<'audit.export'>, CallOutput<'audit.export'>>(async (input) => {
  const result = await call('audit.export', input);
  announce(`Export ended: ${plural(result.rows, 'event')} written.`);
  return result;
});
