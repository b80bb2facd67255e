// Probes of what errors give away. They provoke errors by GETs that read nothing; of a body only a telling word is kept.
import type { ProbeAnswer } from '../../deployments/service.ts';
import { tellingWord } from './leaks.ts';
import { NOTED } from './probe.ts';
import type { Probe } from './probe.ts';
import { member, undecided } from './reading.ts';

const NOT_A_NUMBER: readonly (readonly [string, string])[] = [['limit', 'not-a-number']];
const isError = ({ status }: ProbeAnswer): boolean => status >= 400;

export const errorBody: Probe<'error_body'> = {
  id: 'error_body', title: 'What errors say', consent: 'probes',
  about: 'Asks for things that must fail and looks in the errors for names of drivers, traces and inner addresses. For a NAVI the list of audit events is among them, with the stored token: a database that is away shows there. No audit event is written.',
  requests: {
    navi: [
      { method: 'GET', path: '/api/audit', query: NOT_A_NUMBER, token: 'own' },
      { method: 'GET', path: '/api/audit', query: [['limit', '1']], token: 'own' },
      { method: 'GET', path: '/api/admin', token: 'forged' },
    ],
    karen: [{ method: 'GET', path: '/api/audit/logs', query: NOT_A_NUMBER }, { method: 'GET', path: '/api/auth/me', token: 'forged' }],
  },
  facts(answers) {
    const errors = answers.filter(isError);
    const [first] = errors;
    if (first === undefined) throw undecided(answers[0], 'no error could be provoked, so none was seen.');
    const leaking = errors.find(({ text }) => tellingWord(text) !== null);
    return { status: (leaking ?? first).status, leaks: leaking !== undefined, what: leaking === undefined ? null : tellingWord(leaking.text) };
  },
};

export const healthReady: Probe<'health_ready'> = {
  id: 'health_ready', title: 'Readiness', consent: 'probes',
  about: `Asks whether database and cache are there, and whether the open health routes give away what their drivers say. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/health/ready' }, { method: 'GET', path: '/api/internal/health/detailed' }] },
  facts(answers) {
    const [ready] = answers;
    const ok = member(ready.json(), 'ok');
    if (typeof ok !== 'boolean') throw undecided(ready, 'it does not say whether the deployment is ready.');
    return { status: ready.status, is_ready: ok && ready.status === 200, leaks: answers.some(({ text }) => tellingWord(text) !== null) };
  },
};
