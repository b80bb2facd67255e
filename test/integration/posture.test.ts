// The posture through the whole core, against the reference deployments: looks, snapshots, exceptions, statements, consents, baselines, and all of it offline.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '#core/app.ts';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { judgeGate } from '#shared/domain/posture-gate.ts';
import { configFor as karenConfig } from '../deployments/karen/config.ts';
import { startKarenDeployment } from '../deployments/karen/server.ts';
import { configFor } from '../deployments/navi/config.ts';
import type { StateName } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import { code, value } from '../support/calls.ts';
import { keptLog, temporaryFolder, testPorts } from '../support/ports.ts';
import { fastClock } from '../support/prober-bench.ts';

const log = keptLog();
const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

async function setUp({ states = [], environment = 'staging' }: { readonly states?: readonly StateName[]; readonly environment?: 'staging' | 'production' } = {}) {
  const folder = temporaryFolder('posture');
  cleanups.push(folder.remove);
  const clock = fastClock();
  const server = await startNaviDeployment({ config: configFor('C1', states), seed: 7, events: 60, now: () => new Date(clock.now()) });
  cleanups.push(() => server.close());
  const app = await createApp(testPorts(`${folder.path}/profile`, { log, clock, /* A clock that runs fast makes any pause of this process look like sleep, which locks a window. */ host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
  cleanups.push(() => app.close());
  const iat = Math.floor(clock.now() / 1000);
  const { id } = await value(app, 'deployment.add', { name: 'acme', url: server.url, kind: 'navi', environment, token: server.signToken({ sub: 'auth0|admin1', org_id: 'acme', role: 'admin', iat, exp: iat + 864_000 }) });
  return { folder, server, app, id, clock };
}

const stateOf = (checks: readonly SecurityCheck[], id: string): string => checks.find((check) => check.id === id)?.state ?? 'absent';
const known = (checks: readonly SecurityCheck[], state: SecurityCheck['state']): SecurityCheck => {
  const found = checks.find((check) => check.state === state);
  if (found === undefined) throw new Error(`no check is ${state}`);
  return found;
};

describe('a look', () => {
  it('turns nothing into a pass before it, keeps a snapshot after it, and shows the same offline with its age', async () => {
    const { app, id, server } = await setUp();
    const before = await value(app, 'security.show', { deploymentId: id });
    expect(before.counts.pass).toBe(0);
    expect(before).toMatchObject({ snapshotId: null, observedAt: null, baseline: { kind: 'navi', origin: 'shipped' } });
    expect(before.checks.length).toBeGreaterThanOrEqual(30);

    const seen = await value(app, 'security.scan', { deploymentId: id });
    expect(seen.counts.pass).toBeGreaterThan(5);
    expect(seen.summary).toBe(`${seen.counts.pass + seen.counts.fail} of ${seen.checks.length - seen.counts['not-applicable']} known and fresh: ${seen.counts.pass} pass, ${seen.counts.fail} fail`);
    expect(seen.lastFailure).toBeNull();
    for (const check of seen.checks.filter(({ state }) => state === 'pass')) expect(check.evidence.length, check.id).toBeGreaterThan(0);

    await server.close();
    // A line that was kept open may be seen to end first.
    const failure = await code(app, 'security.scan', { deploymentId: id });
    expect(['connection_refused', 'connection_reset']).toContain(failure);
    const offline = await value(app, 'security.show', { deploymentId: id });
    expect(offline.checks.map(({ state }) => state)).toEqual(seen.checks.map(({ state }) => state));
    expect(['connection_refused', 'connection_reset']).toContain(offline.lastFailure?.code);
    // A look that reached nobody is no snapshot; an evaluation of the cache is one.
    expect((await value(app, 'security.history', { deploymentId: id })).snapshots).toHaveLength(1);
    await value(app, 'security.scan', { deploymentId: id, isOffline: true });
    expect((await value(app, 'security.history', { deploymentId: id })).snapshots).toHaveLength(2);
  });

  it('finds a deployment without authentication, whatever it declares', async () => {
    const { app, id } = await setUp({ states: ['jwt-off'] });
    const { checks } = await value(app, 'security.scan', { deploymentId: id });
    const critical = checks.filter((check) => check.severity === 'critical' && check.state === 'fail');
    expect(critical.length).toBeGreaterThan(0);
    expect(judgeGate(checks, { allowUnknown: true }).passes).toBe(false);
  });

  it('in production sends no probe before it is allowed, and says so; a consent is in the ledger', async () => {
    const { app, id, server } = await setUp({ environment: 'production' });
    const plan = await value(app, 'security.plan', { deploymentId: id });
    expect(plan.probes.length).toBeGreaterThan(10);
    expect(plan.probes.filter(({ willRun }) => willRun)).toEqual([]);
    const from = server.requests.length;
    const first = await value(app, 'security.scan', { deploymentId: id });
    expect(server.requests.slice(from).map(({ url }) => url)).toEqual(['/api/admin/security/status']);
    expect(first.checks.some((check) => check.reason.includes('Probes are switched off'))).toBe(true);

    const allowed = await value(app, 'security.setConsent', { deploymentId: id, consent: 'probes', isAllowed: true });
    expect(allowed.probes.filter(({ willRun }) => willRun).length).toBeGreaterThan(10);
    expect(allowed.probes.filter(({ consent }) => consent !== 'probes').some(({ willRun }) => willRun)).toBe(false);
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'security.consent', subject: 'probes', outcome: 'allowed' });
    const second = await value(app, 'security.scan', { deploymentId: id });
    expect(second.counts.unknown).toBeLessThan(first.counts.unknown);
  });
});

describe('what an admin adds', () => {
  it('an exception is accepted until its day and fails after it; it needs an owner, a reason and a day to come', async () => {
    const { app, id, folder } = await setUp();
    const { checks, counts } = await value(app, 'security.scan', { deploymentId: id });
    const failing = known(checks, 'fail');
    const given = { deploymentId: id, checkId: failing.id, owner: 'A. Owner', reason: 'Mended with the next release', until: '2026-12-31' };
    expect(await code(app, 'security.except', { ...given, until: '2026-11-21' })).toBe('invalid_input');
    expect(await code(app, 'security.except', { ...given, owner: ' ' })).toBe('invalid_input');
    expect(await code(app, 'security.except', { ...given, checkId: 'no.such-check' })).toBe('check_not_found');
    await value(app, 'security.except', given);
    const accepted = await value(app, 'security.show', { deploymentId: id });
    expect(accepted.counts).toMatchObject({ fail: counts.fail - 1, accepted: 1 });
    expect(accepted.summary).toContain('1 accepted');
    expect(accepted.checks.find((check) => check.id === failing.id)).toMatchObject({ state: 'fail', exception: { owner: 'A. Owner', until: '2026-12-31', isExpired: false } });
    expect((await value(app, 'security.endException', { deploymentId: id, checkId: failing.id, reason: 'mended' })).ended).toBe(1);
    expect((await value(app, 'security.show', { deploymentId: id })).counts).toEqual(counts);

    await value(app, 'security.except', { ...given, until: '2026-11-22' });
    expect((await value(app, 'security.show', { deploymentId: id })).counts).toMatchObject({ fail: counts.fail - 1, accepted: 1 });
    await app.close();
    const tomorrow = await createApp(testPorts(`${folder.path}/profile`, { log, clock: fastClock(Date.UTC(2026, 10, 23, 0, 1)), host: 'cli' }), { version: 'test', secrets: { store: 'keychain', passphrase: null } });
    cleanups.push(() => tomorrow.close());
    const expired = await value(tomorrow, 'security.show', { deploymentId: id });
    expect(expired.counts).toMatchObject({ accepted: 0 });
    expect(expired.checks.find((check) => check.id === failing.id)).toMatchObject({ state: 'fail', exception: { isExpired: true } });
  });

  it('a statement is kept with who, when and the file; a file that is no configuration needs one', async () => {
    const { app, id, folder } = await setUp();
    const path = join(folder.path, 'minutes.txt');
    writeFileSync(path, 'what was decided');
    const { checks } = await value(app, 'security.show', { deploymentId: id });
    const checkId = checks[0]?.id ?? '';
    expect(await code(app, 'security.addEvidence', { deploymentId: id, path })).toBe('unknown_format');
    const added = await value(app, 'security.addEvidence', { deploymentId: id, path, attests: { checkId, by: 'B. Reviewer', on: '2026-11-20', statement: 'Seen in the meeting', holds: true } });
    expect(added).toMatchObject({ document: 'attested', source: expect.stringContaining('B. Reviewer, 2026-11-20; minutes.txt') });
    expect((await value(app, 'ledger.list', { limit: 1 })).entries[0]).toMatchObject({ action: 'security.evidence.added' });
  });

  it('two looks are compared, one is marked as reviewed, and a check has a history', async () => {
    const { app, id, server } = await setUp();
    const { snapshotId: first, checks } = await value(app, 'security.scan', { deploymentId: id });
    const passing = known(checks, 'pass');
    await value(app, 'security.markReviewed', { deploymentId: id, snapshotId: first ?? 0 });
    server.reconfigure(configFor('C1', ['jwt-off']));
    const { snapshotId: second } = await value(app, 'security.scan', { deploymentId: id, isOffline: true });
    const diff = await value(app, 'security.diff', { deploymentId: id, from: first ?? 0, to: second ?? 0 });
    expect(diff.from).toMatchObject({ id: first, isReviewed: true });
    expect(diff.changes.length + diff.unchanged).toBe(checks.length);
    expect((await value(app, 'security.checkHistory', { deploymentId: id, checkId: passing.id })).points).toHaveLength(2);
    expect(await code(app, 'security.diff', { deploymentId: id, from: first ?? 0, to: 999_999 })).toBe('snapshot_not_found');
  });
});

describe('other deployments', () => {
  it('an AI-Karen is looked at from outside, with its configuration as declared evidence; the fleet shows both', async () => {
    const { app, id, clock } = await setUp();
    const karen = await startKarenDeployment({ config: karenConfig('SEED'), now: () => new Date(clock.now()) });
    cleanups.push(() => karen.close());
    const added = await value(app, 'deployment.add', { name: 'karen', url: karen.url, kind: 'karen', environment: 'staging', caPem: karen.caPem });
    const before = await value(app, 'security.scan', { deploymentId: added.id });
    expect(before.baseline.kind).toBe('karen');
    expect(before.checks.length).toBeGreaterThanOrEqual(60);
    await value(app, 'security.addEvidence', { deploymentId: added.id, path: join(import.meta.dirname, '../fixtures/karen/production.json') });
    const after = await value(app, 'security.show', { deploymentId: added.id });
    expect(after.counts.unknown).toBeLessThan(before.counts.unknown);
    expect(after.uncovered).toEqual([]);
    expect(after.checks.some((check) => check.evidence.some(({ kind, source }) => kind === 'declared' && source.startsWith('production.json')))).toBe(true);
    expect(after.checks.filter(({ isContradiction, state }) => isContradiction && state === 'fail').length).toBeGreaterThan(0);

    const fleet = await value(app, 'security.fleet', {});
    expect(fleet.rows.map(({ name, kind }) => [name, kind])).toEqual([['acme', 'navi'], ['karen', 'karen']]);
    expect(Object.keys(fleet.rows.find(({ deploymentId }) => deploymentId === id)?.states ?? {}).every((checkId) => fleet.checks.some((check) => check.id === checkId))).toBe(true);
  });

  it('an imported baseline is used when it is named; a broken one is refused with its line, and nothing of it is kept', async () => {
    const { app, id, folder } = await setUp();
    const path = join(folder.path, 'own.yaml');
    const text = [
      'format: 1', 'id: own-rules', 'version: 1.0.0', 'title: Own rules', 'kind: navi', 'source: the security policy', 'fresh_hours: { declared: 24, observed: 24, derived: 24, file: 720, attested: 2160 }', 'checks:',
      '  - id: own.jwt', '    title: Tokens are required', '    group: Own', '    severity: high', '    rules:',
      '      - { fail: status.jwt.enabled == false, seen: off, because: it is declared off }', '      - { pass: status.jwt.enabled == true, seen: on, because: it is declared on }', '    why: It matters.', '    fix: Switch it on.', '',
    ].join('\n');
    writeFileSync(path, text.replace('status.jwt.enabled == true', 'status.jwt.enabled === true'));
    const refused = await app.dispatch('security.importBaseline', { path });
    expect(refused).toMatchObject({ ok: false, error: { code: 'invalid_baseline', message: expect.stringMatching(/own\.yaml, line 15: /) } });
    writeFileSync(path, text);
    expect(await value(app, 'security.importBaseline', { path })).toMatchObject({ id: 'own-rules', checks: 1, origin: 'imported' });
    expect(await code(app, 'security.importBaseline', { path })).toBe('baseline_exists');
    const view = await value(app, 'security.scan', { deploymentId: id, baselineId: 'own-rules' });
    expect(stateOf(view.checks, 'own.jwt')).toBe('pass');
    writeFileSync(path, text.replace('version: 1.0.0', 'version: 1.1.0'));
    expect(await value(app, 'security.importBaseline', { path }), 'a newer version of itself takes its place').toMatchObject({ id: 'own-rules', version: '1.1.0' });
    expect((await value(app, 'security.baselines', {})).baselines.filter((each) => each.id === 'own-rules')).toMatchObject([{ version: '1.1.0' }]);
    // It stays the one in use.
    expect((await value(app, 'security.show', { deploymentId: id })).baseline.id).toBe('own-rules');
  });
});
