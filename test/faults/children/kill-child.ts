// Runs a child of the fault tests and kills it with -9 where its output says so.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Kill {
  /** Recognises the line after which the child is killed. */
  readonly arm: (line: string) => boolean;
  readonly delayMs: number;
}

/** @returns every line that the child printed; a child that never prints the line ends by itself */
export function runAndKill(child: string, args: readonly string[], { arm, delayMs }: Kill): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [join(import.meta.dirname, `${child}.ts`), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    let timer: NodeJS.Timeout | null = null;
    createInterface({ input: process_.stdout }).on('line', (line) => {
      lines.push(line);
      if (timer === null && arm(line)) timer = setTimeout(() => process_.kill('SIGKILL'), delayMs);
    }).on('close', () => resolve(lines));
    process_.on('error', reject);
  });
}
