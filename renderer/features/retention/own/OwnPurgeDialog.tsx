// What this workstation's own rule takes now, and the one place where it is removed: the button stays closed until somebody says that it was read. It never takes the ledger or a held row.
import { useEffect, useState } from 'react';
import type { CallOutput } from '#shared/contract.ts';
import type { OwnPurge } from '#shared/domain/retention-own.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { formatBytes, formatCount, plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { ownDays } from './days-text.ts';

type Preview = CallOutput<'retention.ownPreview'>;
type FileState = Preview['files'][number]['state'];

const STATES: Readonly<Record<FileState, { readonly tone: ChipTone; readonly word: string }>> = { due: { tone: 'none', word: 'goes' }, changed: { tone: 'warn', word: 'changed, stays' }, gone: { tone: 'none', word: 'not there' } };

interface OwnPurgeDialogProps { readonly onDone: (result: OwnPurge) => void; readonly onClose: () => void }

export function OwnPurgeDialog({ onDone, onClose }: OwnPurgeDialogProps) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const [isRead, setRead] = useState(false);
  const { run: lookNow, error: lookError } = useAction(async () => {
    setPreview(null);
    setRead(false);
    setPreview(await call('retention.ownPreview', {}));
  });
  // A preview arms a purge, so it is asked for here and kept in no cache.
  useEffect(() => { void lookNow(); }, [lookNow]);
  const purge = useAction(async ({ token, digest }: Preview) => {
    try {
      const result = await call('retention.ownPurge', { token, digest });
      announce(`Removed: ${plural(result.rowsRemoved, 'row')} and ${plural(result.filesRemoved, 'file')}.`);
      onDone(result);
    } finally {
      refetch('retention.show', 'retention.ownPolicy', 'overview.show');
    }
  });
  const files = preview?.files.filter(({ state }) => state === 'due').length ?? 0;
  const isNothing = preview !== null && preview.rows.due + preview.rows.released + files + preview.copies.length === 0;
  return (
    <Dialog title="What would go from this workstation" onClose={onClose} wide>
      <div className="stack">
        {lookError === null ? null : <ErrorNote error={lookError} onRetry={() => { void lookNow(); }} />}
        {preview === null ? (lookError === null ? <Skeleton lines={5} label="Counting what would go" /> : null) : <PreviewFacts preview={preview} />}
        {purge.error === null ? null : <ErrorNote error={purge.error} onRetry={() => { purge.clear(); void lookNow(); }} />}
        {preview === null || isNothing ? null : (
          <div className="check">
            <input id="own-purge-read" type="checkbox" checked={isRead} disabled={purge.busy} onChange={(event) => setRead(event.target.checked)} />
            <div><label htmlFor="own-purge-read"><strong>I have read this. It cannot be undone.</strong></label><p className="small sub">What the server has deleted in the meantime cannot be fetched again.</p></div>
          </div>
        )}
        <div className="dialog-foot">
          <Button data-first-focus onClick={onClose}>{purge.busy ? 'Close, it goes on' : isNothing ? 'Close' : 'Cancel'}</Button>
          {preview === null || isNothing ? null : <Button look={isRead ? 'danger-armed' : 'danger'} disabled={!isRead || purge.error !== null} busy={purge.busy} onClick={() => { void purge.run(preview); }}>Remove {goes(preview, files)}</Button>}
        </div>
      </div>
    </Dialog>
  );
}

function goes({ rows, copies }: Preview, files: number): string {
  const parts = [plural(rows.due, 'row'), rows.released === 0 ? null : plural(rows.released, 'preserved row'), files === 0 ? null : plural(files, 'file'), copies.length === 0 ? null : plural(copies.length, 'old copy', 'old copies')].filter((part) => part !== null);
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function PreviewFacts({ preview: { policy, cutoffs, rows, files, deployments, copies } }: { readonly preview: Preview }) {
  const before = (days: number | null, cutoff: string | null) => (cutoff === null ? ownDays(days) : <>{ownDays(days)}: what is older than <Time iso={cutoff} /></>);
  return (
    <>
      {Object.values(policy).every((days) => days === null) ? <Note><p>No rule is set, so nothing comes due here. Give a number of days first.</p></Note> : null}
      <dl className="facts own-facts">
        <dt>Rows</dt><dd>{before(policy.rowDays, cutoffs.rows)}<p><strong>{plural(rows.due, 'row')}</strong> {rows.due === 1 ? 'goes' : 'go'}, {formatBytes(rows.bytes)} · {formatCount(rows.kept)} stay{rows.held === 0 ? null : <span className="text-held"> · {plural(rows.held, 'due row')} {rows.held === 1 ? 'stays' : 'stay'} because of a hold</span>}</p>{rows.released === 0 ? null : <p>{plural(rows.released, 'preserved row')} whose holds were released {rows.released === 1 ? 'goes' : 'go'} from the vault.</p>}</dd>
        <dt>Exports</dt><dd>{before(policy.exportDays, cutoffs.exports)}</dd>
        <dt>Reports</dt><dd>{before(policy.reportDays, cutoffs.reports)}</dd>
        {copies.length === 0 ? null : <><dt>Old copies</dt><dd>{plural(copies.length, 'copy', 'copies')} of the cache from before an update, {formatBytes(copies.reduce((sum, { bytes }) => sum + bytes, 0))}: what goes must not lie in {copies.length === 1 ? 'it' : 'them'}, so {copies.length === 1 ? 'it goes' : 'they go'} too.</dd></>}
      </dl>
      {deployments.length === 0 ? null : (
        <table className="table own-table" aria-label="Rows that would go, by deployment">
          <thead><tr><th scope="col">Deployment</th><th scope="col" className="num">Go</th><th scope="col" className="num">Due, held</th></tr></thead>
          <tbody>{deployments.map(({ deploymentId, name, due, held }) => <tr key={deploymentId}><td><HostileText text={name} /></td><td className="num">{formatCount(due)}</td><td className="num">{formatCount(held)}</td></tr>)}</tbody>
        </table>
      )}
      {files.length === 0 ? null : (
        <section className="stack-small" aria-label="Files">
          <h3>{plural(files.length, 'file')} past {files.length === 1 ? 'its' : 'their'} time</h3>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
          <ul className="own-files small" tabIndex={0} aria-label="Files past their time">{files.map(({ path, writtenAt, bytes, state }) => <li key={path}><WordChip {...STATES[state]} /> <span className="mono selectable"><HostileText text={path} /></span> <span className="dim">{formatBytes(bytes)}, written <Time iso={writtenAt} age /></span></li>)}</ul>
        </section>
      )}
      <p className="small sub">The ledger stays whole and gets an entry. The file of the cache is written anew, so that what went cannot be read from the disk.</p>
    </>
  );
}
