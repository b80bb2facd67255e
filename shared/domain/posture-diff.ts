// What changed between two snapshots, in the words that matter to a reviewer: broken, lost from sight, fixed, found.
import type { CheckState } from './evidence.ts';
import type { CheckChange, SnapshotCheck } from './posture.ts';

const isKnown = (state: CheckState): boolean => state === 'pass' || state === 'fail';
const ORDER: Readonly<Record<CheckChange['change'], number>> = { broken: 0, lost: 1, fixed: 2, found: 3, added: 4, removed: 5, other: 6 };
const SEVERITIES = ['critical', 'high', 'medium', 'low'];

function changeOf(from: CheckState, to: CheckState): CheckChange['change'] {
  if (to === 'fail') return 'broken';
  if (isKnown(from) && (to === 'unknown' || to === 'stale')) return 'lost';
  if (to === 'pass') return from === 'fail' ? 'fixed' : 'found';
  return 'other';
}

/** Changes by weight: what got worse first, then by severity and title. `unchanged` counts checks of both that stand as they stood. */
export function diffChecks(before: readonly SnapshotCheck[], after: readonly SnapshotCheck[]): { readonly changes: CheckChange[]; readonly unchanged: number } {
  const earlier = new Map(before.map((check) => [check.id, check]));
  const later = new Set(after.map(({ id }) => id));
  const changes: CheckChange[] = [];
  let unchanged = 0;
  for (const now of after) {
    const was = earlier.get(now.id);
    const base = { checkId: now.id, title: now.title, severity: now.severity, to: now.state, seenNow: now.seen };
    if (was === undefined) changes.push({ ...base, change: 'added', from: null, seenBefore: null });
    else if (was.state === now.state && was.isAccepted === now.isAccepted) unchanged += 1;
    else changes.push({ ...base, change: was.state === now.state ? 'other' : changeOf(was.state, now.state), from: was.state, seenBefore: was.seen });
  }
  for (const was of before) if (!later.has(was.id)) changes.push({ checkId: was.id, title: was.title, severity: was.severity, change: 'removed', from: was.state, to: null, seenBefore: was.seen, seenNow: null });
  return { changes: changes.sort((a, b) => ORDER[a.change] - ORDER[b.change] || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.title.localeCompare(b.title, 'en')), unchanged };
}
