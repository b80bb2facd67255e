// Every deployment, and the truth about the selected one: how it is reached, what it offers, whose token is used.
import { useState } from 'react';
import { FlaskConical, Plus } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { onRowKey } from '../../components/row-keys.ts';
import { Pane } from '../../components/Pane.tsx';
import { Screen } from '../../components/Screen.tsx';
import { useNow } from '../../lib/clock.ts';
import { formatAge, plural } from '../../lib/format.ts';
import './deployments.css';
import { DeploymentDetail } from './DeploymentDetail.tsx';
import { DeploymentForm } from './DeploymentForm.tsx';
import { freshnessOf } from './freshness.ts';
import { NoDeployment } from './NoDeployment.tsx';
import { trySample, useSample } from './sample.ts';

export function DeploymentsScreen({ deployments, current }: { readonly deployments: readonly Deployment[]; readonly current: Deployment | null }) {
  const { deploymentForm: form, go, choose } = useApp();
  const sample = useSample();
  const [removed, setRemoved] = useState<string | null>(null);
  const hasSample = deployments.some(({ environment }) => environment === 'sample');
  const edited = form?.kind === 'edit' ? deployments.find(({ id }) => id === form.id) ?? null : null;
  const addButton = <Button look={form === null ? 'main' : 'plain'} icon={Plus} disabled={form?.kind === 'add'} onClick={() => go('deployments', { deploymentForm: { kind: 'add' } })}>Add a deployment</Button>;
  return (
    <Screen title="Deployments" about={deployments.length === 0 ? null : plural(deployments.length, 'deployment')}
      actions={<>{deployments.length === 0 ? null : <Button look="quiet" icon={FlaskConical} busy={sample.phase === 'starting' || sample.phase === 'syncing'} onClick={() => { void trySample(); }}>{hasSample ? 'Start the sample again' : 'Try the sample deployment'}</Button>}{addButton}</>}>
      {removed === null ? null : <p className="pad sub">{removed}</p>}
      {deployments.length === 0 && form === null ? <NoDeployment /> : (
        <div className="split deployments">
          <div className="split-list">{deployments.length === 0 ? <p className="pad dim">None yet.</p> : <List deployments={deployments} current={form?.kind === 'add' ? null : current} onChoose={(id) => { setRemoved(null); choose(id); }} />}</div>
          <Pane label={form === null ? 'Selected deployment' : 'Form'}>
            {form?.kind === 'add' ? <DeploymentForm key="add" deployment={null} onDone={(id) => go('deployments', id === null ? {} : { deploymentId: id })} />
              : edited !== null ? <DeploymentForm key={edited.id} deployment={edited} onDone={() => go('deployments')} />
                : current === null ? <p className="pane-empty">No deployment is selected.</p>
                  : <DeploymentDetail key={current.id} deployment={current} onRemoved={(text) => { setRemoved(text); choose(null); }} />}
          </Pane>
        </div>
      )}
    </Screen>
  );
}

function List({ deployments, current, onChoose }: { readonly deployments: readonly Deployment[]; readonly current: Deployment | null; readonly onChoose: (id: string) => void }) {
  const nowMs = useNow();
  const index = Math.max(0, deployments.findIndex(({ id }) => id === current?.id));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- rows can be selected and arrows move, so this table is a grid (ARIA practices).
    <table className="table deployment-list" role="grid" aria-label="Deployments" onKeyDown={(event) => onRowKey(event, { count: deployments.length, index, onMove: (to) => {
      const next = deployments[to];
      if (next === undefined) return;
      onChoose(next.id);
      event.currentTarget.querySelectorAll<HTMLElement>('tbody tr')[to]?.focus();
    } })}>
      <thead><tr><th scope="col">Name</th><th scope="col" className="col-url">Address</th><th scope="col" className="col-fresh">Freshness</th></tr></thead>
      <tbody>
        {deployments.map((deployment, at) => {
          const fresh = freshnessOf(deployment.reachability, nowMs);
          return (
            <tr key={deployment.id} tabIndex={at === index ? 0 : -1} aria-selected={deployment.id === current?.id} onClick={() => onChoose(deployment.id)}>
              <td><span className="row"><span className="switch-name cut"><HostileText text={deployment.name} /></span><EnvironmentBadge environment={deployment.environment} />{deployment.kind === 'karen' ? <span className="small dim cut">AI-Karen</span> : null}</span></td>
              <td className="mono sub"><HostileText text={deployment.url} /></td>
              <td className="sub"><span className={`dot dot-${fresh.tone} dot-inline`} aria-hidden />{fresh.word}{fresh.asOf === null ? null : <span title={fresh.asOf}> · {formatAge(fresh.asOf, nowMs)}</span>}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
