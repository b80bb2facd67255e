// From --out on the command line to the whole path of the file it means.
import { resolve, sep } from 'node:path';
import { UsageError } from '../failure.ts';

/** @throws UsageError when it names a folder: a name without its last stroke would be another file than was meant */
export function outFile(out: string, topic: readonly string[]): string {
  if (out.endsWith('/') || out.endsWith(sep)) throw new UsageError('--out names a folder: give the name of a file in it.', topic);
  return resolve(out);
}
