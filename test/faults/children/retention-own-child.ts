// A child that lets rows go by the console's own rule until it is killed; prints one line when it is open, one after each packet, and one when a purge has ended.
import { writeSync } from 'node:fs';
import { sql } from '#core/db/sql.ts';
import { openOwnBench } from '../../support/retention-own.ts';

const [profileDir = '', below = '1'] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };
const bench = await openOwnBench(profileDir);
const packets = (): number => bench.session.read().get(sql`SELECT count(*) AS n FROM let_go_packet`, (row) => Number(row['n'])) ?? 0;
say('open');
let isOver = false;
const purge = bench.purgeBelow(Number(below)).finally(() => { isOver = true; });
for (let seen = packets(); !isOver;) {
  const now = packets();
  if (now > seen) say(`packet ${now}`);
  seen = now;
  await new Promise((resolve) => { setImmediate(resolve); });
}
say(`purged ${(await purge).rowsRemoved}`);
await bench.close();
