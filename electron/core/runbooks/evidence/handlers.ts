// Contract to service, for the evidence of runs.
import type { Handlers } from '../../dispatch.ts';
import type { Evidence } from './service.ts';

export function runEvidenceHandlers(evidence: Evidence): Handlers<'run.addEvidence' | 'run.evidence' | 'run.saveEvidence'> {
  return {
    'run.addEvidence': (input, { signal }) => evidence.add(input, signal),
    'run.evidence': (input) => evidence.part(input),
    'run.saveEvidence': (input) => evidence.save(input),
  };
}
