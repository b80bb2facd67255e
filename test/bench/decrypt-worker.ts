// A thread of the decrypt benchmark: makes the same tokens, says that it is ready, opens them when told, says when it has.
import { parentPort, workerData } from 'node:worker_threads';
import { fernetTokens } from './dataset.ts';
import { openAll } from './decrypt.ts';

const { different, bytes, times } = workerData as { different: number; bytes: number; times: number };
const tokens = fernetTokens(different, bytes);
// As warm as the one thread is by then.
openAll(tokens, times);
parentPort?.once('message', () => {
  openAll(tokens, times);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
