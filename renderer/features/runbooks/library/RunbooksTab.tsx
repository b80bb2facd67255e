// The library of runbooks, those for the chosen deployment first, and the selected one to read beside it.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { BookOpen } from 'lucide-react';
import type { RunbookHead } from '#shared/contract/runbook.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../components/Button.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { onRowKey } from '../../../components/row-keys.ts';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { useSlashFocus } from '../../../components/use-slash-focus.ts';
import { formatCount, plural } from '../../../lib/format.ts';
import type { Query } from '../../../lib/query.ts';
import { appliesWords, filterPacks, groupPacks, NO_PACK_FILTER, PACK_KINDS } from './pack-words.ts';
import type { PackFilter, PackGroup, PackKind } from './pack-words.ts';
import { PackPane } from './PackPane.tsx';

interface RunbooksTabProps {
  readonly query: Query<{ readonly runbooks: readonly RunbookHead[] }>;
  readonly current: Deployment | null;
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
  readonly onStart: (id: string) => void;
  readonly onBlank: (head: RunbookHead) => void;
}

export function RunbooksTab({ query, current, selected, onSelect, onStart, onBlank }: RunbooksTabProps) {
  const [filter, setFilter] = useState<PackFilter>(NO_PACK_FILTER);
  const list = useRef<HTMLTableElement>(null);
  const pane = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const wantsFocus = useRef(false);
  useSlashFocus(search);
  const all = query.data?.runbooks;
  const kind = current?.kind ?? null;
  const groups = useMemo(() => groupPacks(filterPacks(all ?? [], filter), kind), [all, filter, kind]);
  const rows = groups.flatMap(({ heads }) => heads);
  // A title is an author's choice; where two have the same one, the id tells them apart.
  const isTwin = (head: RunbookHead): boolean => all?.some((each) => each.id !== head.id && each.title === head.title) ?? false;
  const found = rows.findIndex(({ id }) => id === selected);
  const index = found === -1 ? 0 : found;
  const head = rows[index];

  const focusRow = (): void => list.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusRow();
  });
  // A runbook that was read far down begins at its top.
  useEffect(() => { pane.current?.scrollTo({ top: 0 }); }, [head?.id]);

  if (all === undefined) return <div className="pad">{query.error === null ? <Skeleton lines={8} label="Reading the runbooks" /> : <ErrorNote error={query.error} onRetry={() => { void query.reload(); }} />}</div>;

  function select(id: string): void {
    onSelect(id);
    wantsFocus.current = true;
  }
  function toggle(one: PackKind): void {
    const kinds = new Set(filter.kinds);
    if (!kinds.delete(one)) kinds.add(one);
    setFilter({ ...filter, kinds });
  }
  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' && event.target instanceof HTMLTableRowElement) {
      event.preventDefault();
      pane.current?.focus();
      return;
    }
    onRowKey(event, { count: rows.length, index, onMove: (to) => { const next = rows[to]; if (next !== undefined) select(next.id); } });
  }
  /** Escape empties the text first, then leads down, as Enter and the arrow do. */
  function onSearchKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && filter.text !== '') {
      event.preventDefault();
      setFilter({ ...filter, text: '' });
    } else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      focusRow();
    }
  }

  return (
    <>
      <div className="checks-bar lib-bar">
        <input ref={search} className="input checks-text" type="search" aria-label="Filter runbooks by text" placeholder="Filter runbooks" aria-keyshortcuts="/" title="Filter runbooks ( / )" value={filter.text} onChange={(event) => setFilter({ ...filter, text: event.target.value })} onKeyDown={onSearchKey} />
        {PACK_KINDS.map((one) => {
          const count = all.filter((each) => each.kind === one).length;
          return <button key={one} type="button" className="lib-kind" aria-pressed={filter.kinds.has(one)} disabled={count === 0 && !filter.kinds.has(one)} onClick={() => toggle(one)}>{one} <span className="dim">{formatCount(count)}</span></button>;
        })}
        <span className="grow" />
        <span className="small dim nowrap" role="status">{rows.length === all.length ? plural(all.length, 'runbook') : `${formatCount(rows.length)} of ${plural(all.length, 'runbook')}`}</span>
      </div>
      {query.error === null ? null : <div className="pad"><ErrorNote error={query.error} kept="The runbooks read before are still shown." onRetry={() => { void query.reload(); }} /></div>}
      <div className="split split-runbooks">
        <div className="split-list">
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- rows can be selected and arrows move, so this table is a grid (ARIA practices). */}
          <table ref={list} className="table lib-packs" role="grid" aria-label="Runbooks" onKeyDown={onKey}>
            <thead><tr><th scope="col">Runbook</th><th scope="col" className="pack-kind">Kind</th><th scope="col" className="pack-steps num">Steps</th></tr></thead>
            {groups.map((group) => (
              <tbody key={group.id} data-group={group.id}>
                <tr className="group-row"><th scope="rowgroup" colSpan={3}><GroupTitle group={group} current={current} /></th></tr>
                {group.heads.map((each) => (
                  <tr key={each.id} aria-selected={each === head} tabIndex={each === head ? 0 : -1} className="check-row" onClick={() => select(each.id)} onDoubleClick={() => onStart(each.id)} aria-label={`${visibleLine(each.title)}, ${each.kind}, ${plural(each.steps, 'step')}${each.isShipped ? '' : ', imported'}${isTwin(each) ? `, ${each.id}` : ''}`}>
                    <td title={visibleLine(each.title)}><span className="lib-name"><HostileText text={each.title} /></span>{each.isShipped ? null : <span className="lib-drill">imported</span>}{isTwin(each) ? <span className="dim mono lib-beside"><HostileText text={each.id} /></span> : null}</td>
                    <td className="sub">{each.kind}</td>
                    <td className="sub num">{formatCount(each.steps)}</td>
                  </tr>
                ))}
              </tbody>
            ))}
          </table>
          {rows.length === 0 ? <EmptyState title="No runbook matches" actions={<Button onClick={() => setFilter(NO_PACK_FILTER)}>Show all runbooks</Button>}><p>The filter hides all {formatCount(all.length)}.</p></EmptyState> : null}
        </div>
        <Pane label="Selected runbook" ref={pane} onEscape={focusRow}>
          {head === undefined ? <div className="pane-empty"><BookOpen size={24} strokeWidth={1.4} aria-hidden /><p>No runbook is selected.</p></div> : <PackPane key={`${head.id} ${head.digest}`} head={head} onStart={() => onStart(head.id)} onBlank={() => onBlank(head)} />}
        </Pane>
      </div>
    </>
  );
}

function GroupTitle({ group: { id, heads }, current }: { readonly group: PackGroup; readonly current: Deployment | null }) {
  const count = <span className="dim"> {formatCount(heads.length)}</span>;
  if (id === 'own') return <>For <HostileText text={current?.name ?? ''} />{current === null ? null : <span className="dim"> ({appliesWords([current.kind])})</span>}{count}</>;
  if (id === 'any') return <>For any deployment, or none{count}</>;
  return <>{current === null ? 'For a kind of deployment' : 'For other kinds of deployment'}{count}</>;
}
