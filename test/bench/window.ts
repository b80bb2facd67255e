// How long a window takes from its start to its first contentful paint, against the same Chromium with a page of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import type { Page } from '@playwright/test';
import { findChromium } from '../../build/window-hosts.mjs';
import { driveWindow } from '../e2e/browser-driver.ts';
import { spawnHost } from '../e2e/harness.ts';
import { median, takeTurns } from './measure.ts';
import type { Verdict } from './measure.ts';

/** A driver that attaches takes a core for a while and stops every new page for a look: it comes when all is painted, and reads what the page has noted. */
const LEFT_ALONE_MS = 3000;

interface Paints {
  /** First contentful paint, milliseconds since the epoch. */
  readonly first: number;
  /** The largest paint so far: of the product its first screen, no longer the word that it is opening. */
  readonly largest: number;
}

async function paintsOf(page: Page): Promise<Paints> {
  for (;;) {
    const paints = await page.evaluate(() => new Promise<Paints | null>((settle) => {
      const first = performance.getEntriesByName('first-contentful-paint')[0];
      if (first === undefined) return settle(null);
      new PerformanceObserver((list) => settle({ first: performance.timeOrigin + first.startTime, largest: performance.timeOrigin + (list.getEntries().at(-1)?.startTime ?? Number.NaN) })).observe({ type: 'largest-contentful-paint', buffered: true });
    }));
    if (paints !== null) return paints;
    await pause(5);
  }
}

async function ours(): Promise<Paints> {
  const start = performance.timeOrigin + performance.now();
  const host = spawnHost({ secrets: 'memory', isHeadless: false });
  try {
    await pause(LEFT_ALONE_MS);
    const { browser, page } = await driveWindow(host.profileDir);
    await page.locator('.app').waitFor();
    const { first, largest } = await paintsOf(page);
    await browser.close();
    return { first: first - start, largest: largest - start };
  } finally {
    await host.close();
  }
}

async function bare(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const page = join(folder, 'page.html');
  writeFileSync(page, '<!doctype html><title>bare</title><h1>A page</h1>');
  const command = findChromium();
  if (command === null) throw new Error('no Chromium');
  const start = performance.timeOrigin + performance.now();
  const child = spawn(command, [`--app=${pathToFileURL(page).href}`, `--user-data-dir=${join(folder, 'data')}`, '--remote-debugging-port=0', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions', '--password-store=basic', '--test-type', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])], { stdio: 'ignore' });
  const exited = new Promise((settle) => child.once('exit', settle));
  try {
    await pause(LEFT_ALONE_MS);
    let port = '';
    while (port === '') {
      await pause(10);
      try {
        port = readFileSync(join(folder, 'data', 'DevToolsActivePort'), 'utf8').split('\n')[0] ?? '';
      } catch {
        port = '';
      }
    }
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    let shown: Page | undefined;
    while (shown === undefined) shown = browser.contexts().flatMap((context) => context.pages()).find((each) => each.url().startsWith('file:'));
    return (await paintsOf(shown)).first - start;
  } finally {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export async function benchWindow({ rounds }: { readonly rounds: number }): Promise<readonly Verdict[]> {
  const screens: number[] = [];
  const ms = await takeTurns(rounds, {
    bare,
    async ours() {
      const { first, largest } = await ours();
      screens.push(largest);
      return first;
    },
  });
  const ratio = ms.ours / ms.bare;
  return [{ job: 'window: spawn to first contentful paint', figures: { 'Holdfast ms': ms.ours, 'bare Chromium ms': ms.bare, 'Holdfast with its first screen ms': median(screens.slice(1)) }, unit: 'ms', ratio, ratioOf: 'of the time of bare Chromium', floor: '<= 1.5', stretch: '<= 1.2', isMet: ratio <= 1.5, note: 'what is painted first says that Holdfast is opening' }];
}
