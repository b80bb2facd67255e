// Where the output of the command line goes: a reader that leaves, a disk that is full, a terminal that must not be acted on by what a row holds.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { temporaryFolder } from '../support/ports.ts';
import { CLI_ENVIRONMENT, startCli } from './cli-process.ts';
import type { Running } from './cli-process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder('cli-output');
const env = { HOLDFAST_PASSPHRASE_FILE: `${folder.path}/passphrase` };
const common = ['--profile', `${folder.path}/profile`, '--secrets', 'passphrase'];
let server: NaviDeployment;

const holdfast = (args: readonly string[], input?: string): Running => startCli([...common, ...args], { ...(input === undefined ? {} : { input }), env });
const row = (route: string, actorEmail: string | null = null) => ({ orgKey: 'acme', actorSub: 'auth0|a', actorEmail, route, method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 201, createdAtMicros: Date.now() * 1000 });

beforeAll(async () => {
  writeFileSync(env.HOLDFAST_PASSPHRASE_FILE, 'canary passphrase 7d2f91\n', { mode: 0o600 });
  server = await startNaviDeployment({ config: configFor('C1', ['rate-limit-inert']), seed: 7, events: 2400 });
  server.insertRows([row('/api/\u001b[2J\u001b]0;title\u0007red'), row('/api/\u202egnp\u200b', '日本語@acme.example'), row('/api/plain', '👩‍👩‍👧@acme.example')]);
  const token = server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' });
  await holdfast(['deployment', 'add', 'Acme', '--url', server.url, '--token-stdin'], `${token}\n`).finished;
  await holdfast(['audit', 'sync', 'Acme']).finished;
}, 60_000);
afterAll(async () => {
  await server.close();
  folder.remove();
});

describe('a reader that leaves', { timeout: 60_000 }, () => {
  it.each([['audit', 'list', 'Acme', '--limit', '100000', '--json'], ['audit', 'search', 'Acme', '--format', 'jsonl', '--limit', '100000'], ['audit', 'search', 'Acme', '--limit', '100000']])('ends %s %s %s %s %s quietly', async (...args) => {
    const { child, finished } = holdfast(args);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { stderr, code } = await finished;
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });

  it('ends a tail, which would follow for ever', async () => {
    const { child, finished } = holdfast(['audit', 'tail', 'Acme']);
    const before = server.requests.length;
    while (server.requests.length === before && child.exitCode === null) await new Promise((resolve) => { setTimeout(resolve, 50); });
    server.insertRows([row('/api/first')]);
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    const more = setInterval(() => { server.insertRows([row('/api/more')]); }, 500);
    const { stderr, code } = await finished;
    clearInterval(more);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });
});

describe.skipIf(!existsSync('/dev/full'))('a disk that is full', { timeout: 60_000 }, () => {
  it.each([['audit', 'search', 'Acme', '--format', 'jsonl', '--limit', '100000'], ['audit', 'count', 'Acme'], ['help']])('is an expected failure of %s %s %s, told in one sentence', async (...args) => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, ['electron/hosts/cli/main.ts', ...common, ...args], { cwd: ROOT, env: { ...CLI_ENVIRONMENT, HOME: folder.path, ...env }, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { said += text; });
    const [code] = await once(child, 'close') as [number | null];
    expect(code).toBe(3);
    expect(said).toMatch(/^holdfast: The output could not be written whole: the disk is full\. What was done until then is kept\.\n.+\n\(disk_full, [0-9a-f-]{36}\)\n$/);
  });
});

describe('what a row holds', { timeout: 60_000 }, () => {
  it('acts on no terminal, in a table or as JSON', async () => {
    for (const args of [['audit', 'list', 'Acme', '--limit', '60'], ['audit', 'search', 'Acme', '--limit', '60', '--format', 'json'], ['audit', 'search', 'Acme', '--limit', '60', '--format', 'jsonl'], ['audit', 'count', 'Acme', '--by', 'route'], ['audit', 'list', 'Acme', '--limit', '60', '--json']]) {
      const { stdout, code } = await holdfast(args).finished;
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/[\p{Cc}--\n]|[\u202a-\u202e\u2066-\u2069\u200b]/v);
      expect(stdout).toContain('title');
    }
  });
});
