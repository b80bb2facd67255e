// Owns the answers a route can give and the backend's error envelopes; refuses to know sockets.

/**
 * Which middleware saw the answer: `routed` carries request id, timings and cache counters; `outer` was given before
 * routing (CORS preflight, rate limiter); `bare` escaped every middleware (an unhandled error).
 */
export type ReplyLayer = 'routed' | 'outer' | 'bare';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly layer: ReplyLayer;
}

export type HeaderMap = Readonly<Record<string, string>>;

export function jsonReply(status: number, value: unknown, headers: HeaderMap = {}): Reply {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(value), layer: 'routed' };
}

export function textReply(status: number, body: string, headers: HeaderMap = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body, layer: 'routed' };
}

/** The backend's HTTPException: a status with a static or computed detail. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly detail: string;
  readonly headers: HeaderMap;

  constructor(status: number, detail: string, headers: HeaderMap = {}) {
    super(detail);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** One entry of FastAPI's 422 body. */
export interface ValidationIssue {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

export class ValidationProblem extends Error {
  readonly issues: readonly ValidationIssue[];

  constructor(issues: readonly ValidationIssue[]) {
    super('request validation failed');
    this.issues = issues;
  }
}

/** Error codes by status (contract section 3.10). */
const ERROR_CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMITED',
  500: 'INTERNAL_ERROR',
  502: 'UPSTREAM_ERROR',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** `{detail, error_code, request_id}` with X-Error-Code. */
function problemReply(problem: HttpProblem, requestId: string): Reply {
  const code = ERROR_CODES[problem.status] ?? 'UNKNOWN_ERROR';
  return jsonReply(problem.status, { detail: problem.detail, error_code: code, request_id: requestId }, { ...problem.headers, 'x-error-code': code });
}

/** What a thrown value becomes: the two expected kinds keep their text, everything else is the bare 500. */
export function replyToError(error: unknown, requestId: string): Reply {
  if (error instanceof HttpProblem) return problemReply(error, requestId);
  if (error instanceof ValidationProblem) return jsonReply(422, { detail: error.issues });
  return { ...problemReply(new HttpProblem(500, 'Internal server error'), requestId), layer: 'bare' };
}
