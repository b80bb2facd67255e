// The line above the checks: text, states, severity and group, and how many checks are left.
import type { KeyboardEvent, Ref } from 'react';
import type { CheckCounts, SecurityCheck, Severity } from '#shared/domain/evidence.ts';
import { StateChip } from '../../components/StateChip.tsx';
import type { ShownState } from '../../components/StateChip.tsx';
import { plural } from '../../lib/format.ts';
import { groupsOf, SEVERITIES, SHOWN_STATES } from './order.ts';
import type { CheckFilter } from './order.ts';

interface ChecksFilterProps { readonly checks: readonly SecurityCheck[]; readonly counts: CheckCounts; readonly filter: CheckFilter; readonly left: number; readonly search: Ref<HTMLInputElement>; readonly onFilter: (filter: CheckFilter) => void; /** Down into the list. */ readonly onList: () => void }

export function ChecksFilter({ checks, counts, filter, left, search, onFilter, onList }: ChecksFilterProps) {
  function toggle(state: ShownState): void {
    const states = new Set(filter.states);
    if (!states.delete(state)) states.add(state);
    onFilter({ ...filter, states });
  }
  /** Escape empties the text first, then leads down, as Enter and the arrow do. */
  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && filter.text !== '') {
      event.preventDefault();
      onFilter({ ...filter, text: '' });
    } else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      onList();
    }
  }

  return (
    <div className="checks-bar">
      <input className="input checks-text" type="search" aria-label="Filter checks by text" placeholder="Filter checks" aria-keyshortcuts="/" title="Filter checks ( / )" ref={search} onKeyDown={onKey} value={filter.text} onChange={(event) => onFilter({ ...filter, text: event.target.value })} />
      {SHOWN_STATES.map((state) => (
        <button key={state} type="button" className="chip-toggle" aria-pressed={filter.states.has(state)} disabled={counts[state] === 0 && !filter.states.has(state)} onClick={() => toggle(state)}><StateChip state={state} count={counts[state]} /></button>
      ))}
      <select className="select checks-choice" aria-label="Severity" value={filter.severity ?? ''} onChange={(event) => onFilter({ ...filter, severity: event.target.value === '' ? null : event.target.value as Severity })}>
        <option value="">Any severity</option>
        {SEVERITIES.map((severity) => <option key={severity} value={severity}>{severity}</option>)}
      </select>
      <select className="select checks-choice" aria-label="Group" value={filter.group ?? ''} onChange={(event) => onFilter({ ...filter, group: event.target.value === '' ? null : event.target.value })}>
        <option value="">All groups</option>
        {groupsOf(checks).map((group) => <option key={group} value={group}>{group}</option>)}
      </select>
      <span className="grow" />
      <span className="small dim nowrap" role="status">{left === checks.length ? plural(left, 'check') : `${left} of ${plural(checks.length, 'check')}`}</span>
    </div>
  );
}
