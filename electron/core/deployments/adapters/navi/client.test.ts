// Keeps the adapter true to recorded answers of the real backend: every captured status of a route we use gives the value or the error that it stands for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { realClock } from '../../../../../test/faults/servers/ports.ts';
import { Secret } from '../../../secret.ts';
import { createHttpClient } from '../../http.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../http.ts';
import { parseTarget } from '../../target.ts';
import { quoteDetail } from './answer-errors.ts';
import { createNaviClient, type NaviClient } from './client.ts';

interface Capture {
  readonly label: string;
  readonly config: string;
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly json?: unknown; readonly text?: string };
}

const { captures } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../../test/fixtures/navi-captures.json'), 'utf8')) as { captures: Capture[] };

function capture(label: string): Capture {
  const found = captures.find((entry) => entry.label === label);
  if (found === undefined) throw new Error(`no capture ${label}`);
  return found;
}

const OBSERVED_AT = Date.parse('2026-11-22T06:00:00Z');

function answerOf({ request, response }: Capture): HttpAnswer {
  const body = Buffer.from(response.json === undefined ? (response.text ?? '') : JSON.stringify(response.json));
  return { status: response.status, headers: response.headers, body, receivedAt: OBSERVED_AT, durationMs: 5, requestLine: `${request.method} ${request.path}`, tls: null, serverDate: Date.parse(response.headers['date'] ?? '') };
}

/** A client whose every request is answered alike; what it asked is remembered. */
function clientAnswering(answer: HttpAnswer): { client: NaviClient; asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const http: HttpClient = {
    request: async (_target, request) => { asked.push(request); return answer; },
    stats: () => ({ hostsReached: [], refused: 0, lastRequestAt: null }),
    close: async () => undefined,
  };
  return { asked, client: createNaviClient({ http, target: parseTarget({ url: 'https://navi.example', caPem: null, pin: null }), token: new Secret('t'), clock: realClock }) };
}

const replay = (label: string) => clientAnswering(answerOf(capture(label)));
const made = (status: number, body: string, headers: Record<string, string> = {}) => clientAnswering({ status, headers, body: Buffer.from(body), receivedAt: OBSERVED_AT, durationMs: 1, requestLine: 'GET /x?reason=(not shown)', tls: null, serverDate: null });

async function failure(run: Promise<unknown>): Promise<AppError> {
  const error: unknown = await run.then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error('expected an AppError', { cause: error });
  return error;
}

describe('security status', () => {
  it('a 200 is handed out with its raw text, request and time', async () => {
    const { client, asked } = replay('admin ok');
    const answered = await client.securityStatus();
    expect(answered).toMatchObject({ httpStatus: 200, observedAt: OBSERVED_AT, requestLine: 'GET /api/admin/security/status', json: { jwt: { enabled: true } } });
    expect(JSON.parse(answered.bodyText)).toEqual(answered.json);
    expect(asked[0]).toMatchObject({ method: 'GET', path: '/api/admin/security/status' });
    expect(asked[0]?.token?.reveal()).toBe('t');
  });

  it.each([
    ['no token', 'unauthorized', /refused the token/],
    ['expired', 'unauthorized', /Invalid or expired token/],
    ['SessionJWT (device/SSO token) on admin route', 'unauthorized', /refused/],
    ['viewer forbidden', 'forbidden', /role viewer; this needs admin/],
    ['planner forbidden', 'forbidden', /role planner/],
    ['rl-off /api/admin/security/status', 'rate_limiter_down', /limiter .* is down/],
    ['redis-down /api/admin/security/status', 'server_error', /failed \(500\)/],
    ['jwks valid RS256, azp allow-listed in AUTH0_VALID_CLIENT_IDS', 'server_error', /failed \(500\)/],
    ['wrong method', 'not_found', /no security status/],
    ['fb 2 -> 429 shape', 'rate_limited', /wait 1 s/],
    ['payload endpoint (HEAD lacks it)', 'not_found', /no security status/],
  ])('capture "%s" gives %s', async (label, code, says) => {
    const error = await failure(replay(label).client.securityStatus());
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(says)]);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  it('the role of a refusal and the wait of a limit are facts', async () => {
    expect((await failure(replay('planner forbidden').client.securityStatus())).facts).toMatchObject({ role: 'planner', httpStatus: 403 });
    expect((await failure(made(403, '{"detail":"Requires admin role or higher (JWT: viewer, effective: planner)","error_code":"FORBIDDEN"}').client.securityStatus())).facts['role']).toBe('planner');
    expect((await failure(replay('fb 2 -> 429 shape').client.securityStatus())).facts['retryAfterSeconds']).toBe(1);
  });

  it.each([
    ['a number', '30', 30], ['absurd', '1000000000', 86_400], ['a date', 'Sun, 22 Nov 2026 06:01:00 GMT', 60], ['a date that is past', 'Sun, 22 Nov 2026 05:00:00 GMT', 0], ['nonsense', 'soon', null], ['negative', '-5', null],
  ])('Retry-After that is %s', async (_name, header, seconds) => {
    const error = await failure(made(429, '', { 'retry-after': header }).client.securityStatus());
    // A text such as -5 is a date to Date.parse; what counts is that no wait is negative or endless.
    if (seconds === null) expect([null, 0]).toContain(error.facts['retryAfterSeconds']);
    else expect(error.facts['retryAfterSeconds']).toBe(seconds);
  });

  it.each([[502], [503], [504]])('%i is a passing failure', async (status) => {
    expect((await failure(made(status, '{"detail":"upstream temporarily unavailable"}').client.securityStatus())).code).toBe('server_unavailable');
  });

  it.each([[400, 'request_refused'], [422, 'request_refused'], [428, 'request_refused'], [418, 'response_unexpected'], [201, 'response_unexpected']])('%i gives %s', async (status, code) => {
    expect((await failure(made(status, '{}').client.securityStatus())).code).toBe(code);
  });

  it('asking without a token sends none, and any status is an answer', async () => {
    const { client, asked } = replay('no token');
    expect(await client.anonymousStatus()).toEqual({ httpStatus: 401, observedAt: OBSERVED_AT, requestLine: 'GET /api/admin/security/status' });
    expect(asked[0]?.token).toBeNull();
  });
});

describe('text of a failing server', () => {
  it('leaked driver text is named, shortened, and loses addresses and passwords', async () => {
    const error = await failure(replay('db-down /api/audit').client.listEvents({ limit: 100 }));
    expect(error.code).toBe('server_error');
    expect(error.message).toMatch(/database driver, which it should keep to itself/);
    expect(error.message).not.toContain('127.0.0.1');
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).not.toMatch(/[\n\t]/);
  });

  it.each([
    ['postgresql://navi:hunter2@db.internal/navi', 'hunter2'],
    ["connection failed: password=hunter2 host=10.0.0.7", 'hunter2'],
    ['connect to 10.0.0.7 refused', '10.0.0.7'],
    ['connection to server at "db.internal", port 5432 failed', 'db.internal'],
    ['evil \u202e\u001b[31mtext', '\u202e'],
  ])('%j', (detail, hidden) => {
    expect(quoteDetail(detail)).not.toContain(hidden);
  });

  it('is never longer than 200 characters and an ellipsis', () => {
    expect(quoteDetail('x'.repeat(10_000))).toHaveLength(201);
  });
});

describe('rows', () => {
  it('the captured list is read whole, newest time to the microsecond', async () => {
    const { client, asked } = replay('audit list all');
    const page = await client.listEvents({ org: 'acme', actor: 'auth0|a', limit: 1000 });
    const raw = capture('audit list all').response.json as { id: number; created_at: string }[];
    expect(page.rejected).toEqual([]);
    expect(page.received).toBe(raw.length);
    expect(page.rows.map((row) => row.id)).toEqual(raw.map((row) => row.id));
    expect(page.rows[0]).toEqual({
      id: 1, createdAtUs: Date.parse('2026-11-22T05:37:08.285Z') * 1000 + 987, createdAtRaw: '2026-11-22T05:37:08.285987+00:00', route: '/api/plan/p-1/step', method: 'POST', eventType: 'http.request',
      org: 'acme', actorSub: 'auth0|admin1', actorEmail: 'admin1@acme.test', resourceId: 'p-1', statusCode: 200,
    });
    expect(asked[0]?.query).toEqual([['limit', '1000'], ['org', 'acme'], ['actor', 'auth0|a']]);
  });

  it('a time without a zone is UTC, and null fields are tolerated', async () => {
    const page = await replay('sqlite list: naive created_at').client.listEvents({ limit: 1 });
    expect(page.rows[0]).toMatchObject({ createdAtRaw: '2026-11-22T05:41:12.053144', createdAtUs: Date.parse('2026-11-22T05:41:12.053Z') * 1000 + 144 });
    const written = await replay('audit rows written by the middleware without encryption').client.listEvents({ limit: 2 });
    expect(written.rows[0]).toMatchObject({ org: null, actorSub: null, actorEmail: null });
    expect(written.rejected).toEqual([]);
  });

  it('the export carries payloads, still encrypted', async () => {
    const page = await replay('export as org other via X-Org-Id').client.exportEvents({ limit: 2, includePayload: true });
    expect(page.rows[0]?.payload).toMatchObject({ state: 'encrypted', keyId: 'audit-2026-01', body: expect.stringContaining('"ciphertext":"gAAAAA') as string });
    expect((await replay('sqlite export').client.exportEvents({ limit: 1, includePayload: true })).rows[0]?.payload).toEqual({ state: 'plain', body: '{"query_params":{"x":"1"}}', keyId: null });
    expect((await replay('export json default').client.exportEvents({ limit: 1000, includePayload: false })).rows[0]).not.toHaveProperty('payload');
  });

  it('times are asked for with a Z, so that no plus sign is needed', async () => {
    const { client, asked } = replay('export json default');
    await client.exportEvents({ sinceUs: Date.parse('2026-01-01T00:00:00Z') * 1000, untilUs: Date.parse('2026-11-22T05:37:08.285Z') * 1000 + 987, actor: 'a+b', limit: 10_000, includePayload: true });
    expect(asked[0]?.query).toEqual([['export_format', 'json'], ['limit', '10000'], ['include_payload', 'true'], ['since', '2026-01-01T00:00:00Z'], ['until', '2026-11-22T05:37:08.285987Z'], ['actor', 'a+b']]);
  });

  it.each([['A export missing', 'not_offered'], ['audit list limit 1001', 'request_refused'], ['export since with + unescaped', 'request_refused'], ['audit list viewer', 'forbidden'], ['db-down /api/audit/export', 'server_error']])('capture "%s" gives %s', async (label, code) => {
    const { client } = replay(label);
    expect((await failure(client.exportEvents({ limit: 1, includePayload: true }))).code).toBe(code);
    expect((await failure(client.listEvents({ limit: 1 }))).code).toBe(code);
  });
});

describe('payload of dialect A', () => {
  it.each([
    ['A payload raw #1', 1, 'plain', false, null],
    ['A payload raw #3', 3, 'encrypted', true, null],
    ['A payload raw #4', 4, 'encrypted', true, 'audit-2026-01'],
    ['A payload raw #6', 6, 'failed', false, null],
    ['A payload raw #7', 7, 'failed', true, null],
    ['A payload decrypt #2', 2, 'plain', true, null],
  ] as const)('capture "%s"', async (...[label, id, state, storedEncrypted, keyId]) => {
    const { client, asked } = replay(label);
    expect(await client.payload(id, { decrypt: false })).toMatchObject({ id, storedEncrypted, payload: { state, keyId } });
    expect(asked[0]).toMatchObject({ path: `/api/audit/${id}/payload`, query: [['decrypt', 'false']] });
  });

  it('the reason goes out only with a decryption', async () => {
    const { client, asked } = replay('A payload decrypt #2');
    await client.payload(2, { decrypt: true, reason: 'INC-42' });
    expect(asked[0]?.query).toEqual([['decrypt', 'true'], ['reason', 'INC-42']]);
  });

  it.each([
    ['A payload 404', 999999, 'event_not_found'], ['A payload decrypt #5', 5, 'server_cannot_decrypt'], ['A payload decrypt #12', 12, 'server_cannot_decrypt'], ['A payload viewer', 2, 'forbidden'],
    ['payload endpoint (HEAD lacks it)', 2, 'not_offered'], ['A reason too long', 2, 'request_refused'],
  ] as const)('capture "%s" gives %s', async (label, id, code) => {
    expect((await failure(replay(label).client.payload(id, { decrypt: true, reason: 'INC-42' }))).code).toBe(code);
  });

  it('a 500 without decrypting says which rows do that', async () => {
    const error = await failure(replay('A payload raw #12').client.payload(12, { decrypt: false }));
    expect([error.code, error.message]).toEqual(['server_error', expect.stringMatching(/every payload that is no object/)]);
  });

  it('the payload of another row is refused', async () => {
    expect((await failure(replay('A payload raw #1').client.payload(2, { decrypt: false }))).message).toMatch(/that of event 1 came/);
    expect((await failure(made(200, '{"id":2,"encrypted":true}').client.payload(2, { decrypt: false }))).code).toBe('response_unexpected');
    expect((await failure(made(200, 'null').client.payload(2, { decrypt: false }))).code).toBe('response_unexpected');
  });
});

describe('decrypt on the server (C0, C1)', () => {
  it('gives the text as it came and the key that the server names', async () => {
    const { client, asked } = replay('decrypt #2 encrypted w/ key_id');
    expect(await client.decrypt(2, 'INC-42')).toEqual({ id: 2, payload: { state: 'plain', body: '{"query_params":{"trace":"abc"}}', keyId: null }, storedEncrypted: null, keyId: 'audit-2026-01', requestLine: 'POST /api/audit/2/decrypt', observedAt: OBSERVED_AT });
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/api/audit/2/decrypt', jsonBody: { reason: 'INC-42' } });
    expect((await replay('decrypt #14 unicode').client.decrypt(14, 'INC-42')).payload.body).toContain('zażółć ☃');
  });

  it.each([
    ['decrypt #5 encrypted with a DIFFERENT key', 5, 'server_cannot_decrypt', /another key, for damaged ciphertext/],
    ['decrypt #7 encrypted true, no ciphertext', 7, 'server_cannot_decrypt', /holds no ciphertext/],
    ['decrypt encrypted row, key not configured', 2, 'server_cannot_decrypt', /has no key/],
    ['decrypt #9 row of another org', 9, 'event_not_found', /no event 9/],
    ['decrypt 404', 99999999, 'event_not_found', /no event/],
    ['A POST decrypt missing', 2, 'not_offered', /does not offer/],
    ['decrypt reason number', 2, 'request_refused', /valid string/],
    ['decrypt no token', 2, 'unauthorized', /refused/],
    ['db-down decrypt', 2, 'server_cannot_decrypt', /database is away/],
  ] as const)('capture "%s" gives %s', async (...[label, id, code, says]) => {
    const error = await failure(replay(label).client.decrypt(id, 'INC-42'));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(says)]);
  });
});

describe('purge', () => {
  it('asks once, with the days alone, and takes how many went up to when', async () => {
    const { client, asked } = made(200, '{"deleted": 3, "cutoff": "2026-08-24T05:37:10.277573+00:00"}');
    expect(await client.purge(90)).toMatchObject({ deleted: 3, cutoffUs: Date.parse('2026-08-24T05:37:10.277Z') * 1000 + 573 });
    expect(asked).toMatchObject([{ method: 'POST', path: '/api/audit/purge', query: [['days', '90']] }]);
    expect(asked[0]?.jsonBody).toBeUndefined();
  });

  it.each(['{}', '{"deleted": -1, "cutoff": "2026-08-24T05:37:10Z"}', '{"deleted": 1.5, "cutoff": "2026-08-24T05:37:10Z"}', '{"deleted": "3", "cutoff": "2026-08-24T05:37:10Z"}', '{"deleted": 3, "cutoff": "yesterday"}', '{"deleted": 3}', '[]', 'null'])('an answer of %s is none', async (body) => {
    const { client, asked } = made(200, body);
    expect((await failure(client.purge(90))).code).toBe('response_unexpected');
    expect(asked).toHaveLength(1);
  });

  it('says when retention is off there, and leaves the other answers as they are', async () => {
    const off = await failure(made(400, '{"detail":"Audit retention is disabled","error_code":"INVALID_REQUEST"}').client.purge(90));
    expect(off).toMatchObject({ code: 'request_refused', facts: { httpStatus: 400 } });
    expect(off.message).toContain('switched off');
    for (const [status, code] of [[401, 'unauthorized'], [403, 'forbidden'], [404, 'not_offered'], [422, 'request_refused'], [429, 'rate_limited'], [500, 'server_error'], [503, 'server_unavailable']] as const) {
      const { client, asked } = made(status, '{"detail":"no"}');
      expect(await failure(client.purge(90))).toMatchObject({ code, facts: { httpStatus: status } });
      expect(asked).toHaveLength(1);
    }
  });

  it('is refused before anything is sent when the deployment is read-only', async () => {
    const http = createHttpClient({ clock: realClock, log: { info: () => undefined, error: () => undefined } });
    const client = createNaviClient({ http, target: parseTarget({ url: 'http://127.0.0.1:9', caPem: null, pin: null, readOnly: true }), token: new Secret('t'), clock: realClock });
    expect((await failure(client.purge(90))).code).toBe('read_only');
    expect(http.stats()).toMatchObject({ lastRequestAt: null, refused: 1 });
    await http.close();
  });
});
