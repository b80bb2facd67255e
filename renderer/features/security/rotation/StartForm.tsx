// Begins a rotation: which nodes are asked, and how long tokens live where that is known. Nothing is sent by it, and no key is asked for.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { RotateCcwKey } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { MAX_NODES } from '#shared/domain/rotation.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { useAction } from '../../../lib/use-action.ts';
import { readRotationAgain } from './rotation-task.ts';
import { LIFE_UNITS, readStart } from './start-draft.ts';
import type { LifeUnit } from './start-draft.ts';

interface StartFormProps { readonly deployment: Deployment; /** Addresses to begin with. */ readonly nodes: readonly string[]; readonly onStarted: () => void; readonly onCancel?: (() => void) | undefined }

export function StartForm({ deployment, nodes, onStarted, onCancel }: StartFormProps) {
  const home = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<{ readonly nodes: string; readonly life: string; readonly unit: LifeUnit }>({ nodes: nodes.join('\n'), life: '', unit: 'hours' });
  const [wasTried, setTried] = useState(false);
  const read = readStart(draft);
  const start = useAction(async () => {
    await call('rotation.start', { deploymentId: deployment.id, nodes: [...read.nodes], ttlSeconds: read.ttlSeconds });
    announce('The rotation has begun. Nothing was sent yet.');
    await readRotationAgain(deployment.id);
    onStarted();
  });
  useFocusHome(home, start.error);
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (read.nodesError !== null || read.lifeError !== null) home.current?.querySelector<HTMLElement>(read.nodesError === null ? 'input' : 'textarea')?.focus();
    else void start.run();
  }
  return (
    <form ref={home} tabIndex={-1} className="stack start-form" aria-label="Start a rotation" onSubmit={submit} noValidate>
      <Field label="Nodes" error={wasTried ? read.nodesError : null} hint={`One address a line, up to ${MAX_NODES}. An answer tells of one node only: where several stand behind one address, give the address of each.`}>
        {(ids) => <textarea {...ids} className="textarea mono" rows={3} spellCheck={false} autoComplete="off" value={draft.nodes} onChange={(event) => setDraft({ ...draft, nodes: event.target.value })} />}
      </Field>
      <div className="start-life">
        <Field label="How long tokens live" optional error={wasTried ? read.lifeError : null} hint="As the issuer is set. The cutover waits one such time where no old token in use is given.">
          {(ids) => <input {...ids} className="input" inputMode="numeric" value={draft.life} autoComplete="off" onChange={(event) => setDraft({ ...draft, life: event.target.value })} />}
        </Field>
        <Field label="Unit">
          {(ids) => <select {...ids} className="select" value={draft.unit} onChange={(event) => setDraft({ ...draft, unit: event.target.value as LifeUnit })}>{LIFE_UNITS.map(({ id }) => <option key={id} value={id}>{id}</option>)}</select>}
        </Field>
      </div>
      {start.error === null ? null : <ErrorNote error={start.error} />}
      <div className="row"><Button type="submit" look="main" icon={RotateCcwKey} busy={start.busy}>Start the rotation</Button>{onCancel === undefined ? null : <Button look="quiet" onClick={onCancel}>Cancel</Button>}</div>
    </form>
  );
}
