// Work that outlives its dialog: one at a time, its end kept until it is forgotten, and nothing kept after a lock.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientError } from '../lib/client.ts';
import { createTasks } from './tasks.ts';

type Listener = (event: { readonly name: string; readonly payload: object }) => void;
const listeners = new Set<Listener>();
const lock = (): void => { for (const listener of listeners) listener({ name: 'app.locked', payload: { why: 'idle' } }); };

beforeEach(() => {
  vi.stubGlobal('window', { holdfast: { onEvent: (listener: Listener) => { listeners.add(listener); return () => listeners.delete(listener); } } });
});
afterEach(() => {
  vi.unstubAllGlobals();
  listeners.clear();
});

const tasks = () => {
  const asked: PromiseWithResolvers<string>[] = [];
  const made = createTasks<string, string>(() => {
    const answer = Promise.withResolvers<string>();
    asked.push(answer);
    return answer.promise;
  });
  return { ...made, asked };
};

describe('work that outlives its dialog', () => {
  it('runs once at a time, keeps how it ended, and forgets only what has ended', async () => {
    const { start, stateOf, forget, asked } = tasks();
    const first = start('d_1', 'a');
    expect(await start('d_1', 'b')).toBe(false);
    expect(asked).toHaveLength(1);
    forget('d_1');
    expect(stateOf('d_1')).toEqual({ running: true, input: 'a', result: null, error: null });
    asked[0]?.resolve('done');
    expect(await first).toBe(true);
    expect(stateOf('d_1')).toEqual({ running: false, input: 'a', result: 'done', error: null });
    expect(stateOf('d_2').input).toBeNull();
    forget('d_1');
    expect(stateOf('d_1')).toEqual({ running: false, input: null, result: null, error: null });
  });

  it('keeps a refusal with what it was started with, and can be started again', async () => {
    const { start, stateOf, asked } = tasks();
    const first = start('d_1', 'a');
    asked[0]?.reject(new ClientError({ code: 'disk_full', message: 'Full.', hint: '', id: 'x' }));
    expect(await first).toBe(false);
    expect(stateOf('d_1')).toMatchObject({ running: false, input: 'a', result: null, error: { wire: { code: 'disk_full' } } });
    void start('d_1', 'b');
    expect(stateOf('d_1')).toEqual({ running: true, input: 'b', result: null, error: null });
  });

  it('a lock drops everything, and what ends after it is not kept', async () => {
    const { start, stateOf, asked } = tasks();
    const before = start('d_1', 'secret reason');
    const failing = start('d_2', 'secret reason');
    lock();
    expect(stateOf('d_1').input).toBeNull();
    asked[0]?.resolve('late');
    asked[1]?.reject(new Error('late'));
    await Promise.all([before, failing]);
    for (const id of ['d_1', 'd_2']) expect(stateOf(id)).toEqual({ running: false, input: null, result: null, error: null });
    void start('d_1', 'after');
    expect(stateOf('d_1')).toMatchObject({ running: true, input: 'after' });
  });
});
