// Certificates over the reference deployment: what is proven holds, what is not is open, what is wrong fails; and nobody can change one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { certificateDigest, verifyCertificate } from '#core/retention/proof/certificate.ts';
import { certificatePdf } from '#core/retention/proof/certificate-pdf.ts';
import type { RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import { code, value } from '../support/calls.ts';
import { pdfText } from '../support/pdf-text.ts';
import { purgeWorld } from '../support/retention-purge.ts';
import type { PurgeWorld } from '../support/retention-purge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => { for (const clean of cleanups.splice(0).reverse()) await clean(); });

const SECOND_MS = 1000;
const OLD = [100, 98, 96, 94, 92, 91];
const YOUNG = [89, 88, 87, 86, 40, 20, 5, 1];

async function filled(over: Parameters<typeof purgeWorld>[1] = {}): Promise<PurgeWorld> {
  const world = await purgeWorld(cleanups, over);
  world.rows(OLD);
  world.rows(YOUNG);
  await world.sync();
  return world;
}

const states = ({ checks }: RetentionCertificate): Record<string, RetentionCheck['state']> => Object.fromEntries(checks.map(({ id, state }) => [id, state]));
const ALL_HOLD = { 'rows-gone': 'holds', 'rows-kept': 'holds', 'holds-intact': 'holds', witness: 'holds', overdue: 'holds', count: 'holds', policy: 'holds' };

async function purged(world: PurgeWorld): Promise<string> {
  const { id } = await world.purge(await world.plan());
  world.pass(SECOND_MS);
  return id;
}
const certify = (world: PurgeWorld, runId?: string) => value(world.app, 'retention.verify', { deploymentId: world.id, ...(runId === undefined ? {} : { runId }) });

describe('a certificate', () => {
  it('after a purge: every check holds, and the file alone is enough to know that', async () => {
    const world = await filled();
    const runId = await purged(world);
    const certificate = await certify(world, runId);
    expect(states(certificate)).toEqual(ALL_HOLD);
    expect(certificate.checks[0]?.message).toContain('What backups, replicas and other tables of the deployment keep is not seen from here.');
    expect(certificate).toMatchObject({ outcome: 'holds', counts: { before: 6, after: 0, gone: 6 }, purge: { run: { id: runId, deleted: 6 } } });
    expect(verifyCertificate(JSON.parse(JSON.stringify(certificate)))).toMatchObject({ certificate, problems: [] });
    expect(await value(world.app, 'retention.certificate', { id: certificate.id })).toEqual(certificate);
    expect((await value(world.app, 'retention.show', { deploymentId: world.id })).certificates).toMatchObject([{ id: certificate.id, outcome: 'holds', days: 90, runId }]);
    expect((await world.actions()).at(-1)).toBe('retention.certified');
  });

  it('on an ordinary day: rows that came due long ago and are still there fail it', async () => {
    const world = await filled();
    const before = await certify(world);
    expect(states(before)).toMatchObject({ 'rows-gone': 'fails', overdue: 'fails', 'rows-kept': 'holds', policy: 'holds' });
    expect(before).toMatchObject({ outcome: 'fails', purge: null });
    world.server.runPurgeScript();
    world.pass(SECOND_MS);
    const after = await certify(world);
    expect(states(after)).toMatchObject({ 'rows-gone': 'holds', overdue: 'holds', 'rows-kept': 'holds', policy: 'holds' });
    expect(after.outcome).toBe('holds');
  });

  it('a server that deletes more than it said: the answer fits, the certificate fails', async () => {
    const world = await filled({ config: { purgeFault: 'more' } });
    const certificate = await certify(world, await purged(world));
    expect(states(certificate)).toMatchObject({ count: 'holds', 'rows-gone': 'holds', 'rows-kept': 'fails' });
    expect(certificate.outcome).toBe('fails');
  });

  it('a server that says it deleted, and did not', async () => {
    const world = await filled({ config: { purgeFault: 'less' } });
    const certificate = await certify(world, await purged(world));
    expect(states(certificate)).toMatchObject({ count: 'holds', 'rows-gone': 'fails', overdue: 'fails' });
    expect(certificate.counts).toMatchObject({ before: 6, after: 6, gone: 0 });
  });

  it('a lost answer is settled first; without a count the certificate stays open', async () => {
    const world = await filled({ config: { purgeFault: 'lost-answer' } });
    const certificate = await certify(world, await purged(world));
    expect(certificate.purge?.run.state).toBe('found-done');
    expect(states(certificate)).toEqual({ ...ALL_HOLD, count: 'could-not' });
    expect(certificate.outcome).toBe('open');
  });

  it('nothing is green while the database is away, or retention is off', async () => {
    const world = await filled();
    const runId = await purged(world);
    world.server.reconfigure({ database: { flavour: 'postgres', isReachable: false } });
    const dark = await certify(world, runId);
    expect(states(dark)).toMatchObject({ 'rows-gone': 'could-not', 'rows-kept': 'could-not', overdue: 'could-not', policy: 'holds' });
    expect(dark.outcome).toBe('open');
    world.server.reconfigure({ database: { flavour: 'postgres', isReachable: true }, retention: { isEnabled: false, days: 90 } });
    expect(states(await certify(world))).toMatchObject({ 'rows-gone': 'could-not', overdue: 'could-not', policy: 'fails' });
  });

  it('of a log that the list does not show whole, only what was seen is said', async () => {
    const world = await purgeWorld(cleanups);
    world.rows(OLD);
    world.rows(Array.from({ length: 1200 }, (_, index) => 60 - index / 50));
    await world.sync();
    const plan = await world.plan(80);
    expect(plan.preview.gaps.length).toBeGreaterThan(0);
    const certificate = await certify(world, (await world.purge(plan)).id);
    expect(states(certificate)).toMatchObject({ 'rows-kept': 'could-not', policy: 'holds' });
    expect(certificate.outcome).not.toBe('holds');
  });

  it('what went under a rule of before is not missed', async () => {
    const world = await filled({ days: 30 });
    world.server.runPurgeScript();
    world.server.reconfigure({ retention: { isEnabled: true, days: 90 } });
    world.pass(SECOND_MS);
    expect(states(await certify(world))).toMatchObject({ 'rows-kept': 'holds', policy: 'holds' });
  });

  it('a held row that went fails it, and the vault is named', async () => {
    const world = await filled();
    await value(world.app, 'retention.holdAdd', { deploymentId: world.id, caseId: 'C-1', owner: 'counsel', reason: 'litigation', reviewOn: '2027-01-01', query: 'route:/api/plan/3' });
    expect(states(await certify(world))['holds-intact']).toBe('holds');
    world.server.runPurgeScript();
    world.pass(SECOND_MS);
    const certificate = await certify(world);
    expect(states(certificate)['holds-intact']).toBe('fails');
    expect(certificate.checks.find(({ id }) => id === 'holds-intact')?.message).toContain('The vault has 1 row and 1 payload');
    expect(certificate.holds).toMatchObject([{ caseId: 'C-1', rows: 1, preserved: 1 }]);
  });
});

describe('what is written', () => {
  it('JSON that verifies, one page of PDF with key and digest; no other form, no overwriting', async () => {
    const world = await filled();
    const certificate = await certify(world, await purged(world));
    const { id } = certificate;
    const json = join(world.folder, 'c.json');
    await value(world.app, 'retention.writeCertificate', { id, path: json });
    const read = await value(world.app, 'retention.readCertificate', { path: json });
    expect(read).toMatchObject({ name: 'c.json', isValid: true, problems: [], signer: 'self', certificate });
    const pdf = join(world.folder, 'c.pdf');
    await value(world.app, 'retention.writeCertificate', { id, path: pdf });
    const bytes = readFileSync(pdf);
    for (const words of ['Retention certificate of acme', read.fingerprint ?? 'none', certificateDigest(certificate), 'HOLDS: Rows past the cutoff are gone', certificate.id]) expect(pdfText(bytes)).toContain(words);
    expect(bytes.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    expect(await code(world.app, 'retention.writeCertificate', { id, path: json })).toBe('file_exists');
    expect(await code(world.app, 'retention.writeCertificate', { id, path: join(world.folder, 'c.txt') })).toBe('unknown_format');
    expect(await code(world.app, 'retention.certificate', { id: 'c_0000000000000000' })).toBe('certificate_not_found');
    // However much there is to say.
    const long = 'a long sentence of a server ('.repeat(400);
    const full: RetentionCertificate = {
      ...certificate, issuedBy: long, deployment: { ...certificate.deployment, url: `https://${long}` }, checks: certificate.checks.map((check) => ({ ...check, message: long, source: long })),
      holds: Array.from({ length: 300 }, (_, n) => ({ caseId: `C-${n}`, owner: long, rows: n, preserved: n, vanished: 0 })),
    };
    expect((await certificatePdf(full)).toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
  });

  it('a certificate in which anything was changed does not verify', async () => {
    const world = await filled({ environment: 'production' });
    const plan = await world.plan();
    const [planPath, approvalPath] = [join(world.folder, 'p.json'), join(world.folder, 'a.json')];
    await value(world.app, 'retention.writePlan', { deploymentId: world.id, planId: plan.id, path: planPath });
    const other = await world.secondProfile();
    const approval = await value(other, 'retention.approve', { path: planPath, approvedBy: 'Bo', note: '' });
    await value(other, 'retention.writeApproval', { planDigest: approval.planDigest, path: approvalPath });
    const run = await world.purge(plan, { approvalPath });
    world.pass(SECOND_MS);
    const certificate = await certify(world, run.id);
    expect(verifyCertificate(certificate).problems).toEqual([]);
    let changes = 0;
    const walk = (node: unknown, change: (next: unknown) => unknown): void => {
      if (Array.isArray(node)) node.forEach((each, index) => walk(each, (next) => change(node.with(index, next))));
      else if (typeof node === 'object' && node !== null) {
        for (const [name, each] of Object.entries(node)) {
          walk(each, (next) => change({ ...node, [name]: next }));
          changes += 1;
          expect(verifyCertificate(change({ ...node, [name]: undefined })).problems, `without ${name}`).not.toEqual([]);
        }
      } else {
        changes += 1;
        const next = typeof node === 'number' ? node + 1 : typeof node === 'string' ? (node.length > 20 ? `${node.slice(0, 12)}${node[12] === 'a' ? 'b' : 'a'}${node.slice(13)}` : `${node}x`) : 'x';
        expect(verifyCertificate(change(next)).problems, `${JSON.stringify(node)} changed`).not.toEqual([]);
      }
    };
    walk(JSON.parse(JSON.stringify(certificate)), (next) => next);
    expect(changes).toBeGreaterThan(150);
  });

  it('is judged by whoever gets the file: whole or not, and whose key it is, never more than that', async () => {
    const world = await filled();
    const certificate = await certify(world, await purged(world));
    const path = join(world.folder, 'handed.json');
    await value(world.app, 'retention.writeCertificate', { id: certificate.id, path });
    const reviewer = await world.secondProfile();
    const judged = () => value(reviewer, 'retention.readCertificate', { path });
    expect(await judged()).toMatchObject({ isValid: true, signer: 'unknown', signerName: null, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string, certificate });
    // A run of the issuer brings the key; whose it is, a person says.
    const { fingerprint } = await judged();
    const { runId } = await value(world.app, 'run.start', { packId: 'post-mortem' });
    const runPath = join(world.folder, 'drill.hfrun');
    await value(world.app, 'run.export', { runId, path: runPath });
    await value(reviewer, 'run.import', { path: runPath });
    expect(await judged()).toMatchObject({ signer: 'unknown', signerName: null });
    for (const [isTrusted, signer, signerName] of [[true, 'trusted', 'Ada of acme'], [false, 'distrusted', null]] as const) {
      await value(reviewer, 'identity.trust', { fingerprint: fingerprint ?? '', name: 'Ada of acme', isTrusted });
      expect(await judged()).toMatchObject({ isValid: true, signer, signerName, certificate });
    }
    const whole = readFileSync(path, 'utf8');
    for (const [from, to] of [['"outcome": "holds"', '"outcome": "open"'], ['"issuedBy": "', '"issuedBy": "Not '], ['"seal":', '"stamp":'], ['"deleted": 6', '"deleted": 7']] as const) {
      expect(whole).toContain(from);
      writeFileSync(path, whole.replace(from, to));
      expect(await judged()).toMatchObject({ isValid: false, problems: expect.arrayContaining([expect.any(String)]) as string[], signer: null, signerName: null, fingerprint: null, certificate: null });
    }
    for (const [text, refused] of [['{', 'unknown_format'], ['{"format":"holdfast.retention-plan/1"}', 'unknown_format'], ['[]', 'unknown_format']] as const) {
      writeFileSync(path, text);
      expect(await code(reviewer, 'retention.readCertificate', { path })).toBe(refused);
    }
    expect(await code(reviewer, 'retention.readCertificate', { path: join(world.folder, 'none.json') })).toBe('file_not_found');
  });
});
