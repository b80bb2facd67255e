// Brings in the file of a run, and shows in full what came of it. What is forged or altered is refused by core and named here.
import { useEffect, useRef, useState } from 'react';
import { FileDown } from 'lucide-react';
import type { MergeReport } from '#shared/domain/runbook-run.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { FileButton, placeOf } from './FileButton.tsx';
import { mergeSentence } from './merge-words.ts';
import { MergeReportView } from './MergeReportView.tsx';

interface MergeRoomProps {
  /** A file that was dropped. */
  readonly dropped: string | null;
  readonly onPeople: (fingerprint: string) => void;
  readonly onClose: () => void;
}

export function MergeRoom({ dropped, onPeople, onClose }: MergeRoomProps) {
  const openRun = useApp((state) => state.openRun);
  const [came, setCame] = useState<{ readonly path: string; readonly report: MergeReport } | null>(null);
  const home = useRef<HTMLElement>(null);
  const take = useAction(async (given: File | string) => {
    const path = typeof given === 'string' ? given : await placeOf(given);
    setCame(null);
    const report = await call('run.import', { path });
    refetch('run.list', 'run.show', 'identity.list');
    setCame({ path, report });
    announce(`${visibleLine(report.title)}: ${mergeSentence(report)}`);
  });
  const { run } = take;
  useEffect(() => { if (dropped !== null) void run(dropped); }, [dropped, run]);
  useEffect(() => { if (came !== null) home.current?.focus(); }, [came]);
  const choose = (look: 'main' | 'plain') => <FileButton label={came === null ? 'Choose a file…' : 'Another file…'} about="File of a run" icon={FileDown} accept=".holdfast-run,.json" busy={take.busy} look={look} onFile={(file) => { void take.run(file); }} />;
  return (
    <Workspace title="Bring in a run" back="Back to the runs" onClose={onClose}
      about={came === null ? 'A history that came from somebody else' : <span className="mono small"><HostileText text={came.path} /></span>}
      actions={came === null ? null : <>{choose('plain')}<Button look="main" onClick={() => openRun(came.report.run)}>Open the run</Button></>}>
      {take.error === null ? null : <div className="pad"><ErrorNote error={take.error} kept="What was here before is unchanged." /></div>}
      {came === null ? (
        <EmptyState icon={FileDown} title={take.busy ? 'Checking every signature' : 'A run travels as a signed file'} actions={choose('main')}>
          <p>Its history is joined with the one that is here: nothing of yours is replaced, and bringing the same file in twice changes nothing.</p>
          <p>Events that were forged or altered are refused and named. What people sign whom you do not trust is kept and shown, and counts neither as a sign-off nor as a review.</p>
        </EmptyState>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard, and takes the focus when it comes.
        <section ref={home} tabIndex={0} className="scroll lib-report" aria-label="What came of it"><MergeReportView report={came.report} onPeople={onPeople} /></section>
      )}
    </Workspace>
  );
}
