// The share of 5xx: from the counters of the deployment between two readings, or from its audit log where the cache is fresh. Which of the two is said; where neither proves it, it is unknown.
import type { LiveCheck } from '#shared/domain/runbook-pack.ts';
import type { EventOf } from '#shared/domain/runbook-registers.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import { found } from './found.ts';
import type { Found } from './found.ts';
import type { Metrics } from './metric.ts';
import type { Sample } from './prometheus.ts';

type RateCheck = Extract<LiveCheck, { asks: 'error-rate' }>;

/** By kind of deployment: the counter of requests. */
export const REQUESTS = { navi: 'http_requests_total', karen: 'kari_http_requests_total' } as const;
/** Of fewer answers a share says nothing. */
export const ANSWERS_MIN = 20;
const MINUTE_MS = 60_000;

/** Counters at one time. `startedAt`: of the process, seconds since the epoch; null where it is not told. */
export interface Reading { readonly atMs: number; readonly total: number; readonly errors: number; readonly startedAt: number | null }

/** Null where no sample tells a status, or one is no count. */
export function readingOf(samples: readonly Sample[], name: string, atMs: number): Reading | null {
  const counters = samples.filter((sample) => sample.name === name);
  const statuses = counters.map(({ labels }) => labels['status'] ?? labels['status_code'] ?? labels['code']);
  if (counters.length === 0 || statuses.some((status) => status === undefined || !/^[1-5](?:\d\d|xx)$/i.test(status)) || counters.some(({ value }) => !Number.isFinite(value) || value < 0)) return null;
  const sum = (chosen: readonly Sample[]): number => chosen.reduce((total, { value }) => total + value, 0);
  const starts = samples.filter((sample) => sample.name === 'process_start_time_seconds');
  const [start] = starts;
  return { atMs, total: sum(counters), errors: sum(counters.filter((_, index) => statuses[index]?.startsWith('5') === true)), startedAt: starts.length === 1 && start !== undefined && Number.isFinite(start.value) ? start.value : null };
}

/** A reading as the source of an event keeps it, so that the next one has something to be compared with, on whichever day and from whichever window. */
const writtenIn = (line: string, { total, errors, startedAt }: Reading): string => `${line}; counted ${total}, 5xx ${errors}, process ${startedAt ?? 'unknown'}`;
const WRITTEN = /^(GET \S+); counted (\d+(?:\.\d+)?), 5xx (\d+(?:\.\d+)?), process (unknown|\d+(?:\.\d+)?)$/;

/** Readings that this console made in this run before, oldest first. @param checks events of the step, by this profile alone */
export function earlierReadings(checks: readonly EventOf<'check'>[], line: string): readonly Reading[] {
  return checks.flatMap(({ body }) => {
    const [, asked, total, errors, process] = WRITTEN.exec(body.source) ?? [];
    if (asked !== line || body.attestedBy !== null) return [];
    return [{ atMs: Date.parse(body.observedAt), total: Number(total), errors: Number(errors), startedAt: process === 'unknown' ? null : Number(process) }];
  }).sort((a, b) => a.atMs - b.atMs);
}

const percent = (errors: number, total: number): number => (errors / total) * 100;
const shown = (errors: number, total: number): string => `${errors} of ${total} answers were 5xx (${Number(percent(errors, total).toFixed(3))} %)`;

/** Which earlier reading the present one is compared with: the newest that covers the whole time; else the oldest there is. */
function baseOf(now: Reading, earlier: readonly Reading[], minutes: number): Reading | null {
  return earlier.findLast(({ atMs }) => now.atMs - atMs >= minutes * MINUTE_MS) ?? earlier[0] ?? null;
}

export function rateByMetrics(check: RateCheck, { metrics, name, earlier }: { readonly metrics: Metrics; readonly name: string; readonly earlier: (line: string) => readonly Reading[] }): Found {
  if ('unknown' in metrics) return metrics.unknown;
  const { answer: { requestLine, receivedAt } } = metrics;
  const now = readingOf(metrics.samples, name, receivedAt);
  if (now === null) return found('unknown', { seen: `There is no ${name} by status.`, because: 'Without it nobody knows how many answers were errors.', source: requestLine, at: receivedAt });
  const say = (result: Found['result'], seen: string, because: string): Found => found(result, { seen, because, source: writtenIn(requestLine, now), at: receivedAt });
  const wanted = `It has to be below ${check.below_percent} %.`;
  const again = (fromMs: number): string => `Run it again at ${formatInstantMs(Math.ceil((fromMs + check.minutes * MINUTE_MS) / 1000) * 1000)}.`;
  const base = baseOf(now, earlier(requestLine), check.minutes);
  if (base === null) return say('unknown', `${now.total} answers since the start, ${now.errors} of them 5xx.`, `This is the first reading; the share of ${check.minutes} minutes needs two. ${again(now.atMs)}`);
  const [total, errors] = [now.total - base.total, now.errors - base.errors];
  const span = `between ${formatInstantMs(base.atMs)} and ${formatInstantMs(now.atMs)}`;
  if (total < 0 || errors < 0 || errors > total || now.startedAt !== base.startedAt) return say('unknown', `The counters began anew ${span}.`, `Errors before that are not in them: it was restarted, or another process answered. ${again(now.atMs)}`);
  if (total === 0) return say('unknown', `Nothing was answered ${span}.`, 'Without an answer there is no share.');
  const seen = `${shown(errors, total)} ${span}.`;
  const isBelow = percent(errors, total) < check.below_percent;
  const coveredMs = now.atMs - base.atMs;
  if (total < ANSWERS_MIN && isBelow) return say('unknown', seen, `Fewer than ${ANSWERS_MIN} answers say nothing of a share.`);
  // An error that is there is there, however short the time; that there are few is known only of the whole time.
  if (!isBelow) return coveredMs <= 2 * check.minutes * MINUTE_MS ? say('fail', seen, wanted) : say('unknown', seen, `Two readings lie further apart than twice ${check.minutes} minutes. ${again(now.atMs)}`);
  if (coveredMs < check.minutes * MINUTE_MS) return say('unknown', seen, `That is less than the ${check.minutes} minutes that are asked for. ${again(base.atMs)}`);
  if (coveredMs > 2 * check.minutes * MINUTE_MS && errors > 0) return say('unknown', seen, `Two readings lie further apart than twice ${check.minutes} minutes: nobody knows when the errors were. ${again(now.atMs)}`);
  // A restart takes the errors before it along, and shows only by the time of the start.
  if (now.startedAt === null) return say('unknown', seen, 'It does not tell when its process started, so that a restart in between would not show.');
  return say('pass', seen, wanted);
}

/** What the cached audit log shows of the last minutes. `asOf`: when the server last confirmed that it is complete. */
export interface AuditShare { readonly rows: number; readonly errors: number; readonly asOf: string }

export function rateByAudit(check: RateCheck, { rows, errors, asOf }: AuditShare): Found {
  const seen = rows === 0 ? 'No row of the audit log is that new.' : `${shown(errors, rows)}, by the audit log of ${check.minutes} minutes.`;
  const isFew = rows < ANSWERS_MIN;
  const isBelow = rows > 0 && percent(errors, rows) < check.below_percent;
  const because = isFew && (isBelow || rows === 0) ? `Fewer than ${ANSWERS_MIN} answers say nothing of a share.` : `It has to be below ${check.below_percent} %. Only what the audit log records is counted.`;
  return found(rows === 0 || (isFew && isBelow) ? 'unknown' : isBelow ? 'pass' : 'fail', { seen, because, source: `cached audit log, complete as of ${asOf}`, at: asOf });
}

/** The two ways together: what decides counts, the counters first. */
export function eitherRate(byMetrics: Found, byAudit: Found | null): Found {
  if (byMetrics.result !== 'unknown' || byAudit === null || byAudit.result === 'unknown') return byMetrics;
  return byAudit;
}
