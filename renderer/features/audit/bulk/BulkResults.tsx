// Opened payloads while they lie in memory: whose they are and why, the way to a file, and the way to forget them; they leave the page with this view, and when nobody touches the window.
import { useEffect, useRef, useState } from 'react';
import { Eye, EyeOff, FileLock2 } from 'lucide-react';
import type { BulkRun } from '#shared/domain/audit-bulk.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { formatCount, formatDuration, plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useSettings } from '../../../lib/settings.ts';
import { useAction } from '../../../lib/use-action.ts';
import { totalOf } from './bulk-words.ts';
import { BulkRows } from './BulkRows.tsx';
import { useCover } from './use-cover.ts';

interface BulkResultsProps {
  readonly deploymentName: string;
  readonly run: BulkRun;
  /** To the form that writes the same rows to a file. */
  readonly onFile: () => void;
  /** The results are gone, or were forgotten. */
  readonly onGone: () => void;
  readonly onClose: () => void;
}

export function BulkResults({ deploymentName, run, onFile, onGone, onClose }: BulkResultsProps) {
  const [isGone, setGone] = useState(false);
  const { hideAfterSeconds } = useSettings();
  const { isCovered, uncover } = useCover(hideAfterSeconds);
  const home = useRef<HTMLDivElement>(null);
  useEffect(() => { if (isCovered) announce('The opened payloads were hidden, because nobody touched the window.'); }, [isCovered]);
  useFocusHome(home, isCovered);
  const forget = useAction(async () => {
    await call('audit.bulkForget', { bulkId: run.bulkId });
    announce('The opened payloads were dropped from memory.');
    refetch('audit.bulkList');
    onGone();
  });

  if (isGone) {
    return (
      <Workspace title="Decrypted" about={deploymentName} onClose={onClose}>
        <EmptyState icon={EyeOff} title="The results are gone" actions={<Button onClick={onGone}>Back to the plan</Button>}><p>Opened payloads lie in memory only. They went at a lock, or were forgotten. Ledger entry {formatCount(run.ledgerEntry)} stays.</p></EmptyState>
      </Workspace>
    );
  }
  return (
    <Workspace title="Decrypted" onClose={onClose}
      about={<>{plural(totalOf(run.counts), 'row')} in {run.seconds < 10 ? run.seconds.toFixed(1) : Math.round(run.seconds)} s · <Time iso={run.openedAt} age /> · ledger entry {formatCount(run.ledgerEntry)} · “<HostileText text={run.reason} />”</>}
      actions={<><Button icon={FileLock2} onClick={onFile}>Write to a file…</Button><Button icon={EyeOff} busy={forget.busy} title="Drops them from memory now. The ledger entry stays." onClick={() => { void forget.run(); }}>Forget</Button></>}>
      {forget.error === null ? null : <div className="pad"><ErrorNote error={forget.error} kept="The results are still in memory." /></div>}
      <div ref={home} tabIndex={-1} className="bulk-home" role="group" aria-label="Results">
        {isCovered ? (
          <EmptyState icon={EyeOff} title="Hidden" actions={<Button icon={Eye} onClick={uncover}>Show them again</Button>}><p>Nobody touched the window for {formatDuration(hideAfterSeconds)}, so the payloads were taken off the page. They are still in memory, until you forget them or Holdfast locks.</p></EmptyState>
        ) : <BulkRows run={run} onGone={() => setGone(true)} />}
      </div>
    </Workspace>
  );
}
