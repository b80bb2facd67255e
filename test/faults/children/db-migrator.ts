// A process that migrates a database and dies by SIGKILL where a migration calls `die()`.
// Arguments: path, key as hex, the migrations' folder as URL.
import { connect } from '#core/db/connection.ts';
import type { RawDatabase } from '#core/db/native.ts';
import { loadMigrations, migrate } from '#core/db/migrate.ts';
import { clock, keyOf, quietLog } from './db-profile.ts';

const [, , path = '', keyHex = '', folder = ''] = process.argv;
const key = keyOf(keyHex);
const raw = connect({ path, key, mode: 'create' }) as RawDatabase & { function(name: string, run: () => void): void };
raw.function('die', () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered before the next statement; waiting here makes that certain.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
migrate(raw, { path, key, migrations: loadMigrations(new URL(folder)), clock, log: quietLog });
raw.close();
