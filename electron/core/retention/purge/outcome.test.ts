// What became of a request to delete: only what shows that nothing was deleted is called a refusal.
import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES } from '#shared/errors.ts';
import { ofAnswer, ofFailure, whyNotPromised } from './outcome.ts';

const promised = { rows: 10, alsoDue: 2, cutoffUs: 1_000_000, endUs: 2_000_000, hasGaps: false };
const error = (code: (typeof ERROR_CODES)[number], facts: Record<string, number | boolean> = {}): AppError => new AppError(code, { message: 'It failed.', hint: 'Look.', facts });

describe('outcome', () => {
  it.each([[10, null], [11, null], [12, null], [9, /FEWER/], [0, /FEWER/], [13, /MORE/]])('%s rows of 10 to 12', (deleted, problem) => {
    const why = whyNotPromised({ deleted, cutoffUs: 1_500_000 }, promised);
    if (problem === null) expect(why).toBeNull();
    else expect(why).toMatch(problem);
    expect(ofAnswer({ deleted, cutoffUs: 1_500_000, requestLine: '', observedAt: 1 }, promised).state).toBe('answered');
  });

  it('a cutoff beyond the plan, or before it, is said whatever the count', () => {
    expect(whyNotPromised({ deleted: 10, cutoffUs: 2_000_001 }, promised)).toMatch(/BEYOND/);
    expect(whyNotPromised({ deleted: 10, cutoffUs: 999_999 }, promised)).toMatch(/EARLIER/);
    expect(whyNotPromised({ deleted: 13, cutoffUs: 1_500_000 }, { ...promised, hasGaps: true })).toMatch(/never read/);
  });

  it.each([400, 401, 403, 404, 405, 422, 429])('an answer of %s deleted nothing', (httpStatus) => {
    expect(ofFailure(error('request_refused', { httpStatus })).state).toBe('refused');
  });

  it.each([200, 202, 307, 408, 500, 502, 503, 504])('an answer of %s shows nothing', (httpStatus) => {
    expect(ofFailure(error('server_error', { httpStatus })).state).toBe('unknown');
  });

  it('of failures on the way, only those before a connection are refusals', () => {
    const refused = ERROR_CODES.filter((code) => ofFailure(error(code)).state === 'refused');
    expect(refused).toEqual(expect.arrayContaining(['read_only', 'dns_failed', 'connection_refused', 'tls_untrusted']));
    for (const code of ['connection_reset', 'network_timeout', 'network_unreachable', 'response_truncated', 'response_malformed', 'response_not_json', 'response_unexpected', 'tls_failed', 'tls_client_certificate', 'cancelled', 'internal', 'redirect_refused'] as const) expect(refused).not.toContain(code);
    expect(ofFailure(error('server_unavailable', { notAsked: true })).state).toBe('refused');
    expect(ofFailure(new TypeError('a fault')).state).toBe('unknown');
  });
});
