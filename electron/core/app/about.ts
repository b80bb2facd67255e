// What the About page and `doctor` tell: versions and the licences of what is inside, read from the installed packages.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallOutput } from '#shared/contract.ts';
import type { Paths } from '../ports.ts';

type About = CallOutput<'app.about'>;

/** A list made when the program is packaged; in a checkout the packages themselves are read. */
const LICENCE_LIST = 'licences.json';

export function about(version: string, paths: Paths, sqliteVersion: string | null): About {
  return {
    version,
    licence: 'Apache-2.0',
    runtime: [
      { name: 'Node', value: process.versions.node },
      ...(process.versions['electron'] === undefined ? [] : [{ name: 'Electron', value: process.versions['electron'] }]),
      ...(sqliteVersion === null ? [] : [{ name: 'SQLite', value: sqliteVersion }]),
      { name: 'OpenSSL', value: process.versions.openssl },
      { name: 'Platform', value: `${process.platform} ${process.arch}` },
    ],
    licences: licences(paths.programDir),
  };
}

function licences(programDir: string): About['licences'] {
  const list = join(programDir, LICENCE_LIST);
  if (existsSync(list)) return JSON.parse(readFileSync(list, 'utf8')) as About['licences'];
  const lockPath = join(programDir, 'package-lock.json');
  if (!existsSync(lockPath)) return [];
  const lock = JSON.parse(readFileSync(lockPath, 'utf8')) as { packages: Record<string, { version?: string; license?: string; dev?: boolean; devOptional?: boolean; optional?: boolean; name?: string }> };
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true && entry.optional !== true)
    .map(([path, entry]) => ({ name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), version: entry.version ?? '', licence: entry.license ?? 'see package' }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
