// Live checks of a run against reference deployments and hostile ones: what passes is proven, what cannot be asked is refused, and the token goes to its own address alone.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuditService } from '#core/audit/service.ts';
import { createAuditSearch } from '#core/audit/search/service.ts';
import { createHttpClient } from '#core/deployments/http.ts';
import { createDeploymentsService } from '#core/deployments/service.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import type { Jobs } from '#core/jobs/jobs.ts';
import { createPostureService } from '#core/posture/service.ts';
import type { PostureService } from '#core/posture/service.ts';
import { createLiveChecks } from '#core/runbooks/checks/service.ts';
import type { LiveChecks } from '#core/runbooks/checks/service.ts';
import type { CoverageSegment } from '#shared/domain/audit-coverage.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import { AppError } from '#shared/errors.ts';
import { configFor as karenConfig } from '../deployments/karen/config.ts';
import { startKarenDeployment } from '../deployments/karen/server.ts';
import { configFor as naviConfig } from '../deployments/navi/config.ts';
import type { StateName } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { keptLog, temporaryFolder } from '../support/ports.ts';
import { fastClock } from '../support/prober-bench.ts';
import { importPack, openRunbookProfile, START_INPUT } from '../support/runbook-profile.ts';
import type { RunbookProfile } from '../support/runbook-profile.ts';

const packOf = (check: string): string => `format: holdfast.runbook/1
id: check
version: 1.0.0
title: One check
when: In tests.
kind: checklist
source: made for tests
sections: [{ id: s, title: S, steps: [{ id: c, title: C, kind: live-check, can_override: true, check: ${check} }, { id: m, title: M }] }]
`;
const quiet = new AbortController().signal;
let folder: ReturnType<typeof temporaryFolder>;
let clock: ReturnType<typeof fastClock>;
let profile: RunbookProfile;
let deployments: DeploymentsService;
let posture: PostureService;
let checks: LiveChecks;
let jobs: Jobs;
let coverage: CoverageSegment[];
let versions = 0;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = temporaryFolder('checks');
  clock = fastClock();
  const log = keptLog();
  const emitter = createEmitter(log);
  profile = await openRunbookProfile(join(folder.path, 'profile'), { clock });
  const { session, ledger } = profile;
  jobs = createJobs(emitter, clock);
  const http = createHttpClient({ clock, log, deadlineMs: 400_000 });
  deployments = createDeploymentsService({ session, ledger, jobs, emitter, clock, http });
  const audit = createAuditService({ session, findings: { of: () => [], count: () => 0 }, sign: () => Promise.resolve(), deployments, ledger, emitter, clock });
  posture = createPostureService({ session, deployments, audit, ledger, jobs, emitter, clock });
  coverage = [];
  const author = await profile.key();
  checks = createLiveChecks({
    session, store: profile.store, clock, jobs, deployments, posture, rotation: { show: () => ({ rotation: null }) }, search: createAuditSearch({ session, deployments, clock, log, inThread: false }), sync: { coverage: () => coverage }, isOwn: (each) => each === author,
    runs: { view: (run) => { const view = profile.runs.view(run); const { deployment } = run.state; return { ...view, deployment: deployment === null ? null : { name: deployment.name, url: deployment.url, deploymentId: deployments.list().find(({ url }) => url === deployment.url)?.id ?? null } }; } },
  });
  closing.push(() => http.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await profile.close();
  folder.remove();
});

interface Added { readonly id: string; readonly name: string; readonly url: string; readonly kind: 'navi' | 'karen' }
async function add(url: string, kind: 'navi' | 'karen' = 'navi', { token, environment = 'staging' }: { token?: string; environment?: 'staging' | 'production' } = {}): Promise<Added> {
  const { id, name, url: address } = await deployments.add({ name: `d${closing.length}`, url, kind, environment, caPem: null, pin: null, readOnly: true, ...(token === undefined ? {} : { token }) });
  return { id, name, url: address, kind };
}
async function navi(states: readonly StateName[] = []) {
  const server = await startNaviDeployment({ config: naviConfig('C1', states), events: 3, now: () => new Date(clock.now()) });
  closing.push(() => server.close());
  const iat = Math.floor(clock.now() / 1000);
  const token = server.signToken({ sub: 'auth0|a', email: 'a@acme.example', org_id: 'acme', role: 'admin', iat, exp: iat + 864_000 });
  return { server, token };
}
async function hostile(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  closing.push(() => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
/** Starts a run about this deployment. */
async function runFor(check: string, about: Added | null): Promise<string> {
  versions += 1;
  await importPack(profile, folder.path, packOf(check).replace('1.0.0', `1.0.${versions}`));
  const runbook = profile.library.find('check');
  const { id } = await profile.store.begin(runbook, { kind: 'started', pack: { id: 'check', version: runbook.pack.version, digest: runbook.digest }, title: 't', deployment: about === null ? null : { name: about.name, url: about.url, kind: about.kind }, severity: null, drill: false, nonce: String(versions).padStart(32, '0') }, []);
  return id;
}
async function found(check: string, about: Added): Promise<NonNullable<StepStanding['check']>> {
  const { check: answer } = await checks.run({ runId: await runFor(check, about), step: 'c' }, quiet);
  if (answer === null) throw new Error('nothing was recorded');
  return answer;
}
async function refusal(run: Promise<unknown>): Promise<AppError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
const HEALTH = '{ asks: health, path: /health, within_ms: 60000 }';
const METRIC = (rest: string): string => `{ asks: metric, name: m, ${rest} }`;

describe('a check that takes long', () => {
  it('is a job: seen while it runs, one at a time for a deployment, and when it is cancelled nothing is recorded', async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => { asked = resolve; });
    const about = await add(await hostile(() => asked()));
    const runId = await runFor(HEALTH, about);
    const running = refusal(checks.run({ runId, step: 'c' }, quiet));
    await isAsked;
    const [job] = jobs.list();
    expect(job).toMatchObject({ call: 'run.check', deploymentId: about.id });
    expect((await refusal(checks.run({ runId, step: 'c' }, quiet))).code).toBe('busy');
    expect(jobs.cancel(job?.jobId ?? '')).toBe(true);
    expect((await running).code).toBe('cancelled');
    expect(profile.runs.show(runId).steps[0]).toMatchObject({ state: 'open', check: null });
  });
});

describe('health', () => {
  it('passes on 200 within the limit, with its text; and fails on what it is not', async () => {
    const { server } = await navi();
    const about = await add(server.url);
    expect(await found(HEALTH, about)).toMatchObject({ result: 'pass', source: 'GET /health', attestedBy: null });
    expect(await found('{ asks: health, path: /health, within_ms: 60000, holds: core }', about)).toMatchObject({ result: 'pass' });
    expect(await found('{ asks: health, path: /health, within_ms: 60000, holds: nothing-of-it }', about)).toMatchObject({ result: 'fail' });
    expect(await found('{ asks: health, path: /no-such-path, within_ms: 60000 }', about)).toMatchObject({ result: 'fail' });
    expect(await found('{ asks: health, path: /metrics, within_ms: 60000 }', about)).toMatchObject({ result: 'fail' });
  });

  it('reads the same JSON with and without white space, and measures one request alone', async () => {
    let delayMs = 0;
    const url = await hostile((_, response) => { setTimeout(() => response.end('{ "is_active" : false }'), delayMs); });
    const about = await add(url, 'karen');
    expect(await found('{ asks: health, path: /x, within_ms: 60000, holds: \'"is_active":false\' }', about)).toMatchObject({ result: 'pass' });
    // The clock of this test runs 40 times as fast: a wait of 100 ms is at least 4000 ms.
    delayMs = 100;
    expect(await found('{ asks: health, path: /x, within_ms: 3000 }', about)).toMatchObject({ result: 'fail' });
  });

  it('fails on what breaks off or answers 500, and sends no token', async () => {
    let seen: unknown;
    let broken = false;
    const url = await hostile((request, response) => {
      seen = request.headers.authorization;
      if (broken) request.socket.destroy();
      else response.writeHead(500).end('no');
    });
    const about = await add(url, 'navi', { token: 'a.b.c' });
    expect(await found(HEALTH, about)).toMatchObject({ result: 'fail', seen: expect.stringContaining('500') as string });
    expect(seen).toBeUndefined();
    broken = true;
    expect(await found(HEALTH, about)).toMatchObject({ result: 'fail' });
  });

  it('is unknown where a page for people answers, as a portal does, whatever words stand in it', async () => {
    let page = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your score and your pong are ok.</body></html>';
    const url = await hostile((_, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end(page); });
    const about = await add(url);
    expect(await found(HEALTH, about)).toMatchObject({ result: 'unknown', because: expect.stringContaining('page for people') as string });
    expect(await found('{ asks: health, path: /ping, within_ms: 60000, holds: pong }', about)).toMatchObject({ result: 'unknown' });
    expect(await found('{ asks: health, path: /, within_ms: 60000, holds: Sign in }', about)).toMatchObject({ result: 'pass' });
    page = '\n <html><script>location="/login"</script></html>';
    expect(await found(HEALTH, about)).toMatchObject({ result: 'unknown' });
    page = 'ok';
    expect(await found(HEALTH, about)).toMatchObject({ result: 'pass' });
  });

  it('never passes on another status, a redirect or an answer of another host', async () => {
    let [status, headers] = [401, {} as Record<string, string>];
    const url = await hostile((_, response) => { response.writeHead(status, headers).end('ok'); });
    const about = await add(url);
    for (status of [401, 403, 404, 429, 503, 204, 206]) expect((await found(HEALTH, about)).result).toBe(status === 429 ? 'unknown' : 'fail');
    [status, headers] = [302, { location: 'http://127.0.0.1:1/health' }];
    expect(await found(HEALTH, about)).toMatchObject({ result: 'fail' });
    [status, headers] = [200, {}];
    expect((await refusal(found('{ asks: health, path: //127.0.0.1:1/health, within_ms: 60000 }', about))).code).toBe('cross_origin_refused');
    expect((await refusal(found('{ asks: health, path: /../admin, within_ms: 60000 }', about))).code).toBe('cross_origin_refused');
  });

  it('asks the paths of an AI-Karen that its runbooks name', async () => {
    for (const [states, result] of [[[], 'pass'], [['degraded'], 'fail']] as const) {
      const server = await startKarenDeployment({ config: karenConfig('HEAD', states), now: () => new Date(clock.now()) });
      closing.push(() => server.close());
      const about = await add(server.url, 'karen');
      expect(await found('{ asks: health, path: /api/health/database/test, within_ms: 60000, holds: \'"success":true\' }', about)).toMatchObject({ result });
      expect(await found('{ asks: health, path: /api/health/degraded-mode, within_ms: 60000, holds: \'"is_active":false\' }', about)).toMatchObject({ result });
    }
  });
});

describe('what cannot be asked', () => {
  it('is refused offline, records nothing and tells to attest by hand', async () => {
    const { server } = await navi();
    const about = await add(server.url);
    await server.close();
    closing.pop();
    const runId = await runFor(HEALTH, about);
    const before = profile.store.load(runId).events.length;
    expect(await refusal(checks.run({ runId, step: 'c' }, quiet))).toMatchObject({ code: 'connection_refused', hint: expect.stringContaining('attest it by hand') as string });
    expect(profile.store.load(runId).events).toHaveLength(before);
  });

  it('is refused in production until somebody allows it; then it is asked', async () => {
    let asked = 0;
    const url = await hostile((_, response) => { asked += 1; response.end('m 1\n'); });
    const about = await add(url, 'navi', { environment: 'production' });
    for (const check of [HEALTH, METRIC('is: "<", value: 2'), '{ asks: error-rate, minutes: 5, below_percent: 1 }']) expect((await refusal(checks.run({ runId: await runFor(check, about), step: 'c' }, quiet))).code).toBe('probes_off');
    const { message, hint } = await refusal(checks.run({ runId: await runFor(HEALTH, about), step: 'c' }, quiet));
    expect([message.match(/nothing was recorded/gi), hint.match(/attest it by hand/g)]).toMatchObject([{ length: 1 }, { length: 1 }]);
    expect(asked).toBe(0);
    await posture.setConsent({ deploymentId: about.id, consent: 'probes', isAllowed: true });
    expect(await found(HEALTH, about)).toMatchObject({ result: 'pass' });
  });

  it('is refused without a deployment, for a step without a check, after the end, and for a run that is not there', async () => {
    const runId = await runFor(HEALTH, null);
    expect(await refusal(checks.run({ runId, step: 'c' }, quiet))).toMatchObject({ code: 'deployment_not_found', hint: expect.stringContaining('by hand') as string });
    expect((await refusal(checks.run({ runId, step: 'm' }, quiet))).code).toBe('invalid_input');
    expect((await refusal(checks.run({ runId, step: 'none' }, quiet))).code).toBe('step_not_found');
    await profile.runs.end({ runId, outcome: 'stopped', note: '' });
    expect((await refusal(checks.run({ runId, step: 'c' }, quiet))).code).toBe('run_ended');
    expect((await refusal(checks.run({ runId: `run_${'0'.repeat(32)}`, step: 'c' }, quiet))).code).toBe('run_not_found');
    await expect(profile.runs.start({ ...START_INPUT, packId: 'none' })).rejects.toThrow();
  });
});

describe('a metric', () => {
  it.each([
    ['m 1\n', 'is: "<", value: 2', 'pass'], ['m 2\n', 'is: "<", value: 2', 'fail'], ['m{a="1"} 1\nm{a="2"} 2\n', 'is: "==", value: 3', 'pass'], ['m{a="1"} 1\nm{a="2"} 2\n', 'is: "==", value: 2, labels: { a: "2" }', 'pass'],
    ['m{a="1"} 1\n', 'is: "<", value: 5, labels: { a: "3" }', 'unknown'], ['other 1\n', 'is: "<", value: 5', 'unknown'], ['m NaN\n', 'is: "<", value: 5', 'unknown'], ['m +Inf\n', 'is: ">", value: 5', 'pass'], ['m +Inf\nm{a="1"} -Inf\n', 'is: "<", value: 5', 'unknown'],
    ['m 1\nm 1\n', 'is: "<", value: 5', 'unknown'], ['m 1\n<html>\n', 'is: "<", value: 5', 'unknown'], ['', 'is: "<", value: 5', 'unknown'],
  ])('%j with %s: %s', async (text, rest, result) => {
    const url = await hostile((_, response) => { response.end(text); });
    expect(await found(METRIC(rest), await add(url))).toMatchObject({ result });
  });

  it('is read from the reference deployment, and is unknown where it is closed', async () => {
    const { server } = await navi();
    expect(await found('{ asks: metric, name: process_resident_memory_bytes, is: ">", value: 1 }', await add(server.url))).toMatchObject({ result: 'pass', source: 'GET /metrics/metrics' });
    const closed = await navi(['metrics-closed']);
    expect(await found('{ asks: metric, name: process_resident_memory_bytes, is: ">", value: 1 }', await add(closed.server.url))).toMatchObject({ result: 'unknown' });
  });
});

describe('the token', () => {
  it('is accepted by its deployment, refused under another key, and proves nothing where all are accepted', async () => {
    const { server, token } = await navi();
    const about = await add(server.url, 'navi', { token });
    expect(await found('{ asks: token, expect: accepted }', about)).toMatchObject({ result: 'pass' });
    expect(await found('{ asks: token, expect: refused }', about)).toMatchObject({ result: 'fail' });
    const other = await navi();
    const wrong = `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(43)}`;
    const refused = await add(other.server.url, 'navi', { token: wrong });
    expect(await found('{ asks: token, expect: refused }', refused)).toMatchObject({ result: 'pass' });
    expect(await found('{ asks: token, expect: accepted }', refused)).toMatchObject({ result: 'fail' });
    const open = await hostile((_, response) => { response.setHeader('content-type', 'application/json'); response.end('{"jwt":{"enabled":false}}'); });
    expect(await found('{ asks: token, expect: accepted }', await add(open, 'navi', { token }))).toMatchObject({ result: 'unknown' });
    const portal = await hostile((_, response) => { response.writeHead(401).end('<html>log in</html>'); });
    expect(await found('{ asks: token, expect: refused }', await add(portal, 'navi', { token }))).toMatchObject({ result: 'unknown' });
  });

  it('is unknown where none is stored, and nothing is sent', async () => {
    const { server } = await navi();
    expect(await found('{ asks: token, expect: refused }', await add(server.url))).toMatchObject({ result: 'unknown' });
    expect(server.requests).toHaveLength(0);
  });
});

describe('what the console knows', () => {
  it('a check of the posture is unknown before a look', async () => {
    const { server, token } = await navi();
    expect(await found('{ asks: security-check, check: jwt.enabled }', await add(server.url, 'navi', { token }))).toMatchObject({ result: 'unknown' });
    expect(server.requests).toHaveLength(0);
  });

  it('overdue rows are counted now; a zero with the database away is unknown', async () => {
    const { server, token } = await navi();
    expect(await found('{ asks: overdue-rows, at_most: 1000 }', await add(server.url, 'navi', { token }))).toMatchObject({ result: 'pass' });
    const away = await navi(['database-down']);
    expect(await found('{ asks: overdue-rows, at_most: 0 }', await add(away.server.url, 'navi', { token: away.token }))).toMatchObject({ result: 'unknown' });
  });

  it('a rotation that never was is unknown', async () => {
    const { server } = await navi();
    expect(await found('{ asks: rotation, phase: deploy }', await add(server.url))).toMatchObject({ result: 'unknown' });
  });
});

describe('the share of errors', () => {
  it('needs two readings of one run, and passes over the whole time between them', async () => {
    let total = 1000;
    const url = await hostile((_, response) => { response.end(`http_requests_total{status="200"} ${total}\nhttp_requests_total{status="500"} 7\nprocess_start_time_seconds 5\n`); });
    const about = await add(url);
    const runId = await runFor('{ asks: error-rate, minutes: 1, below_percent: 1 }', about);
    expect((await checks.run({ runId, step: 'c' }, quiet)).check).toMatchObject({ result: 'unknown', because: expect.stringContaining('first reading') as string });
    total += 500;
    expect((await checks.run({ runId, step: 'c' }, quiet)).check).toMatchObject({ result: 'unknown', because: expect.stringContaining('less than the 1 minutes') as string });
    // A minute of the fast clock.
    await new Promise<void>((resolve) => { clock.after(61_000, resolve); });
    total += 500;
    expect((await checks.run({ runId, step: 'c' }, quiet)).check).toMatchObject({ result: 'pass', seen: expect.stringContaining('0 of 500 answers') as string });
  });

  it('takes the audit log only where it is whole and fresh', async () => {
    const { server } = await navi(['metrics-closed']);
    const about = await add(server.url);
    const check = '{ asks: error-rate, minutes: 5, below_percent: 1 }';
    expect(await found(check, about)).toMatchObject({ result: 'unknown', source: 'GET /metrics/metrics' });
    coverage = [{ from: null, to: null, state: 'complete', reason: null, observedAt: new Date(clock.now()).toISOString() }];
    // Whole and fresh, and empty: there is no share of nothing.
    expect(await found(check, about)).toMatchObject({ result: 'unknown' });
  });
});
