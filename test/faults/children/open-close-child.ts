// Opens a profile as a window does and closes it again at once, many times: the thread that checks the cache is at every point of its life when it is told to end.
import { createApp } from '#core/app.ts';
import { keptLog, testPorts } from '../../support/ports.ts';

const [profileDir = '', times = '1', spreadMs = '260'] = process.argv.slice(2);
const open = () => createApp(testPorts(profileDir, { host: 'chromium', log: keptLog() }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
for (let n = 0; n < Number(times); n += 1) {
  const app = await open();
  if (n === 0) {
    const added = await app.dispatch('deployment.add', { name: 'acme', url: 'http://127.0.0.1:9', kind: 'navi', environment: 'staging', readOnly: true });
    if (!added.ok) throw new Error(added.error.message);
  }
  await new Promise((resolve) => { setTimeout(resolve, (n * 7) % Number(spreadMs)); });
  await app.close();
  process.stdout.write(`${n}\n`);
}
