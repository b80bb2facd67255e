// The watched folder: what it does, which one it is, how it stands, and how it is turned off.
import { useState } from 'react';
import { FolderSync } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { FolderPicker } from '../../../components/FolderPicker.tsx';
import type { FolderListing } from '../../../components/FolderPicker.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { putAnswer, refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { useWatching } from './WatchLine.tsx';

export function WatchDialog({ onClose }: { readonly onClose: () => void }) {
  const { data, error, reload } = useWatching();
  return (
    <Dialog title="Watched folder" onClose={onClose} wide>
      <div className="stack">
        <p className="sub">Runs are exchanged through a folder that several people reach: a share, a stick, a synchronised folder. Files of runs that appear there are brought in by themselves, as if you had chosen them. What you record is written there, one file for each run.</p>
        <Note tone="age"><p>These files are signed, not encrypted. Whoever can read the folder can read the runs and their evidence.</p></Note>
        {data === undefined ? (error === null ? <Skeleton lines={3} /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />) : <Setting watching={data} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Setting({ watching, onClose }: { readonly watching: CallOutput<'run.watching'>; readonly onClose: () => void }) {
  const [folder, setFolder] = useState<string | null>(watching.path);
  const [listing, setListing] = useState<FolderListing | null>(null);
  const set = useAction(async (path: string | null) => {
    const answer = await call('run.watch', { path });
    putAnswer('run.watching', {}, answer);
    refetch('run.list', 'identity.list');
    announce(path === null ? 'No folder is watched any more.' : 'The folder is watched.');
  });
  const isSame = listing !== null && listing.path === watching.path;
  return (
    <>
      <dl className="facts" aria-label="How it stands">
        <dt>Now</dt><dd>{watching.path === null ? 'No folder is watched.' : <span className="mono selectable"><HostileText text={watching.path} /></span>}</dd>
        {watching.path === null ? null : <><dt>Looked at</dt><dd>{watching.lastAt === null ? 'Not yet' : <Time iso={watching.lastAt} style="full" age />}</dd></>}
      </dl>
      {watching.problem === null ? null : <Note tone="bad"><p className="note-main"><HostileText text={watching.problem} /></p><p>Holdfast goes on looking, and takes in what it can.</p></Note>}
      {set.error === null ? null : <ErrorNote error={set.error} kept="What is watched is as it was." />}
      <div className="save-as" inert={set.busy}>
        <p className="label-line">{watching.path === null ? 'Folder' : 'Another folder'}</p>
        <FolderPicker path={folder} onPath={setFolder} onListing={setListing} />
      </div>
      <div className="dialog-foot">
        {watching.path === null ? null : <Button look="quiet" busy={set.busy} onClick={() => { void set.run(null); }}>Stop watching</Button>}
        <Button onClick={onClose}>Close</Button>
        <Button look="main" icon={FolderSync} busy={set.busy} disabled={listing === null || !listing.isWritable || isSame} onClick={() => { if (listing !== null) void set.run(listing.path); }}>{isSame ? 'This folder is watched' : 'Watch this folder'}</Button>
      </div>
    </>
  );
}
