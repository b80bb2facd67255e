// The retention of a deployment as it is known now: the newest status of its present address and token, and whether a count of none is believed.
import type { Deployment } from '#shared/domain/deployment.ts';
import { DAY_US } from '#shared/domain/retention.ts';
import type { RetentionPolicy } from '#shared/domain/retention.ts';
import { formatInstantUs } from '#shared/domain/time.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { ReadDb } from '../../db/sql.ts';
import type { NoneLeft } from '../holds/presence-queries.ts';
import { aheadOf, cutoffAt, policyOf } from './policy.ts';
import type { NoneShown, StatusSaid } from './policy.ts';
import { databaseAway, failedSync, gaveOlder, lackedHeld, lastAnswerBefore, newestStatus, ownAnswerAfter, statusesOf } from './truth-queries.ts';
import type { At } from './truth-queries.ts';

/** The database must have answered within this time after the status, to the same who asked for it: a sync asks for the status first and for rows next. */
const AFTER_US = 120_000_000;
/** And before it: the sync before, or the test of the deployment. */
const BEFORE_US = 7 * DAY_US;
/** So many counts of none are examined at most. */
const NONE_AT_MOST = 20;

export interface KnownRetention {
  readonly at: At;
  readonly policy: RetentionPolicy;
  readonly said: StatusSaid | null;
  /** All answers of the address, newest first. */
  readonly statuses: readonly StatusSaid[];
  /** Rows older than this are due now, by the deployment's clock; null unless the policy is on. */
  readonly cutoffUs: number | null;
  /** A row comes due so long after its time, by our clock. */
  readonly ruleUs: number | null;
  /** How far the deployment's clock is ahead of ours. */
  readonly aheadUs: number;
  /** Since when this rule is known to hold; null: nothing else was ever said. */
  readonly ruleSinceUs: number | null;
  /** The newest time at which no row past the cutoff was left, as far as that is shown. */
  readonly noneLeft: NoneLeft | null;
  /** When it last said a count of none that something else it answered then speaks against; null: the newest status is none of those. */
  readonly doubtedNoneUs: number | null;
}

/** Whether the database gave the count of none that a status says; it also says none when the database is down. */
export function noneShown(db: ReadDb, at: At, said: StatusSaid): NoneShown {
  const before = lastAnswerBefore(db, at, said.observedAtUs);
  const after = ownAnswerAfter(db, at, said.observedAtUs);
  const sync = 'Sync, and look again.';
  const isDoubted = databaseAway(db, at, { fromUs: said.observedAtUs, toUs: said.observedAtUs + AFTER_US });
  if (after === null || after.atUs > said.observedAtUs + AFTER_US) return { isShown: false, isDoubted, reason: `Nothing that only the database can answer was answered with it, within ${AFTER_US / 60_000_000} minutes (${formatInstantUs(said.observedAtUs)}). ${sync}` };
  if (before === null || before.atUs < said.observedAtUs - BEFORE_US) return { isShown: false, isDoubted, reason: `Nothing that only the database can answer was answered in the ${BEFORE_US / DAY_US} days before it (${formatInstantUs(said.observedAtUs)}). ${sync}` };
  const failure = failedSync(db, at, { fromUs: said.observedAtUs, toUs: after.atUs });
  if (failure !== null) return { isShown: false, isDoubted: true, reason: `The sync that asked for it, or one right after, stopped before its end (${failure}), so the database may have been away. ${sync}` };
  const older = said.cutoffUs === null ? null : gaveOlder(db, at, { olderThanUs: said.cutoffUs, sinceUs: said.observedAtUs });
  if (older !== null) return { isShown: false, isDoubted: true, reason: `It gave rows past the cutoff right after (event ${older.id}), so the count is wrong.` };
  if (lackedHeld(db, at, said.observedAtUs)) return { isShown: false, isDoubted: true, reason: `Its list lacked rows right after that are not due: it was cut short, or the log was emptied or replaced. So the count proves nothing (${formatInstantUs(said.observedAtUs)}).` };
  return { isShown: true, text: `The database answered before it (${before.source}, ${formatInstantUs(before.atUs)}) and after it (${after.source}, ${formatInstantUs(after.atUs)}).` };
}

function ruleSince(said: StatusSaid, statuses: readonly StatusSaid[]): number | null {
  let since = said.observedAtUs;
  for (const { state, days, observedAtUs } of statuses) {
    if (state === 'unknown') continue;
    if (state !== said.state || days !== said.days) return since;
    since = Math.min(since, observedAtUs);
  }
  return null;
}

function newestNone(db: ReadDb, at: At, statuses: readonly StatusSaid[]): NoneLeft | null {
  for (const said of statuses.filter(({ state, overdue }) => state === 'on' && overdue === 0).slice(0, NONE_AT_MOST)) {
    if (said.cutoffUs !== null && noneShown(db, at, said).isShown) return { address: at.address, atUs: said.observedAtUs, cutoffUs: said.cutoffUs, source: said.source };
  }
  return null;
}

/** Asks nobody. @param token the fingerprint of the present token: what another one was told is not the policy */
export function knownRetention(db: ReadDb, { deployment, token, nowUs }: { readonly deployment: Pick<Deployment, 'id' | 'url'>; readonly token: string | null; readonly nowUs: number }): KnownRetention {
  const at: At = { dep: deploymentNumber(db, deployment.id), deploymentId: deployment.id, address: deployment.url };
  const said = newestStatus(db, at, token);
  const statuses = statusesOf(db, at);
  const shown = said !== null && said.state === 'on' && said.overdue === 0 ? noneShown(db, at, said) : null;
  const isOn = said !== null && said.state === 'on' && said.days !== null;
  const aheadUs = isOn ? aheadOf(said) : 0;
  return {
    at, said, statuses, policy: policyOf(said, { nowUs, shown }), cutoffUs: isOn ? cutoffAt(said, nowUs) : null, ruleUs: isOn ? (said.days ?? 0) * DAY_US - aheadUs : null, aheadUs,
    ruleSinceUs: isOn ? ruleSince(said, statuses) : null, noneLeft: newestNone(db, at, statuses),
    doubtedNoneUs: said !== null && shown?.isShown === false && shown.isDoubted ? said.observedAtUs : null,
  };
}
