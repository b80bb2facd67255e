// Brings a window quickly to where a test begins, over the page's own bridge, and listens for what a page must never do. It is not for what a test is about: that goes through the screen.
import type { ConsoleMessage, Dialog, Page, Request } from '@playwright/test';
import { expect } from '@playwright/test';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import type { Environment } from '#shared/domain/deployment.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';

const ORIGIN = 'https://console.localhost/';

interface BridgeWindow { readonly holdfast: { call(name: string, input: unknown): Promise<unknown> } }
type Envelope<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** Calls core as the page does. @throws Error with code and message when core refuses */
export async function ask<N extends CallName>(page: Page, name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const answer = await page.evaluate(([call, given]) => (globalThis as unknown as BridgeWindow).holdfast.call(call, given), [name, input] as const) as Envelope<CallOutput<N>>;
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
  return answer.value;
}

/** A token of the deployment's own administrator, good for an hour. */
export function adminToken(navi: NaviDeployment, claims: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return navi.signToken({ sub: 'auth0|acme-platform-admin', email: 'platform-admin@acme.example', name: 'platform-admin', org_id: 'acme', role: 'admin', iat: now, exp: now + 3600, ...claims });
}

export interface Connect {
  readonly name: string;
  readonly environment?: Environment;
  readonly token?: string;
  /** Stores both audit keys of the deployment. */
  readonly withKeys?: boolean;
  readonly withSync?: boolean;
  readonly withStatus?: boolean;
}

/** Connects a deployment and gives its id. The screens follow by core's events. */
export async function connect(page: Page, navi: NaviDeployment, given: Connect): Promise<string> {
  const { id } = await ask(page, 'deployment.add', { name: given.name, url: navi.url, kind: 'navi', environment: given.environment ?? 'development', caPem: navi.caPem, token: given.token ?? adminToken(navi) });
  await ask(page, 'deployment.test', { id });
  if (given.withKeys === true) for (const { keyId, key } of [navi.secrets.olderAuditKey, navi.secrets.activeAuditKey]) await ask(page, 'audit.keyAdd', { deploymentId: id, keyId, key });
  if (given.withStatus === true) {
    // The status alone: probes go at two a second, and no such test is about them.
    await ask(page, 'security.setConsent', { deploymentId: id, consent: 'probes', isAllowed: false });
    await ask(page, 'security.scan', { deploymentId: id });
  }
  if (given.withSync === true) await ask(page, 'audit.sync', { deploymentId: id });
  return id;
}

export interface Trouble {
  /** Everything that was heard so far, in plain lines. */
  readonly heard: readonly string[];
  /** Also asks the page for policy violations and for code that ran. */
  all(): Promise<readonly string[]>;
}

/**
 * Listens for errors on the console, dialogs, requests that leave our origin, policy violations and code from data (`__pwned`).
 * Violations are heard in the present document only.
 */
export async function listenForTrouble(page: Page): Promise<Trouble> {
  const heard: string[] = [];
  page.on('console', (message: ConsoleMessage) => { if (message.type() === 'error' || message.type() === 'warning') heard.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => heard.push(`error: ${error.message}`));
  page.on('dialog', (dialog: Dialog) => { heard.push(`dialog: ${dialog.message()}`); });
  page.on('request', (request: Request) => { if (!request.url().startsWith(ORIGIN)) heard.push(`request: ${request.url()}`); });
  await page.evaluate(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { __violations: violations });
    document.addEventListener('securitypolicyviolation', (event) => violations.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return {
    heard,
    async all() {
      const seen = await page.evaluate(() => {
        const { __violations: violations, __pwned: pwned } = globalThis as unknown as { __violations?: string[]; __pwned?: unknown };
        return [...(violations ?? ['the document was replaced']), ...(pwned === undefined ? [] : [`code from data ran: ${String(pwned)}`])];
      });
      return [...heard, ...seen];
    },
  };
}

/** The tree that assistive technology gets, as text. */
export function accessibleText(page: Page): Promise<string> {
  return page.locator('body').ariaSnapshot();
}

/** Asserts that a text is nowhere a reader, a screen reader or a task bar could find it. */
export async function expectNowhere(page: Page, secret: string): Promise<void> {
  expect(await page.content(), 'the document').not.toContain(secret);
  expect(await accessibleText(page), 'the accessibility tree').not.toContain(secret);
  expect(await page.title(), 'the title').not.toContain(secret);
  const values = await page.evaluate(() => [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')].map((field) => field.value));
  expect(values.join('\n'), 'the fields').not.toContain(secret);
}
