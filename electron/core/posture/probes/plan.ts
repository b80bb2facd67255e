// Lists the probes for a deployment before any is sent: each request line, what it looks for, and whether it was allowed.
import type { DeploymentKind, Environment } from '#shared/domain/deployment.ts';
import type { PlannedProbe, ProbeConsent } from '#shared/domain/posture.ts';
import { probeLine } from '../../deployments/service.ts';
import type { Probe } from './probe.ts';
import { ALL_PROBES } from './registry.ts';

/** What holds while nobody has decided: ordinary looks, except in production. */
export const isAllowedByDefault = (consent: ProbeConsent, environment: Environment): boolean => consent === 'probes' && environment !== 'production';

/** The request lines of a probe, as they will be sent to a deployment of this kind at this address. */
export function linesOf(probe: Probe, { kind, url }: { readonly kind: DeploymentKind; readonly url: string }): string[] {
  return (probe.requests[kind] ?? []).map((request) => probeLine(url, request.method, request));
}

/**
 * Every probe that a deployment of this kind has. What needs a consent of its own needs the one for probes too.
 * @param allowed the consents that hold
 */
export function planProbes({ kind, url, allowed }: { readonly kind: DeploymentKind; readonly url: string; readonly allowed: ReadonlySet<ProbeConsent> }): PlannedProbe[] {
  return ALL_PROBES.filter((probe) => probe.requests[kind] !== undefined).map((probe) => ({
    id: probe.id, title: probe.title, requests: linesOf(probe, { kind, url }), about: probe.about, consent: probe.consent,
    willRun: allowed.has('probes') && allowed.has(probe.consent),
  }));
}
