// Counts of checks as a short bar of parts beside their figures; a drawing only, so it says nothing that the words beside it do not.
import type { CheckCounts } from '#shared/domain/evidence.ts';

const ORDER = ['fail', 'unknown', 'stale', 'accepted', 'pass'] as const;

export function CountsBar({ counts }: { readonly counts: CheckCounts }) {
  return <span className="counts-bar" aria-hidden>{ORDER.filter((state) => counts[state] > 0).map((state) => <span key={state} className={`counts-${state}`} style={{ flexGrow: counts[state] }} />)}</span>;
}
