// What a deployment says of its retention, read from its security status: the rule, its own clock, and a count that says nothing unless the database was shown to have given it.
import type { RetentionPolicy } from '#shared/domain/retention.ts';
import { DAY_US, FARTHEST_CLOCK_US } from '#shared/domain/retention.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';

/** The part about retention of one answer of the status. */
export interface StatusSaid {
  readonly observedAtUs: number;
  readonly source: string;
  readonly state: 'on' | 'off' | 'unknown';
  /** As it said it, usable or not. */
  readonly days: number | null;
  /** Of its own clock at that time; from ours where it names none. Null unless on. */
  readonly cutoffUs: number | null;
  readonly hasOwnClock: boolean;
  /** Rows past the cutoff over all organisations, as it counts them. */
  readonly overdue: number | null;
  readonly reason: string;
}

/** Longer than this is no period but a slip, and dates would leave the calendar. */
const LONGEST_DAYS = 36_500;
/** A clock that is further off than this is worth a sentence. */
const CLOCK_NOTE_US = 300_000_000;
/** Instants that can be written with four digits of the year. */
const EARLIEST_US = Date.UTC(1, 0, 1) * 1000;
const LATEST_US = Date.UTC(9990, 0, 1) * 1000;

interface Part { readonly enabled?: unknown; readonly retention_days?: unknown; readonly overdue_count?: unknown; readonly cutoff_iso?: unknown }

const asCount = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null);

/** @param part `audit_retention` of a security status (contract section 2), or anything else */
export function readStatus(part: unknown, { observedAtUs, source }: { readonly observedAtUs: number; readonly source: string }): StatusSaid {
  const said = (typeof part === 'object' && part !== null ? part : {}) as Part;
  const days = typeof said.retention_days === 'number' && Number.isSafeInteger(said.retention_days) ? said.retention_days : null;
  const base = { observedAtUs, source, days, cutoffUs: null, hasOwnClock: false, overdue: asCount(said.overdue_count) };
  if (said.enabled === false) return { ...base, state: 'off', reason: 'Retention is switched off there: nothing is configured to be deleted.' };
  if (said.enabled !== true) return { ...base, state: 'unknown', reason: 'Its security status does not say whether retention is on.' };
  if (days === null) return { ...base, state: 'unknown', reason: 'Retention is on, but the status gives no whole number of days.' };
  if (days < 1 || days > LONGEST_DAYS) return { ...base, state: 'unknown', reason: `Retention is on with ${days} days, which is no usable period${days < 1 ? ': a purge by it would delete every row' : ''}.` };
  const own = typeof said.cutoff_iso === 'string' ? parseInstantUs(said.cutoff_iso) : null;
  const isBelieved = own !== null && own > EARLIEST_US && own < LATEST_US;
  if (isBelieved && Math.abs(own + days * DAY_US - observedAtUs) > FARTHEST_CLOCK_US) {
    return { ...base, state: 'unknown', reason: `Retention is on with ${days} days, but the cutoff that it names, ${formatInstantUs(own)}, is not ${days} days before the time of the answer, ${formatInstantUs(observedAtUs)}: its days or its clock are wrong.` };
  }
  return { ...base, state: 'on', cutoffUs: isBelieved ? own : observedAtUs - days * DAY_US, hasOwnClock: isBelieved, reason: `Rows older than ${days} ${days === 1 ? 'day' : 'days'} are due, for all organisations.` };
}

/** How far the deployment's clock is ahead of ours. */
export const aheadOf = ({ cutoffUs, days, observedAtUs }: StatusSaid): number => (cutoffUs === null || days === null ? 0 : cutoffUs + days * DAY_US - observedAtUs);

/** The cutoff at a time by our clock; null unless retention is on. */
export const cutoffAt = (said: StatusSaid, atUs: number): number | null => (said.cutoffUs === null ? null : said.cutoffUs + (atUs - said.observedAtUs));

/** Whether the database was shown to have given a count of none. */
export type NoneShown = { readonly isShown: true; readonly text: string } | { readonly isShown: false; readonly reason: string; /** Something that was answered with it speaks against it; false: nobody asked. */ readonly isDoubted: boolean };

function clockNote(said: StatusSaid): string {
  if (!said.hasOwnClock) return ' The status names no cutoff, so it is counted by the clock of this computer.';
  const ahead = aheadOf(said);
  if (Math.abs(ahead) <= CLOCK_NOTE_US) return '';
  const hours = Math.abs(ahead) / 3_600_000_000;
  return ` The deployment's clock is ${hours >= 1 ? `${Math.round(hours * 10) / 10} hours` : `${Math.round(hours * 60)} minutes`} ${ahead > 0 ? 'ahead of' : 'behind'} the one of this computer; the cutoff is by the deployment's.`;
}

function overdueOf(said: StatusSaid, shown: NoneShown | null): RetentionPolicy['overdue'] {
  const at = formatInstantUs(said.observedAtUs);
  if (said.overdue === null) return { said: null, rows: null, reason: 'The status gives no count of overdue rows.' };
  if (said.state === 'off') return { said: said.overdue, rows: null, reason: `It says ${said.overdue}, but while retention is off it always says 0: that says nothing of its rows.` };
  if (said.state !== 'on') return { said: said.overdue, rows: null, reason: `It says ${said.overdue}, but by which rule is not known.` };
  if (said.overdue > 0) return { said: said.overdue, rows: said.overdue, reason: `Counted by the deployment on ${at}, over all organisations.` };
  if (shown?.isShown === true) return { said: 0, rows: 0, reason: `Counted by the deployment on ${at}, over all organisations. ${shown.text}` };
  return { said: 0, rows: null, reason: `It says 0, but it says so too when its database is down. ${shown?.reason ?? ''}`.trimEnd() };
}

/** @param said the newest answer of the present address to the present token; null: there was none */
export function policyOf(said: StatusSaid | null, { nowUs, shown }: { readonly nowUs: number; readonly shown: NoneShown | null }): RetentionPolicy {
  if (said === null) {
    return { state: 'unknown', days: null, cutoff: null, observedAt: null, reason: 'The security status of this address was not read with the present token yet: sync, or scan its security.', overdue: { said: null, rows: null, reason: 'Nobody was asked.' } };
  }
  const cutoff = cutoffAt(said, nowUs);
  return {
    state: said.state, days: said.days, cutoff: cutoff === null ? null : formatInstantUs(cutoff), overdue: overdueOf(said, shown), observedAt: formatInstantUs(said.observedAtUs),
    reason: `${said.reason}${said.state === 'on' ? clockNote(said) : ''}`,
  };
}
