// Keeps that moving secrets loses none, whichever step of either store fails.
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import type { SecretStore } from '../ports.ts';
import { memoryStore } from './memory.ts';
import { moveSecrets } from './move.ts';

const NAMES = ['database-key', 'token:a', 'token:b', 'audit-key:a:k1'];
type Operation = 'get' | 'set' | 'delete';

async function filled(): Promise<SecretStore> {
  const store = memoryStore();
  for (const name of NAMES) await store.set(name, `value of ${name}`);
  return store;
}

async function contents(store: SecretStore): Promise<(string | null)[]> {
  return await Promise.all(NAMES.map((name) => store.get(name)));
}

/** The same store, whose n-th call of one kind is refused; later calls work again. Counts what was asked. */
function failingAt(store: SecretStore, operation: Operation, nth: number): SecretStore & { calls(): number } {
  let calls = 0;
  const refuse = (kind: Operation): void => {
    if (kind !== operation) return;
    calls += 1;
    if (calls === nth) throw new AppError('keychain_denied', { message: 'refused', hint: 'none' });
  };
  return {
    kind: store.kind,
    async get(name) { refuse('get'); return await store.get(name); },
    async set(name, value) { refuse('set'); await store.set(name, value); },
    async delete(name) { refuse('delete'); await store.delete(name); },
    calls: () => calls,
  };
}

describe('moveSecrets', () => {
  it('R28: moves what is there, passes over what is not, and empties the old store', async () => {
    const [from, to] = [await filled(), memoryStore()];
    const whole = await contents(from);
    expect(await moveSecrets({ from, to, names: [...NAMES, 'token:absent', 'token:a'] })).toEqual({ moved: 4 });
    expect(await contents(to)).toEqual(whole);
    expect(await contents(from)).toEqual([null, null, null, null]);
  });

  it.each([['from', 'get'], ['from', 'delete'], ['to', 'get'], ['to', 'set']] as const)('R28: whichever %s.%s fails, the old store is complete', async (side, operation) => {
    let failures = 0;
    for (let nth = 1; ; nth += 1) {
      const [old, fresh] = [await filled(), memoryStore()];
      const whole = await contents(old);
      const failing = failingAt(side === 'from' ? old : fresh, operation, nth);
      const move = moveSecrets({ from: side === 'from' ? failing : old, to: side === 'to' ? failing : fresh, names: NAMES });
      const outcome = await move.then(() => 'moved', (error: unknown) => (error as AppError).code);
      if (outcome === 'moved') {
        expect(failing.calls()).toBe(nth - 1);
        expect(await contents(fresh)).toEqual(whole);
        break;
      }
      failures += 1;
      expect(outcome).toBe('keychain_denied');
      expect(await contents(old), `${side}.${operation} ${nth}`).toEqual(whole);
      // Copies stay only where removing from the old store had begun: they might be the last ones.
      expect(await contents(fresh)).toEqual(operation === 'delete' ? whole : [null, null, null, null]);
    }
    expect(failures).toBeGreaterThanOrEqual(4);
  });

  it('R28: a store that forgets, changes or keeps only the newest value is found out before anything is removed', async () => {
    const lossy: Record<string, (store: SecretStore) => SecretStore> = {
      forgets: (store) => ({ ...store, set: async () => undefined }),
      changes: (store) => ({ ...store, set: (name, value) => store.set(name, value.slice(1)) }),
      'keeps one': (store) => {
        let only: [string, string] | null = null;
        return { ...store, set: async (name, value) => { only = [name, value]; }, get: async (name) => only?.[0] === name ? only[1] : null };
      },
    };
    for (const [what, make] of Object.entries(lossy)) {
      const old = await filled();
      const whole = await contents(old);
      await expect(moveSecrets({ from: old, to: make(memoryStore()), names: NAMES }), what).rejects.toMatchObject({ code: 'keychain_failed' });
      expect(await contents(old)).toEqual(whole);
    }
  });

  it('R28: what the new store held under the same name comes back after a failure', async () => {
    const [old, fresh] = [await filled(), memoryStore()];
    await fresh.set('database-key', 'the older one');
    await expect(moveSecrets({ from: old, to: failingAt(fresh, 'set', 3), names: NAMES })).rejects.toMatchObject({ code: 'keychain_denied' });
    expect(await contents(fresh)).toEqual(['the older one', null, null, null]);
  });

  it('R28: the switch is written down after every round trip and before the first removal; if that fails, nothing moved', async () => {
    const [old, fresh] = [await filled(), memoryStore()];
    const whole = await contents(old);
    let seen: unknown = null;
    await moveSecrets({ from: old, to: fresh, names: NAMES, confirmed: async () => { seen = [await contents(old), await contents(fresh)]; } });
    expect(seen).toEqual([whole, whole]);
    const [again, other] = [await filled(), memoryStore()];
    await expect(moveSecrets({ from: again, to: other, names: NAMES, confirmed: () => { throw new Error('disk full'); } })).rejects.toThrow('disk full');
    expect([await contents(again), await contents(other)]).toEqual([whole, [null, null, null, null]]);
  });

  it('a store is not moved into itself', async () => {
    const store = await filled();
    await expect(moveSecrets({ from: store, to: store, names: NAMES })).rejects.toThrow('itself');
    expect(await contents(store)).not.toContain(null);
  });
});
