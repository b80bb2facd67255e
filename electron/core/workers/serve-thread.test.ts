// Giving way: background work rests while somebody asks another thread for something, and only then.
import { afterEach, expect, it, vi } from 'vitest';
import { createWayGiver } from './serve-thread.ts';

afterEach(() => { vi.restoreAllMocks(); });

it('rests between its steps from a call to another thread on, for half a second', () => {
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const rests = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  const calls = new Int32Array(new SharedArrayBuffer(4));
  calls[0] = 7;
  const giveWay = createWayGiver(calls);
  giveWay();
  expect(rests, 'calls before its own do not count').toHaveBeenCalledTimes(0);
  Atomics.add(calls, 0, 1);
  giveWay();
  now += 499;
  giveWay();
  expect(rests).toHaveBeenCalledTimes(2);
  now += 1;
  giveWay();
  expect(rests, 'nobody looks on any more').toHaveBeenCalledTimes(2);
  Atomics.add(calls, 0, 1);
  giveWay();
  expect(rests).toHaveBeenCalledTimes(3);
});
