// How smoothly the audit grid scrolls over all rows in the real window: the time between two frames while it scrolls, and again while a file is imported.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { startHost } from '../e2e/harness.ts';
import { ask } from '../e2e/set-up.ts';
import { goTo, PASSPHRASE, unlock } from '../e2e/steps.ts';
import { writeDataset } from './dataset.ts';
import type { BenchOptions } from './main.ts';
import { quantile } from './measure.ts';
import type { Verdict } from './measure.ts';


const SECONDS = 8;
const FLOOR_MS = 25;

/** Scrolls by a few hundred pixels a frame, with a jump now and then, and gives the times between frames in milliseconds. */
function framesWhileScrolling(page: Page, seconds: number): Promise<number[]> {
  return page.evaluate((length) => new Promise<number[]>((resolve) => {
    const grid = document.querySelector<HTMLElement>('[role="grid"]');
    if (grid === null) throw new Error('there is no grid');
    const frames: number[] = [];
    const start = performance.now();
    let last = start;
    let count = 0;
    const next = (now: number): void => {
      frames.push(now - last);
      last = now;
      count += 1;
      grid.scrollTop = count % 60 === 0 ? Math.random() * grid.scrollHeight : grid.scrollTop + 240;
      if (now - start < length * 1000) requestAnimationFrame(next);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(next);
  }), seconds);
}

function holdfast(profile: string, passphraseFile: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../electron/hosts/cli/main.ts'), ...args, '--profile', profile, '--secrets', 'passphrase'], { env: { ...process.env, HOLDFAST_PASSPHRASE_FILE: passphraseFile }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text; });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`holdfast ${args.join(' ')} ended with ${code}: ${said}`))));
  });
}

export async function benchScroll({ rows, folder }: BenchOptions): Promise<readonly Verdict[]> {
  const profile = join(folder, 'scroll-profile');
  const passphraseFile = join(folder, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  const first = writeDataset({ jsonl: join(folder, 'scroll.jsonl'), csv: join(folder, 'scroll.csv') }, rows);
  await holdfast(profile, passphraseFile, ['deployment', 'add', 'bench', '--url', 'https://navi.example.com']);
  await holdfast(profile, passphraseFile, ['audit', 'import', first.jsonl, '--deployment', 'bench']);
  // Rows with other ids, so that they are really written while the grid scrolls.
  await holdfast(profile, passphraseFile, ['deployment', 'add', 'other', '--url', 'https://other.example.com']);

  const host = await startHost({ profileDir: profile, secrets: 'passphrase', passphrase: PASSPHRASE, isHeadless: false });
  try {
    const { page } = host;
    await page.setViewportSize({ width: 1920, height: 1080 });
    if (await page.getByRole('heading', { name: /locked/i }).isVisible().catch(() => false)) await unlock(page);
    await goTo(page, 'Audit');
    await page.locator('[role="gridcell"]').first().waitFor({ timeout: 60_000 });
    const still = await framesWhileScrolling(page, SECONDS);
    const other = (await ask(page, 'deployment.list', {})).deployments.find(({ name }) => name === 'other');
    if (other === undefined) throw new Error('the second deployment is missing');
    const importing = ask(page, 'audit.import', { deploymentId: other.id, paths: [first.jsonl] });
    let isImporting = true;
    void importing.finally(() => { isImporting = false; }).catch(() => undefined);
    const busy: number[] = [];
    while (isImporting && busy.length < 3000) busy.push(...await framesWhileScrolling(page, 2));
    await importing;
    const verdict = (job: string, frames: readonly number[]): Verdict => {
      const p95 = quantile(frames, 0.95);
      return { job, figures: { 'p50 ms': quantile(frames, 0.5), 'p95 ms': p95, 'p99 ms': quantile(frames, 0.99), frames: frames.length }, unit: 'ms', ratio: null, ratioOf: '', floor: `p95 <= ${FLOOR_MS} ms`, stretch: 'p95 <= 16.7 ms', isMet: p95 <= FLOOR_MS, note: null };
    };
    return [verdict(`scroll of ${rows} rows`, still), verdict(`scroll of ${rows} rows during an import`, busy)];
  } finally {
    await host.close();
  }
}
