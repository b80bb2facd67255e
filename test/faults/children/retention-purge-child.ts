// A child that plans and carries out one purge until it is killed; prints one line per point that it has passed.
import { writeSync } from 'node:fs';
import { createApp } from '#core/app.ts';
import { keptLog, systemClock, testPorts } from '../../support/ports.ts';

const [profileDir = '', deploymentId = '', offset = '0'] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const app = await createApp(testPorts(profileDir, { host: 'cli', log: keptLog(), clock: { ...systemClock, now: () => Date.now() + Number(offset) } }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
app.onEvent(({ name, payload }) => {
  if (name === 'ledger.appended') say('entry');
  if (name === 'job.progressed' && 'step' in payload) say(`step ${payload.step}`);
});
say('open');
const plan = await app.dispatch('retention.plan', { deploymentId });
if (!plan.ok) throw new Error(plan.error.message);
say(`planned ${plan.value.id}`);
const armed = await app.dispatch('retention.arm', { deploymentId, planId: plan.value.id });
if (!armed.ok) throw new Error(armed.error.message);
const run = await app.dispatch('retention.purge', { deploymentId, planId: plan.value.id, token: armed.value.token, confirm: armed.value.confirm });
say(run.ok ? `ended ${run.value.state}` : `refused ${run.error.code}`);
await app.close();
say('closed');
