// One metric against a threshold: all samples that have the labels, added up. What is missing, or no number, is unknown.
import type { LiveCheck } from '#shared/domain/runbook-pack.ts';
import type { ProbeAnswer } from '../../deployments/service.ts';
import { failed } from './asking.ts';
import type { Asked } from './asking.ts';
import { found, isPassing } from './found.ts';
import type { Found } from './found.ts';
import { matching, readExposition } from './prometheus.ts';
import type { Sample } from './prometheus.ts';

type MetricCheck = Extract<LiveCheck, { asks: 'metric' }>;

export const METRICS_PATHS = { navi: '/metrics/metrics', karen: '/metrics' } as const;

const HOLDS: Readonly<Record<MetricCheck['is'], (left: number, right: number) => boolean>> = { '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b, '==': (a, b) => a === b };

/** The samples of an answer, or why there are none. */
export type Metrics = { readonly samples: readonly Sample[]; readonly answer: ProbeAnswer } | { readonly unknown: Found };

/** @param nowMs when a failure came */
export function metricsIn(asked: Asked, path: string, nowMs: number): Metrics {
  if (failed(asked)) return { unknown: found('unknown', { seen: asked.failure.message, because: 'The metrics could not be read.', source: `GET ${path}`, at: nowMs }) };
  const { answer } = asked;
  const say = (seen: string, because: string): Metrics => ({ unknown: found('unknown', { seen, because, source: answer.requestLine, at: answer.receivedAt }) });
  if (answer.status !== 200) return say(`It answered ${answer.status}.`, answer.status === 401 || answer.status === 403 ? 'The metrics are closed to the console.' : 'The metrics are not served.');
  const read = readExposition(answer.text);
  if ('problem' in read) return say('It answered 200.', `Line ${read.line} of the metrics cannot be read: ${read.problem}.`);
  return read.samples.length === 0 ? say('It answered 200.', 'The answer holds no metrics.') : { samples: read.samples, answer };
}

export function metricFound(check: MetricCheck, metrics: Metrics): Found {
  if ('unknown' in metrics) return metrics.unknown;
  const { samples, answer: { requestLine: source, receivedAt: at } } = metrics;
  const labels = Object.entries(check.labels).map(([label, value]) => `${label}="${value}"`).join(',');
  const name = labels === '' ? check.name : `${check.name}{${labels}}`;
  const chosen = matching(samples, check.name, check.labels);
  if (chosen.length === 0) return found('unknown', { seen: `There is no ${name}.`, because: 'A metric that is missing is no zero.', source, at });
  const value = chosen.reduce((sum, sample) => sum + sample.value, 0);
  const seen = `${name} is ${value}${chosen.length === 1 ? '' : `, the sum of ${chosen.length} samples`}.`;
  if (Number.isNaN(value)) return found('unknown', { seen, because: 'That is no number.', source, at });
  return found(isPassing(HOLDS[check.is](value, check.value)), { seen, because: `It has to be ${check.is} ${check.value}.`, source, at });
}
