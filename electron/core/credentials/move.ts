// Moves secrets from one store to another; it refuses to remove anything from the old one before every value was read back from the new one.
import { timingSafeEqual } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { SecretStore } from '../ports.ts';
import { Secret } from '../secret.ts';

export interface Move {
  readonly from: SecretStore;
  readonly to: SecretStore;
  /** Names to move; one that the old store does not hold is passed over. The old store must have been probed as working. */
  readonly names: readonly string[];
  /** Runs once every round trip held and before anything is removed: the place to write down which store counts, so that a crash never leaves it pointing at the emptied one. */
  readonly confirmed?: () => void | Promise<void>;
}

interface Copied { readonly name: string; readonly value: Secret; readonly before: Secret | null }

function same(left: string, right: string | null): boolean {
  if (right === null) return false;
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function notHeld(): AppError {
  return new AppError('keychain_failed', {
    message: 'A secret did not read back from the new store as it was written. The old store is complete and stays in use.',
    hint: 'Check the new store (locked?), then try again.',
  });
}

/** Puts things back as far as the stores allow; what fails here must not hide the error that led here. */
async function quietly(steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) await step().catch(() => undefined);
}

/**
 * Copies, reads every copy back, and only then removes from the old store (R28). After any failure the old store is complete,
 * what was copied is taken back out of the new one where it allows that, and the error of the store (or of `confirmed`) is thrown.
 * When removing from the old store fails, both stores are complete.
 */
export async function moveSecrets({ from, to, names, confirmed }: Move): Promise<{ moved: number }> {
  if (from === to) throw new Error('cannot move secrets from a store to itself');
  const copied: Copied[] = [];
  try {
    for (const name of new Set(names)) {
      const value = await from.get(name);
      if (value === null) continue;
      const before = await to.get(name);
      copied.push({ name, value: new Secret(value), before: before === null ? null : new Secret(before) });
      await to.set(name, value);
      if (!same(value, await to.get(name))) throw notHeld();
    }
    // Once more after the last write: a store that keeps only the newest value would pass the first round.
    for (const { name, value } of copied) if (!same(value.reveal(), await to.get(name))) throw notHeld();
    await confirmed?.();
  } catch (error) {
    await quietly(copied.map(({ name, before }) => () => before === null ? to.delete(name) : to.set(name, before.reveal())));
    throw error;
  }
  const touched: Copied[] = [];
  try {
    for (const entry of copied) {
      touched.push(entry);
      await from.delete(entry.name);
    }
  } catch (error) {
    // The new store keeps its verified copies here: they may be the only ones if the old store does not take its own back.
    await quietly(touched.map(({ name, value }) => () => from.set(name, value.reveal())));
    throw error;
  }
  return { moved: copied.length };
}
