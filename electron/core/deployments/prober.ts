// A client that can only look: GET, HEAD and OPTIONS, at most two requests a second at one address. It keeps nothing and draws no conclusion.
import type { Deployment } from '#shared/domain/deployment.ts';
import { AppError } from '#shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { Secret } from '../secret.ts';
import type { HttpAnswer, HttpClient, ProbeHeaders, TlsFacts } from './http.ts';
import { buildPath } from './http-request.ts';
import type { Pacer } from './pacer.ts';
import { pause } from './pause.ts';
import { parseStrictJson } from './strict-json.ts';
import type { Target } from './target.ts';

export interface ProbeRequest {
  /** Below the deployment's own path; begins with one slash, holds no query. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[] | undefined;
  /** none: anonymous. own: the stored token of the deployment, none where none is stored. Or one that was made or given for this. */
  readonly token: 'none' | 'own' | Secret;
  /** Only without a token. */
  readonly headers?: ProbeHeaders | undefined;
  /** Largest body taken, in unpacked bytes; 256 KiB when left out. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ProbeAnswer {
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Milliseconds since the epoch, this machine's clock. */
  readonly receivedAt: number;
  /** Of this one request, without the waiting for its turn; by the monotonic clock. */
  readonly durationMs: number;
  readonly requestLine: string;
  readonly tls: TlsFacts | null;
  /** Milliseconds since the epoch, whole seconds; null when the server sent no date. */
  readonly serverDate: number | null;
  /**
   * The body as JSON; undefined when it is none.
   * @throws AppError response_duplicate_key, response_unsafe_number, response_too_deep, response_prototype_key: what has two readings proves nothing
   */
  json(): unknown;
}

/** One deployment, looked at. Any status but a redirect is an answer. Every method may throw the AppErrors of the way, and `cancelled`. */
export interface Prober {
  readonly deployment: Deployment;
  get(request: ProbeRequest): Promise<ProbeAnswer>;
  head(request: ProbeRequest): Promise<ProbeAnswer>;
  options(request: ProbeRequest): Promise<ProbeAnswer>;
  /** Milliseconds since the epoch, this machine's clock. */
  now(): number;
  /** @throws AppError cancelled */
  pause(waitMs: number, signal: AbortSignal | undefined): Promise<void>;
}

const MAX_BYTES = 256 * 1024;

type Method = 'GET' | 'HEAD' | 'OPTIONS';

interface ProberDeps {
  /** Past the breaker of the address, and in turn. */
  readonly http: HttpClient;
  readonly target: Target;
  readonly deployment: Deployment;
  readonly clock: Clock;
  /** The stored token; null when none is. Asked for when it is needed first. */
  readonly ownToken: () => Promise<Secret | null>;
  /** Told of each answer. */
  readonly onAnswer: (answer: { readonly status: number; readonly token: ProbeRequest['token'] }) => void;
}

export function createProber({ http, target, deployment, clock, ownToken, onAnswer }: ProberDeps): Prober {
  const ask = (method: Method) => async ({ path, query, token, headers, maxBytes, signal }: ProbeRequest): Promise<ProbeAnswer> => {
    const sent = token === 'none' ? null : token === 'own' ? await ownToken() : token;
    const answer = await http.request(target, { method, path, token: sent, probe: headers, maxBytes: maxBytes ?? MAX_BYTES, signal, ...(query === undefined ? {} : { query }) });
    onAnswer({ status: answer.status, token });
    return toProbeAnswer(answer);
  };
  return {
    deployment, get: ask('GET'), head: ask('HEAD'), options: ask('OPTIONS'),
    now: () => clock.now(), pause: (waitMs, signal) => pause(clock, waitMs, signal),
  };
}

/** The HTTP client, with every request waiting for its turn. */
export function paced(http: HttpClient, pacer: Pacer): HttpClient {
  return { ...http, request: (target, wanted) => pacer.send(() => http.request(target, wanted), wanted.signal) };
}

/** The HTTP client as others use it: nothing waits, but what waits keeps its distance from it. */
export function noted(http: HttpClient, pacer: Pacer): HttpClient {
  return {
    ...http,
    async request(target, wanted) {
      try {
        return await http.request(target, wanted);
      } finally {
        pacer.note();
      }
    },
  };
}

/** The request line as it will be sent to a deployment at this address, and as the answer will name it. */
export function probeLine(url: string, method: Method, request: Pick<ProbeRequest, 'path' | 'query'>): string {
  const { origin, pathname } = new URL(url);
  const basePath = pathname.replace(/\/+$/, '');
  return buildPath({ url: `${origin}${basePath}`, basePath }, { method, path: request.path, ...(request.query === undefined ? {} : { query: request.query }) }).line;
}

export function toProbeAnswer(answer: HttpAnswer): ProbeAnswer {
  const { status, headers, receivedAt, durationMs, requestLine, tls, serverDate } = answer;
  return {
    status, headers, receivedAt, durationMs, requestLine, tls, serverDate, text: answer.body.toString('utf8'),
    json() {
      try {
        return parseStrictJson(answer.body);
      } catch (error) {
        if (error instanceof AppError && (error.code === 'response_not_json' || error.code === 'response_invalid_utf8')) return undefined;
        throw error;
      }
    },
  };
}
