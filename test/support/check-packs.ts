// Reads the packs of a folder as the program does; ends with 1 and file, line and reason when one is broken.
import { pathToFileURL } from 'node:url';
import { packsIn } from '#core/posture/packs.ts';

const [, , folder = 'shared/packs'] = process.argv;
try {
  const packs = packsIn(new URL('baselines/', pathToFileURL(`${folder}/`)));
  if (packs.length === 0) throw new Error(`There is no baseline in ${folder}.`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
