// Owns which built files the page may have: a map made once at start. A path from a URL is only ever looked up in it and never reaches the file system.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

/** By URL path: '/' is the page itself, everything else lies under its path in the built folder. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** A kind of file that is not named here (a source map, a licence text) is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/**
 * Reads the built page into memory.
 * @param folder where index.html lies
 * @returns null when the page was not built yet
 */
export async function readPageFiles(folder: string): Promise<PageFiles | null> {
  const files = new Map<string, PageFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const contentType = CONTENT_TYPES[/\.[a-z0-9]+$/.exec(entry.name)?.[0] ?? ''];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const urlPath = `/${relative(folder, path).split(sep).map(encodeURIComponent).join('/')}`;
    files.set(urlPath === '/index.html' ? '/' : urlPath, { contentType, body: await readFile(path) });
  }
  return files.has('/') ? files : null;
}

/**
 * The file for a URL, when the page may have it.
 * @param origin the page's own origin, for example `https://console.localhost`
 * @returns undefined for another origin, a query, credentials in the URL, or a path that is not in the map
 */
export function pageFileAt(files: PageFiles, origin: string, url: string): PageFile | undefined {
  // Compared as text: a URL that needs any normalising is not one of ours.
  const withoutFragment = url.split('#', 1)[0] ?? '';
  return withoutFragment.startsWith(`${origin}/`) ? files.get(withoutFragment.slice(origin.length)) : undefined;
}
