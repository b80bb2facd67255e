// A process that commits event after event and says so after each commit; its parent kills it, or it kills itself after `last`.
// Arguments: path, key as hex, last event (0 = without end).
import { writeSync } from 'node:fs';
import { addDeployment, commitEvent, countEvents, keyOf, open, writer } from './db-profile.ts';

const [, , path = '', keyHex = '', last = '0'] = process.argv;
const database = open({ path, key: keyOf(keyHex) });
const db = writer(database);
addDeployment(db);
for (let id = countEvents(db) + 1; ; id += 1) {
  commitEvent(db, id);
  writeSync(1, `${id}\n`);
  if (id === Number(last)) process.kill(process.pid, 'SIGKILL');
}
