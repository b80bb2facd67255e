// The baselines that this deployment can be held to, with version and digest; chooses one, or takes one in from a file. A broken one is refused with its line and reason.
import { useRef, useState } from 'react';
import { FileDown } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { Baseline } from '#shared/domain/posture.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call, ClientError } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { refetch, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { pathsOf } from '../audit/import/import-task.ts';

interface BaselineDialogProps { readonly deployment: Deployment; readonly shown: Baseline; readonly onChoose: (baselineId: string) => void; readonly onClose: () => void }

export function BaselineDialog({ deployment, shown, onChoose, onClose }: BaselineDialogProps) {
  const all = useQuery('security.baselines', {});
  const picker = useRef<HTMLInputElement>(null);
  const [taken, setTaken] = useState<Baseline | null>(null);
  const take = useAction(async (file: File) => {
    setTaken(null);
    const { paths: [path], refusal } = await pathsOf([file]);
    if (path === undefined) throw new ClientError({ code: 'file_not_found', message: refusal ?? 'No file was chosen.', hint: 'Choose a file of this machine.', id: 'window' });
    const imported = await call('security.importBaseline', { path });
    setTaken(imported);
    refetch('security.baselines');
    announce(`Imported ${imported.id} ${imported.version}.`);
  });
  const own = all.data?.baselines.filter(({ kind }) => kind === deployment.kind) ?? [];
  return (
    <Dialog title="Baseline" onClose={onClose} wide>
      <div className="stack">
        <p className="sub">A baseline is the list of checks that a deployment is held to. Choosing another evaluates what is held here anew; nothing is sent.</p>
        {all.data === undefined ? (all.error === null ? <Skeleton lines={3} /> : <ErrorNote error={all.error} onRetry={() => { void all.reload(); }} />) : (
          <ul className="baselines" aria-label="Baselines">
            {own.map((baseline) => (
              <li key={`${baseline.id} ${baseline.digest}`} className="baseline" aria-current={baseline.digest === shown.digest ? 'true' : undefined}>
                <div>
                  <p><strong><HostileText text={baseline.title} /></strong> <span className="mono dim"><HostileText text={baseline.id} /> <HostileText text={baseline.version} /></span></p>
                  <p className="small sub">{plural(baseline.checks, 'check')} · {baseline.origin === 'shipped' || baseline.importedAt === null ? 'shipped with Holdfast' : <>imported <Time iso={baseline.importedAt} /></>}{baseline.source === '' ? null : <> · <HostileText text={baseline.source} /></>}</p>
                  <p className="small dim mono digest">sha256 {baseline.digest}</p>
                </div>
                {baseline.digest === shown.digest ? <span className="small sub nowrap">in use</span> : <Button onClick={() => onChoose(baseline.id)}>Use it</Button>}
              </li>
            ))}
          </ul>
        )}
        {taken === null ? null : <Note tone={taken.kind === deployment.kind ? 'good' : 'age'}><p className="note-main"><HostileText text={`${taken.title}, ${taken.id} ${taken.version}`} /> was taken in.{taken.kind === deployment.kind ? '' : ' It is for another kind of deployment, so it is not listed here.'}</p></Note>}
        {take.error === null ? null : <ErrorNote error={take.error} />}
        <div className="dialog-foot">
          <Button icon={FileDown} busy={take.busy} onClick={() => picker.current?.click()}>Import a baseline…</Button>
          <Button look="main" onClick={onClose}>Close</Button>
          <input ref={picker} type="file" accept=".yaml,.yml" hidden aria-label="Baseline file" onChange={(event) => { const file = event.target.files?.[0]; event.target.value = ''; if (file !== undefined) void take.run(file); }} />
        </div>
      </div>
    </Dialog>
  );
}
