// The surroundings that Chromium is started with: picked files keep their names in every locale.
import { expect, it } from 'vitest';
import { namesInUtf8 } from './browser.ts';

it.skipIf(process.platform !== 'linux').each<[env: Record<string, string>, expected: Record<string, string>]>([
  [{}, { LC_ALL: 'C.UTF-8' }],
  [{ LANG: 'C' }, { LC_ALL: 'C.UTF-8' }],
  [{ LANG: 'de_DE.ISO-8859-1' }, { LC_ALL: 'C.UTF-8' }],
  // The first of the three that is set decides.
  [{ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, { LC_ALL: 'C.UTF-8' }],
  [{ LC_ALL: '', LC_CTYPE: 'C', LANG: 'en_GB.UTF-8' }, { LC_ALL: 'C.UTF-8' }],
  [{ LC_ALL: '', LANG: 'en_GB.UTF-8' }, {}],
  [{ LC_ALL: 'C.utf8', LANG: 'C' }, {}],
])('%j: names of files are read as UTF-8', (env, expected) => {
  expect(namesInUtf8(env)).toEqual(expected);
});
