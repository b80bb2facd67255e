// Evaluations of the whole karen baseline: every check decided over evidence that differs each time; judged by the processor time that ten thousand take.
import { shippedPacks } from '#core/posture/packs.ts';
import { decideAll } from '#shared/domain/posture-evaluate.ts';
import type { EvidenceSet } from '#shared/domain/posture-evaluate.ts';
import { evidenceOf, readCases, patched } from '../support/baseline-cases.ts';
import type { BenchOptions } from './main.ts';
import { takeTurns } from './measure.ts';
import type { Verdict } from './measure.ts';

const EVALUATIONS = 10_000;

export async function benchPosture({ rounds }: BenchOptions): Promise<readonly Verdict[]> {
  const pack = shippedPacks().find(({ pack: { kind } }) => kind === 'karen')?.pack;
  if (pack === undefined) throw new Error('no baseline for karen');
  const { documents, checks } = readCases('karen');
  // Documents with which all passes, and one set for each failing case: no two evaluations in a row see the same.
  const sets = [documents, ...Object.values(checks).flatMap(({ fail }) => fail.map((patch) => patched(documents, patch)))].map((one) => evidenceOf(one));
  const expected = sets.map((evidence) => decideAll(pack, evidence).filter(({ state }) => state === 'fail').length);
  if (expected[0] !== 0 || expected.slice(1).some((failing) => failing === 0)) throw new Error('the cases do not decide as they should');

  const run = (): { readonly wall: number; readonly processor: number } => {
    const before = process.cpuUsage();
    const start = performance.now();
    let failing = 0;
    for (let turn = 0; turn < EVALUATIONS; turn += 1) {
      const evidence = sets[turn % sets.length] as EvidenceSet;
      for (const { state } of decideAll(pack, { ...evidence, nowUs: evidence.nowUs + turn })) if (state === 'fail') failing += 1;
    }
    if (failing < EVALUATIONS / 2) throw new Error('fewer checks failed than should');
    const used = process.cpuUsage(before);
    return { wall: performance.now() - start, processor: (used.user + used.system) / 1000 };
  };
  const walls: number[] = [];
  const processors: number[] = [];
  const { processor } = await takeTurns(rounds, { processor: () => { const used = run(); walls.push(used.wall); processors.push(used.processor); return used.processor; } });
  // The fastest round is what the work costs; whatever else the machine does only adds to it.
  const fastest = Math.min(...processors);
  return [{
    job: `${EVALUATIONS} evaluations of the karen baseline (${pack.checks.length} checks)`,
    figures: { 'fastest ms': fastest, 'median ms': processor, 'fastest wall ms': Math.min(...walls), 'checks/s': EVALUATIONS * pack.checks.length / (fastest / 1000) }, unit: 'ms',
    ratio: fastest / 1000, ratioOf: 'of a second', floor: '< 1', stretch: '', isMet: fastest < 1000, note: null,
  }];
}
