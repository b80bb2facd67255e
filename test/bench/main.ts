// `npm run bench`: every benchmark in one run, each in a process of its own so that none inherits the memory of another; prints a table, writes the figures as JSON to out/bench, and fails when a ratio is beyond its floor.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Verdict } from './measure.ts';
import { yardsticks } from './yardsticks.ts';

export interface BenchOptions {
  readonly rows: number;
  readonly rounds: number;
  /** For files; removed at the end. */
  readonly folder: string;
}

type Bench = (options: BenchOptions) => Promise<readonly Verdict[]>;

/** Loaded one at a time: a benchmark must not carry the modules of the others. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  decrypt: async () => (await import('./decrypt.ts')).benchDecrypt,
  hash: async () => (await import('./hash.ts')).benchHash,
  import: async () => (await import('./import.ts')).benchImport,
  queries: async () => (await import('./queries.ts')).benchQueries,
  posture: async () => (await import('./posture.ts')).benchPosture,
  window: async () => (await import('./window.ts')).benchWindow,
  scroll: async () => (await import('./scroll.ts')).benchScroll,
};

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' }, only: { type: 'string' }, into: { type: 'string' } } });
const wanted = values.only === undefined ? Object.keys(BENCHES) : values.only.split(',');
const unknown = wanted.find((name) => BENCHES[name] === undefined);
if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(', ')}.`);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
const options = { rows: Number(values.rows), rounds: Number(values.rounds), folder };
const say = (line: string): void => { process.stdout.write(`${line}\n`); };
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.versions.node, yardsticks };
if (values.into === undefined) say(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; ${options.rows} rows, ${options.rounds} rounds`);

const verdicts: Verdict[] = [];
try {
  for (const name of wanted) {
    if (values.into === undefined) {
      say(`\n== ${name}`);
      verdicts.push(...inItsOwnProcess(name));
    } else verdicts.push(...await (await BENCHES[name]?.())?.(options) ?? []);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
if (values.into !== undefined) {
  writeFileSync(values.into, JSON.stringify(verdicts));
  process.exit(0);
}

function inItsOwnProcess(name: string): readonly Verdict[] {
  const into = join(folder, `${name}.json`);
  const { status } = spawnSync(process.execPath, [import.meta.filename, `--only=${name}`, `--rows=${values.rows}`, `--rounds=${values.rounds}`, `--into=${into}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`The benchmark ${name} ended with ${status}.`);
  const found = JSON.parse(readFileSync(into, 'utf8')) as readonly Verdict[];
  for (const verdict of found) {
    const figures = Object.entries(verdict.figures).map(([label, value]) => `${label} ${value >= 100 ? Math.round(value) : value.toPrecision(3)}`).join(', ');
    say(`${verdict.isMet === null ? '  ?' : verdict.isMet ? ' ok' : 'NOT'}  ${verdict.job}: ${verdict.ratio === null ? '' : `${verdict.ratio.toPrecision(3)} ${verdict.ratioOf} `}(floor ${verdict.floor}${verdict.stretch === '' ? '' : `, stretch ${verdict.stretch}`}); ${figures}${verdict.note === null ? '' : `; ${verdict.note}`}`);
  }
  return found;
}

const out = join(import.meta.dirname, '../../out/bench');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'bench.json'), `${JSON.stringify({ at: new Date().toISOString(), machine, rows: options.rows, rounds: options.rounds, verdicts }, null, 2)}\n`);
const failed = verdicts.filter(({ isMet }) => isMet === false);
say(`\n${verdicts.filter(({ isMet }) => isMet === true).length} at their floor or better, ${failed.length} not, ${verdicts.filter(({ isMet }) => isMet === null).length} not judged. Figures: out/bench/bench.json`);
process.exitCode = failed.length === 0 ? 0 : 1;
