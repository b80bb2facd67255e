// What may be asked of a deployment: decides the read-only rule, keeps every path inside the deployment, and builds the headers; sends nothing itself.
import { AppError } from '#shared/errors.ts';
import type { Secret } from '../secret.ts';
import type { Target } from './target.ts';

export type HttpMethod = 'GET' | 'HEAD' | 'OPTIONS' | 'POST';

/**
 * The two sets of headers that a probe needs, each sent as a whole. preflight: what a browser asks before a page of another origin may call. bypass: the two
 * headers that some builds of AI-Karen take for a login (karen contract, section 1.2).
 */
export type ProbeHeaders =
  | { readonly kind: 'preflight'; readonly origin: string; readonly method: string }
  | { readonly kind: 'bypass' };

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Below the deployment's own path; begins with one slash, holds no query. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  /** Sent as Authorization: Bearer; null or absent sends none. */
  readonly token?: Secret | null;
  /** Only accept and x-request-id may be set. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What a probe asks with beyond its path; never beside a token. */
  readonly probe?: ProbeHeaders | undefined;
  /** For POST: sent as JSON. */
  readonly jsonBody?: unknown;
  readonly deadlineMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The one POST that changes no data of the server; at most its own audit log gains a row about the request, as about every POST (NAVI contract, sections 3.3 and 3.9). */
const HARMLESS_POST = /^\/api\/audit\/\d+\/decrypt$/;
const SETTABLE_HEADERS: ReadonlySet<string> = new Set(['accept', 'x-request-id']);
const ORIGIN = /^https?:\/\/[a-z0-9.-]{1,253}(?::\d{1,5})?$/;
const PATH = /^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+$|^\/$/;
/** Query values that are for the deployment alone and stay out of evidence and logs. */
const PRIVATE_QUERY = new Set(['reason', 'actor', 'org']);

/** Whether a request could change data of the deployment. */
export function mayChange({ method, path }: Pick<HttpRequest, 'method' | 'path'>): boolean {
  return !READING.has(method) && !(method === 'POST' && HARMLESS_POST.test(path));
}

/**
 * Keeps a read-only deployment unchanged.
 * @throws AppError read_only
 */
export function checkAllowed(target: Target, request: HttpRequest): void {
  if (!mayChange(request) || (request.method === 'POST' && !target.readOnly)) return;
  throw new AppError('read_only', {
    message: `${request.method} ${request.path} could change the deployment, and this deployment is read-only here. Nothing was sent.`,
    hint: 'If the change is wanted, switch off read-only for this deployment first.',
  });
}

/**
 * The path to send and the line to show.
 * @throws AppError cross_origin_refused when the path would leave the deployment
 */
export function buildPath(target: Pick<Target, 'url' | 'basePath'>, request: Pick<HttpRequest, 'method' | 'path' | 'query'>): { readonly full: string; readonly line: string } {
  const { path } = request;
  const leaves = !PATH.test(path) || path.includes('//') || /(?:^|\/)\.{1,2}(?:\/|$)/.test(path) || /%(?:2e|2f|5c|00)/i.test(path) || /%(?![0-9a-f]{2})/i.test(path)
    || new URL(`${target.url}${path}`).href !== `${target.url}${path}`;
  if (leaves) {
    throw new AppError('cross_origin_refused', {
      message: 'A request would have left the address of the deployment. Nothing was sent.', hint: 'Check the address of the deployment.',
    });
  }
  const query = request.query ?? [];
  const text = (hide: boolean): string => query.map(([name, value]) => `${encodeURIComponent(name)}=${hide && PRIVATE_QUERY.has(name) ? '(not shown)' : encodeURIComponent(value)}`).join('&');
  const withQuery = (part: string): string => (part === '' ? '' : `?${part}`);
  return { full: `${target.basePath}${path}${withQuery(text(false))}`, line: `${request.method} ${target.basePath}${path}${withQuery(text(true))}` };
}

/**
 * @throws AppError invalid_token when the token cannot be a header value (a line break in it could smuggle a second header)
 */
export function headersFor(request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'holdfast' };
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (!SETTABLE_HEADERS.has(name.toLowerCase())) throw new Error(`header ${name} may not be set`);
    headers[name.toLowerCase()] = value;
  }
  if (request.probe !== undefined) Object.assign(headers, probeHeaders(request, request.probe));
  if (request.jsonBody !== undefined) {
    if (request.method !== 'POST') throw new Error('only a POST has a body');
    headers['content-type'] = 'application/json';
  }
  if (request.token !== undefined && request.token !== null) {
    const token = request.token.reveal();
    if (!/^[\x21-\x7e]{1,16384}$/.test(token)) {
      throw new AppError('invalid_token', { message: 'The stored token holds characters that cannot be sent. Nothing was sent.', hint: 'Import the token again.' });
    }
    headers['authorization'] = `Bearer ${token}`;
  }
  return headers;
}

/** A token beside them would prove nothing, and a foreign origin must not be shown one. */
function probeHeaders({ method, token = null }: HttpRequest, probe: ProbeHeaders): Record<string, string> {
  if (token !== null) throw new Error('a probe with headers of its own is sent without a token');
  if (probe.kind === 'bypass') {
    if (method !== 'GET') throw new Error('the bypass is looked for by a GET');
    return { 'x-skip-auth': 'dev', 'x-development-mode': 'true' };
  }
  if (method !== 'OPTIONS' || !ORIGIN.test(probe.origin) || !/^[A-Z]{3,7}$/.test(probe.method)) throw new Error('a preflight is an OPTIONS request with an origin and a method');
  return { origin: probe.origin, 'access-control-request-method': probe.method };
}
