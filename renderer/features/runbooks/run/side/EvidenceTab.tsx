// All evidence of the run with its digest: what it is, where it belongs, whether its bytes are here; shown inside the window and saved from it, never opened by anything else.
import { useState } from 'react';
import { Download, Eye, EyeOff } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../../components/Button.tsx';
import { fileStem } from '../../../../components/file-name.ts';
import { HostileText } from '../../../../components/HostileText.tsx';
import { Time } from '../../../../components/Time.tsx';
import { WordChip } from '../../../../components/WordChip.tsx';
import { call } from '../../../../lib/client.ts';
import { formatBytes } from '../../../../lib/format.ts';
import { EvidenceView } from '../../step/EvidenceView.tsx';
import { SaveDialog } from '../dialogs/SaveDialog.tsx';
import { placedStep } from '../run-words.ts';
import { SideScroll } from './SideScroll.tsx';

type Held = RunView['evidence'][number];
interface EvidenceTabProps { readonly run: RunView; readonly onStep: (step: string) => void }

/** Each address once, the newest first. */
export function heldOnce(evidence: readonly Held[]): readonly Held[] {
  return [...new Map(evidence.map((each) => [each.digest, each])).values()].reverse();
}

export function EvidenceTab({ run, onStep }: EvidenceTabProps) {
  const held = heldOnce(run.evidence);
  return (
    <SideScroll label="Evidence of the run" changed={run.evidence}>
      {held.length === 0 ? <p className="sub">No evidence yet. Add it to the step that it proves: files, images from the clipboard, audit queries, snapshots, output.</p>
        : <ul className="run-lines" aria-label="Evidence, the newest first">{held.map((each) => <Item key={each.digest} run={run} held={each} onStep={onStep} />)}</ul>}
    </SideScroll>
  );
}

function Item({ run, held: { digest, name, bytes, type, step, note, at, by, isHere }, onStep }: { readonly run: RunView; readonly held: Held; readonly onStep: (step: string) => void }) {
  const [isShown, setShown] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const placed = placedStep(run, step);
  const [, extension = 'bin'] = /\.([A-Za-z0-9]{1,10})$/u.exec(name) ?? [];
  const shownName = visibleLine(name);
  return (
    <li>
      <p className="run-line-main"><HostileText text={name} /></p>
      <p className="small sub">{formatBytes(bytes)} · <HostileText text={type} /> · <Time iso={at} /> · <HostileText text={by} /></p>
      {note === '' ? null : <p className="small"><HostileText text={note} layout="block" /></p>}
      {placed === null ? <p className="small sub">Of the run as a whole</p> : <button type="button" className="link-quiet small" onClick={() => onStep(placed.step.id)}><HostileText text={placed.step.title} /></button>}
      <p className="small dim mono selectable run-digest">sha256 {digest}</p>
      {isHere ? (
        <div className="row row-wrap run-line-acts">
          <Button look="quiet" icon={isShown ? EyeOff : Eye} aria-expanded={isShown} aria-label={`${isShown ? 'Hide' : 'View'} ${shownName}`} onClick={() => setShown(!isShown)}>{isShown ? 'Hide' : 'View'}</Button>
          <Button look="quiet" icon={Download} aria-label={`Save ${shownName}`} onClick={() => setSaving(true)}>Save…</Button>
        </div>
      ) : <WordChip tone="unknown" word="its bytes are not here" />}
      {isShown ? <EvidenceView runId={run.runId} digest={digest} /> : null}
      {isSaving ? (
        <SaveDialog title="Save evidence" stem={fileStem(name.replace(/\.[A-Za-z0-9]{1,10}$/u, ''))} extension={extension} button="Save the file" onClose={() => setSaving(false)} write={(path) => call('run.saveEvidence', { runId: run.runId, digest, path })}
          done={() => <p className="note-main">It is as it was taken in, byte for byte. Open it with care: nobody here looked into what it does.</p>}>
          <p className="sub"><HostileText text={name} /></p>
        </SaveDialog>
      ) : null}
    </li>
  );
}
