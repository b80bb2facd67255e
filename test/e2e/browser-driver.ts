// Lets Playwright drive a window that a host opened: finds the test port of its Chromium and attaches to the one page. Tests alone start a window with such a port.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';

export interface Driver {
  readonly browser: Browser;
  readonly page: Page;
}

const LOOK_EVERY_MS = 25;

/**
 * Attaches to the window of a profile.
 * @param timeoutMs for the window to be there and on its page
 * @throws Error when there is none in time
 */
export async function driveWindow(profileDir: string, timeoutMs = 30_000): Promise<Driver> {
  const deadlineMs = performance.now() + timeoutMs;
  const browser = await until(deadlineMs, 'a Chromium with a test port', () => attach(profileDir));
  try {
    const page = await until(deadlineMs, 'the page of the window', () => browser.contexts().flatMap((context) => context.pages()).find((candidate) => candidate.url().startsWith('https://console.localhost/')));
    return { browser, page };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Nothing while there is no port, or only one that a killed Chromium left behind. */
async function attach(profileDir: string): Promise<Browser | undefined> {
  const port = testPort(profileDir);
  if (port === undefined) return undefined;
  return await chromium.connectOverCDP(`http://127.0.0.1:${port}`).catch((error: unknown) => {
    if (error instanceof Error && error.message.includes('ECONNREFUSED')) return undefined;
    throw error;
  });
}

function testPort(profileDir: string): number | undefined {
  try {
    const [folder] = readdirSync(join(profileDir, 'window'));
    const port = Number(readFileSync(join(profileDir, 'window', folder ?? '', 'DevToolsActivePort'), 'utf8').split('\n')[0]);
    return port > 0 ? port : undefined;
  } catch {
    return undefined;
  }
}

async function until<T>(deadlineMs: number, what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`There was no sign of ${what} in time.`);
    await pause(LOOK_EVERY_MS);
  }
}
