// Which rows are taken to be at the deployment: those that nothing shows to be gone since they were seen last.
import { describe, expect, it } from 'vitest';
import { isGone } from './belief.ts';
import type { Emptied, RowTraces } from './belief.ts';

const row = (over: Partial<RowTraces> = {}): RowTraces => ({ createdAtUs: 10, cameUs: 100, look: null, vanishedUs: null, ...over });

describe('belief', () => {
  it.each<[string, RowTraces, readonly Emptied[], boolean]>([
    ['nothing is known', row(), [], false],
    ['it was looked for and missed', row({ look: { isThere: false, atUs: 200 } }), [], true],
    ['it was looked for and found', row({ look: { isThere: true, atUs: 200 } }), [], false],
    ['a sync missed it', row({ vanishedUs: 200 }), [], true],
    ['a sync missed it, and a look found it later', row({ vanishedUs: 200, look: { isThere: true, atUs: 300 } }), [], false],
    ['a look found it, and a sync missed it later', row({ vanishedUs: 300, look: { isThere: true, atUs: 200 } }), [], true],
    ['everything older was purged', row(), [{ fromUs: 200, atUs: 200, cutoffUs: 11 }], true],
    ['everything older was purged, and it is not older', row(), [{ fromUs: 200, atUs: 200, cutoffUs: 10 }], false],
    ['it came after that purge', row({ cameUs: 300 }), [{ fromUs: 200, atUs: 200, cutoffUs: 11 }], false],
    ['it came while that purge was under way: perhaps after it', row({ cameUs: 150 }), [{ fromUs: 140, atUs: 200, cutoffUs: 11 }], false],
    ['it had come before, and was found while that purge was under way', row({ look: { isThere: true, atUs: 150 } }), [{ fromUs: 140, atUs: 200, cutoffUs: 11 }], true],
    ['it was found after that purge', row({ look: { isThere: true, atUs: 300 } }), [{ fromUs: 200, atUs: 200, cutoffUs: 11 }], false],
    ['it came from a file after that purge, which shows nothing', row({ cameUs: null }), [{ fromUs: 200, atUs: 200, cutoffUs: 11 }], true],
    ['a later purge counts, whatever the order', row({ look: { isThere: true, atUs: 300 } }), [{ fromUs: 400, atUs: 400, cutoffUs: 11 }, { fromUs: 200, atUs: 200, cutoffUs: 11 }], true],
  ])('%s', (...[, traces, emptied, gone]) => {
    expect(isGone(traces, emptied)).toBe(gone);
  });
});
