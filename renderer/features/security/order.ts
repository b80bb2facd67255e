// How checks are sorted, filtered and put into groups; it changes no state.
import { isAccepted } from '#shared/domain/evidence.ts';
import type { SecurityCheck, Severity } from '#shared/domain/evidence.ts';
import type { ShownState } from '../../components/StateChip.tsx';

export type SortBy = 'state' | 'severity' | 'title';
export interface Sorting { readonly by: SortBy; readonly isDescending: boolean }

/** What needs the admin first stands first. */
export const SHOWN_STATES = ['fail', 'unknown', 'stale', 'accepted', 'pass', 'not-applicable'] as const satisfies readonly ShownState[];
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Severity[];

/** The state as it is shown and counted: a failing check with an exception that holds is accepted. */
export const shownState = (check: Pick<SecurityCheck, 'state' | 'exception'>): ShownState => (isAccepted(check) ? 'accepted' : check.state);

/** Sorts without changing the input; ties fall to state, severity, title and id, so that the order never depends on chance. */
export function sortChecks(checks: readonly SecurityCheck[], { by, isDescending }: Sorting): readonly SecurityCheck[] {
  const compare: Readonly<Record<SortBy, (a: SecurityCheck, b: SecurityCheck) => number>> = {
    state: (a, b) => SHOWN_STATES.indexOf(shownState(a)) - SHOWN_STATES.indexOf(shownState(b)),
    severity: (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
    title: (a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0),
  };
  return checks.toSorted((a, b) => (isDescending ? -1 : 1) * compare[by](a, b) || compare.state(a, b) || compare.severity(a, b) || compare.title(a, b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

export interface CheckFilter { readonly text: string; readonly states: ReadonlySet<ShownState>; readonly severity: Severity | null; readonly group: string | null }

export const NO_FILTER: CheckFilter = { text: '', states: new Set(), severity: null, group: null };

/** Keeps the checks that hold the text and are in one of the states, of the severity and in the group; nothing chosen means all. */
export function filterChecks(checks: readonly SecurityCheck[], { text, states, severity, group }: CheckFilter): readonly SecurityCheck[] {
  const wanted = text.trim().toLowerCase();
  return checks.filter((check) => (states.size === 0 || states.has(shownState(check))) && (severity === null || check.severity === severity) && (group === null || check.group === group)
    && (wanted === '' || `${check.title} ${check.seen} ${check.id} ${check.group}`.toLowerCase().includes(wanted)));
}

/** What is declared and what was seen disagree here, also where somebody answers for it. */
export const isDisagreement = (check: Pick<SecurityCheck, 'state' | 'isContradiction'>): boolean => check.isContradiction && check.state === 'fail';

/** Contradictions first, as a group of their own; each group keeps its order. */
export function inGroups(checks: readonly SecurityCheck[]): { readonly contradictions: readonly SecurityCheck[]; readonly others: readonly SecurityCheck[] } {
  return { contradictions: checks.filter(isDisagreement), others: checks.filter((check) => !isDisagreement(check)) };
}

/** The groups of a baseline, by name. */
export const groupsOf = (checks: readonly SecurityCheck[]): readonly string[] => [...new Set(checks.map(({ group }) => group))].toSorted();
