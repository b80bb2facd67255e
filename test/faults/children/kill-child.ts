// Runs a child of the fault tests and kills it with -9 where its output says so, or what it has done to others.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Kill {
  /** Recognises the line after which the child is killed. */
  readonly arm: (line: string) => boolean;
  readonly delayMs: number;
  /** Asked all the time; once it holds the child is killed at once, whatever it printed. */
  readonly isDue?: () => boolean;
}

const LOOK_MS = 2;

/** @returns every line that the child printed; a child that never prints the line ends by itself */
export function runAndKill(child: string, args: readonly string[], { arm, delayMs, isDue }: Kill): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [join(import.meta.dirname, `${child}.ts`), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    let timer: NodeJS.Timeout | null = null;
    const looking = isDue === undefined ? null : setInterval(() => { if (isDue()) process_.kill('SIGKILL'); }, LOOK_MS);
    createInterface({ input: process_.stdout }).on('line', (line) => {
      lines.push(line);
      if (timer === null && arm(line)) timer = setTimeout(() => process_.kill('SIGKILL'), delayMs);
    }).on('close', () => { if (looking !== null) clearInterval(looking); resolve(lines); });
    process_.on('error', reject);
  });
}
