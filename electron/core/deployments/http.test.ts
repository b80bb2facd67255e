// Keeps the rules of the one HTTP client: read-only, inside the deployment, no secret in evidence or log, its own connection for each trust.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { realClock, rememberingLog, type RememberingLog } from '../../../test/faults/servers/ports.ts';
import { Secret } from '../secret.ts';
import { createHttpClient, type HttpClient, type HttpMethod, type HttpRequest } from './http.ts';
import { parseTarget, type Target } from './target.ts';

const TOKEN = 'canary-token-5b1f';
let server: Server;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
let sockets: number;
let http: HttpClient;
let log: RememberingLog;
let url: string;

beforeEach(async () => {
  seen = [];
  sockets = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.setHeader('X-Twice', ['a', 'b']);
      response.end(request.method === 'HEAD' ? undefined : '{"ok":true}');
    });
  });
  server.on('connection', () => { sockets += 1; });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  log = rememberingLog();
  http = createHttpClient({ clock: realClock, log, deadlineMs: 2000 });
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
});

const target = (readOnly = true, base = ''): Target => parseTarget({ url: url + base, caPem: null, pin: null, readOnly });

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'sent';
}

describe('read-only is kept here, before any socket is opened', () => {
  const matrix: readonly (readonly [method: string, path: string, readOnly: string, readWrite: string])[] = [
    ['GET', '/api/audit', 'sent', 'sent'],
    ['HEAD', '/api/audit', 'sent', 'sent'],
    ['OPTIONS', '/api/audit', 'sent', 'sent'],
    // Dialect A's decrypt: a GET that writes a row at the server; allowed, and said before it is sent.
    ['GET', '/api/audit/7/payload', 'sent', 'sent'],
    ['POST', '/api/audit/7/decrypt', 'sent', 'sent'],
    ['POST', '/api/audit/12345678901/decrypt', 'sent', 'sent'],
    ['POST', '/api/audit/purge', 'read_only', 'sent'],
    ['POST', '/api/audit/-7/decrypt', 'read_only', 'sent'],
    ['POST', '/api/audit/7/decrypt/', 'read_only', 'cross_origin_refused'],
    ['POST', '/api/audit/7/decrypt/x', 'read_only', 'sent'],
    ['POST', '/x/api/audit/7/decrypt', 'read_only', 'sent'],
    ['POST', '/api/audit/7/decrypt\n', 'read_only', 'cross_origin_refused'],
    ['POST', '/api/audit/7/../8/decrypt', 'read_only', 'cross_origin_refused'],
    ['POST', '/api/audit/%37/decrypt', 'read_only', 'sent'],
    ['POST', '/api/audit/٧/decrypt', 'read_only', 'cross_origin_refused'],
    ['POST', '/api/audit//decrypt', 'read_only', 'cross_origin_refused'],
    ['POST', '/API/AUDIT/7/DECRYPT', 'read_only', 'sent'],
    ['POST', '/api/admin/rbac/orgs', 'read_only', 'sent'],
    ['PUT', '/api/audit/7/decrypt', 'read_only', 'read_only'],
    ['DELETE', '/api/admin/rbac/roles/revoke', 'read_only', 'read_only'],
    ['PATCH', '/api/audit', 'read_only', 'read_only'],
    ['post', '/api/audit/purge', 'read_only', 'read_only'],
    ['CONNECT', '/', 'read_only', 'read_only'],
    ['TRACE', '/', 'read_only', 'read_only'],
  ];
  it.each(matrix)('%s %s: read-only %s, read-write %s', async (...[method, path, readOnly, readWrite]) => {
    for (const [isReadOnly, expected] of [[true, readOnly], [false, readWrite]] as const) {
      const before = seen.length;
      const request: HttpRequest = { method: method as HttpMethod, path, ...(method === 'POST' ? { jsonBody: {} } : {}) };
      expect(await codeOf(() => http.request(target(isReadOnly), request))).toBe(expected);
      expect(seen.length - before).toBe(expected === 'sent' ? 1 : 0);
    }
    expect(http.stats().refused).toBe([readOnly, readWrite].filter((outcome) => outcome !== 'sent').length);
  });

  it('a refused request opens no connection', async () => {
    await codeOf(() => http.request(target(), { method: 'POST', path: '/api/audit/purge' }));
    expect([sockets, http.stats()]).toEqual([0, { hostsReached: [], refused: 1, lastRequestAt: null }]);
  });
});

it('what changes a server gets a connection that nothing used before', async () => {
  const used: unknown[] = [];
  server.prependListener('request', ({ socket }: IncomingMessage) => { used.push(socket); });
  const ask = (method: HttpMethod, path: string) => http.request(target(false), { method, path, ...(method === 'POST' ? { jsonBody: {} } : {}) });
  for (let round = 0; round < 3; round += 1) {
    await ask('GET', '/api/audit');
    const before = [...used];
    await ask('POST', '/api/audit/purge');
    expect(before).not.toContain(used.at(-1));
  }
  // Beside a request under way nothing is torn.
  expect((await Promise.all([ask('GET', '/api/audit'), ask('POST', '/api/audit/purge'), ask('GET', '/api/audit')])).map(({ status }) => status)).toEqual([200, 200, 200]);
});

describe('a request stays inside its deployment', () => {
  it.each(['', 'api', '//evil.example/x', '/a//b', '/..', '/a/../b', '/a/./b', '/.', '/a/%2e%2e/b', '/%2E', '/a%2fb', '/a%5cb', '/a\\b', '/a?b', '/a#b', '/a b', '/a\u0000', '/a%0', '/a%zz', 'http://evil.example/', '/ä'])('%j is refused', async (path) => {
    expect(await codeOf(() => http.request(target(true, '/navi'), { method: 'GET', path }))).toBe('cross_origin_refused');
    expect(sockets).toBe(0);
  });

  it('paths are put below the path of the deployment', async () => {
    const answer = await http.request(target(true, '/team/navi/'), { method: 'GET', path: '/api/audit', query: [['actor', 'auth0|a+b&c=d'], ['org', 'ü /']] });
    expect(seen[0]?.url).toBe('/team/navi/api/audit?actor=auth0%7Ca%2Bb%26c%3Dd&org=%C3%BC%20%2F');
    expect(answer.requestLine).toBe('GET /team/navi/api/audit?actor=(not shown)&org=(not shown)');
  });
});

describe('what is sent and what is kept of it', () => {
  it('a GET carries the token and nothing that tells about this machine', async () => {
    const answer = await http.request(target(), { method: 'GET', path: '/a', token: new Secret(TOKEN), headers: { 'X-Request-Id': 'abc' } });
    expect(seen[0]?.headers).toEqual({ host: url.slice(7), connection: 'keep-alive', accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'holdfast', authorization: `Bearer ${TOKEN}`, 'x-request-id': 'abc' });
    expect(answer).toMatchObject({ status: 200, requestLine: 'GET /a', tls: null });
    expect(answer.headers['x-twice']).toBe('a, b');
    expect(answer.body.toString()).toBe('{"ok":true}');
    expect(Math.abs((answer.serverDate ?? 0) - Date.now())).toBeLessThan(5000);
    expect(Math.abs(answer.receivedAt - Date.now())).toBeLessThan(5000);
    expect(answer.durationMs).toBeGreaterThan(0);
  });

  it('without a token no Authorization is sent', async () => {
    await http.request(target(), { method: 'GET', path: '/a', token: null });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it('a HEAD is answered without a body', async () => {
    expect((await http.request(target(), { method: 'HEAD', path: '/a' })).body).toHaveLength(0);
  });

  it('neither the token nor the reason comes into the log, the request line or an error', async () => {
    const reason = 'canary-reason & more';
    const answer = await http.request(target(), { method: 'GET', path: '/api/audit/1/payload', query: [['decrypt', 'true'], ['reason', reason]], token: new Secret(TOKEN) });
    await http.request(target(), { method: 'POST', path: '/api/audit/1/decrypt', jsonBody: { reason }, token: new Secret(TOKEN) });
    const failing = parseTarget({ url: 'http://127.0.0.1:1', caPem: null, pin: null });
    const error: unknown = await http.request(failing, { method: 'GET', path: '/a', query: [['reason', reason]], token: new Secret(TOKEN) }).catch((thrown: unknown) => thrown);
    expect(seen[0]?.url).toContain('reason=canary-reason%20%26%20more');
    expect(seen[1]).toMatchObject({ body: JSON.stringify({ reason }), headers: { 'content-type': 'application/json' } });
    expect(answer.requestLine).toBe('GET /api/audit/1/payload?decrypt=true&reason=(not shown)');
    for (const text of [...log.lines, answer.requestLine, String(error), JSON.stringify(error)]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain('canary-reason');
    }
    expect(log.lines).toHaveLength(3);
  });

  it.each(['a\r\nX-Evil: 1', 'a b', '', 'ä', 'a\u0000'])('a token that would break the header is refused (%j)', async (token) => {
    expect(await codeOf(() => http.request(target(), { method: 'GET', path: '/a', token: new Secret(token) }))).toBe('invalid_token');
    expect(sockets).toBe(0);
  });

  it.each(['authorization', 'cookie', 'host', 'x-org-id', 'content-length'])('the header %s cannot be set by a caller', async (name) => {
    await expect(http.request(target(), { method: 'GET', path: '/a', headers: { [name]: 'x' } })).rejects.toThrow(`header ${name} may not be set`);
    expect(sockets).toBe(0);
  });
});

describe('connections', () => {
  it('are used again for the same deployment', async () => {
    for (let turn = 0; turn < 20; turn += 1) await http.request(target(), { method: 'GET', path: '/a' });
    // The second request may find the first connection not handed back yet.
    expect(sockets).toBeLessThanOrEqual(2);
    expect(http.stats().hostsReached).toEqual([url.slice(7)]);
  });

  it('localhost is never looked up: it is this machine', async () => {
    const answer = await http.request(parseTarget({ url: url.replace('127.0.0.1', 'localhost'), caPem: null, pin: null }), { method: 'GET', path: '/a' });
    expect(answer.status).toBe(200);
    expect(seen[0]?.headers.host).toMatch(/^localhost:/);
  });

  it('an aborted signal sends nothing; close ends what is under way and what comes later', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await codeOf(() => http.request(target(), { method: 'GET', path: '/a', signal: controller.signal }))).toBe('cancelled');
    expect(sockets).toBe(0);
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve); });
    const asked = new Promise<void>((resolve) => { silent.on('request', () => resolve()); });
    const pending = codeOf(() => http.request(parseTarget({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, caPem: null, pin: null }), { method: 'GET', path: '/a' }));
    await asked;
    await http.close();
    expect(await pending).toBe('cancelled');
    expect(await codeOf(() => http.request(target(), { method: 'GET', path: '/a' }))).toBe('cancelled');
    await new Promise((resolve) => { silent.close(resolve); });
  });

  it('a failed request leaves no connection behind that was opened for nothing', async () => {
    const controller = new AbortController();
    const pending = codeOf(() => http.request(target(), { method: 'GET', path: '/a', maxBytes: 1, signal: controller.signal }));
    expect(await pending).toBe('response_too_large');
    await http.request(target(), { method: 'GET', path: '/a' });
    expect(sockets).toBe(2);
  });
});
