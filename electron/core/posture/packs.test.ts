// Loading baselines (posture): what ships is sound, what is broken is refused with file, line and reason, and nothing of it is used.
import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { readPack, shippedPacks } from './packs.ts';
import { parseYaml, readYaml, YamlProblem } from './yaml.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200;
const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-packs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LINES = [
  'format: 1', 'id: mine', 'version: 1.0.0', 'title: Mine', 'kind: navi', 'source: Us', 'fresh_hours: { declared: 24, observed: 24, derived: 24, file: 720, attested: 2160 }', 'checks:',
  '  - id: jwt.on', '    title: JWT is on', '    group: Tokens', '    severity: high', '    rules:',
  '      - fail: status.jwt.enabled == false', '        seen: It is off', '        because: It says so', '      - pass: status.jwt.enabled == true', '        seen: It is on', '        because: It says so',
  '    why: Because', '    fix: Do it', 'unchecked:', '  - { path: config.theme, reason: Looks }',
];
/** The pack with one line (from 1) put in place of another; null takes it away. */
const withLine = (line: number, text: string | null): string => LINES.flatMap((one, index) => (index !== line - 1 ? [one] : text === null ? [] : [text])).join('\n');

function refusal(text: string): { readonly code: string; readonly message: string; readonly line: unknown } {
  try {
    readPack(text, 'mine.yaml');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, message: error.message, line: error.facts['line'] };
  }
  throw new Error('it was taken');
}

it('reads a pack, with the digest of its text', () => {
  const text = LINES.join('\n');
  const { pack, digest } = readPack(text, 'mine.yaml');
  expect([pack.id, pack.checks.length, digest]).toEqual(['mine', 1, createHash('sha256').update(text).digest('hex')]);
  expect(readPack(text.replaceAll('\n', '\r\n'), 'mine.yaml').digest).toBe(digest);
});

it('every shipped baseline is sound, and of each kind there is one', () => {
  expect(shippedPacks().map(({ pack }) => pack.kind).toSorted()).toEqual(['karen', 'navi']);
  for (const { text, digest } of shippedPacks()) expect(readPack(text, 'again.yaml').digest).toBe(digest);
});

describe('a broken pack is refused with file, line and reason', () => {
  it.each<[string, readonly [number, string | null], readonly [number, RegExp]]>([
    ['an unknown severity', [12, '    severity: urgent'], [12, /check jwt\.on, severity: /]],
    ['an unknown key', [12, '    sevrity: high'], [12, /check jwt\.on, sevrity: .*nrecognized/]],
    ['a missing key', [20, null], [9, /check jwt\.on, why: /]],
    ['a key twice', [10, '    id: again'], [10, /unique/]],
    ['an expression that cannot be read', [17, '      - pass: status.jwt.enabled =='], [17, /check jwt\.on, rules\.1\.pass: something is missing at the end \(column 22\)/]],
    ['evidence that does not exist', [14, '      - fail: satus.jwt.enabled == false'], [14, /no evidence named "satus"/]],
    ['a pass without evidence', [17, '      - pass: "true"'], [17, /must read evidence/]],
    ['a place in a text', [18, '        seen: "It is {"'], [18, /stands alone/]],
    ['a rule of no state', [14, '      - fial: status.jwt.enabled == false'], [14, /a rule is one of fail, pass/]],
    ['a text that is a number', [10, '    title: 5'], [10, /expected string/]],
    ['hidden characters', [10, '    title: "a\\u202eb"'], [10, /cannot be seen/]],
    ['control characters in the file', [10, '    title: a\u0007b'], [10, /no plain UTF-8/]],
    ['bytes that are no text', [10, '    title: a\ufffdb'], [10, /no plain UTF-8/]],
    ['an anchor', [10, '    title: &a Mine'], [10, /anchor/]],
    ['an alias', [10, '    title: *a'], [10, /alias|anchor/i]],
    ['a tag', [10, '    title: !!str Mine'], [10, /tag/]],
    ['a tag of somebody', [10, '    title: !js/function x'], [10, /tag/i]],
    ['a merge key', [10, '    <<: { title: x }'], [10, /nrecognized/]],
    ['a number without end', [7, 'fresh_hours: { declared: .inf, observed: 24, derived: 24, file: 720, attested: 2160 }'], [7, /no end/]],
    ['an excuse for a status', [23, '  - { path: status.a, reason: x }'], [23, /only leaves of imported files/]],
    ['a kind that is not known', [5, 'kind: other'], [5, /kind: /]],
    ['another format', [1, 'format: 2'], [1, /format: /]],
    ['a tab as indentation', [10, '\ttitle: x'], [10, /tab/i]],
    ['a second document', [22, '---'], [22, /document/i]],
    ['what is no mapping', [8, 'checks: 5'], [8, /Nested mappings/]],
  ])('%s', (_what, [line, text], [at, reason]) => {
    const { code, message, line: found } = refusal(withLine(line, text));
    expect(code).toBe('invalid_baseline');
    expect(message).toMatch(reason);
    expect(message).toContain(`mine.yaml, line ${at}: `);
    expect(found).toBe(at);
  });

  it.each([['nothing', ''], ['a list', '- 1'], ['a text', 'hello'], ['null', '~']])('%s', (_what, text) => expect(refusal(text).code).toBe('invalid_baseline'));
  it('a second check of one id', () => expect(refusal([...LINES.slice(0, 21), ...LINES.slice(8, 21)].join('\n'))).toMatchObject({ line: 22, message: expect.stringContaining('second check has the id jwt.on') as string }));
  it('more than 1 MiB', () => expect(refusal(`${LINES.join('\n')}\n#${'x'.repeat(1_048_576)}`).message).toContain('larger than 1 MiB'));
  it.each([
    ['brackets in brackets', `title: ${'['.repeat(200_000)}`], ['tables in tables', `title: ${'{a: '.repeat(100_000)}`], ['dashes in a row', `title:\n  ${'- '.repeat(300_000)}x`], ['indentation', Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['many aliases', `a: &a [x, x]\n${Array.from({ length: 20 }, (_, index) => `b${index}: [*a, *a]`).join('\n')}`],
  ])('%s', (_what, text) => expect(refusal(text).code).toBe('invalid_baseline'));
});

it('any text is read, or refused with a line that it has', () => {
  const piece = fc.constantFrom('a: ', '- ', '\n', '  ', '[', ']', '{', '}', '"', "'", '&x ', '*x', '!t ', '|\n', '>-\n', '# c\n', '? ', ': ', ',', '1', 'true', '~', '%YAML 1.2\n', '---\n', '\t', 'é', '\\');
  fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')), fc.string({ unit: 'binary', maxLength: 60 })), (text) => {
    try {
      expect(parseYaml(text).value).not.toBe(undefined);
    } catch (error) {
      if (!(error instanceof YamlProblem)) throw error;
      expect(error.line).toBeGreaterThanOrEqual(1);
      expect(error.line).toBeLessThanOrEqual(text.split('\n').length + 1);
    }
  }), { seed, numRuns });
});

it('a pack with any one line gone or doubled is read or refused as a pack, never otherwise', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: LINES.length }), fc.constantFrom('gone', 'doubled', 'cut'), (line, what) => {
    const text = LINES[line - 1] ?? '';
    try {
      expect(readPack(withLine(line, what === 'gone' ? null : what === 'doubled' ? `${text}\n${text}` : text.slice(0, text.length / 2)), 'mine.yaml').pack.checks.length).toBeGreaterThan(0);
    } catch (error) {
      expect(error instanceof AppError ? error.code : error).toBe('invalid_baseline');
    }
  }), { seed, numRuns });
});

it('a configuration in YAML is refused with its line, in the words of evidence', () => {
  expect(readYaml('a: 1\nb: [x, 2]\n', 'x.yml')).toEqual({ a: 1, b: ['x', 2] });
  expect(() => readYaml('a: 1\na: 2\n', 'x.yml')).toThrow(/x\.yml, line 2: .*unique.* Nothing was kept/);
  expect(JSON.stringify(readYaml('"__proto__": { "x": 1 }\n', 'x.yml'))).toBe('{"__proto__":{"x":1}}');
  expect(Object.getPrototypeOf(readYaml('"__proto__": { "x": 1 }\n', 'x.yml'))).toBe(Object.prototype);
});

it('the build refuses a broken pack and says where', () => {
  const script = join(root, 'test/support/check-packs.ts');
  execFileSync(process.execPath, [script], { cwd: root });
  cpSync(join(root, 'shared/packs'), join(folder, 'packs'), { recursive: true });
  mkdirSync(join(folder, 'packs/baselines'), { recursive: true });
  writeFileSync(join(folder, 'packs/baselines/broken.yaml'), withLine(12, '    severity: urgent'));
  const { status, stderr } = spawnSync(process.execPath, [script, join(folder, 'packs')], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('broken.yaml, line 12: check jwt.on, severity: ');
});
