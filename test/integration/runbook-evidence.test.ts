// R31: evidence at rest and in a run: the same bytes once, large ones sealed beside the cache, damage told, nothing left of what was interrupted, nothing executed.
import { createHash, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '#core/db/sql.ts';
import { createEmitter } from '#core/emitter.ts';
import type { Emitter } from '#core/emitter.ts';
import { createEvidence, PART_BYTES } from '#core/runbooks/evidence/service.ts';
import type { Evidence } from '#core/runbooks/evidence/service.ts';
import { createEvidenceStore, ROW_MAX_BYTES } from '#core/runbooks/evidence/store.ts';
import type { EvidenceStore } from '#core/runbooks/evidence/store.ts';
import { DEPLOYMENT, makeSearchProfile } from '../support/audit-search-profile.ts';
import { fakeClock, keptLog, temporaryFolder } from '../support/ports.ts';
import type { KeptLog } from '../support/ports.ts';
import { codeOf, importPack, openRunbookProfile, START_INPUT } from '../support/runbook-profile.ts';
import type { RunbookProfile } from '../support/runbook-profile.ts';

const quiet = new AbortController().signal;
let folder: ReturnType<typeof temporaryFolder>;
let profile: RunbookProfile;
let store: EvidenceStore;
let evidence: Evidence;
let emitter: Emitter;
let log: KeptLog;
let runId: string;
const clock = fakeClock();

function build(): void {
  const { session } = profile;
  log = keptLog();
  emitter = createEmitter(log);
  store = createEvidenceStore({ session, clock, emitter, log, profileDir: profile.profileDir });
  evidence = createEvidence({
    session, store: profile.store, evidence: store, clock, profileDir: profile.profileDir,
    deployments: { get: () => { throw new Error('no deployment is asked for'); } }, reports: { report: () => Promise.resolve({ text: '{"checks":[]}\n' }) },
  });
}
beforeEach(async () => {
  folder = temporaryFolder('evidence');
  profile = await openRunbookProfile(join(folder.path, 'profile'), { clock });
  build();
  await importPack(profile, folder.path);
  ({ runId } = await profile.runs.start(START_INPUT));
});
afterEach(async () => {
  await profile.close();
  folder.remove();
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const place = (): string => join(profile.profileDir, 'evidence');
const files = (): string[] => (existsSync(place()) ? readdirSync(place()) : []);
function file(name: string, bytes: Buffer | string): string {
  const path = join(folder.path, name);
  writeFileSync(path, bytes);
  return path;
}
async function wholeOf(digest: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let offset: number | null = 0; offset !== null;) {
    const part: Awaited<ReturnType<Evidence['part']>> = await evidence.part({ runId, digest, offset });
    parts.push(Buffer.from(part.base64, 'base64'));
    offset = part.nextOffset;
  }
  return Buffer.concat(parts);
}
const addFile = (path: string, step: string | null = null) => evidence.add({ runId, step, note: '', from: { source: 'file', path } }, quiet);

describe('R31: evidence at rest', () => {
  it.each([1, ROW_MAX_BYTES, ROW_MAX_BYTES + 1, 3 * ROW_MAX_BYTES + 5, 26_214_400])('of %i bytes comes back whole, in parts, and is written out byte for byte', async (size) => {
    const bytes = Buffer.concat([Buffer.from('canary-of-this-evidence'), randomBytes(Math.max(0, size - 23))]).subarray(0, size);
    const ref = await addFile(file('shown.png', bytes), 'proof');
    expect(ref).toMatchObject({ digest: sha256(bytes), name: 'shown.png', bytes: size });
    expect(files()).toHaveLength(size > ROW_MAX_BYTES ? 1 : 0);
    expect((await wholeOf(ref.digest)).equals(bytes)).toBe(true);
    const out = join(folder.path, 'out.bin');
    expect(await evidence.save({ runId, digest: ref.digest, path: out, overwrite: false })).toEqual({ path: out, sha256: ref.digest, bytes: size });
    expect(readFileSync(out).equals(bytes)).toBe(true);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(await codeOf(() => evidence.save({ runId, digest: ref.digest, path: out, overwrite: false }))).toBe('file_exists');
    await evidence.save({ runId, digest: ref.digest, path: out, overwrite: true });
    expect(profile.runs.show(runId).evidence).toMatchObject([{ digest: ref.digest, step: 'proof', source: 'file', isHere: true }]);
  });

  it('lies sealed, for its owner alone, under a name that tells nothing', async () => {
    const bytes = Buffer.concat([Buffer.from('canary-of-this-evidence'), randomBytes(2 * ROW_MAX_BYTES)]);
    const { digest } = await addFile(file('x', bytes));
    const [name = ''] = files();
    const path = join(place(), name);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(place()).mode & 0o777).toBe(0o700);
    expect(readFileSync(path).includes('canary-of-this-evidence')).toBe(false);
    expect(name).not.toContain(digest.slice(0, 12));
  });

  it('is kept once, however often and from wherever it comes', async () => {
    const bytes = randomBytes(2 * ROW_MAX_BYTES);
    const paths = [file('a', bytes), file('b', bytes)];
    await Promise.all([...paths, ...paths].map((path) => store.addFile(path)));
    expect(await store.keep(bytes)).toBe(sha256(bytes));
    expect(files()).toHaveLength(1);
    expect(profile.session.read().all(sql`SELECT digest FROM run_evidence`, (row) => row['digest'])).toEqual([sha256(bytes)]);
  });

  it('tells what is damaged or gone, leaves it, and is mended by the same bytes', async () => {
    const bytes = randomBytes(2 * ROW_MAX_BYTES);
    const path = file('a', bytes);
    const { digest } = await addFile(path);
    const own = join(place(), files()[0] ?? '');
    const whole = readFileSync(own);
    const altered = Buffer.from(whole);
    altered[1_000_000] = (altered[1_000_000] ?? 0) ^ 1;
    const damages: (() => void)[] = [() => writeFileSync(own, altered), () => truncateSync(own, whole.length - 1), () => truncateSync(own, 0), () => writeFileSync(own, Buffer.concat([whole, Buffer.of(0)])), () => rmSync(own), () => { rmSync(own); mkdirSync(own); }];
    for (const damage of damages.slice(0, 5)) {
      damage();
      expect(await codeOf(() => store.read(digest))).toBe('evidence_damaged');
      expect(await codeOf(() => evidence.part({ runId, digest, offset: 0 }))).toBe('evidence_damaged');
      const out = join(folder.path, 'damaged.out');
      expect(await codeOf(() => evidence.save({ runId, digest, path: out, overwrite: false }))).toBe('evidence_damaged');
      expect(existsSync(out)).toBe(false);
      await addFile(path);
      expect((await store.read(digest)).equals(bytes)).toBe(true);
    }
    damages[5]?.();
    expect(await codeOf(() => store.read(digest))).toBe('evidence_damaged');
  });

  it('R58: what a kill between file and row left is removed at the next opening; what is known and what is not ours stays', async () => {
    const { digest } = await addFile(file('a', randomBytes(2 * ROW_MAX_BYTES)));
    const [known = ''] = files();
    writeFileSync(join(place(), 'f'.repeat(40)), 'orphan');
    writeFileSync(join(place(), '.left.holdfast-partial'), 'half');
    writeFileSync(join(place(), 'notes.txt'), 'of somebody');
    expect(await store.sweep()).toBe(2);
    expect(files().sort()).toEqual([known, 'notes.txt'].sort());
    writeFileSync(join(place(), 'e'.repeat(40)), 'orphan');
    emitter.emit('app.opened', {});
    await store.keep(Buffer.from('after it, in turn'));
    expect(files().sort()).toEqual([known, 'notes.txt'].sort());
    expect((await store.read(digest)).length).toBe(2 * ROW_MAX_BYTES);
    expect(log.lines).toEqual([]);
  });

  it('survives closing and opening, and is not given while locked', async () => {
    const bytes = randomBytes(2 * ROW_MAX_BYTES);
    const { digest } = await addFile(file('a', bytes));
    await evidence.part({ runId, digest, offset: 0 });
    profile.session.lock('asked');
    expect(await codeOf(() => evidence.part({ runId, digest, offset: PART_BYTES }))).toBe('profile_locked');
    await profile.session.unlock(null);
    expect((await wholeOf(digest)).equals(bytes)).toBe(true);
  });
});

describe('R58: kill -9 while evidence is added', () => {
  const rounds = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20 : 4;
  it('loses nothing that was acknowledged, and leaves no file that nobody knows', async () => {
    const at = join(folder.path, 'killed');
    const child = (): string => `
      import { writeSync } from 'node:fs';
      import { randomBytes } from 'node:crypto';
      const { openRunbookProfile } = await import(${JSON.stringify(join(import.meta.dirname, '../support/runbook-profile.ts'))});
      const { createEvidenceStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../electron/core/runbooks/evidence/store.ts'))});
      const profile = await openRunbookProfile(${JSON.stringify(at)});
      const store = createEvidenceStore({ session: profile.session, clock: { now: () => Date.now() }, emitter: { listen: () => () => undefined }, log: null, profileDir: ${JSON.stringify(at)} });
      for (;;) writeSync(1, (await store.keep(randomBytes(1_500_000))) + '\\n');`;
    for (let round = 0; round < rounds; round += 1) {
      const process_ = spawn(process.execPath, ['--input-type=module', '-e', child()], { stdio: ['ignore', 'pipe', 'inherit'], cwd: join(import.meta.dirname, '../..') });
      let said = '';
      const wanted = 65 * (2 + (round * 3) % 7);
      await new Promise<void>((resolve, reject) => {
        process_.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.length >= wanted) process_.kill('SIGKILL');
        });
        process_.on('exit', (code) => { if (code === null) resolve(); else reject(new Error(`the child ended with ${code}`)); });
      });
      const opened = await openRunbookProfile(at, { clock });
      try {
        const mine = createEvidenceStore({ session: opened.session, clock, emitter: createEmitter(log), log, profileDir: at });
        await mine.sweep();
        for (const digest of said.split('\n').slice(0, -1)) expect((await mine.read(digest)).length).toBe(1_500_000);
        expect(readdirSync(join(at, 'evidence'))).toHaveLength(opened.session.read().all(sql`SELECT digest FROM run_evidence`, () => 1).length);
      } finally {
        await opened.close();
      }
    }
  }, 120_000);
});

describe('rows of an audit query', () => {
  it('are kept as the JSON export writes them, at most 10,000, and it is said when they are cut', async () => {
    const at = join(folder.path, 'searched');
    await makeSearchProfile(at, 10_050);
    const opened = await openRunbookProfile(at, { clock });
    try {
      await importPack(opened, folder.path);
      const { runId: own } = await opened.runs.start(START_INPUT);
      const mine = createEvidenceStore({ session: opened.session, clock, emitter: createEmitter(log), log, profileDir: at });
      const service = createEvidence({ session: opened.session, store: opened.store, evidence: mine, clock, profileDir: at, deployments: { get: () => ({ id: DEPLOYMENT, name: 'acme', url: 'https://navi.example.com' }) as never }, reports: { report: () => Promise.resolve({ text: null }) } });
      const rowsOf = async (query: string): Promise<{ readonly rows: readonly { readonly id: number; readonly status_code: number }[]; readonly note: string }> => {
        const { digest } = await service.add({ runId: own, step: null, note: 'mine', from: { source: 'audit-query', deploymentId: DEPLOYMENT, query } }, quiet);
        const text = (await mine.read(digest)).toString();
        return { rows: text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { id: number; status_code: number }), note: opened.runs.show(own).evidence.at(-1)?.note ?? '' };
      };
      const errors = await rowsOf('status:5xx id:1..70');
      expect(errors.rows.map(({ id, status_code: status }) => [id, status])).toEqual([7, 14, 21, 28, 35, 42, 49, 56, 63, 70].map((id) => [id, 500]));
      expect(errors.note).toMatch(/^mine\nAll 10 cached rows of acme for the query "status:5xx id:1..70", as of /);
      const all = await rowsOf('');
      expect(all.rows).toHaveLength(10_000);
      expect(all.note).toContain('Cut: the oldest 10000 of 10050 cached rows');
      expect((await rowsOf('id:999999')).rows).toEqual([]);
      expect(await codeOf(() => rowsOf('status:'))).toBe('invalid_query');
    } finally {
      await opened.close();
    }
  });
});

describe('evidence of a run', () => {
  it('refuses what is empty, too large, no file, not there or in the profile, and keeps nothing of it', async () => {
    expect(await codeOf(() => addFile(file('empty', '')))).toBe('file_unreadable');
    expect(await codeOf(() => evidence.add({ runId, step: null, note: '', from: { source: 'output', name: 'nothing', text: '' } }, quiet))).toBe('invalid_input');
    const large = file('large', '');
    truncateSync(large, 26_214_401);
    expect(await codeOf(() => addFile(large))).toBe('too_large');
    expect(await codeOf(() => addFile(folder.path))).toBe('file_unreadable');
    expect(await codeOf(() => addFile(join(folder.path, 'none')))).toBe('file_not_found');
    expect(await codeOf(() => addFile(join(profile.profileDir, 'profile.json')))).toBe('file_unreadable');
    const dangling = join(folder.path, 'dangling');
    symlinkSync(join(folder.path, 'nowhere'), dangling);
    expect(await codeOf(() => addFile(dangling))).toBe('file_not_found');
    expect(await codeOf(() => addFile(file('x', 'x'), 'no-such-step'))).toBe('step_not_found');
    if (process.getuid?.() !== 0) {
      const closed = file('closed', 'x');
      chmodSync(closed, 0);
      expect(await codeOf(() => addFile(closed))).toBe('file_unreadable');
    }
    expect(profile.runs.show(runId).evidence).toEqual([]);
    expect(profile.session.read().all(sql`SELECT digest FROM run_evidence`, () => 1)).toEqual([]);
  });

  it('takes the clipboard, output and a snapshot, each by its content and with its source', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    expect(await evidence.add({ runId, step: null, note: 'seen', from: { source: 'clipboard', name: 'paste.txt', base64: png.toString('base64') } }, quiet)).toMatchObject({ type: 'image/png', name: 'paste.txt', bytes: png.length });
    expect(await evidence.add({ runId, step: 'look', note: '', from: { source: 'output', name: 'kubectl get pods', text: '<script>alert(1)</script>' } }, quiet)).toMatchObject({ type: 'text/plain' });
    expect(await codeOf(() => evidence.add({ runId, step: null, note: '', from: { source: 'clipboard', name: 'x', base64: 'not base64!' } }, quiet))).toBe('invalid_input');
    expect(profile.runs.show(runId).evidence.map(({ source, note }) => [source, note])).toEqual([['clipboard', 'seen'], ['output', '']]);
  });

  it('names a file so that nothing acts on a display', async () => {
    const ref = await evidence.add({ runId, step: null, note: '', from: { source: 'output', name: '../../evil\u202egnp.exe', text: 'x' } }, quiet);
    expect(ref.name).toBe('evil⟨U+202E⟩gnp.exe');
  });

  it('is shown only to the run that names it', async () => {
    const { digest } = await addFile(file('a', 'seen'));
    const other = await profile.runs.start(START_INPUT);
    expect(await codeOf(() => evidence.part({ runId: other.runId, digest, offset: 0 }))).toBe('evidence_not_found');
    expect(await codeOf(() => evidence.part({ runId, digest: '0'.repeat(64), offset: 0 }))).toBe('evidence_not_found');
    expect(await evidence.part({ runId, digest, offset: 99 })).toMatchObject({ base64: '', nextOffset: null });
  });

  it('is not added to a run that has ended', async () => {
    await profile.runs.end({ runId, outcome: 'stopped', note: '' });
    expect(await codeOf(() => addFile(file('a', 'late')))).toBe('run_ended');
    expect(profile.session.read().all(sql`SELECT digest FROM run_evidence`, () => 1)).toEqual([]);
  });
});
