// Owns the list of what is inside a package and under which licence, read from the installed packages themselves; refuses one that does not say.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetUpError } from './setup-error.mjs';
import { inTree } from './tree.mjs';

/**
 * @typedef {{ name: string, version: string, licence: string }} Licence as the About page shows it
 * @typedef {Licence & { folder: string }} InstalledPackage
 */

/**
 * What a package of Holdfast contains or is bundled from: the production packages of the lockfile. The Node binaries (optional) are for a checkout.
 * @returns {InstalledPackage[]} by name
 * @throws {SetUpError} for a package that names no licence
 */
export function productionPackages() {
  /** @type {Record<string, { dev?: boolean, devOptional?: boolean, optional?: boolean }>} */
  const locked = JSON.parse(readFileSync(inTree('package-lock.json'), 'utf8')).packages;
  return Object.entries(locked)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true && entry.optional !== true)
    .filter(([path]) => existsSync(inTree(path, 'package.json')))
    .map(([path]) => {
      const { name, version, license } = JSON.parse(readFileSync(inTree(path, 'package.json'), 'utf8'));
      if (typeof license !== 'string' || license === '') throw new SetUpError(`${path} does not say under which licence it is.`, 'Look it up, and replace the package if it has none.');
      return { name, version, licence: license, folder: inTree(path) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** @returns {Licence[]} the content of licences.json */
export function licenceList() {
  return productionPackages().map(({ name, version, licence }) => ({ name, version, licence }));
}

/** @returns {string} the licence texts in full: most licences ask that they go with every copy */
export function licenceTexts() {
  return productionPackages()
    .map(({ name, version, licence, folder }) => {
      const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|ofl)/i.test(file)).sort();
      const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
      return [`${name} ${version} (${licence})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}
