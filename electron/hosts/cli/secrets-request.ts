// What the command line and the environment say about secrets: which store, and where the passphrase comes from; it keeps no passphrase.
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import type { SecretsRequest } from '#core/ports.ts';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { AppError } from '#shared/errors.ts';
import type { Io, Notes } from './io.ts';
import { askHidden } from './stdin.ts';

export const PASSPHRASE_VARIABLE = 'HOLDFAST_PASSPHRASE_FILE';
const MAX_BYTES = 4096;
const READABLE_BY_OTHERS = 0o044;

export interface SecretsSource {
  readonly store: SecretStoreKind | null;
  readonly profileDir: string;
  readonly io: Io;
  readonly notes: Notes;
}

/** The request for core. The passphrase is read only when core asks for it: from the file, else from the terminal, else not at all. */
export function secretsRequest({ store, profileDir, io, notes }: SecretsSource): SecretsRequest {
  if (store === 'memory') notes.add('Secrets are kept in memory only: what this command stores ends with it, and its cache cannot be read afterwards.');
  const file = io.env[PASSPHRASE_VARIABLE];
  return {
    store,
    async passphrase() {
      if (file !== undefined && file !== '') return readPassphraseFile(file, notes);
      if (io.stdin.isTTY !== true) return null;
      return isNewProfile(profileDir) ? askTwice(io) : askHidden(io, 'Passphrase of this profile (not shown): ');
    },
  };
}

async function askTwice(io: Io): Promise<string> {
  const first = await askHidden(io, 'New passphrase for this profile (not shown): ');
  const second = await askHidden(io, 'The same once more: ');
  if (first === second) return first;
  throw new AppError('wrong_passphrase', { message: 'The two passphrases differ. Nothing was made.', hint: 'Run the command again and type the same passphrase twice.' });
}

function isNewProfile(profileDir: string): boolean {
  try {
    return readdirSync(profileDir).length === 0;
  } catch {
    // Missing: new. Unreadable: core says so with its own words right after.
    return true;
  }
}

/** Reads the passphrase; one line feed (or CR LF) at its end is not part of it. Throws AppError passphrase_required. */
export function readPassphraseFile(path: string, notes: Notes): string {
  const bytes = readSmallFile(path, notes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unusable('is not text (UTF-8)', cause);
  }
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase === '') throw unusable('is empty');
  return passphrase;
}

function readSmallFile(path: string, notes: Notes): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw unusable(`cannot be opened (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'})`, cause);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw unusable('is a directory');
    if (process.platform !== 'win32' && stat.isFile() && (stat.mode & READABLE_BY_OTHERS) !== 0) notes.add(`Warning: others on this machine may read the file in ${PASSPHRASE_VARIABLE}. Run: chmod 600 on it.`);
    // A pipe is welcome as well: read to the end, but no further than a passphrase can be long.
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (;;) {
      const got = readSync(fd, buffer, length, buffer.length - length, null);
      length += got;
      if (length > MAX_BYTES) throw unusable(`is larger than ${MAX_BYTES} bytes`);
      if (got === 0) return buffer.subarray(0, length);
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : unusable('cannot be read', cause);
  } finally {
    closeSync(fd);
  }
}

function unusable(what: string, cause?: unknown): AppError {
  return new AppError('passphrase_required', {
    message: `The file named in ${PASSPHRASE_VARIABLE} ${what}. Nothing was opened.`,
    hint: `Write the passphrase into a file that only you can read, and put its path into ${PASSPHRASE_VARIABLE}.`,
    cause,
  });
}
