// The proof of each finished phase, taken from the record and judged again by the same rules; where the record does not lead there, there is none.
import type { RotationView } from '#shared/contract/rotation.ts';
import { PHASES } from '#shared/domain/rotation.ts';
import type { RotationEntry, RotationPhase } from '#shared/domain/rotation.ts';
import { judgeProbe } from '#shared/domain/rotation-judge.ts';
import type { JudgedProbe } from '#shared/domain/rotation-judge.ts';
import { replayRotation } from '#shared/domain/rotation-steps.ts';

export interface PhaseProof {
  /** The entry that holds the answers. */
  readonly seq: number;
  readonly probedAt: string;
  readonly advancedAt: string;
  readonly actor: string;
  readonly judged: JudgedProbe;
}

export function phaseProofs(entries: readonly RotationEntry[]): ReadonlyMap<RotationPhase, PhaseProof> {
  const proofs = new Map<RotationPhase, PhaseProof>();
  if (replayRotation(entries).problem !== null) return proofs;
  for (const step of entries) {
    if (step.kind !== 'advanced') continue;
    const probed = entries.find(({ seq }) => seq === step.proof);
    const { state } = replayRotation(entries.filter(({ seq }) => seq <= step.proof));
    if (probed?.kind !== 'probed' || state === null) continue;
    proofs.set(step.from, { seq: probed.seq, probedAt: probed.at, advancedAt: step.at, actor: step.actor, judged: judgeProbe(state, probed) });
  }
  return proofs;
}

/** proven: done, and the record bears it. claimed: done, but the record does not verify. left: where an abandoned rotation stopped. */
export type StepState = 'proven' | 'claimed' | 'now' | 'left' | 'to-come';

export function stepState(phase: RotationPhase, { phase: current, outcome, record }: Pick<RotationView, 'phase' | 'outcome' | 'record'>): StepState {
  const at = PHASES.indexOf(phase);
  const now = PHASES.indexOf(current);
  if (at < now || outcome === 'finished') return record.verdict === 'broken' ? 'claimed' : 'proven';
  if (at > now) return 'to-come';
  return outcome === 'abandoned' ? 'left' : 'now';
}
