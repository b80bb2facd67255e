// Owns the passphrase that a window host is given in a file (HOLDFAST_PASSPHRASE_FILE), for starts without anybody who could type it. It keeps no copy.
import { readFileSync, statSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { SecretsRequest } from '../ports.ts';

export const PASSPHRASE_VARIABLE = 'HOLDFAST_PASSPHRASE_FILE';
const MAX_BYTES = 4096;

/**
 * The way to the passphrase for core; null when no file was named: then the window asks.
 * @throws AppError passphrase_required, when it is called, for a file that cannot be read, is too large, empty or not UTF-8
 */
export function passphraseFromFile(env: Readonly<Record<string, string | undefined>>): SecretsRequest['passphrase'] {
  const path = env[PASSPHRASE_VARIABLE];
  if (path === undefined || path === '') return null;
  return async () => {
    try {
      if (statSync(path).size > MAX_BYTES) throw new Error('too large');
      // One line feed at the end is the editor's, not the passphrase's.
      const passphrase = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)).replace(/\r?\n$/, '');
      if (passphrase === '') throw new Error('empty');
      return passphrase;
    } catch (cause) {
      throw new AppError('passphrase_required', { message: `The file named in ${PASSPHRASE_VARIABLE} cannot be used. Nothing was opened.`, hint: `Put the path of a small text file that only you can read into ${PASSPHRASE_VARIABLE}, or leave it out and type the passphrase.`, cause });
    }
  };
}
