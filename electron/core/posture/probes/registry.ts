// Every probe, in the order in which they run: what disturbs most comes last.
import type { Probe, ProbeId } from './probe.ts';
import { burst } from './burst.ts';
import { cors } from './cors.ts';
import { errorBody, healthReady } from './errors.ts';
import { headers } from './headers.ts';
import { authStatus, cacheHealth, firstRun, threatStats, validateSession } from './karen-routes.ts';
import { deviceFlow, docs, metrics, openapi } from './openness.ts';
import { anonymous, anonymousAdmin, auditLogs, bypass, extensions, forged, governance, unsigned } from './refusals.ts';
import { limits, tls } from './way.ts';

/** By the document that each gives. */
const PROBES: { readonly [N in ProbeId]: Probe<N> } = {
  tls, headers, cors, anonymous, forged, unsigned, docs, openapi, metrics, error_body: errorBody, limits,
  health_ready: healthReady, governance, device_flow: deviceFlow,
  anonymous_admin: anonymousAdmin, audit_logs: auditLogs, auth_status: authStatus, first_run: firstRun, validate_session: validateSession,
  threat_stats: threatStats, cache_health: cacheHealth, extensions, bypass, burst,
};

export const ALL_PROBES: readonly Probe[] = Object.values(PROBES);

export const probeById = (id: string): Probe | undefined => ALL_PROBES.find((probe) => probe.id === id);
