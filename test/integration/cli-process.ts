// The real command line and the real reference deployment as child processes, for the integration tests; it ends what it started, by its own handle.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LONGEST_RUN_MS = 60_000;
const compiled = process.env['NODE_COMPILE_CACHE'];
/** What every program of a test gets of the environment: what was compiled before is not compiled again, as in `npm run holdfast`. */
export const CLI_ENVIRONMENT: Readonly<Record<string, string>> = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }) };

export interface Finished { readonly code: number | null; readonly stdout: string; readonly stderr: string }
export interface Running { readonly child: ChildProcess; readonly finished: Promise<Finished> }

/** Starts one command; `input` is all of its stdin. It is ended by force when it outlives the limit, and then its code is null. */
export function startCli(args: readonly string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Running {
  const child = spawn(process.execPath, ['electron/hosts/cli/main.ts', ...args], { cwd: ROOT, env: { ...CLI_ENVIRONMENT, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN_MS);
  const finished = once(child, 'close').then(([code]) => {
    clearTimeout(timer);
    return { code: code as number | null, stdout, stderr };
  });
  return { child, finished };
}

export interface Deployment {
  readonly url: string;
  readonly token: string;
  readonly viewerToken: string;
  readonly auditKeys: readonly { readonly keyId: string; readonly key: string }[];
  readonly events: number;
  stop(): Promise<void>;
}

/** Starts the reference NAVI deployment on a free port of the loopback interface. */
export async function startDeployment(args: readonly string[]): Promise<Deployment> {
  const child = spawn(process.execPath, ['test/deployments/navi/main.ts', '--port', '0', '--exit-with-parent', ...args], { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { complaint += text; });
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const end = said.indexOf('\n');
      if (end !== -1) resolve(said.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`the deployment ended with ${code}: ${complaint}`)));
  });
  const facts = JSON.parse(await ready) as Omit<Deployment, 'stop'>;
  return {
    ...facts,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
