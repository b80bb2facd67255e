// A SEV1 from its start to its end by two people who meet only by file: checks that pass and fail, a deployment that goes away, a conflict that two of them settle, sign-off, review, the report, and a file that was altered on the way.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { expectAccessible } from './accessible.ts';
import { pickFiles } from './own-files.ts';
import { goToRunbooks, openRun, openRunbookWindow, startRun } from './runbook-profile.ts';
import type { RunbookWindow } from './runbook-profile.ts';
import { ask, connect } from './set-up.ts';

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

const TITLE = 'Sign-in fails for every tenant';
/** A check goes over the wire, and a window follows a file that was brought in. */
const ASKED = { timeout: 30_000 } as const;

let ada: RunbookWindow;
let bob: RunbookWindow;
let navi: NaviDeployment;
let runId: string;
let files = 0;

const show = (on: RunbookWindow): Promise<RunView> => ask(on.page, 'run.show', { runId });
const stateOf = async (on: RunbookWindow, step: string): Promise<string | undefined> => (await show(on)).steps.find((each) => each.step === step)?.state;
const glance = ({ page }: RunbookWindow): Locator => page.getByRole('region', { name: 'The run at a glance' });
const row = ({ page }: RunbookWindow, title: string): Locator => page.getByRole('option').filter({ has: page.locator('.step-row-title').getByText(title, { exact: true }) });
const pane = ({ page }: RunbookWindow, title: string): Locator => page.getByRole('region', { name: title, exact: true });
const report = ({ page }: RunbookWindow): Locator => page.getByRole('region', { name: 'What came of it' });
const picture = ({ page }: RunbookWindow, name: string): Promise<unknown> => page.screenshot({ path: test.info().outputPath(`${name}.png`), animations: 'disabled' });

/** Tab until it has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 90; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${String(target)}`);
}

async function press(on: RunbookWindow, target: Locator): Promise<void> {
  await tabTo(on.page, target);
  await on.page.keyboard.press('Enter');
}

/** Goes to a step by keys alone, and leaves the focus in its pane. */
async function goTo(on: RunbookWindow, title: string): Promise<Locator> {
  await row(on, title).scrollIntoViewIfNeeded();
  const heading = on.page.getByRole('region', { name: 'Chosen step' }).getByRole('heading', { level: 2 });
  const titles = await on.page.locator('.step-row-title').allTextContents();
  for (let presses = 0; presses < 60 && (await heading.innerText()) !== title; presses += 1) {
    const before = await heading.innerText();
    await on.page.keyboard.press(titles.indexOf(before) < titles.indexOf(title) ? 'j' : 'k');
    await expect(heading).not.toHaveText(before);
  }
  await expect(heading).toHaveText(title);
  return pane(on, title);
}

/** Writes the run of one and brings it in at the other, through the window. */
async function carry(from: RunbookWindow, to: RunbookWindow): Promise<void> {
  files += 1;
  const path = join(to.files.path, `run-${files}.holdfast-run`);
  await ask(from.page, 'run.export', { runId, path });
  await goToRunbooks(to.page);
  await to.page.getByRole('button', { name: 'Bring in a run…' }).click();
  await pickFiles(to.page, to.page.getByLabel('File of a run'), [path]);
  await expect(report(to)).toBeVisible(ASKED);
}

async function backToRun(on: RunbookWindow): Promise<void> {
  await on.page.getByRole('button', { name: 'Open the run' }).click();
  await expect(glance(on)).toBeVisible();
}

test.beforeAll(async () => {
  navi = await startNaviDeployment({ config: configFor('C1'), seed: 71, events: 60 });
  ada = await openRunbookWindow();
  bob = await openRunbookWindow();
  await ask(ada.page, 'identity.rename', { name: 'Ada Example' });
  await ask(bob.page, 'identity.rename', { name: 'Bob Example' });
  for (const { page } of [ada, bob]) await connect(page, navi, { name: 'acme', environment: 'staging' });
});
test.afterEach(async () => { for (const each of [ada, bob]) expect(await each.trouble.all()).toEqual([]); });
test.afterAll(async () => {
  await ada?.close();
  await bob?.close();
  await navi?.close().catch(() => undefined);
});

test('Ada begins: acknowledged, decided and written down, by keyboard alone', async () => {
  const { page } = ada;
  const { deployments: [acme] } = await ask(page, 'deployment.list', {});
  runId = await startRun(page, 'navi-incident', { title: TITLE, deploymentId: acme?.id ?? '' });
  for (const [role, name] of [['commander', 'Ada'], ['operations', 'Bob']] as const) await ask(page, 'run.role', { runId, role, name });
  const first = await goTo(ada, 'Acknowledge the alert');
  await press(ada, first.getByRole('button', { name: 'Done', exact: true }));
  await expect(row(ada, 'Acknowledge the alert')).toContainText('done');
  // The step stands for the time.
  await expect(glance(ada).getByRole('group', { name: 'Milestones' })).toContainText('after the start');
  await goTo(ada, 'Set the severity');
  await tabTo(page, page.getByRole('radio', { name: /^SEV1/ }));
  await page.keyboard.press('Space');
  const decide = page.getByRole('form', { name: 'Decide' });
  await tabTo(page, decide.getByRole('textbox'));
  await page.keyboard.type('No tenant can sign in.');
  await press(ada, decide.getByRole('button').first());
  await expect(glance(ada)).toContainText('SEV1');
  await page.locator('#screen-title').focus();
  await page.keyboard.press('n');
  await page.keyboard.type('paging the database admin');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('option', { name: /paging the database admin/ })).toBeVisible();
  expect(await show(ada)).toMatchObject({ severity: 'sev1', milestones: { acknowledged: expect.any(String), mitigated: null } });
  await expectAccessible(page, 'a SEV1 at its start');
  await picture(ada, 'begun');
});

test('a check that passes can be ticked; one that fails cannot', async () => {
  const { page } = ada;
  const alive = await goTo(ada, 'Compute: does the process answer?');
  await press(ada, alive.getByRole('button', { name: 'Check now' }));
  await expect(alive.getByRole('region', { name: 'Live check' }).locator('.chip').first()).toHaveText('pass', ASKED);
  await press(ada, alive.getByRole('button', { name: 'Done', exact: true }));
  await expect(row(ada, 'Compute: does the process answer?')).toContainText('done');
  navi.reconfigure({ isRedisReachable: false });
  const ready = await goTo(ada, 'Database and Redis: are they there?');
  await press(ada, ready.getByRole('button', { name: 'Check now' }));
  await expect(ready.getByRole('region', { name: 'Live check' }).locator('.chip').first()).toHaveText('fail', ASKED);
  await expect(ready.getByRole('button', { name: 'Done', exact: true })).toHaveCount(0);
  await expect(ready).toContainText('It cannot be called done.');
  await tabTo(page, ready.getByLabel('Note'));
  await page.keyboard.type('Redis is gone.');
  await press(ada, ready.getByRole('button', { name: 'Failed', exact: true }));
  await expect(row(ada, 'Database and Redis: are they there?')).toContainText('failed');
  await ask(page, 'run.addEvidence', { runId, step: 'evidence.codes', note: '', from: { source: 'output', name: 'codes.txt', text: '500 INTERNAL_ERROR 412\n' } });
});

test('R57: Bob takes it over by file: nothing of a key that is not trusted counts, until it was compared', async () => {
  await carry(ada, bob);
  const signer = report(bob).getByRole('region', { name: 'By signer' }).getByRole('listitem');
  await expect(signer).toContainText('not trusted yet');
  expect((await show(bob)).doubts).toEqual({ severity: 'not-trusted', acknowledged: 'not-trusted', mitigated: null, resolved: null });
  expect((await show(bob)).steps.find(({ step }) => step === 'first.acknowledge')).toMatchObject({ isTrusted: false });
  const fingerprint = (await ask(ada.page, 'identity.list', {})).self?.fingerprint ?? '';
  await signer.getByRole('button', { name: 'Compare and trust…' }).click();
  const box = bob.page.getByRole('dialog', { name: 'Trust a key' });
  await box.getByLabel('Whose key it is').fill('Ada');
  await box.getByLabel(/^Or paste/).fill(fingerprint);
  await picture(bob, 'compared');
  await box.getByRole('button', { name: 'Trust this key' }).click();
  await expect(signer.locator('.chip')).toHaveText('trusted');
  await backToRun(bob);
  await expect(row(bob, 'Acknowledge the alert')).toContainText('done');
  await expect(glance(bob)).not.toContainText('not trusted yet');
  expect((await show(bob)).steps.find(({ step }) => step === 'first.acknowledge')).toMatchObject({ state: 'done', isTrusted: true, by: 'Ada' });
});

test('two words on one step stand side by side in both windows, until one who knows both settles it', async () => {
  const title = 'Do not trust an alert that cannot fire';
  await ask(ada.page, 'run.step', { runId, step: 'scope.silent', outcome: 'done', note: 'I looked at the list' });
  await ask(bob.page, 'run.step', { runId, step: 'scope.silent', outcome: 'failed', note: 'One is missing' });
  await carry(bob, ada);
  const signer = report(ada).getByRole('region', { name: 'By signer' }).getByRole('listitem').filter({ hasText: 'Bob' });
  await expect(report(ada).getByRole('region', { name: 'In conflict' }).or(signer.getByText('not trusted yet')).first()).toBeVisible();
  await ask(ada.page, 'identity.trust', { fingerprint: (await ask(bob.page, 'identity.list', {})).self?.fingerprint ?? '', name: 'Bob', isTrusted: true });
  await backToRun(ada);
  await carry(ada, bob);
  await backToRun(bob);
  for (const on of [ada, bob]) {
    await expect(row(on, title)).toContainText('conflict', ASKED);
    await row(on, title).click();
    const sides = pane(on, title).getByRole('region', { name: 'Conflict' }).getByRole('listitem');
    await expect(sides).toHaveCount(2);
    await expect(sides.filter({ hasText: 'I looked at the list' })).toContainText('Done');
    await expect(sides.filter({ hasText: 'One is missing' })).toContainText('Failed');
    await expectAccessible(on.page, 'a conflict in a SEV1');
  }
  await picture(ada, 'conflict');
  const step = pane(ada, title);
  await step.getByLabel('Note').fill('We looked together');
  await step.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(row(ada, title)).not.toContainText('conflict');
  await carry(ada, bob);
  await expect(report(bob)).toContainText('The file is whole.');
  await backToRun(bob);
  await expect(row(bob, title)).not.toContainText('conflict');
  expect(await stateOf(bob, 'scope.silent')).toBe('done');
});

test('the way out, with the deployment gone in the middle: a check is attested by hand, with a name', async () => {
  navi.reconfigure({ isRedisReachable: true });
  const { page } = bob;
  await ask(page, 'run.step', { runId, step: 'decide.deploys', outcome: 'done', evidence: [bob.files.put('deploys.txt', 'one at 09:12\n')] });
  await ask(page, 'run.step', { runId, step: 'decide.ready', outcome: 'not-applicable', note: 'nothing was deployed' });
  await ask(page, 'run.decide', { runId, step: 'decide.rollback', option: 'mitigate', reason: 'The build is as old as the last good week.' });
  await ask(page, 'run.step', { runId, step: 'scope.gate', outcome: 'skipped', note: 'the gate ran yesterday' });
  const act = await goTo(bob, 'Stop the damage');
  await press(bob, act.getByRole('button', { name: 'Done', exact: true }));
  await expect.poll(async () => (await show(bob)).milestones.mitigated).not.toBeNull();
  await navi.close();
  const ready = await goTo(bob, 'The deployment is ready again');
  await press(bob, ready.getByRole('button', { name: 'Check now' }));
  await expect(ready.getByRole('alert').first()).toContainText('connection_refused', ASKED);
  expect(await stateOf(bob, 'mitigate.ready')).toBe('open');
  await press(bob, ready.getByRole('button', { name: 'Attest by hand…' }));
  for (const step of ['mitigate.ready', 'mitigate.errors', 'mitigate.token']) {
    await ask(page, 'run.attest', { runId, step, by: 'Cleo of operations', result: 'pass', seen: 'seen on the machine itself' });
    await ask(page, 'run.step', { runId, step, outcome: 'done' });
  }
  await expect(ready).toContainText('Cleo of operations');
  await ask(page, 'run.decide', { runId, step: 'mitigate.resolve', option: 'resolved', reason: 'Sign-in works, seen from two places.' });
  await expect(glance(bob)).not.toContainText('Resolved Now');
  expect((await show(bob)).milestones).toMatchObject({ acknowledged: expect.any(String), mitigated: expect.any(String), resolved: expect.any(String) });
  await picture(bob, 'resolved');
});

test('sign-off and review: by another, trusted key, and never by oneself', async () => {
  await ask(bob.page, 'run.decide', { runId, step: 'after.postmortem', option: 'no', reason: 'One follows from the SEV1 anyway.' });
  await ask(bob.page, 'run.sign', { runId, step: 'after.sign', role: 'commander', name: 'Bob', verdict: 'approved', statement: '' });
  await carry(bob, ada);
  await backToRun(ada);
  expect((await show(ada)).signatures).toMatchObject([{ by: 'Bob', role: 'commander', isTrusted: true, isOutdated: false }]);
  await ada.page.getByRole('tab', { name: /^Review/ }).click();
  await ada.page.getByRole('button', { name: 'Submit', exact: true }).click();
  await expect(ada.page.getByRole('list', { name: 'Submissions, the newest first' })).toContainText('waits for a review');
  const of = (await show(ada)).reviews[0]?.submission ?? '';
  await expect(ask(ada.page, 'run.review', { runId, of, verdict: 'accepted' })).rejects.toThrow('review_refused');
  await carry(ada, bob);
  await backToRun(bob);
  await bob.page.getByRole('tab', { name: /^Review/ }).click();
  await bob.page.getByRole('button', { name: 'Review it…' }).click();
  await bob.page.getByLabel('Feedback').fill('Complete, and the evidence is there.');
  await bob.page.getByRole('button', { name: 'Accept' }).click();
  await expect(bob.page.getByRole('list', { name: 'Submissions, the newest first' })).toContainText('accepted');
  await carry(bob, ada);
  await backToRun(ada);
  expect((await show(ada)).reviews).toMatchObject([{ state: 'accepted', reviews: [{ by: 'Bob', counts: true, feedback: 'Complete, and the evidence is there.' }] }]);
});

test('the end, the report in three forms, and a file that was altered on the way', async () => {
  const { page } = ada;
  // The steps that block and were not needed are said to be so; nothing is left open in silence.
  const { pack, steps } = await show(ada);
  for (const { id, gate } of pack.sections.flatMap((section) => section.steps)) {
    if (gate === 'blocks' && steps.some(({ step, state }) => step === id && (state === 'open' || state === 'waiting'))) await ask(page, 'run.step', { runId, step: id, outcome: 'not-applicable', note: 'not needed this time' });
  }
  await ask(page, 'run.end', { runId, outcome: 'completed', note: 'Over.' });
  await expect(glance(ada)).toContainText('Completed after');
  await picture(ada, 'ended');
  for (const format of ['md', 'html', 'pdf'] as const) await ask(page, 'run.report', { runId, format, path: join(ada.files.path, `after.${format}`) });
  const text = readFileSync(join(ada.files.path, 'after.md'), 'utf8');
  const codes = (await show(ada)).evidence.find(({ name }) => name === 'codes.txt')?.digest ?? 'none';
  for (const part of ['To acknowledge', 'To mitigate', 'To resolve', 'the gate ran yesterday', 'The build is as old as the last good week', 'Cleo of operations', 'Bob', codes, 'Complete, and the evidence is there']) expect(text).toContain(part);
  expect(text).not.toMatch(/\| To (acknowledge|mitigate|resolve) \| not recorded/);
  expect(readFileSync(join(ada.files.path, 'after.html'), 'utf8')).not.toContain('<script');
  expect(readFileSync(join(ada.files.path, 'after.pdf')).subarray(0, 5).toString()).toBe('%PDF-');

  files += 1;
  const path = join(bob.files.path, `run-${files}.holdfast-run`);
  await ask(page, 'run.export', { runId, path });
  const bytes = readFileSync(path, 'utf8');
  const altered = bytes.replace('paging the database admin', 'paging the database adNin');
  expect(altered).not.toBe(bytes);
  await goToRunbooks(bob.page);
  const before = (await show(bob)).timeline.filter(({ text: said }) => said.includes('paging'));
  await bob.page.getByRole('button', { name: 'Bring in a run…' }).click();
  await pickFiles(bob.page, bob.page.getByLabel('File of a run'), [bob.files.put('altered.holdfast-run', altered)]);
  await expect(report(bob)).toContainText('The file is not as it was signed.', ASKED);
  await expect(report(bob).getByRole('table', { name: 'Refused events' }).locator('tbody tr')).toHaveCount(1);
  expect((await show(bob)).timeline.filter(({ text: said }) => said.includes('paging'))).toEqual(before);
  await expectAccessible(bob.page, 'a file that was altered');
  await picture(bob, 'altered');
  expect(readdirSync(ada.files.path).filter((name) => name.startsWith('after.'))).toHaveLength(3);
  await openRun(page, TITLE);
});
