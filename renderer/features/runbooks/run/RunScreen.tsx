// One run: what is always in sight above, the steps and the chosen one in the middle, and what happened around it at the side. It shows nothing that core did not answer.
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { ArrowLeft, Ellipsis, FileText, Flag, Maximize2, PictureInPicture2, Share2 } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Menu } from '../../../components/Menu.tsx';
import { Note } from '../../../components/Note.tsx';
import { Screen } from '../../../components/Screen.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { useQuery } from '../../../lib/query.ts';
import { StepList } from '../step/StepList.tsx';
import { StepPane } from '../step/StepPane.tsx';
import { closeCompact, openCompact, useCompact } from './compact-window.ts';
import { ChecklistDialog } from './dialogs/ChecklistDialog.tsx';
import { EndDialog } from './dialogs/EndDialog.tsx';
import { ExportDialog } from './dialogs/ExportDialog.tsx';
import { KeysDialog } from './dialogs/KeysDialog.tsx';
import { EntryLine } from './EntryLine.tsx';
import { useRunKeys } from './keys.ts';
import { LargeType } from './LargeType.tsx';
import { NextStep } from './NextStep.tsx';
import { ReportRoom } from './ReportRoom.tsx';
import './run.css';
import { RunBar } from './RunBar.tsx';
import { RunSide } from './side/RunSide.tsx';
import type { SideTab } from './side/RunSide.tsx';

type Question = 'end' | 'export' | 'checklist' | 'keys' | null;

export function RunScreen({ runId }: { readonly runId: string }) {
  const { data, error, reload } = useQuery('run.show', { runId });
  const openRun = useApp((state) => state.openRun);
  if (data !== undefined) return <Run run={data} problem={error === null ? null : <ErrorNote error={error} kept="What was read before is still shown." onRetry={() => { void reload(); }} />} />;
  const back = <Button icon={ArrowLeft} onClick={() => openRun(null)}>All runs</Button>;
  return (
    <Screen title="Run" actions={back}>
      {error === null ? <div className="pad"><Skeleton lines={8} label="Opening the run" /></div> : error.wire.code === 'run_not_found' ? <EmptyState title="This run is not here" actions={back}><p><HostileText text={error.wire.message} /></p></EmptyState> : <div className="pad"><ErrorNote error={error} onRetry={() => { void reload(); }} /></div>}
    </Screen>
  );
}

const stepsOf = (run: RunView): readonly string[] => run.pack.sections.flatMap(({ steps }) => steps.map(({ id }) => id));

function Run({ run, problem }: { readonly run: RunView; readonly problem: ReactNode }) {
  const openRun = useApp((state) => state.openRun);
  const [selected, setSelected] = useState<string | null>(() => run.next ?? stepsOf(run)[0] ?? null);
  const [movingFrom, setMovingFrom] = useState<string | null>(null);
  const [tab, setTab] = useState<SideTab>('timeline');
  const [question, setQuestion] = useState<Question>(null);
  const [room, setRoom] = useState<'run' | 'report' | 'large'>('run');
  const compact = useCompact();
  const entry = useRef<HTMLInputElement>(null);
  const before = useRef<HTMLElement | null>(null);
  const middle = useRef<HTMLDivElement>(null);
  const isFloating = compact.shape !== null && compact.runId === run.runId;
  // Once core says what comes after the step that was settled.
  if (movingFrom !== null && run.next !== movingFrom) {
    setMovingFrom(null);
    if (run.next !== null) setSelected(run.next);
  }
  // A step that was settled took the focus with it: it goes to the one that is shown now.
  useEffect(() => {
    if (document.activeElement === document.body) middle.current?.focus({ preventScroll: true });
    middle.current?.scrollTo({ top: 0 });
  }, [selected]);

  function move(by: number): void {
    const steps = stepsOf(run);
    const at = steps.indexOf(selected ?? '');
    const to = steps[Math.min(steps.length - 1, Math.max(0, at + by))];
    if (to !== undefined) setSelected(to);
  }
  function toStep(step: string): void {
    setRoom('run');
    setSelected(step);
    middle.current?.focus({ preventScroll: true });
  }
  function toEntry(): void {
    before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    entry.current?.focus();
  }
  const toggleCompact = (): void => { void (isFloating ? closeCompact() : openCompact(run.runId)); };
  useRunKeys({
    entry: toEntry, down: () => move(1), up: () => move(-1), next: () => { if (run.next !== null) toStep(run.next); },
    large: () => setRoom('large'), compact: toggleCompact, help: () => setQuestion('keys'),
  });

  const { pack, deployment } = run;
  const about = (
    <span className="run-about">
      {run.isDrill ? <span className="run-drill">DRILL</span> : null}
      <span className="nowrap">{deployment === null ? 'no deployment' : <>on <strong><HostileText text={deployment.name} /></strong>{deployment.deploymentId === null ? ' (not in this profile)' : ''}</>}</span>
      {visibleLine(pack.title) === visibleLine(run.title) ? null : <span className="cut"><HostileText text={pack.title} /></span>}
      <span className="dim mono nowrap run-pack-id">{pack.id} {pack.version}</span>
    </span>
  );
  const more = [
    { id: 'export', text: 'Share as a file', content: <span className="row"><Share2 size={14} aria-hidden />Share as a file…</span>, onChoose: () => setQuestion('export') },
    { id: 'checklist', text: 'Checklists', content: <>Checklists: CKLB and CKL…</>, onChoose: () => setQuestion('checklist') },
    { id: 'keys', text: 'Keys', content: <>Keys…</>, onChoose: () => setQuestion('keys') },
    ...(run.ended === null ? [{ id: 'end', text: 'End the run', separated: true, content: <span className="row"><Flag size={14} aria-hidden />End the run…</span>, onChoose: () => setQuestion('end') }] : []),
  ];
  return (
    <Screen title={visibleLine(run.title)} about={about} actions={(
      <>
        <Button look="quiet" icon={ArrowLeft} onClick={() => openRun(null)}>All runs</Button>
        <Button look="quiet" icon={Maximize2} aria-keyshortcuts="l" onClick={() => setRoom('large')}>Large type</Button>
        <Button look="quiet" icon={PictureInPicture2} aria-keyshortcuts="w" aria-pressed={isFloating} busy={compact.isBusy} onClick={toggleCompact}>Small window</Button>
        <Button icon={FileText} aria-pressed={room === 'report'} onClick={() => setRoom(room === 'report' ? 'run' : 'report')}>Report</Button>
        <Menu label="More about this run" className="more-menu" button={<Ellipsis size={16} aria-hidden />} items={more} />
      </>
    )}>
      <RunBar run={run} />
      <NextStep run={run} onStep={toStep} onPeople={() => { setRoom('run'); setTab('people'); }} />
      {problem === null ? null : <div className="pad">{problem}</div>}
      {isFloating && compact.shape === 'page' ? <div className="pad"><Note><p>This run is also open in a small window, which stays above the others. <button type="button" className="link" onClick={() => { void closeCompact(); }}>Close it</button></p></Note></div> : null}
      {room === 'report' ? <ReportRoom run={run} onClose={() => setRoom('run')} /> : (
        <div className="run-body">
          <div className="run-list"><StepList run={run} selected={selected} onSelect={setSelected} /></div>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
          <div ref={middle} className="run-middle" role="region" aria-label="Chosen step" tabIndex={0}>{selected === null ? null : <StepPane key={selected} run={run} step={selected} onMoveOn={() => setMovingFrom(selected)} />}</div>
          <RunSide run={run} tab={tab} onTab={setTab} onStep={toStep} />
        </div>
      )}
      <EntryLine run={run} field={entry} onLeave={() => { const back = before.current; if (back?.isConnected === true && back !== document.body) back.focus(); else middle.current?.focus({ preventScroll: true }); }} />
      {room === 'large' ? <LargeType run={run} onClose={() => setRoom('run')} /> : null}
      {question === 'end' ? <EndDialog run={run} onClose={() => setQuestion(null)} /> : null}
      {question === 'export' ? <ExportDialog run={run} onClose={() => setQuestion(null)} /> : null}
      {question === 'checklist' ? <ChecklistDialog run={run} onClose={() => setQuestion(null)} /> : null}
      {question === 'keys' ? <KeysDialog onClose={() => setQuestion(null)} /> : null}
    </Screen>
  );
}
