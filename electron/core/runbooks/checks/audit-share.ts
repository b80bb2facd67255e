// The share of 5xx in the cached audit log of the last minutes; only where the server confirmed, a moment ago, that all of it is here.
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { AuditShare } from './error-rate.ts';

/** So old may the last word of the server be. */
const FRESH_MS = 120_000;

/** The search over the cached log and the map of what is held of it. */
export interface ShareDeps {
  readonly search: { count(input: { readonly deploymentId: string; readonly query: string; readonly anchor: null }, signal: AbortSignal): Promise<{ readonly matching: number }> };
  readonly sync: { coverage(deploymentId: string): readonly CoverageSegment[] };
}

/** Null when the cache does not hold the whole time, or not as of now. */
export async function auditShare({ search, sync }: ShareDeps, { deploymentId, minutes, nowMs, signal }: { readonly deploymentId: string; readonly minutes: number; readonly nowMs: number; readonly signal: AbortSignal }): Promise<AuditShare | null> {
  const fromMs = nowMs - minutes * 60_000;
  const reach = (instant: string | null, open: number): number => (instant === null ? open : Date.parse(instant));
  const within = sync.coverage(deploymentId).filter(({ from, to }) => reach(to, Infinity) >= fromMs && reach(from, -Infinity) <= nowMs);
  // What came since the last sync was never read: it counts as long as it is that short.
  const held = within.filter(({ state }) => state === 'complete');
  const asOf = held.map(({ observedAt }) => observedAt).filter((at) => at !== null).sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  if (asOf === undefined || nowMs - Date.parse(asOf) > FRESH_MS || Date.parse(asOf) > nowMs) return null;
  const isWhole = within.every(({ state, from }) => state === 'complete' || (state === 'unread' && reach(from, -Infinity) >= nowMs - FRESH_MS));
  if (!isWhole) return null;
  const count = async (query: string): Promise<number> => (await search.count({ deploymentId, query, anchor: null }, signal)).matching;
  const since = `since:${new Date(fromMs).toISOString()}`;
  return { rows: await count(since), errors: await count(`${since} status:5xx`), asOf };
}
