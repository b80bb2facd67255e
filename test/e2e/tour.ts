// `npm run tour`: the main job in the real window, without a person. Prints each step with its time, keeps a picture of each screen, and fails when a step does not hold.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { startDeployment, startHost } from './harness.ts';
import type { DrivenHost, RunningDeployment } from './harness.ts';
import { addAuditKey, addDeployment, beginLook, choosePassphraseVault, decryptHere, goTo, lockAndCheck, PASSPHRASE, lookAtSecurity, selectEncrypted, syncAudit, testDeployment, unlock } from './steps.ts';

const root = join(import.meta.dirname, '../..');
const out = join(root, 'out/tour');
const SIZES = [{ width: 1280, height: 800 }, { width: 1920, height: 1080 }] as const;

interface StepResult { readonly step: string; readonly ms: number; readonly held: boolean; readonly says: string }
const results: StepResult[] = [];
const cleanups: (() => Promise<void> | void)[] = [];
const say = (line: string): void => { process.stdout.write(`${line}\n`); };

/** Runs one step. A step that fails ends the tour: the next ones stand on it. */
async function step<T>(name: string, run: () => Promise<T>, describe: (value: T) => string = () => ''): Promise<T> {
  const started = performance.now();
  try {
    const value = await run();
    const ms = Math.round(performance.now() - started);
    results.push({ step: name, ms, held: true, says: describe(value) });
    say(`  ${String(results.length).padStart(2)}  ${String(ms).padStart(6)} ms  ${name}${describe(value) === '' ? '' : `: ${describe(value)}`}`);
    return value;
  } catch (error) {
    const ms = Math.round(performance.now() - started);
    const says = error instanceof Error ? error.message : String(error);
    results.push({ step: name, ms, held: false, says });
    say(`  ${String(results.length).padStart(2)}  ${String(ms).padStart(6)} ms  ${name}: DID NOT HOLD\n${says}`);
    throw error;
  }
}

async function pictures(page: Page, name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(out, `${name}-${theme}-${size.width}x${size.height}.png`), animations: 'disabled' });
    }
  }
  await page.setViewportSize(SIZES[0]);
}

/** Runs the CLI on the same profile. */
function cli(profileDir: string, passphraseFile: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'electron/hosts/cli/main.ts'), ...args, '--profile', profileDir, '--json'], { env: { ...process.env, HOLDFAST_PASSPHRASE_FILE: passphraseFile }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function tour(): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tour-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const profileDir = join(folder, 'profile');
  const passphraseFile = join(folder, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });

  const deployment: RunningDeployment = await step('Start the reference deployment (C1, 3,000 events)', async () => {
    const started = await startDeployment({ dialect: 'C1', events: 3000 });
    cleanups.push(() => started.close());
    return started;
  }, (started) => started.url);
  const host: DrivenHost = await step('Open the window on a new profile', async () => {
    const started = await startHost({ profileDir, isHeadless: process.env['DISPLAY'] === undefined });
    cleanups.push(() => started.close());
    await expect(started.page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 20_000 });
    return started;
  });
  const { page } = host;
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });

  await pictures(page, '01-first-run');
  await step('Keep secrets in a passphrase vault', () => choosePassphraseVault(page, 'Only open Holdfast'));
  await step('See the empty state', () => expect(page.getByRole('heading', { name: 'No deployment yet' })).toBeVisible({ timeout: 15_000 }));
  await pictures(page, '02-empty');
  await step('Add the deployment with its token', async () => {
    await page.getByRole('button', { name: 'Add a deployment' }).first().click();
    await addDeployment(page, { name: 'acme-tour', url: deployment.url, token: deployment.token });
  });
  await step('Test the connection', () => testDeployment(page));
  await pictures(page, '03-deployment');
  await step('Read its security status', async () => {
    await goTo(page, 'Security');
    await lookAtSecurity(page);
    const overdue = page.getByRole('row', { name: /No rows are overdue/ });
    await expect(overdue).not.toContainText('pass');
    return page.getByRole('heading', { level: 1, name: 'Security' }).locator('xpath=..').innerText();
  }, (text) => text.replace(/\s+/g, ' ').slice(0, 90));
  await pictures(page, '04-security');
  await step('Sync the audit log', async () => {
    await goTo(page, 'Audit');
    await syncAudit(page);
  });
  const [older, active] = deployment.auditKeys;
  if (older === undefined || active === undefined) throw new Error('the reference deployment gave no audit keys');
  await step('Store the audit key', () => addAuditKey(page, active));
  await step('The deployment goes away', () => deployment.close());
  await step('Find an encrypted event in the cache', () => selectEncrypted(page, active.keyId));
  await pictures(page, '05-audit');
  const payload = await step('Decrypt its payload offline, for a reason', () => decryptHere(page, 'INC-204 token replay'), (text) => `${text.length} characters shown`);
  await pictures(page, '06-audit-opened');
  await step('Search the cache for failed requests', async () => {
    await page.getByRole('combobox', { name: 'Query' }).fill('status:>=400');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('grid', { name: 'Audit events' }).getByRole('row').nth(1)).toContainText(/[45]\d\d/, { timeout: 15_000 });
  });
  await pictures(page, '13-audit-search');
  await step('The CLI finds as many, and the witness verifies', async () => {
    const counted = await cli(profileDir, passphraseFile, ['audit', 'count', 'acme-tour', 'status:>=400', '--by', 'status']);
    expect(counted.code, counted.stderr).toBe(0);
    const verified = await cli(profileDir, passphraseFile, ['audit', 'verify', 'acme-tour']);
    expect(verified.code, verified.stderr).toBe(0);
    expect((JSON.parse(verified.stdout) as { verdict: string }).verdict).toBe('intact');
  });
  await step('While the window holds the profile, the CLI reads', async () => {
    const { code, stdout, stderr } = await cli(profileDir, passphraseFile, ['ledger', 'list']);
    expect(code, stderr).toBe(0);
    const { entries } = JSON.parse(stdout) as { entries: { action: string; reason: string | null }[] };
    expect(entries[0]).toMatchObject({ action: 'audit.decrypt', reason: 'INC-204 token replay' });
    return entries.length;
  }, (count) => `${count} ledger entries`);
  await step('… and is refused when it would write', async () => {
    const { code, stderr } = await cli(profileDir, passphraseFile, ['deployment', 'add', 'other', '--url', 'https://navi.example.com']);
    expect(code).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'profile_in_use' });
  });
  await step('See that it is offline, and from when the data is', async () => {
    await goTo(page, 'Security');
    await beginLook(page);
    await expect(page.getByRole('main').getByRole('alert')).toContainText('connection_refused', { timeout: 20_000 });
    await expect(page.getByRole('grid', { name: 'Checks' }).getByRole('row').nth(30)).toBeAttached();
  });
  await pictures(page, '07-security-offline');
  await step('Read from the cache what the deployment keeps, and how it is told to purge', async () => {
    await goTo(page, 'Retention');
    await expect(page.getByRole('region', { name: 'Verdict' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Schedules', exact: true }).locator('.schedule-file')).toHaveCount(1);
  });
  await pictures(page, '08-retention');
  await step('Start the checklist of the first fifteen minutes, and write what happens', async () => {
    await goTo(page, 'Runbooks');
    await page.getByRole('tablist', { name: 'Runbooks' }).getByRole('tab', { name: /^Runbooks/ }).click();
    await page.getByRole('grid', { name: 'Runbooks' }).getByRole('row', { name: 'First fifteen minutes of an incident' }).click();
    await page.getByRole('button', { name: 'Start a run…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Start/ }).last().click();
    await expect(page.getByRole('region', { name: 'Next step' }).first()).toContainText('Start the clock');
    await page.locator('#screen-title').focus();
    await page.keyboard.press('n');
    await page.keyboard.type('the deployment does not answer');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('option', { name: /the deployment does not answer/ })).toBeVisible();
    await page.keyboard.press('Escape');
  });
  await pictures(page, '09-run');
  await step('Look at the overview', () => goTo(page, 'Overview'));
  await pictures(page, '10-overview');
  await step('Look at the settings', () => goTo(page, 'Settings'));
  await pictures(page, '11-settings');
  await step('Lock: nothing readable stays', () => lockAndCheck(page, payload.slice(0, 40)));
  await pictures(page, '12-locked');
  await step('Unlock with the passphrase', () => unlock(page));
  await step('No error on any page', async () => expect(problems).toEqual([]));
  await step('Close the window', () => host.close());
  await step('Verify the ledger from the CLI', async () => {
    const { code, stdout, stderr } = await cli(profileDir, passphraseFile, ['ledger', 'verify']);
    expect(code, stderr).toBe(0);
    const verdict = JSON.parse(stdout) as { verdict: string; entries: number };
    expect(verdict.verdict).toBe('intact');
    return verdict.entries;
  }, (entries) => `intact, ${entries} entries`);
}

say('Tour of Holdfast in the real window');
let failed = false;
try {
  await tour();
} catch {
  failed = true;
} finally {
  for (const clean of cleanups.reverse()) await clean();
}
failed ||= results.some((result) => !result.held);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'summary.json'), `${JSON.stringify({ held: !failed, steps: results }, null, 2)}\n`);
say(failed ? 'The tour did not hold.' : `The tour held: ${results.length} steps. Pictures and summary are in out/tour/.`);
process.exit(failed ? 1 : 0);
