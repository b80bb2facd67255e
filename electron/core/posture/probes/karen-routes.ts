// Probes of routes that only an AI-Karen has: what they tell without a login, and whether what they tell is real.
import { NOTED } from './probe.ts';
import type { Probe } from './probe.ts';
import { isObject, member, servedObject, serves, undecided } from './reading.ts';

const COUNTERS = ['total_users', 'active_users', 'locked_users', 'attempts_last_24h', 'successful_attempts_last_24h', 'failed_attempts_last_24h', 'active_refresh_tokens', 'total_sessions', 'active_sessions'];
/** Whatever its type: a number that is written as a text was told too. */
const hasCounter = (value: unknown): boolean => COUNTERS.some((name) => (member(value, name) ?? null) !== null);

export const authStatus: Probe<'auth_status'> = {
  id: 'auth_status', title: 'Figures about users without a login', consent: 'probes',
  about: `Asks for the state of the login service and looks whether it counts users and attempts. The figures are not kept. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/auth/status' }] },
  facts([answer]) {
    const body = serves(answer) ? servedObject(answer) : {};
    const stats = body['stats'] ?? null;
    if (stats !== null && !isObject(stats)) throw undecided(answer, 'its figures are of no form that this route has.');
    const leaks = hasCounter(body) || (stats !== null && Object.keys(stats).length > 0);
    if (serves(answer) && !leaks && typeof body['status'] !== 'string') throw undecided(answer, 'what it served is not what this route gives.');
    return { status: answer.status, leaks_stats: leaks };
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
  facts([answer]) {
    const valid = serves(answer) ? servedObject(answer)['valid'] : false;
    if (typeof valid !== 'boolean') throw undecided(answer, 'it does not say whether the session is valid.');
    return { status: answer.status, says_valid: valid };
  },
};

export const threatStats: Probe<'threat_stats'> = {
  id: 'threat_stats', title: 'Statistics of threats', consent: 'probes',
  about: `Asks for the statistics of threats and looks whether they say of themselves that they are made up, or where they come from. ${NOTED}`,
  requests: { karen: [{ method: 'GET', path: '/api/validation/stats/threats' }] },
  facts([answer]) {
    if (!serves(answer)) return { status: answer.status, is_mock: false };
    const { note, statistics } = servedObject(answer);
    // Figures that say nothing of themselves may be made up as well.
    if (typeof note !== 'string' || !isObject(statistics)) throw undecided(answer, 'it does not say where its figures come from.');
    return { status: answer.status, is_mock: /\bmock\b/i.test(note) };
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
