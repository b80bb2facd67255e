// Draws every screen and state to pictures and runs axe on each: `node test/e2e/renderer-dev/shots.ts OUT [NAME…]`; exits 1 on any complaint.
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from '@playwright/test';
import type { Page } from '@playwright/test';
import type { SavedView } from '#shared/domain/audit-search.ts';
import type { AuditFinding } from '#shared/domain/audit-witness.ts';
import type { Scenario } from './fake-core.ts';
import { openPage } from './page.ts';
import { ago, PROD, SAMPLE, STAGING } from './seed.ts';

interface Shot { readonly name: string; readonly scenario: Scenario; readonly act?: (page: Page) => Promise<void> }

const go = (word: string) => async (page: Page): Promise<void> => { await page.getByRole('navigation').getByRole('button', { name: word }).click(); };
const then = (...steps: readonly ((page: Page) => Promise<void>)[]) => async (page: Page): Promise<void> => { for (const step of steps) await step(page); };
const row = (index: number) => async (page: Page): Promise<void> => { await page.locator(`[data-row="${index}"] [data-column="2"]`).click(); await page.getByRole('heading', { name: /^Event / }).waitFor(); };
const press = (...keys: readonly string[]) => async (page: Page): Promise<void> => { for (const key of keys) await page.keyboard.press(key); };
const click = (name: string | RegExp) => async (page: Page): Promise<void> => { await page.getByRole('button', { name }).first().click(); };
const fill = (label: string | RegExp, text: string) => async (page: Page): Promise<void> => { await page.getByLabel(label).first().fill(text); };

const query = (text: string) => async (page: Page): Promise<void> => { await page.getByRole('navigation').getByRole('button', { name: 'Audit' }).click(); await page.getByRole('combobox', { name: 'Query' }).fill(text); await page.keyboard.press('Enter'); };
const VIEWS: readonly SavedView[] = [{ id: 1, name: 'Failures this week', query: 'status:>=400 since:7d', sort: { by: 'time', direction: 'desc' }, columns: ['time', 'method', 'route', 'status'], savedAt: ago(86_400) }, { id: 2, name: 'Sealed under the old key', query: 'key:audit-2025-12 encrypted:yes', sort: { by: 'time', direction: 'asc' }, columns: ['time', 'route', 'payload'], savedAt: ago(400) }];
const FINDINGS: readonly AuditFinding[] = [{ seq: 3, kind: 'changed', eventId: 1, createdAt: ago(9000), foundAt: ago(600), message: 'The status and the actor differ from what was first seen.', held: '{"route":"/api/plan/7f2/step","status":403,"actor":"svc-planner"}', found: '{"route":"/api/plan/7f2/step","status":200,"actor":"admin-2\u202e@acme.example"}' }];

const SHOTS: readonly Shot[] = [
  { name: 'setup-working', scenario: { state: 'setup', deployments: [] } },
  { name: 'setup-locked', scenario: { state: 'setup', deployments: [], keychain: 'locked' } },
  { name: 'setup-passphrase', scenario: { state: 'setup', deployments: [], keychain: 'no-bus' }, act: then(async (page) => page.getByLabel('Passphrase vault').check(), fill(/^Passphrase$/, 'short'), click('Add a deployment')) },
  { name: 'setup-memory', scenario: { state: 'setup', deployments: [] }, act: async (page) => page.getByLabel('Memory only').check() },
  { name: 'setup-problem', scenario: { state: 'setup', problem: { code: 'database_corrupt', message: 'The cache is damaged: page 812 does not verify. The file was left as it is.', hint: 'Put a backup in its place, or start with another --profile directory.' } } },
  { name: 'lock-passphrase', scenario: { state: 'locked', lockMode: 'passphrase' }, act: then(fill(/passphrase/i, 'wrong'), click('Unlock')) },
  { name: 'lock-screen-only', scenario: { state: 'locked' } },
  { name: 'overview', scenario: {} },
  { name: 'overview-empty', scenario: { deployments: [] } },
  { name: 'overview-loading', scenario: { hang: ['overview.show'] } },
  { name: 'overview-error', scenario: { fail: ['overview.show'] } },
  { name: 'overview-verified', scenario: {}, act: click('Verify now') },
  { name: 'security', scenario: {}, act: go('Security') },
  { name: 'security-unknown', scenario: {}, act: then(go('Security'), press('Tab', 'Tab', 'Tab'), async (page) => page.getByRole('row', { name: /unknown: Signing-key/ }).click(), press('j')) },
  { name: 'security-filtered', scenario: {}, act: then(go('Security'), fill('Filter checks by text', 'nothing like it')) },
  { name: 'security-never', scenario: { securityNever: true }, act: go('Security') },
  { name: 'security-offline', scenario: { securityFailure: true }, act: go('Security') },
  { name: 'security-look', scenario: {}, act: then(go('Security'), click('Look now…')) },
  { name: 'security-changes', scenario: {}, act: then(go('Security'), click('What changed')) },
  { name: 'security-fleet', scenario: {}, act: then(go('Security'), click('Fleet')) },
  { name: 'security-error', scenario: { fail: ['security.scan'] }, act: then(go('Security'), click('Look now…'), click(/^Look now: /)) },
  { name: 'audit', scenario: {}, act: go('Audit') },
  { name: 'audit-plain', scenario: {}, act: then(go('Audit'), row(0)) },
  { name: 'audit-encrypted', scenario: {}, act: then(go('Audit'), row(4)) },
  { name: 'audit-nokey', scenario: {}, act: then(go('Audit'), row(8), click('Decrypt here')) },
  { name: 'audit-opened', scenario: {}, act: then(go('Audit'), row(4), fill('Reason', 'INC-204 token replay'), press('Enter'), async (page) => page.getByText(/shown for/).waitFor()) },
  { name: 'audit-dialect-a', scenario: { deployments: [STAGING] }, act: then(go('Audit'), row(4)) },
  { name: 'audit-hostile', scenario: {}, act: then(go('Audit'), row(6), press('ArrowDown')) },
  { name: 'audit-failed-decrypt', scenario: { fail: ['audit.decrypt'] }, act: then(go('Audit'), row(4), fill('Reason', 'INC-204'), press('Enter'), async (page) => page.getByRole('alert').waitFor()) },
  { name: 'audit-query', scenario: {}, act: query('route:/api/navi status:>=400 -method:PUT since:14d') },
  { name: 'audit-query-error', scenario: {}, act: query('route:/api/navi acter:bob since:14d') },
  { name: 'audit-query-values', scenario: {}, act: then(go('Audit'), async (page) => { await page.getByRole('combobox', { name: 'Query' }).pressSequentially('status:>=400 method:'); await page.getByRole('option', { name: /POST/ }).waitFor(); }, press('ArrowDown', 'ArrowDown')) },
  { name: 'audit-query-fields', scenario: { views: VIEWS }, act: then(go('Audit'), async (page) => page.getByRole('combobox', { name: 'Query' }).focus(), press('ArrowDown')) },
  { name: 'audit-query-help', scenario: {}, act: then(go('Audit'), async (page) => page.getByRole('combobox', { name: 'Query' }).focus(), press('?')) },
  { name: 'audit-no-match', scenario: {}, act: then(query('nowhere'), async (page) => page.getByText('No event matches').waitFor()) },
  { name: 'audit-brush', scenario: {}, act: then(go('Audit'), async (page) => { const box = await page.getByRole('slider').boundingBox(); if (box === null) throw new Error('no bars'); await page.mouse.move(box.x + box.width * 0.5, box.y + 20); await page.mouse.down(); await page.mouse.move(box.x + box.width * 0.62, box.y + 20, { steps: 4 }); }) },
  { name: 'audit-bars-keys', scenario: {}, act: then(go('Audit'), async (page) => page.getByRole('slider').focus(), press('ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft')) },
  { name: 'audit-facets', scenario: {}, act: then(query('status:>=400 -method:=PUT'), async (page) => { if (!await page.getByRole('region', { name: 'Facets' }).isVisible()) await page.getByRole('button', { name: 'Facets', exact: true }).click(); }, async (page) => page.getByRole('region', { name: 'Facets' }).getByText('Method', { exact: true }).waitFor()) },
  { name: 'audit-selected', scenario: {}, act: then(go('Audit'), row(3), press('x', 'Shift+ArrowDown', 'Shift+ArrowDown', 'j', 'j', 'x')) },
  { name: 'audit-selected-all', scenario: {}, act: then(go('Audit'), row(3), press('Control+a')) },
  { name: 'audit-columns', scenario: {}, act: then(go('Audit'), click('Columns')) },
  { name: 'audit-views', scenario: { views: VIEWS }, act: then(go('Audit'), click(/^Views/)) },
  { name: 'audit-sorted', scenario: {}, act: then(go('Audit'), click('Status')) },
  { name: 'audit-raw', scenario: {}, act: then(go('Audit'), row(6), click('Raw bytes')) },
  { name: 'audit-findings', scenario: { findings: FINDINGS }, act: then(go('Audit'), row(5)) },
  { name: 'audit-file-row', scenario: {}, act: then(go('Audit'), row(13)) },
  { name: 'audit-live', scenario: { tail: { state: 'waiting', since: ago(900), lastAt: ago(60), nextAt: ago(-20), added: 14, message: 'Nothing answered at navi.acme.example:443.' } }, act: go('Audit') },
  { name: 'audit-live-on', scenario: {}, act: then(go('Audit'), click('Live')) },
  { name: 'audit-gaps', scenario: {}, act: then(go('Audit'), async (page) => page.getByText(/in what is held here/).click()) },
  { name: 'audit-empty', scenario: { events: 0 }, act: go('Audit') },
  { name: 'audit-loading', scenario: { hang: ['audit.search'] }, act: go('Audit') },
  { name: 'audit-uncounted', scenario: { hang: ['audit.count', 'audit.histogram', 'audit.facets'] }, act: query('status:>=400') },
  { name: 'audit-error', scenario: { fail: ['audit.search'] }, act: go('Audit') },
  { name: 'audit-error-bars', scenario: { fail: ['audit.histogram', 'audit.coverage'] }, act: go('Audit') },
  { name: 'audit-job', scenario: { job: true }, act: go('Audit') },
  { name: 'audit-synced', scenario: {}, act: then(go('Audit'), click('Sync')) },
  { name: 'audit-sync-failed', scenario: { fail: ['audit.sync'] }, act: then(go('Audit'), click('Sync')) },
  { name: 'audit-keys', scenario: {}, act: then(go('Audit'), click('1 key')) },
  { name: 'audit-keys-remove', scenario: {}, act: then(go('Audit'), click('1 key'), click(/Remove key/)) },
  { name: 'audit-bottom', scenario: { events: 450 }, act: then(go('Audit'), row(0), press('Control+End')) },
  { name: 'audit-5m', scenario: { events: 5_000_000 }, act: then(go('Audit'), row(0), press('Control+End'), async (page) => page.getByRole('heading', { name: /^Event / }).waitFor()) },
  { name: 'audit-import', scenario: {}, act: then(go('Audit'), click('Import…')) },
  { name: 'audit-export', scenario: {}, act: then(go('Audit'), click('Export…')) },
  { name: 'audit-bulk', scenario: {}, act: then(go('Audit'), click(/^Decrypt \d/)) },
  { name: 'audit-witness', scenario: {}, act: then(go('Audit'), click('Witness')) },
  { name: 'sample-ready', scenario: { deployments: [], state: 'setup' }, act: then(click('Try the sample deployment'), async (page) => page.getByLabel('Reason').waitFor()) },
  { name: 'sample', scenario: { deployments: [SAMPLE] }, act: go('Security') },
  { name: 'deployments', scenario: {}, act: then(click(/Choose a deployment/), async (page) => page.getByRole('menuitem', { name: 'All deployments' }).click()) },
  { name: 'deployments-menu', scenario: {}, act: click(/Choose a deployment/) },
  { name: 'deployments-tested', scenario: {}, act: then(click('All deployments'), click('Test'), async (page) => page.getByText('Agrees').or(page.getByText('ahead of')).first().waitFor()) },
  { name: 'deployments-warnings', scenario: { deployments: [STAGING, PROD] }, act: click('All deployments') },
  { name: 'deployments-add', scenario: {}, act: click('Add a deployment') },
  { name: 'deployments-add-errors', scenario: {}, act: then(click('Add a deployment'), fill('Name', ''), fill('Address', 'navi.acme.example'), async (page) => page.getByText('Own CA and key pin').click(), async (page) => page.getByRole('button', { name: 'Add', exact: true }).click()) },
  { name: 'deployments-remove', scenario: {}, act: then(click('All deployments'), click(/Remove this deployment/), fill(/to confirm/, 'acme-prod')) },
  { name: 'settings', scenario: {}, act: go('Settings') },
  { name: 'settings-lower', scenario: {}, act: then(go('Settings'), async (page) => page.getByLabel('Search licences').scrollIntoViewIfNeeded()) },
  { name: 'settings-lost', scenario: { keychain: 'canary-lost' }, act: then(go('Settings'), fill('Lock after', '999'), press('Enter')) },
  { name: 'settings-passphrase', scenario: {}, act: then(go('Settings'), click('Set an app passphrase…')) },
  { name: 'settings-move', scenario: {}, act: then(go('Settings'), click('Keep secrets elsewhere…')) },
  { name: 'palette', scenario: {}, act: then(press('Control+k'), async (page) => page.keyboard.type('a')) },
];

const [out = 'out/shots', ...names] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const THEMES = (process.env['THEMES'] ?? 'dark,light').split(',') as ('dark' | 'light' | 'contrast')[];
const SIZES = (process.env['SIZES'] ?? '1280x800').split(',').map((size) => size.split('x').map(Number) as [number, number]);
const browser = await chromium.launch({ executablePath: '/usr/lib/chromium/chromium', args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
let failed = 0;
for (const { name, scenario, act } of SHOTS) {
  if (names.length > 0 && !names.some((wanted) => name === wanted || (wanted.endsWith('*') && name.startsWith(wanted.slice(0, -1))))) continue;
  for (const theme of THEMES) {
    for (const [width, height] of SIZES) {
      const { page, complaints, close } = await openPage(browser, { ...scenario, settings: { theme } }, { viewport: { width, height }, colorScheme: theme === 'light' ? 'light' : 'dark', reducedMotion: 'reduce' });
      page.setDefaultTimeout(5000);
      const found: string[] = [];
      try {
        await page.locator('.app, .face').first().waitFor();
        await page.waitForTimeout(120);
        await act?.(page);
        await page.waitForTimeout(250);
        const axe = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        for (const violation of axe.violations) found.push(`axe ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? node.failureSummary ?? ''}`).join(' | ')}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (overflow) found.push('the page is wider than the window');
      } catch (error) {
        found.push(`script: ${String(error).split('\n').slice(0, 3).join(' ')}`);
      }
      await page.screenshot({ path: `${out}/${name}-${theme}-${width}.png` });
      found.push(...complaints);
      if (found.length > 0) failed += 1;
      process.stdout.write(`${found.length === 0 ? 'ok  ' : 'BAD '} ${name} ${theme} ${width}\n${found.map((line) => `      ${line.slice(0, 400)}\n`).join('')}`);
      await close();
    }
  }
}
await browser.close();
process.exit(failed === 0 ? 0 : 1);
