// Starts a child of the database tests with Node's type stripping and collects what it prints.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** Lines printed so far. */
  readonly lines: string[];
  /** Resolves when the child has printed `count` lines; rejects when it ends before that. */
  printed(count: number): Promise<void>;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<string>;
}

/** The command line for a child, for a wrapper such as strace. */
export function childCommand(name: string, args: readonly string[]): string[] {
  return [process.execPath, fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), ...args];
}

export function startChild(name: string, args: readonly string[], wrapper: readonly string[] = []): Child {
  const [command = '', ...rest] = [...wrapper, ...childCommand(name, args)];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let open = '';
  let complaint = '';
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const tell = (): void => watchers.forEach((watch) => watch());
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (open + text).split('\n');
    open = parts.pop() ?? '';
    lines.push(...parts);
    tell();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      hasEnded = true;
      tell();
      resolve(signal ?? String(code));
    });
  });
  const printed = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        if (lines.length < count && !hasEnded) return;
        watchers.delete(watch);
        if (lines.length >= count) resolve();
        else reject(new Error(`${name} ended after ${lines.length} lines: ${complaint}`));
      };
      watchers.add(watch);
      watch();
    });
  return { process: child, lines, printed, ended };
}
