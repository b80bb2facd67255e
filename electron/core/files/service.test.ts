// The folders of this machine: what is listed, what is left out, and what is said when a folder cannot be read.
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { temporaryFolder } from '../../../test/support/ports.ts';
import { createFilesService, NAMES_MAX } from './service.ts';
import type { FilesService } from './service.ts';

let folder: ReturnType<typeof temporaryFolder>;
let files: FilesService;
beforeEach(() => {
  folder = temporaryFolder('folders');
  files = createFilesService({ home: folder.path, mounts: [] });
});
afterEach(() => {
  chmodSync(folder.path, 0o700);
  folder.remove();
});
const at = (...names: string[]): string => join(folder.path, ...names);

it('lists folders and files of the home by name; hidden ones, other kinds and links to nothing are left out', async () => {
  for (const name of ['b10', 'b9', 'Ärger', '.hidden', '\u202egnp', 'real']) mkdirSync(at(name));
  for (const name of ['z.txt', '.secret', 'a.txt']) writeFileSync(at(name), '');
  symlinkSync(at('real'), at('link to a folder'));
  symlinkSync(at('z.txt'), at('link to a file'));
  symlinkSync(at('none'), at('link to nothing'));
  symlinkSync(at('circle'), at('circle'));
  const listed = await files.folders(null);
  expect(contract['files.folders'].output.parse(listed)).toEqual(listed);
  expect(listed).toMatchObject({ path: folder.path, parent: dirname(folder.path), separator: '/', isWritable: true, files: ['a.txt', 'link to a file', 'z.txt'] });
  expect([...listed.folders].sort()).toEqual(['b10', 'b9', 'link to a folder', 'real', 'Ärger', '\u202egnp'].sort());
  expect(listed.folders.indexOf('b9')).toBeLessThan(listed.folders.indexOf('b10'));
  expect(await files.folders(null)).toEqual(listed);
});

it.skipIf(process.platform !== 'linux')('leaves out a name that is no valid UTF-8: what is shown could not be opened', async () => {
  mkdirSync(Buffer.concat([Buffer.from(`${folder.path}/bad-`), Buffer.from([0xff, 0xfe])]));
  mkdirSync(at('good'));
  expect((await files.folders(folder.path)).folders).toEqual(['good']);
});

it('lists at most a thousand names of each kind', async () => {
  for (let n = 0; n < NAMES_MAX + 20; n += 1) mkdirSync(at(`f${n}`));
  const { folders } = await files.folders(null);
  expect(folders).toHaveLength(NAMES_MAX);
  expect(folders[0]).toBe('f0');
});

it('goes from the root to any folder, and the root has no parent', async () => {
  expect(await files.folders('/')).toMatchObject({ path: '/', parent: null });
  mkdirSync(at('a'));
  expect(await files.folders(`${folder.path}/a/../a/`)).toMatchObject({ path: at('a'), parent: folder.path, folders: [] });
});

it('says what is wrong with a folder that cannot be listed', async () => {
  const codeOf = (path: string): Promise<string> => files.folders(path).then(() => 'none', (error: { code?: string }) => error.code ?? String(error));
  writeFileSync(at('file'), '');
  expect(await codeOf(at('none'))).toBe('file_not_found');
  expect(await codeOf(at('file'))).toBe('file_unreadable');
  expect(await codeOf('relative')).toBe('file_not_found');
  expect(await codeOf(at('a\0b'))).toBe('file_unreadable');
  expect(await codeOf(at('x'.repeat(300)))).toBe('file_unreadable');
});

it.skipIf(process.getuid?.() === 0)('says so when the system does not allow it, and that a folder takes no file', async () => {
  mkdirSync(at('closed'), { mode: 0o000 });
  await expect(files.folders(at('closed'))).rejects.toMatchObject({ code: 'file_unreadable' });
  chmodSync(folder.path, 0o500);
  expect((await files.folders(null)).isWritable).toBe(false);
});

it('offers the home, the usual folders that exist, and what is mounted', async () => {
  mkdirSync(at('Downloads'));
  writeFileSync(at('Desktop'), '');
  expect((await files.folders(null)).places).toEqual([{ name: 'Home', path: folder.path }, { name: 'Downloads', path: at('Downloads') }]);
  // /dev lies on another device than the root, as a stick does.
  const mounted = createFilesService({ home: folder.path, mounts: ['/', mkdtempSync(join(tmpdir(), 'holdfast-test-folders-'))] });
  const { places } = await mounted.folders(null);
  expect(places.map(({ path }) => path)).toContain('/dev');
  expect(places.map(({ path }) => path)).not.toContain('/etc');
});
