// Keeps the runner: what is sent is what was planned, an answer in between is a failure with a reason, and the tokens it makes are nobody's.
import { describe, expect, it } from 'vitest';
import type { DeploymentKind } from '#shared/domain/deployment.ts';
import { PROBE_CONSENTS } from '#shared/domain/posture.ts';
import type { PlannedProbe } from '#shared/domain/posture.ts';
import { AppError } from '#shared/errors.ts';
import { given, someDeployment } from '../../../../test/support/probe-answers.ts';
import type { Given } from '../../../../test/support/probe-answers.ts';
import { probeLine } from '../../deployments/service.ts';
import type { ProbeAnswer, Prober, ProbeRequest } from '../../deployments/service.ts';
import { Secret } from '../../secret.ts';
import { BURST_REQUESTS } from './burst.ts';
import { isAllowedByDefault, planProbes } from './plan.ts';
import type { ProbeId } from './probe.ts';
import { ALL_PROBES } from './registry.ts';
import { runProbes } from './run.ts';
import type { ProbeLook } from './run.ts';

const url = someDeployment.url;
const all = new Set(PROBE_CONSENTS);

interface Sent { readonly line: string; readonly token: ProbeRequest['token'] }

/** A prober that answers all alike, or by the line. */
function proberOf(kind: DeploymentKind, answer: (line: string, nth: number) => Given | AppError): { prober: Prober; sent: Sent[]; pauses: number[] } {
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const ask = (method: 'GET' | 'HEAD' | 'OPTIONS') => async (request: ProbeRequest): Promise<ProbeAnswer> => {
    const line = probeLine(url, method, request);
    sent.push({ line, token: request.token });
    const answered = answer(line, sent.length);
    if (answered instanceof AppError) throw answered;
    return given({ requestLine: line, ...answered });
  };
  return { sent, pauses, prober: { deployment: { ...someDeployment, kind }, get: ask('GET'), head: ask('HEAD'), options: ask('OPTIONS'), now: () => Date.UTC(2026, 10, 22, 12), pause: async (waitMs) => { pauses.push(waitMs); } } };
}

async function run(prober: Prober, plan: readonly PlannedProbe[]): Promise<{ looks: Map<ProbeId, ProbeLook>; error: unknown; progress: { sent: number; total: number }[] }> {
  const looks = new Map<ProbeId, ProbeLook>();
  const progress: { sent: number; total: number }[] = [];
  let error: unknown = null;
  try {
    await runProbes({ prober, plan, signal: new AbortController().signal, onProgress: ({ sent, total }) => progress.push({ sent, total }), keep: async (id, look) => { looks.set(id, look); } });
  } catch (thrown) {
    error = thrown;
  }
  return { looks, error, progress };
}

const failureAt = (looks: Map<ProbeId, ProbeLook>, id: ProbeId): string | undefined => looks.get(id)?.failure?.code;

describe('the plan', () => {
  it('lists every probe of the kind with its lines, reading methods only, and runs nothing that was not allowed', () => {
    for (const kind of ['navi', 'karen'] as const) {
      const plan = planProbes({ kind, url: `${url}/base`, allowed: new Set(['probes']) });
      for (const { requests, consent, willRun } of plan) {
        expect(requests.length).toBeGreaterThan(0);
        for (const line of requests) expect(line).toMatch(/^(?:GET|HEAD|OPTIONS) \/base\/\S+$/);
        expect(willRun).toBe(consent === 'probes');
      }
      expect(plan.filter(({ consent }) => consent === 'burst').map(({ requests }) => requests.length)).toEqual([BURST_REQUESTS]);
      expect(BURST_REQUESTS).toBeLessThanOrEqual(45);
      expect(planProbes({ kind, url, allowed: new Set(['burst', 'header-bypass']) }).some(({ willRun }) => willRun)).toBe(false);
    }
    expect(new Set(['navi', 'karen'].flatMap((kind) => planProbes({ kind: kind as DeploymentKind, url, allowed: all }).map(({ id }) => id))).size).toBe(ALL_PROBES.length);
    expect(ALL_PROBES.filter(({ consent }) => consent === 'header-bypass').map(({ id }) => id)).toEqual(['bypass']);
  });

  it('by default: ordinary looks, and none in production', () => {
    expect((['production', 'staging', 'development', 'sample'] as const).map((environment) => PROBE_CONSENTS.filter((consent) => isAllowedByDefault(consent, environment)))).toEqual([[], ['probes'], ['probes'], ['probes']]);
  });

  it('made for another address is not carried out: nothing is sent', async () => {
    const { prober, sent } = proberOf('karen', () => ({}));
    const { error } = await run(prober, planProbes({ kind: 'karen', url: `${url}/elsewhere`, allowed: all }));
    expect(String(error)).toContain('not what would be sent');
    expect(sent).toEqual([]);
  });
});

describe('the run', () => {
  it.each(['navi', 'karen'] as const)('%s: an answer that is nothing gives a failure or a plain refusal, never a good word', async (kind) => {
    for (const answer of [{ status: 200, body: '' }, { status: 200, body: '<html>portal</html>' }, { status: 200, body: 'null' }, { status: 200, body: [] }, { status: 500, body: 'oops' }, { status: 429, body: {} }, { status: 503, body: {} }, { status: 204 }] satisfies Given[]) {
      const { prober, sent } = proberOf(kind, () => answer);
      const plan = planProbes({ kind, url, allowed: all });
      const { looks, error } = await run(prober, plan);
      expect(error).toBeNull();
      expect([...looks.keys()]).toEqual(plan.map(({ id }) => id));
      // What must be closed is not called closed by an answer that proves nothing.
      for (const id of ['docs', 'openapi', 'metrics', 'device_flow', 'auth_status', 'validate_session', 'threat_stats', 'cache_health', 'health_ready', 'first_run', 'bypass'] as const) {
        const look = looks.get(id);
        if (look === undefined || (id === 'bypass' && JSON.stringify(answer.body) === '[]')) continue;
        expect([id, answer.status, look.value]).toEqual([id, answer.status, null]);
      }
      for (const look of looks.values()) if (look.failure !== null) expect(look.failure.hint).not.toBe('');
      const lines = sent.map(({ line }) => line);
      const planned = plan.flatMap(({ requests }) => requests);
      // Cut short only by what ends a burst or fails a probe.
      expect(lines.every((line) => planned.includes(line))).toBe(true);
      expect(lines.length).toBeLessThanOrEqual(planned.length);
    }
  });

  it('makes its tokens anew, random and for a minute; none of them is the stored one', async () => {
    const { prober, sent } = proberOf('navi', () => ({ status: 401, body: { detail: 'x' } }));
    const plan = planProbes({ kind: 'navi', url, allowed: new Set(['probes']) }).filter(({ id }) => ['forged', 'unsigned', 'anonymous'].includes(id));
    await run(prober, plan);
    await run(prober, plan);
    const texts = sent.map(({ token }) => (token instanceof Secret ? token.reveal() : token));
    expect(texts.filter((text) => text === 'none')).toHaveLength(2);
    const [first, unsigned, second] = texts.filter((text) => text !== 'none');
    const part = (token: string | undefined, nth: number): Record<string, unknown> => JSON.parse(Buffer.from((token ?? '').split('.')[nth] ?? '', 'base64url').toString()) as Record<string, unknown>;
    expect(part(first, 0)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(part(first, 1)).toMatchObject({ role: 'admin', sub: 'holdfast-probe' });
    expect(Number(part(first, 1)['exp']) - Number(part(first, 1)['iat'])).toBe(60);
    expect(part(unsigned, 0)).toEqual({ alg: 'none', typ: 'JWT' });
    expect(unsigned?.endsWith('.')).toBe(true);
    expect(first?.split('.')[2]).toHaveLength(43);
    expect(first?.split('.')[2]).not.toBe(second?.split('.')[2]);
    expect(JSON.stringify(sent)).not.toContain('eyJ');
  });

  it('after a cancel nothing is sent and nothing is called a failure', async () => {
    const { prober, sent } = proberOf('karen', (_, nth) => (nth === 3 ? new AppError('cancelled', { message: 'x', hint: 'x' }) : { status: 404, body: {} }));
    const { looks, error } = await run(prober, planProbes({ kind: 'karen', url, allowed: all }));
    expect(error).toMatchObject({ code: 'cancelled' });
    expect(sent).toHaveLength(3);
    expect([...looks.keys()]).toEqual(['tls', 'headers']);
  });

  it('where nobody answers it asks once, and says so of every probe', async () => {
    const { prober, sent } = proberOf('karen', () => new AppError('tls_expired', { message: 'expired', hint: 'renew' }));
    const plan = planProbes({ kind: 'karen', url, allowed: new Set(['probes']) });
    const { looks, error } = await run(prober, plan);
    expect(sent).toHaveLength(1);
    expect(error).toMatchObject({ code: 'tls_expired' });
    expect(plan.filter(({ willRun }) => willRun).map(({ id }) => failureAt(looks, id as ProbeId))).toEqual(plan.filter(({ willRun }) => willRun).map(() => 'tls_expired'));
  });

  it('one failure on the way costs one probe', async () => {
    const { prober } = proberOf('karen', (line) => (line.includes('openapi') ? new AppError('response_too_large', { message: 'large', hint: 'look' }) : { status: 404, body: { detail: 'Not Found' } }));
    const { looks, error } = await run(prober, planProbes({ kind: 'karen', url, allowed: new Set(['probes']) }));
    expect(error).toBeNull();
    expect(failureAt(looks, 'openapi')).toBe('response_too_large');
    expect(looks.get('docs')?.value).toEqual({ status: 404, is_open: false });
  });

  it('a header too long to keep is a failure, and its text is nowhere', async () => {
    const { prober } = proberOf('karen', () => ({ status: 200, headers: { server: 'x'.repeat(9000) }, body: {} }));
    const { looks } = await run(prober, planProbes({ kind: 'karen', url, allowed: new Set(['probes']) }).filter(({ id }) => id === 'headers'));
    expect(failureAt(looks, 'headers')).toBe('response_unexpected');
    expect(JSON.stringify(looks.get('headers'))).not.toContain('xxxx');
  });

  it('tells how far it is, and counts a burst that ended early as done', async () => {
    const { prober } = proberOf('navi', (_, nth) => ({ status: nth === 4 ? 429 : 401, body: {} }));
    const plan = planProbes({ kind: 'navi', url, allowed: all }).filter(({ id }) => id === 'burst');
    const { looks, progress } = await run(prober, plan);
    expect(looks.get('burst')?.value).toEqual({ sent: 4, limited_after: 3, unavailable: 0 });
    expect(progress).toEqual([0, 1, 2, 3, 45].map((sent) => ({ sent, total: 45 })));
  });

  it.each([[50, 10_000], [24, 0], [0, 0], [26, 34_000]])('a burst that begins at second %i of the minute waits %i ms for the next', async (second, waitMs) => {
    const { prober, pauses } = proberOf('navi', () => ({ status: 401, body: {}, serverDate: Date.UTC(2026, 10, 22, 12, 0, second) }));
    await run(prober, planProbes({ kind: 'navi', url, allowed: all }).filter(({ id }) => id === 'burst'));
    expect(pauses).toEqual(waitMs === 0 ? [] : [waitMs]);
  });
});
