// Keeps files of the admin out of a folder of ours, however the way there is written: by links, by other spellings, by a second mount.
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';

/** By number, not by name: one folder has many names. Null when it is not there, or cannot be looked at. */
async function folderId(path: string): Promise<string | null> {
  return stat(path, { bigint: true }).then((facts) => `${facts.dev}:${facts.ino}`, () => null);
}

/**
 * Refuses a path that lies in the profile or in a folder of it: a profile with a stranger's file in it is no longer taken for one.
 * @throws AppError file_unwritable, or the file system's own error when the path's folder is not there
 */
export async function refuseInside(profileDir: string, path: string): Promise<void> {
  const profile = await folderId(profileDir);
  if (profile === null) return;
  for (let folder = await realpath(dirname(path)); ; folder = dirname(folder)) {
    if (await folderId(folder) === profile) throw new AppError('file_unwritable', { message: 'This folder belongs to the Holdfast profile, which takes no other files. Nothing was opened and nothing was written.', hint: 'Choose a folder outside of the profile.' });
    if (folder === dirname(folder)) return;
  }
}
