// Makes the capability table of a NAVI deployment: what it offers us, what not, and why; a thing that was not seen is unknown, not missing.
import type { Capability, CapabilityName, Dialect } from '#shared/domain/deployment.ts';
import type { AuditRoutes, RoutePresence } from './dialect.ts';

export interface CapabilityFacts {
  readonly routes: AuditRoutes;
  readonly dialect: Dialect | null;
  /** How the routes were learnt, for example "the API description". */
  readonly source: string;
  /** Why nobody with our token gets through at this moment; null when it does. */
  readonly blocked: string | null;
  /** What asking for the list gave, when it failed while the token was accepted. */
  readonly listFailure: string | null;
}

const ROUTE_OF: Readonly<Record<CapabilityName, { readonly route: keyof AuditRoutes; readonly line: string }>> = {
  'security-status': { route: 'securityStatus', line: 'GET /api/admin/security/status' },
  'audit-list': { route: 'list', line: 'GET /api/audit' },
  'audit-export': { route: 'export', line: 'GET /api/audit/export' },
  'audit-payload': { route: 'payload', line: 'GET /api/audit/{id}/payload' },
  'decrypt-on-server': { route: 'decrypt', line: 'POST /api/audit/{id}/decrypt' },
  purge: { route: 'purge', line: 'POST /api/audit/purge' },
};

/** The table in the order of CAPABILITIES, each line with its reason. */
export function capabilityTable(facts: CapabilityFacts): Capability[] {
  return (Object.keys(ROUTE_OF) as CapabilityName[]).map((name) => ({ name, ...judge(name, facts) }));
}

function judge(name: CapabilityName, facts: CapabilityFacts): { state: Capability['state']; reason: string } {
  const { line } = ROUTE_OF[name];
  const here = presence(name, facts);
  if (here === null) return { state: 'unknown', reason: `Whether ${line} exists here could not be seen.` };
  if (!here) return { state: 'not-offered', reason: absence(name, facts) };
  if (facts.blocked !== null) return { state: 'unknown', reason: `${line} exists here, but it cannot be used now: ${facts.blocked}` };
  if (name === 'audit-list' && facts.listFailure !== null) return { state: 'unknown', reason: `${line} exists here, but failed when asked: ${facts.listFailure}` };
  return { state: 'offered', reason: NOTES[name] ?? `${line} is there.` };
}

/** In dialect A the server opens payloads through the payload route. */
function presence(name: CapabilityName, { routes, dialect }: CapabilityFacts): RoutePresence {
  if (name === 'decrypt-on-server' && dialect === 'A') return true;
  if (name === 'purge' && routes.purge === null && dialect !== null) return dialect === 'A';
  return routes[ROUTE_OF[name].route];
}

function absence(name: CapabilityName, { source, dialect }: CapabilityFacts): string {
  const { line } = ROUTE_OF[name];
  const base = `${line} does not exist here (${source})`;
  if (name === 'audit-payload' && (dialect === 'C0' || dialect === 'C1')) return `${base}: stored payloads are not given out one by one by this version.`;
  if (name === 'audit-export' && dialect !== null) return `${base}: it came with a later version.`;
  if (name === 'purge') return `${base}: this version purges by a script on the server only.`;
  return `${base}.`;
}

const NOTES: Partial<Record<CapabilityName, string>> = {
  'audit-list': 'GET /api/audit answers. It gives the newest 1000 rows at most, of every organisation, without payloads.',
  'audit-export': 'GET /api/audit/export is there. It gives rows of our own organisation only; rows without one never appear.',
  'audit-payload': 'GET /api/audit/{id}/payload is there.',
  'decrypt-on-server': 'The server opens payloads with the one key that it has.',
  purge: 'POST /api/audit/purge is there. It deletes rows of every organisation at once, without a preview.',
};
