// The last verification of each deployment's log in this window, with its time; a verdict is older than what came after it, and that is said.
import { create } from 'zustand';
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import { createTasks } from '../../../components/tasks.ts';
import { announce } from '../../../lib/announce.ts';
import { call, onEvent } from '../../../lib/client.ts';
import { refetch } from '../../../lib/query.ts';

export interface Verification { readonly verdict: WitnessVerdict; readonly at: string }

export const verifyTasks = createTasks<{ readonly deploymentId: string }, Verification>(async (input) => {
  followChanges();
  useChanged.setState(({ ids }) => ({ ids: ids.filter((id) => id !== input.deploymentId) }));
  const verdict = await call('audit.verify', input);
  announce(verdict.message);
  refetch('audit.findings', 'audit.checkpoints');
  return { verdict, at: new Date().toISOString() };
});

const useChanged = create<{ readonly ids: readonly string[] }>()(() => ({ ids: [] }));
let isFollowing = false;

function followChanges(): void {
  if (isFollowing) return;
  isFollowing = true;
  onEvent((event) => {
    if (event.name !== 'audit.changed') return;
    const { deploymentId } = event.payload as { deploymentId: string };
    useChanged.setState(({ ids }) => (ids.includes(deploymentId) ? { ids } : { ids: [...ids, deploymentId] }));
  });
}

/** True when the log changed after the last verification began. Changes are followed from the first verification on. */
export function useChangedSince(deploymentId: string): boolean {
  return useChanged(({ ids }) => ids.includes(deploymentId));
}
