// A finished phase shows the answers that proved it, and none where the record does not lead there.
import { describe, expect, it } from 'vitest';
import { PHASES } from '#shared/domain/rotation.ts';
import { finished, withTokens } from '../../../../test/support/rotation-entries.ts';
import { phaseProofs, stepState } from './phase-proof.ts';

describe('proofs of phases', () => {
  it('are those that the record names, each judged as a proof', () => {
    const entries = finished().entries();
    const proofs = phaseProofs(entries);
    expect([...proofs.keys()]).toEqual([...PHASES]);
    for (const [phase, proof] of proofs) {
      expect(entries[proof.seq - 1]).toMatchObject({ kind: 'probed', phase, at: proof.probedAt });
      expect(proof.judged.void).toBeNull();
      expect(proof.judged.isProof).toBe(true);
    }
  });

  it('are none for phases without a step, and none at all where a step was not allowed', () => {
    expect([...phaseProofs(withTokens().probe(10).entries()).keys()]).toEqual([]);
    expect([...phaseProofs(withTokens().probe(10).advance(20).entries()).keys()]).toEqual(['prepare']);
    expect(phaseProofs(withTokens().probe(10, { new: 'accepted' }).advance(20).entries()).size).toBe(0);
  });
});

describe('the state of a step', () => {
  const record = { entries: 1, headDigest: '0'.repeat(64), verdict: 'open' as const, firstBrokenSeq: null, message: '' };
  it('is done before the present one, to come after it', () => {
    expect(PHASES.map((phase) => stepState(phase, { phase: 'validate', outcome: 'open', record }))).toEqual(['proven', 'proven', 'now', 'to-come']);
    expect(PHASES.map((phase) => stepState(phase, { phase: 'deploy', outcome: 'abandoned', record }))).toEqual(['proven', 'left', 'to-come', 'to-come']);
    expect(PHASES.map((phase) => stepState(phase, { phase: 'cutover', outcome: 'finished', record }))).toEqual(['proven', 'proven', 'proven', 'proven']);
  });

  it('is never proven by a record that does not verify', () => {
    for (const outcome of ['open', 'finished', 'abandoned'] as const) expect(PHASES.map((phase) => stepState(phase, { phase: 'cutover', outcome, record: { ...record, verdict: 'broken' } }))).not.toContain('proven');
  });
});
