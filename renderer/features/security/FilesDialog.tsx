// Configuration files as declared evidence: takes one in, says what it turned out to be, and lists the settings in it that no check reads.
import { useRef } from 'react';
import { FileDown } from 'lucide-react';
import type { SecurityView } from '#shared/contract/security.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { plural } from '../../lib/format.ts';
import { heldFiles } from './evidence-words.ts';
import type { FileTaking } from './use-file-taking.ts';

interface FilesDialogProps { readonly deployment: Deployment; readonly view: SecurityView | undefined; readonly taking: FileTaking; readonly onClose: () => void }

export function FilesDialog({ deployment, view, taking, onClose }: FilesDialogProps) {
  const picker = useRef<HTMLInputElement>(null);
  const uncovered = view?.uncovered ?? [];
  const held = heldFiles(view?.checks ?? []);
  return (
    <Dialog title="Configuration files" onClose={onClose} wide>
      <div className="stack">
        <p className="sub">{deployment.kind === 'karen' ? 'Import production.json and security_production.yml as they lie on the deployment. What they say counts as declared; probes show whether it is so.' : 'A configuration file of a deployment counts as declared. The baselines for a NAVI read none, so a file would change no check here.'} A file is known by its content and never changed. It can also be dropped on the screen.</p>
        {taking.taken.map((one) => (
          <Note key={`${one.digest} ${one.source}`} tone="good"><p className="note-main"><HostileText text={one.about} /></p><p className="mono small"><HostileText text={one.source} /></p></Note>
        ))}
        {taking.action.error === null ? null : <ErrorNote error={taking.action.error} />}
        {held.length === 0 ? (deployment.kind === 'karen' ? <p className="dim">No file is held yet.</p> : null) : (
          <section className="stack-small" aria-label="Files held">
            <h3>{plural(held.length, 'file')} read by the checks</h3>
            <ul className="held-files">{held.map(({ source, observedAt }) => <li key={source}><span className="mono"><HostileText text={source} /></span> <span className="small dim">taken in <Time iso={observedAt} age /></span></li>)}</ul>
          </section>
        )}
        {uncovered.length === 0 ? null : (
          <section className="stack-small" aria-label="Settings without a check">
            <h3>{plural(uncovered.length, 'setting')} without a check</h3>
            <p className="small sub">They stand in an imported file. No check of this baseline reads them and it gives no reason why not, so nothing is known about them.</p>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
            <ul className="uncovered mono" tabIndex={0}>{uncovered.map((path) => <li key={path}><HostileText text={path} /></li>)}</ul>
          </section>
        )}
        <div className="dialog-foot">
          <Button icon={FileDown} busy={taking.action.busy} data-first-focus onClick={() => picker.current?.click()}>Choose a file…</Button>
          <Button look="main" onClick={onClose}>Close</Button>
          <input ref={picker} type="file" accept=".json,.yml,.yaml" multiple hidden aria-label="Configuration file" onChange={(event) => { const files = [...event.target.files ?? []]; event.target.value = ''; void taking.takeFiles(files); }} />
        </div>
      </div>
    </Dialog>
  );
}
