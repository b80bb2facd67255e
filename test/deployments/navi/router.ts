// Owns matching a request to a route as Starlette does it (405, trailing-slash redirect, plain 404); refuses to run the route.
import type { Dialect } from './config.ts';
import type { NaviRequest, RouteContext } from './context.ts';
import type { ParameterSpec } from './parameters.ts';
import { jsonReply, textReply, type Reply } from './reply.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `{name}` segments. */
  readonly path: string;
  readonly dialects: readonly Dialect[];
  readonly summary: string;
  readonly isInSchema: boolean;
  readonly access: 'public' | 'session' | 'admin';
  readonly parameters: readonly ParameterSpec[];
  readonly handle: (context: RouteContext) => Reply;
}

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route; readonly pathParameters: Readonly<Record<string, string>> }
  | { readonly kind: 'answer'; readonly reply: Reply };

const METRICS_MOUNT = '/metrics/';

/** The route of a request, or the answer that routing itself gives. */
export function matchRoute(routes: readonly Route[], request: NaviRequest): RouteMatch {
  const exact = matchPath(routes, request.path, request.method);
  if (exact !== null) return exact;
  // The metrics application is mounted: below the mount its own 404 is plain text (section 6.4).
  if (request.path.startsWith(METRICS_MOUNT)) return { kind: 'answer', reply: textReply(404, 'Not Found') };
  const toggled = request.path.endsWith('/') ? request.path.replace(/\/+$/, '') : `${request.path}/`;
  const isRedirect = request.path !== '/' && (toggled === METRICS_MOUNT || matchPath(routes, toggled, request.method) !== null);
  if (isRedirect) {
    const location = `${request.origin}${toggled}${request.rawQuery === '' ? '' : `?${request.rawQuery}`}`;
    return { kind: 'answer', reply: { status: 307, headers: { location }, body: '', layer: 'routed' } };
  }
  return { kind: 'answer', reply: jsonReply(404, { detail: 'Not Found' }) };
}

function matchPath(routes: readonly Route[], path: string, method: string): RouteMatch | null {
  let refused: Route | null = null;
  for (const route of routes) {
    const pathParameters = parametersOf(route.path, path);
    if (pathParameters === null) continue;
    if (route.method === method) return { kind: 'route', route, pathParameters };
    refused ??= route;
  }
  return refused === null ? null : { kind: 'answer', reply: jsonReply(405, { detail: 'Method Not Allowed' }, { allow: refused.method }) };
}

function parametersOf(template: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) {
      if (value === '') return null;
      parameters[segment.slice(1, -1)] = decoded(value);
    } else if (segment !== value) return null;
  }
  return parameters;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
