// One deployment: how it is reached, its token's claims, what it was seen to offer and why not, its test, and its removal.
import { useState } from 'react';
import { Pencil, Plug, Trash2 } from 'lucide-react';
import type { DeploymentTest } from '#shared/contract/deployment.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { useNow } from '../../lib/clock.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { CapabilityTable } from './CapabilityTable.tsx';
import { freshnessOf } from './freshness.ts';
import { RemoveDialog } from './RemoveDialog.tsx';
import { TestResult } from './TestResult.tsx';
import { TokenSection } from './TokenSection.tsx';

export function DeploymentDetail({ deployment, onRemoved }: { readonly deployment: Deployment; readonly onRemoved: (text: string) => void }) {
  const go = useApp((state) => state.go);
  const nowMs = useNow();
  const [result, setResult] = useState<DeploymentTest | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const test = useAction(async () => {
    const answer = await call('deployment.test', { id: deployment.id });
    setResult(answer);
    announce(answer.reached ? `Test done. The deployment answered in ${Math.round(answer.durationMs)} milliseconds.` : 'Test done. The deployment could not be reached.');
    refetch('deployment.list', 'deployment.get');
  });
  const fresh = freshnessOf(deployment.reachability, nowMs);
  return (
    <>
      <header className="pane-head">
        <h2 className="cut"><HostileText text={deployment.name} /></h2><EnvironmentBadge environment={deployment.environment} />
        <span className="grow" />
        <Button look="quiet" icon={Pencil} onClick={() => go('deployments', { deploymentId: deployment.id, deploymentForm: { kind: 'edit', id: deployment.id } })}>Edit</Button>
        <Button icon={Plug} busy={test.busy} onClick={() => { void test.run(); }}>Test</Button>
      </header>
      {test.error === null ? null : <ErrorNote error={test.error} />}
      {result === null ? null : <TestResult result={result} />}
      {result === null && fresh.tone === 'stale' ? <Note tone="age"><HostileText text={fresh.detail} />{deployment.reachability.at === null ? null : <> Last tried <Time iso={deployment.reachability.at} age />.</>}</Note> : null}
      {result === null && fresh.tone === 'fail' ? <Note tone="bad"><HostileText text={fresh.detail} /></Note> : null}
      <dl className="facts">
        <dt>Address</dt><dd className="mono"><HostileText text={deployment.url} /></dd>
        <dt>Transport</dt><dd>{deployment.transport === 'encrypted' ? 'TLS' : 'Unencrypted, this machine'}{deployment.hasCa ? ' · own CA' : ''}{deployment.pin === null ? '' : ' · key pinned'}</dd>
        {deployment.pin === null ? null : <><dt>Pin</dt><dd className="mono">{deployment.pin}</dd></>}
        <dt>Access</dt><dd>{deployment.kind === 'karen' ? 'From outside only: anonymous requests that read' : deployment.readOnly ? 'Read-only: nothing that could change the deployment is sent' : <span className="text-stale">Read and write: changing requests are allowed</span>}</dd>
        <dt>Freshness</dt><dd>{fresh.word}{fresh.asOf === null ? '' : <> · last answer <Time iso={fresh.asOf} age /></>}</dd>
        {deployment.kind === 'karen' ? <><dt>Kind</dt><dd>AI-Karen, looked at from outside only: probes without a token, and imported configuration files</dd></> : <><dt>Dialect</dt><dd>{deployment.dialect === null ? <span className="dim">not known; test to find out</span> : <>NAVI, dialect {deployment.dialect}</>}</dd>
        <dt>Role</dt><dd>{deployment.role ?? <span className="dim">not known; test to find out</span>}</dd></>}
        <dt>Added</dt><dd><Time iso={deployment.createdAt} style="full" /></dd>
      </dl>
      {deployment.kind === 'karen' ? null : <><TokenSection deployment={deployment} /><CapabilityTable capabilities={result?.capabilities ?? deployment.capabilities} observedAt={result?.testedAt ?? deployment.capabilitiesAt} /></>}
      <div className="pane-end"><Button look="danger" icon={Trash2} onClick={() => setRemoving(true)}>Remove this deployment…</Button></div>
      {isRemoving ? <RemoveDialog deployment={deployment} onClose={() => setRemoving(false)} onRemoved={onRemoved} /> : null}
    </>
  );
}
