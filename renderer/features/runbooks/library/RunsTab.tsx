// The runs that are held here, the open ones first: each with what it is, how far it is and what is wrong with it. Enter or a click opens one.
import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { ClipboardList, FileDown, Square, TriangleAlert } from 'lucide-react';
import type { RunHead } from '#shared/contract/runbook.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { onRowKey } from '../../../components/row-keys.ts';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { useSlashFocus } from '../../../components/use-slash-focus.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import type { Query } from '../../../lib/query.ts';
import { filterRuns, openFirst } from './run-order.ts';
import { WatchLine } from './WatchLine.tsx';

interface RunsTabProps {
  readonly query: Query<{ readonly runs: readonly RunHead[] }>;
  /** How many were asked for: with so many there may be older ones. */
  readonly limit: number;
  readonly onAll: () => void;
  readonly onLibrary: () => void;
  readonly onBringIn: () => void;
  readonly onWatch: () => void;
}

export function RunsTab({ query, limit, onAll, onLibrary, onBringIn, onWatch }: RunsTabProps) {
  const openRun = useApp((state) => state.openRun);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLTableElement>(null);
  const search = useRef<HTMLInputElement>(null);
  useSlashFocus(search);
  const all = query.data?.runs;
  const { open, ended } = useMemo(() => openFirst(filterRuns(all ?? [], text)), [all, text]);
  const rows = [...open, ...ended];
  const index = Math.min(at, Math.max(0, rows.length - 1));

  if (all === undefined) return <div className="pad">{query.error === null ? <Skeleton lines={6} label="Reading the runs" /> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />}</div>;
  const problem = query.error === null ? null : <div className="pad"><ErrorNote error={query.error} kept="The runs read before are still shown." onRetry={() => { void query.reload(); }} /></div>;
  if (all.length === 0) {
    return (
      <>
        <WatchLine onWatch={onWatch} />
        {problem}
        <EmptyState icon={ClipboardList} title="No run yet" actions={<><Button look="main" onClick={onLibrary}>Choose a runbook</Button><Button icon={FileDown} onClick={onBringIn}>Bring in a run…</Button></>}>
          <p>A run is a runbook that is being worked through: who did what, when, and what proves it. Everything in it is signed and nothing is overwritten.</p>
          <p>Start one from a runbook, or bring in the file of a run that somebody else started.</p>
        </EmptyState>
      </>
    );
  }

  const focusRow = (to: number): void => list.current?.querySelectorAll<HTMLElement>('tr[tabindex]')[to]?.focus();
  function onKey(event: KeyboardEvent): void {
    const run = rows[index];
    if (event.key === 'Enter' && event.target instanceof HTMLTableRowElement && run !== undefined) {
      event.preventDefault();
      openRun(run.runId);
      return;
    }
    onRowKey(event, { count: rows.length, index, onMove: (to) => { setAt(to); focusRow(to); } });
  }
  const rowOf = (run: RunHead, row: number) => <RunRow key={run.runId} run={run} isStop={row === index} onOpen={() => openRun(run.runId)} />;

  return (
    <>
      <WatchLine onWatch={onWatch} />
      <div className="checks-bar lib-bar">
        <input ref={search} className="input checks-text" type="search" aria-label="Filter runs by text" placeholder="Filter runs" aria-keyshortcuts="/" title="Filter runs ( / )" value={text} onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => { if (event.key === 'Enter' || event.key === 'ArrowDown') { event.preventDefault(); focusRow(index); } else if (event.key === 'Escape' && text !== '') { event.preventDefault(); setText(''); } }} />
        <span className="grow" />
        <span className="small dim nowrap" role="status">{rows.length === all.length ? plural(all.length, 'run') : `${formatCount(rows.length)} of ${plural(all.length, 'run')}`}</span>
      </div>
      {problem}
      <div className="split-list lib-list">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- arrows move along the rows and Enter opens one, so this table is a grid (ARIA practices). */}
        <table ref={list} className="table lib-runs" role="grid" aria-label="Runs" onKeyDown={onKey}>
          <thead><tr><th scope="col" className="run-state">State</th><th scope="col" className="run-title">Run</th><th scope="col" className="run-severity">Severity</th><th scope="col" className="run-deployment">Deployment</th><th scope="col" className="run-started">Started</th><th scope="col" className="run-progress">Progress</th><th scope="col" className="run-conflicts">Conflicts</th><th scope="col" className="run-people">People</th></tr></thead>
          {open.length === 0 ? null : <tbody>{open.map(rowOf)}</tbody>}
          {ended.length === 0 ? null : (
            <>
              <tbody><tr className="group-row"><th scope="rowgroup" colSpan={8}>Ended ({formatCount(ended.length)})</th></tr></tbody>
              <tbody>{ended.map((run, row) => rowOf(run, open.length + row))}</tbody>
            </>
          )}
        </table>
        {rows.length === 0 ? <EmptyState title="No run matches" actions={<Button onClick={() => setText('')}>Show all runs</Button>}><p>The filter hides all {formatCount(all.length)}.</p></EmptyState> : null}
        {all.length < limit || limit >= 1000 ? null : <p className="lib-older"><span className="sub">The {formatCount(all.length)} runs that came here last are shown.</span> <Button look="quiet" onClick={onAll}>Show up to 1,000</Button></p>}
        {limit >= 1000 && all.length >= limit ? <p className="lib-older sub">The 1,000 runs that came here last are shown.</p> : null}
      </div>
    </>
  );
}

function RunRow({ run, isStop, onOpen }: { readonly run: RunHead; readonly isStop: boolean; readonly onOpen: () => void }) {
  const { title, packTitle, severity, isDrill, deployment, startedAt, endedAt, outcome, done, steps, conflicts, people } = run;
  const state = outcome === null ? 'open' : outcome;
  return (
    <tr tabIndex={isStop ? 0 : -1} className="run-row" onClick={onOpen} aria-label={`${visibleLine(title)}: ${state}${isDrill ? ', drill' : ''}, ${done} of ${steps} steps${conflicts === 0 ? '' : `, ${plural(conflicts, 'conflict')}`}`}>
      <td>{outcome === null ? <span className="chip run-open"><span className="dot" aria-hidden />open</span> : <WordChip tone={outcome === 'completed' ? 'pass' : 'none'} word={outcome} {...(outcome === 'stopped' ? { icon: Square } : {})} />}</td>
      <td>
        <span className="lib-name"><HostileText text={title} /></span>
        {isDrill ? <span className="lib-drill">drill</span> : null}
        {packTitle === title ? null : <span className="dim lib-beside"><HostileText text={packTitle} /></span>}
      </td>
      <td>{severity === null ? <span className="dim">none</span> : <span className="lib-severity"><HostileText text={severity} /></span>}</td>
      <td className="sub">{deployment === null ? <span className="dim">none</span> : <HostileText text={deployment} />}</td>
      <td className="sub"><Time iso={startedAt} age={endedAt === null} /></td>
      <td><span className="lib-progress"><progress value={Math.min(done, steps)} max={Math.max(1, steps)} aria-label="Steps settled" /><span>{formatCount(done)}/{formatCount(steps)}</span></span></td>
      <td>{conflicts === 0 ? <span className="dim">none</span> : <span className="text-stale lib-conflicts"><TriangleAlert size={12} aria-hidden />{formatCount(conflicts)}</span>}</td>
      <td className="sub">{formatCount(people)}</td>
    </tr>
  );
}
