// The rotation of a deployment's JWT signing key: begun here, taken step by step on proof, and kept as a signed record beside the earlier ones. It holds no signing key and shows no token.
import { useState } from 'react';
import { ChevronDown, RotateCcwKey } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Menu } from '../../../components/Menu.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { plural } from '../../../lib/format.ts';
import { OneRotation } from './OneRotation.tsx';
import { OUTCOME_WORDS, outcomeLook } from './record-words.ts';
import './rotation.css';
import { StartForm } from './StartForm.tsx';
import { useRotation } from './use-rotation.ts';

type Heads = CallOutput<'rotation.show'>['all'];

interface RotationPanelProps { readonly deployment: Deployment; readonly onClose: () => void }

/** What was chosen or begun for one deployment must not be there for the next. */
export function RotationPanel(props: RotationPanelProps) {
  return <Rotations key={props.deployment.id} {...props} />;
}

function Rotations({ deployment, onClose }: RotationPanelProps) {
  const { id, name, url, environment, kind } = deployment;
  const [chosen, setChosen] = useState<string | null>(null);
  const [isStarting, setStarting] = useState(false);
  const query = useRotation(id, chosen);
  const { data, error } = query;
  const view = data?.rotation ?? null;
  const all = data?.all ?? [];
  const hasOpen = all.some(({ outcome }) => outcome === 'open');
  const look = view === null ? null : outcomeLook(view);
  const about = (
    <span className="row">
      <HostileText text={name} /> <EnvironmentBadge environment={environment} />
      {view === null || look === null || isStarting ? null : <><WordChip tone={look.tone} word={look.word} /><span>{plural(view.nodes.length, 'node')} · {view.endedAt === null ? <>started <Time iso={view.startedAt} age /></> : <>ended <Time iso={view.endedAt} age /></>}</span></>}
    </span>
  );
  const actions = kind !== 'navi' || all.length === 0 ? null : (
    <>
      {all.length > 1 ? <Past all={all} onChoose={(rotationId) => { setStarting(false); setChosen(rotationId === all[0]?.rotationId ? null : rotationId); }} shown={view?.rotationId ?? null} /> : null}
      {hasOpen || isStarting ? null : <Button look="main" icon={RotateCcwKey} onClick={() => setStarting(true)}>Start a rotation…</Button>}
    </>
  );
  return (
    <Workspace title="JWT rotation" about={about} actions={actions} back="Back to the checks" onClose={onClose}>
      {kind !== 'navi' ? <EmptyState icon={RotateCcwKey} title="No rotation here"><p>An AI-Karen is asked without a token, so Holdfast cannot prove which key it takes. A rotation is for a NAVI.</p></EmptyState>
        : data === undefined ? <div className="pad">{error === null ? <Skeleton lines={6} label="Reading the rotation" /> : <ErrorNote error={error} onRetry={() => { void query.reload(); }} />}</div>
          : view === null || isStarting ? <Begin deployment={deployment} nodes={view?.nodes ?? [url]} onStarted={() => { setChosen(null); setStarting(false); }} onCancel={view === null ? undefined : () => setStarting(false)} />
            : (
              <>
                {error === null ? null : <div className="pad"><ErrorNote error={error} kept="What was read before is still shown." onRetry={() => { void query.reload(); }} /></div>}
                <OneRotation key={view.rotationId} view={view} />
              </>
            )}
    </Workspace>
  );
}

function Begin(props: Parameters<typeof StartForm>[0]) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard.
    <div className="scroll begin" role="region" aria-label="A new rotation" tabIndex={0}>
      <div className="begin-box stack">
        <h3>Rotate the signing key, and prove each step</h3>
        <p className="sub">Four phases: prepare, deploy, validate, cutover. You roll out the keys; Holdfast asks every node with a token of each key and one with a broken signature, and lets no step pass that the answers do not prove. At the end stands a signed record.</p>
        <p className="sub">It takes tokens, never a signing key. The tokens lie in the secret store until the rotation ends. Starting sends nothing.</p>
        <StartForm {...props} />
      </div>
    </div>
  );
}

function Past({ all, shown, onChoose }: { readonly all: Heads; readonly shown: string | null; readonly onChoose: (rotationId: string) => void }) {
  return (
    <Menu label="Rotations of this deployment" className="rotation-past" button={<><span>{plural(all.length, 'rotation')}</span><ChevronDown size={13} aria-hidden /></>}
      items={all.map(({ rotationId, outcome, startedAt }) => ({
        id: rotationId, text: OUTCOME_WORDS[outcome], checked: rotationId === shown, onChoose: () => onChoose(rotationId),
        content: <><span className="rotation-outcome">{OUTCOME_WORDS[outcome]}</span> <span className="sub nowrap">started <Time iso={startedAt} /></span></>,
      }))} />
  );
}
