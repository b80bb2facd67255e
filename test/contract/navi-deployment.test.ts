// Keeps the reference deployment usable as a program and as a test double: start line, stop, states, limits, TLS, request log.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { configFor, STATES, uniformRateRules } from '../deployments/navi/config.ts';
import { fernetDecrypt } from '../deployments/navi/fernet-writer.ts';
import { parseOptions, UsageError } from '../deployments/navi/options.ts';
import { startNaviDeployment, type NaviDeployment, type NaviDeploymentOptions } from '../deployments/navi/server.ts';

const MAIN = fileURLToPath(new URL('../deployments/navi/main.ts', import.meta.url));
const DEADLINE_MS = 20_000;

interface ReadyLine {
  readonly url: string;
  readonly token: string;
  readonly viewerToken: string;
  readonly sessionToken: string;
  readonly ca: string | null;
  readonly auditKeys: readonly { readonly keyId: string; readonly key: string }[];
  readonly dialect: string;
  readonly org: string;
  readonly events: number;
}

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function deployment(options: NaviDeploymentOptions): Promise<NaviDeployment> {
  const started = await startNaviDeployment(options);
  cleanUps.push(() => started.close());
  return started;
}

async function get(target: NaviDeployment, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const token = target.signToken({ sub: 'auth0|acme-platform-admin', org_id: 'acme', role: 'admin' });
  return fetch(`${target.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers }, redirect: 'manual' });
}

/** Starts the program; resolves with its first line, and keeps everything it writes. */
async function startProgram(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly ready: ReadyLine; stdout(): string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanUps.push(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  });
  let written = '';
  child.stdout.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      written += text;
      if (written.includes('\n')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`exited with ${code} before it was ready`)));
  });
  return { child, ready: JSON.parse(written) as ReadyLine, stdout: () => written };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(DEADLINE_MS) })) as [number | null];
  return code;
}

describe('the program', () => {
  it('prints one JSON line that lets a client in, and exits with 0 on SIGTERM', async () => {
    const { child, ready, stdout } = await startProgram(['--dialect', 'C1', '--events', '250', '--port', '0', '--seed', '5']);
    const listed = await fetch(`${ready.url}/api/audit?limit=1000`, { headers: { authorization: `Bearer ${ready.token}` } });
    expect(await listed.json()).toHaveLength(250);
    const refused = await fetch(`${ready.url}/api/audit`, { headers: { authorization: `Bearer ${ready.viewerToken}` } });
    expect(refused.status).toBe(403);
    const me = await fetch(`${ready.url}/api/me`, { headers: { authorization: `Bearer ${ready.sessionToken}` } });
    expect(await me.json()).toMatchObject({ org: ready.org, roles: ['viewer'] });
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    expect(stdout().split('\n')).toHaveLength(2);
    expect(ready).toMatchObject({ dialect: 'C1', org: 'acme', ca: null, events: 250 });
  });

  it('goes away with its parent when asked to', async () => {
    const { child } = await startProgram(['--dialect', 'A', '--events', '0', '--exit-with-parent']);
    child.stdin?.end();
    expect(await exitOf(child)).toBe(0);
  });

  it('hands out keys that open the exported payloads', async () => {
    const { ready } = await startProgram(['--dialect', 'C1', '--events', '400', '--seed', '9']);
    const response = await fetch(`${ready.url}/api/audit/export?include_payload=true`, { headers: { authorization: `Bearer ${ready.token}` } });
    const rows = (await response.json()) as readonly { readonly payload: { readonly ciphertext?: string } }[];
    const opened = rows.filter(({ payload }) => ready.auditKeys.some(({ key }) => opens(key, payload?.ciphertext)));
    expect(opened.length).toBeGreaterThan(rows.length / 2);
    expect(ready.auditKeys.map(({ keyId }) => keyId)).toEqual(['audit-2025-12', 'audit-2026-01']);
  });

  it.each([[['--dialect', 'B']], [['--state', 'nonsense']], [['--events', '-1']], [['--unknown']], [['--db', 'oracle']]])('refuses %j as wrong usage', (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
  });
});

function opens(key: string, ciphertext: string | undefined): boolean {
  try {
    return ciphertext !== undefined && fernetDecrypt(key, ciphertext).startsWith('{');
  } catch {
    return false;
  }
}

describe('the server', () => {
  it('serves HTTPS that only its own authority vouches for', async () => {
    const server = await deployment({ usesTls: true });
    const statusWith = (ca: string | undefined): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const sent = httpsRequest(`${server.url}/ping`, { agent: false, ...(ca === undefined ? {} : { ca }) }, (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode);
        });
        sent.on('error', reject);
        sent.end();
      });
    expect(await statusWith(server.caPem ?? '')).toBe(200);
    await expect(statusWith(undefined)).rejects.toThrow(/certificate/);
  });

  it('lists exactly its dialect’s audit routes in /openapi.json, without a token', async () => {
    const auditRoutes = async (dialect: 'A' | 'C0' | 'C1'): Promise<readonly string[]> => {
      const server = await deployment({ config: configFor(dialect) });
      const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { readonly paths: Readonly<Record<string, object>> };
      return Object.entries(document.paths).filter(([path]) => path.startsWith('/api/audit')).map(([path, methods]) => `${Object.keys(methods).join()} ${path}`).toSorted();
    };
    expect(await auditRoutes('A')).toEqual(['get /api/audit', 'get /api/audit/{audit_id}/payload', 'post /api/audit/purge']);
    expect(await auditRoutes('C0')).toEqual(['get /api/audit', 'post /api/audit/{audit_id}/decrypt']);
    expect(await auditRoutes('C1')).toEqual(['get /api/audit', 'get /api/audit/export', 'post /api/audit/{audit_id}/decrypt']);
  });

  it('keeps a log of what it received and echoes a request id only when it is a UUID', async () => {
    const server = await deployment({});
    const id = '7d5c3b1a-0c55-4a53-9b66-6a0c8f8d2f10';
    expect((await get(server, '/ping?x=1', { 'x-request-id': id })).headers.get('x-request-id')).toBe(id);
    expect((await get(server, '/ping', { 'x-request-id': 'abc' })).headers.get('x-request-id')).not.toBe('abc');
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /ping?x=1', 'GET /ping']);
    expect(server.requests[0]?.headers['x-request-id']).toBe(id);
  });

  it('answers 429 with its figures once a working limit is used up, per category', async () => {
    const server = await deployment({ config: configFor('C1', [], { rateLimit: { mode: 'working', rules: uniformRateRules(2, 0), onlyPath: null } }), now: () => new Date('2026-11-20T10:00:30Z') });
    expect((await get(server, '/api/audit')).headers.get('x-ratelimit-remaining')).toBe('1');
    expect((await get(server, '/api/audit')).headers.get('x-ratelimit-remaining')).toBe('0');
    const refused = await get(server, '/api/audit');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(await refused.json()).toMatchObject({ error_code: 'RATE_LIMIT_EXCEEDED', category: 'read', retry_after: 30 });
    expect((await get(server, '/api/admin/security/status')).status).toBe(200);
    expect((await get(server, '/health')).headers.has('x-ratelimit-limit')).toBe(false);
  });

  it('pages by time, inclusively, without a tie-break', async () => {
    const server = await deployment({ events: 0 });
    const row = { orgKey: 'acme', actorSub: null, actorEmail: null, route: '/x', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200 };
    server.insertRows([1, 2, 2, 3].map((second) => ({ ...row, createdAtMicros: second * 1_000_000 })));
    const ids = async (query: string): Promise<readonly number[]> => ((await (await get(server, `/api/audit/export?${query}`)).json()) as readonly { readonly id: number }[]).map(({ id }) => id);
    expect(await ids('until=1970-01-01T00:00:02Z')).toEqual([3, 2, 1]);
    expect(await ids('since=1970-01-01T00:00:02%2B00:00&limit=2')).toEqual([4, 3]);
  });

  it('raises a role by a grant and never lowers it', async () => {
    const server = await deployment({});
    const status = async (sub: string, role: string): Promise<number> =>
      (await fetch(`${server.url}/api/admin/security/status`, { headers: { authorization: `Bearer ${server.signToken({ sub, org_id: 'acme', role })}` } })).status;
    server.grantRole('acme', 'raised', 'admin');
    server.grantRole('acme', 'not-lowered', 'viewer');
    expect(await status('raised', 'viewer')).toBe(200);
    expect(await status('not-lowered', 'admin')).toBe(200);
    expect(await status('nobody', 'viewer')).toBe(403);
  });

  it('changes its state while it runs', async () => {
    const server = await deployment({ events: 10 });
    expect((await get(server, '/api/audit')).status).toBe(200);
    server.reconfigure(STATES['database-down']);
    expect((await get(server, '/api/audit')).status).toBe(500);
    expect((await get(server, '/health/ready')).status).toBe(503);
    server.reconfigure({ database: { flavour: 'sqlite', isReachable: true } });
    const [first] = (await (await get(server, '/api/audit?limit=1')).json()) as readonly { readonly created_at: string }[];
    expect(first?.created_at).not.toMatch(/(?:Z|\+00:00)$/);
  });

  it('writes a row for a dialect A decryption, and none for C0’s', async () => {
    const old = await deployment({ config: configFor('A'), events: 0 });
    await fetch(`${old.url}/api/audit/1/payload`, { method: 'POST' });
    expect(old.rowCount()).toBe(1);
    const token = old.signToken({ sub: 'auth0|acme-platform-admin', org_id: 'acme', role: 'admin' });
    const read = await fetch(`${old.url}/api/audit/1/payload?decrypt=true&reason=INC-1`, { headers: { authorization: `Bearer ${token}` } });
    expect(await read.json()).toMatchObject({ id: 1, encrypted: true, payload: { query_params: {} } });
    expect(old.rowCount()).toBe(2);

    const newer = await deployment({ config: configFor('C0'), events: 100 });
    await fetch(`${newer.url}/api/audit/1/decrypt`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: '{"reason":"INC-1"}' });
    expect(newer.rowCount()).toBe(100);
  });
});
