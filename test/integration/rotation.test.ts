// A rotation against reference deployments: all phases, a node that lags, JWT off, a key set, tokens that prove nothing, and the record at its end.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '#core/secret.ts';
import { sql } from '#core/db/sql.ts';
import { lastRotatedAtUs } from '#core/posture/rotation/rotation-queries.ts';
import { verifyRotationRecord } from '#core/posture/rotation/record.ts';
import type { RotationView } from '#shared/contract/rotation.ts';
import { rotationView } from '#shared/contract/rotation.ts';
import { AppError } from '#shared/errors.ts';
import { configFor } from '../deployments/navi/config.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { temporaryFolder } from '../support/ports.ts';
import { NEW_KEY, OLD_KEY, openRotationBench, rollOut } from '../support/rotation-bench.ts';
import type { RotationBench } from '../support/rotation-bench.ts';

let bench: RotationBench;
beforeEach(async () => { bench = await openRotationBench(); });
afterEach(async () => { await bench.close(); });

const quiet = new AbortController().signal;

async function add(node: NaviDeployment, kind: 'navi' | 'karen' = 'navi'): Promise<string> {
  return (await bench.deployments.add({ name: 'acme', url: node.url, kind, environment: 'staging', caPem: null, pin: null, readOnly: true })).id;
}

interface Given { readonly old?: string; readonly test?: string; readonly fresh?: string; readonly ttlSeconds?: number | null }
async function begin(nodes: readonly NaviDeployment[], { old = bench.token(OLD_KEY, { exp: bench.nowSeconds() + 3600 }), test, fresh = bench.token(NEW_KEY), ttlSeconds = null }: Given = {}): Promise<string> {
  const [first] = nodes;
  if (first === undefined) throw new Error('no node');
  const id = await add(first);
  await bench.rotation.start({ deploymentId: id, nodes: nodes.map(({ url }) => url), ttlSeconds });
  await bench.rotation.setToken(id, 'old', new Secret(old));
  if (test !== undefined) await bench.rotation.setToken(id, 'old-test', new Secret(test));
  await bench.rotation.setToken(id, 'new', new Secret(fresh));
  return id;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'ok';
}
const table = (view: RotationView, node?: string): string[] => (view.probe?.rows ?? []).filter((row) => node === undefined || row.node === node).map((row) => `${row.token} ${row.status} ${row.verdict}`);
const next = (id: string, phase: RotationView['phase']): Promise<RotationView> => bench.rotation.advance({ deploymentId: id, phase }, quiet);

describe('all four phases', () => {
  it('goes through on proof, two nodes, and leaves a signed record, no token and the time of the rotation', async () => {
    const nodes = [await bench.node([OLD_KEY]), await bench.node([OLD_KEY])] as const;
    const test = bench.token(OLD_KEY, { jti: 'proof' });
    const id = await begin(nodes, { test });
    const prepared = await bench.rotation.probe(id, quiet);
    expect(rotationView.parse(prepared)).toEqual(prepared);
    for (const { url } of nodes) expect(table(prepared, url)).toEqual(['anonymous 401 as-expected', 'old-1 200 as-expected', 'old-test-1 200 as-expected', 'new 401 as-expected', 'broken 401 as-expected']);
    expect(prepared).toMatchObject({ phase: 'prepare', probe: { isProof: true, isFresh: true, void: null }, lacking: [], environment: ['JWT_SECRET=<NEW_SIGNING_KEY>', 'JWT_SECRET_PREVIOUS=<OLD_SIGNING_KEY>'] });
    expect(nodes.map(({ requests }) => requests.length)).toEqual([5, 5]);
    expect(nodes[0].requests.every(({ method }) => method === 'GET')).toBe(true);

    expect((await next(id, 'prepare')).phase).toBe('deploy');
    // On fresh answers nobody was asked again.
    expect(nodes[0].requests.length).toBe(5);
    rollOut(nodes[0], [NEW_KEY, OLD_KEY]);
    expect(await codeOf(next(id, 'deploy'))).toBe('rotation_unproven');
    const lagging = bench.rotation.show(id).rotation;
    expect(table(lagging as RotationView, nodes[0].url).every((row) => row.endsWith('as-expected'))).toBe(true);
    expect(lagging?.lacking.join(' ')).toContain(`${nodes[1].url}: new: Refused: the new key is not in force here.`);
    rollOut(nodes[1], [NEW_KEY, OLD_KEY]);
    expect((await next(id, 'deploy')).phase).toBe('validate');

    expect((await bench.rotation.probe(id, quiet)).probe?.isProof).toBe(true);
    expect(await codeOf(next(id, 'validate'))).toBe('rotation_unproven');
    bench.pass(3700);
    expect((await next(id, 'validate')).phase).toBe('cutover');
    expect(await codeOf(next(id, 'cutover'))).toBe('rotation_unproven');
    rollOut(nodes[0], [NEW_KEY]);
    expect(await codeOf(next(id, 'cutover'))).toBe('rotation_unproven');
    rollOut(nodes[1], [NEW_KEY]);
    const done = await next(id, 'cutover');
    expect(done).toMatchObject({ outcome: 'finished', record: { verdict: 'intact' }, plan: [], lacking: [] });

    const record = bench.record(id, done.rotationId);
    expect(verifyRotationRecord(JSON.parse(JSON.stringify(record)), bench.known())).toMatchObject({ verdict: 'intact' });
    expect(record.entries.map(({ kind }) => kind)).toEqual(['started', 'token', 'token', 'token', 'probed', 'advanced', 'probed', 'probed', 'advanced', 'probed', 'probed', 'advanced', 'probed', 'probed', 'probed', 'advanced']);
    expect(bench.session.secretNames().filter((name) => name.startsWith('rotation:'))).toEqual([]);
    expect(lastRotatedAtUs(bench.session.read(), id)).toBe(Date.parse(done.endedAt ?? '') * 1000);
    expect((await bench.ledger.verify()).verdict).toBe('intact');
    expect(bench.ledger.list(null, 50).entries.map(({ action }) => action).filter((action) => action.startsWith('security.rotation')).toReversed()).toEqual([
      'security.rotation.started', ...Array<string>(3).fill('security.rotation.token.stored'), ...Array<string>(3).fill('security.rotation.advanced'), 'security.rotation.ended',
    ]);
    const [ended] = bench.ledger.list(null, 1).entries;
    expect(ended).toMatchObject({ subject: done.rotationId, outcome: `finished; head ${record.entries.at(-1)?.digest ?? ''}` });
    // R60: no token and no key in what is kept or said.
    const kept = `${JSON.stringify(record)}${bench.log.lines.join('')}${readFileSync(`${bench.profileDir}.keychain.json`, 'utf8')}`;
    for (const secret of [test, test.split('.')[2] ?? '', OLD_KEY, NEW_KEY]) expect(kept.includes(secret)).toBe(false);
    expect(await codeOf(bench.rotation.probe(id, quiet))).toBe('rotation_not_found');
  });

  it('a viewer\'s tokens prove as much: 403 is accepted', async () => {
    const node = await bench.node([OLD_KEY]);
    const id = await begin([node], { old: bench.token(OLD_KEY, { role: 'viewer' }), fresh: bench.token(NEW_KEY, { role: 'viewer' }) });
    expect(table(await bench.rotation.probe(id, quiet))).toEqual(['anonymous 401 as-expected', 'old-1 403 as-expected', 'new 401 as-expected', 'broken 401 as-expected']);
    expect((await next(id, 'prepare')).phase).toBe('deploy');
  });

  it('a proof grows old after ten minutes, and the step asks anew', async () => {
    const node = await bench.node([OLD_KEY]);
    const id = await begin([node]);
    await bench.rotation.probe(id, quiet);
    bench.pass(601);
    expect(bench.rotation.show(id).rotation).toMatchObject({ probe: { isFresh: false, isProof: true }, lacking: [expect.stringContaining('older than ten minutes')] });
    expect((await next(id, 'prepare')).phase).toBe('deploy');
    expect(node.requests.length).toBe(8);
  });
});

describe('what proves nothing', () => {
  it('JWT off, as an admin or as a viewer: void in every phase', async () => {
    for (const role of ['admin', 'viewer'] as const) {
      const node = await bench.node([OLD_KEY], ['jwt-off'], { auth: { mode: 'dev-shim', user: { sub: 'dev', email: 'dev@acme.example', role, org: 'acme' } } });
      const id = await begin([node]);
      const view = await bench.rotation.probe(id, quiet);
      expect(view.probe).toMatchObject({ isProof: false, void: { kind: 'jwt-off', node: node.url } });
      expect(await codeOf(next(id, 'prepare'))).toBe('rotation_unproven');
      await bench.rotation.abandon(id, 'JWT is off');
      await bench.deployments.edit({ id, name: `acme ${role}` });
    }
  });

  it('JWT off at one of two nodes voids the whole proof', async () => {
    const nodes = [await bench.node([OLD_KEY]), await bench.node([OLD_KEY], ['jwt-off'])] as const;
    const view = await bench.rotation.probe(await begin(nodes), quiet);
    expect(view.probe).toMatchObject({ isProof: false, void: { kind: 'jwt-off', node: nodes[1].url } });
  });

  it('a key set: with its own tokens (500, a bug of the build) and with those of a secret (all refused)', async () => {
    const node = await bench.node([OLD_KEY], ['jwks']);
    const claims = { sub: 'auth0|a', org_id: 'acme', role: 'admin', iat: bench.nowSeconds(), exp: bench.nowSeconds() + 7200 };
    const id = await begin([node], { old: node.signToken(claims), fresh: node.signToken({ ...claims, jti: 'b' }) });
    const view = await bench.rotation.probe(id, quiet);
    expect(view.probe?.void).toMatchObject({ kind: 'jwks', message: expect.stringContaining('JWT_JWKS_URL') as string });
    expect(table(view)).toEqual(expect.arrayContaining(['old-1 500 unknown', 'new 500 unknown']));
    await bench.rotation.abandon(id, 'a key set');
    await bench.rotation.start({ deploymentId: id, nodes: undefined, ttlSeconds: null });
    await bench.rotation.setToken(id, 'old', new Secret(bench.token(OLD_KEY)));
    await bench.rotation.setToken(id, 'new', new Secret(bench.token(NEW_KEY)));
    expect((await bench.rotation.probe(id, quiet)).probe).toMatchObject({ isProof: false, void: { kind: 'all-refused' } });
  });

  it.each([
    ['has expired', (): object => ({ exp: bench.nowSeconds() - 10 })], ['expires within the look', (): object => ({ exp: bench.nowSeconds() + 30 })],
    ['has no organisation', (): object => ({ org_id: undefined })], ['has an audience that may not fit', (): object => ({ aud: 'somebody' })],
  ])('an old token that %s', async (_name, over) => {
    const id = await begin([await bench.node([NEW_KEY])], { old: bench.token(OLD_KEY, over() as Record<string, unknown>) });
    const view = await bench.rotation.probe(id, quiet);
    expect(view.probe?.isProof).toBe(false);
    expect(view.probe?.rows.find(({ token }) => token === 'old-1')?.verdict).not.toBe('as-expected');
    expect(await codeOf(next(id, 'prepare'))).toBe('rotation_unproven');
  });

  it.each([['the rate limiter has no backend', { rateLimit: { mode: 'backend-gone' } }], ['its role cache is down', { isRedisReachable: false }]] as const)('a node that fails because %s', async (_name, over) => {
    const id = await begin([await bench.node([OLD_KEY], [], over)]);
    const view = await bench.rotation.probe(id, quiet);
    expect(view.probe).toMatchObject({ isProof: false, void: null });
    expect(view.probe?.rows.some(({ verdict, answer }) => verdict === 'unknown' && answer === 'failed')).toBe(true);
  });

  it('a node that is away is unknown; the others are asked all the same', async () => {
    const nodes = [await bench.node([OLD_KEY]), await bench.node([OLD_KEY])] as const;
    const id = await begin(nodes);
    await nodes[0].close();
    const view = await bench.rotation.probe(id, quiet);
    expect(table(view, nodes[0].url)).toEqual(['anonymous null unknown', 'old-1 null unknown', 'new null unknown', 'broken null unknown']);
    expect(table(view, nodes[1].url).every((row) => row.endsWith('as-expected'))).toBe(true);
    expect(view.probe?.isProof).toBe(false);
  });
});

describe('the way to the nodes', () => {
  it('R49: another certificate than the deployment vouches for gets no token', async () => {
    const [own, other] = [await startNaviDeployment({ config: configFor('C1'), usesTls: true }), await startNaviDeployment({ config: configFor('C1'), usesTls: true })];
    try {
      for (const node of [own, other]) rollOut(node, [OLD_KEY]);
      const { id } = await bench.deployments.add({ name: 'acme', url: own.url, kind: 'navi', environment: 'staging', caPem: own.caPem, pin: null, readOnly: true });
      await bench.rotation.start({ deploymentId: id, nodes: [own.url, other.url], ttlSeconds: null });
      const real = Math.floor(Date.now() / 1000);
      await bench.rotation.setToken(id, 'old', new Secret(bench.token(OLD_KEY, { iat: real, exp: bench.nowSeconds() + 400_000_000 })));
      await bench.rotation.setToken(id, 'new', new Secret(bench.token(NEW_KEY, { iat: real, exp: bench.nowSeconds() + 400_000_000 })));
      const view = await bench.rotation.probe(id, quiet);
      expect(table(view, own.url)).toEqual(['anonymous 401 as-expected', 'old-1 200 as-expected', 'new 401 as-expected', 'broken 401 as-expected']);
      expect(view.probe?.rows.filter(({ node }) => node === other.url).map(({ answer }) => answer)).toEqual(Array(4).fill('unreachable'));
      expect(other.requests).toEqual([]);
      expect(view.probe?.isProof).toBe(false);
    } finally {
      await own.close();
      await other.close();
    }
  });

  it('the stored token of the deployment goes to no node, and a look that is cancelled leaves no answer behind', async () => {
    const node = await bench.node([OLD_KEY]);
    const own = bench.token(OLD_KEY, { jti: 'own' });
    const id = await begin([node]);
    await bench.deployments.setToken(id, new Secret(own));
    const controller = new AbortController();
    const work = codeOf(bench.rotation.probe(id, controller.signal));
    while (node.requests.length === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    controller.abort();
    expect(await work).toBe('cancelled');
    expect(bench.rotation.show(id).rotation).toMatchObject({ probe: null, record: { entries: 3, verdict: 'open' } });
    await bench.rotation.probe(id, quiet);
    expect(node.requests.some(({ headers }) => headers['authorization']?.includes(own) === true)).toBe(false);
  });

  it('warns of what stands in the way of the end', async () => {
    const node = await bench.node([OLD_KEY]);
    const old = bench.token(OLD_KEY, { exp: bench.nowSeconds() + 3600 });
    const id = await begin([node], { old });
    await bench.deployments.setToken(id, new Secret(old));
    const { warnings } = (await bench.rotation.probe(id, quiet));
    expect(warnings).toEqual([expect.stringContaining('as old-test'), expect.stringContaining('is one of the old ones'), expect.stringContaining('One address is asked')]);
    const more = await bench.rotation.setToken(id, 'old-test', new Secret(bench.token(OLD_KEY)));
    expect(more.warnings.some((text) => text.includes('as old-test'))).toBe(false);
    expect(more.lacking.join(' ')).toContain('The tokens were changed');
  });
});

describe('the earliest cutover', () => {
  it('never comes with an old token that has no end', async () => {
    const node = await bench.node([OLD_KEY]);
    const id = await begin([node], { old: bench.token(OLD_KEY, { exp: undefined }) });
    await next(id, 'prepare');
    rollOut(node, [NEW_KEY, OLD_KEY]);
    const view = await next(id, 'deploy');
    expect(view.cutover).toMatchObject({ earliest: null, basis: 'never' });
    bench.pass(400 * 86_400);
    expect(await codeOf(next(id, 'validate'))).toBe('rotation_unproven');
  });

  it('is one life of a token after the roll-out was proven, when no old token in use is known', async () => {
    const node = await bench.node([OLD_KEY]);
    const id = await add(node);
    await bench.rotation.start({ deploymentId: id, nodes: undefined, ttlSeconds: 1800 });
    await bench.rotation.setToken(id, 'old-test', new Secret(bench.token(OLD_KEY)));
    await bench.rotation.setToken(id, 'new', new Secret(bench.token(NEW_KEY)));
    await next(id, 'prepare');
    rollOut(node, [NEW_KEY, OLD_KEY]);
    const provenAfter = bench.nowSeconds();
    const view = await next(id, 'deploy');
    expect(view.cutover.basis).toBe('ttl');
    expect(Date.parse(view.cutover.earliest ?? '') / 1000).toBeGreaterThanOrEqual(provenAfter + 1800);
    expect(await codeOf(next(id, 'validate'))).toBe('rotation_unproven');
    bench.pass(1900);
    expect((await next(id, 'validate')).phase).toBe('cutover');
  });
});

describe('what is refused', () => {
  it('a second rotation, a step of another phase, a probe without tokens or consent, a token that is none, an AI-Karen', async () => {
    const node = await bench.node([OLD_KEY]);
    const id = await add(node);
    expect(bench.rotation.show(id)).toEqual({ rotation: null, all: [] });
    expect(await codeOf(bench.rotation.abandon(id, 'x'))).toBe('rotation_not_found');
    expect(await codeOf(bench.rotation.start({ deploymentId: id, nodes: ['http://example.com'], ttlSeconds: null }))).toBe('insecure_url');
    await bench.rotation.start({ deploymentId: id, nodes: [`${node.url}/`, node.url], ttlSeconds: null });
    expect(bench.rotation.show(id).rotation?.nodes).toEqual([node.url]);
    expect(await codeOf(bench.rotation.start({ deploymentId: id, nodes: undefined, ttlSeconds: null }))).toBe('rotation_exists');
    expect(await codeOf(bench.rotation.probe(id, quiet))).toBe('rotation_unproven');
    expect(await codeOf(bench.rotation.setToken(id, 'old', new Secret('opaque')))).toBe('invalid_token');
    const old = bench.token(OLD_KEY);
    await bench.rotation.setToken(id, 'old', new Secret(old));
    expect(await codeOf(bench.rotation.setToken(id, 'new', new Secret(old)))).toBe('rotation_unproven');
    await bench.rotation.setToken(id, 'new', new Secret(bench.token(NEW_KEY)));
    expect(await codeOf(next(id, 'deploy'))).toBe('rotation_unproven');
    bench.allowed = false;
    expect(await codeOf(bench.rotation.probe(id, quiet))).toBe('probes_off');
    expect(node.requests).toEqual([]);
    await bench.deployments.edit({ id, name: 'other' });
    const karen = await add(node, 'karen');
    expect(await codeOf(bench.rotation.start({ deploymentId: karen, nodes: undefined, ttlSeconds: null }))).toBe('not_offered');
  });

  it('a token that the store lost can be given again, with its negative control, and only that one', async () => {
    const fresh = bench.token(NEW_KEY);
    const node = await bench.node([OLD_KEY]);
    const id = await begin([node], { fresh });
    await next(id, 'prepare');
    rollOut(node, [NEW_KEY, OLD_KEY]);
    // As a kill leaves it that comes between the store and the record.
    await bench.session.putSecret(`rotation:${id}:broken`, bench.token(NEW_KEY, { jti: 'x' }));
    expect(await codeOf(bench.rotation.probe(id, quiet))).toBe('secret_missing');
    expect(await codeOf(bench.rotation.setToken(id, 'new', new Secret(bench.token(NEW_KEY, { jti: 'y' }))))).toBe('rotation_unproven');
    expect(await codeOf(bench.rotation.setToken(id, 'old', new Secret(fresh)))).toBe('rotation_unproven');
    const entries = bench.rotation.show(id).rotation?.record.entries;
    expect((await bench.rotation.setToken(id, 'new', new Secret(fresh))).record.entries).toBe(entries);
    expect(bench.ledger.list(null, 1).entries[0]).toMatchObject({ action: 'security.rotation.token.stored', outcome: expect.stringMatching(/^fingerprint [0-9a-f]{16}, put back$/) as string });
    expect((await next(id, 'deploy')).phase).toBe('validate');
    expect(await codeOf(bench.rotation.setToken(id, 'new', new Secret(fresh)))).toBe('rotation_unproven');
  });

  it('R60: the next start lets go of the tokens of a rotation that has ended, and keeps those of one that goes on', async () => {
    const folder = temporaryFolder('rotation-sweep');
    const reopened = (): Promise<RotationBench> => openRotationBench({ profileDir: `${folder.path}/profile` });
    const node = await bench.node([OLD_KEY]);
    let again = await reopened();
    const tokensOf = (id: string): string[] => again.session.secretNames().filter((name) => name.startsWith(`rotation:${id}:`));
    try {
      const ids: string[] = [];
      for (const name of ['ended', 'open']) {
        const { id } = await again.deployments.add({ name, url: node.url, kind: 'navi', environment: 'staging', caPem: null, pin: null, readOnly: true });
        ids.push(id);
        await again.rotation.start({ deploymentId: id, nodes: undefined, ttlSeconds: null });
        await again.rotation.setToken(id, 'new', new Secret(bench.token(NEW_KEY)));
      }
      const [ended = '', open = ''] = ids;
      await again.rotation.abandon(ended, 'a test');
      expect(tokensOf(ended)).toEqual([]);
      // As a kill leaves it that comes right after the signature.
      await again.session.putSecret(`rotation:${ended}:new`, bench.token(NEW_KEY));
      await again.close();
      again = await reopened();
      await vi.waitFor(() => expect(tokensOf(ended)).toEqual([]), { timeout: 10_000 });
      expect(tokensOf(open)).toEqual([`rotation:${open}:broken`, `rotation:${open}:new`]);
    } finally {
      await again.close();
      folder.remove();
    }
  });

  it('a token that is no longer the one of the record, and an end without its tokens still ends', async () => {
    const id = await begin([await bench.node([OLD_KEY])]);
    await bench.session.putSecret(`rotation:${id}:old-1`, bench.token(NEW_KEY, { jti: 'x' }));
    expect(await codeOf(bench.rotation.probe(id, quiet))).toBe('secret_missing');
    const ended = await bench.rotation.abandon(id, 'its tokens are gone');
    expect(ended).toMatchObject({ outcome: 'abandoned', record: { verdict: 'intact' } });
    expect(lastRotatedAtUs(bench.session.read(), id)).toBeNull();
    expect(bench.session.secretNames().filter((name) => name.startsWith('rotation:'))).toEqual([]);
  });

  it('rows of a rotation cannot be changed, and go with their deployment, its tokens too', async () => {
    const id = await begin([await bench.node([OLD_KEY])]);
    await bench.rotation.probe(id, quiet);
    const db = bench.session.write();
    for (const change of [sql`UPDATE rotation_entry SET body = '{}'`, sql`DELETE FROM rotation_entry`, sql`UPDATE rotation SET number = 9`]) expect(() => db.run(change)).toThrow(/insert-only/);
    const plan = bench.deployments.planRemoval(id);
    const removed = await bench.deployments.remove({ id, token: plan.token, confirmName: 'acme' });
    expect(removed.secretsRemoved).toBeGreaterThanOrEqual(3);
    expect(bench.session.secretNames().filter((name) => name.startsWith('rotation:'))).toEqual([]);
  });
});
