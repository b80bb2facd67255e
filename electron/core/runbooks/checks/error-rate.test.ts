// The share of 5xx: what two readings prove, and what they do not.
import { describe, expect, it } from 'vitest';
import { earlierReadings, eitherRate, rateByAudit, rateByMetrics, readingOf } from './error-rate.ts';
import type { Reading } from './error-rate.ts';
import type { Metrics } from './metric.ts';
import { readExposition } from './prometheus.ts';

const CHECK = { asks: 'error-rate', minutes: 5, below_percent: 1 } as const;
const NOW = Date.UTC(2026, 10, 22, 12);
const MIN = 60_000;
const metrics = (text: string): Metrics => {
  const read = readExposition(text);
  if ('problem' in read) throw new Error(read.problem);
  return { samples: read.samples, answer: { status: 200, headers: {}, text, receivedAt: NOW, durationMs: 1, requestLine: 'GET /metrics/metrics', tls: null, serverDate: null, json: () => undefined } };
};
const counted = (ok: number, errors: number, start: number | null = 100): string => `http_requests_total{status="200"} ${ok}\nhttp_requests_total{status="500"} ${errors}\n${start === null ? '' : `process_start_time_seconds ${start}\n`}`;
const before = (minutes: number, ...[total, errors, startedAt = 100]: [number, number, (number | null)?]): Reading => ({ atMs: NOW - minutes * MIN, total, errors, startedAt });
const rate = (text: string, earlier: readonly Reading[]) => rateByMetrics(CHECK, { metrics: metrics(text), name: 'http_requests_total', earlier: () => earlier });

describe('the share of 5xx by the counters', () => {
  it.each<readonly [what: string, text: string, earlier: readonly Reading[], result: 'pass' | 'fail' | 'unknown']>([
    ['passes over the whole time', counted(1100, 3), [before(5, 1000, 3)], 'pass'],
    ['fails over the whole time', counted(1090, 13), [before(5, 1000, 3)], 'fail'],
    ['fails at exactly the limit', counted(1099, 1), [before(5, 1000, 0)], 'fail'],
    ['fails sooner where errors are there', counted(1050, 53), [before(1, 1000, 3)], 'fail'],
    ['fails with few answers where errors are there', counted(1001, 5), [before(6, 1000, 3)], 'fail'],
    ['takes the newest reading that covers the time', counted(1100, 103), [before(20, 100, 3), before(5, 1000, 103), before(1, 1090, 103)], 'pass'],
    ['does not know at the first reading', counted(1000, 0), [], 'unknown'],
    ['does not know before the time is over', counted(1100, 3), [before(4.9, 1000, 3)], 'unknown'],
    ['does not know after a restart', counted(1100, 3), [before(5, 1000, 3, 99)], 'unknown'],
    ['does not know when a start appears', counted(1100, 3), [before(5, 1000, 3, null)], 'unknown'],
    ['does not know where no start is told: a restart would not show', counted(1100, 3, null), [before(5, 1000, 3, null)], 'unknown'],
    ['fails where no start is told and errors are there', counted(1090, 13, null), [before(5, 1000, 3, null)], 'fail'],
    ['does not know when counters fell', counted(900, 3, null), [before(5, 1000, 3, null)], 'unknown'],
    ['does not know when errors fell', counted(1100, 2, null), [before(5, 1000, 3, null)], 'unknown'],
    ['does not know without an answer', counted(1000, 3), [before(5, 1003, 3)], 'unknown'],
    ['does not know from a few answers', counted(1010, 3), [before(5, 1000, 3)], 'unknown'],
    ['does not know when errors lie somewhere in a long time', counted(100_000, 4), [before(60, 1000, 3)], 'unknown'],
    ['passes over a long time without an error', counted(100_000, 3), [before(60, 1000, 3)], 'pass'],
    ['does not know a failure of long ago', counted(1100, 503), [before(60, 1000, 3)], 'unknown'],
  ])('%s', (_what, ...[text, earlier, result]) => {
    expect(rate(text, earlier).result).toBe(result);
  });

  it('keeps its counters in the event, from which the next one reads them back', () => {
    const first = rate(counted(1000, 3, 1795326132.76), []);
    expect(first).toMatchObject({ result: 'unknown', observedAt: '2026-11-22T12:00:00Z', source: 'GET /metrics/metrics; counted 1003, 5xx 3, process 1795326132.76' });
    const event = { body: { kind: 'check', step: 's', ...first, attestedBy: null } } as never;
    expect(earlierReadings([event], 'GET /metrics/metrics')).toEqual([{ atMs: NOW, total: 1003, errors: 3, startedAt: 1795326132.76 }]);
    expect(earlierReadings([event], 'GET /metrics')).toEqual([]);
    const attested = { body: { kind: 'check', step: 's', ...first, attestedBy: 'Ada' } } as never;
    expect(earlierReadings([attested], 'GET /metrics/metrics')).toEqual([]);
  });

  it('is no reading without statuses, or with what is no count', () => {
    const read = (text: string): Reading | null => { const found = metrics(text); return 'unknown' in found ? null : readingOf(found.samples, 'http_requests_total', NOW); };
    expect(read('http_requests_total 5')).toBeNull();
    expect(read('http_requests_total{status="error"} 5')).toBeNull();
    expect(read('http_requests_total{status="200"} NaN')).toBeNull();
    expect(read('other{status="200"} 1')).toBeNull();
    expect(read('http_requests_total{status="5xx"} 2\nhttp_requests_total{status="2xx"} 3')).toMatchObject({ total: 5, errors: 2, startedAt: null });
    expect(rateByMetrics(CHECK, { metrics: metrics('http_requests_total 5'), name: 'http_requests_total', earlier: () => [] }).result).toBe('unknown');
  });
});

describe('the share of 5xx by the audit log', () => {
  const asOf = '2026-11-22T11:59:30Z';
  it.each([[100, 0, 'pass'], [100, 1, 'fail'], [19, 0, 'unknown'], [0, 0, 'unknown'], [3, 2, 'fail']] as const)('%i rows, %i errors: %s, and says what it is', (rows, errors, result) => {
    expect(rateByAudit(CHECK, { rows, errors, asOf })).toMatchObject({ result, source: `cached audit log, complete as of ${asOf}`, observedAt: asOf });
  });

  it('counts where the counters do not tell, and never against them', () => {
    const unknown = rate(counted(1000, 0), []);
    const failing = rate(counted(1050, 53), [before(1, 1000, 3)]);
    const audit = rateByAudit(CHECK, { rows: 100, errors: 0, asOf });
    expect(eitherRate(unknown, audit)).toBe(audit);
    expect(eitherRate(failing, audit)).toBe(failing);
    expect(eitherRate(unknown, null)).toBe(unknown);
    expect(eitherRate(unknown, rateByAudit(CHECK, { rows: 0, errors: 0, asOf }))).toBe(unknown);
  });
});
