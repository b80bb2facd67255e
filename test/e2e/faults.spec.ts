// What goes wrong around a window: its host is killed, its page crashes, and others want the same profile.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { driveWindow } from './browser-driver.ts';
import { spawnHost, startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { ask, connect } from './set-up.ts';
import { PASSPHRASE } from './steps.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const vault = { secrets: 'passphrase', passphrase: PASSPHRASE } as const;

let directory: string;
let profileDir: string;
let navi: NaviDeployment;
let host: DrivenHost;

test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-faults-'));
  profileDir = join(directory, 'profile');
  navi = await startNaviDeployment({ config: configFor('C1'), events: 200, seed: 51 });
  host = await startHost({ profileDir, ...vault });
});

test.afterEach(async () => {
  await host?.close();
  await navi?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** Process ids whose command line names this profile. */
function processesOf(profile: string): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile);
    } catch {
      return false;
    }
  });
}

interface Finished { readonly code: number | null; readonly stdout: string; readonly stderr: string }

async function cli(...args: readonly string[]): Promise<Finished> {
  const passphraseFile = join(directory, 'passphrase');
  await writeFile(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  return await new Promise((settle, fail) => {
    const child = spawn(process.execPath, [join(ROOT, 'electron/hosts/cli/main.ts'), ...args, '--profile', profileDir, '--json'], { cwd: ROOT, env: { ...process.env, HOLDFAST_PASSPHRASE_FILE: passphraseFile }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.once('error', fail);
    child.once('close', (code) => settle({ code, stdout, stderr }));
  });
}

test('R38: the host is killed while its window is open: Chromium ends, the next start opens, the ledger verifies', async () => {
  const id = await connect(host.page, navi, { name: 'acme-killed', withKeys: true, withSync: true });
  const { events } = await ask(host.page, 'audit.summary', { deploymentId: id });
  const { events: rows } = await ask(host.page, 'audit.search', { deploymentId: id, query: 'encrypted:yes -key:none' });
  const [sealed] = rows;
  await ask(host.page, 'audit.decrypt', { deploymentId: id, id: sealed?.id ?? -1, reason: 'the last act before the kill' });
  const { total } = await ask(host.page, 'ledger.list', { limit: 1 });
  expect(processesOf(profileDir).length).toBeGreaterThan(1);

  host.process.kill('SIGKILL');
  await host.exited;
  await expect.poll(() => processesOf(profileDir), { timeout: 15_000 }).toEqual([]);
  await host.close();

  const startedAt = Date.now();
  host = await startHost({ profileDir, ...vault });
  await expect(host.page.getByRole('main').getByRole('button', { name: 'acme-killed', exact: true })).toBeVisible({ timeout: 15_000 });
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  expect((await ask(host.page, 'audit.summary', { deploymentId: id })).events).toBe(events);
  const ledger = host.page.getByRole('region', { name: 'Ledger' });
  await expect(ledger).toContainText('the last act before the kill');
  await ledger.getByRole('button', { name: 'Verify now' }).click();
  await expect.poll(async () => (await ask(host.page, 'app.status', {})).ledger).toEqual({ entries: total, verdict: 'intact' });
  await expect(ledger).toContainText(/rewrite/);
});

test('R16: the page crashes: it comes back by itself, on the same data, without asking for the passphrase again', async () => {
  const id = await connect(host.page, navi, { name: 'acme-crashed', withSync: true });
  const { events } = await ask(host.page, 'audit.summary', { deploymentId: id });
  const session = await host.page.context().newCDPSession(host.page);
  const crashed = host.page.waitForEvent('crash');
  await Promise.all([crashed, session.send('Page.crash').catch(() => undefined)]);
  await host.driver.browser.close();

  await expect(async () => {
    const { browser, page } = await driveWindow(profileDir, 5_000);
    try {
      await expect(page.getByRole('main').getByRole('button', { name: 'acme-crashed', exact: true })).toBeVisible({ timeout: 3_000 });
      expect((await ask(page, 'audit.summary', { deploymentId: id })).events).toBe(events);
    } finally {
      await browser.close();
    }
  }).toPass({ timeout: 20_000 });
  expect(host.process.exitCode).toBeNull();
});

test('while the window holds the profile, the CLI reads, and its writes are refused with exit 3', async () => {
  await connect(host.page, navi, { name: 'acme-shared', withSync: true });
  const [listed, shown] = [await cli('deployment', 'list'), await cli('audit', 'list', 'acme-shared', '--limit', '3')];
  expect(listed.code, listed.stderr).toBe(0);
  expect(listed.stdout).toContain('acme-shared');
  expect(shown.code, shown.stderr).toBe(0);
  expect((JSON.parse(shown.stdout) as { events: unknown[] }).events).toHaveLength(3);
  const before = (await ask(host.page, 'ledger.list', { limit: 1 })).total;
  for (const write of [['audit', 'sync', 'acme-shared'], ['deployment', 'add', 'second', '--url', 'https://navi.example.com'], ['deployment', 'remove', 'acme-shared', '--confirm', 'acme-shared']]) {
    const { code, stdout, stderr } = await cli(...write);
    expect(code, `${write.join(' ')}: ${stdout}${stderr}`).toBe(3);
    expect(JSON.parse(stderr), write.join(' ')).toMatchObject({ code: 'profile_in_use' });
  }
  expect((await ask(host.page, 'ledger.list', { limit: 1 })).total).toBe(before);
  expect((await ask(host.page, 'deployment.list', {})).deployments.map(({ name }) => name)).toEqual(['acme-shared']);
});

test('R45: a second start brings the first window to the front and ends with 0', async () => {
  const startedAt = Date.now();
  const second = spawnHost({ profileDir, ...vault, isDriven: false });
  try {
    expect(await second.exited, second.said()).toBe(0);
    expect(second.said()).toContain('its window was brought to the front');
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  } finally {
    await second.close();
  }
  await expect(host.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  expect((await ask(host.page, 'app.status', {})).access).toBe('write');
});
