// Probes of routes that only an AI-Karen has: what they tell without a login, and whether what they tell is real.
import { NOTED } from './probe.ts';
import type { Probe } from './probe.ts';
import { isObject, member, servedObject, serves } from './reading.ts';

const COUNTERS = ['total_users', 'active_users', 'locked_users', 'attempts_last_24h', 'successful_attempts_last_24h', 'failed_attempts_last_24h', 'active_refresh_tokens', 'total_sessions', 'active_sessions'];
const hasCounter = (value: unknown): boolean => COUNTERS.some((name) => typeof member(value, name) === 'number');

export const authStatus: Probe<'auth_status'> = {
  id: 'auth_status', title: 'Figures about users without a login', consent: 'probes',
  about: `Asks for the state of the login service and looks whether it counts users and attempts. The figures are not kept. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/auth/status' }] },
  facts([answer]) {
    const body = serves(answer) ? servedObject(answer) : {};
    return { status: answer.status, leaks_stats: hasCounter(body) || hasCounter(body['stats']) };
  },
};

export const firstRun: Probe<'first_run'> = {
  id: 'first_run', title: 'First-run setup', consent: 'probes',
  about: `Asks whether the first administrator has yet to be made: anybody could be it. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/auth/first-run' }] },
  facts([answer]) {
    const required = serves(answer) ? servedObject(answer)['first_run_required'] : null;
    return { status: answer.status, is_open: typeof required === 'boolean' ? required : null };
  },
};

export const validateSession: Probe<'validate_session'> = {
  id: 'validate_session', title: 'Session check without a login', consent: 'probes',
  about: `Asks without a login whether the session is valid: it must not be. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/auth/validate-session' }] },
  facts: ([answer]) => ({ status: answer.status, says_valid: serves(answer) && servedObject(answer)['valid'] === true }),
};

export const threatStats: Probe<'threat_stats'> = {
  id: 'threat_stats', title: 'Statistics of threats', consent: 'probes',
  about: `Asks for the statistics of threats and looks whether they say of themselves that they are made up. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/validation/stats/threats' }] },
  facts([answer]) {
    const note = serves(answer) ? servedObject(answer)['note'] : null;
    return { status: answer.status, is_mock: typeof note === 'string' && /\bmock\b/i.test(note) };
  },
};

export const cacheHealth: Probe<'cache_health'> = {
  id: 'cache_health', title: 'Health of the cache', consent: 'probes',
  about: `Asks for the health of a service that production.json names, and reads the state it is given: 200 alone says nothing. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/health/cache' }] },
  facts([answer]) {
    const result = serves(answer) ? servedObject(answer)['result'] : null;
    const state = isObject(result) ? result['status'] : null;
    return { status: answer.status, service_status: typeof state === 'string' ? state.slice(0, 64) : null };
  },
};
