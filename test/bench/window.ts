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
import { startHost } from '../e2e/harness.ts';
import { takeTurns } from './measure.ts';
import type { Verdict } from './measure.ts';

/** Milliseconds since the epoch at which the page first painted something. */
async function firstPaint(page: Page): Promise<number> {
  for (;;) {
    const at = await page.evaluate(() => {
      const entry = performance.getEntriesByName('first-contentful-paint')[0];
      return entry === undefined ? null : performance.timeOrigin + entry.startTime;
    });
    if (at !== null) return at;
    await pause(5);
  }
}

async function ours(): Promise<number> {
  const start = performance.timeOrigin + performance.now();
  const host = await startHost({ secrets: 'memory', isHeadless: false });
  try {
    return await firstPaint(host.page) - start;
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
    return await firstPaint(shown) - start;
  } finally {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export async function benchWindow({ rounds }: { readonly rounds: number }): Promise<readonly Verdict[]> {
  const ms = await takeTurns(rounds, { ours, bare });
  const ratio = ms.ours / ms.bare;
  return [{ job: 'window: spawn to first contentful paint', figures: { 'Holdfast ms': ms.ours, 'bare Chromium ms': ms.bare }, unit: 'ms', ratio, ratioOf: 'of the time of bare Chromium', floor: '<= 1.5', stretch: '<= 1.2', isMet: ratio <= 1.5, note: null }];
}
