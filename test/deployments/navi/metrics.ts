// Owns the request counters and their Prometheus text; refuses to invent a figure it did not measure.

const BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** The families the backend exports beside the HTTP ones; they have no samples here because nothing of theirs runs here. */
const OTHER_FAMILIES: readonly (readonly [string, 'counter' | 'gauge' | 'histogram' | 'summary'])[] = [
  ['sse_stream_drops_total', 'counter'], ['plan_publish_e2e_seconds', 'histogram'], ['audit_failures_total', 'counter'],
  ['tasks_created_total', 'counter'], ['tasks_done_total', 'counter'], ['task_update_latency_seconds', 'summary'],
  ['aep_llm_calls_total', 'counter'], ['aep_llm_tokens_total', 'counter'], ['aep_llm_cost_usd_total', 'counter'], ['aep_llm_latency_ms', 'histogram'],
  ['aep_plan_events_total', 'counter'], ['aep_plan_step_latency_ms', 'histogram'], ['aep_plan_active_total', 'counter'],
  ['aep_rag_retrieval_latency_ms', 'histogram'], ['aep_rag_chunks_retrieved_total', 'counter'],
  ['aep_task_iterations', 'histogram'], ['aep_task_completion_time_ms', 'histogram'],
  ['aep_provider_calls_total', 'counter'], ['aep_provider_errors_total', 'counter'], ['aep_circuit_breaker_state', 'gauge'],
  ['aep_budget_reserve_total', 'counter'], ['aep_budget_tokens_reserved_total', 'counter'], ['aep_budget_tokens_committed_total', 'counter'],
  ['aep_budget_tokens_released_total', 'counter'], ['aep_budget_overspend_anomalies_total', 'counter'],
  ['context_pack_latency_ms', 'histogram'], ['context_pack_hits', 'histogram'],
  ['aep_graph_builds_total', 'counter'], ['aep_graph_queries_total', 'counter'], ['aep_graph_build_latency_ms', 'histogram'],
  ['aep_graph_query_latency_ms', 'histogram'], ['aep_graph_nodes_total', 'gauge'], ['aep_graph_edges_total', 'gauge'],
];

interface Series {
  count: number;
  sumSeconds: number;
  readonly createdSeconds: number;
  readonly buckets: number[];
}

export interface RequestMeter {
  begin(): void;
  end(request: { readonly method: string; readonly path: string; readonly status: number; readonly seconds: number }): void;
  render(startedAt: Date): string;
}

/** Counts finished requests by method, route and status, and those in flight. */
export function createRequestMeter(): RequestMeter {
  const series = new Map<string, Series>();
  let inFlight = 0;

  return {
    begin: () => {
      inFlight += 1;
    },
    end: ({ method, path, status, seconds }) => {
      inFlight -= 1;
      const labels = `method="${method}",path="${path.replace(/[\\"\n]/g, '_')}",service="core",status="${status}"`;
      const entry = series.get(labels) ?? { count: 0, sumSeconds: 0, createdSeconds: Date.now() / 1000, buckets: BUCKETS_SECONDS.map(() => 0) };
      entry.count += 1;
      entry.sumSeconds += seconds;
      for (const [index, limit] of BUCKETS_SECONDS.entries()) if (seconds <= limit) entry.buckets[index] = (entry.buckets[index] ?? 0) + 1;
      series.set(labels, entry);
    },
    render: (startedAt) => {
      const all = [...series];
      const lines = [
        ...family('process_virtual_memory_bytes', 'gauge', []),
        ...family('process_resident_memory_bytes', 'gauge', [['', process.memoryUsage().rss]]),
        ...family('process_start_time_seconds', 'gauge', [['', startedAt.getTime() / 1000]]),
        ...family('process_cpu_seconds_total', 'counter', [['', (process.cpuUsage().user + process.cpuUsage().system) / 1e6]]),
        ...family('http_requests_total', 'counter', all.map(([labels, entry]) => [`{${labels}}`, entry.count])),
        ...family('http_requests_created', 'gauge', all.map(([labels, entry]) => [`{${labels}}`, entry.createdSeconds])),
        ...family('http_request_latency_seconds', 'histogram', all.flatMap(([labels, entry]) => histogram(labels, entry))),
        ...family('http_request_latency_seconds_created', 'gauge', all.map(([labels, entry]) => [`{${labels}}`, entry.createdSeconds])),
        ...family('http_inflight_requests', 'gauge', [['{service="core"}', inFlight]]),
        ...OTHER_FAMILIES.flatMap(([name, type]) => family(name, type, [])),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}

function family(name: string, type: string, samples: readonly (readonly [string, number])[]): readonly string[] {
  return [`# TYPE ${name} ${type}`, ...samples.map(([suffix, value]) => `${name}${suffix} ${Number.isInteger(value) ? `${value}.0` : value}`)];
}

function histogram(labels: string, entry: Series): readonly (readonly [string, number])[] {
  return [
    ...BUCKETS_SECONDS.map((limit, index) => [`_bucket{le="${Number.isInteger(limit) ? `${limit}.0` : limit}",${labels}}`, entry.buckets[index] ?? 0] as const),
    [`_bucket{le="+Inf",${labels}}`, entry.count],
    [`_count{${labels}}`, entry.count],
    [`_sum{${labels}}`, entry.sumSeconds],
  ];
}
