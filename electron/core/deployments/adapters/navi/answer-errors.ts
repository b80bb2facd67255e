// Names what a NAVI answer other than 200 means, from its status, its envelope and its bugs (contract sections 1.1, 3.10, 6.6, 6.8).
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { role as roleSchema, type Role } from '#shared/domain/deployment.ts';
import type { HttpAnswer } from '../../http.ts';
import { isStrictJsonError, parseStrictJson } from '../../strict-json.ts';

/** The error body of the backend, as far as it is one. */
export interface Envelope {
  /** detail as text; the messages of a FastAPI 422 joined. null when there is none. */
  readonly detail: string | null;
  /** null for the framework's own 404 and 405: the route does not exist (contract section 0). */
  readonly errorCode: string | null;
  readonly retryAfter: number | null;
}

const MAX_QUOTE = 200;
/** Cleaning looks at no more than this, however long the server's text is. */
const MAX_READ = 4000;
/** Longest wait that a server may ask for and is passed on as it is: a day. */
const MAX_RETRY_AFTER_SECONDS = 86_400;

/** Reads an error body; a body that is no such thing gives nulls. */
export function readEnvelope(answer: HttpAnswer): Envelope {
  const headerCode = answer.headers['x-error-code'] ?? null;
  let json: unknown;
  try {
    json = parseStrictJson(answer.body);
  } catch (error) {
    if (!isStrictJsonError(error)) throw error;
    return { detail: null, errorCode: headerCode, retryAfter: null };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { detail: null, errorCode: headerCode, retryAfter: null };
  const { detail, error_code: code, retry_after: retryAfter } = json as Record<string, unknown>;
  return { detail: detailText(detail), errorCode: typeof code === 'string' ? code : headerCode, retryAfter: typeof retryAfter === 'number' ? retryAfter : null };
}

function detailText(detail: unknown): string | null {
  if (typeof detail === 'string') return detail;
  if (Array.isArray(detail)) {
    const parts = detail.slice(0, 5).map((entry: unknown) => {
      const { loc, msg } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
      return `${Array.isArray(loc) ? loc.join('.') : ''}: ${typeof msg === 'string' ? msg : ''}`;
    });
    return parts.join('; ');
  }
  if (typeof detail === 'object' && detail !== null) {
    const { error, error_description: description } = detail as Record<string, unknown>;
    return [error, description].filter((part) => typeof part === 'string').join(': ') || null;
  }
  return null;
}

/**
 * A server's own words for a message: one line, at most 200 characters, without what looks like a password or the address of an inner machine.
 */
export function quoteDetail(detail: string): string {
  const clean = detail.slice(0, MAX_READ)
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g, ' ')
    .replaceAll(/\/\/[^\s/@]*@/g, '//[…]@')
    .replaceAll(/\b(password|passwd|pwd|secret|token|key)(\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi, '$1$2[…]')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[address]')
    .replaceAll(/\b(host|server at|connect to|connection to)(\s+(?:server at\s+)?)("[^"]*"|'[^']*')/gi, '$1$2"[address]"')
    .trim();
  return clean.length > MAX_QUOTE ? `${clean.slice(0, MAX_QUOTE)}…` : clean;
}

/** The role that a 403 names: the effective one where two are named (contract section 1.1). */
export function roleInRefusal(detail: string | null): Role | null {
  const name = /effective: (\w+)/.exec(detail ?? '')?.[1] ?? /you have (\w+)/.exec(detail ?? '')?.[1];
  const known = roleSchema.safeParse(name);
  return known.success ? known.data : null;
}

function retryAfterSeconds(answer: HttpAnswer, envelope: Envelope): number | null {
  const header = answer.headers['retry-after'];
  let seconds: number | null = null;
  if (header !== undefined && /^\d{1,15}$/.test(header.trim())) seconds = Number(header);
  else if (header !== undefined && !Number.isNaN(Date.parse(header))) seconds = Math.ceil((Date.parse(header) - (answer.serverDate ?? answer.receivedAt)) / 1000);
  seconds ??= envelope.retryAfter;
  if (seconds === null || !Number.isFinite(seconds)) return null;
  return Math.min(Math.max(0, Math.ceil(seconds)), MAX_RETRY_AFTER_SECONDS);
}

/** Turns an answer that is not 200 into the AppError that it stands for. */
export function answerError(answer: HttpAnswer): AppError {
  const envelope = readEnvelope(answer);
  const said = envelope.detail === null || envelope.detail === '' ? '' : ` It says: ${quoteDetail(envelope.detail)}`;
  const facts = { httpStatus: answer.status, errorCode: envelope.errorCode };
  interface Saying { readonly message: string; readonly hint: string; readonly more?: Record<string, string | number | null> }
  const make = (code: ErrorCode, { message, hint, more = {} }: Saying): AppError => new AppError(code, { message, hint, facts: { ...facts, ...more } });
  const { status } = answer;
  if (status === 401) {
    return make('unauthorized', {
      message: `The deployment refused the token.${said}`,
      hint: 'It does not say why: expired, signed with another secret, or of another kind. Only a platform JWT with sub, org_id and role works on admin routes; tokens from the device flow or SSO do not. Import a fresh one.',
    });
  }
  if (status === 403) {
    const role = roleInRefusal(envelope.detail);
    return make('forbidden', {
      message: role === null ? `The deployment refused this request to our role.${said}` : `The deployment grants our token the role ${role}; this needs admin.`,
      hint: 'Import a token of an admin, or have the role granted at the deployment.', more: { role },
    });
  }
  if (status === 404 || status === 405) {
    // Without an error code it is the framework that speaks: there is no such route.
    return envelope.errorCode === null
      ? make('not_offered', {
        message: `This deployment does not offer ${answer.requestLine.replace(/\?.*$/, '')}.`,
        hint: 'Test the connection to see what it offers. If it should be offered, check that the address is that of the backend itself.',
      })
      : make('not_found', { message: `The deployment did not find what was asked for.${said}`, hint: 'It may have been removed, or belong to another organisation.' });
  }
  if (status === 429) {
    const seconds = retryAfterSeconds(answer, envelope);
    return make('rate_limited', {
      message: `The deployment limits how often it may be asked${seconds === null ? '' : ` and asks us to wait ${seconds} s`}.`,
      hint: 'Wait a little and try again. What was read before is kept.', more: { retryAfterSeconds: seconds },
    });
  }
  if (status === 503 && envelope.errorCode === 'RATE_LIMIT_BACKEND_UNAVAILABLE') {
    return make('rate_limiter_down', {
      message: 'The rate limiter of the deployment is down, and it refuses every request because of that.',
      hint: 'Waiting will not help. At the deployment set RATE_LIMITING_FALLBACK_ENABLED=true, or repair the limiter: it answers so even while Redis is up.',
    });
  }
  if (status === 502 || status === 503 || status === 504) {
    return make('server_unavailable', {
      message: `The deployment is not available at this moment (${status}).${said}`,
      hint: 'Try again in a moment. What was read before is kept.', more: { retryAfterSeconds: retryAfterSeconds(answer, envelope) },
    });
  }
  if (status >= 500) {
    const leaked = envelope.detail !== null && /(?:psycopg|sqlalchemy|sqlite3|asyncpg|redis|operationalerror|traceback)/i.test(envelope.detail);
    return make('server_error', leaked
      ? {
        message: `The deployment failed (${status}) and showed text of its database driver, which it should keep to itself.${said}`,
        hint: 'Its database is probably away: look at /health/ready of the deployment.',
      }
      : {
        message: `The deployment failed (${status}).${said}`,
        hint: 'It does not say why. Every admin route fails like this while Redis is away, and for every valid token while JWT_JWKS_URL is set (a bug). Look at its log and at /health/ready.',
      });
  }
  if ([400, 409, 413, 414, 422, 428].includes(status)) {
    return make('request_refused', {
      message: `The deployment did not accept the request (${status}).${said}`,
      hint: 'Change what was asked for. If nothing looks wrong, the deployment may be of a version that is not known here.',
    });
  }
  if (status === 407) {
    return make('response_unexpected', { message: 'A proxy stands between and asks for a login (407).', hint: 'Proxies are not used by this program. Let this machine reach the deployment directly.' });
  }
  return make('response_unexpected', { message: `The deployment answered with ${status}, which is not expected here.${said}`, hint: 'Check that the address is that of the backend itself.' });
}
