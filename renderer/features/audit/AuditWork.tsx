// The working room of the audit screen: query line, time, facets, rows, and the event that is read; it holds no answer of its own.
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, RefObject } from 'react';
import { ListFilter } from 'lucide-react';
import type { BulkSelection } from '#shared/domain/audit-bulk.ts';
import type { AuditSummary } from '#shared/domain/audit-event.ts';
import { formatTerm } from '#shared/domain/audit-query-format.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Kbd } from '../../components/Kbd.tsx';
import { Pane } from '../../components/Pane.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { useNow } from '../../lib/clock.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { LastSync } from './AuditAbout.tsx';
import { EventDetail } from './EventDetail.tsx';
import { FacetsPanel } from './facets/FacetsPanel.tsx';
import { AuditGrid } from './grid/AuditGrid.tsx';
import { copyRows, MAX_COPIED } from './grid/copy-rows.ts';
import type { Copied } from './grid/copy-rows.ts';
import type { GridCommand } from './grid/grid-keys.ts';
import { hasPicks } from './grid/picks.ts';
import { SelectionBar } from './grid/SelectionBar.tsx';
import { QueryBar } from './query/QueryBar.tsx';
import { Timeline } from './timeline/Timeline.tsx';
import { eventsBetween, useRowsCursor } from './use-rows-cursor.ts';
import type { SearchState } from './use-search.ts';
import type { LiveView } from './use-view.ts';
import { ColumnsMenu } from './views/ColumnsMenu.tsx';
import { ViewsMenu } from './views/ViewsMenu.tsx';

/** From this width on there is room for facets beside rows and detail. */
const FACETS_FROM_PX = 1500;

interface AuditWorkProps {
  readonly deployment: Deployment;
  readonly search: SearchState;
  readonly live: LiveView;
  readonly heldKeys: ReadonlySet<string> | null;
  readonly summary: AuditSummary | undefined;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
  /** True while rows are picked: then new rows do not come by themselves. */
  readonly isPickingRef: RefObject<boolean>;
  readonly onKeys: () => void;
  readonly onDecrypt: (selection: BulkSelection) => void;
  readonly onExport: (query: string) => void;
}

export function AuditWork({ deployment, search, live, heldKeys, summary, scrollRef, isPickingRef, onKeys, onDecrypt, onExport }: AuditWorkProps) {
  const { id } = deployment;
  const { view, isCurrent } = live;
  const cursor = useRowsCursor(view);
  const { picks, currentId } = cursor;
  const views = useQuery('audit.viewList', {}).data?.views ?? [];
  const request = useApp((state) => state.auditRequest);
  const askAudit = useApp((state) => state.askAudit);
  const [suggestion, setSuggestion] = useState<{ readonly eventId: number; readonly reason: string } | null>(null);
  const [areFacetsOpen, setFacetsOpen] = useState(() => window.innerWidth >= FACETS_FROM_PX);
  const [copied, setCopied] = useState<Copied | null>(null);
  const pane = useRef<HTMLElement>(null);
  const nowMs = useNow();
  const somePicked = hasPicks(picks);
  useEffect(() => { isPickingRef.current = somePicked; }, [isPickingRef, somePicked]);

  // A request is taken over as soon as it is seen, and then dropped, so that coming back here does not repeat it.
  const isAsked = request !== null && request.deploymentId === id;
  if (isAsked && (suggestion?.eventId !== request.eventId || suggestion.reason !== request.reason)) {
    setSuggestion({ eventId: request.eventId, reason: request.reason });
    cursor.choose(request.eventId);
  }
  useEffect(() => {
    if (isAsked) askAudit(null);
  }, [isAsked, askAudit]);

  // Another query or order begins at its first row, with nothing chosen.
  const of = JSON.stringify([search.query, search.sort]);
  const [shownOf, setShownOf] = useState(of);
  if (shownOf !== of) {
    setShownOf(of);
    setCopied(null);
    cursor.reset();
  }

  async function idsOfAll(): Promise<readonly number[]> {
    if (view === null || view.matching === null || view.matching === 0) return [];
    // One more than the clipboard takes, so that too many are refused and not cut.
    return (await eventsBetween(view, 0, Math.min(view.matching, MAX_COPIED + 1) - 1)).map((event) => event.id);
  }
  const copy = useAction(async (format: 'json' | 'csv') => {
    setCopied(null);
    const ids = picks.isAll ? await idsOfAll() : somePicked ? [...picks.ids.keys()] : currentId === null ? [] : [currentId];
    if (ids.length > 0) setCopied(await copyRows(id, ids, format));
  });
  useEffect(() => {
    if (copied === null) return undefined;
    const timer = setTimeout(() => setCopied(null), copied.clearsAfterSeconds * 1000);
    return () => clearTimeout(timer);
  }, [copied]);

  function enterDetail(): void {
    const target = pane.current?.querySelector<HTMLElement>('textarea') ?? pane.current?.querySelector<HTMLElement>('[data-enter]') ?? pane.current;
    target?.focus();
  }

  function leaveDetail(): void {
    scrollRef.current?.querySelector<HTMLElement>('[data-roving]')?.focus();
  }

  function stepFromDetail(event: KeyboardEvent): void {
    const { target } = event;
    if ((event.key !== 'j' && event.key !== 'k') || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(target instanceof HTMLElement) || target.matches('input, textarea, select') || !(pane.current?.contains(target) ?? false)) return;
    event.preventDefault();
    cursor.step(event.key === 'j' ? 1 : -1);
    // What had the focus may go with its event; the heading stays.
    pane.current?.querySelector<HTMLElement>('[data-enter]')?.focus();
  }

  function onCommand(command: GridCommand): void {
    if (command.kind === 'clear') {
      setCopied(null);
      copy.clear();
    }
    const rest = cursor.act(command);
    if (rest === 'enter') enterDetail();
    else if (rest === 'copy-json') void copy.run('json');
    else if (rest === 'copy-csv') void copy.run('csv');
  }

  const selection: BulkSelection = picks.isAll ? { query: search.query } : { ids: [...picks.ids.keys()] };
  const pickedQuery = picks.isAll ? search.query : formatTerm('id', [...picks.ids.keys()].join(','));
  const queryError = live.error?.wire.code === 'invalid_query' ? live.error : null;
  const listError = live.error !== null && queryError === null ? live.error : null;
  const readError = view?.rows.error() ?? null;
  const oldestAt = summary?.oldestAt ?? null;
  const hasYear = oldestAt !== null && new Date(oldestAt).getUTCFullYear() !== new Date(nowMs).getUTCFullYear();
  const isNothing = view !== null && (view.rows.end() ?? view.matching) === 0;
  // An empty query fits every event: the list was read before the first ones came, and is read again in a moment.
  const isBehind = isNothing && view.query.trim() === '' && (summary?.events ?? 0) > 0;
  return (
    <>
      <div className="toolbar">
        <Button look="quiet" icon={ListFilter} aria-expanded={areFacetsOpen} onClick={() => setFacetsOpen(!areFacetsOpen)}>Facets</Button>
        <QueryBar deploymentId={id} query={search.query} views={views} onRun={search.run} onView={search.apply} />
        <ViewsMenu views={views} now={search} onView={search.apply} />
        <ColumnsMenu columns={search.columns} onColumns={search.setColumns} />
      </div>
      {queryError === null ? null : <div className="pad"><ErrorNote error={queryError} {...(view === null ? {} : { kept: 'The rows of the query before are still shown.' })} /></div>}
      <Timeline view={view} isCurrent={isCurrent} onRange={search.setRange} onClear={() => search.setRange(null)} lastSync={summary === undefined ? null : <LastSync summary={summary} />} />
      {live.newer === null ? null : <div className="newer"><span role="status">{live.newer.count === null || live.newer.count === 0 ? 'The log has changed since these rows were read.' : `${plural(live.newer.count, 'new event')} since these rows were read.`}</span><Button look="quiet" onClick={() => { live.reload(); if (scrollRef.current !== null) scrollRef.current.scrollTop = 0; }}>{live.newer.count === null || live.newer.count === 0 ? 'Read again' : 'Show'}</Button></div>}
      {listError === null ? null : <div className="pad"><ErrorNote error={listError} {...(view === null ? {} : { kept: 'The rows read before are still shown.' })} onRetry={live.reload} /></div>}
      {readError === null ? null : <div className="pad"><ErrorNote error={readError} kept="The rows read before are still shown." onRetry={() => view?.rows.retry()} /></div>}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys of the grid go on in the detail; each has a button as well. */}
      <div className={`split ${areFacetsOpen ? 'split-facets' : ''}`} onKeyDown={stepFromDetail}>
        {areFacetsOpen ? <FacetsPanel view={view} isCurrent={isCurrent} query={search.query} onAdd={search.addTerm} onRemove={search.removeTerm} /> : null}
        <div className="split-list grid-side">
          {view === null || isBehind ? (live.error === null ? <div className="pad"><Skeleton lines={12} label="Reading events" /></div> : null)
            : isNothing ? <EmptyState title="No event matches" actions={<Button onClick={() => search.run('')}>Show all events</Button>}><p>{view.total === null ? 'No event held here fits the query.' : `None of the ${formatCount(view.total)} events held here fits the query.`}</p></EmptyState>
              : <AuditGrid rows={view.rows} matching={view.matching} columns={search.columns} sort={search.sort} onSort={search.sortBy} position={cursor.position} moves={cursor.moves} currentId={currentId} picks={picks} onCommand={onCommand} heldKeys={heldKeys} hasYear={hasYear} isBusy={!isCurrent && live.error === null} scrollRef={scrollRef} />}
          {somePicked || copy.error !== null || copied !== null ? (
            <SelectionBar picks={picks} matching={view?.matching ?? null} copy={copy} copied={copied} onClear={() => { cursor.clearPicks(); copy.clear(); setCopied(null); leaveDetail(); }} onDecrypt={() => onDecrypt(selection)} onExport={() => onExport(pickedQuery)} />
          ) : null}
        </div>
        <Pane label="Selected event" ref={pane} onEscape={leaveDetail}>
          {currentId === null ? (
            cursor.isWaiting ? <Skeleton lines={6} label="Reading the row" /> : view === null || isNothing ? null : <div className="pane-empty"><p>Select an event to see it.<br /><span className="small"><Kbd>↑</Kbd> <Kbd>↓</Kbd> or <Kbd>J</Kbd> <Kbd>K</Kbd> move, <Kbd>Enter</Kbd> goes to its payload</span><br /><span className="small"><Kbd>X</Kbd> selects, <Kbd>Ctrl A</Kbd> all, <Kbd>C</Kbd> copies</span></p></div>
          ) : (
            <EventDetail deployment={deployment} eventId={currentId} suggestedReason={suggestion?.eventId === currentId ? suggestion.reason : null} heldKeys={heldKeys} onKeys={onKeys} onStep={cursor.step} />
          )}
        </Pane>
      </div>
    </>
  );
}
