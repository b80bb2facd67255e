// The last look before anything is sent: is the plan still true. What differs is said in words, and nothing is sent.
import type { Deployment } from '#shared/domain/deployment.ts';
import type { AuditGap } from '#shared/domain/audit-event.ts';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { DAY_US } from '#shared/domain/retention.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { stretchOf } from '../plans/plan-file.ts';
import type { PlanWindow } from '../plans/plan-file.ts';
import type { Looked, Named } from '../plans/service.ts';
import { readStatus } from '../truth/policy.ts';

const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;
const some = (ids: readonly number[]): string => `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`;

export const planChanged = (what: string): AppError => new AppError('plan_changed', { message: `The plan is no longer true, so nothing was sent. ${what}`, hint: 'Make a new plan and look at it again.' });

function changeOf(words: string, named: readonly number[], now: readonly number[]): string[] {
  const [before, after] = [new Set(named), new Set(now)];
  const fresh = now.filter((id) => !before.has(id));
  const gone = named.filter((id) => !after.has(id));
  return [
    ...(fresh.length === 0 ? [] : [`${rows(fresh.length)} ${words} that the plan does not name (${some(fresh)}).`]),
    ...(gone.length === 0 ? [] : [`${rows(gone.length)} ${words} that the plan names ${gone.length === 1 ? 'is' : 'are'} known to be gone, or left the cache (${some(gone)}).`]),
  ];
}

const ends = ({ from, to }: AuditGap): { readonly from: number; readonly to: number } => ({ from: from === null ? Number.NEGATIVE_INFINITY : parseInstantUs(from) ?? Number.NEGATIVE_INFINITY, to: to === null ? Number.POSITIVE_INFINITY : parseInstantUs(to) ?? Number.POSITIVE_INFINITY });

/** Stretches that were read when the plan was made and are not any more. */
function newGaps(before: readonly AuditGap[], now: readonly AuditGap[]): AuditGap[] {
  const known = before.map(ends).toSorted((a, b) => a.from - b.from);
  return now.filter((gap) => {
    const { from, to } = ends(gap);
    let at = from;
    for (const one of known) if (one.from <= at && one.to >= at) at = one.to === to ? to : one.to + 1;
    return at < to;
  });
}

/** @throws AppError plan_changed, rows_held */
export function refuseChanged(plan: PurgePlan, { named, looked, isHoldStanding }: { readonly named: Named; readonly looked: Looked; readonly isHoldStanding: boolean }): void {
  const { preview, reckoning, gaps, unread } = looked;
  if (preview.heldRows + preview.alsoDue.held > 0 || (isHoldStanding && unread.open.length > 0)) throw new AppError('rows_held', { message: `Nothing was sent. ${preview.warnings[0] ?? ''}`, hint: 'Release the hold with a reason, or leave the rows.' });
  const fresh = newGaps(plan.preview.gaps, gaps);
  const changes = [
    ...(preview.rowsDigest === plan.preview.rowsDigest ? [] : changeOf('before the cutoff', named.rows, reckoning.ids)),
    ...(preview.alsoDueDigest === plan.preview.alsoDueDigest ? [] : changeOf('that come due until the end of the plan', named.alsoDue, reckoning.alsoIds)),
    ...(fresh.length === 0 ? [] : [`${fresh.length === 1 ? 'A stretch' : `${fresh.length} stretches`} before the cutoff can no longer be called read: ${fresh[0]?.reason ?? ''}`]),
  ];
  if (changes.length > 0 || preview.rowsDigest !== plan.preview.rowsDigest || preview.alsoDueDigest !== plan.preview.alsoDueDigest) throw planChanged(changes.join(' '));
}

/** The deployment is still the one that was planned for. @throws AppError plan_changed, read_only */
export function refuseMoved(plan: PurgePlan, { name, url, environment, readOnly }: Deployment): void {
  const changed = ([['name', name], ['url', url], ['environment', environment]] as const).filter(([key, value]) => plan.deployment[key] !== value).map(([key]) => key);
  if (changed.length > 0) throw planChanged(`Of the deployment, ${changed.join(', ')} ${changed.length === 1 ? 'is' : 'are'} not what the plan says.`);
  if (readOnly) throw new AppError('read_only', { message: `${name} is read-only here. Nothing was sent.`, hint: 'If the purge is wanted, switch off read-only for this deployment first.' });
}

/** `waitUs`: until the deployment's cutoff has reached the plan's; 0: it has. `roomUs`: from its answer on, until its cutoff leaves what the plan allows. */
export interface CutoffFit { readonly waitUs: number; readonly roomUs: number }

/**
 * Whether the deployment's cutoff for these days lies within what the plan allows, or will in a moment.
 * @param part `audit_retention` of the status that was just read
 * @throws AppError plan_changed when retention is off, the clock is not told, or the cutoff lies outside of what the plan allows
 */
export function fitOfCutoff(plan: PurgePlan, window: PlanWindow, { part, observedAtUs }: { readonly part: unknown; readonly observedAtUs: number }): CutoffFit {
  const said = readStatus(part, { observedAtUs, source: '' });
  if (said.state !== 'on') throw planChanged(said.reason);
  if (said.cutoffUs === null || said.days === null || !said.hasOwnClock) throw planChanged('Its status does not tell its clock, so what it would delete is not known.');
  const { cutoffUs, endUs } = stretchOf(plan);
  const theirs = said.cutoffUs + said.days * DAY_US - window.days * DAY_US;
  if (theirs + ON_THE_WAY_US > endUs) throw planChanged(`By its clock it would delete up to ${formatInstantUs(theirs)}, and the plan ends at ${formatInstantUs(endUs)}.`);
  const shortUs = cutoffUs - theirs;
  if (shortUs > MOST_WAIT_US) throw planChanged(`By its clock it would delete only up to ${formatInstantUs(theirs)}, and the plan speaks of ${formatInstantUs(cutoffUs)}: its clock went back, or the waiting time is not over there.`);
  return { waitUs: Math.max(0, shortUs), roomUs: endUs - theirs - SENDING_US };
}

/**
 * The deployment's own count against what is named: what it counts beyond that, and beyond what the plan said that it counts, are rows that nobody has read.
 * @param status the one that was just read, with `audit_retention` @param due rows that it may count, by the days that it counts by; null: not known
 * @throws AppError plan_changed, rows_held
 */
export function refuseUnread(plan: PurgePlan, status: { readonly part: unknown; readonly observedAtUs: number }, { due, isHoldStanding }: { readonly due: { readonly days: number; readonly rows: number } | null; readonly isHoldStanding: boolean }): void {
  const { state, days, overdue } = readStatus(status.part, { observedAtUs: status.observedAtUs, source: '' });
  if (due === null || state !== 'on' || days !== due.days || overdue === null || overdue <= due.rows) return;
  const beyond = overdue - due.rows;
  const words = `The deployment counts ${rows(overdue)} older than ${days} days, ${beyond} more than were read: ${beyond === 1 ? 'it' : 'they'} would go too, and nobody here has seen ${beyond === 1 ? 'it' : 'them'}.`;
  if (isHoldStanding) throw new AppError('rows_held', { message: `Nothing was sent. ${words} A legal hold stands, and they may be under it.`, hint: 'Sync with --full until nothing is missing, or release the hold with a reason.' });
  const { serverCount, rows: named } = plan.preview;
  if (beyond > Math.max(0, (serverCount.rows ?? 0) - named)) throw planChanged(words);
}

/** The request itself takes its time: at the very end of a window it would come too late. */
const ON_THE_WAY_US = 5_000_000;
/** What is left of that for the request alone, once everything is on disk. */
const SENDING_US = 2_000_000;
/** Clocks that differ by so much are waited for. */
const MOST_WAIT_US = 30_000_000;
