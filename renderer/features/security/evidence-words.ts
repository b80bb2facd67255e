// Evidence as it is shown: what came from one source at one time stands together, and a person's statement reads as a sentence. It drops and judges nothing.
import type { Evidence } from '#shared/domain/evidence.ts';

export interface SourcedEvidence { readonly source: string; readonly observedAt: string; readonly items: readonly Evidence[] }

/** Puts together what one source said at one time, in the order in which it came. */
export function bySource(evidence: readonly Evidence[]): readonly SourcedEvidence[] {
  const groups: { source: string; observedAt: string; items: Evidence[] }[] = [];
  for (const item of evidence) {
    const known = groups.find(({ source, observedAt }) => source === item.source && observedAt === item.observedAt);
    if (known === undefined) groups.push({ source: item.source, observedAt: item.observedAt, items: [item] });
    else known.items.push(item);
  }
  return groups;
}

/** The statement in an attested value; null where the value is none, so that it is shown raw. */
export function statementOf(value: string | null): { readonly statement: string; readonly holds: boolean } | null {
  if (value === null) return null;
  try {
    const { statement, holds } = JSON.parse(value) as { readonly statement?: unknown; readonly holds?: unknown };
    return typeof statement === 'string' && typeof holds === 'boolean' ? { statement, holds } : null;
  } catch {
    return null;
  }
}

/** A configuration file that checks read, as its evidence names it: name, digest, and when it was taken in. */
export interface HeldFile { readonly source: string; readonly observedAt: string }

/** The files that are held here as declared evidence, newest first. */
export function heldFiles(checks: readonly { readonly evidence: readonly Evidence[] }[]): readonly HeldFile[] {
  const files = new Map<string, HeldFile>();
  for (const { evidence } of checks) for (const { kind, source, observedAt } of evidence) if (kind === 'declared' && / sha256 [0-9a-f]{8,64}$/.test(source)) files.set(source, { source, observedAt });
  return [...files.values()].toSorted((a, b) => Date.parse(b.observedAt) - Date.parse(a.observedAt) || (a.source < b.source ? -1 : 1));
}
