// From --out on the command line to the whole path of the file it means.
import { accessSync, constants, existsSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { UsageError } from '../failure.ts';

/** @throws UsageError when it names a folder: a name without its last stroke would be another file than was meant */
export function outFile(out: string, topic: readonly string[]): string {
  if (out.endsWith('/') || out.endsWith(sep)) throw new UsageError('--out names a folder: give the name of a file in it.', topic);
  return resolve(out);
}

export const OVERWRITE = { type: 'flag', about: 'let the file take the place of one that exists' } as const;

/**
 * Said before anything is done that would stay without its file; writing looks again.
 * @throws AppError file_exists
 */
export function refuseExisting(path: string, overwrite: boolean): void {
  if (overwrite || !existsSync(path)) return;
  throw new AppError('file_exists', { message: `There is a file ${basename(path)} already. Nothing was done.`, hint: 'Give another name, or --overwrite.' });
}

/**
 * The folder of a file is there and takes one; said before anything is done that could not be taken back. Writing looks again.
 * @throws AppError file_unwritable
 */
export function requireFolder(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new AppError('file_unwritable', { message: 'The file cannot be written there: its folder is missing, or closed to this user. Nothing was done.', hint: 'Choose another folder or name.', cause: error });
  }
}
