// Keeps R47, R48 and R49 with real certificates and real handshakes: every bad one has its own code, and no byte of the application reaches the server.
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '#core/deployments/http.ts';
import { parseTarget } from '#core/deployments/target.ts';
import { spkiPin } from '#core/deployments/tls.ts';
import { Secret } from '#core/secret.ts';
import { AppError } from '#shared/errors.ts';
import { realClock, rememberingLog } from '../faults/servers/ports.ts';
import { Authority, type KeyAndCertificate } from './tls-lab-authority.ts';
import { startLabServer, startWeakServer, type LabServer } from './tls-lab-server.ts';

let authority: Authority;
let stranger: Authority;
let middle: Authority;
let good: KeyAndCertificate;
let http: HttpClient;
const servers: LabServer[] = [];

beforeAll(() => {
  authority = new Authority('Lab Root');
  stranger = new Authority('Stranger Root');
  middle = new Authority('Lab Middle', authority.issue('Lab Middle', { isAuthority: true }));
  good = authority.issue('navi.lab');
  http = createHttpClient({ clock: realClock, log: rememberingLog(), deadlineMs: 5000 });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(async () => {
  await http.close();
  for (const lab of [authority, stranger, middle]) lab.remove();
});

async function serve(options: TlsOptions): Promise<LabServer> {
  const server = await startLabServer(options);
  servers.push(server);
  return server;
}

interface Asking { readonly ca?: string | null; readonly pin?: string | null; readonly url?: string }

async function ask(server: LabServer, { ca = authority.ca.cert, pin = null, url = server.url }: Asking = {}): Promise<{ code: string; message: string }> {
  const target = parseTarget({ url, caPem: ca, pin });
  try {
    await http.request(target, { method: 'POST', path: '/api/audit/1/decrypt', token: new Secret('canary-token'), jsonBody: { reason: 'canary-reason' } });
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'accepted', message: '' };
}

const pinOf = (certificate: string): string => spkiPin(new X509Certificate(certificate));

describe('R47: the lab works when everything is right', () => {
  it.each([['TLS 1.3', {}], ['TLS 1.2', { maxVersion: 'TLSv1.2' }]] as const)('%s, the CA given, the right pin', async (_name, options) => {
    const server = await serve({ ...good, ...options });
    const answer = await http.request(parseTarget({ url: server.url, caPem: authority.ca.cert, pin: pinOf(good.cert) }), { method: 'GET', path: '/a' });
    expect(answer.status).toBe(200);
    expect(answer.tls).toMatchObject({ protocol: options === undefined || !('maxVersion' in options) ? 'TLSv1.3' : 'TLSv1.2', subject: 'CN=navi.lab', issuer: 'CN=Lab Root', spki: pinOf(good.cert) });
    expect(Date.parse(answer.tls?.validTo ?? '')).toBeGreaterThan(Date.now());
    expect(server.applicationBytes()).toBeGreaterThan(0);
  });

  it('a certificate that signed itself is trusted when it is given as the CA', async () => {
    const own = authority.selfSigned();
    const server = await serve(own);
    expect((await ask(server, { ca: own.cert })).code).toBe('accepted');
  });

  it('a middle certificate that the server sends is used', async () => {
    const leaf = middle.issue('navi.lab');
    const server = await serve({ key: leaf.key, cert: `${leaf.cert}\n${middle.ca.cert}` });
    expect((await ask(server)).code).toBe('accepted');
  });

  it('the name localhost is checked against the certificate as well', async () => {
    const server = await serve(good);
    expect((await ask(server, { url: `https://localhost:${server.port}` })).code).toBe('accepted');
  });
});

describe('R47: each bad server has its code, and sees no byte', () => {
  type Scenario = readonly [name: string, options: () => TlsOptions, code: string, says: RegExp, asking?: () => Asking];
  const scenarios: readonly Scenario[] = [
    ['an expired certificate', () => authority.issue('navi.lab', { fromDays: -60, toDays: -1 }), 'tls_expired', /has expired/],
    ['a certificate that is not valid yet', () => authority.issue('navi.lab', { fromDays: 2, toDays: 30 }), 'tls_expired', /not valid yet/],
    ['a certificate for another address', () => authority.issue('navi.lab', { san: 'IP:127.0.0.2' }), 'tls_wrong_host', /another name/],
    ['a certificate for another name', () => authority.issue('navi.lab', { san: 'DNS:navi.lab' }), 'tls_wrong_host', /another name/, () => ({ url: 'LOCALHOST' })],
    ['a wildcard that is too wide', () => authority.issue('navi.lab', { san: 'DNS:*' }), 'tls_wrong_host', /another name/, () => ({ url: 'LOCALHOST' })],
    ['a certificate that signed itself', () => authority.selfSigned(), 'tls_untrusted', /signed by itself/],
    ['an authority that is not known', () => stranger.issue('navi.lab'), 'tls_untrusted', /not known here/],
    ['an authority that is not known, sent along', () => { const leaf = stranger.issue('navi.lab'); return { key: leaf.key, cert: `${leaf.cert}\n${stranger.ca.cert}` }; }, 'tls_untrusted', /not trusted here/],
    ['a private authority without its CA file', () => good, 'tls_untrusted', /not known here/, () => ({ ca: null })],
    ['a middle certificate that is missing', () => middle.issue('navi.lab'), 'tls_untrusted', /not known here/],
    ['a leaf that signs another', () => { const forger = new Authority('Forger', good); const leaf = forger.issue('navi.lab'); forger.remove(); return { key: leaf.key, cert: `${leaf.cert}\n${good.cert}` }; }, 'tls_untrusted', /may not sign|not known|not trusted|not made for servers/],
    ['a certificate made for clients', () => authority.issue('navi.lab', { usage: 'clientAuth' }), 'tls_untrusted', /not made for servers/],
    ['the right CA and a wrong pin', () => good, 'tls_pin_mismatch', /another key .* than the one pinned/, () => ({ pin: pinOf(stranger.ca.cert) })],
    ['an unknown CA and the right pin', () => good, 'tls_untrusted', /not known here/, () => ({ ca: null, pin: pinOf(good.cert) })],
    ['the pin of the CA instead of the server', () => good, 'tls_pin_mismatch', /another key/, () => ({ pin: pinOf(authority.ca.cert) })],
    ['TLS 1.0 only', () => ({ ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'tls_too_old', /older than 1\.2/],
    ['TLS 1.1 only', () => ({ ...good, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), 'tls_too_old', /older than 1\.2/],
    ['no cipher in common', () => ({ ...good, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' }), 'tls_failed', /no cipher/],
    ['a client certificate wanted, TLS 1.3', () => ({ ...good, requestCert: true, rejectUnauthorized: true, ca: authority.ca.cert }), 'tls_client_certificate', /client certificate/],
    ['a client certificate wanted, TLS 1.2', () => ({ ...good, requestCert: true, rejectUnauthorized: true, ca: authority.ca.cert, maxVersion: 'TLSv1.2' }), 'tls_client_certificate', /client certificate/],
  ];

  it.each(scenarios.map((scenario) => ({ name: scenario[0], scenario })))('$name', async ({ scenario: [, options, code, says, asking] }) => {
    const server = await serve(options());
    const wanted = asking?.() ?? {};
    const outcome = await ask(server, { ...wanted, ...(wanted.url === 'LOCALHOST' ? { url: `https://localhost:${server.port}` } : {}) });
    expect(outcome).toEqual({ code, message: expect.stringMatching(says) as string });
    expect(server.applicationBytes()).toBe(0);
  });

  // This program's own OpenSSL would not serve these two, so openssl's command does.
  it.each([
    ['an RSA key of 1024 bits', () => authority.issue('navi.lab', { rsaBits: 1024 }), /too small|too weak|only 1024 bits/],
    ['a signature over SHA-1', () => authority.issue('navi.lab', { digest: 'sha1' }), /too weak/],
  ] as const)('%s', async (_name, issue, says) => {
    const server = await startWeakServer(issue());
    try {
      expect(await ask({ url: server.url } as LabServer)).toEqual({ code: 'tls_untrusted', message: expect.stringMatching(says) as string });
      expect(server.output()).not.toMatch(/canary|POST|HTTP/);
    } finally {
      await server.close();
    }
  });

  it('an RSA key of 1024 bits is refused by us, where the TLS library would take it', async () => {
    const server = await startWeakServer(authority.issue('navi.lab', { rsaBits: 1024 }));
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-tls-weak-'));
    try {
      const caFile = join(dir, 'ca.pem');
      const config = join(dir, 'lax.cnf');
      writeFileSync(caFile, authority.ca.cert);
      writeFileSync(config, 'nodejs_conf = lax\n[lax]\nssl_conf = ssl\n[ssl]\nsystem_default = sect\n[sect]\nCipherString = DEFAULT:@SECLEVEL=0\n');
      const flags = [`--openssl-config=${config}`, '--tls-cipher-list=DEFAULT:@SECLEVEL=0'];
      expect(await runClient({ url: server.url, caFile, env: {}, flags })).toBe('without tls_untrusted, with tls_untrusted: No encrypted connection was made to 127.0.0.1: its certificate has an RSA key of only 1024 bits. Nothing was sent to it.');
      expect(server.output()).not.toMatch(/GET|HTTP/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
      await server.close();
    }
  });

  it('plain HTTP on the port', async () => {
    let received = '';
    const plain = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => { received += chunk.toString('latin1'); socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'); });
    });
    await new Promise<void>((resolve) => { plain.listen(0, '127.0.0.1', resolve); });
    const outcome = await ask({ url: `https://127.0.0.1:${(plain.address() as AddressInfo).port}` } as LabServer);
    await new Promise((resolve) => { plain.close(resolve); });
    expect(outcome).toEqual({ code: 'tls_failed', message: expect.stringMatching(/does not speak TLS/) as string });
    expect(received).not.toContain('canary');
  });

  it('a handshake that never ends', async () => {
    const silent = createTcpServer((socket) => { socket.on('error', () => undefined).resume(); });
    await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve); });
    const started = performance.now();
    const target = parseTarget({ url: `https://127.0.0.1:${(silent.address() as AddressInfo).port}`, caPem: null, pin: null });
    await expect(http.request(target, { method: 'GET', path: '/', deadlineMs: 300 })).rejects.toMatchObject({ code: 'network_timeout', message: expect.stringContaining('No connection') as string });
    expect(performance.now() - started).toBeLessThan(1300);
    // Closing waits for every connection: it would hang if ours were still open.
    await new Promise((resolve) => { silent.close(resolve); });
  });

  it('a pin is checked on every connection, not on the first alone', async () => {
    const server = await serve(good);
    const pin = pinOf(good.cert);
    expect((await ask(server, { pin })).code).toBe('accepted');
    const { port } = server;
    const before = server.applicationBytes();
    expect(before).toBeGreaterThan(0);
    await servers.splice(0)[0]?.close();
    const impostor = authority.issue('navi.lab');
    const second = await startLabServer(impostor, port);
    servers.push(second);
    expect((await ask(second, { pin })).code).toBe('tls_pin_mismatch');
    expect(second.applicationBytes()).toBe(0);
  });
});

describe('R48: trust belongs to one deployment', () => {
  it('the CA of one deployment helps no other, while both are in use', async () => {
    const server = await serve(good);
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await ask(server)).code).toBe('accepted');
      expect((await ask(server, { ca: null })).code).toBe('tls_untrusted');
      expect((await ask(server, { ca: stranger.ca.cert })).code).toBe('tls_untrusted');
    }
  });

  it('R48, R49: neither NODE_EXTRA_CA_CERTS nor NODE_TLS_REJECT_UNAUTHORIZED nor a proxy variable changes what is trusted or asked', async () => {
    const server = await serve(good);
    let proxied = 0;
    const proxy = createTcpServer((socket) => { proxied += 1; socket.destroy(); });
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-tls-env-'));
    try {
      const caFile = join(dir, 'ca.pem');
      writeFileSync(caFile, authority.ca.cert);
      const run = (env: Record<string, string>): Promise<string> => runClient({ url: server.url, caFile, env });
      expect(await run({})).toBe('without tls_untrusted, with 200');
      expect(await run({ NODE_EXTRA_CA_CERTS: caFile, SSL_CERT_FILE: caFile, NODE_USE_SYSTEM_CA: '1' })).toBe('without tls_untrusted, with 200');
      expect(await run({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toBe('without tls_failed, with tls_failed');
      expect(await run({ HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, https_proxy: proxyUrl, ALL_PROXY: proxyUrl, NODE_USE_ENV_PROXY: '1' })).toBe('without tls_untrusted, with 200');
      expect(proxied).toBe(0);
    } finally {
      rmSync(dir, { recursive: true, force: true });
      await new Promise((resolve) => { proxy.close(resolve); });
    }
  });
});

/** Runs the real client in a process of its own, since these variables are read when a process starts. */
function runClient({ url, caFile, env, flags = [] }: { url: string; caFile: string; env: Record<string, string>; flags?: readonly string[] }): Promise<string> {
  const root = join(import.meta.dirname, '../..');
  const script = `
    import { readFileSync } from 'node:fs';
    import { createHttpClient } from '#core/deployments/http.ts';
    import { parseTarget } from '#core/deployments/target.ts';
    const clock = { now: Date.now, monotonicMs: () => performance.now(), after: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); } };
    const http = createHttpClient({ clock, log: { info() {}, error() {} }, deadlineMs: 5000 });
    const ask = (caPem) => http.request(parseTarget({ url: ${JSON.stringify(url)}, caPem, pin: null }), { method: 'GET', path: '/a' }).then((answer) => answer.status, (error) => ${flags.length > 0} && caPem !== null ? error.code + ': ' + error.message : error.code);
    process.stdout.write('without ' + await ask(null) + ', with ' + await ask(readFileSync(${JSON.stringify(caFile)}, 'utf8')));
    await http.close();`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, '--no-warnings', '--input-type=module', '-e', script], { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 20_000 });
    let out = '';
    let problems = '';
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { problems += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`client ended with ${code}: ${problems}`))));
  });
}

describe('R49: no way to switch the checks off exists in the program', () => {
  it('no source file holds one', () => {
    const root = join(import.meta.dirname, '../../electron');
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:ts|cts|mts)$/.test(name) && !name.endsWith('.test.ts'));
    expect(sources.length).toBeGreaterThan(20);
    const forbidden = /rejectUnauthorized\s*:(?!\s*true)|ignore-certificate-errors|checkServerIdentity|NODE_TLS_REJECT_UNAUTHORIZED\s*=(?!0, )|insecureHTTPParser/;
    const found = sources.filter((name) => forbidden.test(readFileSync(join(root, name), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')));
    expect(found).toEqual([]);
    expect(forbidden.test('connect({ rejectUnauthorized: false })')).toBe(true);
  });
});
