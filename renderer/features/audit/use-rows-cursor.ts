// Where the admin is among the rows of a view, which event is read, and which are picked; positions follow events, not the other way round, as the view changes.
import { useCallback, useState, useSyncExternalStore } from 'react';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { formatCount, plural } from '../../lib/format.ts';
import type { GridCommand, GridPosition } from './grid/grid-keys.ts';
import { ALL_PICKED, extended, hasPicks, MAX_PICKED, NO_PICKS, toggled } from './grid/picks.ts';
import type { Picks } from './grid/picks.ts';
import type { View } from './use-view.ts';

/** Rows that one call gives at most. */
const PER_CALL = 1000;

/** What is read beside the grid. `id` null: the row was gone to, but is not read yet. */
type Chosen = { readonly id: number | null } | null;

interface State { readonly position: GridPosition; readonly chosen: Chosen; readonly picks: Picks; readonly moves: number }

const START: State = { position: { row: 0, column: 0 }, chosen: null, picks: NO_PICKS, moves: 0 };
const noSubscription = (): (() => void) => () => undefined;

export interface RowsCursor {
  readonly position: GridPosition;
  readonly currentId: number | null;
  /** A row was chosen, but its event is on its way. */
  readonly isWaiting: boolean;
  readonly picks: Picks;
  /** Counts what the admin did to the place, so that the grid shows it then, and not when rows shift by themselves; null while the place is not known. */
  readonly moves: number | null;
  /** Carries out what concerns place and picks; gives back what is for others. */
  act(command: GridCommand): 'enter' | 'copy-json' | 'copy-csv' | null;
  step(by: 1 | -1): void;
  choose(id: number): void;
  clearPicks(): void;
  /** Back to the first row with nothing chosen: another query or order. The header keeps the focus when it has it. */
  reset(): void;
}

/** Rows of a view from one to another, both included; reads those that are not held. @throws ClientError */
export async function eventsBetween(view: View, first: number, last: number): Promise<readonly AuditEvent[]> {
  const held = Array.from({ length: last - first + 1 }, (_, at) => view.rows.eventAt(first + at));
  if (held.every((event) => event !== undefined)) return held;
  const events: AuditEvent[] = [];
  while (events.length <= last - first) {
    const answer = await call('audit.search', { deploymentId: view.deploymentId, query: view.query, sort: view.sort, anchor: view.anchor, offset: first + events.length, limit: Math.min(PER_CALL, last - first + 1 - events.length) });
    events.push(...answer.events);
    if (answer.events.length === 0) break;
  }
  return events;
}

export function useRowsCursor(view: View | null): RowsCursor {
  const [state, setState] = useState<State>(START);
  const { chosen, picks } = state;
  const rows = view?.rows ?? null;
  // Pages come and go with every scroll; only what concerns the place, the end or a failure draws the screen around the grid again.
  const told = (): string => {
    if (rows === null) return '';
    const place = chosen === null ? '' : chosen.id === null ? rows.eventAt(state.position.row)?.id : rows.rowOf(chosen.id);
    return JSON.stringify([place, rows.end(), rows.error()?.wire.id]);
  };
  useSyncExternalStore(rows?.subscribe ?? noSubscription, told);
  const chosenRow = chosen === null || chosen.id === null || rows === null ? -1 : rows.rowOf(chosen.id);
  // The place follows the chosen event, also when newer rows push it down; the header keeps the focus when it has it.
  const position = chosenRow === -1 || state.position.row === -1 ? state.position : { ...state.position, row: chosenRow };
  const arrived = chosen !== null && chosen.id === null ? rows?.eventAt(position.row)?.id : undefined;
  if (arrived !== undefined) setState({ ...state, chosen: { id: arrived } });

  function moveTo(to: GridPosition, more: Partial<State> = {}): void {
    const chosenNow: Chosen = to.row < 0 ? chosen : { id: rows?.eventAt(to.row)?.id ?? null };
    setState((now) => ({ ...now, position: to, chosen: chosenNow, moves: now.moves + 1, ...more }));
  }

  function extendTo(to: GridPosition): void {
    if (view === null) return;
    const from = picks.fromRow ?? Math.max(0, position.row);
    const [first, last] = from < to.row ? [from, to.row] : [to.row, from];
    if (last - first >= MAX_PICKED) return announce(`At most ${formatCount(MAX_PICKED)} rows are selected one by one. Ctrl+A selects the whole view.`);
    moveTo(to);
    eventsBetween(view, first, last).then(
      (events) => setState((now) => ({ ...now, picks: extended(now.picks, events, from) })),
      () => announce('The rows between could not be read. Nothing more was selected.'),
    );
  }

  function act(command: GridCommand): ReturnType<RowsCursor['act']> {
    switch (command.kind) {
      case 'move':
        if (command.extends) extendTo(command);
        else moveTo({ row: command.row, column: command.column });
        return null;
      case 'pick': {
        const event = rows?.eventAt(position.row);
        if (event === undefined) return null;
        const next = toggled(picks, event, position.row);
        moveTo(position, { picks: next });
        announce(next.ids.has(event.id) ? `Selected, ${plural(next.ids.size, 'row')} in all.` : `No longer selected, ${plural(next.ids.size, 'row')} left.`);
        return null;
      }
      case 'pick-from':
        extendTo(position);
        return null;
      case 'pick-all':
        setState((now) => ({ ...now, picks: ALL_PICKED }));
        announce('All rows of this view are selected.');
        return null;
      case 'clear':
        clearPicks();
        return null;
      default:
        return command.kind;
    }
  }

  const clearPicks = useCallback(() => setState((now) => (hasPicks(now.picks) ? { ...now, picks: NO_PICKS } : now)), []);
  const reset = useCallback(() => setState((now) => ({ ...START, position: now.position.row === -1 ? now.position : START.position, moves: now.moves + 1 })), []);
  const choose = useCallback((id: number) => setState((now) => ({ ...now, chosen: { id }, moves: now.moves + 1 })), []);
  return {
    position, picks, act, clearPicks, reset, choose,
    moves: chosen === null || chosen.id === null || chosenRow !== -1 ? state.moves : null,
    currentId: chosen?.id ?? null,
    isWaiting: chosen !== null && chosen.id === null,
    step(by) {
      const end = rows?.end() ?? view?.matching ?? 0;
      const row = Math.min(end - 1, Math.max(0, position.row + by));
      if (row >= 0) moveTo({ row, column: position.column });
    },
  };
}
