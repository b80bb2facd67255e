// Opens the built page in the system's Chromium under the strict content policy, with the fake core behind the bridge.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { createFakeCore } from './fake-core.ts';
import type { Scenario } from './fake-core.ts';

export const ORIGIN = 'https://console.localhost';
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/** BUILT names another build than the usual one. */
const BUILT = process.env['BUILT'] === undefined ? fileURLToPath(new URL('../../../out/renderer/', import.meta.url)) : join(process.env['BUILT'], sep);
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

export interface OpenPage { readonly page: Page; /** Violations of the policy, page errors and console errors, as they came. */ readonly complaints: string[]; readonly emit: (name: string, payload: unknown) => Promise<void>; readonly close: () => Promise<void> }

export async function openPage(browser: Browser, scenario: Scenario, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    const path = normalize(join(BUILT, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname)));
    if (url.origin !== ORIGIN || !path.startsWith(normalize(BUILT + sep).replace(`${sep}${sep}`, sep))) return route.abort();
    try {
      return await route.fulfill({ body: await readFile(path), contentType: TYPES[extname(path)] ?? 'application/octet-stream', headers: { 'content-security-policy': CSP } });
    } catch {
      complaints.push(`missing: ${url.pathname}`);
      return route.fulfill({ status: 404 });
    }
  });
  const emit = async (name: string, payload: unknown): Promise<void> => {
    await page.evaluate((event) => { for (const listener of (window as unknown as { heard: ((given: unknown) => void)[] }).heard) listener(event); }, { name, payload });
  };
  const core = createFakeCore(scenario, (name, payload) => { void emit(name, payload); });
  await page.exposeFunction('dispatchFake', (name: string, input: unknown) => core(name, input).catch((error: unknown) => { complaints.push(`fake: ${String(error)}`); throw error; }));
  await page.addInitScript(() => {
    const heard: ((event: unknown) => void)[] = [];
    const own = window as unknown as { heard: typeof heard; dispatchFake: (name: string, input: unknown) => Promise<unknown>; holdfast: unknown };
    own.heard = heard;
    own.holdfast = {
      call: (name: string, input: unknown) => own.dispatchFake(name, input),
      onEvent: (listener: (event: unknown) => void) => { heard.push(listener); return () => { heard.splice(heard.indexOf(listener), 1); }; },
    };
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  await page.goto(`${ORIGIN}/`);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  return { page, complaints, emit, close: () => context.close() };
}
