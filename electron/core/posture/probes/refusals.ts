// Probes of requests that must be refused: each tells the status, and whether the body has the form of the data that the route guards.
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import type { ProbeAnswer } from '../../deployments/service.ts';
import { NOTED } from './probe.ts';
import type { PlannedRequest, Probe, ProbeToken } from './probe.ts';
import { isObject, member, serves, undecided } from './reading.ts';

type HasForm = (body: unknown) => boolean;

/** The form counts whatever the status says: data beside a 401 was given away too. @throws AppError when the body has two readings */
function refused(answer: ProbeAnswer, hasForm: HasForm): FactsOf<'anonymous'> {
  return { status: answer.status, serves_data: hasForm(answer.json()) };
}

const STATUS: PlannedRequest = { method: 'GET', path: '/api/admin/security/status' };
const ME: PlannedRequest = { method: 'GET', path: '/api/auth/me' };

/** Any one part of it is enough. */
const isSecurityStatus: HasForm = (body) => ['jwt', 'encryption', 'audit_retention', 'sso'].some((part) => isObject(member(body, part)));
const isUser: HasForm = (body) => ['user_id', 'email', 'roles', 'permissions'].some((part) => member(body, part) !== undefined);
const isGuarded: HasForm = (body) => isSecurityStatus(body) || isUser(body);
const isObjectList = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

const withToken = (token: ProbeToken): Pick<Probe, 'requests'> => ({ requests: { navi: [{ ...STATUS, token }], karen: [{ ...ME, token }] } });
const facts = ([answer]: readonly [ProbeAnswer, ...ProbeAnswer[]]): FactsOf<'anonymous'> => refused(answer, isGuarded);

/** The page of a proxy that lets nobody through has not looked at the signature. @throws AppError when a refusal is not written as either kind of deployment writes it */
function signatureFacts(answers: readonly [ProbeAnswer, ...ProbeAnswer[]]): FactsOf<'forged'> {
  const [answer] = answers;
  if (answer.status === 401 && !isObject(answer.json())) throw undecided(answer, 'whoever refused did not answer as the deployment does, so the token may not have come that far.');
  return facts(answers);
}

export const anonymous: Probe<'anonymous'> = {
  id: 'anonymous', title: 'Guarded data without a token', consent: 'probes', ...withToken('none'), facts,
  about: `Asks for guarded data without a token, which must be refused. ${NOTED}`,
};

export const forged: Probe<'forged'> = {
  id: 'forged', title: 'Guarded data with a forged signature', consent: 'probes', ...withToken('forged'), facts: signatureFacts,
  about: 'Asks for guarded data with a token that claims to be an admin, for one minute, under a random signature. It must be refused. Logs may note a refused token of holdfast-probe.',
};

export const unsigned: Probe<'unsigned'> = {
  id: 'unsigned', title: 'Guarded data with an unsigned token', consent: 'probes', ...withToken('unsigned'), facts: signatureFacts,
  about: 'As before with the algorithm none and no signature. It must be refused. Logs may note a refused token of holdfast-probe.',
};

export const governance: Probe<'governance'> = {
  id: 'governance', title: 'Governance audit without a token', consent: 'probes',
  about: `Asks for one entry of the governance audit without a token, which must be refused. What comes back is not kept. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/api/governance/audit', query: [['limit', '1']] }] },
  facts: ([answer]) => refused(answer, (body) => Array.isArray(member(body, 'audit_entries'))),
};

export const anonymousAdmin: Probe<'anonymous_admin'> = {
  id: 'anonymous_admin', title: 'Admin route without a token', consent: 'probes',
  about: `Asks for the rules of request validation without a token, which must be refused. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/admin/validation/config' }] },
  facts: ([answer]) => refused(answer, (body) => ['max_content_length', 'rate_limit_requests_per_minute', 'enable_security_analysis', 'blocked_user_agents', 'suspicious_headers'].some((part) => member(body, part) !== undefined)),
};

const AUDIT_LOGS: PlannedRequest = { method: 'GET', path: '/api/audit/logs', query: [['limit', '1']] };
/** An empty list was served too: the older build always gives one. */
const isAuditLog: HasForm = (body) => isObjectList(body) || isObjectList(member(body, 'logs')) || isObjectList(member(body, 'events'));

export const auditLogs: Probe<'audit_logs'> = {
  id: 'audit_logs', title: 'Audit log without a token', consent: 'probes',
  about: `Asks for one event of the audit log without a token, which must be refused. What comes back is not kept. ${NOTED}`,
  requests: { karen: [AUDIT_LOGS] },
  facts: ([answer]) => refused(answer, isAuditLog),
};

export const extensions: Probe<'extensions'> = {
  id: 'extensions', title: 'List of extensions without a token', consent: 'probes',
  about: `Asks for the list of extensions without a token. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/extensions/list' }] },
  facts: ([answer]) => refused(answer, (body) => isObjectList(body) || isObject(member(body, 'extensions')) || Array.isArray(member(body, 'extensions'))),
};

/** What comes from behind the guard may have changed its form; the page of a portal has none. */
const isContainer: HasForm = (body) => isObject(body) || Array.isArray(body);
/** Passed the guard: served, or told that what lies behind it is not there. */
const isPast = ({ status }: ProbeAnswer): boolean => (status >= 200 && status <= 299) || status === 404 || status === 405 || status === 422;

export const bypass: Probe<'bypass'> = {
  id: 'bypass', title: 'Headers that skip authentication', consent: 'header-bypass',
  about: 'Asks for one event of the audit log without a token, then once more with X-Skip-Auth and X-Development-Mode, which some builds take for a login of an admin. What comes back is not kept. Logs may note a developer\'s request.',
  requests: { karen: [AUDIT_LOGS, { ...AUDIT_LOGS, headers: { kind: 'bypass' } }] },
  facts([without, withHeaders]) {
    if (withHeaders === undefined) throw undecided(without, 'it was not asked a second time.');
    const odd = serves(without) && !isAuditLog(without.json()) ? without : serves(withHeaders) && !isContainer(withHeaders.json()) ? withHeaders : null;
    if (odd !== null) throw undecided(odd, 'what it served is not what this route gives.');
    const wasRefused = without.status === 401 || without.status === 403;
    return { status_without: without.status, status_with: withHeaders.status, is_bypassed: wasRefused && isPast(withHeaders) };
  },
};
