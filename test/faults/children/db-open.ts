// A process that gives up its rights and then opens a database: it prints what came of it as one JSON line.
// Arguments: path, key as hex, mode, user id to become (0 = stay), the migrations' folder as URL.
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadSqlite } from '#core/db/native.ts';
import { acquireProfileLock } from '#core/db/profile-lock.ts';
import { codeThrownBy, countEvents, keyOf, open } from './db-profile.ts';

const [, , path = '', keyHex = '', mode = 'read', user = '0', folder = ''] = process.argv;
// Loaded before the rights are gone: the program itself may lie where that user cannot read. The native half comes with the first connection.
new (loadSqlite())(':memory:', { timeout: 0 }).close();
if (Number(user) !== 0) {
  process.setgroups?.([]);
  process.setgid?.(Number(user));
  process.setuid?.(Number(user));
}
let events: number | null = null;
const code = codeThrownBy(() => {
  const database = open({ path, key: keyOf(keyHex) }, { mode: mode === 'write' ? 'write' : 'read', migrations: new URL(folder) });
  events = countEvents(database.read);
  database.close();
});
const lock = codeThrownBy(() => acquireProfileLock(dirname(path), 'cli')?.release());
writeSync(1, `${JSON.stringify({ code, events, lock })}\n`);
