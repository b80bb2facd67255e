// The vault file on disk: read as a whole, replaced as a whole, 0600; it refuses to overwrite a file that is not the one last read.
import { randomBytes } from 'node:crypto';
import { link, lstat, open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { z } from '#shared/zod.ts';
import { isUndamaged, sealed } from './sealed.ts';
import type { Sealed } from './sealed.ts';

const MAX_VAULT_BYTES = 16 * 1024 * 1024;

/** What was read: the exact text, to recognise the file again, and the envelope in it. */
export interface VaultFile { readonly text: string; readonly envelope: Sealed }

export function vaultDamaged(message: string): AppError {
  return new AppError('vault_damaged', {
    message: `${message} The file was left as it is.`,
    hint: 'Restore the vault file from a backup, or start a new profile and import the tokens again.',
  });
}

function systemError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('disk_full', { message: 'The disk is full, so the vault could not be written. The vault is as it was before.', hint: 'Free some space, then try again.', cause: error });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new AppError('profile_unwritable', { message: 'The vault file may not be read or written. It was left as it is.', hint: 'Give your user access to the profile directory, then try again.', cause: error });
  return error;
}

/** The one way a vault is spelled, so that any other bytes are a change. */
export function vaultText(envelope: Sealed): string {
  return `${JSON.stringify(sealed.parse(envelope), null, 2)}\n`;
}

/** True when there is something at that path, even if it is no vault: nothing may be written over it. */
export async function vaultExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw systemError(error);
  }
}

/** Reads and checks the file. Throws AppError `vault_damaged` (gone, cut short, changed, not a vault) or `profile_unwritable`. */
export async function readVaultFile(path: string): Promise<VaultFile> {
  let bytes: Buffer;
  try {
    const file = await open(path, 'r');
    try {
      if ((await file.stat()).size > MAX_VAULT_BYTES) throw vaultDamaged('The vault file is far too large to be a vault.');
      bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw vaultDamaged('There is no vault file.');
    throw systemError(error);
  }
  const envelope = parseVault(bytes);
  return { text: bytes.toString(), envelope };
}

const newerVault = z.looseObject({ format: z.literal('holdfast-vault'), version: z.int().min(2) });

function parseVault(bytes: Buffer): Sealed {
  const damaged = vaultDamaged('The vault file is damaged.');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    throw damaged;
  }
  if (newerVault.safeParse(json).success) throw vaultDamaged('The vault file was written by a newer version of Holdfast, or is damaged.');
  const parsed = sealed.safeParse(json);
  if (!parsed.success || parsed.data.format !== 'holdfast-vault' || !isUndamaged(parsed.data)) throw damaged;
  if (!Buffer.from(vaultText(parsed.data)).equals(bytes)) throw damaged;
  return parsed.data;
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows cannot open a directory for this; NTFS journals the rename.
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Puts a new text in place: whole and on disk, or not at all. `expected` is the text last read, or null for a new file.
 * Throws AppError `busy` when the file is not the expected one, `disk_full`, `profile_unwritable`.
 * Two writers in the same millisecond are kept apart by the profile's lock, not here.
 */
export async function writeVaultFile({ path, expected, text }: { path: string; expected: string | null; text: string }): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (expected === null) {
      await link(temporary, path);
      await unlink(temporary);
    } else {
      if (await readFile(path, 'utf8') !== expected) throw vaultChanged();
      await rename(temporary, path);
    }
    await syncDirectory(directory);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw new AppError('invalid_input', { message: 'There is already a vault in this profile. It was left as it is.', hint: 'Open it with its passphrase.', cause: error });
    if (code === 'ENOENT' && expected !== null) throw vaultDamaged('The vault file is gone.');
    throw systemError(error);
  }
}

export function vaultChanged(): AppError {
  return new AppError('busy', {
    message: 'Another process changed the vault in the meantime. Its newer state was kept; this change was not written.',
    hint: 'Try again.',
  });
}
