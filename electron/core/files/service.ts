// The folders of this machine, so that a window can choose where a file goes; it reads names and never contents, and leaves out what is hidden.
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { CallOutput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import { readingError } from './file-errors.ts';

export type FolderListing = CallOutput<'files.folders'>;

/** Names of each kind that are listed at most. */
export const NAMES_MAX = 1000;
/** Entries of a folder that are looked at, at most: a folder may hold millions. */
const ENTRIES_MAX = 100_000;
/** Links whose target is looked at, at most. */
const LINKS_MAX = 5000;
const OF_HOME = ['Downloads', 'Documents', 'Desktop'];

/** A file that this console wrote for the admin. */
export interface WrittenFile { readonly deploymentId: string | null; readonly kind: 'export' | 'report'; readonly path: string; readonly sha256: string; readonly bytes: number }
/** Told of a file when its content is on disk, before it gets its name. Never throws. */
export type NoteWrittenFile = (file: WrittenFile) => Promise<void>;

export interface FilesService {
  /** @param path null: the admin's home. @throws AppError file_not_found or file_unreadable */
  folders(path: string | null): Promise<FolderListing>;
}

export interface FilesSurroundings {
  readonly home: string;
  /** Folders in which the system mounts media, by person or not. */
  readonly mounts: readonly string[];
}

export function surroundingsHere(): FilesSurroundings {
  const home = homedir();
  return { home, mounts: process.platform === 'linux' ? ['/media', '/run/media'] : process.platform === 'darwin' ? ['/Volumes'] : [] };
}

export function createFilesService({ home, mounts }: FilesSurroundings = surroundingsHere()): FilesService {
  return {
    async folders(given) {
      const path = given ?? home;
      if (!isAbsolute(path)) throw new AppError('file_not_found', { message: 'This is not the whole path of a folder.', hint: 'Name it from the root on.' });
      const here = resolve(path);
      try {
        const { folders, files } = await namesIn(here);
        const parent = dirname(here);
        return { path: here, parent: parent === here ? null : parent, separator: sep === '\\' ? '\\' : '/', folders, files, isWritable: await mayWrite(here), places: await placesOf(home, mounts) };
      } catch (error) {
        throw readingError(error);
      }
    },
  };
}

/** Names that are no valid UTF-8 are left out: what is shown could not be opened. So are names that begin with a dot. */
async function namesIn(folder: string): Promise<{ readonly folders: string[]; readonly files: string[] }> {
  const folders: string[] = [];
  const files: string[] = [];
  let links = 0;
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries.slice(0, ENTRIES_MAX)) {
    const bytes = entry.name;
    if (!isUtf8(bytes) || bytes[0] === 0x2e) continue;
    const name = bytes.toString('utf8');
    if (entry.isDirectory()) folders.push(name);
    else if (entry.isFile()) files.push(name);
    else if (entry.isSymbolicLink() && (links += 1) <= LINKS_MAX) {
      const kind = await kindBehind(join(folder, name));
      if (kind !== null) (kind === 'folder' ? folders : files).push(name);
    }
  }
  return { folders: firstOf(folders), files: firstOf(files) };
}

/** Null for a link to nothing, or to something that is neither. */
async function kindBehind(path: string): Promise<'folder' | 'file' | null> {
  try {
    const facts = await stat(path);
    return facts.isDirectory() ? 'folder' : facts.isFile() ? 'file' : null;
  } catch {
    return null;
  }
}

function firstOf(names: string[]): string[] {
  // The same order on every machine, whatever its language.
  const order = new Intl.Collator('en', { numeric: true });
  return names.sort((a, b) => order.compare(a, b) || (a < b ? -1 : 1)).slice(0, NAMES_MAX);
}

async function mayWrite(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(() => true, () => false);
}

async function placesOf(home: string, mounts: readonly string[]): Promise<FolderListing['places']> {
  const places: { readonly name: string; readonly path: string }[] = [];
  if (await kindBehind(home) === 'folder') places.push({ name: 'Home', path: home });
  for (const name of OF_HOME) if (await kindBehind(join(home, name)) === 'folder') places.push({ name, path: join(home, name) });
  for (const mount of mounts) places.push(...await mediaIn(mount));
  return places;
}

/** Media lie either in the folder itself or, one level deeper, in a folder by the person's name. What lies on another device than its folder is one. */
async function mediaIn(mount: string, depth = 1): Promise<{ readonly name: string; readonly path: string }[]> {
  const found: { readonly name: string; readonly path: string }[] = [];
  const own = await deviceOf(mount);
  if (own === null) return found;
  const { folders } = await namesIn(mount).catch(() => ({ folders: [] }));
  for (const name of folders) {
    const path = join(mount, name);
    const device = await deviceOf(path);
    if (device !== null && device !== own) found.push({ name, path });
    else if (device !== null && depth > 0) found.push(...await mediaIn(path, depth - 1));
  }
  return found;
}

async function deviceOf(path: string): Promise<number | null> {
  return stat(path).then((facts) => facts.dev, () => null);
}
