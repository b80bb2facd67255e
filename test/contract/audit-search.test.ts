// The calls that search the audit log (R62), through the app: in threads as a window has them, and in the process as the command line has them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '#core/app.ts';
import type { CallInput, CallName, CallOutput } from '#shared/contract.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { DEPLOYMENT, FIRST_US, makeSearchProfile, rowOf } from '../support/audit-search-profile.ts';
import { useProfiles } from '../support/profiles.ts';

const ROWS = 3000;
const profiles = useProfiles();
const rows = Array.from({ length: ROWS }, (_, index) => rowOf(index + 1));
const on = { deploymentId: DEPLOYMENT };

describe.each(['chromium', 'cli'] as const)('%s', (host) => {
  let app: App;
  beforeEach(async () => {
    const profile = profiles.newProfile();
    await makeSearchProfile(profile, ROWS);
    app = await profiles.open(profile, { store: 'keychain', ports: { host } });
  });
  afterEach(() => app.close());

  async function value<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const envelope = await app.dispatch(name, input);
    if (!envelope.ok) throw new Error(`${name}: ${envelope.error.code} ${envelope.error.message}`);
    return envelope.value;
  }
  async function refusal<N extends CallName>(name: N, input: CallInput<N>): Promise<string> {
    const envelope = await app.dispatch(name, input);
    return envelope.ok ? 'an answer' : envelope.error.code;
  }

  it('R62: pages steadily, by cursor and by offset, newest first unless told otherwise', async () => {
    const first = await value('audit.search', { ...on, limit: 1000 });
    expect(first.events.map((event) => event.id)).toEqual(rows.map((row) => row.id).reverse().slice(0, 1000));
    expect(first.anchor).toBe(ROWS);
    const second = await value('audit.search', { ...on, limit: 1000, cursor: first.nextCursor, anchor: first.anchor });
    const third = await value('audit.search', { ...on, limit: 1000, cursor: second.nextCursor, anchor: first.anchor });
    expect([second.events[0]?.id, third.events.at(-1)?.id, third.nextCursor]).toEqual([2000, 1, null]);
    expect((await value('audit.search', { ...on, offset: 2995, limit: 10 })).events.map((event) => event.id)).toEqual([5, 4, 3, 2, 1]);
    const byRoute = await value('audit.search', { ...on, query: 'status:500', sort: { by: 'route', direction: 'asc' }, limit: 3 });
    expect(byRoute.events.map((event) => event.id)).toEqual([2940, 2870, 2800]);
    expect((await value('audit.search', { ...on, query: 'status:500', sort: { by: 'route', direction: 'asc' }, limit: 1, cursor: byRoute.nextCursor, anchor: byRoute.anchor })).events[0]?.id).toBe(2730);
  });

  it('R62: addresses, routes and e-mail are found whole, by component and by prefix', async () => {
    const found = async (query: string): Promise<number[]> => (await value('audit.search', { ...on, query, limit: 1000, sort: { by: 'id', direction: 'asc' } })).events.map((event) => event.id);
    expect(await found('10.0.44.7')).toEqual([44]);
    expect(await found('10.0.4*')).toEqual(rows.filter((row) => row.payload !== undefined && String(row.id).startsWith('4')).map((row) => row.id));
    expect(await found('payload:"needle 44"')).toEqual([44]);
    expect(await found('plan-44')).toEqual([44]);
    expect(await found('route:/api/plans/plan-44')).toEqual([44]);
    expect(await found('route:=/api/plans/plan-44')).toEqual([44]);
    expect(await found('route:=/api/plans')).toEqual([]);
    expect(await found('actor:user1@example.org id:..20')).toEqual([1, 6, 11, 16]);
    expect(await found('actor:user1 id:..20')).toEqual([1, 6, 11, 16]);
    expect(await found('example.org id:..3')).toEqual([1, 2, 3]);
    expect(await found('actor:auth0|2 id:..10')).toEqual([2, 7]);
    expect(await found('org:none id:..10')).toEqual([3, 6, 9]);
    expect(await found('-org:acme id:..10')).toEqual([3, 6, 9]);
    expect(await found('payload:plain id:..10')).toEqual([4, 8]);
  });

  it('counts, draws and groups what the pages show', async () => {
    const query = 'status:>=400 method:POST';
    const wanted = rows.filter((row) => row.statusCode >= 400 && row.method === 'POST');
    expect(await value('audit.count', { ...on, query })).toEqual({ matching: wanted.length, total: ROWS });
    expect(await value('audit.count', on)).toEqual({ matching: ROWS, total: ROWS });
    const all = await value('audit.histogram', { ...on, buckets: 50 });
    expect([all.startSeconds, all.stepSeconds, all.counts.reduce((sum, count) => sum + count, 0), all.errors.reduce((sum, count) => sum + count, 0)]).toEqual([FIRST_US / 1e6, 3600, ROWS, rows.filter((row) => row.statusCode >= 400).length]);
    const narrow = await value('audit.histogram', { ...on, query: 'since:2026-11-01T01:00:30Z until:2026-11-01T02:00Z', buckets: 60 });
    expect([narrow.stepSeconds, narrow.counts.reduce((sum, count) => sum + count, 0)]).toEqual([60, 60]);
    expect((await value('audit.histogram', { ...on, query: 'zzz' })).counts).toEqual([]);
    const facets = await value('audit.facets', { ...on, query, limit: 2 });
    expect(facets.method).toEqual({ values: [{ value: 'POST', count: wanted.length }], hasMore: false, countedRows: null });
    expect(facets.actor.hasMore).toBe(true);
    const whole = await value('audit.facets', on);
    expect(whole.org.values).toEqual([{ value: 'acme', count: 2000 }, { value: null, count: 1000 }]);
    expect(whole.payload.values).toEqual([{ value: null, count: 2250 }, { value: 'plain', count: 750 }]);
    expect((await value('audit.complete', { ...on, field: 'actor', prefix: 'USER1' })).values).toEqual([{ value: 'user1@example.org', count: 600 }]);
    expect((await value('audit.complete', { ...on, field: 'actor', prefix: 'exa' })).values).toHaveLength(4);
    expect((await value('audit.complete', { ...on, field: 'route', prefix: 'plan-299' })).values.map((each) => each.value)).toContain('/api/plans/plan-2991');
  });

  it('relative times count back from now, which lies after every row here', async () => {
    expect((await value('audit.count', { ...on, query: 'until:1s' })).matching).toBe(rows.filter((row) => row.createdAtUs <= Date.now() * 1000 - 1e6).length);
    expect((await value('audit.search', { ...on, limit: 1 })).events[0]?.createdAt).toSatisfy((at: string) => parseInstantUs(at) === rows.at(-1)?.createdAtUs);
  });

  it('refuses what is no query, no page and no deployment, each with its code', async () => {
    const envelope = await app.dispatch('audit.count', { ...on, query: 'login acter:bob' });
    expect(envelope).toMatchObject({ ok: false, error: { code: 'invalid_query', message: 'Column 7: There is no field "acter". Did you mean actor?' } });
    for (const name of ['audit.search', 'audit.histogram', 'audit.facets'] as const) expect(await refusal(name, { ...on, query: '"open' }), name).toBe('invalid_query');
    for (const name of ['audit.search', 'audit.count', 'audit.histogram', 'audit.facets'] as const) expect(await refusal(name, { deploymentId: 'd_ffffffffffffffff' }), name).toBe('deployment_not_found');
    const { nextCursor } = await value('audit.search', { ...on, limit: 5 });
    expect(await refusal('audit.search', { ...on, cursor: nextCursor, offset: 5 })).toBe('invalid_input');
    expect(await refusal('audit.search', { ...on, cursor: nextCursor, sort: { by: 'route', direction: 'asc' } })).toBe('invalid_input');
    for (const cursor of ['', 'time.desc.', 'time.desc.999999', 'time.desc.-1', 'time.desc.1.plain', "time.desc.1' OR 1"]) expect(await refusal('audit.search', { ...on, cursor }), cursor).toBe('invalid_input');
  });

  it('keeps saved views of the profile; a broken query is not saved', async () => {
    const view = { name: 'Errors', query: 'status:5xx', sort: { by: 'time', direction: 'desc' } as const, columns: ['time', 'route'] as ('time' | 'route')[] };
    const saved = await value('audit.viewSave', view);
    expect(saved).toMatchObject(view);
    const again = await value('audit.viewSave', { ...view, name: 'errors', query: 'status:4xx' });
    expect(again).toMatchObject({ id: saved.id, name: 'errors', query: 'status:4xx' });
    await value('audit.viewSave', { ...view, name: 'All', query: '' });
    expect((await value('audit.viewList', {})).views.map((each) => each.name)).toEqual(['All', 'errors']);
    expect(await refusal('audit.viewSave', { ...view, name: 'broken', query: 'status:' })).toBe('invalid_query');
    await value('audit.viewRemove', { id: saved.id });
    expect(await refusal('audit.viewRemove', { id: saved.id })).toBe('view_not_found');
    expect((await value('audit.viewList', {})).views.map((each) => each.name)).toEqual(['All']);
  });

  it('a lock ends what is under way; after unlocking the search is there again', async () => {
    const under = refusal('audit.facets', { ...on, query: 'status:200' });
    await app.lock('asked');
    expect(['profile_locked', 'cancelled', 'an answer']).toContain(await under);
    expect(await refusal('audit.search', on)).toBe('profile_locked');
    await value('app.unlock', {});
    expect((await value('audit.search', { ...on, limit: 1 })).events[0]?.id).toBe(ROWS);
  });
});

it('R62: in a window two newer searches end the one they replace', async () => {
  const profile = profiles.newProfile();
  await makeSearchProfile(profile, 50);
  const app = await profiles.open(profile, { store: 'keychain' });
  const [stale, , newer] = await Promise.all(['plan', 'plan-3', 'plan-4'].map((query) => app.dispatch('audit.search', { ...on, query })));
  expect(stale).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  expect(newer?.ok === true && newer.value.events.map((event) => event.id)).toEqual([4]);
});
