// Holds, purges and syncs in any order against a model of the deployment: a held row is never in a plan that was carried out, counts are what happened, and nothing is sent twice.
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackIds, packIds, inOrder } from '#core/retention/plans/row-ids.ts';
import type { Session } from '#core/session.ts';
import type { PurgePlan, PurgeRun } from '#shared/domain/retention-plan.ts';
import { AppError } from '#shared/errors.ts';
import { temporaryFolder } from '../support/ports.ts';
import { openModelSession, retentionModel } from '../support/retention-model.ts';
import type { RetentionModel } from '../support/retention-model.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const SCHEDULES = isLong ? 500 : 100;
const MINUTE_US = 60_000_000;

const folder = temporaryFolder('retention-model');
let session: Session;
beforeAll(async () => { session = await openModelSession(join(folder.path, 'profile')); });
afterAll(async () => {
  await session.close();
  folder.remove();
});

type Op =
  | { readonly op: 'write'; readonly age: number; readonly actor: string } | { readonly op: 'sync' } | { readonly op: 'hold'; readonly actor: string } | { readonly op: 'release' }
  | { readonly op: 'plan'; readonly days: number } | { readonly op: 'purge'; readonly which: number } | { readonly op: 'lose'; readonly how: 'none' | 'answer' | 'request' } | { readonly op: 'settle' }
  | { readonly op: 'go'; readonly days: number } | { readonly op: 'script' } | { readonly op: 'pass'; readonly minutes: number } | { readonly op: 'verify' };

const actor = fc.constantFrom('ann', 'bob', 'cy');
const ops: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('write' as const), age: fc.constantFrom(1, 29.999, 30.5, 60, 89.995, 90.5, 120), actor }) },
  { weight: 4, arbitrary: fc.constant({ op: 'sync' as const }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('hold' as const), actor }) },
  { weight: 2, arbitrary: fc.constant({ op: 'release' as const }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('plan' as const), days: fc.constantFrom(30, 60, 90) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('purge' as const), which: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('go' as const), days: fc.constantFrom(30, 60, 90) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('lose' as const), how: fc.constantFrom('none' as const, 'answer' as const, 'request' as const) }) },
  { weight: 2, arbitrary: fc.constant({ op: 'settle' as const }) },
  { weight: 1, arbitrary: fc.constant({ op: 'script' as const }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('pass' as const), minutes: fc.constantFrom(1, 5, 20, 1441) }) },
  { weight: 1, arbitrary: fc.constant({ op: 'verify' as const }) },
);

const REFUSALS = new Set(['plan_expired', 'plan_changed', 'rows_held', 'purge_unsettled', 'policy_unknown', 'hold_exists', 'approval_refused']);

/** One history, and what must hold after each step of it. */
function scheduleOf(world: RetentionModel) {
  const held = new Map<string, string>();
  const planned: PurgePlan[] = [];
  const runs: { run: PurgeRun; readonly post: number }[] = [];

  async function act(op: Op): Promise<void> {
    world.pass(1_000_000);
    if (op.op === 'write') world.write(op.age, op.actor);
    else if (op.op === 'sync') await world.sync();
    else if (op.op === 'hold') held.set((await world.hold(`C-${op.actor}`, `actor:${op.actor}`)).id, op.actor);
    else if (op.op === 'release') {
      const [holdId] = held.keys();
      if (holdId !== undefined) {
        await world.release(holdId);
        held.delete(holdId);
      }
    } else if (op.op === 'plan') await makePlan(op.days);
    else if (op.op === 'purge') await purge(op.which);
    else if (op.op === 'go') await go(op.days);
    else if (op.op === 'lose') world.lose(op.how);
    else if (op.op === 'settle') await settle();
    else if (op.op === 'script') world.script();
    else if (op.op === 'pass') world.pass(op.minutes * MINUTE_US);
    else await verify();
  }

  async function makePlan(days: number): Promise<void> {
    const plan = await world.plan(days);
    const { rows, alsoDue } = world.plans.named(plan.id);
    expect([rows.length, alsoDue.length]).toEqual([plan.preview.rows, plan.preview.alsoDue.rows]);
    const actors = new Set(held.values());
    expect(world.rows().filter((row) => rows.includes(row.id) && actors.has(row.actor))).toEqual([]);
    planned.push(plan);
  }

  async function go(days: number): Promise<void> {
    await world.sync();
    await makePlan(days);
    const plan = planned.at(-1);
    if (plan === undefined) return;
    // Everything that is there and older is named; what is named besides went by another hand, unseen.
    const { rows } = world.plans.named(plan.id);
    const cutoffUs = Date.parse(plan.preview.cutoff) * 1000;
    expect(world.rows().filter((row) => row.at < cutoffUs && !rows.includes(row.id))).toEqual([]);
    const there = world.rows().filter((row) => rows.includes(row.id)).length;
    await purge(0);
    const run = runs.at(-1)?.run;
    if (run?.state === 'answered') expect(run.deleted).toBe(there);
  }

  async function purge(which: number): Promise<void> {
    const plan = planned.at(-1 - which);
    if (plan === undefined) return;
    const before = world.rows();
    const posts = world.posts.length;
    let run: PurgeRun;
    try {
      run = await world.purge(plan.id);
    } catch (error) {
      // Refused: nothing was sent.
      expect(world.posts.length).toBe(posts);
      expect(world.rows()).toBe(before);
      throw error;
    }
    expect(world.posts.length).toBe(posts + 1);
    const { deleted } = world.posts.at(-1) ?? { deleted: [] };
    const named = world.plans.named(plan.id);
    const actors = new Set(held.values());
    // Neither a row of the plan nor a row that went is under a hold.
    expect([...deleted, ...before.filter(({ id }) => named.rows.includes(id) || named.alsoDue.includes(id))].filter((row) => actors.has(row.actor))).toEqual([]);
    // Everything that went was named, and every named row that was there went.
    const ids = deleted.map(({ id }) => id);
    expect(ids.filter((id) => !named.rows.includes(id) && !named.alsoDue.includes(id))).toEqual([]);
    expect(runs.map((each) => each.run.planId)).not.toContain(plan.id);
    if (run.state === 'answered') {
      expect(run.deleted).toBe(deleted.length);
      expect(world.rows().filter(({ id }) => named.rows.includes(id))).toEqual([]);
    } else expect(run.state).toBe('unknown');
    runs.push({ run, post: posts });
  }

  async function settle(): Promise<void> {
    const last = runs.at(-1);
    if (last === undefined || last.run.state !== 'unknown') return;
    world.pass(5 * MINUTE_US);
    const named = world.plans.named(last.run.planId).rows;
    const left = world.rows().filter(({ id }) => named.includes(id)).length;
    last.run = await world.settle(last.run.id);
    expect(last.run.state).toBe(named.length > 0 && left === 0 ? 'found-done' : 'found-not-done');
  }

  async function verify(): Promise<void> {
    const certificate = await world.verify();
    const gone = certificate.checks.find(({ id }) => id === 'rows-gone');
    const old = world.rows().filter(({ at }) => at < world.serverUs() - 91 * 86_400_000_000).length;
    if (gone?.state === 'holds') expect(old).toBe(0);
    if (gone?.state === 'fails') expect(old).toBeGreaterThan(0);
  }

  return { act, runs };
}

describe('hold, purge and sync in any order', () => {
  it(`${SCHEDULES} schedules`, { timeout: 1_800_000 }, async () => {
    let executed = 0;
    let refused = 0;
    await fc.assert(fc.asyncProperty(fc.array(ops, { minLength: 6, maxLength: 30 }), fc.constantFrom(0, 86_400_000_000, -86_400_000_000), async (list, aheadUs) => {
      const world = retentionModel(session, { aheadUs });
      const schedule = scheduleOf(world);
      for (const age of [20, 40, 70, 100]) world.write(age, 'cy');
      await world.sync();
      let hasDeleted = false;
      for (const op of list) {
        try {
          await schedule.act(op);
        } catch (error) {
          if (!(error instanceof AppError) || !REFUSALS.has(error.code)) throw error;
          refused += 1;
        }
        hasDeleted ||= op.op === 'script';
        // What this console had purged never shows that the deployment deletes by itself.
        if (!hasDeleted) expect((await world.show()).verdict.state).not.toBe('deleting');
      }
      executed += schedule.runs.length;
      // A plan is sent at most once, and every request has its run.
      expect(world.posts.length).toBe(schedule.runs.length);
      expect(new Set(schedule.runs.map(({ run }) => run.planId)).size).toBe(schedule.runs.length);
    }), { seed, numRuns: SCHEDULES });
    expect(executed).toBeGreaterThan(SCHEDULES / 5);
    expect(refused).toBeGreaterThan(SCHEDULES / 5);
  });

  it('a server that takes more than it said is found by the rows just after', async () => {
    const world = retentionModel(session);
    for (const age of [100, 95, 85, 84, 30, 1]) world.write(age, 'ann');
    await world.sync();
    world.takeMore(2);
    const run = await world.purge((await world.plan()).id);
    expect(run).toMatchObject({ state: 'answered', deleted: 2 });
    world.pass(1_000_000);
    const certificate = await world.verify(run.id);
    expect(Object.fromEntries(certificate.checks.map(({ id, state }) => [id, state]))).toMatchObject({ 'rows-kept': 'fails', count: 'holds' });
  });

  it.each([['answered', 'none'], ['lost on the way back', 'answer'], ['lost on the way there', 'request']] as const)('a purge that was %s proves nothing of the deployment, before and after it is settled; what comes due later does', async (_what, how) => {
    const world = retentionModel(session);
    for (const age of [89.9, 89.8, 85, 1]) world.write(age, 'ann');
    const verdict = async (): Promise<string> => (await world.show()).verdict.state;
    await world.sync();
    world.pass(12 * 60 * MINUTE_US);
    await world.sync();
    const plan = await world.plan();
    expect(plan.preview.rows).toBe(2);
    world.lose(how);
    const run = await world.purge(plan.id);
    expect(run.state).toBe(how === 'none' ? 'answered' : 'unknown');
    // Somebody else does what the lost request did not.
    if (how === 'request') world.script();
    for (const minutes of [0, 1, 5]) {
      world.pass(minutes * MINUTE_US);
      await world.sync();
      expect(await verdict()).toBe('unknown');
    }
    expect((await world.settle(run.id)).state).toBe(how === 'none' ? 'answered' : 'found-done');
    expect(await verdict()).toBe('unknown');
    await world.verify();
    await world.sync();
    expect(await verdict()).toBe('unknown');
    world.pass(6 * 24 * 60 * MINUTE_US);
    world.script();
    await world.sync();
    expect(await verdict()).toBe('deleting');
  });

  it('a purge that was found not to have happened and was only slow proves nothing of the deployment', async () => {
    const world = retentionModel(session);
    for (const age of [89.9, 89.8, 1]) world.write(age, 'ann');
    await world.sync();
    world.pass(12 * 60 * MINUTE_US);
    await world.sync();
    const plan = await world.plan();
    world.lose('request');
    const run = await world.purge(plan.id);
    world.pass(5 * MINUTE_US);
    expect((await world.settle(run.id)).state).toBe('found-not-done');
    world.script();
    world.pass(MINUTE_US);
    await world.sync();
    expect((await world.show()).verdict.state).toBe('unknown');
  });

  it('a row of an old date that came after a lost purge is named by the next plan, whatever settled it', async () => {
    const world = retentionModel(session);
    for (const age of [100, 40]) world.write(age, 'ann');
    await world.sync();
    world.lose('answer');
    const run = await world.purge((await world.plan()).id);
    world.lose('none');
    const late = world.write(120, 'bob');
    world.pass(MINUTE_US);
    await world.sync();
    world.pass(5 * MINUTE_US);
    expect((await world.settle(run.id)).state).toBe('found-done');
    const plan = await world.plan();
    expect(world.plans.named(plan.id).rows).toEqual([late.id]);
  });

  it('ids are packed and unpacked as they were', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.nat(300), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat())), (ids) => {
      const sorted = inOrder(ids);
      expect(unpackIds(packIds(sorted))).toEqual(sorted);
    }), { seed });
  });
});
