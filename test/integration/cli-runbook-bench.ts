// Profiles with runbooks under the real command line, for the tests of its commands: each person a profile, each command a process or, where only its answer matters, the same entry in this one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect } from 'vitest';
import { run as runCli } from '../../electron/hosts/cli/run.ts';
import { temporaryFolder } from '../support/ports.ts';
import { startCli } from './cli-process.ts';
import type { Finished } from './cli-process.ts';

export const LONG = { timeout: 180_000 };

export interface Refusal { readonly code: number | null; readonly error: string; readonly message: string; readonly hint: string; readonly stdout: string }
export type Document = Record<string, unknown>;

export interface RunbookBench {
  at(name: string): string;
  put(name: string, content: string | Buffer): string;
  /** As a process of its own. */
  asProcess(who: string, args: readonly string[], input?: string): Promise<Finished>;
  /** The same command line in this process, which is quicker. */
  by(who: string, ...args: readonly string[]): Promise<Finished>;
  /** Runs `runbook …`, expects success and gives its text. */
  said(who: string, ...args: readonly string[]): Promise<string>;
  /** Runs `runbook … --json` and expects success. */
  served(who: string, ...args: readonly string[]): Promise<Document>;
  /** Runs `runbook … --json` and expects a failure: stderr is one JSON error. */
  refused(who: string, ...args: readonly string[]): Promise<Refusal>;
  /** States of the steps, by their ids. */
  states(who: string, run: string): Promise<Readonly<Record<string, string>>>;
}

/** The bench of one test file: its folder is there before its tests, and gone after them. */
export function useRunbookBench(name: string): RunbookBench {
  const folder = temporaryFolder(name);
  const at = (file: string): string => join(folder.path, file);
  const env = { HOLDFAST_PASSPHRASE_FILE: at('passphrase') };
  beforeAll(() => { writeFileSync(at('passphrase'), 'canary passphrase 51c0aa\n', { mode: 0o600 }); });
  afterAll(() => folder.remove());

  const bench: RunbookBench = {
    at,
    put(file, content) {
      writeFileSync(at(file), content);
      return at(file);
    },
    asProcess: (who, args, input) => startCli(['--profile', at(who), '--secrets', 'passphrase', ...args], { env, ...(input === undefined ? {} : { input }) }).finished,
    async by(who, ...args) {
      let [stdout, stderr] = ['', ''];
      const code = await runCli(['--profile', at(who), '--secrets', 'passphrase', ...args], {
        programDir: process.cwd(), onInterrupt: () => () => undefined,
        io: { stdin: Readable.from([]), stdout: { write: (text) => { stdout += text; } }, stderr: { write: (text) => { stderr += text; } }, env },
      });
      return { code, stdout, stderr };
    },
    async said(who, ...args) {
      const { code, stdout, stderr } = await bench.by(who, 'runbook', ...args);
      expect(code, stderr).toBe(0);
      return stdout;
    },
    async served(who, ...args) {
      const { code, stdout, stderr } = await bench.by(who, 'runbook', ...args, '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Document;
    },
    async refused(who, ...args) {
      const { code, stdout, stderr } = await bench.by(who, 'runbook', ...args, '--json');
      const error = JSON.parse(stderr) as Record<string, string>;
      expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'id']);
      return { code, error: error['code'] ?? '', message: error['message'] ?? '', hint: error['hint'] ?? '', stdout };
    },
    async states(who, run) {
      const { steps } = await bench.served(who, 'status', run);
      return Object.fromEntries((steps as { step: string; state: string }[]).map(({ step, state }) => [step, state]));
    },
  };
  return bench;
}
