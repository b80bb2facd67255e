// profile.json: what must be known before the cache can be opened. Nothing in it is secret.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { settings, DEFAULT_SETTINGS } from '#shared/contract/settings.ts';
import { secretStoreKind } from '#shared/domain/credentials.ts';
import { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';

const profileFile = z.strictObject({
  format: z.literal(1),
  /** Names the keychain entries of this profile. */
  profileId: z.string().regex(/^[0-9a-f]{16}$/),
  store: secretStoreKind.nullable(),
  /** A canary was left in the store, so that a reset keychain can be told from a new one. */
  canaryPlanted: z.boolean(),
  /** The database key in the keychain is wrapped by an app passphrase. */
  passphraseSet: z.boolean(),
  settings,
});
export type ProfileFile = z.infer<typeof profileFile>;

export function profileFilePath(profileDir: string): string {
  return join(profileDir, 'profile.json');
}

/** Reads profile.json; null when there is none (a new profile). Throws AppError when it cannot be read or understood. */
export function readProfileFile(profileDir: string): ProfileFile | null {
  let text: string;
  try {
    text = readFileSync(profileFilePath(profileDir), 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return null;
    throw new AppError('profile_unwritable', { message: `The profile cannot be read (${code ?? 'unknown reason'}). Nothing was changed.`, hint: 'Check that --profile names a directory that you own.', cause });
  }
  try {
    return profileFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('profile_unwritable', { message: 'profile.json is damaged or from a newer Holdfast. Nothing was changed.', hint: 'Put a copy of profile.json back, or start with another --profile directory.', cause });
  }
}

export function newProfileFile(): ProfileFile {
  return { format: 1, profileId: randomBytes(8).toString('hex'), store: null, canaryPlanted: false, passphraseSet: false, settings: DEFAULT_SETTINGS };
}

/** Writes profile.json in one step: temporary file, fsync, rename, fsync of the directory. Makes the directory (0700) when needed. */
export function writeProfileFile(profileDir: string, profile: ProfileFile): void {
  const path = profileFilePath(profileDir);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(profileDir, { recursive: true, mode: 0o700 });
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeSync(fd, `${JSON.stringify(profile, null, 2)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    syncDirectory(profileDir);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') throw new AppError('disk_full', { message: 'The disk is full: the profile could not be saved. The old one was kept.', hint: 'Free some space and try again.', cause });
    throw new AppError('profile_unwritable', { message: `The profile cannot be written (${code ?? 'unknown reason'}). The old one was kept.`, hint: 'Check that you own the profile directory and that it is not read-only.', cause });
  }
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
