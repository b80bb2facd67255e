// Purges against whoever wants one to come too early, to be done by an old plan, or to take a held row: clocks that are set, counts that are wrong, rows that nobody has read, numbers that are given again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#core/db/sql.ts';
import type { Session } from '#core/session.ts';
import { AppError } from '#shared/errors.ts';
import { temporaryFolder } from '../support/ports.ts';
import { DAY_US, openModelSession, retentionModel } from '../support/retention-model.ts';
import type { RetentionModel } from '../support/retention-model.ts';

const folder = temporaryFolder('retention-hostile');
let session: Session;
beforeAll(async () => { session = await openModelSession(`${folder.path}/profile`); });
afterAll(async () => {
  await session.close();
  folder.remove();
});

const MINUTE_US = 60_000_000;
/** The code of a refusal with its words; 'ok' when there was none. */
async function refusal(run: () => Promise<unknown>): Promise<{ readonly code: string; readonly message: string; readonly hint: string }> {
  try {
    await run();
    return { code: 'ok', message: '', hint: '' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

describe('the day of waiting, in production', () => {
  async function filled(): Promise<RetentionModel> {
    const model = retentionModel(session, { environment: 'production' });
    for (const age of [100, 95, 91, 40, 5]) model.write(age, 'a');
    await model.sync();
    return model;
  }

  it('R63: is not spared by a clock that was set back while the plan was made, after a day without a sync', async () => {
    const model = await filled();
    model.pass(DAY_US + 60 * MINUTE_US);
    model.turn(-DAY_US);
    const plan = await model.plan();
    model.turn(DAY_US);
    model.pass(MINUTE_US);
    expect(await refusal(() => model.purge(plan.id))).toMatchObject({ code: 'plan_changed', message: expect.stringContaining('the waiting time is not over there') as string });
    expect(model.posts).toEqual([]);
  });

  it('R63: is not spared by a clock that is set on afterwards', async () => {
    const model = await filled();
    model.pass(DAY_US + 60 * MINUTE_US);
    model.turn(-DAY_US);
    const plan = await model.plan();
    for (const day of [0, 1]) {
      model.turn(DAY_US);
      expect((await refusal(() => model.purge(plan.id))).code, `${day} on`).toMatch(/plan_changed|plan_expired/);
    }
    expect(model.posts).toEqual([]);
  });

  it('R63: does not begin while the clock is more than a day off: its days may be wrong as well', async () => {
    for (const off of [-2, 2, -5]) {
      const model = await filled();
      model.pass(5 * DAY_US);
      model.turn(off * DAY_US);
      expect(await refusal(() => model.plan()), `${off} days`).toMatchObject({ code: 'policy_unknown', message: expect.stringContaining('its days or its clock are wrong') as string });
      expect(model.posts).toEqual([]);
    }
  });

  it('counts by the clock of the deployment, whatever the status of before said and however long ago', async () => {
    const model = await filled();
    model.pass(3 * DAY_US);
    model.turn(7 * MINUTE_US);
    const plan = await model.plan();
    expect(plan.windows.map(({ kind }) => kind)).toEqual(['approved', 'delayed']);
    model.pass(DAY_US + MINUTE_US);
    expect(await model.purge(plan.id)).toMatchObject({ state: 'answered', deleted: 3, days: 91 });
  });

  it('counts for nothing when the clock of the deployment could not be read: then only an approval does', async () => {
    const model = await filled();
    model.breakStatus(true);
    const plan = await model.plan();
    expect(plan.windows.map(({ kind }) => kind)).toEqual(['approved']);
    expect(plan.preview.warnings.join(' ')).toContain('nothing could show that 24 hours passed');
    model.breakStatus(false);
    expect((await refusal(() => model.purge(plan.id))).code).toBe('approval_refused');
    model.pass(DAY_US + MINUTE_US);
    expect((await refusal(() => model.purge(plan.id))).code).toBe('plan_expired');
    expect(model.posts).toEqual([]);
  });
});

it('a request that would leave long after the clock of the deployment was read does not leave, whatever the clock of this computer says', async () => {
  const model = retentionModel(session);
  for (const age of [100, 95, 40]) model.write(age, 'a');
  await model.sync();
  const plan = await model.plan();
  model.stall(16 * 60_000);
  expect(await refusal(() => model.purge(plan.id))).toMatchObject({ code: 'plan_changed', message: expect.stringContaining('so much time has passed') as string });
  expect(model.posts).toEqual([]);
  model.stall(0);
  expect(await model.purge(plan.id)).toMatchObject({ state: 'answered', deleted: 2 });
});

describe('two plans of one deployment', () => {
  it('a newer one takes the place of the older, which says so', async () => {
    const model = retentionModel(session);
    for (const age of [100, 95, 91, 40, 5]) model.write(age, 'a');
    await model.sync();
    const older = await model.plan();
    const newer = await model.plan(30);
    expect(newer.preview.warnings.join(' ')).toContain(older.id);
    expect(older.preview.warnings.join(' ')).not.toContain('takes the place');
    expect(await refusal(() => model.purge(older.id))).toMatchObject({ code: 'plan_expired', message: expect.stringContaining(`A newer plan, ${newer.id}, took the place`) as string });
    expect(model.plans.newest(model.id)?.id).toBe(newer.id);
    expect(model.posts).toEqual([]);
    expect(model.ledger.list(null, 5).entries.find(({ action }) => action === 'retention.planned')?.outcome).toContain(`in the place of ${older.id}`);
    expect(await model.purge(newer.id)).toMatchObject({ state: 'answered', deleted: 4 });
  });

  it('one that is made while the older is being carried out stops that', async () => {
    const model = retentionModel(session);
    for (const age of [100, 95, 40]) model.write(age, 'a');
    await model.sync();
    const older = await model.plan();
    const { token, confirm } = model.purges.arm(model.id, older.id);
    const running = refusal(() => model.purges.purge({ deploymentId: model.id, planId: older.id, token, confirm, approvalPath: null }, new AbortController().signal));
    const newer = await model.plan(30);
    expect(await running).toMatchObject({ code: 'plan_expired', message: expect.stringContaining(newer.id) as string });
    expect(model.posts).toEqual([]);
  });

  it('one that is refused leaves the older as it was', async () => {
    const model = retentionModel(session);
    for (const age of [100, 60]) model.write(age, age === 60 ? 'held' : 'a');
    await model.sync();
    const older = await model.plan();
    await model.hold('C-1', 'actor:held');
    expect((await refusal(() => model.plan(30))).code).toBe('rows_held');
    expect(await model.purge(older.id)).toMatchObject({ state: 'answered', deleted: 1 });
  });
});

describe('a stretch that no list shows, while a hold stands', () => {
  /** The list gives ten rows; what is older was there before the console, and is gone or not. */
  async function beyondList(hidden: readonly number[]): Promise<RetentionModel> {
    const model = retentionModel(session, { cap: 10 });
    for (const age of hidden) model.write(age, 'a');
    for (let n = 0; n < 12; n += 1) model.write(99 - n, 'a');
    await model.sync();
    for (let n = 0; n < 6; n += 1) model.write(20 - n, 'a');
    model.write(3, 'held');
    await model.sync();
    await model.hold('C-1', 'actor:held');
    expect(model.gaps().length).toBeGreaterThan(0);
    return model;
  }

  it('stops every plan as long as the deployment counts more than was read, and says what to do', async () => {
    const model = await beyondList([120, 110]);
    const { code, message, hint } = await refusal(() => model.plan());
    expect({ code, message }).toEqual({ code: 'rows_held', message: expect.stringContaining('nobody knows whether held rows are in it') as string });
    expect(hint).toContain('import that file here');
    expect((await model.preview()).warnings.join(' ')).toContain('import that file here');
  });

  it('is empty where the deployment counts exactly the rows that are named', async () => {
    const model = await beyondList([]);
    // Two rows are older than what the first list gave.
    expect((await refusal(() => model.plan())).code).toBe('rows_held');
    model.tamper((all) => all.toSorted((a, b) => a.at - b.at).slice(2));
    await model.sync();
    const plan = await model.plan();
    expect(plan.preview.warnings.join(' ')).toContain('no other row is in it');
    const run = await model.purge(plan.id);
    expect(run).toMatchObject({ state: 'answered', deleted: plan.preview.rows });
    expect(run.message).not.toMatch(/[A-Z]{6}/);
    expect(model.rows().some(({ actor }) => actor === 'held')).toBe(true);
  });

  it('is not, where rows that are named went by another hand and held ones were counted in their place', async () => {
    const model = await beyondList([]);
    model.tamper((all) => all.toSorted((a, b) => a.at - b.at).slice(2));
    await model.sync();
    const before = model.rows().length;
    // Nothing that is asked of the list shows either.
    await model.hold('C-2', 'route:/r/500');
    const [, second] = model.rows().toSorted((a, b) => a.at - b.at);
    model.tamper((all) => [...all.filter((row) => row !== second), { id: 500, at: model.serverUs() - 150 * DAY_US, actor: 'a' }]);
    expect(model.rows()).toHaveLength(before);
    const plan = await model.plan();
    expect(await refusal(() => model.purge(plan.id))).toMatchObject({ code: 'plan_changed', message: expect.stringContaining('counted others') as string });
    expect(model.posts).toEqual([]);
    // What was seen stays: the count fits no more, and no plan is made.
    expect((await refusal(() => model.plan())).code).toBe('rows_held');
  });

  it('is not, where the count could not be read anew', async () => {
    const model = await beyondList([]);
    model.tamper((all) => all.toSorted((a, b) => a.at - b.at).slice(2));
    await model.sync();
    const plan = await model.plan();
    model.pass(MINUTE_US);
    model.breakStatus(true);
    expect((await refusal(() => model.purge(plan.id))).code).toBe('plan_changed');
    expect(model.posts).toEqual([]);
  });

  it('is not, where a row is held here without the payload by which it may be held', async () => {
    const model = retentionModel(session);
    for (let n = 0; n < 4; n += 1) model.write(99 - n, 'a');
    model.write(5, 'a');
    model.breakPayloads(true);
    await model.sync();
    await model.hold('C-1', 'payload:"4 of a"');
    expect((await refusal(() => model.plan())).code).toBe('rows_held');
    expect((await model.preview()).serverCount.rows).toBe(4);
    model.breakPayloads(false);
    await model.sync();
    expect(await refusal(() => model.plan())).toMatchObject({ code: 'rows_held', message: expect.stringContaining('1 row is under legal holds') as string });
  });
});

describe('a count of none', () => {
  it('of a scan is not proven by what a later sync read, when that could not read the status itself', async () => {
    const model = retentionModel(session);
    for (const age of [100, 95, 40]) model.write(age, 'a');
    await model.sync();
    model.pass(60 * MINUTE_US);
    model.count(0);
    await model.scan();
    model.count('truly');
    model.pass(MINUTE_US);
    model.breakStatus(true);
    await model.sync();
    expect(model.known()).toMatchObject({ noneLeft: null, policy: { overdue: { said: 0, rows: null } } });
    expect((await model.show()).verdict.state).not.toBe('deleting');
    expect((await model.preview()).rows).toBe(2);
  });

  it('of a scan is not proven by a sync that read another count', async () => {
    const model = retentionModel(session, { cap: 5 });
    for (const age of [100, 95]) model.write(age, 'a');
    await model.sync();
    for (let n = 0; n < 6; n += 1) model.write(20 - n, 'a');
    await model.sync();
    model.pass(60 * MINUTE_US);
    model.count(0);
    await model.scan();
    model.count('truly');
    model.pass(MINUTE_US);
    await model.sync();
    expect(model.known()).toMatchObject({ noneLeft: null, policy: { overdue: { said: 2, rows: 2 } } });
  });

  it('R64: that is wrong although everything else answers lets no held row go: it is looked for before anything is sent', async () => {
    const model = retentionModel(session);
    for (const age of [100, 95]) model.write(age, 'a');
    for (let n = 0; n < 600; n += 1) model.write(50 - n / 20, 'a');
    await model.sync();
    await model.hold('C-1', 'until:2026-06-20');
    expect((await model.preview()).heldRows).toBe(2);
    // More than the list shows at once.
    for (let n = 0; n < 600; n += 1) model.write(15 - n / 50, 'a');
    await model.sync();
    model.pass(60 * MINUTE_US);
    // Its query of the count fails, and it says none; its list shows the newest rows alone.
    model.count(0);
    await model.sync();
    model.pass(60 * MINUTE_US);
    await model.sync();
    expect(model.known().noneLeft).not.toBeNull();
    const plan = await model.plan(60);
    expect(plan.preview.heldRows).toBe(0);
    expect((await refusal(() => model.purge(plan.id))).code).toBe('rows_held');
    expect(model.posts).toEqual([]);
  });
});

describe('a number that the deployment gives again', () => {
  const payloadsOf = (dep: string): Map<number, string> => new Map(session.read().all(sql`SELECT e.id, p.body FROM audit_event e JOIN audit_payload p ON p.seq = e.seq WHERE e.dep = (SELECT num FROM deployment WHERE id = ${dep})`, (row) => [Number(row['id']), String(row['body'])] as const));
  const vaultOf = (dep: string): string[] => session.read().all(sql`SELECT v.event_id, p.body FROM vault_row v JOIN vault_payload p ON p.num = v.num WHERE v.dep = (SELECT num FROM deployment WHERE id = ${dep}) ORDER BY v.event_id`, (row) => `${String(row['event_id'])} ${String(row['body'])}`);

  it('R65: never brings the payload of another row to one that is held', async () => {
    const model = retentionModel(session);
    for (const age of [40, 30, 20]) model.write(age, 'held');
    model.breakPayloads(true);
    await model.sync();
    await model.hold('C-1', 'actor:held');
    expect(vaultOf(model.id)).toEqual([]);
    // A backup of before is restored; two of the numbers go to others.
    model.tamper((all) => [...all.filter(({ id }) => id === 1), { id: 2, at: model.serverUs() - DAY_US, actor: 'other' }, { id: 3, at: model.serverUs() - DAY_US / 2, actor: 'other' }]);
    model.pass(MINUTE_US);
    model.breakPayloads(false);
    const { gaps } = await model.sync();
    expect([...payloadsOf(model.id)]).toEqual([[1, '{"row":"1 of held"}']]);
    expect(vaultOf(model.id)).toEqual(['1 {"row":"1 of held"}']);
    expect(gaps.some(({ reason }) => reason.includes('no payload was asked'))).toBe(true);
    // Nor does a later one that does not see the others any more.
    for (let n = 0; n < 3; n += 1) {
      model.pass(MINUTE_US);
      await model.sync();
    }
    expect(vaultOf(model.id)).toEqual(['1 {"row":"1 of held"}']);
  });

  it('brings it where the list gave that very row, or one behind it that was not changed', async () => {
    const model = retentionModel(session, { cap: 5 });
    for (const age of [40, 30, 20]) model.write(age, 'held');
    model.breakPayloads(true);
    await model.sync();
    model.breakPayloads(false);
    for (let n = 0; n < 4; n += 1) model.write(10 - n, 'a');
    model.pass(MINUTE_US);
    await model.sync();
    expect([...payloadsOf(model.id).keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
