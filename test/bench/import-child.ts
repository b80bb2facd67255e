// One import in a process of its own: a new cache, the thread that the product uses, and the times and peak memory as one line of JSON.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '#core/db/connection.ts';
import { openDatabase } from '#core/db/open.ts';
import { sql } from '#core/db/sql.ts';
import { insertDeployment } from '#core/deployments/queries.ts';
import { systemClock } from '#core/profile/surroundings.ts';
import { Secret } from '#core/secret.ts';
import type { ImportCalls } from '#core/audit/import/import-work.ts';
import { startThread } from '#core/workers/thread.ts';

const [folder = '', file = '', index = 'with', keyHex = randomBytes(32).toString('hex')] = process.argv.slice(2);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const key = Buffer.from(keyHex, 'hex');
const path = join(folder, 'cache.db');
const silent = { info: () => undefined, error: () => undefined };
const database = openDatabase({ path, key: new Secret(Buffer.from(key)), mode: 'write', log: silent, clock: systemClock });
if (database.write === null) throw new Error('not writable');
insertDeployment(database.write, 'd_bench', { name: 'bench', url: 'https://navi.example.com', kind: 'navi', environment: 'development', readOnly: true, caPem: null, pin: null, createdAtUs: 0 });
if (index === 'without') {
  // In the place of the index a table that takes nothing in, and of its texts a view without any: they are read for the index only.
  const raw = connect({ path, key: new Secret(Buffer.from(key)), mode: 'write' });
  raw.exec('DROP TABLE audit_text; CREATE TABLE audit_text (audit_text, rank, route, actor, other, payload); CREATE TRIGGER audit_text_none BEFORE INSERT ON audit_text BEGIN SELECT RAISE(IGNORE); END; DROP VIEW audit_text_doc; CREATE VIEW audit_text_doc AS SELECT 0 AS seq, 0 AS dep, NULL AS route, NULL AS actor, NULL AS other, NULL AS payload WHERE 0;');
  raw.close();
}
const thread = startThread<ImportCalls>('audit-import', null);
let start = performance.now();
const lap = (): number => {
  const ms = performance.now() - start;
  start = performance.now();
  return ms;
};
await thread.call('inspect', [file]);
lap();
const checked = await thread.call('check', [file]);
const checkMs = lap();
await thread.call('load', { database: database.forThread(), order: { deploymentId: 'd_bench', files: checked.files, mode: 'all-or-nothing', dryRun: false, atUs: 1 } });
const loadMs = lap();
if (index === 'with') await thread.call('settle', { database: database.forThread() });
const settleMs = lap();
await thread.end();
const rows = database.read.get(sql`SELECT count(*) AS n FROM audit_event`, (row) => Number(row['n'])) ?? 0;
database.close();
process.stdout.write(JSON.stringify({ checkMs, loadMs, settleMs, rows, peakMiB: peakKiB() / 1024 }));

/** On Linux of this program alone: maxRSS is never less than what the parent had when it started us. */
function peakKiB(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
