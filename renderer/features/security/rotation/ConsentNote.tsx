// Whether looks at this deployment are allowed, as for its other probes, and the way to allow them; nothing is sent by it.
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Note } from '../../../components/Note.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { putAnswer, refetch, useQuery } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';

/** Null while it is not known. */
export function useProbesAllowed(deploymentId: string): boolean | null {
  const { data } = useQuery('security.plan', { deploymentId });
  return data === undefined ? null : data.consents.some(({ consent, isAllowed }) => consent === 'probes' && isAllowed);
}

export function ConsentNote({ deploymentId }: { readonly deploymentId: string }) {
  const plan = useQuery('security.plan', { deploymentId });
  const isAllowed = useProbesAllowed(deploymentId);
  const allow = useAction(async () => {
    putAnswer('security.plan', { deploymentId }, await call('security.setConsent', { deploymentId, consent: 'probes', isAllowed: true }));
    refetch('security.plan');
    announce('Probes of this deployment are allowed.');
  });
  if (plan.data === undefined && plan.error !== null) return <ErrorNote error={plan.error} onRetry={() => { void plan.reload(); }} />;
  if (isAllowed !== false) return null;
  return (
    <>
      <Note tone="age">
        <p className="note-main">Probes are switched off for this deployment, so its nodes cannot be asked.</p>
        <p>What a probe sends stands below. Allowing it also allows the other looks of the Security screen; each of them only reads.</p>
        <div className="row note-action"><Button busy={allow.busy} onClick={() => { void allow.run(); }}>Allow probes</Button></div>
      </Note>
      {allow.error === null ? null : <ErrorNote error={allow.error} kept="Probes stay switched off." />}
    </>
  );
}
