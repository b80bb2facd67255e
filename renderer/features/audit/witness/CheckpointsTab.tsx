// The signed checkpoints, newest first, and the note of one, to be kept or compared elsewhere.
import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { AuditCheckpoint } from '#shared/domain/audit-witness.ts';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { onRowKey } from '../../../components/row-keys.ts';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';

const SHOWN = 500;

export function CheckpointsTab({ deploymentId }: { readonly deploymentId: string }) {
  const query = useQuery('audit.checkpoints', { deploymentId, limit: SHOWN });
  const [chosen, setChosen] = useState(0);
  if (query.data === undefined) return <div className="pad">{query.error === null ? <Skeleton lines={5} label="Reading checkpoints" /> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />}</div>;
  const { checkpoints, total } = query.data;
  if (checkpoints.length === 0) return <EmptyState title="No checkpoint yet"><p>After every sync and import the rows held so far are signed with a key from the place where your secrets are kept. The first checkpoint comes with the next one.</p></EmptyState>;
  const selected = checkpoints[chosen] ?? checkpoints[0];
  function onKey(event: KeyboardEvent<HTMLElement>): void {
    onRowKey(event, { count: checkpoints.length, index: chosen, onMove: (index) => { setChosen(index); event.currentTarget.querySelectorAll<HTMLElement>('tbody tr')[index]?.focus(); } });
  }
  return (
    <div className="split witness-split">
      <div className="split-list">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a table whose rows are chosen is a grid. */}
        <table className="table checkpoints" aria-label="Checkpoints" role="grid">
          <thead><tr><th scope="col">Signed</th><th scope="col" className="num">Rows</th><th scope="col">Root</th></tr></thead>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the rows hold the focus; keys are taken for all of them here. */}
          <tbody onKeyDown={onKey}>
            {checkpoints.map((checkpoint, at) => (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- arrows choose, as in every grid.
              <tr key={`${checkpoint.size} ${checkpoint.at}`} tabIndex={at === chosen ? 0 : -1} aria-selected={at === chosen} onClick={() => setChosen(at)} onFocus={() => setChosen(at)}>
                <td><Time iso={checkpoint.at} style="row" /></td>
                <td className="num">{formatCount(checkpoint.size)}</td>
                <td className="mono dim">{checkpoint.root.slice(0, 16)}…</td>
              </tr>
            ))}
          </tbody>
        </table>
        {total > checkpoints.length ? <p className="pad small dim">The newest {formatCount(checkpoints.length)} of {formatCount(total)}.</p> : null}
      </div>
      <Pane label="Selected checkpoint">{selected === undefined ? null : <NoteView checkpoint={selected} />}</Pane>
    </div>
  );
}

function NoteView({ checkpoint }: { readonly checkpoint: AuditCheckpoint }) {
  return (
    <>
      <header className="pane-head"><h2>{formatCount(checkpoint.size)} rows, signed <Time iso={checkpoint.at} /></h2></header>
      <p className="sub">Keep a copy elsewhere: against it, nobody can later give this log another past without being seen, not even someone who holds this machine.</p>
      <pre className="payload" aria-label="Signed note"><HostileText text={checkpoint.note} layout="block" /></pre>
      <div><CopyButton text={checkpoint.note} what="Signed note" label="Copy the note" /></div>
    </>
  );
}
