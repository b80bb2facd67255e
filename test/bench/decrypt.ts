// Opening many Fernet tokens: one thread against Python's cryptography and against what OpenSSL could do at most, and two threads against one.
import { Worker } from 'node:worker_threads';
import { createBatchOpener, OPENED, prepareBatchKey } from '#core/audit/fernet-batch.ts';
import { parseFernetKey } from '#core/audit/fernet.ts';
import { Secret } from '#core/secret.ts';
import { THREAD_LIMITS } from '#core/workers/thread.ts';
import { fernetTokens, KEY_TEXT } from './dataset.ts';
import type { BenchOptions } from './main.ts';
import { takeTurns } from './measure.ts';
import type { Verdict } from './measure.ts';
import { opensslSpeed, pythonFernet, yardsticks } from './yardsticks.ts';

const PLAINTEXT_BYTES = 600;
const DIFFERENT = 20_000;
const TOKENS = 400_000;

/** Opens every token once, in passes, and gives tokens a second. @throws Error when one does not open */
export function openAll(tokens: readonly string[], times: number): number {
  const key = prepareBatchKey(parseFernetKey(new Secret(KEY_TEXT)));
  const opener = createBatchOpener();
  const start = performance.now();
  for (let time = 0; time < times; time += 1) {
    for (let from = 0; from < tokens.length;) {
      const pass = opener.open(tokens, from, key);
      for (let index = 0; index < pass.taken; index += 1) if (pass.verdict[index] !== OPENED) throw new Error(`token ${from + index} did not open`);
      from += pass.taken;
    }
  }
  const rate = tokens.length * times / ((performance.now() - start) / 1000);
  opener.wipe();
  return rate;
}

/** Two threads, limited as the product's are, that each open half; the time of the slower one counts, without their start. */
async function inTwoThreads(): Promise<number> {
  const workers = [0, 1].map(() => new Worker(new URL('./decrypt-worker.ts', import.meta.url), { workerData: { different: DIFFERENT, bytes: PLAINTEXT_BYTES, times: TOKENS / DIFFERENT / 2 }, resourceLimits: THREAD_LIMITS }));
  const ready = workers.map((worker) => new Promise<void>((resolve, reject) => { worker.once('message', () => resolve()); worker.once('error', reject); }));
  await Promise.all(ready);
  const start = performance.now();
  await Promise.all(workers.map((worker) => new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.postMessage('go');
  })));
  const rate = TOKENS / ((performance.now() - start) / 1000);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return rate;
}

export async function benchDecrypt({ rounds }: BenchOptions): Promise<readonly Verdict[]> {
  const tokens = fernetTokens(DIFFERENT, PLAINTEXT_BYTES);
  const tokenBytes = Buffer.from(tokens[0] ?? '', 'base64url').length;
  const { python, openssl } = yardsticks;
  const rates = await takeTurns(rounds, {
    one: () => openAll(tokens, TOKENS / DIFFERENT),
    two: inTwoThreads,
    python: () => (python ? pythonFernet(KEY_TEXT, tokens) : Number.NaN),
    // The work that no way around is known: the HMAC over all but the MAC, and the cipher over the ciphertext.
    limit: () => (openssl ? 1 / (1 / opensslSpeed(['-hmac', 'sha256'], tokenBytes - 32) + 1 / opensslSpeed(['-decrypt', '-evp', 'aes-128-cbc'], tokenBytes - 57)) : Number.NaN),
  });
  const figures = { 'Holdfast tokens/s': rates.one, 'two threads tokens/s': rates.two, 'Python tokens/s': rates.python, 'OpenSSL limit tokens/s': rates.limit };
  const verdict = (job: string, ratio: number | null, rest: Pick<Verdict, 'ratioOf' | 'floor' | 'stretch'> & { readonly least: number; readonly lacks: string }): Verdict => ({
    job, figures, unit: 'tokens/s', ratio, ratioOf: rest.ratioOf, floor: rest.floor, stretch: rest.stretch, isMet: ratio === null ? null : ratio >= rest.least, note: ratio === null ? rest.lacks : null,
  });
  return [
    verdict('bulk decrypt, one thread, against Python', python ? rates.one / rates.python : null, { ratioOf: "times Python's cryptography", floor: '>= 8', stretch: '>= 11', least: 8, lacks: "Python's cryptography is not installed" }),
    verdict('bulk decrypt, one thread, of the limit', openssl ? rates.one / rates.limit : null, { ratioOf: 'of the OpenSSL limit', floor: '>= 0.25', stretch: '>= 0.5', least: 0.25, lacks: 'openssl is not installed' }),
    verdict('bulk decrypt, two threads', rates.two / rates.one, { ratioOf: 'times one thread', floor: '>= 1.7', stretch: '>= 2', least: 1.7, lacks: '' }),
  ];
}
