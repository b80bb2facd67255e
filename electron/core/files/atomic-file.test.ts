// R61: a file appears under its name whole or not at all, never in place of another, and nothing of a dead writer stays.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/ports.ts';
import { openAtomicFile } from './atomic-file.ts';
import { isDead, partialName, readPartialName } from './partial-name.ts';

const without = vi.hoisted(() => ({ links: null as string | null, fsync: null as string | null }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    link: (from: string, to: string) => (without.links === null ? real.link(from, to) : Promise.reject(Object.assign(new Error('no links here'), { code: without.links }))),
    open: async (path: string, flags: string, mode?: number) => {
      const handle = await real.open(path, flags, mode);
      if (without.fsync !== null && flags === 'r') vi.spyOn(handle, 'sync').mockRejectedValue(Object.assign(new Error('no flush'), { code: without.fsync }));
      return handle;
    },
  };
});

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder('atomic');
  path = join(folder.path, 'out.jsonl');
});
afterEach(() => {
  without.links = null;
  without.fsync = null;
  folder.remove();
});

const names = (): string[] => readdirSync(folder.path).sort();
const codeOf = async (run: () => Promise<unknown>): Promise<string> => run().then(() => 'none', (error: { code?: string }) => error.code ?? String(error));

describe('R61: a file that appears whole', () => {
  it('is under another name until the commit, then under its own with the digest of its bytes, for its owner alone', async () => {
    const file = await openAtomicFile(path);
    const chunks = ['ä', Buffer.alloc(300_000, 7), '', Buffer.from([0, 255]), 'x'.repeat(5)];
    for (const chunk of chunks) await file.write(chunk);
    expect(names()).toHaveLength(1);
    expect(names()[0]).toMatch(/^\..*\.holdfast-partial$/);
    expect(existsSync(path)).toBe(false);
    const sealed = await file.commit();
    const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(sealed).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(names()).toEqual(['out.jsonl']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await file.abort();
    expect(names()).toEqual(['out.jsonl']);
  });

  it('is empty when nothing was written', async () => {
    const file = await openAtomicFile(path);
    expect(await file.commit()).toEqual({ bytes: 0, sha256: createHash('sha256').digest('hex') });
    expect(statSync(path).size).toBe(0);
  });

  it('leaves nothing after abort, before and after the sealing', async () => {
    const first = await openAtomicFile(path);
    await first.write('x');
    await first.abort();
    expect(names()).toEqual([]);
    const second = await openAtomicFile(path);
    await second.write('x');
    await second.seal();
    await second.abort();
    await second.abort();
    expect(names()).toEqual([]);
  });

  it.each([
    ['a file', (at: string) => writeFileSync(at, 'kept')],
    ['a folder', (at: string) => mkdirSync(at)],
    ['a link to nothing', (at: string) => symlinkSync('nowhere', at)],
  ])('never takes the place of %s, neither at the beginning nor at the end', async (_what, make) => {
    make(path);
    const before = lstatSync(path).ino;
    expect(await codeOf(() => openAtomicFile(path))).toBe('file_exists');
    expect(names()).toEqual(['out.jsonl']);
    const later = join(folder.path, 'later');
    const file = await openAtomicFile(later);
    await file.write('x');
    make(later);
    expect(await codeOf(() => file.commit())).toBe('file_exists');
    expect(names()).toEqual(['later', 'out.jsonl']);
    expect(lstatSync(path).ino).toBe(before);
  });

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('does the same on a file system without links (%s)', async (code) => {
    without.links = code;
    const file = await openAtomicFile(path);
    await file.write('whole');
    await file.commit();
    expect(readFileSync(path, 'utf8')).toBe('whole');
    expect(names()).toEqual(['out.jsonl']);
    const other = join(folder.path, 'other');
    const second = await openAtomicFile(other);
    writeFileSync(other, 'kept');
    expect(await codeOf(() => second.commit())).toBe('file_exists');
    expect(readFileSync(other, 'utf8')).toBe('kept');
    expect(names()).toEqual(['other', 'out.jsonl']);
  });

  it('is taken back when its name cannot be brought to the disk; where folders have no flushing it stays', async () => {
    without.fsync = 'EIO';
    const file = await openAtomicFile(path);
    expect(await codeOf(() => file.commit())).toBe('file_unwritable');
    expect(names()).toEqual([]);
    without.fsync = 'EINVAL';
    await (await openAtomicFile(path)).commit();
    expect(names()).toEqual(['out.jsonl']);
  });

  it('can be withdrawn as long as it is the file under the name', async () => {
    const file = await openAtomicFile(path);
    await file.commit();
    await file.withdraw();
    expect(names()).toEqual([]);
    const second = await openAtomicFile(path);
    await second.commit();
    await fs.unlink(path);
    writeFileSync(path, 'of somebody else');
    await second.withdraw();
    expect(readFileSync(path, 'utf8')).toBe('of somebody else');
  });

  it('replaces only what it was allowed to replace', async () => {
    writeFileSync(path, 'old');
    const asked: string[] = [];
    const file = await openAtomicFile(path, { mayReplace: async (at) => asked.push(at) > 0 });
    await file.write('new');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await file.commit();
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(asked).toEqual([path, path]);
    expect(await codeOf(() => openAtomicFile(path, { mayReplace: async () => false }))).toBe('file_exists');
  });

  it.each([
    ['no folder', () => join(folder.path, 'none', 'out')], ['a file for a folder', () => { writeFileSync(path, ''); return join(path, 'out'); }], ['a name that is too long', () => join(folder.path, 'x'.repeat(300))],
    ['a relative path', () => 'out.jsonl'], ['a NUL', () => join(folder.path, 'a\0b')], ['a folder', () => `${folder.path}/`], ['nothing', () => ''],
  ])('says file_unwritable for %s, and leaves nothing', async (_what, at) => {
    const given = at();
    const before = names();
    expect(await codeOf(() => openAtomicFile(given))).toBe('file_unwritable');
    expect(names()).toEqual(before);
  });

  it('takes the longest name that the folder takes', async () => {
    const long = join(folder.path, 'x'.repeat(255));
    await (await openAtomicFile(long)).commit();
    expect(names()).toEqual(['x'.repeat(255)]);
  });
});

describe('R61: what was left behind', () => {
  it('a living writer of the same file is not disturbed, and of two that begin at once at most one goes on', async () => {
    const file = await openAtomicFile(path);
    expect(await codeOf(() => openAtomicFile(path))).toBe('file_exists');
    const other = await openAtomicFile(join(folder.path, 'other'));
    await other.commit();
    await file.write('x');
    await file.commit();
    expect(names()).toEqual(['other', 'out.jsonl']);
    const many = join(folder.path, 'many');
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => openAtomicFile(many)));
    const begun = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(begun.length).toBeLessThanOrEqual(1);
    for (const one of begun) await one.commit();
    await (begun.length === 0 ? openAtomicFile(many).then((one) => one.commit()) : Promise.resolve());
    expect(names()).toEqual(['many', 'other', 'out.jsonl']);
  });

  it('of a process that is gone it is removed, of one that lives or of another machine it stays', async () => {
    const script = `import { writeFileSync } from 'node:fs'; import { partialName } from ${JSON.stringify(join(import.meta.dirname, 'partial-name.ts'))}; const name = partialName('out.jsonl', '00000000000000aa'); writeFileSync(name, 'half'); console.log(name);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder.path, encoding: 'utf8' });
    const dead = child.stdout.trim();
    expect(names()).toEqual([dead]);
    const mine = partialName('something else', '00000000000000bb');
    const owner = readPartialName(mine);
    if (owner === null) throw new Error('our own name is not read');
    const foreign = mine.replace(owner.machine, '0123456789ab').replace(`-${owner.pid}-`, '-4194304-');
    const reused = mine.replace(`-${owner.start}-`, `-${Number(owner.start) - 1}-`);
    const stranger = '.unrelated.holdfast-partial';
    for (const name of [mine, foreign, reused, stranger]) writeFileSync(join(folder.path, name), 'half');
    linkSync(join(folder.path, stranger), join(folder.path, 'visible'));
    await (await openAtomicFile(path)).commit();
    const kept = [mine, foreign, stranger, 'visible', 'out.jsonl'];
    expect(names()).toEqual((process.platform === 'linux' ? kept : [...kept, reused]).sort());
  });

  it('an owner counts as dead only when that is certain', () => {
    const owner = readPartialName(partialName('x', '0123456789abcdef'));
    if (owner === null) throw new Error('our own name is not read');
    expect(owner.pid).toBe(process.pid);
    expect(isDead(owner)).toBe(false);
    expect(isDead({ ...owner, pid: 4_194_304 + 7 })).toBe(true);
    expect(isDead({ ...owner, boot: 'abcdefabcdef' })).toBe(true);
    expect(isDead({ ...owner, machine: 'abcdefabcdef', pid: 4_194_304 + 7 })).toBe(false);
    expect(isDead({ ...owner, start: '' })).toBe(false);
    for (const name of ['', '.holdfast-partial', '.a-b-c-1-2-d.holdfast-partial', `${partialName('x', '0123456789abcdef')}x`, `x${partialName('x', '0123456789abcdef')}`]) expect(readPartialName(name)).toBeNull();
  });
});
