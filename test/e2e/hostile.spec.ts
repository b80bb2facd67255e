// A deployment that is out to mislead: hostile text in every column, payload, claim and status field. It must be drawn as text, every hidden character as a mark, and do nothing.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import type { NaviConfig } from '../deployments/navi/config.ts';
import { encryptedPayload } from '../deployments/navi/fernet-writer.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { auditScreen } from './audit-screen.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { adminToken, ask, connect, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { decryptHere, goTo } from './steps.ts';

const RUN = '__pwned=1';
/** Text that would run, load or restyle something where it is taken for markup. */
const ACTIVE = [
  `<script>${RUN}</script>`, `<img src=x onerror="${RUN}">`, `<svg onload="${RUN}">`, `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`, `"><script>${RUN}</script>`, `' autofocus onfocus='${RUN}`, `javascript:${RUN}`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`, `<a href="javascript:${RUN}" id=a>click</a>`, `<details open ontoggle=${RUN}>`, `<math><mtext></mtext><script>${RUN}</script></math>`, `<style>*{display:none}</style>`,
  '<link rel=stylesheet href=https://attacker.example/x.css>', '<img src=https://attacker.example/pixel.png>', '<base href=https://attacker.example/>', '<meta http-equiv=refresh content="0;url=https://attacker.example/">', '<form action=https://attacker.example/><input type=submit>',
  '<object data=https://attacker.example/x></object>', '<embed src=https://attacker.example/x>', `<template><script>${RUN}</script></template>`, '</textarea></pre></td></table></main><h1>ALL CLEAR</h1>', '<!--', ']]>', '{{constructor.constructor("__pwned=1")()}}', '${__pwned=1}', '<%= __pwned=1 %>',
  `<input onfocus=${RUN} autofocus>`, `<video><source onerror=${RUN}></video>`, `<body onload=${RUN}>`, '&lt;script&gt;__pwned=1&lt;/script&gt;', '\\u003cscript\\u003e__pwned=1\\u003c/script\\u003e',
];
/** Characters that hide, reorder or fake text, and the mark that must stand in their place. */
const HIDDEN: readonly (readonly [string, string])[] = [
  ['\u202e', '⟨U+202E⟩'], ['\u202d', '⟨U+202D⟩'], ['\u202a', '⟨U+202A⟩'], ['\u202b', '⟨U+202B⟩'], ['\u202c', '⟨U+202C⟩'], ['\u2066', '⟨U+2066⟩'], ['\u2067', '⟨U+2067⟩'], ['\u2068', '⟨U+2068⟩'], ['\u2069', '⟨U+2069⟩'], ['\u200e', '⟨U+200E⟩'], ['\u200f', '⟨U+200F⟩'], ['\u061c', '⟨U+061C⟩'],
  ['\u200b', '⟨U+200B⟩'], ['\u200c', '⟨U+200C⟩'], ['\u200d', '⟨U+200D⟩'], ['\u2060', '⟨U+2060⟩'], ['\ufeff', '⟨U+FEFF⟩'], ['\u00ad', '⟨U+00AD⟩'], ['\u180e', '⟨U+180E⟩'], ['\u3164', '⟨U+3164⟩'], ['\u{e0041}', '⟨U+E0041⟩'], ['\ufe0f', '⟨U+FE0F⟩'],
  ['\u0001', '⟨U+0001⟩'], ['\u0007', '⟨U+0007⟩'], ['\u0008', '⟨U+0008⟩'], ['\u001b[2J', '⟨U+001B⟩'], ['\u001b]8;;https://attacker.example\u0007', '⟨U+001B⟩'], ['\u007f', '⟨U+007F⟩'], ['\u009b31m', '⟨U+009B⟩'], ['\u2028', '⟨U+2028⟩'], ['\u2029', '⟨U+2029⟩'], ['\r', '⟨U+000D⟩'], ['\u00a0', '⟨U+00A0⟩'],
];
const ALL = [...ACTIVE.map((text) => ({ text, mark: null })), ...HIDDEN.map(([text, mark]) => ({ text: `before${text}after`, mark }))];

let host: DrivenHost;
let page: Page;
let navi: NaviDeployment;
let trouble: Trouble;
let ids: readonly number[];

/** One row per text, which stands in every column and in the payload, by turns plain and sealed. */
function plantHostileRows(deployment: NaviDeployment): readonly number[] {
  const { key, keyId } = deployment.secrets.activeAuditKey;
  const seconds = Math.floor(Date.now() / 1000);
  return deployment.insertRows(ALL.map(({ text }, at) => {
    const content = { query_params: { [text]: text, nested: [text, { deep: text }] } };
    return {
      orgKey: 'acme', actorSub: `sub ${text}`, actorEmail: `${text}@acme.example`, route: `/h/${at}/${text}`, method: at % 7 === 0 ? text.slice(0, 12) : 'POST', eventType: text, resourceId: text, statusCode: 200, createdAtMicros: (seconds - at) * 1_000_000,
      payload: at % 2 === 0 ? content : encryptedPayload({ shape: 'core', key, keyId: at % 4 === 1 ? text : keyId, payload: content, iv: Buffer.alloc(16, at), seconds }),
    };
  }));
}

function hostileConfig(text: string): Partial<NaviConfig> {
  return { tokenEncryptionKeyId: text, auditEncryption: { keyId: text }, sso: { auth0Domain: text, hasClient: true, hasAudience: true } };
}

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), events: 0, seed: 61 });
  ids = plantHostileRows(navi);
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
  navi.reconfigure(hostileConfig(`${ACTIVE[1]}\u202e${HIDDEN[25]?.[0]}`));
  const evil = `${ACTIVE[0]}\u202e\u200b\u0007`;
  await connect(page, navi, { name: 'acme-hostile', withKeys: true, withStatus: true, withSync: true, token: adminToken(navi, { email: `${evil}@acme.example`, sub: `auth0|${evil}`, iss: evil, name: evil }) });
});

test.afterEach(async () => {
  expect(await trouble.all()).toEqual([]);
  expect(page.url()).toBe('https://console.localhost/');
});

test.afterAll(async () => {
  await host?.close();
  await navi?.close();
});

/** What is drawn may hold no hidden character and no element that the data brought. */
async function expectOnlyText(where: Locator): Promise<void> {
  const found = await where.evaluate((element) => ({
    text: (element as HTMLElement).innerText,
    elements: [...element.querySelectorAll('script, img, iframe, object, embed, base, meta, link, style, video, math, template, a[href^="javascript"], [onerror], [onload], [onfocus], [ontoggle]')].map((child) => child.outerHTML.slice(0, 80)),
  }));
  expect(found.elements).toEqual([]);
  expect([...found.text].filter((character) => /[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/u.test(character) && !'\n\t'.includes(character)).map((character) => character.codePointAt(0)?.toString(16))).toEqual([]);
}

test('R6, R7, R60: hostile rows are drawn as text in the list, with every hidden character as a mark', async () => {
  expect(ALL.length).toBeGreaterThanOrEqual(60);
  await goTo(page, 'Audit');
  const grid = page.getByRole('grid', { name: 'Audit events' });
  await expect(grid).toHaveAttribute('aria-rowcount', String(ALL.length + 1));
  let seen = 0;
  await grid.getByRole('row').nth(1).click();
  for (let at = 0; at < ALL.length; at += 1) {
    const row = grid.locator(`[aria-rowindex="${at + 2}"]`);
    await expect(row).toHaveAttribute('aria-selected', 'true');
    const { text, mark } = ALL[at] ?? { text: '', mark: null };
    const route = await row.getByRole('gridcell').nth(2).innerText();
    if (mark === null) expect(route.replace(/\s+/g, ' ')).toContain(text.replace(/\s+/g, ' '));
    else expect(route).toContain(`before${mark}`);
    seen += 1;
    await page.keyboard.press('j');
  }
  expect(seen).toBe(ALL.length);
  await expectOnlyText(page.locator('body'));
});

test('R6, R7, R60: hostile payloads are drawn as text, plain and opened alike', async () => {
  await goTo(page, 'Audit');
  const grid = page.getByRole('grid', { name: 'Audit events' });
  const pane = page.getByRole('complementary', { name: 'Selected event' });
  await grid.getByRole('row').nth(1).click();
  await page.keyboard.press('Control+Home');
  for (let at = 0; at < ALL.length; at += 1) {
    await expect(pane.getByRole('heading', { name: `Event ${ids[at]}`, exact: true })).toBeVisible();
    if (at % 2 === 0) {
      const { mark } = ALL[at] ?? { mark: null };
      const shown = await pane.getByLabel('Payload text').innerText();
      // JSON may spell a control character as an escape; then it is visible already.
      if (mark !== null) expect(shown).toMatch(/⟨U\+[0-9A-F]{4,5}⟩|\\u[0-9a-f]{4}|\\[rnbft]/);
      else expect(shown).toContain('nested');
    }
    await page.keyboard.press('j');
  }
  const { search } = auditScreen(page);
  for (const at of [1, 7, 13, 33, 35, 47, 57]) {
    await search(`id:${ids[at]}`);
    await expect(grid).toHaveAttribute('aria-rowcount', '2');
    await grid.getByRole('row').nth(1).click();
    expect(await decryptHere(page, `row ${at} <img src=x onerror="${RUN}">\u202e`)).toContain('nested');
    await expectOnlyText(page.locator('body'));
  }
  await search('');
});

test('R60: hostile values are text and marks in facets, proposals, the query line and saved views', async () => {
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
  const audit = auditScreen(page);
  await expect.poll(audit.matching).toBe(ALL.length);
  await page.getByRole('button', { name: 'Facets', exact: true }).click();
  await expect(audit.facets().getByRole('button', { name: /POST/ }).first()).toBeVisible();
  await expectOnlyText(page.locator('body'));
  const more = audit.facets().locator('.facet').filter({ hasText: 'Type' }).getByRole('button', { name: 'More…' });
  await more.click();
  await audit.facets().getByLabel('Find a value of Type').fill('before');
  await expect(audit.facets().locator('.facet-more').getByRole('button', { name: /⟨U\+/ }).first()).toBeVisible();
  await expectOnlyText(page.locator('body'));
  await audit.facets().locator('.facet-more .facet-value').first().click();
  await expect(audit.queryLine()).toHaveValue(/^event:="before⟨U\+[0-9A-F]+⟩.*after"$/);
  await expect.poll(audit.matching).toBeGreaterThan(0);
  expect(await audit.matching()).toBeLessThan(ALL.length);
  await expectOnlyText(page.locator('body'));

  let tried = 0;
  for (const [at, { text, mark }] of ALL.entries()) {
    if (at % 6 !== 0) continue;
    // As it stands there, to the letter: it must find its own row, and be shown as marks where it hides.
    await audit.search(`resource:="${text.replaceAll(/[\\"]/g, '\\$&')}"`);
    await expect(audit.queryLine(), JSON.stringify(text)).not.toHaveAttribute('aria-invalid');
    await expect.poll(audit.matching, JSON.stringify(text)).toBe(1);
    const shown = await audit.queryLine().inputValue();
    if (mark !== null) expect(shown).toContain(mark);
    await expectOnlyText(page.locator('body'));
    tried += 1;
  }
  expect(tried).toBeGreaterThan(9);

  await page.getByRole('button', { name: /^Views/ }).click();
  await page.getByLabel('Save what is shown as').fill(`<img src=x onerror="${RUN}">\u202eview`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Views · 1' })).toBeVisible();
  await page.getByRole('button', { name: 'Views · 1' }).click();
  await expect(page.locator('.views-choose')).toContainText(`<img src=x onerror="${RUN}">⟨U+202E⟩view`);
  await expectOnlyText(page.locator('body'));
  await page.keyboard.press('Escape');
  await audit.search('');
  await page.getByRole('button', { name: 'Facets', exact: true }).click();
});

test('R60: the raw view prints no byte that acts, and the bars speak of hostile rows without harm', async () => {
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
  const audit = auditScreen(page);
  await expect.poll(audit.matching).toBe(ALL.length);
  await audit.rows().nth(1).click();
  await page.keyboard.press('Control+Home');
  await audit.pane().getByRole('button', { name: 'Raw bytes' }).click();
  const raw = audit.pane().getByRole('region', { name: 'Raw bytes' });
  for (let at = 0; at < ALL.length; at += 1) {
    await expect(audit.pane().getByRole('heading', { name: `Event ${ids[at]}`, exact: true })).toBeVisible();
    await raw.getByLabel('Bytes of').selectOption('Route');
    const lines = (await raw.getByLabel('Bytes', { exact: true }).innerText()).split('\n');
    const bytes = Buffer.from(lines.map((line) => line.slice(6, 29).replaceAll(' ', '')).join(''), 'hex').toString('utf8');
    expect(bytes).toBe(`/h/${at}/${ALL[at]?.text ?? ''}`);
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
    await audit.pane().getByRole('button', { name: 'Next event (J)' }).click();
  }
  await audit.bars().hover();
  await expect(page.locator('.histogram-tip')).toBeVisible();
  await expectOnlyText(page.locator('body'));
});

test('R58, R60: both versions of a finding are drawn as text', async () => {
  const [{ id } = { id: '' }] = (await ask(page, 'deployment.list', {})).deployments;
  const evil = `${ACTIVE[1]}\u202e\u200b${ACTIVE[0]}`;
  const [late] = navi.insertRows([{ orgKey: 'acme', actorSub: evil, actorEmail: evil, route: `/late/${evil}`, method: 'POST', eventType: evil, resourceId: evil, statusCode: 200, createdAtMicros: (Math.floor(Date.now() / 1000) - 3600) * 1_000_000, payload: { [evil]: evil } }]);
  await ask(page, 'audit.sync', { deploymentId: id, full: true });
  const { findings } = await ask(page, 'audit.findings', { deploymentId: id });
  expect(findings.map(({ kind, eventId }) => [kind, eventId])).toContainEqual(['back-dated', late]);
  await goTo(page, 'Overview');
  await goTo(page, 'Audit');
  const audit = auditScreen(page);
  await audit.search(`id:${late}`);
  await expect.poll(audit.matching).toBe(1);
  await audit.rows().nth(1).click();
  const shown = audit.pane().getByRole('region', { name: 'Findings' });
  await expect(shown).toContainText('It appeared in a time that had been read completely.');
  await expect(shown).toContainText('⟨U+202E⟩⟨U+200B⟩<script>');
  await expectOnlyText(page.locator('body'));
  await audit.search('');
});

test('R60: hostile key ids are named as text where keys are missing', async () => {
  await goTo(page, 'Audit');
  await page.getByRole('button', { name: /^\d+ keys$/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Named by cached events, but not held:');
  await expect(dialog).toContainText('before⟨U+202A⟩after');
  await expect(dialog).toContainText('<img src=x onerror=');
  await expectOnlyText(page.locator('body'));
  await page.keyboard.press('Escape');
});

test('R60: hostile claims, ledger entries and names do no harm', async () => {
  const [{ id } = { id: '' }] = (await ask(page, 'deployment.list', {})).deployments;
  await ask(page, 'audit.decrypt', { deploymentId: id, id: ids[1] ?? -1, reason: `a reason <img src=x onerror="${RUN}">\u202e\u200b` });
  await goTo(page, 'Overview');
  await expect(page.getByRole('region', { name: 'Ledger' })).toContainText(`“a reason <img src=x onerror="${RUN}">⟨U+202E⟩⟨U+200B⟩”`);
  await expectOnlyText(page.locator('body'));
  await page.getByRole('main').getByRole('button', { name: 'acme-hostile', exact: true }).click();
  const claims = page.getByRole('complementary', { name: 'Selected deployment' }).getByRole('region', { name: 'Token' });
  await expect(claims).toContainText(`<script>${RUN}</script>⟨U+202E⟩⟨U+200B⟩⟨U+0007⟩`);
  await expectOnlyText(page.locator('body'));

  await page.getByRole('main').getByRole('button', { name: 'Add a deployment' }).click();
  const name = page.getByRole('complementary', { name: 'Form' }).getByLabel('Name', { exact: true });
  for (const bad of ['<b>acme</b>', 'acme\u202eprod', 'acme\u200bprod', `"${RUN}`, '\u001b[31macme', '../../etc']) {
    await name.fill(bad);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(name, JSON.stringify(bad)).toHaveAttribute('aria-invalid', 'true');
  }
  await name.fill('x'.repeat(65));
  expect((await name.inputValue()).length).toBe(64);
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  expect((await ask(page, 'deployment.list', {})).deployments).toHaveLength(1);
});

test('R60: a hostile security status is drawn as text, and is no pass', async () => {
  await goTo(page, 'Security');
  const grid = page.getByRole('grid', { name: 'Checks' });
  await expect(grid.getByRole('row', { name: /^[a-z ]+: / })).toHaveCount(50);
  await expectOnlyText(page.locator('body'));
  const tenant = grid.getByRole('row', { name: /The default sign-in tenant/ });
  await expect(tenant).toHaveAccessibleName(/^unknown/);
  await tenant.click();
  const pane = page.getByRole('complementary', { name: 'Selected check' });
  await expect(pane).toContainText('⟨U+202E⟩');
  await expect(pane).toContainText('<img src=x onerror=');
  for (const text of [...ACTIVE.slice(0, 12), ...HIDDEN.map(([hidden]) => `x${hidden}x`).slice(0, 12)]) {
    navi.reconfigure(hostileConfig(text));
    const [{ id } = { id: '' }] = (await ask(page, 'deployment.list', {})).deployments;
    await ask(page, 'security.scan', { deploymentId: id });
  }
  await expect(grid.getByRole('row', { name: /^[a-z ]+: / })).toHaveCount(50);
  await expectOnlyText(page.locator('body'));
});
