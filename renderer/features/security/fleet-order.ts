// Which checks of a fleet are shown, in which order, and where an arrow key leads in its grid; it changes no state.
import type { Fleet } from '#shared/domain/posture.ts';

export type FleetCheck = Fleet['checks'][number];
export type FleetRow = Fleet['rows'][number];
export type FleetShows = 'attention' | 'failing' | 'all';

const WEIGHT: Readonly<Record<string, number>> = { fail: 1000, stale: 20, unknown: 10, accepted: 1 };

/** How many deployments are in this state of the check. */
const countOf = (check: FleetCheck, rows: readonly FleetRow[], state: string): number => rows.filter(({ states }) => states[check.id] === state).length;

/** Checks that some deployment fails stand first, the graver before the others; a check that nobody has is left out. */
export function fleetChecks({ checks, rows }: Pick<Fleet, 'checks' | 'rows'>, shows: FleetShows): readonly FleetCheck[] {
  const weight = (check: FleetCheck): number => rows.reduce((sum, { states }) => sum + (WEIGHT[states[check.id] ?? ''] ?? 0), 0);
  const wanted = (check: FleetCheck): boolean => {
    if (!rows.some(({ states }) => Object.hasOwn(states, check.id))) return false;
    if (shows === 'failing') return countOf(check, rows, 'fail') > 0;
    return shows === 'all' || weight(check) > 0;
  };
  const order = ['critical', 'high', 'medium', 'low'];
  const fails = (check: FleetCheck): number => (countOf(check, rows, 'fail') > 0 ? 0 : 1);
  return checks.filter(wanted).toSorted((a, b) => fails(a) - fails(b) || order.indexOf(a.severity) - order.indexOf(b.severity) || weight(b) - weight(a) || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0));
}

export interface Cell { readonly row: number; readonly column: number }

/** The cell that a key leads to; null when the key is none of the grid's. */
export function cellForKey(key: string, { isControl, at, rows, columns }: { readonly isControl: boolean; readonly at: Cell; readonly rows: number; readonly columns: number }): Cell | null {
  if (rows === 0 || columns === 0) return null;
  const clamp = (row: number, column: number): Cell => ({ row: Math.min(rows - 1, Math.max(0, row)), column: Math.min(columns - 1, Math.max(0, column)) });
  switch (key) {
    case 'ArrowDown': return clamp(at.row + 1, at.column);
    case 'ArrowUp': return clamp(at.row - 1, at.column);
    case 'ArrowRight': return clamp(at.row, at.column + 1);
    case 'ArrowLeft': return clamp(at.row, at.column - 1);
    case 'PageDown': return clamp(at.row + 10, at.column);
    case 'PageUp': return clamp(at.row - 10, at.column);
    case 'Home': return clamp(isControl ? 0 : at.row, 0);
    case 'End': return clamp(isControl ? rows - 1 : at.row, columns - 1);
    default: return null;
  }
}
