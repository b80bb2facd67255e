// Keeps: a screen shows the last good answer while a newer one is loading or has failed (offline is the normal case).
import { describe, expect, test } from 'vitest';
import { ClientError } from './client.ts';
import { createQueryCache, MAX_UNSHOWN, queryKey } from './query-cache.ts';
import { staleKeys } from './stale-keys.ts';

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
}
const turn = () => new Promise<void>((resolve) => { setImmediate(resolve); });
const offline = new ClientError({ code: 'connection_refused', message: 'Nothing listens there.', hint: 'Start it.', id: 'x' });

describe('query cache', () => {
  test('the first read loads once, however many ask', async () => {
    const cache = createQueryCache();
    let loads = 0;
    const load = async () => { loads += 1; return 'a'; };
    expect(cache.read('k', load)).toEqual({ data: undefined, error: null, loading: true });
    cache.read('k', load);
    await turn();
    expect(cache.read('k', load)).toEqual({ data: 'a', error: null, loading: false });
    expect(loads).toBe(1);
  });

  test('old data stays while loading and after a failure, with the reason beside it', async () => {
    const cache = createQueryCache();
    const answers: (() => Promise<string>)[] = [async () => 'old', async () => { throw offline; }, async () => 'new'];
    const load = () => (answers.shift() ?? (async () => 'none'))();
    cache.read('k', load);
    await turn();
    const seen: unknown[] = [];
    cache.subscribe('k', () => seen.push(cache.read('k', load)));
    await cache.reload('k');
    expect(seen).toEqual([{ data: 'old', error: null, loading: true }, { data: 'old', error: offline, loading: false }]);
    await cache.reload('k');
    expect(cache.read('k', load)).toEqual({ data: 'new', error: null, loading: false });
  });

  test('an answer that was overtaken is dropped', async () => {
    const cache = createQueryCache();
    const first = deferred<string>();
    const second = deferred<string>();
    const queue = [first.promise, second.promise];
    const load = () => queue.shift() ?? Promise.resolve('none');
    cache.read('k', load);
    const reloaded = cache.reload('k');
    second.resolve('second');
    await reloaded;
    first.resolve('first');
    await turn();
    expect(cache.read('k', load).data).toBe('second');
  });

  test('an event reloads what is shown and drops what is not', async () => {
    const cache = createQueryCache();
    let loads = 0;
    const load = async () => { loads += 1; return loads; };
    cache.read('security.show {}', load);
    cache.read('ledger.list {}', load);
    await turn();
    cache.subscribe('security.show {}', () => undefined);
    const matches = staleKeys({ name: 'app.opened', payload: {} });
    expect(matches).not.toBeNull();
    if (matches !== null) cache.invalidate(matches);
    await turn();
    expect(loads).toBe(3);
    expect(cache.read('security.show {}', load).data).toBe(3);
    expect(cache.read('ledger.list {}', load).data).toBeUndefined();
  });

  test('a screen stays subscribed when its entry is forgotten and made anew', async () => {
    const cache = createQueryCache();
    const load = async () => 'again';
    cache.read('k', load);
    let calls = 0;
    cache.subscribe('k', () => { calls += 1; });
    cache.clear();
    cache.read('k', load);
    await turn();
    expect(calls).toBe(1);
  });

  test('answers that nobody shows are bounded', async () => {
    const cache = createQueryCache();
    let loads = 0;
    const load = async () => { loads += 1; return loads; };
    for (let index = 0; index < MAX_UNSHOWN + 10; index += 1) cache.read(`k${index}`, load);
    await turn();
    cache.read('k0', load);
    expect(loads).toBe(MAX_UNSHOWN + 11);
  });
});

test('a key does not depend on the order of fields', () => {
  expect(queryKey('a.b', { x: 1, y: 2 })).toBe(queryKey('a.b', { y: 2, x: 1, z: undefined }));
  expect(queryKey('a.b', { x: 1 })).not.toBe(queryKey('a.b', { x: 2 }));
});

test('audit events make audit answers old and leave security answers alone', () => {
  const matches = staleKeys({ name: 'audit.changed', payload: { deploymentId: 'd_0000000000000000' } });
  expect(matches?.('audit.summary {}')).toBe(true);
  // Checks derive evidence from rows.
  expect(matches?.('security.show {}')).toBe(true);
  expect(matches?.('security.plan {}')).toBe(false);
  expect(matches?.('audit.search {}')).toBe(false);
  expect(staleKeys({ name: 'app.summoned', payload: {} })).toBeNull();
});
