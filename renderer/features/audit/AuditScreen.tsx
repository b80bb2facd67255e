// The audit log from the cache: find events, read one, open its payload for a reason; it keeps no opened payload.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { AlignLeft, KeyRound, RefreshCw, WifiOff, X } from 'lucide-react';
import type { AuditFilter, AuditSummary } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Kbd } from '../../components/Kbd.tsx';
import { Note } from '../../components/Note.tsx';
import { Pane } from '../../components/Pane.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import { Screen } from '../../components/Screen.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { useJob } from '../../lib/jobs.ts';
import { useQuery } from '../../lib/query.ts';
import { NoDeployment } from '../deployments/NoDeployment.tsx';
import { useSample } from '../deployments/sample.ts';
import './audit.css';
import { AuditGrid } from './AuditGrid.tsx';
import type { GridPosition } from './AuditGrid.tsx';
import { Coverage } from './Coverage.tsx';
import { EventDetail } from './EventDetail.tsx';
import { FilterBar } from './FilterBar.tsx';
import { isEmptyFilter } from './filter.ts';
import { KeysDialog } from './KeysDialog.tsx';
import { forgetSync, startSync, syncSentence, useSync } from './sync.ts';
import { useAuditRows } from './use-audit-rows.ts';

const TOP_PX = 400;

export function AuditScreen({ deployment }: { readonly deployment: Deployment | null }) {
  if (deployment === null) return <Screen title="Audit"><NoDeployment /></Screen>;
  return <Audit deployment={deployment} />;
}

function Audit({ deployment }: { readonly deployment: Deployment }) {
  const { id } = deployment;
  const summary = useQuery('audit.summary', { deploymentId: id });
  const facets = useQuery('audit.facets', { deploymentId: id });
  const ring = useQuery('audit.keyList', { deploymentId: id });
  const sync = useSync(id);
  const job = useJob('audit.sync', id);
  const sample = useSample();
  const request = useApp((state) => state.auditRequest);
  const askAudit = useApp((state) => state.askAudit);
  const [filter, setFilter] = useState<AuditFilter>({});
  const [filterCount, setFilterCount] = useState(0);
  const [position, setPosition] = useState<GridPosition>({ row: 0, column: 0 });
  const [selectedId, setSelectedId] = useState<number | null>(null);
  const [suggestion, setSuggestion] = useState<{ readonly eventId: number; readonly reason: string } | null>(null);
  const [keysOpen, setKeysOpen] = useState(false);
  const scroll = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLElement>(null);
  const isAtTop = useCallback(() => (scroll.current?.scrollTop ?? 0) < TOP_PX, []);
  const list = useAuditRows({ deploymentId: id, filter, isAtTop });
  const heldKeys = useMemo(() => (ring.data === undefined ? null : new Set(ring.data.keys.map(({ keyId }) => keyId))), [ring.data]);

  // A request is taken over as soon as it is seen, and then dropped, so that coming back here does not repeat it.
  const isAsked = request !== null && request.deploymentId === id;
  if (isAsked && (suggestion?.eventId !== request.eventId || suggestion.reason !== request.reason)) {
    setSuggestion({ eventId: request.eventId, reason: request.reason });
    setSelectedId(request.eventId);
  }
  useEffect(() => {
    if (isAsked) askAudit(null);
  }, [isAsked, askAudit]);

  // The focusable row follows the selected event, also when newer rows push it down.
  const selectedRow = selectedId === null ? -1 : list.rows.findIndex((row) => row.id === selectedId);
  const shownPosition = selectedRow === -1 ? position : { ...position, row: selectedRow };

  function move(to: GridPosition): void {
    setPosition(to);
    setSelectedId(list.rows[to.row]?.id ?? null);
  }

  function apply(next: AuditFilter): void {
    setFilter(next);
    setFilterCount((count) => count + 1);
    setPosition({ row: 0, column: 0 });
    setSelectedId(null);
    if (scroll.current !== null) scroll.current.scrollTop = 0;
  }

  function enterDetail(): void {
    const target = pane.current?.querySelector<HTMLElement>('textarea') ?? pane.current?.querySelector<HTMLElement>('[data-enter]') ?? pane.current;
    target?.focus();
  }

  function leaveDetail(): void {
    scroll.current?.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]')?.focus();
  }

  const isRunning = sync.running || job !== null;
  const syncButton = (look: 'main' | 'plain') => <Button look={look} icon={RefreshCw} busy={isRunning} onClick={() => { void startSync(id); }}>{isRunning ? 'Syncing' : 'Sync'}</Button>;
  const isEmpty = summary.data !== undefined && summary.data.events === 0 && list.total === 0;
  const listError = list.error !== null && list.error.wire.code !== 'invalid_input' ? list.error : null;

  return (
    <Screen title="Audit" about={summary.data === undefined ? null : <About summary={summary.data} matching={isEmptyFilter(filter) ? null : list.matching} />}
      actions={<><Button look="quiet" icon={KeyRound} onClick={() => setKeysOpen(true)}>{ring.data === undefined ? 'Keys' : plural(ring.data.keys.length, 'key')}</Button>{syncButton('main')}</>}>
      {job === null ? (isRunning ? <div className="progress-line" role="status"><progress className="progress" aria-label="Sync" /><span>{sample.phase === 'syncing' ? 'Reading the sample deployment…' : 'Starting the sync…'}</span></div> : null) : <ProgressLine job={job} />}
      {sync.error === null ? null : <Dismissable onClose={() => forgetSync(id)}><ErrorNote error={sync.error} kept="What is held here is still shown." onRetry={() => { void startSync(id); }} /></Dismissable>}
      {sync.result === null ? null : (
        <Dismissable onClose={() => forgetSync(id)}><Note tone={sync.result.complete ? 'good' : 'age'}>{syncSentence(sync.result)}</Note></Dismissable>
      )}
      {summary.error === null ? null : <div className="pad"><ErrorNote error={summary.error} onRetry={() => { void summary.reload(); }} /></div>}
      {isEmpty ? <EmptyLog deployment={deployment} isRunning={isRunning} summary={summary.data} action={syncButton('plain')} /> : (
        <>
          <FilterBar key={id} applied={filter} onApply={apply} facets={facets.data} refusal={list.error?.wire.code === 'invalid_input' ? list.error : null} />
          {summary.data === undefined ? null : <Coverage summary={summary.data} />}
          {list.hasNewer ? <div className="newer"><span role="status">The log has changed since these rows were read.</span><Button look="quiet" onClick={() => { list.restart(); if (scroll.current !== null) scroll.current.scrollTop = 0; }}>Show from the newest</Button></div> : null}
          {listError === null ? null : <div className="pad"><ErrorNote error={listError} {...(list.rows.length > 0 ? { kept: 'The rows read before are still shown.' } : {})} onRetry={list.restart} /></div>}
          <div className="split">
            {list.isFirstLoad && list.rows.length === 0 ? <div className="split-list pad"><Skeleton lines={12} label="Reading events" /></div>
              : list.rows.length === 0 ? <div className="split-list"><EmptyState title="No event matches" actions={<Button onClick={() => apply({})}>Show all events</Button>}><p>None of the {formatCount(list.total)} events held here fits the filter.</p></EmptyState></div>
                : <AuditGrid key={filterCount} rows={list.rows} matching={list.matching} hasMore={list.hasMore} onNeedMore={list.loadMore} position={shownPosition} onMove={move} selectedId={selectedId} onEnter={enterDetail} heldKeys={heldKeys} scrollRef={scroll} />}
            <Pane label="Selected event" ref={pane} onEscape={leaveDetail}>
              {selectedId === null ? (
                <div className="pane-empty"><p>Select an event to see it.<br /><span className="small"><Kbd>↑</Kbd> <Kbd>↓</Kbd> or <Kbd>J</Kbd> <Kbd>K</Kbd> move, <Kbd>Enter</Kbd> goes to its payload</span></p></div>
              ) : <EventDetail key={selectedId} deployment={deployment} eventId={selectedId} suggestedReason={suggestion?.eventId === selectedId ? suggestion.reason : null} heldKeys={heldKeys} onKeys={() => setKeysOpen(true)} />}
            </Pane>
          </div>
        </>
      )}
      {keysOpen ? <KeysDialog deployment={deployment} onClose={() => setKeysOpen(false)} /> : null}
    </Screen>
  );
}

function About({ summary, matching }: { readonly summary: AuditSummary; readonly matching: number | null }) {
  return (
    <span>
      {plural(summary.events, 'event')}
      {matching === null ? null : ` · ${formatCount(matching)} match`}
      {summary.events === 0 ? null : ` · ${formatCount(summary.encrypted)} encrypted`}
      {summary.notOffered === 0 ? null : ` · ${formatCount(summary.notOffered)} without a payload offered`}
      {summary.lastSyncAt === null ? ' · never synced' : <> · synced <Time iso={summary.lastSyncAt} age />{summary.lastSyncComplete === false ? <span className="text-stale">, not complete</span> : null}</>}
    </span>
  );
}

function Dismissable({ children, onClose }: { readonly children: ReactNode; readonly onClose: () => void }) {
  return <div className="pad dismissable"><div className="grow">{children}</div><IconButton icon={X} label="Dismiss" onClick={onClose} /></div>;
}

interface EmptyLogProps { readonly deployment: Deployment; readonly isRunning: boolean; readonly summary: AuditSummary | undefined; readonly action: ReactNode }

function EmptyLog({ deployment, isRunning, summary, action }: EmptyLogProps) {
  if (isRunning) return <EmptyState icon={AlignLeft} title="Reading the audit log"><p>Events appear here as they arrive. They are stored encrypted on this machine.</p></EmptyState>;
  const refusal = deployment.capabilities.find(({ name, state }) => name === 'audit-list' && state === 'not-offered');
  if (refusal !== undefined) return <EmptyState icon={AlignLeft} title="This deployment offers no audit log"><p>{refusal.reason}</p></EmptyState>;
  if (summary?.lastSyncAt !== null && summary?.lastSyncAt !== undefined) return <EmptyState icon={AlignLeft} title="The log is empty" actions={action}><p>The last sync, <Time iso={summary.lastSyncAt} age />, brought no event{summary.gaps.length === 0 ? '.' : ':'}</p>{summary.gaps.length === 0 ? null : <Coverage summary={summary} />}</EmptyState>;
  const isAway = deployment.reachability.state === 'unreachable';
  return (
    <EmptyState icon={isAway ? WifiOff : AlignLeft} title="Nothing is held here yet" actions={action}>
      <p>{isAway ? 'The deployment did not answer last time. Once it does, a sync brings its events into the encrypted cache, and they stay readable when it is away.' : 'A sync reads the events of this deployment into the encrypted cache. After that they stay readable when the network is down.'}</p>
    </EmptyState>
  );
}
