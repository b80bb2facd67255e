// The probe that asks until a rate limit answers: at most 45 GETs without a token, ended by the first 429 or 503.
import type { ProbeAnswer } from '../../deployments/service.ts';
import type { PlannedRequest, Probe } from './probe.ts';

/** More than NAVI's admin limit of 30 a minute with its allowance of 10. */
export const BURST_REQUESTS = 45;
const MINUTE_MS = 60_000;
/** What 45 requests take, at two a second, to a server that takes its time. */
const NEEDED_MS = 35_000;

const repeated = (request: PlannedRequest): readonly PlannedRequest[] => Array.from({ length: BURST_REQUESTS }, () => request);
const isLimit = ({ status }: ProbeAnswer): boolean => status === 429 || status === 503;

/** Limits are counted by the minute of the server's clock: what would lie in two minutes waits for the next one. */
function untilNextMinute(answers: readonly ProbeAnswer[]): number {
  const [first] = answers;
  if (first === undefined || answers.length > 1) return 0;
  const left = MINUTE_MS - (first.serverDate ?? first.receivedAt) % MINUTE_MS;
  return left >= NEEDED_MS ? 0 : left;
}

export const burst: Probe<'burst'> = {
  id: 'burst', title: 'A burst of requests', consent: 'burst',
  about: `Sends up to ${BURST_REQUESTS} requests without a token, two a second, until one is answered with 429 or 503. It may begin at the next minute, as limits count by the minute. Others who come from the same address may be limited for a minute. Its access log notes each request.`,
  requests: { navi: repeated({ method: 'GET', path: '/api/admin/security/status' }), karen: repeated({ method: 'GET', path: '/api/admin/validation/config' }) },
  isEnough: isLimit,
  waitMs: untilNextMinute,
  facts(answers) {
    const limited = answers.findIndex(({ status }) => status === 429);
    return { sent: answers.length, limited_after: limited === -1 ? null : limited, unavailable: answers.filter(({ status }) => status === 503).length };
  },
};
