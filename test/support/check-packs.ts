// Reads the packs of a folder as the program does; ends with 1 and file, line and reason of everything that is broken.
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { packsIn } from '#core/posture/packs.ts';
import { lintRunbook, runbooksIn } from '#core/runbooks/packs/packs.ts';

const [, , folder = 'shared/packs'] = process.argv;
const root = pathToFileURL(`${folder}/`);
const broken: string[] = [];

try {
  if (packsIn(new URL('baselines/', root)).length === 0) broken.push(`There is no baseline in ${folder}.`);
} catch (error) {
  broken.push(error instanceof Error ? error.message : String(error));
}

try {
  const runbooks = new URL('runbooks/', root);
  const names = readdirSync(runbooks).filter((name) => name.endsWith('.yaml'));
  const faults = names.flatMap((name) => lintRunbook(readFileSync(new URL(name, runbooks), 'utf8')).map(({ line, column, message }) => `${name}, line ${line}, column ${column}: ${message}`));
  broken.push(...faults);
  if (faults.length === 0 && runbooksIn(runbooks).length === 0) broken.push(`There is no runbook in ${folder}.`);
} catch (error) {
  broken.push(error instanceof Error ? error.message : String(error));
}

if (broken.length > 0) {
  process.stderr.write(`${broken.join('\n')}\n`);
  process.exitCode = 1;
}
