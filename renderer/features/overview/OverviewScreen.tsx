// Every deployment and this workstation at a glance, from the cache; it asks no deployment anything.
import type { AppStatus } from '#shared/contract/app.ts';
import { Plus } from 'lucide-react';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { DeploymentRow } from './DeploymentRow.tsx';
import './overview.css';
import { Workstation } from './Workstation.tsx';

export function OverviewScreen({ status }: { readonly status: AppStatus }) {
  const overview = useQuery('overview.show', {});
  const go = useApp((state) => state.go);
  const rows = overview.data?.deployments;
  const production = rows?.filter(({ deployment }) => deployment.environment === 'production').length ?? 0;
  return (
    <Screen title="Overview" about={rows === undefined || rows.length === 0 ? null : `${plural(rows.length, 'deployment')}${production === 0 ? '' : `, ${production} in production`}`}
      actions={rows === undefined || rows.length === 0 ? null : <><Button look="quiet" onClick={() => go('deployments')}>All deployments</Button><Button icon={Plus} onClick={() => go('deployments', { deploymentForm: { kind: 'add' } })}>Add a deployment</Button></>}>
      <div className="overview">
        {overview.error === null ? null : <div className="pad"><ErrorNote error={overview.error} {...(rows === undefined ? {} : { kept: 'What was read before is still shown.' })} onRetry={() => { void overview.reload(); }} /></div>}
        {rows === undefined ? (overview.error === null ? <div className="pad"><Skeleton lines={6} /></div> : null) : rows.length === 0 ? <NoDeployment /> : (
          <table className="table table-wrapping deployments-table">
            <thead><tr><th scope="col" className="col-name">Deployment</th><th scope="col" className="col-checks">Checks</th><th scope="col" className="col-audit">Audit log</th><th scope="col" className="col-worst">Worst findings</th></tr></thead>
            <tbody>{rows.map((row) => <DeploymentRow key={row.deployment.id} row={row} />)}</tbody>
          </table>
        )}
        <Workstation status={status} />
      </div>
    </Screen>
  );
}
