// A child that opens payloads in bulk, in memory or into files, until it is killed; prints one line per acknowledged step, after the step.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { DEPLOYMENT, openBulkProfile } from '../../support/audit-bulk-profile.ts';

const [profileDir = '', job = '', out = '', recipient = ''] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const { bulk } = await openBulkProfile(profileDir);
const never = new AbortController().signal;
const selection = { query: 'encrypted:yes' };
say('open');
for (let round = 0; ; round += 1) {
  const reason = `kill test ${process.pid} ${round}`;
  if (job === 'decrypt') {
    const { digest } = await bulk.plan(DEPLOYMENT, selection, never);
    const run = await bulk.decrypt({ deploymentId: DEPLOYMENT, selection, digest, reason }, never);
    const { rows } = await bulk.results({ bulkId: run.bulkId, text: '', outcome: 'opened', offset: 0, limit: 1 }, never);
    // Shown: from here on its ledger entry must exist for ever.
    say(`shown ${run.ledgerEntry} ${rows[0]?.payload === undefined ? 'nothing' : 'payload'} ${reason}`);
  } else {
    const isClear = round % 2 === 0;
    const path = join(out, `${process.pid}-${round}.${isClear ? 'jsonl' : 'age'}`);
    const protection = isClear ? { kind: 'plaintext' as const, confirmName: 'acme' } : { kind: 'age' as const, recipients: [recipient] };
    say(`begun ${path}`);
    const written = await bulk.export({ deploymentId: DEPLOYMENT, selection, digest: null, reason, path, protection }, never);
    say(`written ${written.ledgerEntry} ${written.sha256} ${path}`);
  }
}
