// Owns what a route handler is given: the request, the configuration in force, store, secrets and clock.
import type { NaviConfig } from './config.ts';
import type { HeaderMap } from './reply.ts';
import type { JwksKey, NaviSecrets } from './secrets.ts';
import type { NaviStore } from './store.ts';
import type { RequestMeter } from './metrics.ts';

/** What outlives a request. `config` is read per request, so that a test can take the database away while the server runs. */
export interface Backend {
  config(): NaviConfig;
  readonly secrets: NaviSecrets;
  readonly jwksKeys: readonly JwksKey[];
  readonly store: NaviStore;
  readonly meter: RequestMeter;
  now(): Date;
  readonly startedAt: Date;
}

export interface NaviRequest {
  readonly method: string;
  /** Percent-encoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly rawQuery: string;
  /** Lower-case names. */
  readonly headers: HeaderMap;
  readonly body: string;
  /** Scheme and Host header: what the server believes its own address to be. */
  readonly origin: string;
  readonly requestId: string;
}

export interface RouteContext {
  readonly backend: Backend;
  readonly config: NaviConfig;
  readonly request: NaviRequest;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Microseconds since the epoch of the backend's clock. JavaScript knows milliseconds, so the last three digits are zero. */
export function nowMicros(backend: Backend): number {
  return backend.now().getTime() * 1000;
}
