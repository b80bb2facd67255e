// The progress bar: one line on stderr while something long runs, gone afterwards; where stderr is no terminal there is none.
import type { JobProgress } from '#shared/contract/job.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import type { OutStream } from './io.ts';
import { width } from './print.ts';

export interface ProgressLine {
  show(progress: JobProgress): void;
  /** Removes the line, so that what is printed next begins on a clean one. */
  clear(): void;
}

const BAR_CELLS = 24;
const ERASE_LINE = '\r\u001b[2K';

export function createProgressLine(stderr: OutStream): ProgressLine {
  if (stderr.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show(progress) {
      stderr.write(`${ERASE_LINE}${progressText(progress, stderr.columns ?? 80)}`);
      shown = true;
    },
    clear() {
      if (shown) stderr.write(ERASE_LINE);
      shown = false;
    },
  };
}

/** One line that fits: bar, share, count, rate and time left where they are known, then the step. */
export function progressText(progress: JobProgress, columns: number): string {
  const { done, total, rate, etaSeconds } = progress;
  const parts: string[] = [];
  if (total !== null && total > 0) {
    const share = Math.min(1, done / total);
    const full = Math.floor(share * BAR_CELLS);
    parts.push(`[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}]`, `${Math.floor(share * 100)}%`, `${done}/${total}`);
  } else parts.push(String(done));
  if (rate !== null) parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
  if (etaSeconds !== null) parts.push(`${timeLeft(etaSeconds)} left`);
  parts.push(visibleLine(progress.step));
  let text = parts.join(' ');
  while (width(text) >= columns && text !== '') text = [...text].slice(0, -1).join('');
  return text;
}

function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
