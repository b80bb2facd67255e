// Purges and certificates in the window, against reference deployments of dialect A: nothing is sent without a fresh plan and the right words, a lost answer is looked for, and what is certified can be saved.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { contract } from '#shared/contract.ts';
import type { Dialect } from '../deployments/navi/config.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { makeFolder, pickFiles } from './own-files.ts';
import type { OwnFolder } from './own-files.ts';
import { DAY_MS, startFront, startWithAges } from './retention-deployment.ts';
import { purgeScreen } from './retention-purge-screen.ts';
import { adminToken, ask, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';

/** A purge syncs, looks and asks; verifying asks for single rows. */
const ASKED = { timeout: 45_000 } as const;

let host: DrivenHost;
let page: Page;
let home: OwnFolder;
let trouble: Trouble;
const servers: NaviDeployment[] = [];
const { purge, plan, certificates, arm, runs, open, add, preview, keepPlan, save, expectNoSideways, checkFile } = purgeScreen(() => page);
const purgesAt = (navi: NaviDeployment): number => navi.requests.filter(({ method, url }) => method === 'POST' && url.startsWith('/api/audit/purge')).length;

test.beforeAll(async () => {
  home = makeFolder();
  mkdirSync(join(home.path, 'Evidence'));
  host = await startHost({ secrets: 'memory', env: { HOME: home.path } });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
});

test.afterEach(async () => { expect(await trouble.all()).toEqual([]); });

test.afterAll(async () => {
  await host?.close();
  for (const server of servers) await server.close().catch(() => undefined);
  home?.remove();
});

async function deployment(seed: number, dialect: Dialect = 'A'): Promise<NaviDeployment> {
  const navi = await startWithAges(seed, dialect);
  servers.push(navi);
  return navi;
}

test('staging: from preview to a saved certificate by keyboard alone; the way back has the focus and Enter deletes nothing (R63, R65)', async () => {
  test.setTimeout(150_000);
  const navi = await deployment(301);
  const id = await add('acme-staging', navi);
  const before = navi.requests.length;
  await expect(purge()).not.toContainText('every organisation');
  await expect(purge()).not.toContainText('EVERY');
  await expect(page.getByRole('button', { name: 'Arm…' })).toHaveCount(0);

  // Days that no purge takes are refused here; the rule of the deployment stands there by default.
  const days = purge().getByLabel('Rows older than, in days');
  await expect(days).toHaveValue('90');
  await days.focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('0');
  await page.keyboard.press('Enter');
  await expect(days).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('90');
  await page.keyboard.press('Enter');
  const shown = purge().getByRole('region', { name: 'Preview', exact: true });
  await expect(shown).toContainText('60 rows');
  await expect(shown).toContainText('EVERY organisation');
  await expect(shown.getByRole('region', { name: 'By type' })).toContainText('http.request');
  await expect(shown.getByRole('region', { name: 'By organisation' })).toContainText('acme');
  await expect(shown.getByRole('region', { name: 'By day, UTC' }).getByRole('listitem')).toHaveCount(6);
  await expect(shown).toContainText('⟨U+202E⟩');
  await expectNoSideways();
  await expectAccessible(page, 'a preview');

  // Other days than those that were counted are not kept.
  await days.fill('20');
  await expect(purge().getByRole('button', { name: 'Keep as a plan' })).toBeDisabled();
  await days.fill('90');
  await purge().getByRole('button', { name: 'Keep as a plan' }).focus();
  await page.keyboard.press('Enter');
  await expect(plan()).toBeVisible();
  await expect(plan()).toContainText(/1[34]:\d\d left/);
  const kept = (await ask(page, 'retention.show', { deploymentId: id })).plan;
  await expect(plan()).toContainText(kept?.digest ?? 'none');
  expect(navi.requests.length).toBe(before);
  await expectAccessible(page, 'a plan');

  await plan().getByRole('button', { name: 'Arm…' }).focus();
  await page.keyboard.press('Enter');
  const destroy = arm().getByRole('button', { name: /^Delete/ });
  await expect(arm().getByRole('button', { name: 'Keep the rows' })).toBeFocused();
  await expect(arm()).toContainText('deletes rows of every organisation, at once. It offers no dry run');
  await expect(destroy).toBeDisabled();
  await expectNoSideways();
  await expectAccessible(page, 'the question before rows are deleted');
  // Enter on the default does not delete: it goes back.
  await page.keyboard.press('Enter');
  await expect(arm()).toBeHidden();
  await expect(plan().getByRole('button', { name: 'Arm…' })).toBeFocused();
  await page.keyboard.press('Enter');
  const typed = arm().getByLabel('Type acme-staging 60 to confirm');
  await typed.focus();
  for (const wrong of ['acme-staging', 'acme-staging 61', 'Acme-staging 60', 'acme-staging  60', ' acme-staging 60']) {
    await typed.fill(wrong);
    await expect(destroy).toBeDisabled();
    await page.keyboard.press('Enter');
  }
  await typed.fill('acme-staging 60');
  await expect(destroy).toBeEnabled();
  await expect(destroy).not.toBeFocused();
  await expectAccessible(page, 'the question, armed');
  await page.keyboard.press('Enter');
  await expect(arm()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(arm()).toBeHidden();
  expect(purgesAt(navi)).toBe(0);

  await plan().getByRole('button', { name: 'Arm…' }).focus();
  await page.keyboard.press('Enter');
  await expect(typed).toHaveValue('');
  await typed.focus();
  await page.keyboard.type('acme-staging 60');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(destroy).toBeFocused();
  await page.keyboard.press('Space');
  const ended = purge().getByRole('group', { name: 'How it ended' });
  await expect(ended).toContainText('The deployment says that it deleted 60 rows', ASKED);
  await expect(ended).toBeFocused();
  await expect(runs()).toContainText('answered');
  // An answer is no proof: nothing is green before it is verified.
  await expect(purge().locator('.chip-pass, .note-good')).toHaveCount(0);
  // The plan is used up, so nothing can be armed.
  await expect(page.getByRole('button', { name: 'Arm…' })).toHaveCount(0);
  expect([purgesAt(navi), navi.rowCount()]).toEqual([1, 41]);

  await runs().getByRole('button', { name: 'Verify this purge' }).focus();
  await page.keyboard.press('Enter');
  const certificate = certificates().getByRole('region', { name: /^Certificate c_/ });
  await expect(certificate).toBeVisible(ASKED);
  await expect(certificate).toContainText(/All \d checks hold\./);
  const { certificates: [issued] } = await ask(page, 'retention.show', { deploymentId: id });
  expect(issued).toMatchObject({ outcome: 'holds' });
  await expect(certificate.getByRole('table', { name: 'Checks' }).locator('.chip-pass')).toHaveCount((await ask(page, 'retention.certificate', { id: issued?.id ?? '' })).checks.length);
  await expectNoSideways();
  await expectAccessible(page, 'a certificate');

  // From the purge to its certificate.
  await runs().getByRole('button', { name: 'Certificate: holds' }).focus();
  await page.keyboard.press('Enter');
  await expect(certificates().getByRole('button', { name: /^holds/ })).toBeFocused();
  const opener = certificate.getByRole('button', { name: 'Save as JSON or PDF…' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Save the certificate' }).getByRole('radio', { name: 'PDF' })).toBeFocused();
  await expectAccessible(page, 'saving a certificate');
  const pdf = await save('Save the certificate');
  expect(readFileSync(pdf).subarray(0, 5).toString('latin1')).toBe('%PDF-');
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'JSON' }).check();
  const json = await save('Save the certificate');
  expect(contract['retention.certificate'].output.parse(JSON.parse(readFileSync(json, 'utf8')))).toMatchObject({ id: issued?.id, outcome: 'holds' });
  await checkFile(json, page, async (dialog) => {
    await expect(dialog).toContainText('is as it was signed. This profile signed it.');
    await expect(dialog.getByRole('region', { name: /^Certificate c_/ }).locator('.chip-pass')).not.toHaveCount(0);
    await expectAccessible(page, 'a certificate file');
    await pickFiles(page, dialog.getByLabel('Certificate file', { exact: true }), [home.put('altered-certificate.json', readFileSync(json, 'utf8').replace('"outcome": "holds"', '"outcome": "open"'))]);
    await expect(dialog).toContainText('altered-certificate.json is not as it was signed. Nothing that it says counts.');
    await expect(dialog.getByRole('region', { name: /^Certificate c_/ })).toHaveCount(0);
    await expect(dialog.locator('.chip-pass')).toHaveCount(0);
  });
});

test('a certificate of somebody else is a claim without colour until its key is vouched for', async () => {
  const navi = await deployment(309);
  const id = await add('acme-handed', navi);
  const { id: certificateId } = await ask(page, 'retention.verify', { deploymentId: id });
  const path = home.put('handed.json', '');
  await ask(page, 'retention.writeCertificate', { id: certificateId, path, overwrite: true });
  const second = await startHost({ secrets: 'memory', env: { HOME: home.path } });
  try {
    await second.page.setViewportSize({ width: 1280, height: 800 });
    await ask(second.page, 'deployment.add', { name: 'elsewhere', url: navi.url, kind: 'navi', environment: 'staging', readOnly: true, token: adminToken(navi) });
    await open('elsewhere', second.page);
    await checkFile(path, second.page, async (dialog) => {
      await expect(dialog).toContainText('Nobody here vouched for the key that signed it.');
      await expect(dialog).toContainText('Compare the key with that of the person who issued it, by another way than the file.');
      await expect(dialog.getByRole('region', { name: `Certificate ${certificateId}` })).toContainText('It says: ');
      await expect(dialog.locator('.chip-pass, .chip-fail, .note-good')).toHaveCount(0);
      await expectAccessible(second.page, 'a certificate of a stranger');
    });
  } finally {
    await second.close();
  }
});

test('production: a second profile approves what it has seen, nothing else does, and without it the wait is a time (R63)', async () => {
  test.setTimeout(150_000);
  const navi = await deployment(302);
  const id = await add('acme-production', navi, { environment: 'production', readOnly: true });
  await keepPlan();
  const armer = plan().getByRole('button', { name: 'Arm…' });
  // Planning works read-only; the way to read-write is one step.
  await expect(plan()).toContainText('acme-production is read-only here.');
  await expect(armer).toBeDisabled();
  await plan().getByRole('button', { name: 'Edit acme-production…' }).click();
  await page.getByLabel('Read-only').uncheck();
  await page.getByRole('button', { name: /^Save/ }).click();
  await open('acme-production');
  await expect(plan()).not.toContainText('is read-only here');
  await expect(plan()).toContainText('An approval is missing, and the waiting time is not over.');
  const delayed = (await ask(page, 'retention.show', { deploymentId: id })).plan?.windows.find(({ kind }) => kind === 'delayed');
  await expect(plan().getByRole('list', { name: 'When it may be carried out' }).locator(`time[datetime="${delayed?.from}"]`)).toBeVisible();
  await expect(armer).toBeDisabled();

  await plan().getByRole('button', { name: 'Save the plan…' }).click();
  const path = await save('Save the plan');

  // The own profile cannot approve it.
  await purge().getByRole('button', { name: 'Approve a plan of somebody else…' }).click();
  const own = page.getByRole('dialog', { name: 'Approve a plan of somebody else' });
  await expect(own.getByRole('button', { name: 'Choose the plan file…' })).toBeFocused();
  await pickFiles(page, own.getByLabel('Plan file', { exact: true }), [path]);
  await expect(own.getByRole('region', { name: 'The plan' })).toContainText('60 rows');
  await own.getByLabel('Your name').fill('Ann');
  await own.getByRole('button', { name: 'Sign the approval' }).click();
  await expect(own).toContainText('This plan was made with this profile. Nothing was signed.');
  await expectAccessible(page, 'an approval that was refused');
  await page.keyboard.press('Escape');

  const second = await startHost({ secrets: 'memory', env: { HOME: home.path } });
  let signed: string;
  try {
    await second.page.setViewportSize({ width: 1280, height: 800 });
    await ask(second.page, 'deployment.add', { name: 'elsewhere', url: navi.url, kind: 'navi', environment: 'staging', readOnly: true, token: adminToken(navi) });
    await open('elsewhere', second.page);
    await purge(second.page).getByRole('button', { name: 'Approve a plan of somebody else…' }).click();
    const dialog = second.page.getByRole('dialog', { name: 'Approve a plan of somebody else' });
    const altered = home.put('altered.json', readFileSync(path, 'utf8').replace('"rows": 60', '"rows": 59'));
    await pickFiles(second.page, dialog.getByLabel('Plan file', { exact: true }), [altered]);
    await expect(dialog.getByRole('alert')).toContainText('plan_damaged');
    await expect(dialog.getByRole('button', { name: 'Sign the approval' })).toHaveCount(0);
    await pickFiles(second.page, dialog.getByLabel('Plan file', { exact: true }), [path]);
    const read = dialog.getByRole('region', { name: 'The plan' });
    for (const part of ['acme-production', 'PRODUCTION', navi.url, '60 rows', 'EVERY organisation', 'With a second person’s approval']) await expect(read).toContainText(part);
    await dialog.getByRole('button', { name: 'Sign the approval' }).click();
    await expect(dialog.getByLabel('Your name')).toBeFocused();
    await dialog.getByLabel('Your name').fill('Ben \u202e');
    await dialog.getByLabel(/^Note/).fill('seen');
    await expectAccessible(second.page, 'a plan that is to be signed');
    await dialog.getByRole('button', { name: 'Sign the approval' }).click();
    await expect(dialog.getByRole('button', { name: 'Save the approval…' })).toBeFocused();
    await second.page.keyboard.press('Enter');
    signed = await save('Save the approval', second.page);
  } finally {
    await second.close();
  }

  const approved = readFileSync(signed, 'utf8');
  const forged = home.put('forged.json', approved.replace('"seen"', '"unseen"'));
  const approval = plan().getByRole('region', { name: 'Approval' });
  await pickFiles(page, approval.getByLabel('Approval file'), [forged]);
  await expect(approval.getByRole('alert')).toContainText('its signature does not fit its content');
  await expect(armer).toBeDisabled();
  await pickFiles(page, approval.getByLabel('Approval file'), [signed]);
  const key = contract['retention.readApproval'].output.parse(JSON.parse(approved)).publicKey;
  for (const part of ['Ben ⟨U+202E⟩', 'seen', createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex')]) await expect(approval).toContainText(part);
  await expect(armer).toBeEnabled();
  await expectAccessible(page, 'a plan with its approval');
  expect(purgesAt(navi)).toBe(0);

  await armer.click();
  await arm().getByLabel('Type acme-production 60 to confirm').fill('acme-production 60');
  // The file is read again when it counts.
  writeFileSync(signed, readFileSync(forged));
  await arm().getByRole('button', { name: /^Delete/ }).click();
  await expect(purge().getByRole('group', { name: 'How it ended' })).toContainText('approval_refused', ASKED);
  expect(purgesAt(navi)).toBe(0);
  // What was refused stays planned, and goes with the approval as it was signed.
  writeFileSync(signed, approved);
  await armer.click();
  await arm().getByLabel('Type acme-production 60 to confirm').fill('acme-production 60');
  await arm().getByRole('button', { name: /^Delete/ }).click();
  await expect(runs()).toContainText('deleted 60 rows, approved by Ben ⟨U+202E⟩', ASKED);
  expect([purgesAt(navi), navi.rowCount()]).toEqual([1, 41]);
});

test('a plan that is no longer true is refused, and so is one that nobody answers, with what was kept (R64)', async () => {
  test.setTimeout(90_000);
  const navi = await deployment(303);
  await add('acme-changes', navi);
  await keepPlan();
  navi.insertRows([{ orgKey: 'acme', actorSub: 'auth0|late', actorEmail: null, route: '/api/old', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200, createdAtMicros: Math.round((Date.now() - 120 * DAY_MS) * 1000) }]);
  await plan().getByRole('button', { name: 'Arm…' }).click();
  await arm().getByLabel('Type acme-changes 60 to confirm').fill('acme-changes 60');
  await arm().getByRole('button', { name: 'Delete 60 rows' }).click();
  const ended = purge().getByRole('group', { name: 'How it ended' });
  await expect(ended).toContainText('The plan is no longer true, so nothing was sent. 1 row before the cutoff that the plan does not name', ASKED);
  await expectAccessible(page, 'a plan that changed');
  expect([purgesAt(navi), navi.rowCount()]).toEqual([0, 101]);
  await expect(plan().getByRole('button', { name: 'Arm…' })).toBeDisabled();
  await expect(plan()).toContainText('This plan is no longer true. Drop it, then make a new one.');
  await plan().getByRole('button', { name: 'Drop the plan' }).click();
  await expect(plan()).toBeHidden();

  // Nobody answers: nothing was sent, and the plan stays.
  await keepPlan();
  await expect(plan()).toContainText('61 rows');
  await navi.close();
  await plan().getByRole('button', { name: 'Arm…' }).click();
  await arm().getByLabel('Type acme-changes 61 to confirm').fill('acme-changes 61');
  await arm().getByRole('button', { name: 'Delete 61 rows' }).click();
  await expect(ended.getByRole('alert')).toContainText(/connection_refused|unreachable|connection/u, ASKED);
  await expect(plan()).toBeVisible();
  await expect(runs()).toHaveCount(0);
});

test('a purge can be cancelled until its request leaves, and not after', async () => {
  test.setTimeout(90_000);
  const navi = await deployment(307);
  const front = await startFront(navi);
  try {
    await add('acme-slow', navi, { url: front.url });
    await keepPlan();
    const begin = async (): Promise<void> => {
      await plan().getByRole('button', { name: 'Arm…' }).click();
      await arm().getByLabel('Type acme-slow 60 to confirm').fill('acme-slow 60');
      await arm().getByRole('button', { name: 'Delete 60 rows' }).click();
    };
    front.hold('GET');
    await begin();
    await expect(purge().getByRole('progressbar', { name: 'Reading what is new' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Arm…' })).toHaveCount(0);
    await purge().getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(purge().getByRole('group', { name: 'How it ended' })).toContainText('Cancelled before the request. Nothing was sent, and the plan is kept.', ASKED);
    await expect(plan()).toBeVisible();
    expect(purgesAt(navi)).toBe(0);
    front.hold('POST');
    await begin();
    await expect(purge()).toContainText('it can no longer be called back', ASKED);
    await expect(purge().getByRole('button', { name: 'Cancel', exact: true })).toHaveCount(0);
    await expectAccessible(page, 'a request that waits for its answer');
    front.hold(null);
    await expect(runs()).toContainText('answered', ASKED);
    expect([purgesAt(navi), navi.rowCount()]).toEqual([1, 41]);
  } finally {
    await front.close();
  }
});

test('a lost answer is unknown: nothing else is sent until looking settles it (R63)', async () => {
  test.setTimeout(120_000);
  const navi = await deployment(304);
  await add('acme-lost', navi);
  await keepPlan();
  navi.reconfigure({ purgeFault: 'lost-answer' });
  await plan().getByRole('button', { name: 'Arm…' }).click();
  await arm().getByLabel('Type acme-lost 60 to confirm').fill('acme-lost 60');
  await arm().getByRole('button', { name: 'Delete 60 rows' }).click();
  const unsettled = purge().getByRole('group', { name: 'A purge nobody knows the end of' });
  await expect(unsettled).toContainText('Whether rows were deleted is not known.', ASKED);
  await expect(runs()).toContainText('unknown');
  await expect(runs().getByRole('button')).toHaveCount(0);
  await expectAccessible(page, 'a purge of which nobody knows');
  navi.reconfigure({ purgeFault: null });
  await preview();
  await expect(purge().getByRole('button', { name: 'Keep as a plan' })).toBeDisabled();
  await expect(purge()).toContainText('Settle the purge before it first');
  await expect(page.getByRole('button', { name: 'Arm…' })).toHaveCount(0);
  await expectNoSideways();

  await unsettled.getByRole('button', { name: 'Look what happened' }).focus();
  await page.keyboard.press('Enter');
  await expect(unsettled).toBeHidden(ASKED);
  await expect(purge().getByRole('group', { name: 'How it ended' })).toContainText('are gone, of 60 named');
  await expect(runs()).toContainText('found done');
  await expect(purge().locator('.chip-pass, .note-good')).toHaveCount(0);
  await expect(purge().getByRole('button', { name: 'Keep as a plan' })).toBeEnabled();
  expect([purgesAt(navi), navi.rowCount()]).toEqual([1, 41]);
});

test('an answer with another count is shown as one, and no certificate of it is green', async () => {
  test.setTimeout(120_000);
  const navi = await deployment(305);
  await add('acme-less', navi);
  await keepPlan();
  navi.reconfigure({ purgeFault: 'less' });
  await plan().getByRole('button', { name: 'Arm…' }).click();
  await arm().getByLabel('Type acme-less 60 to confirm').fill('acme-less 60');
  await arm().getByRole('button', { name: 'Delete 60 rows' }).click();
  // It says sixty and deletes none: only looking shows it.
  await expect(runs()).toContainText('answered', ASKED);
  await runs().getByRole('button', { name: 'Verify this purge' }).click();
  const certificate = certificates().getByRole('region', { name: /^Certificate c_/ });
  await expect(certificate).toBeVisible(ASKED);
  await expect(certificate).toContainText(/\d checks? fails?/u);
  await expect(certificates().locator('.purge-certificate-row .chip-pass')).toHaveCount(0);
  await expect(certificates().getByRole('button', { name: /fails/ }).first()).toHaveAttribute('aria-expanded', 'true');
  await expectAccessible(page, 'a certificate that fails');
});

test('without a purge route nothing can be planned, and the reason leads to a schedule', async () => {
  const navi = await deployment(306, 'C1');
  const id = await add('acme-c1', navi);
  await expect(purge()).toContainText('This deployment cannot be purged from here.');
  await expect(purge()).toContainText('see Schedules on this page');
  await preview();
  await expect(purge().getByRole('button', { name: 'Keep as a plan' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Arm…' })).toHaveCount(0);
  await expectAccessible(page, 'a deployment without a purge route');
  await certificates().getByRole('button', { name: 'Verify now' }).click();
  await expect(certificates().getByRole('region', { name: /^Certificate c_/ })).toBeVisible(ASKED);
  const { certificates: [issued] } = await ask(page, 'retention.show', { deploymentId: id });
  expect(issued?.outcome).not.toBe('holds');
  await expect(certificates().locator('.purge-certificate-row .chip-pass')).toHaveCount(0);
});

test('a plan whose time is over cannot be armed', async () => {
  const navi = await deployment(308);
  await add('acme-late', navi);
  await keepPlan();
  await expect(plan().getByRole('button', { name: 'Arm…' })).toBeEnabled();
  // From here on the page's clock stands sixteen minutes later.
  await page.clock.setFixedTime(Date.now() + 16 * 60_000);
  await expect(plan()).toContainText('The time of this plan is over. Nothing was sent. Make a new plan.');
  await expect(plan().getByRole('button', { name: 'Arm…' })).toBeDisabled();
  expect(purgesAt(navi)).toBe(0);
});
