// Tests of the progress bar: it fits, it goes away, and where there is no terminal there is none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgressLine, progressText } from './progress.ts';
import { width } from './print.ts';

const PROGRESS = { jobId: 'j', call: 'audit.sync', deploymentId: null, step: 'Fetching the list', done: 500, total: 2000, rate: 123.4, etaSeconds: 72 };

function recorder(isTTY: boolean): { written: string; write(text: string): void; isTTY: boolean; columns: number } {
  return { written: '', isTTY, columns: 80, write(text) { this.written += text; } };
}

describe('the progress bar', () => {
  it('tells share, count, rate, time left and step', () => {
    expect(progressText(PROGRESS, 120)).toBe('[######..................] 25% 500/2000 123/s 1 min 12 s left Fetching the list');
    expect(progressText({ ...PROGRESS, total: null, rate: null, etaSeconds: null }, 120)).toBe('500 Fetching the list');
  });

  it('R60: fits the line and stays one line, whatever the step says', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 10, max: 200 }), fc.integer({ min: 0, max: 10 ** 9 }), (step, columns, done) => {
      const text = progressText({ ...PROGRESS, step, done }, columns);
      expect(width(text)).toBeLessThan(columns);
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }), { numRuns: 500 });
  });

  it('writes nothing when piped, and removes its line on a terminal', () => {
    const pipe = recorder(false);
    const piped = createProgressLine(pipe);
    piped.show(PROGRESS);
    piped.clear();
    expect(pipe.written).toBe('');
    const terminal = recorder(true);
    const line = createProgressLine(terminal);
    line.clear();
    expect(terminal.written).toBe('');
    line.show(PROGRESS);
    line.clear();
    expect(terminal.written.endsWith('\r\u001b[2K')).toBe(true);
  });
});
