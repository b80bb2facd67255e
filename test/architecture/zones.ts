// Owns which part of the house a file belongs to; a file that belongs to none is an error of the caller's to report.

/** The parts of DESIGN's table, as this tree names them. */
export type Zone = 'shared' | 'renderer' | 'core' | 'hosts/electron' | 'hosts/chromium' | 'hosts/cli' | 'reference deployments' | 'build' | 'configuration' | 'test';

export const PRODUCT: readonly Zone[] = ['shared', 'renderer', 'core', 'hosts/electron', 'hosts/chromium', 'hosts/cli'];

/** Configuration of tools that read a default export, and what several of them share (build/<name>.vite.ts). */
const CONFIGURATION = /^(?:[a-z]+|renderer\/vite|build\/[a-z]+\.vite)\.config\.ts$|^build\/[a-z]+\.vite\.ts$/;

/** In this order: the first that fits. */
const ZONES: readonly (readonly [Zone, RegExp])[] = [
  ['test', /\.(?:test|spec)\.tsx?$/],
  ['configuration', CONFIGURATION],
  ['reference deployments', /^test\/deployments\//],
  ['test', /^test\//],
  ['shared', /^shared\//],
  ['renderer', /^renderer\//],
  ['core', /^electron\/core\//],
  ['hosts/electron', /^electron\/hosts\/electron\//],
  ['hosts/chromium', /^electron\/hosts\/chromium\//],
  ['hosts/cli', /^electron\/hosts\/cli\//],
  ['build', /^build\//],
];

export function zoneOf(path: string): Zone | null {
  return ZONES.find(([, pattern]) => pattern.test(path))?.[0] ?? null;
}

export function isProduct(path: string): boolean {
  const zone = zoneOf(path);
  return zone !== null && PRODUCT.includes(zone);
}
