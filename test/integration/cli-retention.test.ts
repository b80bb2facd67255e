// Retention from the command line, as an admin does the job: against reference deployments of each dialect, with a way between on which answers get lost. What decides runs as a process; the rest calls the same entry in this one, which is quicker.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import type { CallName, CallOutput } from '#shared/contract.ts';
import type { PurgeRun } from '#shared/domain/retention-plan.ts';
import { run as runCli } from '../../electron/hosts/cli/run.ts';
import { configFor } from '../deployments/navi/config.ts';
import type { Dialect } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { pdfText } from '../support/pdf-text.ts';
import { temporaryFolder } from '../support/ports.ts';
import { startCli } from './cli-process.ts';
import type { Finished, Running } from './cli-process.ts';

const DAY_MS = 86_400_000;
const LONG = { timeout: 180_000 };
const folder = temporaryFolder('cli-retention');
const at = (name: string): string => join(folder.path, name);
const cleanups: (() => unknown)[] = [];

const begin = (profile: string, args: readonly string[], input?: string): Running => startCli(['--profile', at(profile), '--secrets', 'passphrase', ...args], { ...(input === undefined ? {} : { input }), env: { HOLDFAST_PASSPHRASE_FILE: at('passphrase') } });
const asProcess = (profile: string, ...args: string[]): Promise<Finished> => begin(profile, ['retention', ...args]).finished;

/** The same command line in this process. */
async function by(profile: string, ...args: string[]): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const code = await runCli(['--profile', at(profile), '--secrets', 'passphrase', ...args], {
    programDir: process.cwd(), onInterrupt: () => () => undefined,
    io: { stdin: Readable.from([]), stdout: { write: (text) => { stdout += text; } }, stderr: { write: (text) => { stderr += text; } }, env: { HOLDFAST_PASSPHRASE_FILE: at('passphrase') } },
  });
  return { code, stdout, stderr };
}
const retention = (...args: string[]): Promise<Finished> => by('profile', 'retention', ...args);

async function served<N extends CallName>(name: N, ...args: string[]): Promise<CallOutput<N>> {
  const { code, stdout, stderr } = await retention(...args, '--json');
  expect(code, stderr).toBe(0);
  return contract[name].output.parse(JSON.parse(stdout)) as CallOutput<N>;
}

/** Exit code and error code of a command that must fail; stderr is one JSON error. */
async function refused(...args: string[]): Promise<{ code: number | null; error: string; message: string; stdout: string }> {
  const { code, stdout, stderr } = await retention(...args, '--json');
  const error = JSON.parse(stderr) as Record<string, string>;
  expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'id']);
  return { code, error: error['code'] ?? '', message: error['message'] ?? '', stdout };
}

/** Ten rows of each age in days: sixty are older than 90. */
async function deployment(dialect: Dialect): Promise<NaviDeployment> {
  const server = await startNaviDeployment({ config: { ...configFor(dialect, ['rate-limit-inert']), retention: { isEnabled: true, days: 90 } }, seed: 5, events: 0 });
  cleanups.push(() => server.close());
  const nowMs = Date.now();
  let n = 0;
  for (const age of [200, 150, 120, 100, 95, 92, 60, 30, 10, 1]) {
    server.insertRows(Array.from({ length: 10 }, () => {
      n += 1;
      return { orgKey: 'acme', actorSub: `auth0|u${n % 3}`, actorEmail: null, route: n <= 10 ? `/api/\u001b[2J\u202e${n}` : `/api/plan/${n}`, method: 'POST', eventType: 'http.request', resourceId: null, payload: { n }, statusCode: 200, createdAtMicros: Math.round((nowMs - age * DAY_MS) * 1000) - n };
    }));
  }
  return server;
}

const tokenOf = (server: NaviDeployment): string => server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin', iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 86_400 });

async function add(name: string, url: string, { server, environment = 'staging', write = true }: { readonly server: NaviDeployment; readonly environment?: string; readonly write?: boolean }): Promise<void> {
  const added = await begin('profile', ['deployment', 'add', name, '--url', url, '--environment', environment, ...(write ? ['--read-write'] : []), '--token-stdin'], `${tokenOf(server)}\n`).finished;
  expect(added.code, added.stderr).toBe(0);
  const synced = await by('profile', 'audit', 'sync', name);
  expect(synced.code, synced.stderr).toBe(0);
}

const purgesAt = (server: NaviDeployment): number => server.requests.filter(({ method }) => method === 'POST').length;
const RUN = contract['retention.purge'].output;
const runOf = (stdout: string): PurgeRun & { readonly isWithinPlan?: boolean } => {
  const { isWithinPlan, ...run } = JSON.parse(stdout) as Record<string, unknown>;
  return { ...RUN.parse(run), isWithinPlan: isWithinPlan === true };
};
const settled = (stdout: string): PurgeRun => RUN.parse((JSON.parse(stdout) as { run: unknown }).run);

beforeAll(() => { writeFileSync(at('passphrase'), 'canary passphrase 2b8e61\n', { mode: 0o600 }); });
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
  folder.remove();
});

describe('dialect A, production: the whole job', () => {
  let server: NaviDeployment;
  beforeAll(async () => {
    server = await deployment('A');
    await add('Acme Prod', server.url, { server, environment: 'production', write: false });
  }, LONG.timeout);

  it('shows, previews and plans from the cache; asks nobody; spells out what a row holds', LONG, async () => {
    const before = server.requests.length;
    const shown = await served('retention.show', 'show', 'Acme Prod');
    expect(shown).toMatchObject({ policy: { state: 'on', days: 90, overdue: { rows: 60 } }, verdict: { state: 'not-deleting' }, ages: { rows: 100, pastCutoff: 60 }, purge: { state: 'offered' }, isReadOnly: true, plan: null, runs: [] });
    expect(await served('retention.preview', 'preview', 'Acme Prod')).toMatchObject({ days: 90, rows: 60, heldRows: 0, gaps: [] });
    expect(await served('retention.preview', 'preview', 'Acme Prod', '--days', '20')).toMatchObject({ days: 20, rows: 80 });
    for (const args of [['show', 'Acme Prod'], ['preview', 'Acme Prod']]) {
      const { code, stdout, stderr } = await retention(...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const hidden of ['\u001b', '\u202e']) expect(stdout.includes(hidden)).toBe(false);
    }
    const text = (await retention('show', 'Acme Prod')).stdout;
    for (const part of ['configured but not deleting', 'on, 90 days', '<- cutoff', 'in 7 days', 'read-only here', 'No legal hold was set.']) expect(text).toContain(part);
    expect((await retention('preview', 'Acme Prod')).stdout).toContain('EVERY organisation');
    expect(server.requests.length).toBe(before);
  });

  it('mistakes of the command line end with 2, and reach nobody', LONG, async () => {
    const before = server.requests.length;
    for (const args of [['preview', 'Acme Prod', '--days', '0'], ['preview', 'Acme Prod', '--days', '3651'], ['plan', 'Acme Prod'], ['plan', 'Acme Prod', '--out', `${folder.path}/`], ['purge', 'Acme Prod', '--plan', at('nothing')], ['schedule', 'Acme Prod', '--as', 'at'], ['schedule', 'Acme Prod', '--as', 'cron', '--workdir', 'here'],
      ['hold', 'add', 'Acme Prod', '--case', '$', '--owner', 'A', '--reason', 'because', '--review', '2027-01-01', '--query', 'x'], ['hold', 'add', 'Acme Prod', '--case', 'C', '--owner', 'A', '--reason', 'because', '--review', '2027-02-30', '--query', 'x'], ['hold', 'add', 'Acme Prod', '--case', 'C', '--owner', 'A', '--reason', 'because', '--review', '2027-01-01', '--query', 'since:24h']]) {
      const { code, stdout } = await retention(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    }
    const dated = await retention('hold', 'add', 'Acme Prod', '--case', 'C', '--owner', 'A', '--reason', 'because', '--review', '2027-02-30', '--query', 'x');
    expect(dated.stderr).toContain('--review must be a date that exists, as YYYY-MM-DD.');
    expect(await refused('show', 'Nobody')).toMatchObject({ code: 3, error: 'deployment_not_found' });
    expect(await refused('purge', 'Acme Prod', '--plan', at('nothing'), '--confirm', 'Acme Prod 60')).toMatchObject({ code: 3, error: 'file_not_found' });
    expect(server.requests.length).toBe(before);
  });

  it('a hold refuses the plan until it is released with a reason (R64)', LONG, async () => {
    expect(await served('retention.holdPreview', 'hold', 'preview', 'Acme Prod', '--query', 'actor:"auth0|u1" until:2200-01-01')).toMatchObject({ rows: 34, withoutPayload: 0, gaps: 0 });
    const hold = await served('retention.holdAdd', 'hold', 'add', 'Acme Prod', '--case', 'C-7', '--owner', 'Ann \u202e', '--reason', 'a claim', '--review', '2027-01-01', '--query', 'actor:"auth0|u1"');
    expect(hold).toMatchObject({ caseId: 'C-7', released: null, counts: { rows: 34, preserved: 34, withoutPayload: 0, due: 20 } });
    expect(await refused('plan', 'Acme Prod', '--out', at('held.json'))).toMatchObject({ code: 3, error: 'rows_held', stdout: '' });
    expect(existsSync(at('held.json'))).toBe(false);
    const listed = await retention('hold', 'list', 'Acme Prod');
    expect(listed.stdout).toContain('20 due now');
    expect(listed.stdout).not.toContain('\u202e');
    expect(await refused('hold', 'release', 'Acme Prod', 'C-8', '--reason', 'it is over')).toMatchObject({ code: 3, error: 'hold_not_found' });
    expect((await retention('hold', 'release', 'Acme Prod', 'C-7')).code).toBe(2);
    expect(await served('retention.holdRelease', 'hold', 'release', 'Acme Prod', 'C-7', '--reason', 'it is over')).toMatchObject({ id: hold.id, released: { reason: 'it is over' } });
    expect(await refused('hold', 'release', 'Acme Prod', hold.id, '--reason', 'it is over')).toMatchObject({ code: 3, error: 'hold_not_found' });
    expect((await served('retention.holdList', 'hold', 'list', 'Acme Prod')).holds.map(({ released }) => released !== null)).toEqual([true]);
  });

  it('plan, approval by a second profile, purge, proof, certificate; each step once (R65)', LONG, async () => {
    const planned = await asProcess('profile', 'plan', 'Acme Prod', '--out', at('plan.json'));
    expect(planned.code, planned.stderr).toBe(0);
    for (const part of ['Rows before it  60', 'with a second person\'s approval', 'without one', '--confirm \'Acme Prod 60\'']) expect(planned.stdout).toContain(part);
    const kept = readFileSync(at('plan.json'));
    expect(await refused('plan', 'Acme Prod', '--out', at('plan.json'))).toMatchObject({ code: 3, error: 'file_exists' });
    expect(readFileSync(at('plan.json')).equals(kept)).toBe(true);
    const plan = contract['retention.readPlan'].output.parse(JSON.parse(kept.toString('utf8')));
    const purge = (file: string, confirm: string, ...more: string[]): string[] => ['purge', 'Acme Prod', '--plan', at(file), '--confirm', confirm, ...more];

    // Planning works read-only; carrying out does not.
    expect(await refused(...purge('plan.json', 'Acme Prod 60'))).toMatchObject({ code: 3, error: 'read_only' });
    expect((await by('profile', 'deployment', 'access', 'Acme Prod', '--read-write')).code).toBe(0);
    expect(await refused(...purge('plan.json', 'Acme Prod 60'))).toMatchObject({ code: 3, error: 'approval_refused' });
    expect(await refused(...purge('plan.json', 'Acme Prod 61'))).toMatchObject({ code: 3, error: 'confirmation_mismatch' });
    expect(await refused(...purge('plan.json', 'acme prod 60'))).toMatchObject({ code: 3, error: 'confirmation_mismatch' });

    // A file that was changed, one that is another thing, and a plan that nobody here made.
    writeFileSync(at('altered.json'), kept.toString('utf8').replace('"rows": 60', '"rows": 59'));
    expect(await refused(...purge('altered.json', 'Acme Prod 59'))).toMatchObject({ code: 3, error: 'plan_damaged' });
    expect(await refused(...purge('passphrase', 'Acme Prod 60'))).toMatchObject({ code: 3, error: 'unknown_format', message: 'passphrase is no purge plan of Holdfast: its content is not JSON as it was written.' });
    expect(await refused('approve', at('plan.json'), '--out', at('own.json'))).toMatchObject({ code: 3, error: 'approval_refused' });
    expect(existsSync(at('own.json'))).toBe(false);
    await begin('second', ['deployment', 'add', 'Acme Prod', '--url', server.url, '--environment', 'production', '--read-write', '--token-stdin'], `${tokenOf(server)}\n`).finished;
    expect((await by('second', 'deployment', 'test', 'Acme Prod')).code).toBe(0);
    const foreign = await by('second', 'retention', 'purge', 'Acme Prod', '--plan', at('plan.json'), '--confirm', 'Acme Prod 60');
    expect(foreign).toMatchObject({ code: 3, stderr: expect.stringContaining('There is no such plan') as string });

    // The other person looks first, then signs.
    const looked = await by('second', 'retention', 'approve', at('plan.json'));
    expect(looked.code, looked.stderr).toBe(0);
    expect(looked.stdout).toContain('Nothing was signed');
    expect((await by('second', 'retention', 'approve', at('altered.json'), '--out', at('no.json'))).code).toBe(3);
    const signed = await asProcess('second', 'approve', at('plan.json'), '--out', at('approval.json'), '--by', 'Ben', '--note', 'seen', '--json');
    expect(signed.code, signed.stderr).toBe(0);
    expect(JSON.parse(signed.stdout)).toMatchObject({ plan: { digest: plan.digest }, approval: { approvedBy: 'Ben', note: 'seen', rows: 60 }, file: { path: at('approval.json'), sha256: createHash('sha256').update(readFileSync(at('approval.json'))).digest('hex') } });
    writeFileSync(at('forged.json'), readFileSync(at('approval.json'), 'utf8').replace('"Ben"', '"Eve"'));
    expect(await refused(...purge('plan.json', 'Acme Prod 60', '--approval', at('forged.json')))).toMatchObject({ code: 3, error: 'approval_refused' });
    expect(purgesAt(server)).toBe(0);

    const done = await asProcess('profile', ...purge('plan.json', 'Acme Prod 60', '--approval', at('approval.json')), '--json');
    expect(done.code, done.stderr).toBe(0);
    const run = runOf(done.stdout);
    expect(run).toMatchObject({ state: 'answered', planned: 60, deleted: 60, approvedBy: 'Ben', planDigest: plan.digest, isWithinPlan: true });
    // The deployment noted the purge itself in its log.
    expect([server.rowCount(), purgesAt(server)]).toEqual([41, 1]);
    expect(await refused(...purge('plan.json', 'Acme Prod 60', '--approval', at('approval.json')))).toMatchObject({ code: 3, error: 'plan_expired' });
    expect(purgesAt(server)).toBe(1);

    const proof = await served('retention.verify', 'verify', 'Acme Prod', '--run', run.id);
    expect(proof).toMatchObject({ outcome: 'holds', purge: { run: { id: run.id }, approval: { approvedBy: 'Ben' } }, counts: { before: 60, after: 0, gone: 60 } });
    const written = await served('retention.writeCertificate', 'certificate', proof.id, '--out', at('certificate.json'));
    expect(written.sha256).toBe(createHash('sha256').update(readFileSync(at('certificate.json'))).digest('hex'));
    expect(await served('retention.readCertificate', 'check', at('certificate.json'))).toMatchObject({ isValid: true, signer: 'self', certificate: proof });
    const elsewhere = await asProcess('second', 'check', at('certificate.json'), '--json');
    expect(elsewhere.code).toBe(3);
    expect(contract['retention.readCertificate'].output.parse(JSON.parse(elsewhere.stdout))).toMatchObject({ isValid: true, signer: 'unknown', certificate: proof });
    expect(elsewhere.stderr).toContain('nobody here vouched for the key');
    writeFileSync(at('altered.json'), readFileSync(at('certificate.json'), 'utf8').replace('"deleted": 60', '"deleted": 61'));
    const altered = await refused('check', at('altered.json'));
    expect(altered).toMatchObject({ code: 3, error: 'retention_unproven', message: expect.stringContaining('is not as it was signed') as string });
    expect(contract['retention.readCertificate'].output.parse(JSON.parse(altered.stdout))).toMatchObject({ isValid: false, certificate: null });
    expect(await refused('check', at('plan.json'))).toMatchObject({ code: 3, error: 'unknown_format' });
    expect((await asProcess('profile', 'certificate', proof.id, '--out', at('certificate.pdf'))).code).toBe(0);
    expect(pdfText(readFileSync(at('certificate.pdf')))).toContain(proof.id);
    expect(await refused('certificate', proof.id, '--out', at('certificate.pdf'))).toMatchObject({ code: 3, error: 'file_exists' });
    expect((await retention('certificate', proof.id, '--out', at('certificate.pdf'), '--overwrite')).code).toBe(0);
    expect(await refused('certificate', proof.id, '--out', at('certificate.txt'))).toMatchObject({ code: 3, error: 'unknown_format' });
    expect(await refused('certificate', 'c_0', '--out', at('none.json'))).toMatchObject({ code: 3, error: 'certificate_not_found' });
    const shown = await retention('show', 'Acme Prod');
    for (const part of [run.id, 'answered', proof.id]) expect(shown.stdout).toContain(part);
    expect((await retention('settle', 'Acme Prod')).code).toBe(0);
    expect((await by('profile', 'ledger', 'verify')).code).toBe(0);
  });

  it('fails where a row that should be there is gone, and where an old one is still there', LONG, async () => {
    server.insertRows([{ orgKey: 'acme', actorSub: 'auth0|late', actorEmail: null, route: '/api/old', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200, createdAtMicros: Math.round((Date.now() - 120 * DAY_MS) * 1000) }]);
    const { code, error, message, stdout } = await refused('verify', 'Acme Prod');
    expect({ code, error }).toEqual({ code: 3, error: 'retention_unproven' });
    expect(message).toContain('still there');
    expect(contract['retention.verify'].output.parse(JSON.parse(stdout)).outcome).toBe('fails');
  });
});

/** A way to a deployment on which the answer to a purge may get lost. */
async function lossyWay(server: NaviDeployment): Promise<{ url: string; mode: 'through' | 'lost-after' | 'lost-before' | 'silent' | 'fewer'; onPurge: () => void }> {
  const way = { url: '', mode: 'through' as 'through' | 'lost-after' | 'lost-before' | 'silent' | 'fewer', onPurge: () => undefined as void };
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse, isAnswered: boolean): void => {
    const on = request(new URL(incoming.url ?? '/', server.url), { method: incoming.method, headers: incoming.headers }, (answer) => {
      if (isAnswered) {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      } else answer.resume().on('end', () => outgoing.socket?.destroy());
    });
    incoming.pipe(on);
  };
  const front = createServer((incoming, outgoing) => {
    if (incoming.method !== 'POST' || way.mode === 'through') {
      pass(incoming, outgoing, true);
      return;
    }
    way.onPurge();
    if (way.mode === 'lost-after') pass(incoming, outgoing, false);
    else if (way.mode === 'lost-before') outgoing.socket?.destroy();
    else if (way.mode === 'fewer') outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ deleted: 3, cutoff: new Date(Date.now() - 90 * DAY_MS).toISOString() }));
  });
  await new Promise<void>((resolve) => { front.listen(0, '127.0.0.1', resolve); });
  cleanups.push(() => { front.closeAllConnections(); return new Promise((resolve) => { front.close(resolve); }); });
  way.url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  return way;
}

describe('dialect A: an answer that does not come, or is not what was planned', () => {
  it('lost after the deed: unknown, nothing more is sent, and looking settles it (R63)', LONG, async () => {
    const server = await deployment('A');
    const way = await lossyWay(server);
    await add('lost', way.url, { server });
    expect((await retention('plan', 'lost', '--out', at('lost.json'))).code).toBe(0);
    way.mode = 'lost-after';
    const lost = await refused('purge', 'lost', '--plan', at('lost.json'), '--confirm', 'lost 60');
    expect(lost).toMatchObject({ code: 3, error: 'purge_unsettled' });
    expect(runOf(lost.stdout)).toMatchObject({ state: 'unknown', deleted: null, isWithinPlan: false });
    way.mode = 'through';
    expect((await retention('show', 'lost')).stdout).toContain('holdfast retention settle lost');
    expect((await retention('plan', 'lost', '--out', at('lost.json'), '--overwrite')).code).toBe(0);
    const { preview: { rows } } = contract['retention.readPlan'].output.parse(JSON.parse(readFileSync(at('lost.json'), 'utf8')));
    expect(await refused('purge', 'lost', '--plan', at('lost.json'), '--confirm', `lost ${rows}`)).toMatchObject({ code: 3, error: 'purge_unsettled', stdout: '' });
    expect(purgesAt(server)).toBe(1);
    const { code, stdout, stderr } = await asProcess('profile', 'settle', 'lost', '--json');
    expect(code, stderr).toBe(0);
    expect(settled(stdout)).toMatchObject({ state: 'found-done', deleted: null });
    expect([purgesAt(server), server.rowCount()]).toEqual([1, 41]);
  });

  it('lost before the deed: looking at once proves nothing, because it may still be at work', LONG, async () => {
    const server = await deployment('A');
    const way = await lossyWay(server);
    await add('early', way.url, { server });
    expect((await retention('plan', 'early', '--out', at('early.json'))).code).toBe(0);
    way.mode = 'lost-before';
    expect(await refused('purge', 'early', '--plan', at('early.json'), '--confirm', 'early 60')).toMatchObject({ code: 3, error: 'purge_unsettled' });
    const again = await refused('settle', 'early');
    expect(again).toMatchObject({ code: 3, error: 'purge_unsettled' });
    expect(settled(again.stdout)).toMatchObject({ state: 'unknown' });
    expect([purgesAt(server), server.rowCount()]).toEqual([0, 100]);
  });

  it.skipIf(process.platform === 'win32')('Ctrl-C and kill -9 while it is asked leave it unknown', LONG, async () => {
    const server = await deployment('A');
    const way = await lossyWay(server);
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const name = signal.toLowerCase();
      way.mode = 'through';
      await add(name, way.url, { server });
      expect((await retention('plan', name, '--out', at(`${name}.json`))).code).toBe(0);
      way.mode = 'silent';
      const { child, finished } = begin('profile', ['retention', 'purge', name, '--plan', at(`${name}.json`), '--confirm', `${name} 60`, '--json']);
      way.onPurge = () => { child.kill(signal); };
      const { code, stdout } = await finished;
      expect(code).toBe(signal === 'SIGINT' ? 3 : null);
      if (signal === 'SIGINT') expect(runOf(stdout)).toMatchObject({ state: 'unknown' });
      const { runs } = await served('retention.show', 'show', name);
      // Who only reads cannot tell a killed holder from one at work.
      expect(runs.map(({ state }) => state)).toEqual([signal === 'SIGINT' ? 'unknown' : 'requested']);
      expect((await retention('show', name)).stdout).toContain(`holdfast retention settle ${name}`);
      expect(await refused('settle', name)).toMatchObject({ code: 3, error: 'purge_unsettled' });
      expect(server.rowCount()).toBe(100);
    }
    expect((await by('profile', 'ledger', 'verify')).code).toBe(0);
  });

  it('a count outside of the plan is no success', LONG, async () => {
    const server = await deployment('A');
    const way = await lossyWay(server);
    await add('fewer', way.url, { server });
    expect((await retention('plan', 'fewer', '--out', at('fewer.json'))).code).toBe(0);
    way.mode = 'fewer';
    const few = await refused('purge', 'fewer', '--plan', at('fewer.json'), '--confirm', 'fewer 60');
    expect(few).toMatchObject({ code: 3, error: 'purge_off_plan' });
    expect(runOf(few.stdout)).toMatchObject({ state: 'answered', deleted: 3, isWithinPlan: false });
  });

  it('a plan that was dropped, and one whose rows changed, are not carried out', LONG, async () => {
    const server = await deployment('A');
    await add('change', server.url, { server });
    expect((await retention('plan', 'change', '--out', at('change.json'))).code).toBe(0);
    // A file that cannot be written makes no plan that would take the place of this one.
    const { id: open } = JSON.parse(readFileSync(at('change.json'), 'utf8')) as { id: string };
    expect(await refused('plan', 'change', '--out', at('no-such-folder/change.json'))).toMatchObject({ code: 3, error: 'file_unwritable' });
    expect((await served('retention.show', 'show', 'change')).plan?.id).toBe(open);
    expect((await retention('drop', 'change')).code).toBe(0);
    expect(await refused('drop', 'change')).toMatchObject({ code: 3, error: 'plan_expired' });
    expect(await refused('purge', 'change', '--plan', at('change.json'), '--confirm', 'change 60')).toMatchObject({ code: 3, error: 'plan_expired' });
    expect((await retention('plan', 'change', '--out', at('change.json'), '--overwrite')).code).toBe(0);
    server.insertRows([{ orgKey: 'acme', actorSub: 'auth0|late', actorEmail: null, route: '/api/old', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200, createdAtMicros: Math.round((Date.now() - 120 * DAY_MS) * 1000) }]);
    expect(await refused('purge', 'change', '--plan', at('change.json'), '--confirm', 'change 60')).toMatchObject({ code: 3, error: 'plan_changed' });
    expect(purgesAt(server)).toBe(0);
  });
});

describe.each(['C0', 'C1'] as const)('dialect %s: no route to purge', (dialect) => {
  const name = `no route ${dialect}`;
  let server: NaviDeployment;
  beforeAll(async () => {
    server = await deployment(dialect);
    await add(name, server.url, { server });
  }, LONG.timeout);

  it('shows and counts, refuses to plan, proves only what it can, also with nobody there', LONG, async () => {
    const shown = await served('retention.show', 'show', name);
    expect(shown.purge.state).toBe('not-offered');
    expect(await refused('plan', name, '--out', at(`${dialect}.json`))).toMatchObject({ code: 3, error: 'not_offered' });
    expect(existsSync(at(`${dialect}.json`))).toBe(false);
    const verified = await refused('verify', name);
    expect(verified).toMatchObject({ code: 3, error: 'retention_unproven' });
    expect(contract['retention.verify'].output.parse(JSON.parse(verified.stdout)).outcome).not.toBe('holds');
    expect(purgesAt(server)).toBe(0);
    await server.close();
    expect((await served('retention.show', 'show', name)).ages).toEqual({ ...shown.ages, bars: expect.any(Array) as unknown });
    expect((await served('retention.preview', 'preview', name, '--days', '90')).rows).toBe(60);
    expect((await retention('settle', name)).stdout).toContain('nothing is to be settled');
    const silent = await refused('verify', name);
    expect({ code: silent.code, stdout: silent.stdout }).toEqual({ code: 3, stdout: '' });
  });
});

describe('schedules', () => {
  beforeAll(async () => { await by('profile', 'deployment', 'add', 'sched', '--url', 'http://127.0.0.1:9'); }, LONG.timeout);

  it.each(['cron', 'systemd', 'kubernetes'])('%s: placeholders are refused by lint; with what the console cannot know there is no error', LONG, async (kind) => {
    const open = await retention('schedule', 'sched', '--as', kind, '--out', at(`open-${kind}`), '--json');
    expect(open.code, open.stderr).toBe(0);
    const { written, ...made } = JSON.parse(open.stdout) as { written: string[]; placeholders: string[]; files: { text: string }[] };
    expect(contract['retention.schedule'].output.parse(made).placeholders.length).toBeGreaterThan(0);
    expect(written.map((path) => readFileSync(path, 'utf8'))).toEqual(made.files.map(({ text }) => text));
    const faulty = await Promise.all(written.map((path) => retention('lint', path)));
    expect(faulty.some(({ code, stdout }) => code === 3 && stdout.includes('placeholder'))).toBe(true);
    expect(await refused('schedule', 'sched', '--as', kind, '--out', at(`open-${kind}`))).toMatchObject({ code: 3, error: 'file_exists' });

    const whole = ['--workdir', '/srv/navi', '--python', '/srv/navi/bin/python', ...(kind === 'kubernetes' ? ['--image', 'images.example.com/navi:1.2', '--namespace', 'navi'] : [])];
    const filled = await retention('schedule', 'sched', '--as', kind, ...whole, '--out', at(`open-${kind}`), '--overwrite');
    expect(filled.code, filled.stderr).toBe(0);
    expect(readdirSync(at(`open-${kind}`)).map((name) => join(at(`open-${kind}`), name)).toSorted()).toEqual(written.toSorted());
    for (const path of written) {
      const { code, stdout } = await retention('lint', path);
      expect({ path, code, stdout }).toEqual({ path, code: 0, stdout: expect.stringContaining('Only its machine can tell the rest') as string });
    }
    expect((await retention('schedule', 'sched', '--as', kind, ...whole)).stdout).toContain('purge_audit_logs.py');
  });

  it('lints from stdin, also where no secret store can be opened, and says what cannot be read', LONG, async () => {
    const linted = await startCli(['retention', 'lint', '-', '--profile', at('none'), '--secrets', 'keychain', '--json'], { input: '0 3 * * * cd /srv/navi && make audit-purge\n', env: { DBUS_SESSION_BUS_ADDRESS: '' } }).finished;
    expect(linted.code).toBe(3);
    const report = contract['retention.lint'].output.parse(JSON.parse(linted.stdout));
    expect(report).toMatchObject({ kind: 'cron' });
    expect(report.problems.some(({ level }) => level === 'error')).toBe(true);
    expect(JSON.parse(linted.stderr)).toMatchObject({ code: 'schedule_faulty' });
    expect((await begin('profile', ['retention', 'lint', '-'], 'x'.repeat(262_145)).finished).code).toBe(2);
    mkdirSync(at('folder'), { recursive: true });
    writeFileSync(at('big'), 'x'.repeat(262_145));
    writeFileSync(at('bytes'), Buffer.from([0xff, 0xfe]));
    for (const [name, error] of [['folder', 'file_unreadable'], ['big', 'too_large'], ['bytes', 'file_unreadable'], ['missing', 'file_not_found']] as const) expect(await refused('lint', at(name))).toMatchObject({ code: 3, error, stdout: '' });
  });
});

describe('the console\'s own retention', () => {
  it('says what would go, asks for it in words, and removes no row that is not named', LONG, async () => {
    const server = await deployment('C1');
    await add('own', server.url, { server });
    expect(await served('retention.ownPolicy', 'own')).toEqual({ rowDays: null, exportDays: null, reportDays: null });
    expect((await retention('own', '--set-rows', '0')).code).toBe(2);
    expect(await served('retention.setOwnPolicy', 'own', '--set-rows', '110', '--set-reports', '30')).toEqual({ rowDays: 110, exportDays: null, reportDays: 30 });
    expect(await served('retention.setOwnPolicy', 'own', '--set-reports', 'keep')).toEqual({ rowDays: 110, exportDays: null, reportDays: null });
    const { stdout } = await retention('own', 'preview', '--json');
    const { confirm, rows } = JSON.parse(stdout) as { confirm: string; rows: { due: number } };
    expect(rows.due).toBeGreaterThanOrEqual(30);
    expect(await refused('own', 'purge', '--confirm', '1 row, 0 files')).toMatchObject({ code: 3, error: 'confirmation_mismatch' });
    expect(await served('retention.ownPurge', 'own', 'purge', '--confirm', confirm)).toMatchObject({ rowsRemoved: rows.due });
    expect((await served('retention.show', 'show', 'own')).ages.rows).toBe(70);
    expect((await by('profile', 'audit', 'verify', 'own')).code).toBe(0);
    expect(server.rowCount()).toBe(100);
  });
});
