// Keeps the probe's logic on a store that works; every failing state is met with the real daemons in test/integration/keychain.test.ts.
import { describe, expect, it } from 'vitest';
import { CANARY_NAME } from './names.ts';
import { plantCanary, probeStore } from './canary.ts';
import { memoryStore } from './memory.ts';

describe('canary', () => {
  it('R26: a store that holds what it is given is working; a lost canary is said once it was expected', async () => {
    const store = memoryStore();
    expect(await probeStore(store, { expectCanary: false })).toBe('working');
    expect(await probeStore(store, { expectCanary: true })).toBe('canary-lost');
    await plantCanary(store);
    expect(await probeStore(store, { expectCanary: true })).toBe('working');
  });

  it('R26: probing never plants the canary, so the lost state stays', async () => {
    const store = memoryStore();
    for (let turn = 0; turn < 3; turn += 1) expect(await probeStore(store, { expectCanary: true })).toBe('canary-lost');
    expect(await store.get(CANARY_NAME)).toBeNull();
  });

  it('R26: planting leaves a canary that is there as it is', async () => {
    const store = memoryStore();
    await plantCanary(store);
    const first = await store.get(CANARY_NAME);
    await plantCanary(store);
    expect(await store.get(CANARY_NAME)).toBe(first);
  });

  it('R26: a store that takes writes and gives nothing back is locked, never working', async () => {
    const swallowing = { ...memoryStore(), set: async () => undefined };
    expect(await probeStore(swallowing, { expectCanary: false })).toBe('locked');
    expect(await probeStore(swallowing, { expectCanary: true })).toBe('locked');
    const stuck = { ...memoryStore(), get: async () => `probe:${'0'.repeat(32)}`, set: async () => undefined };
    expect(await probeStore(stuck, { expectCanary: true })).toBe('locked');
    await expect(plantCanary(swallowing)).rejects.toMatchObject({ code: 'keychain_locked' });
  });

  it('R26: probes of several processes at once do not disturb each other', async () => {
    const store = memoryStore();
    await plantCanary(store);
    const states = await Promise.all(Array.from({ length: 20 }, () => probeStore(store, { expectCanary: true })));
    expect(new Set(states)).toEqual(new Set(['working']));
  });
});
