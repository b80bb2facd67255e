// File names: defaults that never collide, refusals in words, and paths that lead back to themselves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crumbsOf, fileNameError, fileStem, freeName, joinPath } from './file-name.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 7);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2000 : 200;

describe('file names', () => {
  it('R60: refuses what is no name of a file, and says why', () => {
    for (const name of ['', '  ', '.', '..', 'a/b', 'a\u0000b', 'a\u202Eb', 'a\u200Bb', 'x'.repeat(240)]) expect(fileNameError(name, '/'), JSON.stringify(name)).toMatch(/\.$/u);
    for (const name of ['a\\b', 'con', 'NUL.txt', 'a:b', 'a?', 'ends.', 'com1.log']) expect(fileNameError(name, '\\'), name).not.toBeNull();
    for (const name of ['acme.jsonl', 'a b.csv', 'März.csv', 'a\\b', 'con', 'a:b']) expect(fileNameError(name, '/'), name).toBeNull();
  });

  it('R60: makes a stem that is always a file name on every system', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const name = `${fileStem(text)}-audit.jsonl`;
      expect(fileNameError(name, '/')).toBeNull();
      expect(fileNameError(name, '\\')).toBeNull();
    }), { seed: SEED, numRuns: RUNS });
    expect(fileStem('acme-prod')).toBe('acme-prod');
    expect(fileStem('../../etc/passwd')).toBe('etc-passwd');
    expect(fileStem('…')).toBe('deployment');
  });

  it('counts up past files that are there, also when only their case differs or only their manifest is left', () => {
    expect(freeName('a', 'csv', [])).toBe('a.csv');
    expect(freeName('a', 'csv', ['A.CSV', 'a-2.csv'])).toBe('a-3.csv');
    expect(freeName('a', 'csv', ['a.csv.manifest.json'])).toBe('a-2.csv');
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 30 })), (held) => {
      const taken = held.map((copy) => (copy === 1 ? 's.log' : `s-${copy}.log`));
      expect(taken).not.toContain(freeName('s', 'log', taken));
    }), { seed: SEED, numRuns: RUNS });
  });
});

describe('paths', () => {
  it('joins without doubling the separator of a root', () => {
    expect(joinPath('/', 'a', '/')).toBe('/a');
    expect(joinPath('/srv/x', 'a', '/')).toBe('/srv/x/a');
    expect(joinPath('C:\\', 'a', '\\')).toBe('C:\\a');
  });

  it('leads from the root to the folder, on both kinds of system', () => {
    expect(crumbsOf('/', '/')).toEqual([{ name: '/', path: '/' }]);
    expect(crumbsOf('/srv/a', '/').map(({ path }) => path)).toEqual(['/', '/srv', '/srv/a']);
    expect(crumbsOf('D:\\Logs\\a', '\\').map(({ path }) => path)).toEqual(['D:\\', 'D:\\Logs', 'D:\\Logs\\a']);
    expect(crumbsOf('\\\\nas\\share\\x', '\\').map(({ path }) => path)).toEqual(['\\\\nas\\share', '\\\\nas\\share\\x']);
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z ]{1,8}$/u), { maxLength: 6 }), (parts) => {
      const path = `/${parts.join('/')}`;
      expect(crumbsOf(path, '/').at(-1)?.path).toBe(path);
    }), { seed: SEED, numRuns: RUNS });
  });
});
