// Probes against the reference deployments: what each tells, that what is sent is what was listed, how fast, and with which token.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { FACTS } from '#shared/domain/posture-facts.ts';
import type { PlannedProbe } from '#shared/domain/posture.ts';
import { Secret } from '#core/secret.ts';
import { configFor as karenConfig, type Build, type StateName as KarenState } from '../deployments/karen/config.ts';
import { startKarenDeployment, type KarenDeployment, type KarenDeploymentOptions } from '../deployments/karen/server.ts';
import { configFor as naviConfig, DOCUMENTED_RATE_RULES, type StateName as NaviState } from '../deployments/navi/config.ts';
import { startNaviDeployment, type NaviDeployment } from '../deployments/navi/server.ts';
import { openBench, type Bench } from '../support/prober-bench.ts';

let bench: Bench;
const servers: { close(): Promise<void> }[] = [];
beforeEach(async () => { bench = await openBench(); });
afterEach(async () => {
  await bench.close();
  for (const server of servers.splice(0)) await server.close();
});

async function karen(build: Build, states: readonly KarenState[] = [], options: KarenDeploymentOptions = {}): Promise<{ server: KarenDeployment; id: string }> {
  const server = await startKarenDeployment({ config: karenConfig(build, states), now: () => new Date(bench.clock.now()), ...options });
  servers.push(server);
  const { id } = await bench.deployments.add({ name: `karen ${servers.length}`, url: server.url, kind: 'karen', environment: 'staging', caPem: server.caPem, pin: null, readOnly: true });
  return { server, id };
}

/** `at`: the backend's clock stands still there. */
async function navi(states: readonly NaviState[] = [], { withToken = true, at = null }: { readonly withToken?: boolean; readonly at?: number | null } = {}): Promise<{ server: NaviDeployment; id: string; token: string }> {
  const server = await startNaviDeployment({ config: naviConfig('C1', states), events: 3, now: () => new Date(at ?? bench.clock.now()) });
  servers.push(server);
  const iat = Math.floor(bench.clock.now() / 1000);
  const token = server.signToken({ sub: 'auth0|a', email: 'a@acme.example', org_id: 'acme', role: 'admin', iat, exp: iat + 864_000 });
  const { id } = await bench.deployments.add({ name: `navi ${servers.length}`, url: server.url, kind: 'navi', environment: 'staging', caPem: null, pin: null, readOnly: true, ...(withToken ? { token } : {}) });
  return { server, id, token };
}

const linesOf = (requests: readonly { readonly method: string; readonly url: string }[]): string[] => requests.map(({ method, url }) => `${method} ${url}`);
const planned = (plan: readonly PlannedProbe[]): string[] => plan.filter(({ willRun }) => willRun).flatMap(({ requests }) => requests);
async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
}

const KAREN_SEED = {
  anonymous: { status: 403, serves_data: false }, forged: { status: 401, serves_data: false }, unsigned: { status: 401, serves_data: false },
  docs: { status: 404, is_open: false }, openapi: { status: 200, is_open: true }, metrics: { status: 401, is_open: false },
  error_body: { status: 422, leaks: false, what: null }, limits: { is_sent: false, limit: null, remaining: null },
  anonymous_admin: { status: 200, serves_data: true }, audit_logs: { status: 200, serves_data: true }, auth_status: { status: 200, leaks_stats: true },
  first_run: { status: 200, is_open: true }, validate_session: { status: 404, says_valid: false }, threat_stats: { status: 200, is_mock: true },
  cache_health: { status: 200, service_status: 'unknown' }, extensions: { status: 200, serves_data: true },
  bypass: { status_without: 200, status_with: 200, is_bypassed: false }, burst: { sent: 45, limited_after: null, unavailable: 0 },
  cors: { status: 400, allow_origin: null, allows_foreign: false }, tls: { is_encrypted: false, protocol: null, is_own_ca: false },
  headers: {
    server: 'uvicorn', x_powered_by: null, strict_transport_security: { is_sent: false, max_age: null }, x_frame_options: 'DENY', x_content_type_options: 'nosniff',
    content_security_policy: { is_sent: true, directives: { 'default-src': ["'self'"] }, allows_unsafe_inline: false, allows_unsafe_eval: false, allows_any: false },
    cookies_secure: null,
  },
};

const NAVI_ORDINARY = {
  anonymous: { status: 401, serves_data: false }, forged: { status: 401, serves_data: false }, unsigned: { status: 401, serves_data: false },
  docs: { status: 200, is_open: true }, openapi: { status: 200, is_open: true }, metrics: { status: 200, is_open: true },
  error_body: { status: 422, leaks: false, what: null }, limits: { is_sent: false }, health_ready: { status: 200, is_ready: true, leaks: false },
  governance: { status: 200, serves_data: true }, device_flow: { status: 404, is_mounted: false }, cors: { status: 400, allow_origin: null, allows_foreign: false },
  headers: { strict_transport_security: { is_sent: false }, content_security_policy: { is_sent: false, allows_unsafe_inline: true, allows_any: true }, x_frame_options: null },
};

describe('probes of an AI-Karen', () => {
  it('SEED: tell what the contract says, and send what was listed, no token among it', async () => {
    const { server, id } = await karen('SEED');
    const { plan, facts, failures, progress } = await bench.scan(id);
    expect(failures).toEqual({});
    expect(facts).toMatchObject(KAREN_SEED);
    expect(Object.keys(facts).toSorted()).toEqual(plan.map((probe) => probe.id).toSorted());
    for (const [document, value] of Object.entries(facts)) expect(FACTS[document as keyof typeof FACTS].parse(value)).toEqual(value);
    expect(linesOf(server.requests)).toEqual(planned(plan));
    expect(progress.at(-1)).toEqual({ sent: server.requests.length, total: server.requests.length });
    // Only the two forged tokens and their twin in the errors are sent; nothing else carries one.
    const carrying = server.requests.filter(({ headers }) => headers['authorization'] !== undefined);
    expect(carrying.map(({ url }) => url)).toEqual(['/api/auth/me', '/api/auth/me', '/api/auth/me']);
    expect(server.requests.filter(({ headers }) => headers['x-skip-auth'] !== undefined)).toHaveLength(1);
  });

  it('HEAD: everything is refused, but two headers skip that', async () => {
    const { id } = await karen('HEAD');
    const { facts, failures } = await bench.scan(id);
    expect(failures).toEqual({});
    expect(facts).toMatchObject({
      anonymous: { status: 401, serves_data: false }, forged: { status: 401 }, anonymous_admin: { status: 401, serves_data: false }, audit_logs: { status: 401, serves_data: false },
      auth_status: { status: 401, leaks_stats: false }, first_run: { status: 401, is_open: null }, validate_session: { status: 200, says_valid: true }, threat_stats: { status: 401, is_mock: false },
      bypass: { status_without: 401, status_with: 200, is_bypassed: true }, extensions: { status: 404, serves_data: false }, metrics: { status: 401, is_open: false },
    });
  });

  it('a bypass that was closed is seen as closed, and without its consent it is not tried', async () => {
    const { server, id } = await karen('HEAD', ['bypass-closed']);
    expect((await bench.scan(id, { only: ['bypass'] })).facts.bypass).toEqual({ status_without: 401, status_with: 401, is_bypassed: false });
    const before = server.requests.length;
    const { plan } = await bench.scan(id, { consents: ['probes'], only: ['bypass', 'burst', 'cors'] });
    expect(plan.map((probe) => [probe.id, probe.willRun])).toEqual([['cors', true], ['bypass', false], ['burst', false]]);
    expect(linesOf(server.requests.slice(before))).toEqual(['OPTIONS /api/auth/login']);
  });

  it('states of other builds and of proxies show', async () => {
    const { id } = await karen('SEED', ['development', 'cors-open', 'set-up', 'metrics-open', 'hsts-by-proxy', 'driver-text', 'rate-limited']);
    const { facts } = await bench.scan(id, { consents: ['probes'] });
    expect(facts).toMatchObject({
      docs: { status: 200, is_open: true }, cors: { status: 200, allow_origin: 'https://origin.invalid', allows_foreign: true }, first_run: { is_open: false }, metrics: { is_open: true },
      headers: { strict_transport_security: { is_sent: true, max_age: 31_536_000, include_subdomains: true, preload: true } },
      error_body: { status: 500, leaks: true, what: 'psycopg' }, limits: { is_sent: true, limit: 300 },
    });
  });

  it('the login page of a portal is never taken for data, and never for a refusal', async () => {
    const { id } = await karen('SEED', ['portal']);
    const { facts, failures } = await bench.scan(id, { consents: ['probes', 'header-bypass'] });
    for (const document of ['anonymous', 'forged', 'unsigned', 'anonymous_admin', 'audit_logs', 'extensions'] as const) expect(facts[document]).toEqual({ status: 200, serves_data: false });
    expect(Object.keys(failures).toSorted()).toEqual(['auth_status', 'bypass', 'cache_health', 'docs', 'error_body', 'first_run', 'metrics', 'openapi', 'threat_stats', 'validate_session']);
    expect(new Set(Object.values(failures).map(({ code }) => code))).toEqual(new Set(['response_unexpected']));
  });

  it('over TLS: protocol, issuer and days of the certificate; below a path: the lines name it', async () => {
    // A certificate of today is judged by the clock of today.
    const late = await openBench({ ...bench.clock, now: () => Date.now() });
    try {
      const server = await startKarenDeployment({ usesTls: true, basePath: '/karen' });
      servers.push(server);
      const { id } = await late.deployments.add({ name: 'secure', url: server.url, kind: 'karen', environment: 'staging', caPem: server.caPem, pin: null, readOnly: true });
      const { facts, plan, sources } = await late.scan(id, { only: ['tls', 'headers'] });
      expect(facts.tls).toMatchObject({ is_encrypted: true, protocol: 'TLSv1.3', is_own_ca: true, days_left: 29 });
      expect(plan.flatMap(({ requests }) => requests)).toEqual(['GET /karen/health', 'GET /karen/health']);
      expect(linesOf(server.requests)).toEqual(['GET /karen/health', 'GET /karen/health']);
      expect(sources.headers).toBe('GET /karen/health');
    } finally {
      await late.close();
    }
  });
});

describe('probes of a NAVI', () => {
  it('tell what the contract says; the stored token goes only where it was listed, and no audit row is written', async () => {
    const { server, id, token } = await navi();
    const rows = server.rowCount();
    const { plan, facts, failures } = await bench.scan(id, { consents: ['probes'] });
    expect(failures).toEqual({});
    expect(facts).toMatchObject(NAVI_ORDINARY);
    expect(linesOf(server.requests)).toEqual(planned(plan));
    expect(server.rowCount()).toBe(rows);
    expect(server.requests.filter(({ headers }) => headers['authorization'] === `Bearer ${token}`).map(({ url }) => url)).toEqual(['/api/audit?limit=not-a-number', '/api/audit?limit=1']);
    expect(bench.log.lines.join('\n')).not.toContain(token);
  });

  it('without a stored token the same requests are sent, anonymous', async () => {
    const { server, id } = await navi([], { withToken: false });
    const { plan, facts } = await bench.scan(id, { consents: ['probes'], only: ['error_body'] });
    expect(linesOf(server.requests)).toEqual(planned(plan));
    expect(facts.error_body).toEqual({ status: 401, leaks: false, what: null });
  });

  it.each<readonly [readonly NaviState[], Record<string, unknown>]>([
    [['jwt-off'], { anonymous: { status: 200, serves_data: true }, forged: { status: 200, serves_data: true }, unsigned: { status: 200, serves_data: true } }],
    [['database-down'], { error_body: { status: 500, leaks: true, what: 'psycopg' }, health_ready: { status: 503, is_ready: false, leaks: true } }],
    [['auth0-unreachable'], { error_body: { status: 401, leaks: true, what: 'Errno' } }],
    [['device-flow', 'governance-guarded', 'cors-open'], { device_flow: { status: 405, is_mounted: true }, governance: { status: 401, serves_data: false }, cors: { status: 200, allows_foreign: true } }],
    [['api-pages-closed', 'metrics-closed'], { docs: { status: 404, is_open: false }, openapi: { status: 404, is_open: false, routes: 0 }, metrics: { status: 404, is_open: false } }],
    [['headers-by-proxy'], { headers: { strict_transport_security: { is_sent: true, max_age: 31_536_000 }, x_frame_options: 'DENY', content_security_policy: { allows_unsafe_inline: false, allows_any: false } } }],
    [['rate-limited'], { limits: { is_sent: true, limit: 30 } }],
  ])('%j', async (states, expected) => {
    const { id } = await navi(states);
    expect((await bench.scan(id, { consents: ['probes'], only: Object.keys(expected) as never })).facts).toMatchObject(expected);
  });

  it('a limiter that answers ends the burst; one that is gone ends it at once', async () => {
    const working = await navi(['rate-limited'], { at: Date.UTC(2026, 10, 22, 12) });
    const { facts, sources } = await bench.scan(working.id, { only: ['burst'] });
    const allowed = DOCUMENTED_RATE_RULES.admin.requestsPerMinute + DOCUMENTED_RATE_RULES.admin.burst;
    expect(facts.burst).toEqual({ sent: allowed + 1, limited_after: allowed, unavailable: 0 });
    expect(working.server.requests).toHaveLength(allowed + 1);
    expect(sources.burst).toBe(`GET /api/admin/security/status (${allowed + 1} times)`);
    const gone = await navi(['rate-limit-gone']);
    expect((await bench.scan(gone.id, { only: ['burst'] })).facts.burst).toEqual({ sent: 1, limited_after: null, unavailable: 1 });
    expect(gone.server.requests).toHaveLength(1);
    const inert = await navi();
    expect((await bench.scan(inert.id, { only: ['burst'] })).facts.burst).toEqual({ sent: 45, limited_after: null, unavailable: 0 });
    expect(inert.server.requests).toHaveLength(45);
  });

  it('a burst is cancelled in the middle: nothing of it is kept, and what came before is', async () => {
    const { server, id } = await navi();
    const controller = new AbortController();
    const into = { facts: {}, failures: {} };
    const scanning = bench.scan(id, { only: ['headers', 'burst'], signal: controller.signal, into, onKept: () => setTimeout(() => controller.abort(), 60) });
    expect(await codeOf(() => scanning)).toBe('cancelled');
    expect(Object.keys(into.facts)).toEqual(['headers']);
    expect(into.failures).toEqual({});
    // What was on its way at the cancel may still arrive; then nothing more does, in a time that several would take.
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    const sent = server.requests.length;
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    expect(server.requests.length).toBe(sent);
    expect(sent).toBeLessThan(45);
  });
});

describe('the door', () => {
  it('lets at most two requests a second through, whoever asks, also beside the ordinary client', async () => {
    const { server, id } = await karen('SEED');
    const twin = await bench.deployments.add({ name: 'twin', url: server.url, kind: 'karen', environment: 'staging', caPem: null, pin: null, readOnly: true });
    await Promise.all([bench.scan(id, { only: ['headers', 'cors', 'docs', 'metrics'] }), bench.scan(twin.id, { only: ['headers', 'cors', 'docs', 'metrics'] }), bench.deployments.test(id, new AbortController().signal)]);
    const times = server.requests.map(({ at }) => at);
    expect(times).toHaveLength(9);
    times.slice(2).forEach((at, index) => expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(1000));
  });

  it('offers nothing but GET, HEAD and OPTIONS, and a deployment that may be written to is asked no other way', async () => {
    const { server, id } = await karen('SEED');
    await bench.deployments.edit({ id, readOnly: false });
    await bench.deployments.withProber(id, async (prober) => {
      expect(Object.keys(prober).toSorted()).toEqual(['deployment', 'get', 'head', 'now', 'options', 'pause']);
      expect(JSON.stringify(prober.deployment)).not.toContain('caPem');
      await prober.head({ path: '/health', token: 'none' });
      await prober.options({ path: '/health', token: 'none' });
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'OPTIONS']);
  });

  it('refuses special headers beside a token, and a bypass by anything but a GET', async () => {
    const { server, id } = await karen('HEAD');
    await bench.deployments.withProber(id, async (prober) => {
      await expect(prober.get({ path: '/health', token: new Secret('given'), headers: { kind: 'bypass' } })).rejects.toThrow('without a token');
      await expect(prober.options({ path: '/health', token: 'none', headers: { kind: 'bypass' } })).rejects.toThrow('by a GET');
      await expect(prober.get({ path: '/health', token: 'none', headers: { kind: 'preflight', origin: 'https://origin.invalid', method: 'GET' } })).rejects.toThrow('OPTIONS');
      await expect(prober.options({ path: '/health', token: 'none', headers: { kind: 'preflight', origin: 'https://a\r\nx: y', method: 'GET' } })).rejects.toThrow('OPTIONS');
    });
    expect(server.requests).toEqual([]);
  });

  it('sends a given token to another node, and the stored one never', async () => {
    const { id, token } = await navi();
    const node = await navi([], { withToken: false });
    await bench.deployments.withProber(id, async (prober) => {
      expect(await codeOf(() => prober.get({ path: '/api/admin/security/status', token: 'own' }))).toBe('cross_origin_refused');
      expect((await prober.get({ path: '/api/admin/security/status', token: new Secret(token) })).status).toBe(200);
    }, { node: node.server.url });
    expect(node.server.requests).toHaveLength(1);
    expect(bench.deployments.get(id).reachability.state).toBe('never-tried');
  });

  it('remembers what it saw of the way', async () => {
    const { server, id } = await karen('SEED');
    await bench.scan(id, { only: ['headers'] });
    expect(bench.deployments.get(id).reachability).toMatchObject({ state: 'reached', errorCode: null });
    await server.close();
    const into = { facts: {}, failures: {} as Record<string, { code: string }> };
    expect(await codeOf(() => bench.scan(id, { only: ['headers', 'cors', 'docs'], into }))).toBe('connection_refused');
    expect(Object.values(into.failures).map(({ code }) => code)).toEqual(['connection_refused', 'connection_refused', 'connection_refused']);
    expect(bench.deployments.get(id).reachability).toMatchObject({ state: 'unreachable', errorCode: 'connection_refused' });
  });

  it('an anonymous answer does not hide that the token is refused', async () => {
    const { server, id } = await navi();
    await bench.deployments.setToken(id, new Secret(`${'x'.repeat(20)}`));
    expect((await bench.deployments.test(id, new AbortController().signal)).token).toBe('refused');
    await bench.scan(id, { only: ['headers'] });
    expect(bench.deployments.get(id).reachability).toMatchObject({ state: 'refused', errorCode: 'unauthorized' });
    expect(server.requests.length).toBeGreaterThan(1);
  });
});

describe('the kind karen', () => {
  it.each<readonly [Build, string]>([['SEED', 'GET /api/ping answered 200 with status ok.'], ['HEAD', 'GET /api/ping answered 401, as the guard of the newer build does; GET /health answered 200 with status ok.']])('%s is recognised by what it answers', async (build, seen) => {
    const { id } = await karen(build);
    const test = await bench.deployments.test(id, new AbortController().signal);
    expect(test).toMatchObject({ kind: 'karen', seen, token: 'none', dialect: null, capabilities: [] });
    expect(bench.deployments.get(id)).toMatchObject({ kind: 'karen', reachability: { state: 'reached' } });
  });

  it.each(['portal', 'navi'])('%s at its address is not taken for one', async (what) => {
    const id = what === 'portal' ? (await karen('SEED', ['portal'])).id : (await bench.deployments.add({ name: 'wrong', url: (await navi()).server.url, kind: 'karen', environment: 'staging', caPem: null, pin: null, readOnly: true })).id;
    expect((await bench.deployments.test(id, new AbortController().signal)).seen).toBeNull();
    expect(bench.deployments.get(id).reachability).toMatchObject({ state: 'refused', errorCode: 'response_unexpected' });
  });

  it('takes no token and refuses what only a NAVI has, before anything is sent', async () => {
    const { server, id } = await karen('SEED');
    expect(await codeOf(() => bench.deployments.setToken(id, new Secret('secret-token')))).toBe('not_offered');
    expect(await codeOf(() => bench.deployments.withClient(id, new AbortController().signal, (client) => client.listEvents({ limit: 1 })))).toBe('not_offered');
    expect(await codeOf(() => bench.deployments.add({ name: 'other', url: server.url, kind: 'karen', environment: 'staging', caPem: null, pin: null, readOnly: true, token: 'secret-token' }))).toBe('not_offered');
    expect(bench.deployments.list().map(({ name }) => name)).toEqual(['karen 1']);
    expect(server.requests).toEqual([]);
    expect(bench.deployments.get(id).reachability.state).toBe('never-tried');
  });

  it('goes with all that was kept of it', async () => {
    const { id } = await karen('SEED');
    const plan = bench.deployments.planRemoval(id);
    expect(await bench.deployments.remove({ id, token: plan.token, confirmName: plan.name })).toEqual({ eventsRemoved: 0, secretsRemoved: 0, kept: [], filesLeft: [], left: { tables: expect.any(Number), rows: 0, secrets: 0 }, space: null });
    expect(bench.deployments.list()).toEqual([]);
  });
});
