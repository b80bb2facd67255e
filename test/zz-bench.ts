import { shippedPacks } from '#core/posture/packs.ts';
import { decideAll } from '#shared/domain/posture-evaluate.ts';
import { evidenceOf, readCases } from '/tmp/posture/test/support/baseline-cases.ts';
const pack = shippedPacks().find(({ pack }) => pack.kind === 'karen')!.pack;
const ev = evidenceOf(readCases('karen').documents);
for (let r = 0; r < 4; r++) { const t = performance.now(); let n = 0; for (let i = 0; i < 10000; i++) n += decideAll(pack, { ...ev, nowUs: ev.nowUs + i }).filter((d) => d.state === 'pass').length; console.log(performance.now() - t, n); }
