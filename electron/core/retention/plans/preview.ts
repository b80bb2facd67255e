// What a purge would take, as it is shown before anybody decides: counts from the cache, holds, what nobody has read, and the gravest things in words.
import type { PurgePreview } from '#shared/domain/retention-plan.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import type { KnownRetention } from '../truth/known.ts';
import type { HeldThere, Reckoning, Stretch } from './reckoning.ts';
import { idsDigest } from './row-ids.ts';
import { HOW_TO_READ } from './unread.ts';
import type { Unread } from './unread.ts';

export interface Previewed {
  readonly days: number;
  readonly stretch: Stretch;
  readonly reckoning: Reckoning;
  readonly held: HeldThere;
  readonly gaps: readonly AuditGap[];
  readonly unread: Unread;
  readonly known: KnownRetention;
  readonly isHoldStanding: boolean;
  /** Why the cutoff is not by the deployment's own clock; null when it is. */
  readonly clockNote: string | null;
  /** The deployment can be asked to delete by this console. */
  readonly isOffered: boolean;
}

const stretches = (n: number): string => (n === 1 ? 'A stretch' : `${n} stretches`);
const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;

function serverCount({ days, known: { policy } }: Previewed): PurgePreview['serverCount'] {
  if (policy.state !== 'on' || policy.days !== days) return { rows: null, at: null, reason: `It counts only what is older than its own rule${policy.days === null ? '' : ` of ${policy.days} days`}.` };
  return { rows: policy.overdue.rows, at: policy.overdue.rows === null ? null : policy.observedAt, reason: policy.overdue.reason };
}

/** It counts rows that nobody here has read, in stretches that were read. */
const isMoreThanRead = ({ reckoning }: Previewed, { rows: counted }: PurgePreview['serverCount']): boolean => counted !== null && counted > reckoning.ids.length + reckoning.alsoIds.length;

function warningsOf(previewed: Previewed, count: PurgePreview['serverCount']): string[] {
  const { days, known: { policy }, reckoning, held, unread: { open, closed, count: shows }, isHoldStanding, clockNote, isOffered } = previewed;
  const found = reckoning.ids.length;
  const cases = held.byHold.map(({ caseId, rows: n }) => `${caseId}: ${n}`).slice(0, 10).join(', ');
  return [
    ...(held.rows + held.alsoDue === 0 ? [] : [`${rows(held.rows + held.alsoDue)} ${held.rows + held.alsoDue === 1 ? 'is' : 'are'} under legal holds (${cases}). No plan is made while they are.`]),
    ...(isHoldStanding && open.length > 0 ? [`A legal hold stands, and what lies before the cutoff was not read completely: nobody knows whether held rows are in it. No plan is made while that is so. ${HOW_TO_READ}`] : []),
    ...(isHoldStanding && isMoreThanRead(previewed, count) ? [`A legal hold stands, and the deployment itself counted ${rows(count.rows ?? 0)} as due where ${rows(found)} were read: one that nobody has read may be held. No plan is made while that is so.`] : []),
    ...(isOffered ? ['The deployment deletes rows of EVERY organisation, at once, without a preview of its own, and nobody can bring them back.'] : []),
    ...(policy.state !== 'on' || policy.days === null || days >= policy.days ? [] : [`Its own rule keeps rows for ${policy.days} days. By ${days} ${days === 1 ? 'day' : 'days'} rows go that are not due by that rule.`]),
    ...(open.length === 0 ? [] : [`${stretches(open.length)} before the cutoff ${open.length === 1 ? 'was' : 'were'} never read completely. What is in ${open.length === 1 ? 'it' : 'them'} goes too, is not counted here, and is nowhere else.`]),
    ...(shows === null ? [] : [`${stretches(closed.length)} before the cutoff ${closed.length === 1 ? 'was' : 'were'} never read. On ${formatInstantUs(shows.atUs)} the deployment counted ${rows(shows.rows)} older than ${formatInstantUs(shows.beforeUs)}, as many as are named here: no other row is in ${closed.length === 1 ? 'it' : 'them'}.`]),
    ...(count.rows === null || count.rows === found ? [] : [`The deployment itself counted ${rows(count.rows)} as due on ${count.at ?? ''}; the cache has ${rows(found)}.${isMoreThanRead(previewed, count) ? ` All that it counts go, so ${count.rows} is the number to type.` : ''}`]),
    ...(reckoning.unseen === 0 ? [] : [`${rows(reckoning.unseen)} came from a file or from another address of this deployment: whether ${reckoning.unseen === 1 ? 'it is' : 'they are'} there was not seen. ${reckoning.unseen === 1 ? 'It is' : 'They are'} counted as if ${reckoning.unseen === 1 ? 'it was' : 'they were'}.`]),
    ...(reckoning.fileRows === 0 ? [] : [`${rows(reckoning.fileRows)} from files ${reckoning.fileRows === 1 ? 'has' : 'have'} no id of the server and ${reckoning.fileRows === 1 ? 'is' : 'are'} not in the plan.`]),
    ...(clockNote === null ? [] : [clockNote]),
    ...(found === 0 ? ['No cached row is older than the cutoff.'] : []),
  ];
}

export function previewOf(previewed: Previewed): PurgePreview {
  const { days, stretch, reckoning, held, gaps } = previewed;
  const end = (row: Reckoning['first']): PurgePreview['first'] => (row === null ? null : { id: row.id, createdAt: formatInstantUs(row.createdAtUs), route: row.route, eventType: row.eventType });
  const count = serverCount(previewed);
  return {
    days, cutoff: formatInstantUs(stretch.cutoffUs), rows: reckoning.ids.length, bytes: reckoning.bytes,
    byType: [...reckoning.byType], byOrg: [...reckoning.byOrg], byActor: [...reckoning.byActor], byDay: [...reckoning.byDay], isShortened: reckoning.isShortened,
    first: end(reckoning.first), last: end(reckoning.last), held: [...held.byHold], heldRows: held.rows, gaps: [...gaps],
    alsoDue: { until: formatInstantUs(stretch.endUs), rows: reckoning.alsoIds.length, held: held.alsoDue },
    serverCount: count, rowsDigest: idsDigest(reckoning.ids), alsoDueDigest: idsDigest(reckoning.alsoIds), warnings: warningsOf(previewed, count),
  };
}
