// Evidence that is computed from the cache: what audit rows show, and what earlier looks show over time. It stores nothing.
import type { EvidenceDocument } from '#shared/domain/posture-evaluate.ts';
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import type { StatusPoint } from './evidence-queries.ts';

const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;
/** Two counts of overdue rows are compared when this much lies between them: a purge runs once a day. */
const OVERDUE_APART_US = DAY_US;

const days = (us: number): number => Math.round(us / DAY_US * 10) / 10;

/** Since when the newest looks in a row say the same; null when they do not say it, or only once. */
function sinceUs(points: readonly StatusPoint[], says: (point: StatusPoint) => boolean | null): number | null {
  let since: number | null = null;
  let count = 0;
  for (const point of points) {
    const said = says(point);
    if (said === null) continue;
    if (!said) break;
    since = point.observedAtUs;
    count += 1;
  }
  return count > 1 ? since : null;
}

/** @param points earlier answers of the status, newest first; @param rotatedAtUs when a rotation was last finished here */
export function historyFacts(points: readonly StatusPoint[], { nowUs, rotatedAtUs }: { readonly nowUs: number; readonly rotatedAtUs: number | null }): FactsOf<'history'> {
  const graceSince = sinceUs(points, (point) => point.hasPrevious);
  const keyId = points.find((point) => point.keyId !== null)?.keyId ?? null;
  const keySince = keyId === null ? null : points.findLast((point) => point.keyId === keyId)?.observedAtUs ?? null;
  const now = points.find((point) => point.overdue !== null);
  const before = now === undefined ? undefined : points.find((point) => point.overdue !== null && now.observedAtUs - point.observedAtUs >= OVERDUE_APART_US);
  return {
    grace_open_days: graceSince === null ? null : days(nowUs - graceSince),
    key_id_days: keySince === null ? null : days(nowUs - keySince),
    overdue_now: now?.overdue ?? null,
    overdue_before: before?.overdue ?? null,
    overdue_hours_between: now === undefined || before === undefined ? null : Math.round((now.observedAtUs - before.observedAtUs) / HOUR_US),
    rotated_days: rotatedAtUs === null ? null : days(nowUs - rotatedAtUs),
  };
}

export function historyDocument(points: readonly StatusPoint[], given: { readonly nowUs: number; readonly rotatedAtUs: number | null }): EvidenceDocument | null {
  const [newest] = points;
  return newest === undefined ? null : { value: historyFacts(points, given), source: `${points.length} earlier ${points.length === 1 ? 'answer' : 'answers'} of the security status`, observedAtUs: newest.observedAtUs };
}
