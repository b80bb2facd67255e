// A child that sets a hold, or goes on preserving, until it is killed; prints a line before each transaction and at the end.
import { writeSync } from 'node:fs';
import { HELD, openRetentionBench } from '../../support/retention-bench.ts';

const [profileDir = '', what = 'add', caseId = 'C-1'] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const bench = await openRetentionBench(profileDir, (session) => ({
  ...session,
  write: () => {
    say('writing');
    return session.write();
  },
}));
say('open');
if (what === 'add') await bench.add('status:200', { caseId });
else await bench.holds.preserveAfterSync(HELD);
say('preserved');
await bench.close();
