// How long a deployment keeps rows, from what it said of that and when; it believes no rule that was not observed.
import { FARTHEST_CLOCK_US } from '#shared/domain/retention.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';

/** How long a deployment keeps rows, as one security status says it. Null days: it keeps them for ever, or does not say. */
export interface Retention {
  readonly state: 'on' | 'off' | 'unknown';
  readonly days: number | null;
  readonly observedAtUs: number | null;
  /** How far the deployment's clock is ahead of ours. */
  readonly aheadUs: number;
}

/** What a deployment said of its retention, oldest first. */
export interface Retentions {
  readonly said: readonly Retention[];
  /** The last of it was said for this sync. */
  readonly isCurrent: boolean;
}

const DAY_US = 86_400_000_000;
/** Clocks differ, and a purge takes its time: a row this close to the cutoff counts as expired. */
const CUTOFF_SLACK_US = 3_600_000_000;

const UNKNOWN_RETENTION: Retention = { state: 'unknown', days: null, observedAtUs: null, aheadUs: 0 };

/** Reads the retention from a security status (contract section 2). */
export function retentionOf({ body, observedAtUs }: { readonly body: string; readonly observedAtUs: number }): Retention {
  const unknown: Retention = { ...UNKNOWN_RETENTION, observedAtUs };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return unknown;
  }
  const part = (value as { audit_retention?: { enabled?: unknown; retention_days?: unknown; cutoff_iso?: unknown } } | null)?.audit_retention;
  if (part?.enabled === false) return { ...unknown, state: 'off' };
  const days = part?.retention_days;
  if (part?.enabled !== true || typeof days !== 'number' || !Number.isInteger(days) || days <= 0 || days > 36_500) return unknown;
  // The cutoff is the deployment's own present less these days: the one place where it tells its time.
  const cutoff = typeof part.cutoff_iso === 'string' ? parseInstantUs(part.cutoff_iso) : null;
  const aheadUs = cutoff === null ? 0 : cutoff + days * DAY_US - observedAtUs;
  return { state: 'on', days, observedAtUs, aheadUs: Math.abs(aheadUs) <= FARTHEST_CLOCK_US ? aheadUs : 0 };
}

const lastSaid = ({ said }: Retentions): Retention => said.at(-1) ?? UNKNOWN_RETENTION;

const cutoffOf = ({ days, aheadUs }: Retention, atUs: number): number | null => (days === null ? null : atUs + aheadUs - days * DAY_US + CUTOFF_SLACK_US);

/** Rows older than this may be gone for good reason now; null: none may, as far as is known. */
export function cutoffUs(retentions: Retentions, nowUs: number): number | null {
  return cutoffOf(lastSaid(retentions), nowUs);
}

/**
 * Whether a row that was at the server at `seenAtUs` may have expired since. Each retention held until the next one was said, so a row counts as expired when
 * one that held in between let it go: what was purged under 30 days stays expired after a change to 90.
 */
export function mayHaveExpired({ said }: Retentions, { createdAtUs, seenAtUs, nowUs }: { readonly createdAtUs: number; readonly seenAtUs: number; readonly nowUs: number }): boolean {
  return said.some((retention, index) => {
    const untilUs = said[index + 1]?.observedAtUs ?? nowUs;
    return untilUs > seenAtUs && createdAtUs < (cutoffOf(retention, untilUs) ?? Number.NEGATIVE_INFINITY);
  });
}

/** How long rows are kept, for a sentence about one that should still be there. */
export function keptFor(retentions: Retentions): string {
  const { state, days, observedAtUs } = lastSaid(retentions);
  const rule = state === 'on' ? `${days} days` : state === 'off' ? 'for ever' : null;
  if (rule === null) return 'How long this deployment keeps rows is not known, so it may have expired.';
  if (retentions.isCurrent) return state === 'on' ? `It is younger than the ${rule} that this deployment keeps rows.` : 'This deployment says that it keeps rows for ever.';
  return `How long this deployment keeps rows now is not known; on ${formatInstantUs(observedAtUs ?? 0)} it said ${rule}, and the row is not older than that.`;
}
