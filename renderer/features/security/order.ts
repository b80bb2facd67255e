// How checks are sorted, filtered and spoken of; it changes no state.
import type { CheckState, SecurityCheck, Severity } from '#shared/domain/evidence.ts';

export type SortBy = 'state' | 'severity' | 'title';
export interface Sorting { readonly by: SortBy; readonly isDescending: boolean }

/** What needs the admin first stands first. */
const STATE_RANK: Readonly<Record<CheckState, number>> = { fail: 0, unknown: 1, stale: 2, pass: 3, 'not-applicable': 4 };
const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** Sorts without changing the input; ties fall to state, severity and title, so that the order never depends on chance. */
export function sortChecks(checks: readonly SecurityCheck[], { by, isDescending }: Sorting): readonly SecurityCheck[] {
  const compare: Readonly<Record<SortBy, (a: SecurityCheck, b: SecurityCheck) => number>> = {
    state: (a, b) => STATE_RANK[a.state] - STATE_RANK[b.state],
    severity: (a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity],
    title: (a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0),
  };
  return checks.toSorted((a, b) => (isDescending ? -1 : 1) * compare[by](a, b) || compare.state(a, b) || compare.severity(a, b) || compare.title(a, b));
}

export interface CheckFilter { readonly text: string; readonly states: ReadonlySet<CheckState> }

/** Keeps the checks that hold the text and are in one of the states; no state chosen means every state. */
export function filterChecks(checks: readonly SecurityCheck[], { text, states }: CheckFilter): readonly SecurityCheck[] {
  const wanted = text.trim().toLowerCase();
  return checks.filter((check) => (states.size === 0 || states.has(check.state)) && (wanted === '' || `${check.title} ${check.seen} ${check.id}`.toLowerCase().includes(wanted)));
}
