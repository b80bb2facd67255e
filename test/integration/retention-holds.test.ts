// Legal holds through the whole core, against the reference deployment: what a sync or an import brings is preserved, and what the server deletes stays here.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { code, value } from '../support/calls.ts';
import { DAY_MS, retentionWorld } from '../support/retention-world.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });
const world = (options: Parameters<typeof retentionWorld>[1] = {}) => retentionWorld(cleanups, options);
const fields = { caseId: '2026/17', owner: 'Legal', reason: 'claim of a customer', reviewOn: '2027-06-30' };

describe('a hold over a deployment', () => {
  it('has rows with payloads in the vault after every sync, and keeps them when the server deletes', async () => {
    const { app, id, rows, sync, show, pass, server } = await world();
    rows([85, 40, 10], { actorSub: 'auth0|ada' });
    rows([60, 5]);
    await sync();
    expect(await value(app, 'retention.holdPreview', { deploymentId: id, query: 'actor:auth0|ada' })).toMatchObject({ rows: 3, withoutPayload: 0 });
    const hold = await value(app, 'retention.holdAdd', { deploymentId: id, ...fields, query: 'actor:auth0|ada' });
    expect(hold).toMatchObject({ released: null, isReviewOverdue: false, counts: { rows: 3, preserved: 3, withoutPayload: 0, dueSoon: 1, due: 0, vanished: 0 } });
    pass(DAY_MS);
    rows([0, 0], { actorSub: 'auth0|ada' });
    expect((await sync()).notes).toEqual([]);
    expect((await value(app, 'retention.holdList', { deploymentId: id })).holds[0]?.counts).toMatchObject({ rows: 5, preserved: 5, withoutPayload: 0 });
    pass(10 * DAY_MS);
    server.runPurgeScript();
    await sync();
    const { holds, due } = await show();
    expect(holds[0]?.counts).toMatchObject({ rows: 5, preserved: 5, due: 1, vanished: 1 });
    expect(due[0]?.held).toBe(0);
  });

  it('preserves what an import brings', async () => {
    const { app, id, sync, profileDir, nowMs } = await world();
    await sync();
    await value(app, 'retention.holdAdd', { deploymentId: id, ...fields, query: '' });
    const path = join(profileDir, '..', 'old.jsonl');
    writeFileSync(path, [1, 2].map((n) => `${JSON.stringify({ id: n, route: '/a', method: 'POST', event_type: 'http.request', org_key: 'acme', actor_sub: null, actor_email: null, resource_id: null, status_code: 200, created_at: new Date(nowMs() - n * DAY_MS).toISOString() })}\n`).join(''));
    await value(app, 'audit.import', { deploymentId: id, paths: [path], mode: 'keep-good' });
    expect((await value(app, 'retention.holdList', { deploymentId: id })).holds[0]?.counts).toMatchObject({ rows: 2, preserved: 2, withoutPayload: 2 });
  });

  it('survives the end of the program, and is released with a reason', async () => {
    const { app, id, rows, sync, open } = await world();
    rows([1, 2]);
    await sync();
    const { id: holdId } = await value(app, 'retention.holdAdd', { deploymentId: id, ...fields, query: '' });
    await app.close();
    const again = await open();
    expect(await code(again, 'deployment.planRemoval', { id })).toBe('rows_held');
    expect(await code(again, 'retention.holdRelease', { deploymentId: id, holdId, reason: 'no' })).toBe('invalid_input');
    const released = await value(again, 'retention.holdRelease', { deploymentId: id, holdId, reason: 'settled' });
    expect(released).toMatchObject({ released: { reason: 'settled' }, counts: { rows: 2, preserved: 2 } });
    const { entries } = await value(again, 'ledger.list', { limit: 10 });
    expect(entries.map(({ action }) => action).slice(0, 2)).toEqual(['retention.hold.released', 'retention.hold.added']);
    const { token, name } = await value(again, 'deployment.planRemoval', { id });
    await value(again, 'deployment.remove', { id, token, confirmName: name });
    expect(await code(again, 'retention.holdList', { deploymentId: id })).toBe('deployment_not_found');
  });

  it('answers what is wrong with a query, a case and a date', async () => {
    const { app, id } = await world();
    const add = (over: object) => app.dispatch('retention.holdAdd', { deploymentId: id, ...fields, query: '', ...over });
    expect(await add({ query: 'since:7d' })).toMatchObject({ ok: false, error: { code: 'invalid_query', message: expect.stringContaining('Column 1') } });
    expect(await code(app, 'retention.holdPreview', { deploymentId: id, query: '(((' })).toBe('invalid_query');
    expect(await add({ caseId: '' })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    expect(await add({ reviewOn: '2026-02-30' })).toMatchObject({ ok: false, error: { code: 'invalid_input' } });
    expect(await add({ deploymentId: 'd_0000000000000000' })).toMatchObject({ ok: false, error: { code: 'deployment_not_found' } });
    expect(await add({})).toMatchObject({ ok: true });
    expect(await add({})).toMatchObject({ ok: false, error: { code: 'hold_exists' } });
  });
});
