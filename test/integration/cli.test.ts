// The command line's whole job as a script would do it: real processes, a passphrase vault, the reference deployment.
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireProfileLock } from '#core/db/profile-lock.ts';
import { contract } from '#shared/contract.ts';
import type { CallName, CallOutput } from '#shared/contract.ts';
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { startCli, startDeployment } from './cli-process.ts';
import type { Deployment, Finished } from './cli-process.ts';

const EVENTS = 2400;
const PASSPHRASE = 'canary passphrase 7d2f91';
const REASON = 'CASE-1042 review of a refused login';

let directory: string;
let profile: string;
let passphraseFile: string;
let navi: Deployment;
let events: AuditEvent[] = [];
/** Everything that any command of this file wrote, to search for secrets at the end. */
let everything = '';

interface Options { readonly input?: string; readonly env?: Record<string, string>; readonly profile?: string; readonly secrets?: string }

function begin(args: readonly string[], { input, env = {}, profile: where = profile, secrets = 'passphrase' }: Options = {}): ReturnType<typeof startCli> {
  return startCli(['--profile', where, '--secrets', secrets, ...args], { ...(input === undefined ? {} : { input }), env: { HOLDFAST_PASSPHRASE_FILE: passphraseFile, ...env } });
}

async function holdfast(args: readonly string[], options?: Options): Promise<Finished> {
  const finished = await begin(args, options).finished;
  everything += finished.stdout + finished.stderr;
  return finished;
}

/** Runs with --json, expects success and the contract's shape. */
async function served<N extends CallName>(name: N, args: readonly string[], options?: Options): Promise<CallOutput<N>> {
  const { code, stdout, stderr } = await holdfast([...args, '--json'], options);
  expect(code, stderr).toBe(0);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  if (!('payloadText' in document)) return contract[name].output.parse(document) as CallOutput<N>;
  // A payload comes as a value for programs and as its exact text; the text is what the contract knows.
  const { payloadText, ...rest } = document;
  expect(rest['payload']).toEqual(payloadText === null ? null : JSON.parse(String(payloadText)));
  return contract[name].output.parse({ ...rest, payload: payloadText }) as CallOutput<N>;
}

/** Events as `audit list` and `audit search` give them with --json. */
async function listed(args: readonly string[], options?: Options): Promise<Pick<CallOutput<'audit.search'>, 'events' | 'nextCursor'> & CallOutput<'audit.count'>> {
  const { code, stdout, stderr } = await holdfast([...args, '--json'], options);
  expect(code, stderr).toBe(0);
  const { matching, total, ...page } = JSON.parse(stdout) as Record<string, unknown>;
  return { ...contract['audit.search'].output.omit({ anchor: true }).strict().parse(page), ...contract['audit.count'].output.parse({ matching, total }) };
}

/** Runs with --json and expects a failure: one JSON error on stderr. */
async function refused(args: readonly string[], options?: Options): Promise<{ code: number | null; error: string; stdout: string; message: string }> {
  const { code, stdout, stderr } = await holdfast([...args, '--json'], options);
  const error = JSON.parse(stderr) as Record<string, string>;
  expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'id']);
  return { code, error: error['code'] ?? '', stdout, message: error['message'] ?? '' };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  profile = join(directory, 'profile');
  passphraseFile = join(directory, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  navi = await startDeployment(['--dialect', 'C1', '--events', String(EVENTS), '--seed', '7']);
});

afterAll(async () => {
  await navi.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('the whole job from the command line', { timeout: 120_000 }, () => {
  it('reads a profile that does not exist yet as an empty one, and leaves nothing behind that blocks it', async () => {
    expect(await served('deployment.list', ['deployment', 'list'])).toEqual({ deployments: [] });
    expect((await served('ledger.list', ['ledger', 'list'])).entries).toEqual([]);
  });

  it('adds a deployment with its token from stdin; a second one of that name is refused', async () => {
    const added = await served('deployment.add', ['deployment', 'add', 'Acme', '--url', navi.url, '--kind', 'navi', '--token-stdin'], { input: `${navi.token}\n` });
    expect(added).toMatchObject({ name: 'Acme', readOnly: true, environment: 'development', token: { stored: true, claims: { role: 'admin', org: 'acme' } } });
    expect(await refused(['deployment', 'add', 'Acme', '--url', navi.url])).toMatchObject({ code: 3, error: 'deployment_exists', stdout: '' });
    expect((await served('deployment.list', ['deployment', 'list'])).deployments.map((each) => each.name)).toEqual(['Acme']);
    expect((await served('deployment.get', ['deployment', 'show', 'Acme'])).id).toBe(added.id);
  });

  it('tests the deployment: dialect, capabilities with reasons, role', async () => {
    const tested = await served('deployment.test', ['deployment', 'test', 'Acme']);
    expect(tested).toMatchObject({ reached: true, dialect: 'C1', role: 'admin', token: 'accepted', anonymous: 'refused', transport: 'loopback' });
    expect(tested.capabilities.find((each) => each.name === 'audit-export')?.state).toBe('offered');
    expect(tested.capabilities.every((each) => each.reason !== '')).toBe(true);
  });

  it('says by its exit code that a token was refused, and still prints what was seen', async () => {
    await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: 'aaa.bbb.ccc' });
    const answer = await refused(['deployment', 'test', 'Acme']);
    expect(answer).toMatchObject({ code: 3, error: 'unauthorized' });
    expect(contract['deployment.test'].output.parse(JSON.parse(answer.stdout))).toMatchObject({ reached: true, token: 'refused' });
    await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: navi.token });
    await served('deployment.test', ['deployment', 'test', 'Acme']);
  });

  it('replaces a token, and a viewer\'s is told from an admin\'s', async () => {
    expect((await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: navi.viewerToken })).claims.role).toBe('viewer');
    expect((await served('deployment.test', ['deployment', 'test', 'Acme'])).role).not.toBe('admin');
    await served('deployment.setToken', ['deployment', 'token', 'Acme', '--token-stdin'], { input: navi.token });
    expect((await served('deployment.test', ['deployment', 'test', 'Acme'])).role).toBe('admin');
  });

  it('shows the security checks, each with its state', async () => {
    const view = await served('security.refresh', ['security', 'show', 'Acme']);
    expect(view.checks.length).toBeGreaterThanOrEqual(15);
    expect(view.observedAt).not.toBeNull();
    const { code, stdout, stderr } = await holdfast(['security', 'show', 'Acme']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const check of view.checks) expect(stdout).toContain(check.title);
  });

  it('syncs the audit log without a word on a piped stderr but the gaps', async () => {
    const first = await served('audit.sync', ['audit', 'sync', 'Acme']);
    expect(first.added).toBeGreaterThan(EVENTS / 2);
    expect(first.total).toBe(first.added);
    const again = await holdfast(['audit', 'sync', 'Acme']);
    expect(again.code).toBe(0);
    for (const trace of ['\r', '\u001b', '%']) expect(again.stderr).not.toContain(trace);
    expect(again.stdout).toContain('0 new events');
  });

  it('lists past one page, newest first, each row once, its id the server\'s number', async () => {
    const all = await listed(['audit', 'list', 'Acme', '--limit', '100000']);
    events = all.events;
    expect(events).toHaveLength(all.total);
    expect(all.total).toBeGreaterThan(1000);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    const times = events.map((event) => parseInstantUs(event.createdAt) ?? Number.NaN);
    expect(times.every((time, index) => index === 0 || (times[index - 1] ?? 0) >= time)).toBe(true);
    expect((await listed(['audit', 'list', 'Acme', '--limit', '1200'])).events).toEqual(events.slice(0, 1200));
  });

  it('filters as the options say', async () => {
    const posts = await listed(['audit', 'list', 'Acme', '--method', 'post', '--status', '4xx', '--limit', '5000']);
    const wanted = events.filter((event) => event.method === 'POST' && event.statusCode >= 400 && event.statusCode <= 499);
    expect(wanted.length).toBeGreaterThan(0);
    expect(posts.events.map((event) => event.id)).toEqual(wanted.map((event) => event.id));
    const day = (events[700]?.createdAt ?? '').slice(0, 10);
    const ofDay = await listed(['audit', 'list', 'Acme', '--since', day, '--until', day, '--limit', '5000']);
    expect(ofDay.events.map((event) => event.id)).toEqual(events.filter((event) => event.createdAt.startsWith(day)).map((event) => event.id));
    const org = await listed(['audit', 'list', 'Acme', '--org', 'acme', '--limit', '3']);
    expect(org.events.map((event) => event.org)).toEqual(['acme', 'acme', 'acme']);
    expect(await refused(['audit', 'list', 'Acme', '--until', 'tomorrow'])).toMatchObject({ code: 2, error: 'invalid_input', stdout: '' });
    expect(await refused(['audit', 'list', 'Acme', '--status', '9xx'])).toMatchObject({ code: 2, error: 'invalid_input' });
  });

  it('R62: searches by a query, in any order and form', async () => {
    const query = 'method:POST status:4xx';
    const wanted = events.filter((event) => event.method === 'POST' && event.statusCode >= 400 && event.statusCode <= 499);
    const found = await listed(['audit', 'search', 'Acme', query, '--limit', '5000']);
    expect(found).toMatchObject({ matching: wanted.length, total: events.length, nextCursor: null });
    expect(found.events).toEqual(wanted);
    expect((await listed(['audit', 'search', 'Acme', '', '--limit', '3'])).events).toEqual(events.slice(0, 3));
    expect((await listed(['audit', 'search', 'Acme', '--limit', '2'])).nextCursor).not.toBeNull();
    const oldest = await listed(['audit', 'search', 'Acme', query, '--sort', 'time:asc', '--limit', '4']);
    expect(oldest.events.map((event) => event.createdAt)).toEqual(wanted.map((event) => event.createdAt).sort((a, b) => (parseInstantUs(a) ?? 0) - (parseInstantUs(b) ?? 0)).slice(0, 4));
    const lines = await holdfast(['audit', 'search', 'Acme', query, '--format', 'jsonl', '--limit', '5000']);
    expect(lines.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown)).toEqual(wanted);
    expect(lines.stderr).toBe('');
    const csv = await holdfast(['audit', 'search', 'Acme', query, '--format', 'csv', '--limit', '1']);
    expect(csv.stdout.split('\r\n')[0]).toMatch(/^id,created_at,method,route,/);
    expect(csv.stdout.split('\r\n')[1]).toMatch(new RegExp(`^${wanted[0]?.id},`));
    expect(csv.stderr).toContain('more than 1 event');
    const json = await holdfast(['audit', 'search', 'Acme', query, '--format', 'json', '--limit', '2']);
    expect((JSON.parse(json.stdout) as { events: unknown }).events).toEqual(wanted.slice(0, 2));
    expect((await holdfast(['audit', 'search', 'Acme', 'zzz-no-such-word', '--format', 'jsonl'])).stdout).toBe('');
    expect((await holdfast(['audit', 'search', 'Acme', query, '--limit', '2'])).stdout).toContain(`2 of ${wanted.length} matching events, ${events.length} in the cache.`);
  });

  it('R62: counts by day, actor, route and status', async () => {
    const counts = async (by: string, ...query: string[]): Promise<Record<string, unknown>> => {
      const { code, stdout, stderr } = await holdfast(['audit', 'count', 'Acme', ...query, '--by', by, '--json']);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const tally = (of: (event: AuditEvent) => string | null, rows = events): Map<string | null, number> => rows.reduce((all, event) => all.set(of(event), (all.get(of(event)) ?? 0) + 1), new Map<string | null, number>());
    const values = (found: Record<string, unknown>): Map<string | null, number> => new Map((found['values'] as { value: string | null; count: number }[]).map(({ value, count }) => [value, count]));
    expect(values(await counts('day'))).toEqual(tally((event) => event.createdAt.slice(0, 10)));
    expect(values(await counts('actor', 'status:2xx'))).toEqual(tally((event) => event.actorEmail ?? event.actorSub, events.filter((event) => event.statusCode >= 200 && event.statusCode <= 299)));
    expect(values(await counts('route'))).toEqual(tally((event) => event.route));
    expect(values(await counts('status', 'method:POST'))).toEqual(tally((event) => String(event.statusCode), events.filter((event) => event.method === 'POST')));
    const plain = await holdfast(['audit', 'count', 'Acme', '--', '-method:POST']);
    expect(plain.stdout).toBe(`${events.filter((event) => event.method !== 'POST').length} matching events, ${events.length} in the cache.\n`);
  });

  it('points at what is wrong in a query', async () => {
    const { code, stdout, stderr } = await holdfast(['audit', 'search', 'Acme', 'login acter:bob']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('  login acter:bob\n        ^^^^^\n');
    expect(stderr).toContain('Did you mean actor?');
    expect(await refused(['audit', 'count', 'Acme', 'status:abc'])).toMatchObject({ code: 2, error: 'invalid_query', stdout: '' });
    expect(await refused(['audit', 'search', 'Acme', '--format', 'xml'])).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused(['audit', 'search', 'Acme', '--sort', 'sideways'])).toMatchObject({ code: 2, error: 'invalid_input' });
  });

  it('shows one event by the server\'s number; an unknown number is an expected failure', async () => {
    const id = events[10]?.id ?? 0;
    expect((await served('audit.get', ['audit', 'show', 'Acme', String(id)])).id).toBe(id);
    expect((await holdfast(['audit', 'show', 'Acme', String(id)])).stdout).toMatch(new RegExp(`^Id +${id}$`, 'm'));
    expect(await refused(['audit', 'show', 'Acme', '999999999'])).toMatchObject({ code: 3, error: 'event_not_found' });
  });

  it('opens a payload here only with its key, for a reason, and says which key served', async () => {
    for (const { keyId, key } of navi.auditKeys) {
      const sealed = events.find((event) => event.payloadState === 'encrypted' && event.keyId === keyId);
      if (sealed === undefined) throw new Error(`the deployment made no event under ${keyId}`);
      const words = ['audit', 'decrypt', 'Acme', String(sealed.id), '--reason', REASON];
      expect(await refused(words)).toMatchObject({ code: 3, error: 'no_key', stdout: '' });
      const added = await served('audit.keyAdd', ['audit', 'key', 'add', 'Acme', '--key-id', keyId, '--key-stdin'], { input: `${key}\n` });
      expect(added.rows).toBeGreaterThan(0);
      const opened = await served('audit.decrypt', words);
      expect(opened).toMatchObject({ id: sealed.id, where: 'here', wasEncrypted: true, keyId, reason: REASON });
      expect(typeof JSON.parse(opened.payload)).toBe('object');
    }
    expect((await served('audit.keyList', ['audit', 'key', 'list', 'Acme'])).keys.map((each) => each.keyId).sort()).toEqual(navi.auditKeys.map((each) => each.keyId).sort());
    expect(await refused(['audit', 'decrypt', 'Acme', '1', '--reason', 'x'])).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused(['audit', 'decrypt', 'Acme', '1'])).toMatchObject({ code: 2, error: 'invalid_input' });
    expect(await refused(['audit', 'key', 'add', 'Acme', '--key-id', 'odd', '--key-stdin'], { input: 'no key' })).toMatchObject({ code: 3, error: 'invalid_key' });
  });

  it('lets the server open a payload, read-only as the deployment is', async () => {
    const newest = navi.auditKeys.at(-1)?.keyId;
    const sealed = events.find((event) => event.payloadState === 'encrypted' && event.keyId === newest);
    const opened = await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(sealed?.id), '--reason', REASON, '--server']);
    expect(opened).toMatchObject({ where: 'server', wasEncrypted: true });
    const here = await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(sealed?.id), '--reason', REASON]);
    expect(JSON.parse(opened.payload)).toEqual(JSON.parse(here.payload));
  });

  it('has every opening and every failed one in the ledger, and the chain verifies', async () => {
    const { entries } = await served('ledger.list', ['ledger', 'list', '--limit', '1000']);
    const decrypts = entries.filter((entry) => entry.action.startsWith('audit.decrypt') && entry.reason === REASON);
    // Two refused for want of a key, two opened here, one on the server, one more here.
    expect(decrypts.length).toBeGreaterThanOrEqual(6);
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => entries.length - index));
    expect(await served('ledger.verify', ['ledger', 'verify'])).toMatchObject({ verdict: 'intact', entries: entries.length });
    expect((await served('ledger.list', ['ledger', 'list', '--limit', '2'])).entries).toEqual(entries.slice(0, 2));
  });

  it('is in good health, says the doctor', async () => {
    const { code, stdout, stderr } = await holdfast(['doctor', '--json']);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as { host: string; checks: { name: string; verdict: string }[] };
    const verdicts = Object.fromEntries(report.checks.map((check) => [check.name, check.verdict]));
    expect(report.host).toBe('cli');
    expect(verdicts).toMatchObject({ holdfast: 'ok', node: 'ok', secrets: 'ok', profile: 'ok', database: 'ok', ledger: 'ok', keychain: 'unknown' });
  });

  it('R45: reads while another holds the profile; writes are refused', async () => {
    const held = acquireProfileLock(profile, 'chromium');
    if (held === null) throw new Error('the profile was not free');
    try {
      expect((await served('deployment.list', ['deployment', 'list'])).deployments).toHaveLength(1);
      expect((await listed(['audit', 'list', 'Acme', '--limit', '3'])).events).toEqual(events.slice(0, 3));
      expect(await refused(['audit', 'sync', 'Acme'])).toMatchObject({ code: 3, error: 'profile_in_use', stdout: '' });
      const shown = await holdfast(['security', 'show', 'Acme']);
      expect(shown.code).toBe(0);
      expect(shown.stderr).toContain('Not refreshed:');
      expect((await holdfast(['doctor'])).code).toBe(0);
    } finally {
      held.release();
    }
  });

  it('R45: of two writers at once each is either done or refused as in use, and reads beside them work', async () => {
    const runs = [begin(['audit', 'sync', 'Acme', '--json']), begin(['audit', 'sync', 'Acme', '--json']), begin(['audit', 'list', 'Acme', '--limit', '1', '--json'])];
    const [first, second, reader] = await Promise.all(runs.map((each) => each.finished));
    const codes = [first?.code, second?.code];
    expect(codes).toContain(0);
    for (const each of [first, second]) {
      if (each?.code === 0) continue;
      expect(each?.code).toBe(3);
      expect((JSON.parse(each?.stderr ?? '') as { code: string }).code).toBe('profile_in_use');
    }
    expect(reader?.code, reader?.stderr).toBe(0);
  });

  it('R26: a wrong passphrase, none, or a file that cannot be read is an expected failure that changes nothing', async () => {
    const wrong = join(directory, 'wrong');
    writeFileSync(wrong, 'another passphrase entirely\n', { mode: 0o600 });
    const before = readFileSync(join(profile, 'vault.json'));
    expect(await refused(['deployment', 'list'], { env: { HOLDFAST_PASSPHRASE_FILE: wrong } })).toMatchObject({ code: 3, error: 'wrong_passphrase' });
    expect(await refused(['audit', 'sync', 'Acme'], { env: { HOLDFAST_PASSPHRASE_FILE: wrong } })).toMatchObject({ code: 3, error: 'wrong_passphrase' });
    expect(await refused(['deployment', 'list'], { env: { HOLDFAST_PASSPHRASE_FILE: join(directory, 'absent') } })).toMatchObject({ code: 3, error: 'passphrase_required' });
    expect(await refused(['deployment', 'list'], { env: { HOLDFAST_PASSPHRASE_FILE: '' } })).toMatchObject({ code: 3, error: 'passphrase_required' });
    expect(readFileSync(join(profile, 'vault.json')).equals(before)).toBe(true);
    const doctor = await refused(['doctor'], { env: { HOLDFAST_PASSPHRASE_FILE: wrong } });
    expect(doctor).toMatchObject({ code: 3, error: 'wrong_passphrase' });
    expect(JSON.parse(doctor.stdout)).toMatchObject({ verdict: 'fail' });
  });

  it('loads the keychain\'s library only when the keychain is chosen', async () => {
    const spy = 'import { registerHooks } from "node:module"; registerHooks({ resolve(name, context, next) { if (name === "keytar") process.stderr.write("[asked for the keychain library]"); return next(name, context); } });';
    const env = { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(spy).toString('base64')}` };
    expect((await holdfast(['doctor'], { env })).stderr).not.toContain('[asked for');
    // A bus address that leads nowhere: this machine's own keychain is left alone.
    const chosen = await holdfast(['doctor'], { env: { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(directory, 'no-bus')}` }, profile: join(directory, 'keychain-profile'), secrets: 'keychain' });
    expect(chosen.stderr).toContain('[asked for the keychain library]');
    expect(chosen.code).toBe(3);
    expect(chosen.stdout).toMatch(/^keychain +fail/m);
  });

  it('finds a damaged database and still reports on the rest', async () => {
    const damaged = join(directory, 'damaged');
    cpSync(profile, damaged, { recursive: true });
    const path = join(damaged, 'cache.db');
    const bytes = readFileSync(path);
    for (let offset = 0; offset < bytes.length; offset += 512) bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    const { code, stdout } = await holdfast(['doctor', '--json'], { profile: damaged });
    const report = JSON.parse(stdout) as { checks: { name: string; verdict: string; code: string | null }[] };
    expect(code).toBe(3);
    expect(report.checks.find((check) => check.name === 'database')).toMatchObject({ verdict: 'fail', code: expect.stringMatching(/^database_/) as unknown });
    expect(report.checks.find((check) => check.name === 'node')).toMatchObject({ verdict: 'ok' });
    expect((await refused(['deployment', 'list'], { profile: damaged })).error).toMatch(/^database_/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('R57: an older database put back is found by the ledger\'s remembered head, and exits 3', async () => {
    const rolled = join(directory, 'rolled');
    cpSync(profile, rolled, { recursive: true });
    const old = join(directory, 'old-cache.db');
    copyFileSync(join(rolled, 'cache.db'), old);
    for (let index = 0; index < 3; index += 1) await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(events.find((event) => event.payloadState === 'encrypted' && event.keyId === navi.auditKeys[0]?.keyId)?.id), '--reason', REASON], { profile: rolled });
    for (const suffix of ['-wal', '-shm']) rmSync(join(rolled, `cache.db${suffix}`), { force: true });
    copyFileSync(old, join(rolled, 'cache.db'));
    const verdict = await refused(['ledger', 'verify'], { profile: rolled });
    expect(verdict).toMatchObject({ code: 3, error: 'ledger_broken' });
    expect(contract['ledger.verify'].output.parse(JSON.parse(verdict.stdout)).verdict).toBe('tail-removed');
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const { child, finished } = begin(['audit', 'list', 'Acme', '--limit', '100000', '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { stderr, code } = await finished;
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  it('Ctrl-C stops a sync that waits for ever, says so, and exits 3', async () => {
    const reached = createServer();
    reached.listen(0, '127.0.0.1');
    await once(reached, 'listening');
    const { port } = reached.address() as AddressInfo;
    try {
      await served('deployment.add', ['deployment', 'add', 'Silent', '--url', `http://127.0.0.1:${port}`, '--token-stdin'], { input: 'opaque-token' });
      const connected = once(reached, 'connection');
      const { child, finished } = begin(['audit', 'sync', 'Silent', '--json']);
      await connected;
      child.kill('SIGINT');
      const { code, stderr, stdout } = await finished;
      expect({ code, error: (JSON.parse(stderr) as { code: string }).code, stdout }).toEqual({ code: 3, error: 'cancelled', stdout: '' });
    } finally {
      reached.close();
    }
    await holdfast(['deployment', 'remove', 'Silent', '--confirm', 'Silent']);
  });

  it('works from the cache when the deployment is gone, and says why it did not refresh', async () => {
    await navi.stop();
    const shown = await holdfast(['security', 'show', 'Acme']);
    expect(shown.code).toBe(0);
    expect(shown.stderr).toContain('Not refreshed:');
    const view = await served('security.show', ['security', 'show', 'Acme', '--offline']);
    expect(view.lastFailure?.code).toBe('connection_refused');
    expect(view.observedAt).not.toBeNull();
    expect(await refused(['audit', 'sync', 'Acme'])).toMatchObject({ code: 3, error: 'connection_refused' });
    expect((await listed(['audit', 'list', 'Acme', '--limit', '100000'])).events).toEqual(events);
    const sealed = events.find((event) => event.payloadState === 'encrypted' && event.keyId === navi.auditKeys[0]?.keyId);
    expect((await served('audit.decrypt', ['audit', 'decrypt', 'Acme', String(sealed?.id), '--reason', REASON])).where).toBe('here');
    const late = await served('deployment.add', ['deployment', 'add', 'Down', '--url', navi.url, '--environment', 'staging']);
    expect(late.reachability.state).toBe('never-tried');
  });

  it('R23: removes only with the name confirmed, and then everything of it', async () => {
    const plan = await holdfast(['deployment', 'remove', 'Acme', '--json']);
    expect(plan.code).toBe(2);
    expect(JSON.parse(plan.stdout)).toEqual({ removed: false, name: 'Acme', events: events.length, keys: 2 });
    expect(await refused(['deployment', 'remove', 'Acme', '--confirm', 'acme'])).toMatchObject({ code: 3, error: 'confirmation_mismatch', stdout: '' });
    expect((await served('deployment.list', ['deployment', 'list'])).deployments.map((each) => each.name).sort()).toEqual(['Acme', 'Down']);
    const removed = await holdfast(['deployment', 'remove', 'Acme', '--confirm', 'Acme', '--json']);
    expect(removed.code).toBe(0);
    expect(JSON.parse(removed.stdout)).toMatchObject({ removed: true, eventsRemoved: events.length, secretsRemoved: 4 });
    expect((await served('deployment.list', ['deployment', 'list'])).deployments.map((each) => each.name)).toEqual(['Down']);
    expect((await served('ledger.verify', ['ledger', 'verify'])).verdict).toBe('intact');
  });

  it('R25: printed no token, no key and no passphrase in all of this', () => {
    expect(everything.length).toBeGreaterThan(10_000);
    const secrets = [navi.token, navi.viewerToken, PASSPHRASE, ...navi.auditKeys.map((each) => each.key)];
    for (const secret of secrets) for (const form of [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')]) expect(everything.includes(form)).toBe(false);
    expect(existsSync(join(profile, 'cache.db'))).toBe(true);
  });
});
