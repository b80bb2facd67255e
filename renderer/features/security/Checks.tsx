// The checks as a grid, contradictions as a group of their own on top, and the truth about the selected one beside it.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { SecurityView } from '#shared/contract/security.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { useApp } from '../../app/store.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Pane } from '../../components/Pane.tsx';
import { onRowKey } from '../../components/row-keys.ts';
import { StateChip, stateWord } from '../../components/StateChip.tsx';
import { useSlashFocus } from '../../components/use-slash-focus.ts';
import { CheckDetail } from './CheckDetail.tsx';
import { ChecksFilter } from './ChecksFilter.tsx';
import { filterChecks, inGroups, NO_FILTER, shownState, sortChecks } from './order.ts';
import type { CheckFilter, SortBy, Sorting } from './order.ts';

export function Checks({ view }: { readonly view: SecurityView }) {
  const asked = useApp((state) => state.checkId);
  const [sorting, setSorting] = useState<Sorting>({ by: 'state', isDescending: false });
  const [filter, setFilter] = useState<CheckFilter>(NO_FILTER);
  const [selectedId, setSelectedId] = useState<string | null>(asked);
  const list = useRef<HTMLTableElement>(null);
  const pane = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const wantsFocus = useRef(asked !== null);

  const { contradictions, others } = useMemo(() => inGroups(sortChecks(filterChecks(view.checks, filter), sorting)), [view.checks, filter, sorting]);
  const rows = [...contradictions, ...others];
  const found = rows.findIndex(({ id }) => id === selectedId);
  const index = found === -1 ? 0 : found;
  const selected = rows[index];

  const focusRow = (): void => list.current?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusRow();
  });

  useSlashFocus(search);

  function select(to: number): void {
    setSelectedId(rows[to]?.id ?? null);
    wantsFocus.current = true;
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter' && event.target instanceof HTMLTableRowElement) {
      event.preventDefault();
      pane.current?.focus();
      return;
    }
    onRowKey(event, { count: rows.length, index, onMove: select });
  }

  function header(by: SortBy, word: string) {
    const isOn = sorting.by === by;
    return (
      <th scope="col" aria-sort={isOn ? (sorting.isDescending ? 'descending' : 'ascending') : 'none'} className={`check-${by}`}>
        <button type="button" className="sort" onClick={() => setSorting({ by, isDescending: isOn && !sorting.isDescending })}>
          {word}{isOn ? (sorting.isDescending ? <ArrowUp size={11} aria-hidden /> : <ArrowDown size={11} aria-hidden />) : null}
        </button>
      </th>
    );
  }

  const rowOf = (check: SecurityCheck) => <CheckRow key={check.id} check={check} isSelected={check.id === selected?.id} onSelect={() => { setSelectedId(check.id); wantsFocus.current = true; }} />;
  return (
    <>
      <ChecksFilter checks={view.checks} counts={view.counts} filter={filter} left={rows.length} search={search} onFilter={setFilter} onList={focusRow} />
      <div className="split split-checks">
        <div className="split-list">
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- rows can be selected and arrows move, so this table is a grid (ARIA practices). */}
          <table ref={list} className="table checks" role="grid" aria-label="Checks" onKeyDown={onKey}>
            <thead><tr>{header('state', 'State')}{header('title', 'Check')}<th scope="col">What was seen</th>{header('severity', 'Severity')}</tr></thead>
            {contradictions.length === 0 ? null : (
              <>
                <tbody><GroupRow kind="clash" text={`Contradictions: what is declared and what was seen disagree (${contradictions.length})`} /></tbody>
                <tbody data-group="contradictions">{contradictions.map(rowOf)}</tbody>
                {others.length === 0 ? null : <tbody><GroupRow kind="rest" text={`Other checks (${others.length})`} /></tbody>}
              </>
            )}
            <tbody>{others.map(rowOf)}</tbody>
          </table>
          {rows.length === 0 ? <EmptyState title="No check matches" actions={<Button onClick={() => setFilter(NO_FILTER)}>Show all checks</Button>}><p>The filter hides all {view.checks.length}.</p></EmptyState> : null}
        </div>
        <Pane label="Selected check" ref={pane} onEscape={focusRow}>
          {selected === undefined ? <p className="pane-empty">No check is selected.</p> : <CheckDetail deploymentId={view.deploymentId} check={selected} />}
        </Pane>
      </div>
    </>
  );
}

function GroupRow({ kind, text }: { readonly kind: 'clash' | 'rest'; readonly text: string }) {
  return <tr className={`group-row group-${kind}`}><th scope="rowgroup" colSpan={4}>{text}</th></tr>;
}

function CheckRow({ check, isSelected, onSelect }: { readonly check: SecurityCheck; readonly isSelected: boolean; readonly onSelect: () => void }) {
  const shown = shownState(check);
  return (
    <tr aria-selected={isSelected} tabIndex={isSelected ? 0 : -1} onClick={onSelect} aria-label={`${stateWord(shown)}: ${check.title}`} className="check-row">
      <td><StateChip state={shown} /></td>
      <td className="check-name" title={check.title}>{check.title}</td>
      <td className="sub"><HostileText text={check.seen} /></td>
      <td className={check.severity === 'critical' && shown === 'fail' ? 'text-fail' : 'sub'}>{check.severity}</td>
    </tr>
  );
}
