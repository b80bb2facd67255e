// The audit log from the cache: search it, read an event, open payloads for a reason, bring files in and out; it keeps no opened payload.
import { useCallback, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Eye, FileDown, FileUp, KeyRound, LockKeyholeOpen, RefreshCw, Stamp, X } from 'lucide-react';
import type { BulkSelection } from '#shared/domain/audit-bulk.ts';
import type { SyncResult } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import { Screen } from '../../components/Screen.tsx';
import { formatShortCount, plural } from '../../lib/format.ts';
import { useJob } from '../../lib/jobs.ts';
import { useQuery } from '../../lib/query.ts';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { useSample } from '../deployments/sample.ts';
import './audit.css';
import { AuditAbout } from './AuditAbout.tsx';
import { AuditWork } from './AuditWork.tsx';
import { BulkPanel } from './bulk/BulkPanel.tsx';
import { EmptyLog } from './EmptyLog.tsx';
import { ExportDialog } from './export/ExportDialog.tsx';
import { AuditTasks } from './import/AuditTasks.tsx';
import { DropTarget } from './import/DropTarget.tsx';
import { ImportDialog } from './import/ImportDialog.tsx';
import { KeysDialog } from './KeysDialog.tsx';
import { LiveButton, LiveNote, useTail } from './LiveButton.tsx';
import { forgetSync, startSync, syncSentence, useSync } from './sync.ts';
import { StretchTime } from './StretchTime.tsx';
import { useSearch } from './use-search.ts';
import { useView } from './use-view.ts';
import { WitnessPanel } from './witness/WitnessPanel.tsx';

const TOP_PX = 56;

/** What was opened over or in place of the rows. `export` and `bulk` carry which rows they are about; `announced` is how many the button promised. */
type Task = { readonly kind: 'import'; readonly paths: readonly string[] } | { readonly kind: 'export'; readonly query: string; readonly matching: number | null } | { readonly kind: 'bulk'; readonly selection: BulkSelection; readonly announced: number | null } | { readonly kind: 'witness' } | null;

export function AuditScreen({ deployment }: { readonly deployment: Deployment | null }) {
  const go = useApp((state) => state.go);
  if (deployment === null) return <Screen title="Audit"><NoDeployment /></Screen>;
  if (deployment.kind === 'karen') {
    return (
      <Screen title="Audit">
        <EmptyState icon={Eye} title="AI-Karen is looked at from outside only" actions={<Button onClick={() => go('security')}>Open its checks</Button>}><p>Holdfast has no token there, so it reads no audit log from it and none is held here. Its checks and configuration are on the Security screen.</p></EmptyState>
      </Screen>
    );
  }
  return <Audit deployment={deployment} />;
}

function Audit({ deployment }: { readonly deployment: Deployment }) {
  const { id, name } = deployment;
  const summary = useQuery('audit.summary', { deploymentId: id });
  const coverage = useQuery('audit.coverage', { deploymentId: id });
  const ring = useQuery('audit.keyList', { deploymentId: id });
  const sync = useSync(id);
  const job = useJob('audit.sync', id);
  const sample = useSample();
  const tail = useTail(id);
  const search = useSearch();
  const [task, setTask] = useState<Task>(null);
  // Over whatever is open, so that it leads back to it.
  const [areKeysOpen, setKeysOpen] = useState(false);
  const scroll = useRef<HTMLDivElement>(null);
  const isPicking = useRef(false);
  const mayFollow = useCallback(() => (scroll.current?.scrollTop ?? 0) < TOP_PX && !isPicking.current, []);
  const live = useView({ deploymentId: id, query: search.query, sort: search.sort }, mayFollow);
  const { view } = live;
  // Of the same moment as the rows. A number that was not counted over all of them is not shown.
  const payloads = useQuery('audit.facets', view === null || !live.isCurrent ? null : { deploymentId: id, query: view.query, anchor: view.anchor }).data?.payload;
  const counted = payloads === undefined || payloads.countedRows !== null || payloads.hasMore ? undefined : (state: 'encrypted' | 'malformed'): number => payloads.values.find(({ value }) => value === state)?.count ?? 0;
  const encrypted = counted?.('encrypted');
  // A malformed payload may be a sealed one that is damaged; the plan tells.
  const isNothingSealed = encrypted === 0 && counted?.('malformed') === 0;
  const heldKeys = useMemo(() => (ring.data === undefined ? null : new Set(ring.data.keys.map(({ keyId }) => keyId))), [ring.data]);

  const close = (): void => setTask(null);
  const openKeys = (): void => setKeysOpen(true);
  const openImport = (paths: readonly string[] = []): void => setTask({ kind: 'import', paths });
  const openExport = (query: string = search.query): void => setTask({ kind: 'export', query, matching: query === view?.query && live.isCurrent ? view.matching : null });
  const isRunning = sync.running || job !== null;
  const syncButton = (look: 'main' | 'plain') => <Button look={look} icon={RefreshCw} busy={isRunning} onClick={() => { void startSync(id); }}>{isRunning ? 'Syncing' : 'Sync'}</Button>;
  const isEmpty = summary.data !== undefined && summary.data.events === 0 && (view === null || view.total === 0 || view.total === null);
  // A sync that brought events ended a moment before the summary knows of them.
  const isCatchingUp = isEmpty && (sync.result?.total ?? 0) > 0;
  const actions = (
    <>
      <Button look="quiet" className="brief" icon={KeyRound} title="The keys that open payloads here" onClick={openKeys}>{ring.data === undefined ? 'Keys' : plural(ring.data.keys.length, 'key')}</Button>
      <Button look="quiet" className="brief" icon={Stamp} title="Witness: verify the log, findings, checks" onClick={() => setTask({ kind: 'witness' })}>Witness</Button>
      <Button look="quiet" icon={FileDown} onClick={() => openImport()}>Import…</Button>
      {isEmpty ? null : <Button look="quiet" icon={FileUp} disabled={view === null} onClick={() => openExport()}>Export…</Button>}
      {isEmpty ? null : <Button icon={LockKeyholeOpen} disabled={isNothingSealed} title={encrypted === undefined ? 'The encrypted events of this view are being counted.' : `${plural(encrypted, 'encrypted event')} in this view`} onClick={() => setTask({ kind: 'bulk', selection: { query: search.query }, announced: encrypted === undefined || encrypted === 0 ? null : encrypted })}>{isNothingSealed ? 'Decrypt' : encrypted === undefined || encrypted === 0 ? 'Decrypt…' : `Decrypt ${formatShortCount(encrypted)}…`}</Button>}
      <LiveButton {...tail} />
      {syncButton('main')}
    </>
  );

  return (
    <DropTarget label={`Import into ${name}`} onPaths={openImport}>
      <Screen title="Audit" actions={<div className="audit-actions row">{actions}</div>}
        about={summary.data === undefined ? null : <AuditAbout summary={summary.data} matching={search.query === '' ? undefined : live.isCurrent ? view?.matching ?? null : null} coverage={coverage.data?.segments} onWitness={() => setTask({ kind: 'witness' })} />}>
        {job === null ? (isRunning ? <div className="progress-line" role="status"><progress className="progress" aria-label="Sync" /><span>{sample.phase === 'syncing' ? 'Reading the sample deployment…' : 'Starting the sync…'}</span></div> : null) : <ProgressLine job={job} />}
        {sync.error === null ? null : <Dismissable onClose={() => forgetSync(id)}><ErrorNote error={sync.error} kept="What is held here is still shown." onRetry={() => { void startSync(id); }} /></Dismissable>}
        {sync.result === null ? null : <Dismissable onClose={() => forgetSync(id)}><Note tone={sync.result.complete ? 'good' : 'age'}><SyncNote result={sync.result} /></Note></Dismissable>}
        {tail.toggle.error === null ? null : <Dismissable onClose={tail.toggle.clear}><ErrorNote error={tail.toggle.error} /></Dismissable>}
        <LiveNote state={tail.state} />
        {task?.kind === 'import' || task?.kind === 'export' ? null : <AuditTasks deploymentId={id} onImport={() => openImport()} onExport={() => openExport()} />}
        {summary.error === null ? null : <div className="pad"><ErrorNote error={summary.error} onRetry={() => { void summary.reload(); }} /></div>}
        {task?.kind === 'bulk' ? <BulkPanel deployment={deployment} selection={task.selection} announced={task.announced} onClose={close} onKeys={openKeys} />
          : task?.kind === 'witness' ? <WitnessPanel deployment={deployment} onClose={close} onQuery={(query) => { search.run(query); close(); }} />
            : isEmpty && summary.data !== undefined ? <EmptyLog deployment={deployment} isRunning={isRunning || isCatchingUp} summary={summary.data} action={syncButton('plain')} onImport={() => openImport()} />
              : <AuditWork deployment={deployment} search={search} live={live} heldKeys={heldKeys} summary={summary.data} scrollRef={scroll} isPickingRef={isPicking} onKeys={openKeys} onDecrypt={(selection) => setTask({ kind: 'bulk', selection, announced: null })} onExport={openExport} />}
        {task?.kind === 'import' ? <ImportDialog deployment={deployment} onClose={close} initialPaths={task.paths} /> : null}
        {task?.kind === 'export' ? <ExportDialog deployment={deployment} query={task.query} matching={task.matching} onClose={close} /> : null}
        {areKeysOpen ? <KeysDialog deployment={deployment} onClose={() => setKeysOpen(false)} /> : null}
      </Screen>
    </DropTarget>
  );
}

/** Reasons that are written out; the coverage map has all of them. */
const REASONS_SHOWN = 3;

function SyncNote({ result }: { readonly result: SyncResult }) {
  const rest = result.gaps.length - REASONS_SHOWN;
  return (
    <>
      <p>{syncSentence(result)}</p>
      {result.gaps.slice(0, REASONS_SHOWN).map((gap, at) => <p key={at} className="sub">In doubt, <StretchTime stretch={gap} />: <HostileText text={gap.reason} /></p>)}
      {rest > 0 ? <p className="sub">{plural(rest, 'more reason')} in the coverage map below.</p> : null}
      {result.notes.map((note) => <p key={note}><HostileText text={note} /></p>)}
    </>
  );
}

function Dismissable({ children, onClose }: { readonly children: ReactNode; readonly onClose: () => void }) {
  return <div className="pad dismissable"><div className="grow">{children}</div><IconButton icon={X} label="Dismiss" onClick={onClose} /></div>;
}
