// The look at the nodes, and the step that rests on it, as work that goes on when the panel is closed.
import type { RotationView } from '#shared/contract/rotation.ts';
import type { RotationPhase } from '#shared/domain/rotation.ts';
import { PHASE_WORDS } from '#shared/domain/rotation-words.ts';
import { createTasks } from '../../../components/tasks.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { putAnswer, refetch } from '../../../lib/query.ts';

export interface RotationWork { readonly deploymentId: string; /** The phase to mark done; null: only ask. */ readonly done: RotationPhase | null }

/** Puts what is known now where the panel reads it, so that no button of the step before is there for a moment. */
export async function readRotationAgain(deploymentId: string): Promise<void> {
  try {
    putAnswer('rotation.show', { deploymentId }, await call('rotation.show', { deploymentId }));
  } catch {
    // The panel asks again and shows why it cannot be read.
    refetch('rotation.show');
  }
}

function sentence(view: RotationView, done: RotationPhase | null): string {
  if (done !== null) return view.outcome === 'finished' ? 'The rotation is finished and its record is signed.' : `${PHASE_WORDS[done].title} is done. Now: ${PHASE_WORDS[view.phase].title}.`;
  const proofVoid = view.probe?.void ?? null;
  if (proofVoid !== null) return proofVoid.message;
  return view.lacking.length === 0 ? 'The nodes were asked. This phase can be marked done.' : `The nodes were asked. This phase is not proven: ${view.lacking[0] ?? ''}`;
}

export const rotationTasks = createTasks<RotationWork, RotationView>(async ({ deploymentId, done }) => {
  try {
    const view = done === null ? await call('rotation.probe', { deploymentId }) : await call('rotation.advance', { deploymentId, phase: done });
    announce(sentence(view, done));
    return view;
  } finally {
    // A step that was refused may have asked the nodes as well.
    await readRotationAgain(deploymentId);
  }
});
