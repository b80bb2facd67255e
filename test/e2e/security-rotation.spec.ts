// A rotation of the signing key in the window, against reference nodes: every step on proof alone, what proves nothing is said, tokens are never shown again, and a signed record stands at the end.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { configFor } from '../deployments/navi/config.ts';
import { signHs256 } from '../deployments/navi/jwt.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { startHost } from './harness.ts';
import type { DrivenHost } from './harness.ts';
import { ask, expectNowhere, listenForTrouble } from './set-up.ts';
import type { Trouble } from './set-up.ts';
import { goTo } from './steps.ts';

const OLD_KEY = 'the old signing key of the reference deployment';
const NEW_KEY = 'the new signing key of the reference deployment';
/** At two requests a second and node, ten of them take as long as this at the most. */
const PROBED = { timeout: 30_000 } as const;

let host: DrivenHost;
let page: Page;
let trouble: Trouble;

test.beforeAll(async () => {
  host = await startHost({ secrets: 'memory' });
  page = host.page;
  await page.setViewportSize({ width: 1280, height: 800 });
  trouble = await listenForTrouble(page);
});

test.afterEach(async () => {
  expect(await trouble.all()).toEqual([]);
});

test.afterAll(async () => {
  await host?.close();
});

function rollOut(node: NaviDeployment, keys: readonly [string, ...string[]]): void {
  node.reconfigure({ auth: { mode: 'hs256', hasPreviousSecrets: keys.length > 1, audience: null, issuer: null, secrets: keys } });
}

async function startNode(seed: number, states: Parameters<typeof configFor>[1] = []): Promise<NaviDeployment> {
  const node = await startNaviDeployment({ config: configFor('C1', states), events: 0, seed });
  if (node.config().auth.mode === 'hs256') rollOut(node, [OLD_KEY]);
  return node;
}

function token(key: string, claims: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return signHs256({ sub: 'auth0|acme-platform-admin', org_id: 'acme', role: 'admin', iat: now, exp: now + 7200, ...claims }, key);
}

const opener = (): Locator => page.getByRole('button', { name: 'Rotation…', exact: true });
const panel = (): Locator => page.getByRole('region', { name: 'JWT rotation' });
const tokens = (): Locator => panel().getByRole('region', { name: 'Tokens' });
const answers = (): Locator => panel().getByRole('table', { name: 'Answers of the nodes' });
const foot = (): Locator => panel().getByRole('region', { name: 'The next step' });
const record = (): Locator => panel().getByRole('region', { name: 'Record' });
const done = (): Locator => foot().getByRole('button', { name: /^Done/ });
const phase = (name: string): Locator => panel().getByRole('navigation', { name: 'Phases of the rotation' }).getByRole('button', { name: new RegExp(name) });
const answer = (label: string, at = 0): Locator => answers().getByRole('row').filter({ has: page.getByRole('rowheader').getByText(label, { exact: true }) }).nth(at);

async function connect(name: string, node: NaviDeployment, environment: 'development' | 'production' = 'development'): Promise<string> {
  const { id } = await ask(page, 'deployment.add', { name, url: node.url, kind: 'navi', environment });
  await page.getByRole('button', { name: /Choose a deployment/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(name) }).click();
  await goTo(page, 'Overview');
  await goTo(page, 'Security');
  await opener().click();
  await expect(panel().getByRole('form', { name: 'Start a rotation' })).toBeVisible();
  return id;
}

async function start(nodes: readonly NaviDeployment[], life?: { readonly count: string; readonly unit: string }): Promise<void> {
  await panel().getByLabel('Nodes').fill(nodes.map(({ url }) => url).join('\n'));
  if (life !== undefined) {
    await panel().getByLabel(/^How long tokens live/).fill(life.count);
    await panel().getByLabel('Unit').selectOption(life.unit);
  }
  await panel().getByRole('button', { name: 'Start the rotation' }).click();
  await expect(panel().getByRole('heading', { level: 3, name: 'Prepare' })).toBeVisible();
}

async function give(kind: 'Old token, in use' | 'Old token, for the proof' | 'New token', text: string): Promise<void> {
  await tokens().getByRole('button', { name: 'Give a token…' }).click();
  await tokens().getByRole('radio', { name: kind }).check();
  await tokens().getByLabel('Token', { exact: true }).fill(text);
  await tokens().getByRole('button', { name: 'Store the token' }).click();
  await expect(tokens().getByRole('button', { name: 'Give a token…' })).toBeFocused();
}

async function probe(): Promise<void> {
  const asked = panel().getByText(/asked at/).locator('time');
  const before = await asked.count() === 0 ? '' : await asked.getAttribute('datetime') ?? '';
  await panel().getByRole('button', { name: 'Probe now' }).click();
  await expect(panel().getByRole('button', { name: 'Probe now' })).not.toHaveAttribute('aria-busy', 'true', PROBED);
  await expect(asked).not.toHaveAttribute('datetime', before, PROBED);
}

test('all four phases with two nodes, one of which lags, to a record that verifies', async () => {
  test.setTimeout(240_000);
  const nodes = [await startNode(81), await startNode(82)] as const;
  try {
    const id = await connect('acme-rotates', nodes[0]);
    await expectAccessible(page, 'a rotation that is to begin');
    await start(nodes, { count: '1', unit: 'minutes' });
    await expect(panel().getByRole('button', { name: 'Probe now' })).toBeDisabled();
    await expect(done()).toBeDisabled();
    await expect(foot()).toContainText('The old or the new token is missing.');
    const given = [token(OLD_KEY, { jti: 'proof' }), token(NEW_KEY)] as const;
    await give('Old token, for the proof', given[0]);
    await give('New token', given[1]);
    for (const secret of given) await expectNowhere(page, secret);
    await expect(tokens()).toContainText('negative control');
    await expect(panel().getByRole('region', { name: 'Earliest safe cutover' })).toContainText('Not known yet');
    await expect(answer('anonymous')).toContainText('not asked');
    expect(nodes.map(({ requests }) => requests.length)).toEqual([0, 0]);
    await panel().getByText('8 requests that only read').click();
    await expect(panel().getByText(`GET /api/admin/security/status at ${nodes[1].url}`)).toBeVisible();

    await panel().getByRole('button', { name: 'Probe now' }).click();
    await expect(panel().getByRole('progressbar')).toBeVisible();
    await panel().getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(panel()).toContainText('Cancelled.', PROBED);
    await expect(answer('anonymous')).toContainText('not asked');
    await probe();
    for (const at of [0, 1]) {
      for (const label of ['anonymous', 'old-test-1', 'new', 'broken']) await expect(answer(label, at)).toContainText('as it should be');
      await expect(answer('old-test-1', at)).toContainText('200 accepted');
      await expect(answer('broken', at)).toContainText('401 refused');
    }
    await panel().getByText('What to do, and the lines of the environment').click();
    await expect(panel().getByRole('region', { name: 'Lines for the roll-out that comes next' })).toContainText('JWT_SECRET=<NEW_SIGNING_KEY>\nJWT_SECRET_PREVIOUS=<OLD_SIGNING_KEY>', { useInnerText: true });
    await expectAccessible(page, 'a phase that is proven');
    await expect(done()).toHaveText('Done, next: Deploy');
    await done().click();
    await expect(panel().getByRole('heading', { level: 3, name: 'Deploy' })).toBeFocused(PROBED);
    await expect(phase('Prepare')).toContainText('done, proven');

    rollOut(nodes[0], [NEW_KEY, OLD_KEY]);
    await probe();
    await expect(answer('new', 0)).toContainText('as it should be');
    await expect(answer('new', 1)).toContainText('contrary');
    await expect(done()).toBeDisabled();
    await expect(foot()).toContainText(`${nodes[1].url}: new: Refused: the new key is not in force here.`);
    await expectAccessible(page, 'a node that lags');
    rollOut(nodes[1], [NEW_KEY, OLD_KEY]);
    await probe();
    await done().click();
    await expect(panel().getByRole('heading', { level: 3, name: 'Validate' })).toBeFocused(PROBED);

    await probe();
    await expect(done()).toBeDisabled();
    await expect(foot()).toContainText('It is too early.');
    await expect(panel().getByRole('region', { name: 'Earliest safe cutover' })).toContainText(/In (?:\d+ s|1 min), by the clock of this machine\./);
    await phase('Prepare').click();
    await expect(panel()).toContainText('Proven by entry 4 of the record.');
    await expect(answer('new')).toContainText('401 refused');
    await phase('Validate').click();
    // The panel finds out by itself when the moment has come.
    await expect(done()).toBeEnabled({ timeout: 90_000 });
    await done().click();
    await expect(panel().getByRole('heading', { level: 3, name: 'Cutover' })).toBeFocused(PROBED);

    rollOut(nodes[0], [NEW_KEY]);
    rollOut(nodes[1], [NEW_KEY]);
    await expect(panel().getByRole('region', { name: 'Lines to roll out to every node' })).toContainText('JWT_SECRET=<NEW_SIGNING_KEY>');
    await probe();
    for (const at of [0, 1]) await expect(answer('old-test-1', at)).toContainText('401 refused');
    await expect(done()).toHaveText('Done, finish and sign');
    await done().click();
    await expect(record()).toContainText('verified', PROBED);
    const shown = await ask(page, 'rotation.show', { deploymentId: id });
    expect(shown.rotation).toMatchObject({ outcome: 'finished', record: { verdict: 'intact' } });
    await expect(record()).toContainText(shown.rotation?.record.headDigest ?? 'none');
    await record().getByText('Signature', { exact: true }).click();
    await expect(record().getByLabel('Signed note')).toContainText(`holdfast.local/rotation/${shown.rotation?.rotationId}`);
    await record().getByText(/^\d+ entries$/).click();
    await expect(record()).toContainText('cutover done, finished');
    await expect(tokens()).toContainText('The tokens have left the secret store.');
    for (const name of ['Prepare', 'Deploy', 'Validate', 'Cutover']) {
      await phase(name).click();
      await expect(panel()).toContainText(/Proven by entry \d+ of the record\./);
    }
    await expectAccessible(page, 'a finished rotation');
    for (const secret of given) await expectNowhere(page, secret);
    for (const { method } of nodes.flatMap(({ requests }) => requests)) expect(method).toBe('GET');

    // Another one, given up: the earlier one stays to be read.
    await panel().getByRole('button', { name: 'Start a rotation…' }).click();
    await start([nodes[0]]);
    await panel().getByRole('button', { name: 'Abandon this rotation…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Abandon this rotation' });
    await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
    await expect(dialog.getByRole('button', { name: 'Abandon', exact: true })).toBeDisabled();
    await dialog.getByLabel('Reason').fill('tried <b>twice</b> \u202e');
    await expectAccessible(page, 'the question before a rotation is abandoned');
    await dialog.getByRole('button', { name: 'Abandon', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(phase('Prepare')).toContainText('abandoned here');
    await record().getByText('2 entries', { exact: true }).click();
    await expect(record()).toContainText('abandoned: tried <b>twice</b> ⟨U+202E⟩');
    await panel().getByRole('button', { name: /2 rotations/ }).click();
    await page.getByRole('menuitemradio', { name: /finished/ }).click();
    await expect(record()).toContainText(shown.rotation?.record.headDigest ?? 'none');
  } finally {
    for (const node of nodes) await node.close();
  }
});

test('tokens that prove nothing are called so, and hostile claims are drawn as text with marks', async () => {
  const node = await startNode(83);
  try {
    await connect('acme-useless', node);
    await panel().getByLabel('Nodes').fill('no address');
    await panel().getByRole('button', { name: 'Start the rotation' }).click();
    await expect(panel().getByLabel('Nodes')).toHaveAttribute('aria-invalid', 'true');
    await expect(panel().getByLabel('Nodes')).toBeFocused();
    await start([node]);
    const now = Math.floor(Date.now() / 1000);
    await tokens().getByRole('button', { name: 'Give a token…' }).click();
    await expect(tokens().getByLabel('Token', { exact: true })).toBeFocused();
    await tokens().getByLabel('Token', { exact: true }).fill('no token at all');
    await page.keyboard.press('Enter');
    await expect(tokens().getByLabel('Token', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await expect(tokens()).toContainText('This is not a signed JWT. Nothing was stored.');
    await expect(tokens().getByLabel('Token', { exact: true })).toHaveValue('');
    await expectAccessible(page, 'a token that was refused');
    await tokens().getByRole('button', { name: 'Cancel', exact: true }).click();

    const evil = '<img src=x onerror="__pwned=1">\u202e\u200b\u0007';
    await give('Old token, in use', token(OLD_KEY, { exp: now - 10, sub: evil, iss: evil, aud: evil, role: evil, org_id: evil }));
    await expect(tokens()).toContainText('proves nothing');
    await expect(tokens()).toContainText('It has expired. The deployment says “Invalid or expired token” and not which, so its refusal proves nothing.');
    await tokens().getByText('Claims of old-1').click();
    await expect(tokens()).toContainText('<img src=x onerror="__pwned=1">⟨U+202E⟩⟨U+200B⟩⟨U+0007⟩');
    expect(await tokens().locator('img').count()).toBe(0);
    await give('Old token, in use', token(OLD_KEY, { org_id: undefined }));
    await expect(tokens()).toContainText('It has no org_id claim: the deployment refuses it under any key.');
    await give('New token', token(NEW_KEY));
    await expect(panel().getByRole('region', { name: 'Earliest safe cutover' })).toContainText('Decided by old-2.');
    await probe();
    await expect(answer('old-1')).toContainText('no evidence');
    await expect(answer('old-2')).toContainText('no evidence');
    await expect(answers().getByText('as it should be')).toHaveCount(1);
    await expect(done()).toBeDisabled();
    await expectAccessible(page, 'tokens that prove nothing');

    // A new token makes the answers old at once.
    await give('Old token, for the proof', token(OLD_KEY, { jti: 'proof' }));
    await expect(panel()).toContainText('The tokens were changed since.');
    await expect(answers().getByText('as it should be')).toHaveCount(0);
    await expect(answer('old-test-1')).toContainText('not asked');
    // Somebody who does not answer is unknown, and what came before is kept.
    await node.close();
    await probe();
    await expect(answer('new')).toContainText('not reached');
    await expect(answer('new')).toContainText('unknown');
    await expect(answers().getByText('as it should be')).toHaveCount(0);
    await expect(done()).toBeDisabled();
  } finally {
    await node.close().catch(() => undefined);
  }
});

test('the proof is void where JWT is off and where a key set rules, and nothing is green then', async () => {
  for (const [state, seed, words] of [['jwt-off', 84, 'lets everybody in without a token (JWT_ENABLED is off)'], ['jwks', 85, 'JWT_JWKS_URL']] as const) {
    const node = await startNode(seed, [state]);
    try {
      await connect(`acme-${state}`, node);
      await start([node]);
      await give('Old token, in use', token(OLD_KEY));
      await give('New token', token(NEW_KEY));
      await probe();
      await expect(panel().getByRole('region', { name: 'Answers of the nodes' })).toContainText(words);
      await expect(foot()).toContainText('The proof is void');
      await expect(answers().locator('.chip-pass')).toHaveCount(0);
      await expect(done()).toBeDisabled();
      await expectAccessible(page, `void: ${state}`);
    } finally {
      await node.close();
    }
  }
});

test('in production nothing is sent before probes are allowed; the whole way there needs no mouse', async () => {
  const node = await startNode(86);
  try {
    await connect('acme-production', node, 'production');
    await panel().getByLabel('Nodes').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(panel().getByRole('heading', { level: 3, name: 'Prepare' })).toBeVisible();
    await give('Old token, in use', token(OLD_KEY));
    await give('New token', token(NEW_KEY));
    await expect(panel().getByRole('button', { name: 'Probe now' })).toBeDisabled();
    await expect(panel()).toContainText('Probes are switched off for this deployment');
    await expectAccessible(page, 'probes that are switched off');
    const allow = panel().getByRole('button', { name: 'Allow probes' });
    await allow.focus();
    await page.keyboard.press('Enter');
    await expect(allow).toBeHidden();
    expect(node.requests).toHaveLength(0);
    await panel().getByRole('button', { name: 'Probe now' }).focus();
    await page.keyboard.press('Enter');
    await expect(done()).toBeEnabled(PROBED);
    await page.keyboard.press('Escape');
    await expect(panel()).toBeHidden();
    await expect(opener()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(done()).toBeEnabled();
  } finally {
    await node.close();
  }
});
