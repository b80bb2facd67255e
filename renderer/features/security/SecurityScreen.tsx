// What is known about a deployment's security, check by check with its evidence; looks on demand, compares looks, and shows the fleet. It draws no conclusion of its own and gives no score.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Ellipsis, FileText, History, LayoutGrid, Radar, RotateCcwKey, ShieldQuestionMark, WifiOff, X } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import { useApp } from '../../app/store.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Menu } from '../../components/Menu.tsx';
import { Note } from '../../components/Note.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { plural } from '../../lib/format.ts';
import { useJob } from '../../lib/jobs.ts';
import { useQuery } from '../../lib/query.ts';
import { DropTarget } from '../audit/import/DropTarget.tsx';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { BaselineDialog } from './BaselineDialog.tsx';
import { Checks } from './Checks.tsx';
import { FilesDialog } from './FilesDialog.tsx';
import { FleetPanel } from './FleetGrid.tsx';
import { LastFailure } from './LastFailure.tsx';
import { LookDialog } from './LookDialog.tsx';
import { requestLook, useLookRequest } from './look-request.ts';
import { PostureLine } from './PostureLine.tsx';
import { diffSentence, firstEnd } from './posture-words.ts';
import { ReportDialog } from './report/ReportDialog.tsx';
import { RotationPanel } from './rotation/RotationPanel.tsx';
import { scans } from './scan.ts';
import './security.css';
import { useFileTaking } from './use-file-taking.ts';
import { WhatChanged } from './WhatChanged.tsx';

export function SecurityScreen({ deployment }: { readonly deployment: Deployment | null }) {
  if (deployment === null) return <Screen title="Security"><NoDeployment /></Screen>;
  return <Security deployment={deployment} />;
}

type Room = 'checks' | 'rotation' | 'changes' | 'fleet';
type Question = 'look' | 'report' | 'baseline' | 'files' | null;

/** Whether anything is known at all: an imported file or a statement counts without a look. */
const isBlank = ({ observedAt, counts }: SecurityView): boolean => observedAt === null && counts.pass + counts.fail + counts.accepted + counts.stale === 0;

function Security({ deployment }: { readonly deployment: Deployment }) {
  const { id, name } = deployment;
  const go = useApp((state) => state.go);
  const [baselineId, setBaselineId] = useState<string | null>(null);
  const [room, setRoom] = useState<Room>('checks');
  const [question, setQuestion] = useState<Question>(null);
  const [wantsList, setWantsList] = useState(false);
  const isLookAsked = useLookRequest((state) => state.deploymentId === id);
  useEffect(() => () => requestLook(null), []);
  const close = (): void => { setQuestion(null); requestLook(null); };
  const view = useQuery('security.show', { deploymentId: id, ...(baselineId === null ? {} : { baselineId }) });
  const scan = scans.useTask(id);
  const job = useJob('security.scan', id);
  const taking = useFileTaking(id);
  const { data } = view;
  const isRunning = scan.running || job !== null;

  function start(isOffline: boolean): void {
    close();
    setRoom('checks');
    void scans.start(id, { deploymentId: id, isOffline, ...(baselineId === null ? {} : { baselineId }) });
  }

  function openCheck(checkId: string, deploymentId = id): void {
    go('security', { deploymentId, checkId });
    setWantsList(true);
    setRoom('checks');
  }

  const lookButton = (look: 'main' | 'plain') => <Button look={look} icon={Radar} busy={isRunning} onClick={() => setQuestion('look')}>{isRunning ? 'Looking' : 'Look now…'}</Button>;
  const openFiles = (): void => setQuestion('files');
  const end = firstEnd(data?.checks ?? []);
  const about = data === undefined ? null : <span className="posture-summary"><strong>{data.summary}</strong> <span className="nowrap">{end === null ? null : <>{end.isOnly ? 'accepted until ' : 'accepted, the first until '}<Time iso={`${end.until}T23:59:59Z`} style="day" /> · </>}{data.observedAt === null ? 'never looked' : <>as of <Time iso={data.observedAt} age /></>}</span></span>;
  const more = [
    { id: 'evaluate', text: 'Evaluate only', content: <>Evaluate only, send nothing</>, onChoose: () => start(true) },
    { id: 'files', text: 'Configuration files', content: <>Configuration files…</>, onChoose: openFiles },
    { id: 'baseline', text: 'Baseline', content: <>Baseline…</>, onChoose: () => setQuestion('baseline') },
  ];

  return (
    <DropTarget label={`Take in as configuration of ${name}`} onPaths={(paths) => { setQuestion('files'); void taking.takePaths(paths); }}>
      <Screen title="Security" about={about} actions={(
        <>
          <Button look="quiet" icon={LayoutGrid} aria-pressed={room === 'fleet'} onClick={() => setRoom(room === 'fleet' ? 'checks' : 'fleet')}>Fleet</Button>
          <Button look="quiet" icon={History} aria-pressed={room === 'changes'} onClick={() => setRoom(room === 'changes' ? 'checks' : 'changes')}>What changed</Button>
          {/* An AI-Karen is asked without a token: there is nothing to rotate that could be proven here. */}
          {deployment.kind === 'navi' ? <Button look="quiet" icon={RotateCcwKey} aria-pressed={room === 'rotation'} onClick={() => setRoom(room === 'rotation' ? 'checks' : 'rotation')}>Rotation…</Button> : null}
          <Button look="quiet" icon={FileText} onClick={() => setQuestion('report')}>Report…</Button>
          <Menu label="More about security" className="more-menu" button={<Ellipsis size={16} aria-hidden />} items={more} />
          {lookButton('main')}
        </>
      )}>
        {isRunning ? (job === null ? <div className="progress-line" role="status"><progress className="progress" aria-label="Look" /><span>Starting…</span></div> : <ProgressLine job={job} />) : null}
        {room === 'rotation' ? <RotationPanel deployment={deployment} onClose={() => setRoom('checks')} />
          : room === 'changes' ? <WhatChanged deployment={deployment} onClose={() => setRoom('checks')} onCheck={(checkId) => openCheck(checkId)} />
            : room === 'fleet' ? <FleetPanel onClose={() => setRoom('checks')} onCheck={(deploymentId, checkId) => openCheck(checkId, deploymentId)} onDeployment={(deploymentId) => { setRoom('checks'); go('security', { deploymentId }); }} />
              : (
                <>
                  {data === undefined ? null : <PostureLine view={data} onBaseline={() => setQuestion('baseline')} onFiles={openFiles} />}
                  <div className="posture-notes">
                    {isRunning ? null : <LastFailure scanError={scan.error} view={data} />}
                    {scan.result === null || isRunning ? null : (
                      <div className="dismissable">
                        <div className="grow"><Note><p><span className="note-main">{scan.result.isOffline ? 'Evaluated from what is held here; nothing was sent.' : 'Looked, and the look is kept.'}</span> {scan.result.diff === null ? 'It is the first one.' : <>Since the look before: {diffSentence(scan.result.diff)} <button type="button" className="link" onClick={() => setRoom('changes')}>What changed</button></>}</p></Note></div>
                        <IconButton icon={X} label="Dismiss" onClick={() => scans.forget(id)} />
                      </div>
                    )}
                    {view.error !== null && data !== undefined ? <ErrorNote error={view.error} kept="What was read before is still shown." onRetry={() => { void view.reload(); }} /> : null}
                  </div>
                  {data === undefined ? <div className="pad">{view.error === null ? <Skeleton lines={8} /> : <ErrorNote error={view.error} onRetry={() => { void view.reload(); }} />}</div>
                    : isBlank(data) && !wantsList ? <Nothing view={data} kind={deployment.kind} isRunning={isRunning} action={lookButton('plain')} onFiles={openFiles} onList={() => setWantsList(true)} />
                      : <Checks view={data} />}
                </>
              )}
        {(question === 'look' || isLookAsked) && !isRunning ? <LookDialog deployment={deployment} onLook={() => start(false)} onEvaluate={() => start(true)} onClose={close} /> : null}
        {question === 'report' ? <ReportDialog deployment={deployment} baselineId={data?.baseline.id} onClose={() => setQuestion(null)} /> : null}
        {question === 'baseline' && data !== undefined ? <BaselineDialog deployment={deployment} shown={data.baseline} onChoose={(chosen) => { setBaselineId(chosen); setQuestion(null); }} onClose={() => setQuestion(null)} /> : null}
        {question === 'files' ? <FilesDialog deployment={deployment} view={data} taking={taking} onClose={() => { setQuestion(null); taking.forget(); }} /> : null}
      </Screen>
    </DropTarget>
  );
}

interface NothingProps { readonly view: SecurityView; readonly kind: Deployment['kind']; readonly isRunning: boolean; readonly action: ReactNode; readonly onFiles: () => void; readonly onList: () => void }

/** Before anything is known: why that is so, and what to do. */
function Nothing({ view, kind, isRunning, action, onFiles, onList }: NothingProps) {
  const hasFailed = view.lastFailure !== null;
  const list = <Button look="quiet" onClick={onList}>Show the {plural(view.checks.length, 'check')}</Button>;
  if (isRunning) return <EmptyState icon={Radar} title="Looking"><p>What is seen is kept at once. The checks are evaluated at the end.</p></EmptyState>;
  return (
    <EmptyState icon={hasFailed ? WifiOff : ShieldQuestionMark} title="Nothing is known yet" actions={<>{action}{kind === 'karen' ? <Button onClick={onFiles}>Import a configuration file…</Button> : null}{list}</>}>
      <p>{hasFailed ? 'The deployment has never answered, so every check is unknown.' : 'Nobody has looked at this deployment. Every check is unknown until it answers.'}</p>
      <p>{kind === 'karen' ? 'A look asks its address without a token. Its production.json and security_production.yml say what it is meant to be.' : 'A look asks it for its security status and sends probes that only read. What would be sent is listed first.'}</p>
    </EmptyState>
  );
}
