// Secrets for the life of this process only; it refuses to outlive it and writes nothing anywhere.
import type { SecretStore } from '../ports.ts';
import { Secret } from '../secret.ts';
import { assertStorable } from './value.ts';

/** A store that is empty at every start. Chosen by the admin, never fallen back to. */
export function memoryStore(): SecretStore {
  const values = new Map<string, Secret>();
  return {
    kind: 'memory',
    async get(name) {
      assertStorable(name);
      return values.get(name)?.reveal() ?? null;
    },
    async set(name, value) {
      assertStorable(name, value);
      values.set(name, new Secret(value));
    },
    async delete(name) {
      assertStorable(name);
      values.delete(name);
    },
  };
}
