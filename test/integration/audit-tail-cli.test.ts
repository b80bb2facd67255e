// The commands audit sync, audit coverage and audit tail as a script would run them: real processes against the reference deployment.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { auditEvent } from '#shared/domain/audit-event.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { temporaryFolder } from '../support/ports.ts';
import { startCli } from './cli-process.ts';
import type { Finished, Running } from './cli-process.ts';

const folder = temporaryFolder('audit-tail-cli');
let server: NaviDeployment;
let synced: Finished;

function holdfast(args: readonly string[], input?: string): Running {
  return startCli(['--profile', `${folder.path}/profile`, '--secrets', 'passphrase', ...args], { ...(input === undefined ? {} : { input }), env: { HOLDFAST_PASSPHRASE_FILE: `${folder.path}/passphrase` } });
}

beforeAll(async () => {
  writeFileSync(`${folder.path}/passphrase`, 'canary passphrase 7d2f91\n', { mode: 0o600 });
  server = await startNaviDeployment({ config: configFor('C1', ['rate-limit-inert']), seed: 7, events: 120 });
  const token = server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin' });
  await holdfast(['deployment', 'add', 'Acme', '--url', server.url, '--token-stdin'], `${token}\n`).finished;
  synced = await holdfast(['audit', 'sync', 'Acme']).finished;
}, 60_000);
afterAll(() => {
  folder.remove();
});

it('audit sync says what came, and that it is complete', () => {
  expect(synced.code).toBe(0);
  expect(synced.stdout).toMatch(/^Complete as of .*: 120 new events, /);
});

describe('audit coverage', () => {
  it('shows the map as a table, and as the contract\'s document with --json', async () => {
    const text = await holdfast(['audit', 'coverage', 'Acme']).finished;
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^FROM \(UTC\) +TO \(UTC\) +STATE/);
    expect(text.stdout).toMatch(/the beginning .*complete/);
    const { stdout } = await holdfast(['audit', 'coverage', 'Acme', '--json']).finished;
    expect(contract['audit.coverage'].output.parse(JSON.parse(stdout)).segments.at(-1)).toMatchObject({ to: null, state: 'unread' });
  });
});

describe('audit tail', () => {
  it('prints events as they come, one JSON document a line, until Ctrl-C, and ends with 0', async () => {
    const { child, finished } = holdfast(['audit', 'tail', 'Acme', '--json']);
    const before = server.requests.length;
    // It follows as soon as it has asked.
    while (server.requests.length === before && child.exitCode === null) await new Promise((resolve) => { setTimeout(resolve, 50); });
    const [id] = server.insertRows([{ orgKey: 'acme', actorSub: 'auth0|a', actorEmail: null, route: '/api/\u001b[31mred', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 201, createdAtMicros: Date.now() * 1000 }]);
    const [chunk] = await once(child.stdout ?? child, 'data') as [string];
    expect(auditEvent.parse(JSON.parse(chunk.split('\n')[0] ?? ''))).toMatchObject({ id, statusCode: 201 });
    expect(chunk).not.toContain('\u001b');
    child.kill('SIGINT');
    const { code, stdout } = await finished;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
  }, 60_000);
  it('prints one line of text for each event without --json', async () => {
    const { child, finished } = holdfast(['audit', 'tail', 'Acme']);
    const before = server.requests.length;
    while (server.requests.length === before && child.exitCode === null) await new Promise((resolve) => { setTimeout(resolve, 50); });
    server.insertRows([{ orgKey: 'acme', actorSub: 'auth0|a', actorEmail: 'a@acme.example', route: '/api/plan', method: 'POST', eventType: 'http.request', resourceId: null, payload: {}, statusCode: 200, createdAtMicros: Date.now() * 1000 }]);
    const [chunk] = await once(child.stdout ?? child, 'data') as [string];
    expect(chunk).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 200 POST \/api\/plan a@acme\.example acme http\.request #\d+\n$/);
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
  }, 60_000);
  it('ends by its error when the deployment cannot be reached', async () => {
    await server.close();
    const { code, stdout, stderr } = await holdfast(['audit', 'tail', 'Acme', '--json']).finished;
    expect([code, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'connection_refused' });
  }, 60_000);
});
