// A child that syncs or decrypts until it is killed; prints one line per acknowledged step, after the step.
import { createApp } from '#core/app.ts';
import { writeSync } from 'node:fs';
import { testPorts } from '../../support/ports.ts';

const [profileDir = '', job = '', deploymentId = '', idsText = ''] = process.argv.slice(2);
const app = await createApp(testPorts(profileDir, { host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const status = await app.dispatch('app.status', {});
if (!status.ok || status.value.state !== 'open') {
  say(`unopened ${JSON.stringify(status)}`);
  process.exit(3);
}
say('open');
if (job === 'sync') {
  app.onEvent((event) => {
    if (event.name === 'job.progressed') say(`progress ${(event.payload as { done: number }).done}`);
  });
  const answer = await app.dispatch('audit.sync', { deploymentId });
  say(`synced ${JSON.stringify(answer)}`);
} else {
  const ids = idsText.split(',').map(Number);
  for (let round = 0; ; round += 1) {
    const id = ids[round % ids.length] ?? 0;
    const answer = await app.dispatch('audit.decrypt', { deploymentId, id, reason: `kill test ${process.pid} ${round}` });
    if (!answer.ok) {
      say(`refused ${answer.error.code}`);
      process.exit(3);
    }
    // Acknowledged: from here on its ledger entry must exist for ever.
    say(`shown ${answer.value.ledgerEntry} kill test ${process.pid} ${round}`);
  }
}
await app.close();
