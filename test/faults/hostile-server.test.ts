// Keeps R50: whatever a server sends, the client ends with the right typed code, within its deadline, in bounded memory, and never carries the token elsewhere.
import { createBrotliCompress } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '#core/deployments/http.ts';
import { parseStrictJson } from '#core/deployments/strict-json.ts';
import { parseTarget } from '#core/deployments/target.ts';
import { createNaviClient } from '#core/deployments/adapters/navi/client.ts';
import { createRetryBudget, withRetry } from '#core/deployments/retry.ts';
import { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { BOMB_BYTES, makeBomb } from './servers/bombs.ts';
import { realClock, rememberingLog } from './servers/ports.ts';
import { answerText, startRawServer, startRedirectPair, type RawServer } from './servers/raw.ts';
import type { Socket } from 'node:net';

const TOKEN = 'canary-token-93ad1c';
const DEADLINE_MS = 1200;
const MAX_BYTES = 5 * 1024 * 1024;
const MEMORY_BYTES = 64 * 1024 * 1024;
const JSON_HEAD = { 'content-type': 'application/json' };

const servers: RawServer[] = [];
let http: HttpClient;

beforeAll(() => {
  http = createHttpClient({ clock: realClock, log: rememberingLog(), deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(async () => {
  await http.close();
});

async function serve(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const server = await startRawServer(answer);
  servers.push(server);
  return server;
}

interface Outcome {
  readonly code: string;
  readonly error: unknown;
  readonly tookMs: number;
  readonly grewBytes: number;
}

/** Runs until it ends, watching the clock and the memory of this process. */
async function observe(run: () => Promise<unknown>): Promise<Outcome> {
  const startedAt = performance.now();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss); }, 5);
  try {
    await run();
    return { code: 'accepted', error: null, tookMs: performance.now() - startedAt, grewBytes: peak - before };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, error, tookMs: performance.now() - startedAt, grewBytes: Math.max(peak, process.memoryUsage().rss) - before };
  } finally {
    clearInterval(watch);
  }
}

const target = (url: string) => parseTarget({ url, caPem: null, pin: null });
const askRaw = (url: string) => http.request(target(url), { method: 'GET', path: '/api/audit', token: new Secret(TOKEN) });
const askJson = async (url: string) => parseStrictJson((await askRaw(url)).body);
const navi = (url: string) => createNaviClient({ http, target: target(url), token: new Secret(TOKEN), clock: realClock });

const head = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
const row = (more: string): string => `[{"id":1,"route":"/a","method":"POST","event_type":"http.request","org_key":null,"actor_sub":null,"actor_email":null,"resource_id":null,"status_code":200,"created_at":"2026-11-22T05:37:08.285987"${more}}]`;

/** Writes `piece` every 40 ms until the other side goes away. */
function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => { if (!socket.destroyed) socket.write(piece); }, 40);
  socket.once('close', () => clearInterval(timer));
}

/** Writes without end, as fast as the other side reads. */
function flood(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

describe('R50: on the way', () => {
  type Scenario = readonly [name: string, answer: (socket: Socket) => void, code: string, says?: RegExp];
  const scenarios: readonly Scenario[] = [
    ['no answer at all', () => undefined, 'network_timeout', /took the request but gave no answer/],
    ['a head that comes a byte at a time', (socket) => { socket.write('HTTP/1.1 200 OK\r\n'); drip(socket, 'x'); }, 'network_timeout'],
    ['a body that comes a byte at a time', (socket) => { socket.write(head('content-length: 100000')); drip(socket, ' '); }, 'network_timeout', /not complete within 1\.2 s; \d+ bytes/],
    ['chunks that come a byte at a time', (socket) => { socket.write(head('transfer-encoding: chunked')); drip(socket, '1\r\n \r\n'); }, 'network_timeout'],
    ['half open: a head, then silence', (socket) => { socket.write(head('content-length: 10')); }, 'network_timeout'],
    ['a body without end', (socket) => { socket.write(head('transfer-encoding: chunked')); flood(socket, Buffer.from(`10000\r\n${'a'.repeat(65_536)}\r\n`)); }, 'response_too_large', /larger than 5 MiB/],
    ['a body without end and without length', (socket) => { socket.write(head('connection: close')); flood(socket, Buffer.alloc(65_536, 'a')); }, 'response_too_large'],
    ['ten gigabytes announced', (socket) => { socket.write(head('content-length: 10737418240')); flood(socket, Buffer.alloc(65_536)); }, 'response_too_large'],
    ['a body without end in chunks of one byte', (socket) => { socket.write(head('transfer-encoding: chunked')); flood(socket, Buffer.from('1\r\na\r\n'.repeat(10_000))); }, 'response_too_large|network_timeout'],
    ['a million headers', (socket) => { socket.write('HTTP/1.1 200 OK\r\n'); flood(socket, Buffer.from('a: b\r\n'.repeat(10_000))); }, 'headers_too_large'],
    ['one header without end', (socket) => { socket.write('HTTP/1.1 200 OK\r\nx: '); flood(socket, Buffer.alloc(65_536, 'a')); }, 'headers_too_large'],
    ['interim answers without end', (socket) => flood(socket, Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100))), 'network_timeout'],
    ['a truncated body', (socket) => socket.end(`${head('content-length: 100')}abc`), 'response_truncated', /after 3 bytes/],
    ['a truncated chunk', (socket) => socket.end(`${head('transfer-encoding: chunked')}5\r\nabc`), 'response_truncated'],
    ['a truncated gzip stream', (socket) => socket.end(answerText(200, { 'content-encoding': 'gzip' }, Buffer.from('1f8b080000000000000', 'hex'))), 'response_truncated'],
    ['two different lengths', (socket) => socket.end(`${head('content-length: 3\r\ncontent-length: 5')}abcde`), 'response_malformed'],
    ['a length that is no number', (socket) => socket.end(`${head('content-length: -1')}a`), 'response_malformed'],
    ['smuggling: a length and chunks', (socket) => socket.end(`${head('content-length: 2\r\ntransfer-encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`), 'response_malformed'],
    ['smuggling: chunks and a second answer', (socket) => socket.end(`${head('content-length: 0\r\ntransfer-encoding: chunked')}2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`), 'response_malformed'],
    ['a chunk size that is no number', (socket) => socket.end(`${head('transfer-encoding: chunked')}zz\r\nabc`), 'response_malformed'],
    ['line feeds alone', (socket) => socket.end('HTTP/1.1 200 OK\ncontent-length: 2\n\n{}'), 'response_malformed'],
    ['no HTTP at all', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'response_malformed'],
    ['a page without a head', (socket) => socket.end('<html>hello</html>'), 'response_malformed'],
    ['switching protocols', (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'), 'response_malformed'],
    ['a status that does not exist', (socket) => socket.end(answerText(999, {}, '{}')), 'response_malformed'],
    ['a compression nobody knows', (socket) => socket.end(answerText(200, { 'content-encoding': 'zip-of-doom' }, 'x')), 'response_malformed'],
    ['compression in layers', (socket) => socket.end(answerText(200, { 'content-encoding': 'gzip, gzip' }, 'x')), 'response_malformed'],
    ['gzip that is no gzip', (socket) => socket.end(answerText(200, { 'content-encoding': 'gzip' }, '{"a":1}')), 'response_malformed'],
    ['brotli that is no brotli', (socket) => socket.end(answerText(200, { 'content-encoding': 'br' }, Buffer.alloc(64, 0xff))), 'response_malformed'],
    ['closing without a word', (socket) => socket.end(), 'connection_reset'],
    ['a reset instead of an answer', (socket) => socket.resetAndDestroy(), 'connection_reset'],
    ['a reset inside the body', (socket) => { socket.write(`${head('content-length: 100')}abc`, () => setTimeout(() => socket.resetAndDestroy(), 50)); }, 'connection_reset', /in the middle of its answer/],
  ];

  it.each(scenarios.map((scenario) => ({ name: scenario[0], scenario })))('$name', async ({ scenario: [, answer, code, says] }) => {
    const server = await serve(answer);
    const outcome = await observe(() => askRaw(server.url));
    expect(code.split('|')).toContain(outcome.code);
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS + 1000);
    expect(outcome.grewBytes).toBeLessThan(MEMORY_BYTES);
    if (says !== undefined) expect(outcome.error).toMatchObject({ message: expect.stringMatching(says) as string });
    expect(outcome.error).toMatchObject({ hint: expect.stringMatching(/\w{3,}/) as string });
    expect(String((outcome.error as AppError).message)).not.toContain(TOKEN);
  });

  it('a name that does not exist', async () => {
    const outcome = await observe(() => askRaw('https://no-such-host.invalid'));
    expect(outcome.code).toBe('dns_failed');
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS + 1000);
  });

  it('a port where nothing listens', async () => {
    const server = await startRawServer(() => undefined);
    await server.close();
    expect((await observe(() => askRaw(server.url))).code).toBe('connection_refused');
  });
});

describe('R50: compressed bombs', () => {
  it.each(['gzip', 'br'] as const)('%s: 200 MiB out of at most 300 KB ends at the cap', async (encoding) => {
    const bomb = await makeBomb(encoding);
    expect(bomb.length).toBeLessThan(300_000);
    expect(BOMB_BYTES).toBeGreaterThanOrEqual(200 * 1024 * 1024);
    const server = await serve((socket) => socket.end(answerText(200, { ...JSON_HEAD, 'content-encoding': encoding }, bomb)));
    const outcome = await observe(() => askRaw(server.url));
    expect(outcome.code).toBe('response_too_large');
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS + 1000);
    expect(outcome.grewBytes).toBeLessThan(MEMORY_BYTES);
    expect(server.received()).toMatch(/accept-encoding: identity\r\n/i);
  });

  it('a server that compresses honestly without being asked is read', async () => {
    const packed = await new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      const packer = createBrotliCompress();
      packer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
      packer.end('{"ok":true}');
    });
    const server = await serve((socket) => socket.end(answerText(200, { 'content-encoding': 'br' }, packed)));
    expect(await askJson(server.url)).toEqual({ ok: true });
  });

  it('a compressed body that drips ends at the deadline', async () => {
    const server = await serve((socket) => { socket.write(head('content-encoding: gzip')); socket.write(Buffer.from('1f8b0800000000000003', 'hex')); drip(socket, '\u0000'); });
    const outcome = await observe(() => askRaw(server.url));
    // Either the deadline ends it, or the unpacker finds out first that this is no gzip.
    expect(['network_timeout', 'response_malformed']).toContain(outcome.code);
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS + 1000);
  });
});

describe('R50: a server that closes while its answer is still being read', () => {
  it.each([['plain', false], ['compressed', true]])('cannot end this process (%s)', async (_name, isPacked) => {
    // The parser of undici 7 asserts that it is not paused when the connection ends: an assertion that nobody could catch.
    const body = Buffer.alloc(4 * 1024 * 1024, '[1]');
    const packed = await makeBomb('gzip');
    const uncaught: unknown[] = [];
    const onUncaught = (error: unknown): void => { uncaught.push(error); };
    process.on('uncaughtExceptionMonitor', onUncaught);
    const server = await serve((socket) => socket.end(answerText(200, isPacked ? { 'content-encoding': 'gzip' } : {}, isPacked ? packed : body)));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => observe(() => askRaw(server.url))));
    process.off('uncaughtExceptionMonitor', onUncaught);
    expect(new Set(outcomes.map((outcome) => outcome.code))).toEqual(new Set([isPacked ? 'response_too_large' : 'accepted']));
    expect(uncaught).toEqual([]);
  });
});

describe('R50: what came back is no answer', () => {
  const scenarios: readonly (readonly [name: string, body: string | Buffer, code: string])[] = [
    ['an HTML page with 200 (captive portal)', '<!DOCTYPE html><html><title>Welcome to the airport</title></html>', 'response_not_json'],
    ['an empty body', '', 'response_not_json'],
    ['a byte order mark', '\uFEFF{"a":1}', 'response_not_json'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'response_invalid_utf8'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'response_invalid_utf8'],
    ['duplicate keys', '{"role":"viewer","role":"admin"}', 'response_duplicate_key'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}', 'response_prototype_key'],
    ['an integer beyond 2^53', '[{"id":9007199254740993}]', 'response_unsafe_number'],
    ['1e400', '{"n":1e400}', 'response_unsafe_number'],
    ['NaN', '{"n":NaN}', 'response_not_json'],
    ['200,000 lists inside one another', '['.repeat(200_000) + ']'.repeat(200_000), 'response_too_deep'],
    ['200,000 objects inside one another', '{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000), 'response_too_deep'],
    ['JSON that stops', '[{"id":1}', 'response_not_json'],
  ];

  it.each(scenarios)('%s', async (_name, body, code) => {
    const server = await serve((socket) => socket.end(answerText(200, JSON_HEAD, body)));
    const outcome = await observe(() => askJson(server.url));
    expect(outcome.code).toBe(code);
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS + 1000);
    // The adapter gives the same code for the same body.
    const again = await serve((socket) => socket.end(answerText(200, JSON_HEAD, body)));
    expect((await observe(() => navi(again.url).listEvents({ limit: 10 }))).code).toBe(code);
  });

  it.each([['null', 'null'], ['an object', '{"rows":[]}'], ['a string', '"[]"'], ['a number', '1']])('%s where a list of rows is expected', async (_name, body) => {
    const server = await serve((socket) => socket.end(answerText(200, JSON_HEAD, body)));
    const outcome = await observe(() => navi(server.url).listEvents({ limit: 10 }));
    expect(outcome.code).toBe('response_unexpected');
  });

  it.each([
    ['a missing field', row('').replace('"route":"/a",', ''), /^route: /],
    ['a wrong type', row('').replace('"status_code":200', '"status_code":"200"'), /^status_code: /],
    ['a time that is none', row('').replace('2026-11-22T05', '2026-13-40T05'), /^created_at: /],
    ['a string of 5 MB', row('').replace('/a', 'a'.repeat(4_900_000)), /^route: /],
    ['null instead of a row', '[null]', /^row: /],
    ['a negative id', row('').replace('"id":1', '"id":-1'), /^id: /],
  ])('%s takes its row only, never the page', async (_name, body, reason) => {
    const page = `${body.slice(0, -1)},${row('').slice(1)}`;
    const server = await serve((socket) => socket.end(answerText(200, JSON_HEAD, page)));
    const rows = await navi(server.url).listEvents({ limit: 10 });
    expect(rows.received).toBe(2);
    expect(rows.rows.map((entry) => entry.id)).toEqual([1]);
    expect(rows.rejected).toEqual([{ index: 0, reason: expect.stringMatching(reason) as string }]);
    expect(rows.rejected[0]?.reason.length).toBeLessThan(300);
  });

  it('an extra field is tolerated', async () => {
    const server = await serve((socket) => socket.end(answerText(200, JSON_HEAD, row(',"region":"eu","nested":{"a":[1]}'))));
    expect((await navi(server.url).listEvents({ limit: 10 })).rows).toHaveLength(1);
  });
});

describe('R50: redirects', () => {
  it.each([
    [302, '{other}/steal', 'http://127.0.0.1:'],
    [301, '{other}/', 'http://127.0.0.1:'],
    [303, '{other}/', 'http://127.0.0.1:'],
    [307, '{other}/api/audit/1/decrypt', 'http://127.0.0.1:'],
    [308, '{other}/', 'http://127.0.0.1:'],
    [302, 'file:///etc/passwd', 'a file: address'],
    [302, 'data:text/html,x', 'a data: address'],
    [302, '{self}/api/audit', 'another path of the same deployment'],
    [307, '/api/audit/', 'another path of the same deployment'],
    [302, 'https://evil.example/?token=leak', 'https://evil.example'],
    [302, 'http://[', 'an address that cannot be read'],
    [300, '', 'no address at all'],
  ])('%i to %s is refused, and nothing is sent on', async (status, location, says) => {
    const { first, other } = await startRedirectPair(status, location);
    servers.push(first, other);
    for (const request of [{ method: 'GET', path: '/api/audit' }, { method: 'POST', path: '/api/audit/1/decrypt', jsonBody: { reason: 'canary-reason' } }] as const) {
      const outcome = await observe(() => http.request(target(first.url), { ...request, token: new Secret(TOKEN) }));
      expect(outcome.code).toBe('redirect_refused');
      expect((outcome.error as AppError).message).toContain(says);
      expect((outcome.error as AppError).message).not.toContain('leak');
    }
    expect(first.received()).toContain(`authorization: Bearer ${TOKEN}`);
    expect(first.received().match(/authorization:/g)).toHaveLength(2);
    expect(first.connections()).toBe(2);
    expect(other.connections()).toBe(0);
    expect(other.received()).toBe('');
  });

  it('a redirect without a location is refused too', async () => {
    const server = await serve((socket) => socket.end(answerText(302, {}, '')));
    expect((await observe(() => askRaw(server.url))).code).toBe('redirect_refused');
  });
});

describe('R50, R51: refusals that a server repeats', () => {
  it('429 with Retry-After 1000000000: the wait is capped, and the wait can be cancelled at once', async () => {
    const server = await serve((socket) => socket.end(answerText(429, { ...JSON_HEAD, 'retry-after': '1000000000' }, '{"detail":"Rate limit exceeded. Please retry later.","error_code":"RATE_LIMIT_EXCEEDED","retry_after":1}')));
    const controller = new AbortController();
    const waits: number[] = [];
    const outcome = await observe(() => withRetry(() => navi(server.url).securityStatus(), {
      clock: realClock, budget: createRetryBudget(realClock), signal: controller.signal, onWait: (waitMs) => { waits.push(waitMs); setTimeout(() => controller.abort(), 20); },
    }));
    expect(outcome.code).toBe('cancelled');
    expect(waits).toEqual([120_000]);
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS);
    expect(server.connections()).toBe(1);
  });

  it('a storm of 503: five runs, then the typed error', async () => {
    const server = await serve((socket) => socket.end(answerText(503, JSON_HEAD, '{"detail":"upstream temporarily unavailable"}')));
    const outcome = await observe(() => withRetry(() => navi(server.url).securityStatus(), { clock: realClock, budget: createRetryBudget(realClock), random: () => 0.01 }));
    expect(outcome.code).toBe('server_unavailable');
    expect(server.connections()).toBe(5);
  });

  it('a limiter that is down is not asked again', async () => {
    const server = await serve((socket) => socket.end(answerText(503, JSON_HEAD, '{"detail":"Rate limiting backend unavailable","error_code":"RATE_LIMIT_BACKEND_UNAVAILABLE","path":"/","category":"admin"}')));
    const outcome = await observe(() => withRetry(() => navi(server.url).securityStatus(), { clock: realClock, budget: createRetryBudget(realClock) }));
    expect(outcome.code).toBe('rate_limiter_down');
    expect(server.connections()).toBe(1);
  });

  it.each([401, 403])('R52: %i is not asked again', async (status) => {
    const server = await serve((socket) => socket.end(answerText(status, JSON_HEAD, '{"detail":"no","error_code":"X"}')));
    await observe(() => withRetry(() => navi(server.url).securityStatus(), { clock: realClock, budget: createRetryBudget(realClock) }));
    expect(server.connections()).toBe(1);
  });

  it('407 names the proxy', async () => {
    const server = await serve((socket) => socket.end(answerText(407, { 'proxy-authenticate': 'Basic' }, '')));
    const outcome = await observe(() => navi(server.url).securityStatus());
    expect(outcome.code).toBe('response_unexpected');
    expect((outcome.error as AppError).message).toMatch(/proxy/i);
  });
});

describe('R50: cancelling', () => {
  it.each([
    ['before any answer', (_socket: Socket) => undefined],
    ['inside the head', (socket: Socket) => { socket.write('HTTP/1.1 200 OK\r\nx: '); }],
    ['inside the body', (socket: Socket) => { socket.write(head('content-length: 100')); drip(socket, ' '); }],
    ['inside a compressed body', (socket: Socket) => { socket.write(head('content-encoding: gzip')); }],
  ])('%s takes at most 250 ms', async (_name, answer) => {
    const controller = new AbortController();
    let abortedAt = 0;
    const server = await serve((socket) => {
      answer(socket);
      setTimeout(() => { abortedAt = performance.now(); controller.abort(); }, 100);
    });
    const outcome = await observe(() => http.request(target(server.url), { method: 'GET', path: '/', deadlineMs: 10_000, signal: controller.signal }));
    expect(outcome.code).toBe('cancelled');
    expect(performance.now() - abortedAt).toBeLessThan(250);
  });
});
