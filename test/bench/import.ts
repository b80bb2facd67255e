// Importing all rows of a file into the encrypted cache, with and without the text index, against the sqlite3 command line importing the same rows as CSV into a plain file.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'vite';
import { buildThreads, copyMigrations, nodeBundle, root } from '../../build/electron.vite.ts';
import { writeDataset } from './dataset.ts';
import type { BenchOptions } from './main.ts';
import { median, millisecondsOf, takeTurns } from './measure.ts';
import type { Verdict } from './measure.ts';
import { sqliteImport, yardsticks } from './yardsticks.ts';

interface Measured { readonly checkMs: number; readonly loadMs: number; readonly settleMs: number; readonly peakMiB: number; readonly rows: number }
const RSS_FLOOR_MIB = 150;
/** An import takes most of a minute: fewer rounds than elsewhere. */
const MOST_ROUNDS = 3;

/** Makes of the import and its threads what a package runs. From sources each thread would first load a compiler that takes the types out, 25 MiB each. */
async function bundled(): Promise<string> {
  const outDir = join('out', 'bench', 'import');
  const fileName = 'import-child.js';
  await build({ ...nodeBundle({ entry: join('test', 'bench', 'import-child.ts'), outDir, fileName, plugins: [copyMigrations(outDir), buildThreads(outDir)] }), configFile: false, logLevel: 'warn' });
  return join(root, outDir, fileName);
}

/** In a process of its own, so that its memory is its own. */
function importOnce(program: string, folder: string, { file, index }: { readonly file: string; readonly index: 'with' | 'without' }): Measured {
  const said = execFileSync(process.execPath, [program, join(folder, `cache-${index}`), file, index], { encoding: 'utf8', maxBuffer: 1 << 20 });
  return JSON.parse(said) as Measured;
}

export async function benchImport({ rows, rounds, folder }: BenchOptions): Promise<readonly Verdict[]> {
  const program = await bundled();
  const data = writeDataset({ jsonl: join(folder, 'import.jsonl'), csv: join(folder, 'import.csv') }, rows);
  const runs: Record<'with' | 'without', Measured[]> = { with: [], without: [] };
  const once = (index: 'with' | 'without') => (): number => {
    const measured = importOnce(program, folder, { file: data.jsonl, index });
    if (measured.rows !== rows) throw new Error(`${measured.rows} of ${rows} rows were imported`);
    runs[index].push(measured);
    return measured.loadMs;
  };
  const ms = await takeTurns(Math.min(rounds, MOST_ROUNDS), {
    cli: () => (yardsticks.sqlite ? millisecondsOf(() => sqliteImport(data.csv, join(folder, 'plain.db'))) : Number.NaN), without: once('without'), with: once('with'),
  });
  const verdict = (job: string, index: 'with' | 'without', { most, stretch }: { readonly most: number; readonly stretch: string }): Verdict => {
    const ratio = yardsticks.sqlite ? ms[index] / ms.cli : null;
    return {
      job, unit: 'ms', ratio, ratioOf: "times the sqlite3 command line's time", floor: `<= ${most}`, stretch, isMet: ratio === null ? null : ratio <= most, note: ratio === null ? 'sqlite3 is not installed' : null,
      figures: { 'rows/s': rows / ms[index] * 1000, 'sqlite3 rows/s': rows / ms.cli * 1000, 'checking before, ms': median(runs[index].map((run) => run.checkMs)), 'writing ms': ms[index], 'merging the index after, ms': median(runs[index].map((run) => run.settleMs)) },
    };
  };
  const peak = Math.max(...runs.without.map((run) => run.peakMiB));
  return [
    verdict('encrypted import without a text index', 'without', { most: 1.5, stretch: '<= 1.2' }),
    { job: 'encrypted import, memory of the process at its peak', figures: { 'without index MiB': peak, 'with index MiB': Math.max(...runs.with.map((run) => run.peakMiB)) }, unit: 'MiB', ratio: null, ratioOf: '', floor: `<= ${RSS_FLOOR_MIB} MiB`, stretch: '', isMet: peak <= RSS_FLOOR_MIB, note: null },
    verdict('encrypted import with the text index', 'with', { most: 3, stretch: '<= 2.5' }),
  ];
}
