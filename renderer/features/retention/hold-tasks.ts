// Holds that are being set: the copying goes on when the dialog is closed, and how it ended is kept until it is read.
import type { CallInput } from '#shared/contract.ts';
import { createTasks } from '../../components/tasks.ts';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { refetch } from '../../lib/query.ts';

export const holdSettings = createTasks(async (input: CallInput<'retention.holdAdd'>) => {
  try {
    const hold = await call('retention.holdAdd', input);
    announce(`The hold for ${hold.caseId} stands over ${plural(hold.counts.rows, 'row')}, ${hold.counts.preserved} of them preserved here.`);
    return hold;
  } finally {
    // A hold that was set before its copying failed stands.
    refetch('retention.show');
  }
});
