// Names for files that the admin will write: a sensible one to begin with, and what is wrong with one that was typed; it touches no disk.

/** Names that Windows keeps for devices, whatever follows after a dot. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;
const MAX_BYTES = 255;

/** What is wrong with a file name, as a sentence; null when nothing is. `separator` tells the system's rules. */
export function fileNameError(name: string, separator: '/' | '\\'): string | null {
  if (name.trim() === '') return 'Give the file a name.';
  if (name === '.' || name === '..') return 'This names a folder, not a file.';
  if (name.includes('/') || (separator === '\\' && name.includes('\\'))) return 'Choose the folder above; the name alone goes here.';
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) return 'The name holds a character that cannot be seen.';
  if (separator === '\\' && (/[<>:"|?*]/u.test(name) || DEVICES.test(name) || /[. ]$/u.test(name))) return 'Windows takes no such name.';
  // Room for what stands beside it: ".manifest.json", and a part file while it is written.
  if (new TextEncoder().encode(name).length > MAX_BYTES - 24) return 'The name is too long.';
  return null;
}

/** Letters, digits, dots and hyphens of a text, for a file name; never empty. */
export function fileStem(text: string): string {
  const stem = text.normalize('NFKD').replaceAll(/[^A-Za-z0-9.-]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/gu, '').slice(0, 80);
  return stem === '' ? 'deployment' : stem;
}

/** `stem.ext`, or `stem-2.ext` and so on until no file of the folder has that name. Upper and lower case count as the same. */
export function freeName(stem: string, extension: string, taken: readonly string[]): string {
  const held = new Set(taken.map((name) => name.toLowerCase()));
  const isFree = (name: string): boolean => !held.has(name.toLowerCase()) && !held.has(`${name}.manifest.json`.toLowerCase());
  let name = `${stem}.${extension}`;
  for (let copy = 2; !isFree(name); copy += 1) name = `${stem}-${copy}.${extension}`;
  return name;
}

/** A folder's path and a name together; a folder that ends in its separator (a root) gets no second one. */
export function joinPath(folder: string, name: string, separator: '/' | '\\'): string {
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}

export interface Crumb { readonly name: string; readonly path: string }

/** The folders that lead to a path, the root first. */
export function crumbsOf(path: string, separator: '/' | '\\'): readonly Crumb[] {
  const parts = path.split(separator).filter((part) => part !== '');
  if (separator === '/') return [{ name: '/', path: '/' }, ...parts.map((name, at) => ({ name, path: `/${parts.slice(0, at + 1).join('/')}` }))];
  // \\server\share is one root; C: needs its backslash to be a folder.
  const isShare = path.startsWith('\\\\');
  const rootParts = isShare ? 2 : 1;
  const root = isShare ? `\\\\${parts.slice(0, 2).join('\\')}` : `${parts[0] ?? ''}\\`;
  const rest = parts.slice(rootParts);
  return [{ name: isShare ? root : parts[0] ?? '', path: root }, ...rest.map((name, at) => ({ name, path: joinPath(root, rest.slice(0, at + 1).join('\\'), '\\') }))];
}
