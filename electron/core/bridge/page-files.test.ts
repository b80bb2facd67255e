// Tests of what a page may load: built files by their exact path and nothing else.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pageFileAt, readPageFiles } from './page-files.ts';

const ORIGIN = 'https://console.localhost';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(): void {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'main-1a2b.js.map'), '{"sources":["/somewhere"]}');
  writeFileSync(join(folder, 'assets', 'inter.woff2'), 'font');
  writeFileSync(join(folder, 'notes.txt'), 'not for the page');
  symlinkSync('/etc/passwd', join(folder, 'linked.js'));
}

describe('the files of the page', () => {
  it('are the built ones of known kinds; no source map, no link', async () => {
    build();
    const files = await readPageFiles(folder);
    expect([...files?.keys() ?? []].sort()).toEqual(['/', '/assets/inter.woff2', '/assets/main-1a2b.js']);
    expect(files?.get('/')?.contentType).toBe('text/html; charset=utf-8');
  });

  it('are none before the page is built', async () => {
    expect(await readPageFiles(folder)).toBeNull();
    expect(await readPageFiles(join(folder, 'missing'))).toBeNull();
  });

  it('R4: are found by their exact URL alone', async () => {
    build();
    const files = await readPageFiles(folder) ?? new Map();
    for (const url of [`${ORIGIN}/`, `${ORIGIN}/#/audit`, `${ORIGIN}/assets/main-1a2b.js`]) expect(pageFileAt(files, ORIGIN, url), url).toBeDefined();
    const refused = [
      '', ORIGIN, `${ORIGIN}/index.html`, `${ORIGIN}/notes.txt`, `${ORIGIN}/linked.js`, `${ORIGIN}/?x`, `${ORIGIN}/assets`, `${ORIGIN}/assets/`, `${ORIGIN}/assets/main-1a2b.js?`, `${ORIGIN}/assets/main-1a2b.js.map`,
      `${ORIGIN}/assets/../assets/main-1a2b.js`, `${ORIGIN}/assets//main-1a2b.js`, `${ORIGIN}/..%2f..%2fetc/passwd`, `${ORIGIN}/..%5c..%5cetc%5cpasswd`, `${ORIGIN}/%00`, `${ORIGIN}//etc/passwd`, `${ORIGIN}/assets/main-1a2b.js%00`,
      `${ORIGIN}.evil.example/`, `${ORIGIN}:443/`, 'https://user@console.localhost/', 'http://console.localhost/', 'file:///etc/passwd', `${ORIGIN}/__proto__`, `${ORIGIN}/constructor`,
    ];
    for (const url of refused) expect(pageFileAt(files, ORIGIN, url), url).toBeUndefined();
  });
});
