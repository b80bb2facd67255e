// Purges over the reference deployment: what is planned goes and nothing else, whatever happens to the answer; and everything that must be refused is refused before anything is sent.
import { afterEach, describe, expect, it } from 'vitest';
import { code, value } from '../support/calls.ts';
import { DAY_MS } from '../support/retention-world.ts';
import { purgeWorld } from '../support/retention-purge.ts';
import type { PurgeWorld } from '../support/retention-purge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

const MINUTE_MS = 60_000;
/** Rows of 100 to 91 days, and of 89 to 1. */
const OLD = [100, 98, 96, 94, 92, 91];
const YOUNG = [89, 70, 40, 20, 5, 1];

async function filled(over: Parameters<typeof purgeWorld>[1] = {}): Promise<PurgeWorld & { old: readonly number[]; young: readonly number[] }> {
  const world = await purgeWorld(cleanups, over);
  const old = world.rows(OLD);
  const young = world.rows(YOUNG);
  await world.sync();
  return { ...world, old, young };
}

describe('a purge that goes well', () => {
  it('R63: takes what was planned, and the ledger has each step', async () => {
    const world = await filled();
    const plan = await world.plan();
    expect(plan.preview).toMatchObject({ days: 90, rows: 6, heldRows: 0, gaps: [], alsoDue: { rows: 0, held: 0 }, first: { id: world.old[0] }, last: { id: world.old[5] } });
    expect(plan.preview.byDay.reduce((sum, { rows }) => sum + rows, 0)).toBe(6);
    const run = await world.purge(plan);
    expect(run).toMatchObject({ state: 'answered', deleted: 6, planned: 6, planDigest: plan.digest });
    expect(run.message).not.toMatch(/[A-Z]{6}/);
    expect(world.posts()).toBe(1);
    expect(world.server.rowCount()).toBe(YOUNG.length + 1);
    expect(await world.actions()).toEqual(['retention.planned', 'retention.purge.requested', 'retention.purge.ended']);
    // What went is not named again.
    await world.sync();
    expect((await value(world.app, 'retention.preview', { deploymentId: world.id })).rows).toBe(0);
    // A plan is used once.
    expect(await code(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id })).toBe('plan_expired');
    expect(world.posts()).toBe(1);
  });

  it('what a purge from here took, under fewer days than the rule, is no finding of the next sync', async () => {
    const world = await filled();
    expect(await world.purge(await world.plan(30))).toMatchObject({ state: 'answered', deleted: 9 });
    world.pass(1000);
    await world.sync();
    expect((await value(world.app, 'audit.findings', { deploymentId: world.id })).findings).toEqual([]);
  });

  it.each([1, -1])('a clock of the deployment that is %s day off: the cutoff is by its clock', async (days) => {
    const world = await filled({ aheadMs: days * DAY_MS });
    const run = await world.purge(await world.plan());
    expect(run).toMatchObject({ state: 'answered', deleted: 6 });
    expect(run.message).not.toMatch(/[A-Z]{6}/);
    expect(world.server.rowCount()).toBe(YOUNG.length + 1);
  });

  it('rows that come due before the end of the plan are named beside it, and may go', async () => {
    const world = await purgeWorld(cleanups);
    world.rows(OLD);
    world.rows([90 - 10 / 1440, 89]);
    await world.sync();
    const plan = await world.plan();
    expect(plan.preview).toMatchObject({ rows: 6, alsoDue: { rows: 1 } });
    world.pass(12 * MINUTE_MS);
    expect(await world.purge(plan)).toMatchObject({ state: 'answered', deleted: 7 });
  });

  it('R63: where the deployment counts more than its list shows, its count is what is shown and must be typed', async () => {
    const world = await purgeWorld(cleanups);
    world.rows(Array.from({ length: 1100 }, (_, index) => 100 - index / 1000), { orgKey: null, actorSub: null });
    await world.sync();
    const plan = await world.plan();
    expect(plan.preview).toMatchObject({ rows: 1000, serverCount: { rows: 1100 } });
    expect(plan.preview.warnings.join(' ')).toContain('1100 is the number to type');
    expect((await value(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id })).confirm).toBe('acme 1100');
    expect(await world.refusal(plan, { confirm: 'acme 1000' })).toBe('confirmation_mismatch');
    expect(world.posts()).toBe(0);
    expect(await world.purge(plan, { confirm: 'acme 1100' })).toMatchObject({ state: 'answered', deleted: 1100, planned: 1000 });
  });
});

describe('what is refused, with nothing sent', () => {
  it('R23, R63: a token that was used, is of another plan, or is none; and a word that is not exact', async () => {
    const world = await filled();
    const other = await world.plan(60);
    const plan = await world.plan();
    const { token, confirm } = await value(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id });
    const ask = (over: object) => code(world.app, 'retention.purge', { deploymentId: world.id, planId: plan.id, token, confirm, ...over });
    expect(confirm).toBe('acme 6');
    expect(await ask({ planId: other.id })).toBe('plan_expired');
    expect(await ask({ token: 'x' })).toBe('plan_expired');
    // Asked for with a wrong token once, it must be armed anew.
    expect(await ask({})).toBe('plan_expired');
    for (const words of ['', 'acme', 'acme 5', 'Acme 6', 'acme 6 ', 'acme  6']) expect(await world.refusal(plan, { confirm: words }), words).toBe('confirmation_mismatch');
    expect(world.posts()).toBe(0);
    expect(await world.refusal(plan)).toBe('ok');
    expect(await ask({})).toBe('plan_expired');
    expect(world.posts()).toBe(1);
  });

  it('a plan whose time is over, that was dropped, or lies in the future by our clock', async () => {
    const world = await filled();
    const plan = await world.plan();
    await value(world.app, 'retention.dropPlan', { deploymentId: world.id, planId: plan.id });
    expect(await world.refusal(plan)).toBe('plan_expired');
    const next = await world.plan();
    world.pass(15 * MINUTE_MS + 1);
    expect(await world.refusal(next)).toBe('plan_expired');
    world.pass(-DAY_MS);
    expect(await world.refusal(next)).toBe('plan_expired');
    expect(world.posts()).toBe(0);
  });

  it('a deployment that is read-only: planning works, arming does not', async () => {
    const world = await filled({ readOnly: true });
    const plan = await world.plan();
    expect(await code(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id })).toBe('read_only');
    await value(world.app, 'deployment.edit', { id: world.id, readOnly: false });
    const { token, confirm } = await value(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id });
    await value(world.app, 'deployment.edit', { id: world.id, readOnly: true });
    expect(await code(world.app, 'retention.purge', { deploymentId: world.id, planId: plan.id, token, confirm })).toBe('read_only');
    expect(world.posts()).toBe(0);
  });

  it('R64: rows that came, rows that went, a deployment that was renamed, retention that was switched off', async () => {
    const world = await filled();
    const back = await world.plan();
    world.rows([95]);
    expect(await world.refusal(back)).toBe('plan_changed');
    const renamed = await world.plan();
    await value(world.app, 'deployment.edit', { id: world.id, name: 'other' });
    expect(await world.refusal(renamed)).toBe('plan_changed');
    const off = await world.plan();
    world.server.reconfigure({ retention: { isEnabled: false, days: 90 } });
    expect(await world.refusal(off)).toBe('plan_changed');
    expect(world.posts()).toBe(0);
    expect(world.server.rowCount()).toBe(13);
  });

  it.each([[1, 'takes more'], [-1, 'takes less']])('a clock of the deployment that jumps by %s day between plan and purge', async (days) => {
    const world = await filled();
    const plan = await world.plan();
    world.jump(days * DAY_MS);
    expect(await world.refusal(plan)).toBe('plan_changed');
    expect(world.posts()).toBe(0);
  });

  it('a deployment that fails in the last look: the error says that the purge was not sent', async () => {
    const world = await filled();
    const plan = await world.plan();
    world.server.reconfigure({ database: { flavour: 'postgres', isReachable: false } });
    await expect(world.purge(plan)).rejects.toThrow(/^server_error: The purge was not sent\. The deployment failed/);
    expect(world.posts()).toBe(0);
    // Nothing was asked for, so the plan lives on.
    world.server.reconfigure({ database: { flavour: 'postgres', isReachable: true } });
    expect(await world.refusal(plan)).toBe('ok');
  });

  it('fewer days than the rule: said before, and not for the days of the rule', async () => {
    const world = await filled();
    const words = async (days: number) => (await value(world.app, 'retention.preview', { deploymentId: world.id, days })).warnings.join(' ');
    expect(await words(30)).toContain('Its own rule keeps rows for 90 days. By 30 days rows go that are not due by that rule.');
    for (const days of [90, 91]) expect(await words(days)).not.toContain('not due by that rule');
  });

  it('retention that is off, or a rule longer than the route takes: the hint names a way that leads on', async () => {
    const world = await filled({ days: null });
    const hint = async (days?: number): Promise<string> => {
      const answer = await world.app.dispatch('retention.plan', { deploymentId: world.id, ...(days === undefined ? {} : { days }) });
      return answer.ok ? 'ok' : `${answer.error.code}: ${answer.error.hint}`;
    };
    for (const days of [undefined, 30]) expect(await hint(days)).toBe('policy_unknown: Switch it on there (AUDIT_RETENTION_ENABLED) and sync, then plan.');
    world.server.reconfigure({ retention: { isEnabled: true, days: 5000 } });
    world.pass(1000);
    await world.sync();
    expect(await hint()).toBe('policy_unknown: Give the days: at most 3650.');
    expect(await hint(3650)).toBe('ok');
  });

  it('held rows, and stretches that nobody has read while a hold stands', async () => {
    const world = await filled();
    const plan = await world.plan();
    const hold = await value(world.app, 'retention.holdAdd', { deploymentId: world.id, caseId: 'C-1', owner: 'counsel', reason: 'litigation', reviewOn: '2027-01-01', query: 'route:/api/plan/3' });
    expect(hold.counts.rows).toBe(1);
    expect(await code(world.app, 'retention.plan', { deploymentId: world.id })).toBe('rows_held');
    expect((await value(world.app, 'retention.preview', { deploymentId: world.id })).heldRows).toBe(1);
    // A plan of before the hold is looked at anew.
    expect(await world.refusal(plan)).toBe('rows_held');
    expect(world.posts()).toBe(0);
    await value(world.app, 'retention.holdRelease', { deploymentId: world.id, holdId: hold.id, reason: 'settled' });
    expect(await world.refusal(await world.plan())).toBe('ok');
  });
});

describe('production: a second person, or a day', () => {
  async function approved(world: PurgeWorld, planPath: string, approvalPath: string): Promise<void> {
    const other = await world.secondProfile();
    const approval = await value(other, 'retention.approve', { path: planPath, approvedBy: 'Bo Second', note: 'seen' });
    await value(other, 'retention.writeApproval', { planDigest: approval.planDigest, path: approvalPath });
  }

  it('R63: goes with the approval of another profile, and not without', async () => {
    const world = await filled({ environment: 'production' });
    const plan = await world.plan();
    expect(plan.windows.map(({ kind, days }) => [kind, days])).toEqual([['approved', 90], ['delayed', 91]]);
    const [planPath, approvalPath] = [`${world.folder}/plan.json`, `${world.folder}/approval.json`];
    await value(world.app, 'retention.writePlan', { deploymentId: world.id, planId: plan.id, path: planPath });
    expect(await value(world.app, 'retention.readPlan', { path: planPath })).toEqual(plan);
    expect(await world.refusal(plan)).toBe('approval_refused');
    // The one who planned is no second person.
    expect(await code(world.app, 'retention.approve', { path: planPath, approvedBy: 'Ann' })).toBe('approval_refused');
    await approved(world, planPath, approvalPath);
    expect(await value(world.app, 'retention.readApproval', { deploymentId: world.id, planId: plan.id, path: approvalPath })).toMatchObject({ approvedBy: 'Bo Second', planDigest: plan.digest });
    expect(world.posts()).toBe(0);
    expect(await world.purge(plan, { approvalPath })).toMatchObject({ state: 'answered', deleted: 6, approvedBy: 'Bo Second' });
    // Of another plan it counts nothing.
    world.rows([97]);
    await world.sync();
    const next = await world.plan();
    expect(await world.refusal(next, { approvalPath })).toBe('approval_refused');
    expect(world.posts()).toBe(1);
  });

  it('a day later without one: one day more is asked for, and what is named is the same', async () => {
    const world = await filled({ environment: 'production' });
    world.rows([90 - 0.5]);
    await world.sync();
    const plan = await world.plan();
    for (const hours of [1, 22]) {
      world.pass(hours * 60 * MINUTE_MS);
      expect(await world.refusal(plan)).toBe('plan_expired');
    }
    world.pass(60 * MINUTE_MS + MINUTE_MS);
    const run = await world.purge(plan);
    expect(run).toMatchObject({ state: 'answered', deleted: 6, days: 91 });
    // The row that came due during the day is left: the certificate says so, not this plan.
    expect(world.server.rowCount()).toBe(YOUNG.length + 2);
  });

  it('a clock of this computer that is set on by a day does not spare the day', async () => {
    const world = await filled({ environment: 'production' });
    const plan = await world.plan();
    world.pass(DAY_MS + MINUTE_MS);
    world.jump(-DAY_MS);
    expect(await world.refusal(plan)).toBe('plan_changed');
    expect(world.posts()).toBe(0);
  });

  it('nor does one that is set back by a day while the plan is made', async () => {
    const world = await filled({ environment: 'production' });
    world.pass(-DAY_MS);
    world.jump(DAY_MS);
    const answer = await world.app.dispatch('retention.plan', { deploymentId: world.id });
    world.pass(DAY_MS + MINUTE_MS);
    world.jump(-DAY_MS);
    expect(answer.ok ? await world.refusal(answer.value) : answer.error.code).toBe('policy_unknown');
    expect(world.posts()).toBe(0);
  });

  it('a plan of 3650 days has no delayed window: one day more would be refused there', async () => {
    const world = await filled({ environment: 'production' });
    world.rows([3700]);
    await world.sync();
    expect((await world.plan(3650)).windows.map(({ kind }) => kind)).toEqual(['approved']);
  });
});

describe('answers that are lost', () => {
  it.each(['lost-answer', 'truncated', 'malformed', 'no-count', 'failed-after', 'redirect'] as const)('%s: unknown, nothing more is sent, and looking settles it', async (fault) => {
    const world = await filled({ config: { purgeFault: fault } });
    const plan = await world.plan();
    const run = await world.purge(plan);
    expect(run).toMatchObject({ state: 'unknown', deleted: null });
    expect((await value(world.app, 'retention.show', { deploymentId: world.id })).runs[0]).toMatchObject({ id: run.id, state: 'unknown' });
    const again = await world.plan().catch(() => null);
    if (again !== null) expect(await code(world.app, 'retention.arm', { deploymentId: world.id, planId: again.id })).toBe('purge_unsettled');
    world.pass(5 * MINUTE_MS);
    const settled = await value(world.app, 'retention.settle', { deploymentId: world.id, runId: run.id });
    expect(settled.state).toBe(fault === 'redirect' ? 'found-not-done' : 'found-done');
    expect(world.posts()).toBe(1);
    expect(await code(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id })).toBe('plan_expired');
    expect(await world.actions()).toContain('retention.purge.settled');
  });

  it('lost before it was done: unknown while it may be at work, then found not to have happened; a new plan goes', async () => {
    const world = await filled({ config: { purgeFault: 'lost-request' } });
    const run = await world.purge(await world.plan());
    expect(run.state).toBe('unknown');
    const settle = () => value(world.app, 'retention.settle', { deploymentId: world.id, runId: run.id });
    expect((await settle()).state).toBe('unknown');
    world.pass(3 * MINUTE_MS);
    expect((await settle()).state).toBe('found-not-done');
    world.server.reconfigure({ purgeFault: null });
    expect(await world.purge(await world.plan())).toMatchObject({ state: 'answered', deleted: 6 });
    expect(world.posts()).toBe(2);
    // What came after decides now.
    expect((await settle()).state).toBe('found-not-done');
  });

  it('found not to have happened, and it was only slow: looking again finds it', async () => {
    const world = await filled({ config: { purgeFault: 'lost-request' } });
    const run = await world.purge(await world.plan());
    world.pass(3 * MINUTE_MS);
    const settle = () => value(world.app, 'retention.settle', { deploymentId: world.id, runId: run.id });
    expect((await settle()).state).toBe('found-not-done');
    world.server.runPurgeScript();
    expect((await settle()).state).toBe('found-done');
  });

  it('a deployment that does not answer the look leaves it unknown', async () => {
    const world = await filled({ config: { purgeFault: 'lost-answer' } });
    const run = await world.purge(await world.plan());
    world.server.reconfigure({ database: { flavour: 'postgres', isReachable: false } });
    world.pass(5 * MINUTE_MS);
    expect(await code(world.app, 'retention.settle', { deploymentId: world.id, runId: run.id })).toBe('server_error');
    expect((await value(world.app, 'retention.show', { deploymentId: world.id })).runs[0]?.state).toBe('unknown');
    world.server.reconfigure({ database: { flavour: 'postgres', isReachable: true } });
    expect((await value(world.app, 'retention.settle', { deploymentId: world.id, runId: run.id })).state).toBe('found-done');
  });

  it.each(['twice', 'slow'] as const)('%s: counted once', async (fault) => {
    const world = await filled({ config: { purgeFault: fault } });
    const run = await world.purge(await world.plan());
    expect(['answered', 'unknown']).toContain(run.state);
    if (fault === 'slow') expect(run).toMatchObject({ state: 'answered', deleted: 6 });
    expect(world.posts()).toBe(1);
    expect((await world.actions()).filter((action) => action === 'retention.purge.ended')).toHaveLength(1);
    expect(await code(world.app, 'deployment.test', { id: world.id })).toBe('ok');
  });

  it('cancelled while it waits for the answer: unknown', async () => {
    const world = await filled({ config: { purgeFault: 'slow' } });
    const running = world.purge(await world.plan());
    while (world.posts() === 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
    const { jobs } = await value(world.app, 'job.list', {});
    await value(world.app, 'job.cancel', { jobId: jobs.find(({ call }) => call === 'retention.purge')?.jobId ?? '' });
    expect((await running).state).toBe('unknown');
  });

  it('locked while it waits for the answer: unknown when it is open again', async () => {
    const world = await filled({ config: { purgeFault: 'slow' } });
    const plan = await world.plan();
    const { token, confirm } = await value(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id });
    const running = code(world.app, 'retention.purge', { deploymentId: world.id, planId: plan.id, token, confirm });
    while (world.posts() === 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
    await world.app.lock('asked');
    expect(await running).toBe('profile_locked');
    await value(world.app, 'app.unlock', {});
    const [run] = (await value(world.app, 'retention.show', { deploymentId: world.id })).runs;
    expect(run).toMatchObject({ state: 'unknown', planId: plan.id, deleted: null });
    // Asked again with its own plan, the answer is to look, and not to plan anew.
    expect(await code(world.app, 'retention.arm', { deploymentId: world.id, planId: plan.id })).toBe('purge_unsettled');
    world.pass(5 * MINUTE_MS);
    expect((await value(world.app, 'retention.settle', { deploymentId: world.id, runId: run?.id ?? '' })).state).toBe('found-done');
    expect(world.posts()).toBe(1);
  });

  it('a refusal deletes nothing and is no unknown', async () => {
    const world = await filled();
    const plan = await world.plan();
    const before = world.server.rowCount();
    world.server.reconfigure({ purgeFault: 'forbidden' });
    expect(await world.purge(plan)).toMatchObject({ state: 'refused', deleted: null });
    expect(world.server.rowCount()).toBe(before);
    expect(await code(world.app, 'retention.plan', { deploymentId: world.id })).toBe('ok');
  });
});
