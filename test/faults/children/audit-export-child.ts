// A child that writes exports, one after the other, until it is killed; prints one line before the first and after each that was done.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openExportPair } from '#core/audit/export/manifest-file.ts';
import { DEPLOYMENT, openBench, URL_OF_DEPLOYMENT } from '../../support/audit-export.ts';

const [mode = '', cache = '', out = '', round = ''] = process.argv.slice(2);
const say = (line: string): void => { writeSync(1, `${line}\n`); };

if (mode === 'whole') {
  const bench = openBench(cache, 'read');
  say('begun');
  for (let n = 0; ; n += 1) {
    const { sha256 } = await bench.exports.export({ deploymentId: DEPLOYMENT, query: '', format: 'jsonl', path: join(out, `whole-${round}-${n}`) }, bench.signal);
    say(`done whole-${round}-${n} ${sha256}`);
  }
}
// Nothing but the putting in place, so that most kills meet it.
say('begun');
for (let n = 0; ; n += 1) {
  const file = `pair-${round}-${n}`;
  const content = Buffer.from(`${file} `.repeat(50));
  const pair = await openExportPair(join(out, file), dirname(cache));
  await pair.write(content);
  const { sha256 } = await pair.commit(({ bytes, sha256: digest }) => ({
    kind: 'holdfast-audit-export-1', file, format: 'jsonl', formatVersion: '1', deployment: { name: 'acme', url: URL_OF_DEPLOYMENT }, query: '', order: 'created_at, id, ascending', rows: 1, bytes, sha256: digest,
    oldestAt: null, newestAt: null, coverage: [], exportedAt: '2026-09-21T14:13:20Z', program: 'Holdfast test',
  }));
  if (sha256 !== createHash('sha256').update(content).digest('hex')) throw new Error('the digest is not that of the content');
  say(`done ${file} ${sha256}`);
}
