// Payloads on the audit screen: each kind is called what it is, opened for a reason, here or on the server, and let go again.
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { startAuditStage } from './audit-screen.ts';
import type { AuditScreen, AuditStage } from './audit-screen.ts';
import { CANARY, plantRows, WRONG_LABEL_CANARY } from './planted-rows.ts';
import { ask, connect, expectNowhere } from './set-up.ts';
import { addAuditKey, decryptHere, goTo, syncAudit } from './steps.ts';

let stage: AuditStage;
let page: Page;
let navi: NaviDeployment;
let audit: AuditScreen;

test.beforeAll(async () => {
  stage = await startAuditStage({ name: 'acme-audit', events: 300, seed: 12 });
  ({ page, navi, audit } = stage);
});

test.afterAll(async () => {
  await stage?.close();
});

test('each kind of payload is called what it is, and what was not obtained is never called plain', async () => {
  await stage.begin();
  await audit.choose('/e2e/plain');
  await expect(audit.pane()).toContainText('Stored unencrypted at the server.');
  await expect(audit.pane().getByLabel('Payload text')).toContainText('plain-canary');
  await expect(page.getByRole('button', { name: 'Decrypt here' })).toBeHidden();

  await audit.choose('/e2e/sealed');
  await expect(audit.pane()).toContainText('Stored encrypted at the server.');
  await expect(audit.pane()).toContainText(navi.secrets.activeAuditKey.keyId);
  await expect(audit.pane()).not.toContainText(CANARY);

  await audit.choose('/e2e/failed');
  await expect(audit.pane()).toContainText(/encryption failed and stored this marker in place of the payload/);
  await audit.choose('/e2e/malformed');
  await expect(audit.pane()).toContainText(/holds no ciphertext that could be opened/);
  await expect(page.getByRole('button', { name: 'Decrypt here' })).toBeHidden();

  await audit.choose('/e2e/elsewhere');
  await expect(audit.currentRow().getByRole('gridcell').last()).toHaveText('not offered');
  await expect(audit.pane()).toContainText('Not offered by this deployment');
  expect((await audit.pane().innerText()).toLowerCase()).not.toContain('plain');
  expect((await audit.currentRow().innerText()).toLowerCase()).not.toContain('plain');
});

test('without a key an attempt is refused in words, with what to do, and written down', async () => {
  await stage.begin('without keys');
  await audit.choose('/e2e/sealed');
  await expect(audit.pane()).toContainText('No audit key is held for this deployment');
  await page.getByLabel('Reason', { exact: true }).fill('no key yet');
  await page.getByRole('button', { name: 'Decrypt here' }).click();
  await expect(audit.pane().getByRole('alert')).toContainText(/no audit key is held for this deployment\. Nothing was opened\..*Add the key/s);
  await expect(audit.pane().getByRole('alert')).toContainText('no_key');
  const { entries } = await ask(page, 'ledger.list', { limit: 1 });
  expect(entries[0]).toMatchObject({ action: 'audit.decrypt', reason: 'no key yet' });
  expect(entries[0]?.outcome).toMatch(/no_key/);
  await audit.pane().getByRole('button', { name: 'Add a key…' }).click();
  await expect(page.getByRole('dialog')).toContainText('Audit keys of acme-audit');
  await page.keyboard.press('Escape');
  await addAuditKey(page, navi.secrets.activeAuditKey);
  await expect(audit.pane()).not.toContainText('No audit key is held');
});

test('a reason that is too short is refused at its field, and nothing is opened', async () => {
  await stage.begin();
  const before = (await ask(page, 'ledger.list', { limit: 1 })).total;
  await audit.choose('/e2e/sealed');
  const reason = page.getByLabel('Reason', { exact: true });
  for (const text of ['', 'ab', '  a  ']) {
    await reason.fill(text);
    await page.getByRole('button', { name: 'Decrypt here' }).click();
    await expect(reason).toHaveAccessibleDescription(/Give a reason of at least 3 characters/);
    await expect(reason).toBeFocused();
  }
  expect((await ask(page, 'ledger.list', { limit: 1 })).total).toBe(before);
  await expect(audit.opened()).toBeHidden();
});

test('opened here: the payload, the key that served, the reason and the ledger entry; hiding and moving on take it away', async () => {
  await stage.begin();
  await audit.choose('/e2e/sealed');
  expect(await decryptHere(page, 'INC-7 look at the query')).toContain(CANARY);
  await expect(audit.opened()).toContainText('INC-7 look at the query');
  // What is read stays named, however far its text is scrolled.
  expect(await audit.pane().evaluate((element) => { element.scrollTop = element.scrollHeight; return element.scrollTop; })).toBeGreaterThan(0);
  await expect(audit.pane().getByRole('heading', { level: 2 })).toBeInViewport({ ratio: 1 });
  await expect(audit.opened()).toContainText(`Opened on this workstation with key ${navi.secrets.activeAuditKey.keyId}.`);
  const { entries, total } = await ask(page, 'ledger.list', { limit: 1 });
  expect(entries[0]).toMatchObject({ action: 'audit.decrypt', reason: 'INC-7 look at the query', seq: total });
  await expect(audit.opened()).toContainText(`Ledger entry ${total}`);
  await page.getByRole('button', { name: 'Hide now' }).click();
  await expect(audit.opened()).toBeHidden();
  await expectNowhere(page, CANARY);

  expect(await decryptHere(page, 'again, then move on')).toContain(CANARY);
  await audit.choose('/e2e/second');
  await expect(audit.opened()).toBeHidden();
  await expectNowhere(page, CANARY);
  await audit.choose('/e2e/sealed');
  await expect(audit.opened()).toBeHidden();

  expect(await decryptHere(page, 'again, then leave')).toContain(CANARY);
  await goTo(page, 'Overview');
  await expectNowhere(page, CANARY);
  await goTo(page, 'Audit');
  await expectNowhere(page, CANARY);
});

test('when a payload hides, the focus stays in its pane', async () => {
  await stage.begin();
  await audit.choose('/e2e/sealed');
  await decryptHere(page, 'where does the focus go');
  await page.getByRole('button', { name: 'Hide now' }).press('Enter');
  await expect(audit.opened()).toBeHidden();
  await expect(audit.pane().locator(':focus').or(page.locator('[aria-label="Selected event"]:focus'))).toHaveCount(1);
});

test('a key that the row does not name can serve, and that is said', async () => {
  await stage.begin();
  await audit.choose('/e2e/wrong-label');
  expect(await decryptHere(page, 'wrong label')).toContain(WRONG_LABEL_CANARY);
  await expect(audit.opened()).toContainText(`with key ${navi.secrets.olderAuditKey.keyId}, although the row names ${navi.secrets.activeAuditKey.keyId}`);
  await audit.choose('/e2e/lost-key');
  await expect(audit.pane()).toContainText(/is not held. Every held key will be tried/);
  await page.getByLabel('Reason', { exact: true }).fill('nobody has it');
  await page.getByRole('button', { name: 'Decrypt here' }).click();
  await expect(audit.pane().getByRole('alert')).toContainText(/none of the 2 keys held opens it\. Nothing was opened\./);
});

test('on the server (C1): the reason travels in the body, never in the URL, and the server key is named', async () => {
  await stage.begin();
  await audit.choose('/e2e/sealed');
  await expect(audit.pane()).not.toContainText('your reason stands in the URL');
  const before = navi.requests.length;
  await page.getByLabel('Reason', { exact: true }).fill('asked of the server');
  await page.getByRole('button', { name: 'Decrypt on the server' }).click();
  await expect(audit.opened().getByLabel('Payload text')).toContainText(CANARY, { timeout: 15_000 });
  await expect(audit.opened()).toContainText(`Opened on the server with key ${navi.secrets.activeAuditKey.keyId}.`);
  const sent = navi.requests.slice(before).filter((request) => request.url.includes('/decrypt'));
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ method: 'POST' });
  expect(sent[0]?.url).not.toContain('reason');
  expect(JSON.parse(sent[0]?.body ?? '{}')).toEqual({ reason: 'asked of the server' });
  await page.getByRole('button', { name: 'Hide now' }).click();
});

test('R34: an opened payload hides itself in time, and a copy leaves the clipboard only if it is still ours', async () => {
  await stage.begin();
  await goTo(page, 'Settings');
  for (const [label, value] of [['Hide an opened payload after', '10'], ['Clear a copied payload after', '5']] as const) {
    await page.getByLabel(label).fill(value);
    await page.getByLabel(label).press('Enter');
  }
  await expect.poll(() => ask(page, 'settings.get', {})).toMatchObject({ hideAfterSeconds: 10, clearClipboardAfterSeconds: 5 });
  await goTo(page, 'Audit');
  const text = audit.queryLine();
  const pasted = async (): Promise<string> => {
    await text.fill('');
    await text.focus();
    await page.keyboard.press('Control+V');
    return text.inputValue();
  };

  await audit.choose('/e2e/sealed');
  const shownAt = Date.now();
  await decryptHere(page, 'watch it go');
  await audit.opened().getByRole('button', { name: 'Copy' }).click();
  await expect(audit.opened()).toContainText('Leaves the clipboard after 5 s');
  expect(await pasted()).toContain(CANARY);
  await expect.poll(pasted, { timeout: 12_000, intervals: [250] }).toBe('');
  await expect(audit.opened()).toBeHidden({ timeout: 15_000 });
  expect(Date.now() - shownAt, 'not before its time').toBeGreaterThan(9_500);
  await expectNowhere(page, CANARY);

  await decryptHere(page, 'copy, then copy something else');
  await audit.opened().getByRole('button', { name: 'Copy' }).click();
  const copiedAt = Date.now();
  await expect(audit.opened()).toContainText('Leaves the clipboard after 5 s');
  await text.fill('copied by the admin');
  await text.press('Control+A');
  await text.press('Control+C');
  expect(await pasted()).toBe('copied by the admin');
  await expect(audit.opened()).not.toContainText('Leaves the clipboard', { timeout: 8_000 });
  await expect.poll(() => Date.now() - copiedAt, { timeout: 10_000 }).toBeGreaterThan(6_000);
  expect(await pasted()).toBe('copied by the admin');
  await text.fill('');
});

test('dialect A: what the server writes down is said before anything is sent; a long sync shows how far it is and can be stopped', async () => {
  const dialectA = await startNaviDeployment({ config: configFor('A'), events: 900, seed: 12 });
  try {
    plantRows(dialectA);
    await connect(page, dialectA, { name: 'acme-old' });
    await page.getByRole('button', { name: /Choose a deployment/ }).click();
    await page.getByRole('menuitemradio', { name: /acme-old/ }).click();
    await goTo(page, 'Audit');
    await page.getByRole('button', { name: 'Sync', exact: true }).first().click();
    const bar = page.getByRole('progressbar', { name: /Reading payloads/ });
    await expect(bar).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/\d+ of 9\d\d/)).toBeVisible();
    const cancelledAt = Date.now();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(page.getByRole('main').getByRole('alert')).toContainText(/cancelled.*What is held here is still shown/is);
    expect(Date.now() - cancelledAt).toBeLessThan(3_000);
    await expect(bar).toBeHidden();
    await expect(page.getByRole('button', { name: 'Sync', exact: true }).first()).toBeEnabled();
    await expect.poll(audit.matching).toBe(908);

    dialectA.reconfigure({ rateLimit: { mode: 'inert' } });
    await syncAudit(page);
    await addAuditKey(page, dialectA.secrets.activeAuditKey);
    await audit.choose('/e2e/sealed');
    const button = page.getByRole('button', { name: 'Decrypt on the server' });
    await expect(button).toHaveAccessibleDescription(/writes a row into the server's audit log, and your reason stands in the URL/);
    const before = dialectA.requests.length;
    await expect(audit.pane().getByText(/your reason stands in the URL/)).toBeVisible();
    expect(dialectA.requests.slice(before)).toEqual([]);
    await page.getByLabel('Reason', { exact: true }).fill('asked of dialect A');
    await button.click();
    await expect(audit.opened().getByLabel('Payload text')).toContainText(CANARY, { timeout: 15_000 });
    const sent = dialectA.requests.slice(before);
    expect(sent.map((request) => request.method)).toEqual(['GET']);
    expect(new URL(sent[0]?.url ?? '', dialectA.url).searchParams.get('reason')).toBe('asked of dialect A');
  } finally {
    await dialectA.close();
  }
});
