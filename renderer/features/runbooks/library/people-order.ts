// The keys of other people in the order in which they need a look, and which of them go by a name that is somebody else's.
import type { Identity } from '#shared/contract/runbook.ts';
import { sameName } from './merge-words.ts';

const ORDER: Readonly<Record<Identity['trust'], number>> = { 'not-trusted-yet': 0, trusted: 1, self: 2, distrusted: 3 };

/** Those that nobody judged yet first; in each part by name. */
export function inOrder(others: readonly Identity[]): readonly Identity[] {
  return others.toSorted((a, b) => ORDER[a.trust] - ORDER[b.trust] || (a.name ?? '').localeCompare(b.name ?? '', 'en') || (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** Whose name a key goes by that is not trusted: one's own or that of a key that is. Null: nobody's. */
export function borrowedFrom(key: Identity, self: Identity | null, others: readonly Identity[]): 'self' | 'trusted' | null {
  const { name, trust } = key;
  if (name === null || trust !== 'not-trusted-yet') return null;
  if (self !== null && self.name !== null && sameName(self.name, name)) return 'self';
  return others.some((other) => other.fingerprint !== key.fingerprint && other.trust === 'trusted' && other.name !== null && sameName(other.name, name)) ? 'trusted' : null;
}
