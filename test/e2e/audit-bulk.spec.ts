// Opening payloads in bulk: a plan before anything, the set in the ledger before the first plaintext, results in memory alone, and files only to recipients or after a typed name.
import { readFileSync, mkdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { configFor } from '../deployments/navi/config.ts';
import { encryptedPayload } from '../deployments/navi/fernet-writer.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { makeFolder } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { CANARY, plantRows, WRONG_LABEL_CANARY } from './planted-rows.ts';
import { ask, connect, expectNowhere, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let id: string;
let home: OwnFolder;
let trouble: Trouble;

test.beforeAll(async () => {
  home = makeFolder();
  mkdirSync(join(home.path, 'Documents'));
  navi = await startNaviDeployment({ config: configFor('C1'), events: 200, seed: 12 });
  plantRows(navi);
  host = await startHost({ secrets: 'memory', env: { HOME: home.path } });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  id = await connect(page, navi, { name: 'acme-bulk', withSync: true, withKeys: true });
});

test.beforeEach(async () => {
  for (const { bulkId } of (await ask(page, 'audit.bulkList', { deploymentId: id })).runs) await ask(page, 'audit.bulkForget', { bulkId });
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
  home?.remove();
});

const planned = (): Locator => page.getByRole('region', { name: 'Decrypt', exact: true });
const results = (): Locator => page.getByRole('region', { name: 'Decrypted' });
const reason = (): Locator => page.getByLabel('Reason', { exact: true });
const ledger = async (): Promise<readonly { readonly action: string; readonly subject: string; readonly reason: string | null }[]> => (await ask(page, 'ledger.list', { limit: 50 })).entries;

/** Opens the panel for the planted rows: four sealed, one of them under a key that nobody has. */
async function plan(query = 'route:/e2e'): Promise<void> {
  await page.getByRole('combobox', { name: 'Query' }).fill(query);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid', { name: 'Audit events' }).getByRole('row').nth(1)).toContainText('/e2e/');
  await page.getByRole('button', { name: /^Decrypt( \d+)?…$/ }).first().click();
  await expect(planned().getByRole('table', { name: 'Rows by key' })).toBeVisible({ timeout: 30_000 });
}

test('the plan names the set; without a reason nothing is opened; the ledger has it before the results', async () => {
  await plan();
  await expect(planned()).toContainText('4 encrypted payloads would be opened.');
  await expect(planned().getByRole('row', { name: new RegExp(`${navi.secrets.activeAuditKey.keyId}.*held`) })).toBeVisible();
  await expect(planned()).toContainText('not held');
  const { digest } = await ask(page, 'audit.bulkPlan', { deploymentId: id, selection: { query: 'route:/e2e' } });
  await expect(planned()).toContainText(digest);
  await expectAccessible(page, 'the plan');
  const before = await ledger();
  await planned().getByRole('button', { name: 'Open 4' }).click();
  await expect(reason()).toBeFocused();
  await expect(reason()).toHaveAttribute('aria-invalid', 'true');
  expect(await ledger()).toEqual(before);
  await expectNowhere(page, CANARY);

  await reason().fill('INC-204, who asked');
  await reason().press('Enter');
  await expect(results()).toBeVisible({ timeout: 30_000 });
  const named = (await ledger()).find(({ action, reason: why }) => action.startsWith('audit.bulk') && why === 'INC-204, who asked');
  expect(named?.subject).toContain(digest);
  await expect(results()).toContainText('“INC-204, who asked”');
  await expect(results()).toContainText('In memory only, gone at lock.');
  await expect(results().getByRole('button', { name: '3 opened' })).toBeVisible();
  await expect(results().getByRole('button', { name: '1 no key' })).toBeVisible();
  await expect(results().getByRole('button', { name: '0 damaged' })).toBeDisabled();
});

test('results are found by what they hold, read in a pane, and gone from the page by Back, by Forget and by lock', async () => {
  await plan();
  await reason().fill('looking for the canary');
  await reason().press('Enter');
  const list = results().getByRole('listbox', { name: 'Opened payloads' });
  await expect(list.getByRole('option')).toHaveCount(4, { timeout: 30_000 });
  await results().getByLabel('Search in the opened payloads').fill(WRONG_LABEL_CANARY);
  await expect(list.getByRole('option')).toHaveCount(1);
  await list.getByRole('option').click();
  const pane = page.getByRole('complementary', { name: 'Selected payload' });
  await expect(pane.getByLabel('Payload text')).toContainText(WRONG_LABEL_CANARY);
  await expect(pane).toContainText(`${navi.secrets.olderAuditKey.keyId} · the row names ${navi.secrets.activeAuditKey.keyId}`);
  await expectAccessible(page, 'a result that is read');
  await results().getByLabel('Search in the opened payloads').fill('held by no payload');
  await expect(results()).toContainText('No row matches');
  await expectNowhere(page, WRONG_LABEL_CANARY);
  await results().getByRole('button', { name: 'Show all rows' }).click();
  await expect(list.getByRole('option')).toHaveCount(4);

  await results().getByRole('button', { name: 'Back to the events' }).click();
  await expect(results()).toBeHidden();
  await expectNowhere(page, CANARY);
  await plan();
  await planned().getByRole('button', { name: 'Show them' }).click();
  await expect(list.getByRole('option', { name: new RegExp(CANARY) })).toBeVisible();

  await results().getByRole('button', { name: 'Forget' }).click();
  await expect(planned()).toContainText('4 encrypted payloads would be opened.');
  await expectNowhere(page, CANARY);
  expect((await ask(page, 'audit.bulkList', { deploymentId: id })).runs).toEqual([]);

  await reason().fill('once more, then lock');
  await reason().press('Enter');
  await expect(list.getByRole('option', { name: new RegExp(CANARY) })).toBeVisible({ timeout: 30_000 });
  // Locking replaces the document, and what it has heard of goes with it.
  expect(await trouble.all()).toEqual([]);
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Holdfast is locked' })).toBeVisible();
  await expectNowhere(page, CANARY);
  await expectNowhere(page, 'once more, then lock');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
  expect((await ask(page, 'audit.bulkList', { deploymentId: id })).runs).toEqual([]);
});

test('results are covered when nobody touches the window, and come back by one click', async () => {
  const { hideAfterSeconds } = await ask(page, 'settings.get', {});
  await ask(page, 'settings.set', { hideAfterSeconds: 10 });
  await plan();
  await reason().fill('left alone');
  await reason().press('Enter');
  const canary = results().getByRole('option', { name: new RegExp(CANARY) });
  await expect(canary).toBeVisible({ timeout: 30_000 });
  await expect(results().getByRole('heading', { name: 'Hidden' })).toBeVisible({ timeout: 25_000 });
  await expectNowhere(page, CANARY);
  expect((await ask(page, 'audit.bulkList', { deploymentId: id })).runs).toHaveLength(1);
  await results().getByRole('button', { name: 'Show them again' }).click();
  await expect(canary).toBeVisible();
  await ask(page, 'settings.set', { hideAfterSeconds });
});

test('a file for age recipients opens with their identity alone, and a secret key is never taken for a recipient', async () => {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  await plan();
  await reason().fill('for the reviewer');
  await page.getByRole('radio', { name: 'Write them to a file, encrypted with age' }).check();
  const field = page.getByLabel('Recipients');
  await field.fill(identity);
  await page.getByRole('button', { name: 'Write 4 encrypted' }).click();
  await expect(page.getByText('This is a secret key, which opens files.')).toBeVisible();
  await field.fill(recipient);
  await page.getByLabel('File name').fill('for-review.jsonl.age');
  await page.getByRole('button', { name: 'Write 4 encrypted' }).click();
  const written = page.getByRole('region', { name: 'Written' });
  await expect(written).toContainText('4 rows written: 3 opened · 1 no key.', { timeout: 30_000 });
  await expect(written).toContainText('Encrypted with age to 1 recipient.');
  const bytes = readFileSync(join(home.path, 'for-review.jsonl.age'));
  expect(bytes.includes(CANARY)).toBe(false);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const lines = (await decrypter.decrypt(bytes, 'text')).trimEnd().split('\n').map((line) => JSON.parse(line) as { outcome: string; payload: unknown });
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).toContain(CANARY);
  await expectNowhere(page, CANARY);
});

test('in the clear only after the name was typed; the ledger has both ends', async () => {
  await plan();
  await reason().fill('the court asked for it');
  await page.getByRole('radio', { name: 'Write them to a file in the clear' }).check();
  await page.getByLabel('File name').fill('in-the-clear.jsonl');
  const write = page.getByRole('button', { name: 'Write 4 in the clear' });
  await expect(write).toBeDisabled();
  const confirm = page.getByLabel('Type acme-bulk to confirm');
  await confirm.fill('acme-bul');
  await confirm.press('Enter');
  await expect(write).toBeDisabled();
  expect(existsSync(join(home.path, 'in-the-clear.jsonl'))).toBe(false);
  await confirm.fill('acme-bulk');
  await expectAccessible(page, 'the armed export');
  const before = (await ledger()).length;
  await write.click();
  const written = page.getByRole('region', { name: 'Written' });
  await expect(written).toContainText('The file is in the clear.', { timeout: 30_000 });
  expect(readFileSync(join(home.path, 'in-the-clear.jsonl'), 'utf8')).toContain(CANARY);
  const after = await ledger();
  expect(after.length - before).toBe(2);
  expect(after.slice(0, 2).map(({ reason: why }) => why)).toEqual(['the court asked for it', 'the court asked for it']);
  await expectNowhere(page, CANARY);
  expect(trouble.heard).toEqual([]);
});

test('a plan that no longer fits opens nothing, and is made again; hostile text in a payload is shown and does nothing', async () => {
  await plan();
  navi.insertRows([{ orgKey: 'acme', actorSub: null, actorEmail: null, route: '/e2e/came-later', method: 'POST', eventType: 'http.request', resourceId: null, statusCode: 418, createdAtMicros: Date.now() * 1000,
    payload: encryptedPayload({ shape: 'core', key: navi.secrets.activeAuditKey.key, keyId: navi.secrets.activeAuditKey.keyId, payload: { query_params: { q: 'came later \u202Efdp.exe\u200B <img src=x onerror=globalThis.__pwned=1>\u001B[31m' } }, iv: Buffer.alloc(16, 9), seconds: Math.floor(Date.now() / 1000) }) }]);
  await ask(page, 'audit.sync', { deploymentId: id });
  await reason().fill('the set has grown');
  await reason().press('Enter');
  const alert = planned().getByRole('alert');
  await expect(alert).toContainText('plan_expired', { timeout: 15_000 });
  await expect(reason()).toHaveValue('the set has grown');
  await expectNowhere(page, CANARY);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(planned()).toContainText('5 encrypted payloads would be opened.');
  await expect(reason()).toHaveValue('the set has grown');
  await planned().getByRole('button', { name: 'Open 5' }).click();
  await results().getByLabel('Search in the opened payloads').fill('came later');
  const option = results().getByRole('option');
  await expect(option).toHaveCount(1, { timeout: 30_000 });
  await option.click();
  const payload = page.getByRole('complementary', { name: 'Selected payload' }).getByLabel('Payload text');
  for (const shown of [option, payload]) {
    await expect(shown).toContainText('<img src=x onerror=globalThis.__pwned=1>');
    for (const hidden of ['\u202E', '\u200B', '\u001B']) expect(await shown.innerText()).not.toContain(hidden);
  }
  expect(await page.evaluate(() => (globalThis as { __pwned?: unknown }).__pwned)).toBeUndefined();
  expect(trouble.heard).toEqual([]);
});

test('Keys… opens over the plan and leads back to it; a key that came is in the plan, and what was typed stays', async () => {
  const { keyId, key } = navi.secrets.lostAuditKey;
  await plan('route:/e2e/lost-key');
  const lost = planned().getByRole('row', { name: new RegExp(keyId) });
  await expect(lost).toContainText('not held');
  await reason().fill('typed before the key came');
  await planned().getByRole('button', { name: 'Keys…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Audit keys of acme-bulk' });
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(planned().getByRole('button', { name: 'Keys…' })).toBeFocused();

  await page.keyboard.press('Enter');
  await dialog.getByLabel('Key id').fill(keyId);
  await dialog.getByLabel('Key', { exact: true }).fill(key);
  await dialog.getByRole('button', { name: 'Add the key' }).click();
  await expect(dialog.getByRole('row', { name: new RegExp(keyId) })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(lost).toContainText(/held$/);
  await expect(lost).not.toContainText('not held');
  await expect(reason()).toHaveValue('typed before the key came');
  await reason().press('Enter');
  await expect(results().getByRole('button', { name: '1 opened' })).toBeVisible({ timeout: 30_000 });
  await ask(page, 'audit.keyRemove', { deploymentId: id, keyId });
});

test('damaged tokens are in the plan, and the number on the button is explained where it differs', async () => {
  const { keyId } = navi.secrets.activeAuditKey;
  const damaged = (at: number) => ({ orgKey: 'acme', actorSub: null, actorEmail: null, route: `/e2e/damaged/${at}`, method: 'POST', eventType: 'http.request', resourceId: null, statusCode: 418, createdAtMicros: (Date.now() + at) * 1000, payload: { encrypted: true, key_id: keyId, ciphertext: 'gAAAAA-cut-off' } });
  navi.insertRows([damaged(0), damaged(1)]);
  await ask(page, 'audit.sync', { deploymentId: id });
  const { rows } = await ask(page, 'audit.bulkPlan', { deploymentId: id, selection: { query: 'route:/e2e' } });
  const whole = (await ask(page, 'audit.count', { deploymentId: id, query: 'route:/e2e encrypted:yes' })).matching;
  expect(rows).toBe(whole + 2);
  await page.getByRole('combobox', { name: 'Query' }).fill('route:/e2e');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Decrypt ${whole}…` }).click();
  await expect(planned()).toContainText(`${rows} encrypted payloads would be opened.`);
  await expect(planned()).toContainText(`The button counted ${whole} whole tokens. The plan also takes rows whose token is damaged`);

  // Where nothing but damaged tokens is left, they can still be tried.
  await planned().getByRole('button', { name: 'Back to the events' }).click();
  await plan('route:/e2e/damaged');
  await expect(planned()).not.toContainText('The button counted');
  await reason().fill('are they whole');
  await reason().press('Enter');
  await expect(results().getByRole('button', { name: '2 damaged' })).toBeVisible({ timeout: 30_000 });
});
