// How benchmarks measure: contestants take turns in one run, medians are compared, and nothing but ratios is judged.

export interface Contestant {
  readonly name: string;
  /** Runs once and gives what it measured, in the unit of the benchmark. */
  run(): Promise<number> | number;
}

/** One line of the table: what the project gives, against what, and where the floor lies. */
export interface Verdict {
  readonly job: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly unit: string;
  readonly ratio: number | null;
  /** In words, as the ratio is to be read. */
  readonly ratioOf: string;
  readonly floor: string;
  readonly stretch: string;
  /** null: not judged, because a yardstick is not installed. */
  readonly isMet: boolean | null;
  readonly note: string | null;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest-rank quantile. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
}

/** Lets every contestant run once a round; a first round is thrown away. @returns the median of each */
export async function takeTurns<N extends string>(rounds: number, contestants: Readonly<Record<N, () => Promise<number> | number>>): Promise<Record<N, number>> {
  const names = Object.keys(contestants) as N[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<N, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const value = await contestants[name]();
      if (round > 0) results[name].push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(results[name])])) as Record<N, number>;
}

/** Milliseconds that a piece of work takes. */
export async function millisecondsOf(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
