// Starts the real window host and the reference deployment for tests, and ends what it started, by process id. It changes nothing about either but the test port.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { driveWindow } from './browser-driver.ts';
import type { Driver } from './browser-driver.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GRACE_MS = 8000;

export interface HostOptions {
  /** built: the product's page from out/renderer. fixture: test/fixtures/window-page.ts, for tests of the host alone. */
  readonly page?: 'built' | 'fixture';
  /** An existing profile to open again; without it a new one, removed at the end. */
  readonly profileDir?: string;
  readonly secrets?: 'memory' | 'passphrase' | 'keychain';
  /** Written to a file (0600) that HOLDFAST_PASSPHRASE_FILE names. */
  readonly passphrase?: string;
  readonly isHeadless?: boolean;
  /** False: as the product starts, without a port for Playwright; then there is no page to drive. */
  readonly isDriven?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that was started. `exited` gives its code, null when a signal ended it. */
export interface Started {
  readonly process: ChildProcess;
  readonly profileDir: string;
  readonly exited: Promise<number | null>;
  /** What it said on stderr so far. */
  said(): string;
  /** Ends it, the window and, when it was made here, the profile. */
  close(): Promise<void>;
}

export interface DrivenHost extends Started {
  readonly page: Page;
  readonly driver: Driver;
}

/** Node 24 of this tree: the Node that runs the tests. */
const node = process.execPath;

/** Starts the host without waiting for its window. */
export function spawnHost(options: HostOptions = {}): Started {
  const made = options.profileDir === undefined ? mkdtempSync(join(tmpdir(), 'holdfast-host-')) : null;
  const profileDir = options.profileDir ?? join(made ?? '', 'profile');
  const entry = options.page === 'fixture' ? 'test/fixtures/chromium-host.ts' : 'electron/hosts/chromium/main.ts';
  if (options.page !== 'fixture' && !existsSync(join(ROOT, 'out/renderer/index.html'))) throw new Error('out/renderer is not built. npm test and npm start build it first.');
  const args = [join(ROOT, entry), '--profile', profileDir, ...(options.secrets === undefined ? [] : ['--secrets', options.secrets])];
  if (options.isHeadless !== false) args.push('--headless');
  if (options.isDriven !== false) args.push('--remote-debugging-port=0');
  const env: NodeJS.ProcessEnv = { ...process.env, HOLDFAST_TEST_DEBUG_PORT: '1', ...options.env };
  const secretFile = options.passphrase === undefined ? null : join(mkdtempSync(join(tmpdir(), 'holdfast-pass-')), 'passphrase');
  if (secretFile !== null) {
    writeFileSync(secretFile, `${options.passphrase}\n`, { mode: 0o600 });
    env['HOLDFAST_PASSPHRASE_FILE'] = secretFile;
  }
  const child = spawn(node, args, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  // A test that runs out of time may end its worker before it closes what it started.
  const leaveNothing = (): void => { child.kill(); };
  process.once('exit', leaveNothing);
  child.once('exit', () => process.off('exit', leaveNothing));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text; });
  const exited = exitOf(child);
  return {
    process: child, profileDir, exited,
    said: () => said,
    async close() {
      await end(child, exited);
      for (const folder of [made, secretFile === null ? null : join(secretFile, '..')]) if (folder !== null) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Starts the host and attaches to its page. */
export async function startHost(options: HostOptions = {}): Promise<DrivenHost> {
  const host = spawnHost(options);
  try {
    const ended = host.exited.then((code) => { throw new Error(`The host ended with ${code} before its window was there: ${host.said()}`); });
    const driver = await Promise.race([driveWindow(host.profileDir), ended]);
    ended.catch(() => undefined);
    return {
      ...host, driver, page: driver.page,
      async close() {
        await driver.browser.close().catch(() => undefined);
        await host.close();
      },
    };
  } catch (error) {
    await host.close();
    throw error;
  }
}

export interface DeploymentOptions {
  readonly dialect?: 'A' | 'C0' | 'C1';
  readonly events?: number;
  readonly seed?: number;
  /** Further switches of test/deployments/navi/main.ts. */
  readonly more?: readonly string[];
}

export interface RunningDeployment {
  readonly url: string;
  readonly token: string;
  readonly viewerToken: string;
  readonly ca: string | null;
  readonly auditKeys: readonly { readonly keyId: string; readonly key: string }[];
  readonly process: ChildProcess;
  close(): Promise<void>;
}

/** Starts the reference deployment on a free port of this machine. */
export async function startDeployment({ dialect = 'C1', events = 500, seed = 7, more = [] }: DeploymentOptions = {}): Promise<RunningDeployment> {
  const args = [join(ROOT, 'test/deployments/navi/main.ts'), '--dialect', dialect, '--events', String(events), '--seed', String(seed), '--port', '0', '--exit-with-parent', ...more];
  const child = spawn(node, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = exitOf(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text; });
  const line = new Promise<string>((settle) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) settle(text.slice(0, text.indexOf('\n')));
    });
  });
  const ended = exited.then((code) => { throw new Error(`The reference deployment ended with ${code}: ${said}`); });
  const ready = JSON.parse(await Promise.race([line, ended])) as Omit<RunningDeployment, 'process' | 'close'>;
  ended.catch(() => undefined);
  return { ...ready, process: child, close: () => end(child, exited) };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((settle, fail) => {
    child.once('exit', (code) => settle(code));
    child.once('error', fail);
  });
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await exited;
  clearTimeout(timer);
}
