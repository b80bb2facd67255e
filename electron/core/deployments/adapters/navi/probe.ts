// Asks a NAVI deployment what it is and what it offers us; reports what each answer showed and goes on where parts fail.
import { AppError } from '#shared/errors.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import type { Role } from '#shared/domain/deployment.ts';
import type { Clock } from '../../../ports.ts';
import type { HttpAnswer, HttpRequest } from '../../http.ts';
import { isStrictJsonError, parseStrictJson } from '../../strict-json.ts';
import type { Target } from '../../target.ts';
import { answerError, readEnvelope, roleInRefusal } from './answer-errors.ts';
import { capabilityTable } from './capabilities.ts';
import type { Send } from './client.ts';
import { dialectOf, explainDialect, presenceFromAnswer, routesFromOpenApi, type AuditRoutes } from './dialect.ts';
import type { NaviProbe } from './types.ts';
import { warningsFor } from './warnings.ts';

interface ProbeDeps {
  readonly send: Send;
  readonly target: Target;
  readonly hasToken: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

type Outcome = { readonly answer: HttpAnswer } | { readonly error: AppError };

const SMALL = 256 * 1024;
const OPENAPI_MAX_BYTES = 4 * 1024 * 1024;
/** No row has this id (ids begin at 1), so asking for it reads nothing and changes nothing. */
const NO_ROW = 0;

/**
 * @throws AppError of the way when no request at all was answered; cancelled
 */
export async function probeNavi(deps: ProbeDeps): Promise<NaviProbe> {
  const { clock, target, hasToken, signal } = deps;
  const startedAt = clock.monotonicMs();
  const ask = async (request: Omit<HttpRequest, 'token' | 'signal'>, anonymous = false): Promise<Outcome> => {
    try {
      return { answer: await deps.send({ maxBytes: SMALL, ...request, signal }, { anonymous }) };
    } catch (error) {
      if (error instanceof AppError && error.code !== 'cancelled') return { error };
      throw error;
    }
  };
  // One request first: where nobody answers, one deadline is enough to know it.
  const openApi = await ask({ method: 'GET', path: '/openapi.json', maxBytes: OPENAPI_MAX_BYTES }, true);
  if ('error' in openApi && NEVER_REACHED.has(openApi.error.code)) throw openApi.error;
  const statusRequest = { method: 'GET', path: '/api/admin/security/status' } as const;
  const [anonymous, status, list] = await Promise.all([
    ask(statusRequest, true),
    hasToken ? ask(statusRequest) : null,
    ask({ method: 'GET', path: '/api/audit', query: [['limit', '1']] }),
  ]);
  const described = 'answer' in openApi && openApi.answer.status === 200 ? describe(openApi.answer) : null;
  const routes = described ?? (await routesFromAnswers(ask, { list, status: status ?? anonymous }));
  const outcomes = [openApi, anonymous, list, ...(status === null ? [] : [status])];
  const answers = outcomes.flatMap((outcome) => ('answer' in outcome ? [outcome.answer] : []));
  const [first] = answers;
  if (first === undefined) throw 'error' in openApi ? openApi.error : new Error('a probe without an answer has no error either');

  const source = described === null ? 'Asking for each route' : 'The API description';
  const dialect = dialectOf(routes);
  const anonymousView = viewOf(anonymous, isStatus);
  const granted = hasToken && status !== null ? viewOf(status, isStatus) : null;
  const decisive = granted ?? anonymousView;
  const statusJson = jsonOf(granted?.status === 200 ? status : anonymousView.status === 200 ? anonymous : null);
  const jwtOff = anonymousView.status === 200;
  const limiterDown = outcomes.some((outcome) => 'answer' in outcome && outcome.answer.status === 503 && readEnvelope(outcome.answer).errorCode === 'RATE_LIMIT_BACKEND_UNAVAILABLE');
  const failedChecks = decisive.status === 500 ? await askReadiness(ask) : null;
  const skew = clockSkewSeconds(first);
  const { role, roleReason } = roleOf(granted, jwtOff);
  const listView = viewOf(list, Array.isArray);
  return {
    kind: 'navi',
    seen: null,
    reached: true,
    dialect,
    dialectReason: explainDialect(dialect, routes, source),
    capabilities: capabilityTable({
      routes, dialect, source: source.toLowerCase().replace('api', 'API'),
      blocked: blockedReason(granted, hasToken, jwtOff),
      listFailure: decisive.status === 200 && listView.status !== 200 ? listView.says : null,
    }),
    role,
    roleReason,
    token: tokenState(granted, hasToken, jwtOff),
    anonymous: anonymousView.status === 200 ? 'served' : anonymousView.status === 401 || anonymousView.status === 403 ? 'refused' : 'unknown',
    transport: target.transport,
    tls: first.tls,
    clockSkewSeconds: skew,
    durationMs: Math.round(clock.monotonicMs() - startedAt),
    warnings: warningsFor({
      transport: target.transport,
      anonymous: anonymousView.status === 200 ? 'served' : anonymousView.status === 401 ? 'refused' : 'unknown',
      anonymousRole: anonymousView.role,
      hasToken, dialect, readOnly: target.readOnly,
      status: statusJson, statusCode: decisive.status, listCode: listView.status,
      limiterDown, describedOpenly: described !== null, clockSkewSeconds: skew, failedChecks,
    }),
    testedAt: formatInstantMs(clock.now()),
  };
}

/** Where the first request ends so, a second one to the same address ends alike. */
const NEVER_REACHED: ReadonlySet<string> = new Set([
  'dns_failed', 'connection_refused', 'network_unreachable', 'network_timeout', 'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old',
  'tls_client_certificate', 'tls_failed', 'insecure_url', 'read_only', 'invalid_token',
]);

type Ask = (request: Omit<HttpRequest, 'token' | 'signal'>, anonymous?: boolean) => Promise<Outcome>;

function describe(answer: HttpAnswer): AuditRoutes | null {
  try {
    return routesFromOpenApi(parseStrictJson(answer.body));
  } catch (error) {
    if (isStrictJsonError(error)) return null;
    throw error;
  }
}

/**
 * Without an API description: which routes exist, from the two kinds of 404. Every request is a GET: the backend writes an audit row about each POST
 * (contract section 3.9), so the decrypt route is looked for by a GET, which it answers with 405.
 */
async function routesFromAnswers(ask: Ask, known: { readonly list: Outcome; readonly status: Outcome }): Promise<AuditRoutes> {
  const [payload, decrypt, exported] = await Promise.all([
    ask({ method: 'GET', path: `/api/audit/${NO_ROW}/payload`, query: [['decrypt', 'false']] }),
    ask({ method: 'GET', path: `/api/audit/${NO_ROW}/decrypt` }),
    ask({ method: 'GET', path: '/api/audit/export', query: [['limit', '1']] }),
  ]);
  const seen = (outcome: Outcome): boolean | null => {
    if ('error' in outcome) return null;
    const { answer } = outcome;
    return presenceFromAnswer({ status: answer.status, errorCode: readEnvelope(answer).errorCode, isJson: jsonOf(outcome) !== null });
  };
  // Asking for the purge would purge, so its presence is left to the dialect.
  return { list: seen(known.list), export: seen(exported), payload: seen(payload), decrypt: seen(decrypt), purge: null, securityStatus: seen(known.status) };
}

async function askReadiness(ask: Ask): Promise<string[] | null> {
  const outcome = await ask({ method: 'GET', path: '/health/ready' }, true);
  const json = jsonOf(outcome);
  if (typeof json !== 'object' || json === null || !('checks' in json) || !Array.isArray(json.checks)) return null;
  return json.checks.flatMap((check: unknown) => (typeof check === 'object' && check !== null && 'name' in check && 'ok' in check && check.ok === false ? [String(check.name)] : []));
}

interface View {
  readonly status: number | null;
  /** The role named by a refusal. */
  readonly role: Role | null;
  readonly says: string;
}

/** What an answer says; a 200 counts only when it brought what was asked for, since portals and proxies answer everything with 200. */
function viewOf(outcome: Outcome, isExpected: (json: unknown) => boolean): View {
  if ('error' in outcome) return { status: null, role: null, says: outcome.error.message };
  const { answer } = outcome;
  if (answer.status === 200) {
    return isExpected(jsonOf(outcome)) ? { status: 200, role: null, says: '' } : { status: null, role: null, says: 'something answered with 200, but not with what NAVI answers: a portal or a proxy?' };
  }
  return { status: answer.status, role: answer.status === 403 ? roleInRefusal(readEnvelope(answer).detail) : null, says: answerError(answer).message };
}

function isStatus(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'jwt' in json && typeof json.jwt === 'object';
}

function jsonOf(outcome: Outcome | null): unknown {
  if (outcome === null || 'error' in outcome) return null;
  try {
    return parseStrictJson(outcome.answer.body);
  } catch (error) {
    if (isStrictJsonError(error)) return null;
    throw error;
  }
}

function tokenState(granted: View | null, hasToken: boolean, jwtOff: boolean): NaviProbe['token'] {
  if (!hasToken || granted === null) return 'none';
  // A deployment that serves anyone has not looked at the token.
  if (jwtOff) return 'unknown';
  if (granted.status === 401) return 'refused';
  return granted.status === 200 || granted.status === 403 ? 'accepted' : 'unknown';
}

function roleOf(granted: View | null, jwtOff: boolean): { role: Role | null; roleReason: string } {
  if (jwtOff) return { role: null, roleReason: 'The deployment served the security status without a token too, so no role was granted to ours.' };
  if (granted === null) return { role: null, roleReason: 'No token is stored for this deployment.' };
  if (granted.status === 200) return { role: 'admin', roleReason: 'The security status, which needs admin, was given to our token and refused without one.' };
  if (granted.status === 403) return { role: granted.role, roleReason: granted.says };
  if (granted.status === 401) return { role: null, roleReason: 'The token was refused, so it has no role.' };
  return { role: null, roleReason: `The role could not be seen: ${granted.says}` };
}

function blockedReason(granted: View | null, hasToken: boolean, jwtOff: boolean): string | null {
  if (jwtOff || granted?.status === 200) return null;
  if (!hasToken || granted === null) return 'no token is stored for this deployment.';
  return granted.says;
}

/** Server clock minus ours in whole seconds. The Date header is cut to a second, so half of one is added; the middle of the exchange is compared. */
function clockSkewSeconds(answer: HttpAnswer): number | null {
  if (answer.serverDate === null) return null;
  return Math.round((answer.serverDate + 500 - (answer.receivedAt - answer.durationMs / 2)) / 1000);
}
