// A run as a signed file, for a stick, a chat or a share: with the bytes of its evidence, or with their digests alone.
import { useState } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { call } from '../../../../lib/client.ts';
import { formatBytes, plural } from '../../../../lib/format.ts';
import { runStem } from '../file-stem.ts';
import { SaveDialog } from './SaveDialog.tsx';

export function ExportDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const [withEvidence, setWithEvidence] = useState(true);
  const [stem] = useState(() => runStem(run.title, Date.now()));
  const here = [...new Map(run.evidence.filter(({ isHere }) => isHere).map((each) => [each.digest, each])).values()];
  return (
    <SaveDialog title="Share this run as a file" stem={stem} extension="holdfast-run" button="Write the file" onClose={onClose}
      write={(path) => call('run.export', { runId: run.runId, path, withEvidence })}
      done={({ events }) => <p className="note-main">{plural(events, 'event')}, signed and sealed. Whoever brings the file in sees who signed what, and joins it with what is there.</p>}>
      <p className="sub">It holds every event of this run with its signature. It is not encrypted: everybody who gets the file can read it.</p>
      <label className="check">
        <input type="checkbox" checked={withEvidence} disabled={here.length === 0} onChange={(event) => setWithEvidence(event.target.checked)} />
        <span>With the evidence{here.length === 0 ? ': there is none here' : `: ${plural(here.length, 'file')}, ${formatBytes(here.reduce((sum, { bytes }) => sum + bytes, 0))}`}<br /><span className="small sub">Without it the file names each by its digest, and the bytes can follow.</span></span>
      </label>
    </SaveDialog>
  );
}
