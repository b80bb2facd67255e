// Keeps that a native call that hangs costs one thread and one time limit, and that its late answer does nothing.
import { describe, expect, it } from 'vitest';
import { inTurn } from './keychain-lane.ts';

interface Held<T> { readonly promise: Promise<T>; resolve(value: T): void; reject(error: unknown): void }
const held = <T>(): Held<T> => Promise.withResolvers<T>();

describe('keychain lane', () => {
  it('runs one call at a time, in order, and passes results and errors on', async () => {
    const trace: string[] = [];
    let running = 0;
    const step = (name: string) => async (): Promise<string> => {
      running += 1;
      expect(running).toBe(1);
      trace.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (name === 'b') throw new Error('b failed');
      return name;
    };
    const calls = ['a', 'b', 'c'].map((name) => inTurn({ timeoutMs: 5_000, writes: false, run: step(name) }));
    expect(await Promise.allSettled(calls)).toEqual([
      { status: 'fulfilled', value: 'a' }, { status: 'rejected', reason: new Error('b failed') }, { status: 'fulfilled', value: 'c' },
    ]);
    expect(trace).toEqual(['a', 'b', 'c']);
  });

  it('R26: a call past its limit is timed out, those behind it never start, and the lane works again after the late answer', async () => {
    const hanging = held<string>();
    let started = 0;
    const first = inTurn({ timeoutMs: 20, writes: true, run: () => { started += 1; return hanging.promise; } });
    const second = inTurn({ timeoutMs: 20, writes: true, run: async () => { started += 1; return 'second'; } });
    await expect(first).rejects.toMatchObject({ code: 'keychain_timed_out', facts: { started: true }, message: expect.stringContaining('may still be carried out') });
    await expect(second).rejects.toMatchObject({ code: 'keychain_timed_out', facts: { started: false }, message: expect.stringContaining('Nothing was changed') });
    hanging.resolve('late');
    expect(await inTurn({ timeoutMs: 5_000, writes: false, run: async () => 'again' })).toBe('again');
    expect(started).toBe(1);
  });

  it('R26: a late failure is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => { unhandled.push(reason); };
    process.on('unhandledRejection', listen);
    try {
      const hanging = held<string>();
      await expect(inTurn({ timeoutMs: 20, writes: false, run: () => hanging.promise })).rejects.toMatchObject({ code: 'keychain_timed_out' });
      hanging.reject(new Error('late'));
      expect(await inTurn({ timeoutMs: 5_000, writes: false, run: async () => 'after' })).toBe('after');
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  it('touches the exit of the process only while a call hangs', async () => {
    const before = process.listenerCount('exit');
    const [one, two] = [held<string>(), held<string>()];
    const first = inTurn({ timeoutMs: 20, writes: false, run: () => one.promise });
    expect(process.listenerCount('exit')).toBe(before);
    await expect(first).rejects.toMatchObject({ code: 'keychain_timed_out' });
    expect(process.listenerCount('exit')).toBe(before + 1);
    one.resolve('late');
    const second = inTurn({ timeoutMs: 5_000, writes: false, run: () => two.promise });
    two.resolve('in time');
    await second;
    expect(process.listenerCount('exit')).toBe(before);
  });
});
