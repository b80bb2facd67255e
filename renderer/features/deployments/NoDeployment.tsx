// What every screen shows before there is a deployment: the two ways to begin.
import { FlaskConical, Plus, ServerOff } from 'lucide-react';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { trySample, useSample } from './sample.ts';

export function NoDeployment() {
  const { phase, error } = useSample();
  const go = useApp((state) => state.go);
  const isBusy = phase === 'starting' || phase === 'syncing';
  return (
    <EmptyState icon={ServerOff} title="No deployment yet" actions={(
      <>
        <Button look="main" icon={Plus} disabled={isBusy} onClick={() => go('deployments', { deploymentForm: { kind: 'add' } })}>Add a deployment</Button>
        <Button icon={FlaskConical} busy={isBusy} onClick={() => { void trySample(); }}>Try the sample deployment</Button>
      </>
    )}>
      <p>Connect Holdfast to a deployment to see its security status and its audit log. The sample runs on this machine, holds made-up events, and is marked SAMPLE everywhere.</p>
      {isBusy ? <p role="status">Starting the sample deployment…</p> : null}
      {phase === 'failed' && error !== null ? <ErrorNote error={error} /> : null}
    </EmptyState>
  );
}
