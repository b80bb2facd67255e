// A folder that two profiles watch: runs go to and fro by themselves, and nothing that somebody puts there does harm.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fingerprintOf } from '#core/runbooks/merge/identities.ts';
import { fakeClock, temporaryFolder } from '../support/ports.ts';
import type { FakeClock } from '../support/ports.ts';
import { codeOf, importPack, openRunbookProfile, START_INPUT, STEP } from '../support/runbook-profile.ts';
import type { RunbookProfile } from '../support/runbook-profile.ts';

let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
let ada: RunbookProfile;
let bob: RunbookProfile;
let shared: string;
let runId: string;

beforeEach(async () => {
  folder = temporaryFolder('watch');
  clock = fakeClock();
  shared = join(folder.path, 'shared');
  mkdirSync(shared);
  ada = await openRunbookProfile(join(folder.path, 'ada'), { clock, actor: 'ada', stays: true });
  bob = await openRunbookProfile(join(folder.path, 'bob'), { clock, actor: 'bob', stays: true });
  await importPack(ada, folder.path);
  ({ runId } = await ada.runs.start(START_INPUT));
});
afterEach(async () => {
  await ada.close();
  await bob.close();
  folder.remove();
});

/** Lets both look until what is expected holds. */
const until = (holds: () => void | Promise<void>): Promise<void> => vi.waitFor(async () => {
  await clock.advance(4_000);
  await holds();
}, { timeout: 20_000, interval: 20 });
const ownName = async (profile: RunbookProfile): Promise<string> => `${runId}.${fingerprintOf(await profile.key()).slice(0, 16)}.holdfast-run`;
const countOf = (profile: RunbookProfile): number => profile.store.load(runId).events.length;

describe('a watched folder', () => {
  it('brings a run to the other side and back by itself, and then rests', async () => {
    expect(await ada.watch.set(shared)).toMatchObject({ path: shared, problem: null });
    expect(readdirSync(shared)).toEqual([await ownName(ada)]);
    await bob.watch.set(shared);
    expect(bob.runs.list(10).runs).toMatchObject([{ runId }]);
    await bob.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [] });
    await until(() => expect(ada.runs.show(runId).steps[0]?.state).toBe('done'));
    await until(() => expect(countOf(ada)).toBe(countOf(bob)));
    const names = readdirSync(shared).sort();
    expect(names).toEqual([await ownName(ada), await ownName(bob)].sort());
    const entries = [ada, bob].map(({ ledger }) => ledger.list(null, 100).total);
    const times = names.map((name) => statSync(join(shared, name)).mtimeMs);
    for (let round = 0; round < 3; round += 1) await clock.advance(4_000);
    await ada.watch.stop();
    await bob.watch.stop();
    expect(names.map((name) => statSync(join(shared, name)).mtimeMs)).toEqual(times);
    expect([ada, bob].map(({ ledger }) => ledger.list(null, 100).total)).toEqual(entries);
    expect(ada.watch.show().problem).toBeNull();
  });

  it('tries a file again that was half written', async () => {
    await bob.watch.set(shared);
    await ada.merging.export({ runId, path: join(folder.path, 'whole'), overwrite: false, withEvidence: true });
    const bytes = readFileSync(join(folder.path, 'whole'));
    const path = join(shared, 'from-ada.holdfast-run');
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    await until(() => expect(bob.watch.show().problem).toContain('from-ada.holdfast-run'));
    expect(bob.runs.list(10).runs).toEqual([]);
    appendFileSync(path, bytes.subarray(bytes.length / 2));
    await until(() => expect(bob.runs.list(10).runs).toHaveLength(1));
    await until(() => expect(bob.watch.show().problem).toBeNull());
  });

  it('passes over links, folders, huge files and names that no text can be, and shows hostile ones spelled out', async () => {
    await ada.merging.export({ runId, path: join(folder.path, 'outside'), overwrite: false, withEvidence: true });
    symlinkSync(join(folder.path, 'outside'), join(shared, 'link.holdfast-run'));
    mkdirSync(join(shared, 'folder.holdfast-run'));
    writeFileSync(join(shared, 'huge.holdfast-run'), '');
    truncateSync(join(shared, 'huge.holdfast-run'), 67_108_865);
    writeFileSync(Buffer.concat([Buffer.from(`${shared}/`), Buffer.of(0xff, 0xfe), Buffer.from('.holdfast-run')]), readFileSync(join(folder.path, 'outside')));
    writeFileSync(join(shared, '.hidden.holdfast-run'), readFileSync(join(folder.path, 'outside')));
    writeFileSync(join(shared, 'other.txt'), readFileSync(join(folder.path, 'outside')));
    const { problem } = await bob.watch.set(shared);
    expect(problem).toContain('passed over');
    expect(bob.runs.list(10).runs).toEqual([]);
    for (const name of ['link', 'folder', 'huge']) rmSync(join(shared, `${name}.holdfast-run`), { recursive: true });
    writeFileSync(join(shared, 'evil\n\u202e\u001b[31m.holdfast-run'), 'hello');
    await until(() => expect(bob.watch.show().problem).toMatch(/^evil\u27e8U\+000A\u27e9\u27e8U\+202E\u27e9\u27e8U\+001B\u27e9\[31m\.holdfast-run: /));
    rmSync(join(shared, 'evil\n\u202e\u001b[31m.holdfast-run'));
    await until(() => expect(bob.watch.show().problem).toBeNull());
  });

  it('never reads its own file back, and puts it right when somebody changed or removed it', async () => {
    await ada.watch.set(shared);
    const own = join(shared, await ownName(ada));
    const before = ada.ledger.list(null, 100).total;
    rmSync(own);
    await until(() => expect(readdirSync(shared)).toEqual([own.slice(shared.length + 1)]));
    writeFileSync(own, 'hello');
    for (let round = 0; round < 20; round += 1) await clock.advance(4_000);
    await until(() => expect(readFileSync(own, 'utf8')).not.toBe('hello'));
    expect(ada.watch.show().problem).toBeNull();
    expect(ada.ledger.list(null, 100).total).toBe(before);
  });

  it('reads what lies under its own name and was not written by it, before it writes over it', async () => {
    await ada.watch.set(shared);
    const own = join(shared, await ownName(ada));
    await bob.merging.import(own);
    const put = async (text: string): Promise<void> => {
      await bob.runs.entry({ runId, text, occurredAt: null });
      await bob.merging.export({ runId, path: own, overwrite: true, withEvidence: true });
    };
    await put('while it looks');
    await until(() => expect(countOf(ada)).toBe(countOf(bob)));
    await ada.watch.set(null);
    await put('before it looks');
    await ada.watch.set(shared);
    expect(countOf(ada)).toBe(countOf(bob));
    expect(await bob.merging.import(own)).toMatchObject({ added: 0, known: countOf(bob), missing: [] });
  });

  it('says that it does not look at all of a folder that somebody flooded, and does not write its own file again and again', { timeout: 60_000 }, async () => {
    for (let index = 0; index < 2_001; index += 1) writeFileSync(join(shared, `a${String(index).padStart(4, '0')}.holdfast-run`), 'x');
    await ada.watch.set(shared);
    const own = join(shared, await ownName(ada));
    expect(ada.watch.show().problem).toMatch(/^It holds 2001 files of runs\. Only the first 2000/);
    const before = statSync(own).mtimeMs;
    await until(() => expect(ada.watch.show().problem).toMatch(/^It holds 2002 files/));
    await ada.watch.stop();
    expect(statSync(own).mtimeMs).toBe(before);
  });

  it('survives that the folder goes and comes back', async () => {
    await ada.watch.set(shared);
    renameSync(shared, `${shared}-away`);
    await until(() => expect(ada.watch.show().problem).toContain('does not exist'));
    await ada.runs.entry({ runId, text: 'meanwhile', occurredAt: null });
    mkdirSync(shared);
    await until(() => expect(readdirSync(shared)).toHaveLength(1));
    await until(() => expect(ada.watch.show().problem).toBeNull());
    await bob.watch.set(shared);
    expect(countOf(bob)).toBe(countOf(ada));
  });

  it('names what it refused of a file that was tampered with, and takes the rest', async () => {
    await ada.runs.step({ runId, step: 'look', outcome: 'done', ...STEP, evidence: [] });
    await ada.merging.export({ runId, path: join(folder.path, 'whole'), overwrite: false, withEvidence: true });
    writeFileSync(join(shared, 'x.holdfast-run'), readFileSync(join(folder.path, 'whole'), 'utf8').replace('"outcome":"done"', '"outcome":"failed"'));
    await bob.watch.set(shared);
    expect(bob.watch.show().problem).toMatch(/x\.holdfast-run: 1 refused\. Event \d+: It was altered/);
    expect(bob.runs.list(10).runs).toHaveLength(1);
  });

  it('is remembered by the profile, and looked at again after the next opening; null ends it', async () => {
    await bob.watch.set(shared);
    await bob.close();
    await ada.watch.set(shared);
    bob = await openRunbookProfile(join(folder.path, 'bob'), { clock, actor: 'bob', stays: true });
    await until(() => expect(bob.runs.list(10).runs).toHaveLength(1));
    expect(await bob.watch.set(null)).toEqual({ path: null, lastAt: null, problem: null });
    await ada.runs.entry({ runId, text: 'more', occurredAt: null });
    const before = countOf(bob);
    for (let round = 0; round < 3; round += 1) await clock.advance(4_000);
    expect(countOf(bob)).toBe(before);
  });

  it('is a folder that exists, can be written to and is not the profile', async () => {
    expect(await codeOf(() => ada.watch.set(join(folder.path, 'none')))).toBe('file_not_found');
    expect(await codeOf(() => ada.watch.set('relative'))).toBe('file_not_found');
    writeFileSync(join(folder.path, 'a-file'), '');
    expect(await codeOf(() => ada.watch.set(join(folder.path, 'a-file')))).toBe('file_not_found');
    expect(await codeOf(() => ada.watch.set(ada.profileDir))).toBe('file_unwritable');
    expect(ada.watch.show().path).toBeNull();
  });
});
