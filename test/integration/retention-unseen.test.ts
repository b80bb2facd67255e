// Rows that lie where no list shows them: what comes late, what a purge was said to have taken and did not, and a database that was away for the count alone.
import { afterEach, describe, expect, it } from 'vitest';
import { code, value } from '../support/calls.ts';
import { purgeWorld } from '../support/retention-purge.ts';
import type { PurgeWorld } from '../support/retention-purge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

const OLD = [100, 98, 96, 94, 92, 91];
/** More than the list shows at once. */
const MIDDLE = Array.from({ length: 600 }, (_, index) => 50 - index / 20);
const YOUNG = Array.from({ length: 600 }, (_, index) => 15 - index / 50);

/** A row that no filter of the list finds. */
const NAMELESS = { orgKey: null, actorSub: null };

/** Six old rows that were read, and younger ones that hide them from the list. */
async function hidden(over: Parameters<typeof purgeWorld>[1] = {}): Promise<PurgeWorld & { readonly old: readonly number[] }> {
  const world = await purgeWorld(cleanups, over);
  const old = world.rows(OLD);
  world.rows(MIDDLE);
  await world.sync();
  world.rows(YOUNG);
  await world.sync();
  return { ...world, old };
}
const preview = ({ app, id }: PurgeWorld) => value(app, 'retention.preview', { deploymentId: id });

describe('a purge, by what its own count shows', () => {
  it('is refused when the deployment counts a row that nobody has read', async () => {
    const world = await hidden();
    expect(await preview(world)).toMatchObject({ rows: 6, gaps: [{ from: null }], serverCount: { rows: 6 } });
    const plan = await world.plan();
    world.rows([95], NAMELESS);
    expect(await world.refusal(plan)).toBe('plan_changed');
    expect(world.posts()).toBe(0);
    // Planned anew, it is said, and whoever confirms it has seen it; one more than that is refused again.
    world.pass(1000);
    await world.sync();
    const again = await world.plan();
    expect(again.preview.serverCount.rows).toBe(7);
    expect(again.preview.warnings.join(' ')).toContain('counted 7 rows as due');
    world.rows([96], NAMELESS);
    expect(await world.refusal(again)).toBe('plan_changed');
    expect(world.posts()).toBe(0);
  });

  it('never takes a held row because an earlier purge was said to have taken it', async () => {
    const world = await hidden({ config: { purgeFault: 'less' } });
    expect(await world.purge(await world.plan())).toMatchObject({ state: 'answered', deleted: 6 });
    world.server.reconfigure({ purgeFault: null });
    await value(world.app, 'retention.holdAdd', { deploymentId: world.id, caseId: 'C-1', owner: 'Ann', reason: 'a claim', reviewOn: '2027-01-01', query: 'until:2026-10-01' });
    world.pass(1000);
    const answer = await world.app.dispatch('retention.plan', { deploymentId: world.id, days: 80 });
    if (answer.ok) await world.refusal(answer.value);
    expect(world.server.isGone(world.old)).toBe(false);
    expect(world.posts()).toBe(1);
    expect(answer.ok ? 'ok' : answer.error.code).toBe('rows_held');
  });
});

describe('a database that gives the number of a deleted row to a new one', () => {
  it.each(['lost-answer', null] as const)('shows all the same that the purge happened (%s)', async (purgeFault) => {
    const world = await purgeWorld(cleanups, { config: { purgeFault } });
    world.rows([89, 40, 5]);
    // The oldest rows have the highest numbers, and the row about the purge itself gets one of them.
    const old = world.rows(OLD);
    await world.sync();
    const run = await world.purge(await world.plan());
    expect(world.server.isGone(old)).toBe(false);
    expect(world.server.rowCount()).toBe(4);
    world.pass(180_000);
    const settled = purgeFault === null ? run : await value(world.app, 'retention.settle', { deploymentId: world.id, runId: run.id });
    expect(settled.state).toBe(purgeFault === null ? 'answered' : 'found-done');
    const { checks, counts } = await value(world.app, 'retention.verify', { deploymentId: world.id, runId: run.id });
    expect(checks.find(({ id }) => id === 'rows-gone')?.state).toBe('holds');
    expect(counts).toMatchObject({ before: 6, after: 0, gone: 6 });
  });
});

describe('a count of none', () => {
  it('of a database that was away for the count is no sign that rows are gone, and a sync that failed says so', async () => {
    const world = await hidden();
    const reach = (isReachable: boolean): void => world.server.reconfigure({ database: { flavour: 'postgres', isReachable } });
    world.pass(60_000);
    reach(false);
    expect(await code(world.app, 'audit.sync', { deploymentId: world.id })).not.toBe('ok');
    reach(true);
    world.pass(30_000);
    await world.sync();
    const { policy, verdict } = await world.show();
    expect(policy.overdue).toMatchObject({ said: 6, rows: 6 });
    expect(verdict.state).not.toBe('deleting');
    expect(verdict.evidence.some(({ text }) => text.includes('counts no row'))).toBe(false);
    expect((await preview(world)).rows).toBe(6);
  });
});
