// The witness's leaf hash over steps of 532 bytes, against OpenSSL's SHA-256 over the same number of bytes.
import { leafHash } from '#core/audit/witness/merkle.ts';
import type { BenchOptions } from './main.ts';
import { takeTurns } from './measure.ts';
import type { Verdict } from './measure.ts';
import { opensslSpeed, yardsticks } from './yardsticks.ts';

const STEP_BYTES = 532;
const STEPS = 400_000;

/** As JSON.stringify makes it of rows: in one piece. */
const data = Array.from({ length: 1024 }, (_, index) => Buffer.from(String(index).padEnd(STEP_BYTES - 1, 'x')).toString('latin1'));

/** Leaves of the log as the witness hashes them. */
function leaves(): number {
  let characters = 0;
  const start = performance.now();
  for (let step = 0; step < STEPS; step += 1) characters += leafHash(data[step & 1023] ?? '').length;
  const rate = STEPS / ((performance.now() - start) / 1000);
  if (characters !== STEPS * 32) throw new Error('a leaf hash has not 32 bytes');
  return rate;
}

export async function benchHash({ rounds }: BenchOptions): Promise<readonly Verdict[]> {
  const rates = await takeTurns(rounds, { ours: leaves, ...(yardsticks.openssl ? { openssl: () => opensslSpeed(['-evp', 'sha256'], STEP_BYTES) } : { openssl: () => Number.NaN }) });
  const ratio = yardsticks.openssl ? rates.ours / rates.openssl : null;
  return [{
    job: `hash chain, ${STEP_BYTES} B a step`, figures: { 'Holdfast steps/s': rates.ours, 'OpenSSL steps/s': rates.openssl }, unit: 'steps/s', ratio, ratioOf: "of OpenSSL's SHA-256",
    floor: '>= 0.6', stretch: '>= 0.7', isMet: ratio === null ? null : ratio >= 0.6, note: ratio === null ? 'openssl is not installed' : null,
  }];
}
