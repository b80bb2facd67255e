// R61: no file of the admin gets into the profile, whatever way there is written; beside it, it does.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/ports.ts';
import { openAtomicFile } from './atomic-file.ts';

let folder: ReturnType<typeof temporaryFolder>;
let profileDir: string;
beforeEach(() => {
  folder = temporaryFolder('keep-out');
  profileDir = join(folder.path, 'profile');
  mkdirSync(join(profileDir, 'logs'), { recursive: true });
});
afterEach(() => folder.remove());

const codeAt = async (path: string, over = profileDir): Promise<string> => {
  try {
    await (await openAtomicFile(path, { profileDir: over })).commit();
    return 'written';
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message.split('.')[0]}`;
  }
};
const refused = 'file_unwritable: This folder belongs to the Holdfast profile, which takes no other files';

it('refuses the profile and every folder of it: by name, by a longer way, by links of any kind', async () => {
  symlinkSync(profileDir, join(folder.path, 'link'));
  symlinkSync(join(profileDir, 'logs'), join(folder.path, 'deep link'));
  symlinkSync(folder.path, join(folder.path, 'up'));
  for (const way of [`${profileDir}/x`, `${profileDir}/logs/x`, `${folder.path}/./up/profile/x`, `${folder.path}/other/../profile/logs/../x`, `${folder.path}/link/x`, `${folder.path}/deep link/x`, `${folder.path}/up/up/link/logs/x`, `${profileDir}/../link/x`]) {
    mkdirSync(join(folder.path, 'other'), { recursive: true });
    expect(await codeAt(way), way).toBe(refused);
  }
  // The profile itself named by a link.
  expect(await codeAt(`${profileDir}/x`, join(folder.path, 'link'))).toBe(refused);
  expect([readdirSync(profileDir), readdirSync(join(profileDir, 'logs'))]).toEqual([['logs'], []]);
});

it('takes what lies beside the profile or above it, also under a name that begins like it, and what lies there by a link out of it', async () => {
  mkdirSync(join(folder.path, 'profile-2'));
  mkdirSync(join(folder.path, 'elsewhere'));
  symlinkSync(join(folder.path, 'elsewhere'), join(profileDir, 'out'));
  for (const way of ['x', 'profile-2/x', 'profile/out/x']) expect(await codeAt(join(folder.path, way)), way).toBe('written');
  expect(await codeAt(join(folder.path, 'y'), join(folder.path, 'no profile yet'))).toBe('written');
});

it('a folder that is not there is told as such', async () => {
  expect(await codeAt(join(folder.path, 'none', 'x'))).toBe('file_unwritable: The file cannot be written there');
});

it('refuses the profile under a second mount as well', async (context) => {
  const second = join(folder.path, 'mounted');
  mkdirSync(second);
  if (spawnSync('mount', ['--bind', profileDir, second]).status !== 0) return context.skip('nothing may be mounted here');
  try {
    expect(await codeAt(join(second, 'x'))).toBe(refused);
    expect(await codeAt(join(second, 'logs', 'x'))).toBe(refused);
  } finally {
    spawnSync('umount', [second]);
  }
});
