// A child that imports files until it is killed; prints a line for each stage, after it was reached.
import { writeSync } from 'node:fs';
import { createApp } from '#core/app.ts';
import { testPorts } from '../../support/ports.ts';

const [profileDir = '', deploymentId = '', ...paths] = process.argv.slice(2);
const app = await createApp(testPorts(profileDir, { host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const stages = new Set<string>();
app.onEvent((event) => {
  if (event.name !== 'job.progressed') return;
  const stage = (event.payload as { step: string }).step.split(' ')[0] ?? '';
  if (!stages.has(stage)) say(stage);
  stages.add(stage);
});
say('open');
const answer = await app.dispatch('audit.import', { deploymentId, paths });
say(answer.ok ? `written ${answer.value.files.map((file) => file.accepted).join(' ')}` : `refused ${answer.error.code}`);
say(`peak ${Math.round(process.resourceUsage().maxRSS / 1024)}`);
await app.close();
