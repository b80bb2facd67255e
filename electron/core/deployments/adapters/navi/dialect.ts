// Tells the three audit dialects of NAVI apart, from the API description or from which routes exist; says how it knows and guesses nothing.
import type { Dialect } from '#shared/domain/deployment.ts';

/** Whether a route exists at a deployment; null when its answer does not tell. */
export type RoutePresence = boolean | null;

export interface AuditRoutes {
  readonly list: RoutePresence;
  readonly export: RoutePresence;
  readonly payload: RoutePresence;
  readonly decrypt: RoutePresence;
  readonly purge: RoutePresence;
  readonly securityStatus: RoutePresence;
}

/**
 * Reads the routes from an OpenAPI document (GET /openapi.json lists them without a token: contract section 0).
 * @returns null when the document describes no routes at all
 */
export function routesFromOpenApi(document: unknown): AuditRoutes | null {
  const paths = asObject(asObject(document)?.['paths']);
  if (paths === null) return null;
  const listed = new Set<string>();
  for (const [path, methods] of Object.entries(paths)) {
    // The name of a path parameter is the backend's own affair.
    for (const method of Object.keys(asObject(methods) ?? {})) listed.add(`${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`);
  }
  if (listed.size === 0) return null;
  return {
    list: listed.has('GET /api/audit'),
    export: listed.has('GET /api/audit/export'),
    payload: listed.has('GET /api/audit/{}/payload'),
    decrypt: listed.has('POST /api/audit/{}/decrypt'),
    purge: listed.has('POST /api/audit/purge'),
    securityStatus: listed.has('GET /api/admin/security/status'),
  };
}

/**
 * Whether a route exists, from the answer to a GET of it. The framework's own 404 has no error code; a row that is not there has one; a refused token
 * (401, 403) shows that something was guarded; 405 shows a route of another method. A 503 comes before any route is looked up.
 * @param isJson whether a 200 brought JSON: a portal answers everything with a page
 */
export function presenceFromAnswer(answer: { readonly status: number; readonly errorCode: string | null; readonly isJson: boolean }): RoutePresence {
  const { status, errorCode, isJson } = answer;
  if (status === 404) return errorCode !== null;
  if (status === 200) return isJson ? true : null;
  if (status === 400 || status === 401 || status === 403 || status === 405 || status === 422) return true;
  if (status === 500) return errorCode !== null ? true : null;
  return null;
}

/** The dialect that a set of routes makes; null when it makes none or the routes are not known. */
export function dialectOf(routes: AuditRoutes): Dialect | null {
  if (routes.payload === true && routes.decrypt !== true) return 'A';
  if (routes.decrypt === true && routes.payload !== true) {
    if (routes.export === true) return 'C1';
    if (routes.export === false) return 'C0';
  }
  return null;
}

/** Why dialectOf gave what it gave, in one sentence. `source` begins it, for example "The API description". */
export function explainDialect(dialect: Dialect | null, routes: AuditRoutes, source: string): string {
  if (dialect === 'A') return `${source} shows GET /api/audit/{id}/payload and no decrypt route.`;
  if (dialect === 'C0') return `${source} shows POST /api/audit/{id}/decrypt and no export.`;
  if (dialect === 'C1') return `${source} shows POST /api/audit/{id}/decrypt and GET /api/audit/export.`;
  if (routes.payload === true && routes.decrypt === true) return `${source} shows both payload routes at once, which no known version has.`;
  if (routes.payload === false && routes.decrypt === false) return `${source} shows none of the routes that tell the dialects apart.`;
  return `${source} does not show enough to tell the dialects apart.`;
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
