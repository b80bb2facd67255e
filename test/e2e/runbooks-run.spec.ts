// The war-room against the real core: what is always in sight, one-key entry, timers that ring, large type, the small window, messages, review, files, and a run from its start to its end by keyboard alone.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { expectAccessible } from './accessible.ts';
import { pickFiles } from './own-files.ts';
import { openRun, openRunbookWindow, startRun } from './runbook-profile.ts';
import type { RunbookWindow } from './runbook-profile.ts';
import { ask } from './set-up.ts';
import { goTo } from './steps.ts';

// Each step stands on the one before.
test.describe.configure({ mode: 'serial' });

const RING = `format: holdfast.runbook/1
id: ring
version: 1.0.0
title: A timer that rings
when: In tests.
kind: incident
source: made for tests
sections:
  - id: s
    title: Section
    steps:
      - { id: update, title: "Write the update <b>now</b>", kind: timer, minutes: 1 }
      - { id: look, title: Look at it }
`;
const TITLE = 'Token replay <img src=x onerror="globalThis.__pwned=1">';

let window: RunbookWindow;
let page: Page;
let runId: string;
let ringing: string;

const show = (id = runId): Promise<RunView> => ask(page, 'run.show', { runId: id });
const glance = (): Locator => page.getByRole('region', { name: 'The run at a glance' });
const next = (): Locator => page.getByRole('region', { name: 'Next step' }).first();
const entry = (): Locator => page.getByRole('textbox', { name: 'What happens now' });
const stepTitle = (): Locator => page.getByRole('region', { name: 'Chosen step' }).getByRole('heading', { level: 2 });
const clock = async (): Promise<number> => {
  const [h = 0, m = 0, s = 0] = (await glance().getByRole('timer').innerText()).split(':').map(Number);
  return (h * 60 + m) * 60 + s;
};
/** Presses Tab until it is there, as somebody without a mouse does. */
async function tabTo(target: Locator, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 90; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not lead to ${String(target)}`);
}
const expectFocusKept = (): Promise<void> => expect.poll(() => page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body)).toBe(true);
async function more(item: string): Promise<void> {
  await page.getByRole('button', { name: /More about this run/ }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test.beforeAll(async () => {
  window = await openRunbookWindow();
  ({ page } = window);
  await ask(page, 'runbook.import', { path: window.files.put('ring.yaml', RING) });
  ({ runId: ringing } = await ask(page, 'run.start', { packId: 'ring', title: 'The run that rings' }));
  // It rings while the other tests run.
  await ask(page, 'run.timer', { runId: ringing, step: 'update', action: 'started' });
  runId = await startRun(page, 'first-fifteen-minutes', { title: TITLE, severity: 'p1', drill: true });
});
test.afterEach(async () => expect(await window.trouble.all()).toEqual([]));
test.afterAll(() => window?.close());

test('the header is in sight: title, clock that ticks, severity, drill, milestones, roles and the next step', async () => {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TITLE);
  await expect(page.getByText('DRILL', { exact: true })).toBeVisible();
  await expect(glance()).toContainText('P1');
  await expect(page.locator('.head')).toContainText('no deployment');
  const before = await clock();
  await expect.poll(clock).toBeGreaterThan(before);
  await expect(next()).toContainText('Start the clock');
  await expect(glance()).toContainText('within');
  for (const role of ['Incident lead', 'Operations engineer', 'Communications']) await expect(glance().getByRole('button', { name: role })).toContainText('nobody yet');
  await expectAccessible(page, 'a run');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await expectAccessible(page, 'a run in a large window');
  await page.setViewportSize({ width: 960, height: 700 });
  for (const each of [glance(), next(), entry()]) await expect(each).toBeInViewport();
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('severity, roles and milestones are recorded with a press, a reason or an earlier time', async () => {
  await glance().getByRole('button', { name: 'Change… severity' }).click();
  const severity = page.getByRole('dialog', { name: 'Change the severity' });
  await expect(severity.getByRole('button', { name: 'Record the severity' })).toBeDisabled();
  await severity.getByLabel('Severity', { exact: true }).selectOption('p0');
  await severity.getByLabel('Reason').fill('Three customers are out.');
  await expectAccessible(page, 'another severity');
  await severity.getByRole('button', { name: 'Record the severity' }).click();
  await expect(severity).toBeHidden();
  await expect(glance()).toContainText('P0');
  await glance().getByRole('button', { name: 'Incident lead' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Mia <b>Okafor</b>');
  await page.keyboard.press('Enter');
  await expect(glance().getByRole('button', { name: 'Incident lead' })).toContainText('Mia <b>Okafor</b>');
  await glance().getByRole('button', { name: 'Acknowledged Now' }).click();
  await expect(glance().getByRole('group', { name: 'Milestones' })).toContainText('after the start');
  await glance().getByRole('button', { name: 'Mitigated at an earlier time…' }).click();
  const earlier = page.getByRole('dialog', { name: 'Mitigated at an earlier time' });
  await earlier.getByLabel('When it was, in UTC').fill('2098-01-01T00:00:00');
  await earlier.getByRole('button', { name: 'Record the time' }).click();
  await expect(earlier.getByRole('alert')).toContainText('has not come yet');
  await earlier.getByLabel('When it was, in UTC').fill('2026-01-02T03:04:05');
  await earlier.getByRole('button', { name: 'Record the time' }).click();
  await expect(earlier).toBeHidden();
  await expect(glance()).toContainText('before the start');
  const { milestones, severity: now, roles } = await show();
  expect(now).toBe('p0');
  expect(milestones.mitigated).toBe('2026-01-02T03:04:05.000Z');
  expect(roles.find(({ role }) => role === 'lead')?.names).toEqual(['Mia <b>Okafor</b>']);
});

test('R57: n opens the entry from anywhere, Enter records it, Escape leaves it and keeps what was typed', async () => {
  await page.getByRole('tab', { name: /^Decisions/ }).focus();
  await page.keyboard.press('n');
  await expect(entry()).toBeFocused();
  await page.keyboard.type('node a rolls, n and j are letters here');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tab', { name: /^Decisions/ })).toBeFocused();
  await expect(entry()).toHaveValue('node a rolls, n and j are letters here');
  await page.keyboard.press('n');
  await page.keyboard.press('Enter');
  await expect(entry()).toHaveValue('');
  await expect(entry()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('option', { name: /node a rolls/ })).toBeVisible();
  expect((await show()).timeline.at(-1)).toMatchObject({ isManual: true, text: 'node a rolls, n and j are letters here' });
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('Write what happens now');
  await expectAccessible(page, 'the keys');
  // In a question the keys of the run do nothing.
  await page.keyboard.press('n');
  await expect(entry()).not.toBeFocused();
  await page.keyboard.press('Escape');
});

test('the timeline: the newest in sight, by hand only, one told in full; many rows draw few', async () => {
  const long = `${'a line that is long '.repeat(40)}\u202ehidden`;
  for (let at = 0; at < 120; at += 1) await ask(page, 'run.entry', { runId, text: `entry ${at}` });
  await ask(page, 'run.entry', { runId, text: long });
  const rows = page.getByRole('listbox', { name: 'Timeline, the newest first' });
  await expect(rows.getByRole('option').first()).toContainText('a line that is long');
  expect(await rows.getByRole('option').count()).toBeLessThan(40);
  await rows.focus();
  await page.keyboard.press('Home');
  const detail = page.getByRole('region', { name: 'Chosen entry' });
  await expect(detail).toContainText('⟨U+202E⟩hidden');
  await expect(detail).toContainText('by hand');
  await page.keyboard.press('End');
  // What happened before the start stands before it, with its day.
  await expect(detail).toContainText('Recorded');
  await expect(rows.getByRole('option').last()).toContainText('2 Jan');
  await page.getByRole('button', { name: 'Newest' }).click();
  await page.getByLabel('By hand only').check();
  await expect(rows.getByRole('option').first()).toContainText('a line that is long');
  await expect(page.getByRole('option', { name: /Drill started/ })).toHaveCount(0);
  await page.getByLabel('By hand only').uncheck();
  await expectAccessible(page, 'a long timeline');
});

test('decisions, actions, and messages with what is lacking named', async () => {
  await page.getByRole('tab', { name: /^Decisions/ }).click();
  await page.getByLabel('Decided').fill('Rotate, do not roll back');
  await page.getByLabel('Why').fill('The old build has the same fault.');
  await page.getByRole('button', { name: 'Record the decision' }).click();
  await expect(page.getByRole('list', { name: 'Decisions, the newest first' })).toContainText('Rotate, do not roll back');
  await expectAccessible(page, 'decisions');
  await page.getByRole('tab', { name: /^Actions/ }).click();
  await page.getByLabel('What', { exact: true }).fill('Write the missing test');
  await page.getByLabel('Owner').fill('Jon');
  await page.getByLabel(/^Until/).fill('2026-01-05');
  await page.getByRole('button', { name: 'Note the action' }).click();
  await expect(page.getByRole('list', { name: 'Open actions' })).toContainText('overdue since');
  await page.getByRole('button', { name: 'Done: Write the missing test' }).click();
  await expect(page.getByRole('list', { name: 'Actions that are done' })).toContainText('Write the missing test');
  await expectFocusKept();
  await expectAccessible(page, 'actions');
  await page.getByRole('tab', { name: /^Messages/ }).click();
  await expect(page.getByText(/^Not known yet:/)).toContainText('deployment');
  await expect(page.getByRole('region', { name: 'Message' })).toContainText(TITLE);
  await expectAccessible(page, 'messages');
  expect((await show()).actions).toMatchObject([{ owner: 'Jon', due: '2026-01-05', isDone: true }]);
});

test('large type: everything that a room must read, by keyboard, and Escape leaves', async () => {
  await page.getByRole('button', { name: 'Large type' }).focus();
  await page.keyboard.press('l');
  const large = page.getByRole('dialog', { name: 'The run in large type' });
  await expect(large.getByRole('timer')).toBeVisible();
  expect(await large.getByRole('timer').evaluate((element) => parseFloat(getComputedStyle(element).fontSize))).toBeGreaterThan(100);
  await expect(large.getByRole('region', { name: 'Next step' })).toContainText('Start the clock');
  await expect(large.getByRole('region', { name: 'Roles' })).toContainText('nobody yet');
  await expect(large.getByRole('region', { name: 'Last entries' })).toContainText('Write the missing test');
  await page.keyboard.press('n');
  await page.keyboard.type('said from the large screen');
  await page.keyboard.press('Enter');
  await expect(large.getByRole('region', { name: 'Last entries' })).toContainText('said from the large screen');
  await expectAccessible(page, 'large type');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await expectAccessible(page, 'large type in a large window');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.keyboard.press('Escape');
  await expect(large).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  await expect(page.getByRole('button', { name: 'Large type' })).toBeFocused();
});

test('the small window floats above the others, records from there, and is the only one that may open', async () => {
  const opened = page.context().waitForEvent('page');
  await page.getByRole('button', { name: 'Small window' }).focus();
  await page.keyboard.press('w');
  const small = await opened;
  await expect(small.getByRole('timer')).toBeVisible();
  await expect(small.getByRole('heading', { level: 2 })).toHaveText('Start the clock');
  await expect(small.getByRole('heading', { level: 2 })).toBeFocused();
  // The same styles, by the same links, and no other address.
  expect(await small.evaluate(() => [...document.styleSheets].map(({ cssRules }) => cssRules.length > 100))).toEqual([true]);
  expect(await small.evaluate(() => [location.href, 'holdfast' in globalThis])).toEqual(['about:blank', false]);
  await small.getByRole('button', { name: 'Start the timer' }).focus();
  await small.keyboard.press('Enter');
  await expect(small.getByText('Its timer has not run out.')).toBeVisible();
  await expect(small.getByRole('button', { name: 'Done' })).toBeDisabled();
  await small.getByRole('button', { name: 'Skip…' }).click();
  await small.getByLabel('Why it is skipped').fill('Another clock runs.');
  await small.keyboard.press('Enter');
  await expect(small.getByRole('heading', { level: 2 })).toContainText('1. Acknowledge');
  await expect(small.getByRole('heading', { level: 2 })).toBeFocused();
  await small.keyboard.press('n');
  await small.keyboard.type('written in the small window');
  await small.keyboard.press('Enter');
  await expect.poll(async () => (await show()).timeline.at(-1)?.text).toBe('written in the small window');
  await small.keyboard.press('Escape');
  // The page goes on beside it, and follows.
  await expect(next()).toContainText('1. Acknowledge');
  await expect(page.getByText('This run is also open in a small window')).toBeVisible();
  await expectAccessible(page, 'beside a small window');
  const closed = small.waitForEvent('close');
  // It is gone before the key is let go.
  await small.keyboard.press('Escape').catch(() => undefined);
  await closed;
  await expect(page.getByText('This run is also open in a small window')).toBeHidden();
  // What was allowed was allowed once.
  await page.evaluate(() => { open('about:blank'); });
  await expect.poll(() => page.context().pages().length).toBe(1);
});

test('the whole window gets small where nothing can float, says that it may go behind others, and comes back', async () => {
  await page.evaluate(() => {
    Object.assign(globalThis, { __floating: Object.getOwnPropertyDescriptor(globalThis, 'documentPictureInPicture') });
    Object.defineProperty(globalThis, 'documentPictureInPicture', { value: undefined, configurable: true });
  });
  await page.getByRole('button', { name: 'Small window' }).click();
  const small = page.getByRole('dialog', { name: 'The run in a small window' });
  await expect(small).toContainText('This host cannot keep the window above others');
  await expect(small.getByRole('heading', { level: 2 })).toContainText('1. Acknowledge');
  await page.setViewportSize({ width: 400, height: 600 });
  await expectAccessible(page, 'a small window');
  await small.getByRole('button', { name: 'Failed…' }).click();
  await expectFocusKept();
  await small.getByRole('button', { name: 'Back', exact: true }).click();
  await page.setViewportSize({ width: 1280, height: 800 });
  await small.getByRole('heading', { level: 2 }).focus();
  await page.keyboard.press('Escape');
  await expect(small).toBeHidden();
  await expect(page.getByRole('button', { name: 'Small window' })).toBeFocused();
  await page.evaluate(() => Object.defineProperty(globalThis, 'documentPictureInPicture', (globalThis as unknown as { __floating: PropertyDescriptor }).__floating));
});

test('a submission waits for somebody else: the own review is refused', async () => {
  await page.getByRole('tab', { name: /^Review/ }).click();
  await page.getByLabel(/^Note to the reviewer/).fill('Look at the second step.');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await expect(page.getByRole('list', { name: 'Submissions, the newest first' })).toContainText('waits for a review');
  await page.getByRole('button', { name: 'Review it…' }).click();
  await expect(page.getByLabel('Feedback')).toBeFocused();
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByRole('form', { name: 'Review', exact: true }).getByRole('alert')).toContainText('This is your own submission.');
  expect((await show()).reviews).toMatchObject([{ state: 'open', reviews: [] }]);
  await expectAccessible(page, 'a review that was refused');
  await page.getByRole('tab', { name: /^People/ }).click();
  await expect(page.getByRole('list', { name: 'People in this run' })).toContainText('you');
  await expectAccessible(page, 'people of a run');
  await page.getByRole('tab', { name: /^Evidence/ }).click();
  await expectAccessible(page, 'no evidence yet');
  await page.getByRole('tab', { name: /^Timeline/ }).click();
});

test('files: the run is shared, the report read and written, checklists go out and come in', async () => {
  const saved = (extension: string): string[] => readdirSync(window.files.path).filter((name) => name.endsWith(extension));
  await more('Share as a file');
  await page.getByRole('button', { name: 'Write the file' }).click();
  await expect(page.getByRole('dialog')).toContainText('signed and sealed');
  await expectAccessible(page, 'a run that was shared');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  expect(saved('.holdfast-run')).toHaveLength(1);
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Report as Markdown' })).toContainText('Durations');
  expect(await page.locator('.run-report img').count()).toBe(0);
  await expectAccessible(page, 'the report');
  for (const [form, extension] of [['Markdown', '.md'], ['HTML', '.html'], ['PDF', '.pdf']] as const) {
    await page.getByRole('button', { name: 'Write the report…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Write the report' });
    await dialog.getByRole('radio', { name: form }).check();
    await dialog.getByRole('button', { name: 'Write the report' }).click();
    await expect(dialog).toContainText('The report was written.');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    const [file = ''] = saved(extension);
    expect(existsSync(join(window.files.path, file)) && readFileSync(join(window.files.path, file)).length > 1000).toBe(true);
  }
  await page.getByRole('button', { name: 'Back to the run' }).click();
  await more('Checklists');
  await expectAccessible(page, 'checklists');
  await page.getByRole('button', { name: 'Choose where…' }).click();
  await page.getByRole('button', { name: 'Write the CKLB' }).click();
  await expect(page.getByRole('dialog')).toContainText('The checklist was written');
  await page.keyboard.press('Escape');
  const [cklb = ''] = saved('.cklb');
  await more('Checklists');
  await page.getByRole('radio', { name: 'Bring in a CKLB or CKL' }).check();
  await pickFiles(page, page.getByLabel('Checklist file'), [join(window.files.path, cklb)]);
  const rows = page.getByRole('dialog', { name: 'What became of each row' });
  await expect(rows).toContainText('0 rows taken');
  await expect(rows.getByRole('list', { name: 'Rows of the checklist' })).toContainText('unchanged');
  await expectAccessible(page, 'rows of a checklist');
  await page.keyboard.press('Escape');
});

test('R31: a shipped incident runbook from here to its end by keyboard alone; not while a step that blocks is open', async () => {
  await page.locator('#screen-title').focus();
  await page.keyboard.press('g');
  await expect(page.getByRole('region', { name: 'Chosen step' })).toBeFocused();
  // Acknowledge.
  await expect(stepTitle()).toContainText('1. Acknowledge');
  await tabTo(page.getByRole('button', { name: 'Done', exact: true }));
  await page.keyboard.press('Enter');
  await expect(stepTitle()).toContainText('2. Assess');
  await expectFocusKept();
  // The end is refused now, and says what is open.
  await tabTo(page.getByRole('button', { name: /More about this run/ }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const end = page.getByRole('dialog', { name: 'End the run' });
  await expect(end).toContainText('3 steps that block are not settled');
  await expect(end.getByRole('list')).toContainText('2. Assess: how bad is it?');
  await tabTo(end.getByRole('button', { name: 'End as completed' }));
  await page.keyboard.press('Enter');
  await expect(end.getByRole('alert')).toContainText('The run goes on.');
  expect((await show()).ended).toBeNull();
  await expectAccessible(page, 'an end that was refused');
  await page.keyboard.press('Escape');
  await expect(end).toBeHidden();
  await expectFocusKept();
  // Decide.
  await page.keyboard.press('g');
  await tabTo(page.getByRole('radio', { name: 'P0: outage, data loss, breach' }));
  await page.keyboard.press('Space');
  await tabTo(page.getByRole('form', { name: 'Decide' }).getByRole('textbox'));
  await page.keyboard.type('Three customers are out.');
  await tabTo(page.getByRole('form', { name: 'Decide' }).getByRole('button').first());
  await page.keyboard.press('Enter');
  await expect(stepTitle()).toContainText('3. Communicate');
  await tabTo(page.getByRole('button', { name: 'Done', exact: true }));
  await page.keyboard.press('Enter');
  await expect(stepTitle()).toContainText('4. Investigate');
  // Down to the last step that blocks.
  for (let presses = 0; presses < 30 && !(await stepTitle().innerText()).startsWith('The issue is resolved'); presses += 1) await page.keyboard.press('j');
  await tabTo(page.getByRole('button', { name: 'Done', exact: true }));
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await show()).steps.find(({ step }) => step === 'close.resolved')?.state).toBe('done');
  await expectFocusKept();
  await tabTo(page.getByRole('button', { name: /More about this run/ }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await tabTo(end.getByRole('button', { name: 'End as completed' }));
  await page.keyboard.press('Enter');
  await expect(end).toBeHidden();
  await expectFocusKept();
  expect((await show()).ended).toMatchObject({ outcome: 'completed' });
  await expect(glance()).toContainText('Completed after');
  await expect(entry()).toHaveCount(0);
  const stands = await clock();
  await page.waitForTimeout(1500);
  expect(await clock()).toBe(stands);
  await expectAccessible(page, 'a run that has ended');
});

test('a due timer: a banner on every screen until it is acknowledged, and the title of the window says so', async () => {
  test.setTimeout(120_000);
  await openRun(page, 'The run that rings');
  const alert = page.getByRole('region', { name: '1 timer due' });
  await expect(alert).toBeVisible({ timeout: 75_000 });
  await expect(alert).toContainText('Write the update <b>now</b>');
  await expect(page).toHaveTitle(/^Timer due: Write the update/);
  await expect(page.locator('[aria-live="polite"]').first()).toContainText(/Timer due|has run out/);
  await expectAccessible(page, 'a timer that rings');
  await goTo(page, 'Overview');
  await expect(alert).toBeVisible();
  await expect(page).toHaveTitle(/^Timer due: .* · Overview/);
  await alert.getByRole('button', { name: 'Open the run' }).click();
  await page.keyboard.press('l');
  await expect(page.getByRole('dialog').getByRole('region', { name: '1 timer due' })).toBeVisible();
  await expectAccessible(page, 'a timer that rings in large type');
  await page.keyboard.press('Escape');
  await alert.getByRole('button', { name: /^Acknowledge the timer/ }).click();
  await expect(alert).toBeHidden();
  await expect(page).not.toHaveTitle(/Timer due/);
  expect((await show(ringing)).steps[0]?.timer?.state).toBe('acknowledged');
});

test('a run that is not here says so, and leads back', async () => {
  await openRun(page, 'The run that rings');
  await page.getByRole('button', { name: 'All runs' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Runbooks' })).toBeVisible();
});
