// Loading runbooks: what ships is sound, what is broken is refused with file, line, column and reason, and nothing of it is used.
import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runbookPack, runbookProblems } from '#shared/domain/runbook-pack.ts';
import { AppError } from '#shared/errors.ts';
import { canonicalJson } from '../../seal.ts';
import { lintRunbook, readRunbook, runbooksIn, shippedRunbooks, stepDigest } from './packs.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2000 : 400;
const root = join(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-runbooks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LINES = [
  'format: holdfast.runbook/1', 'id: mine', 'version: 1.0.0', 'title: Mine', 'when: Always', 'kind: incident', 'source: Us', // 1 to 7
  'severities:', '  - { id: sev1, title: Bad, acknowledge_minutes: 5 }', // 9
  'roles:', '  - { id: lead, title: Lead }', '  - { id: writer, title: Writer }', // 12
  'sections:', '  - id: one', '    title: One', '    steps:', // 16
  '      - id: one.look', '        title: Look', '        kind: live-check', '        gate: blocks', '        role: lead', '        can_override: true', // 22
  '        check: { asks: health, path: /health, within_ms: 500 }', '        stale_minutes: 5', // 24
  '      - id: one.choose', '        title: Choose', '        kind: decision', '        options:', // 28
  '          - { id: yes, title: Yes, goes_to: one.wait }', '          - { id: no, title: No, ends: true }', // 30
  '      - id: one.wait', '        title: Wait', '        kind: timer', '        minutes: 5', // 34
  '      - id: one.sign', '        title: Sign', '        kind: sign-off', '        signs: lead', // 38
  '      - id: one.proof', '        title: Proof', '        kind: evidence', '        evidence: A file', // 42
  'comms:', '  - id: told', '    title: Told', '    text: "{{run.title}} {{role.lead}} {{ step.one.look }}"', // 46
];
const MINE = LINES.join('\n');
/** The pack with one line (from 1) put in place of another; null takes it away. */
const withLine = (line: number, text: string | null): string => LINES.flatMap((one, index) => (index !== line - 1 ? [one] : text === null ? [] : [text])).join('\n');

function refusal(text: string): { readonly code: string; readonly message: string; readonly hint: string; readonly facts: Readonly<Record<string, unknown>> } {
  try {
    readRunbook(text, 'mine.yaml');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error;
  }
  throw new Error('it was taken');
}

it('reads a runbook, with the digest of its text whatever the line ends', () => {
  const { pack, digest, text } = readRunbook(MINE, 'mine.yaml');
  expect([pack.id, pack.sections[0]?.steps.length, digest, text]).toEqual(['mine', 5, createHash('sha256').update(MINE).digest('hex'), MINE]);
  expect(readRunbook(`\ufeff${MINE.replaceAll('\n', '\r\n')}`, 'mine.yaml').digest).toBe(digest);
  expect(lintRunbook(MINE)).toEqual([]);
  // What has a default may be left out, and stands in the pack.
  expect(pack.sections[0]?.steps[1]).toMatchObject({ gate: 'warns', can_override: false, references: [] });
});

it('the digest of a step follows its text, and not the order of its fields', () => {
  const stepOf = (text: string) => {
    const step = readRunbook(text, 'mine.yaml').pack.sections[0]?.steps[0];
    if (step === undefined) throw new Error('no step');
    return step;
  };
  const step = stepOf(MINE);
  expect(stepDigest(step)).toBe(createHash('sha256').update(canonicalJson(step)).digest('hex'));
  expect(stepDigest(stepOf(withLine(18, '        kind: live-check').replace('        kind: live-check\n        gate', '        title: Look\n        gate')))).toBe(stepDigest(step));
  expect(stepDigest(stepOf(withLine(18, '        title: Look twice')))).not.toBe(stepDigest(step));
  expect(stepDigest(stepOf(withLine(24, '        stale_minutes: 6')))).not.toBe(stepDigest(step));
  // Another step, another section and the words around it do not matter.
  expect(stepDigest(stepOf(withLine(32, '        title: Wait longer')))).toBe(stepDigest(step));
});

describe('a broken runbook is refused with file, line, column and reason', () => {
  it.each<[string, readonly [number, string | null], readonly [number, number, RegExp]]>([
    ['a missing field of the pack', [4, null], [1, 1, /title: is missing/]],
    ['a missing field of a step', [18, null], [17, 9, /step one\.look, title: is missing/]],
    ['a missing field of a section', [15, null], [14, 5, /sections\.0\.title: is missing/]],
    ['a version without an end', [3, `version: 1.0.${'9'.repeat(80)}`], [3, 1, /version: /]],
    ['no steps', [16, '    steps: []'], [17, 1, /sequence/]],
    ['an unknown key of the pack', [7, 'sauce: Us'], [7, 1, /sauce: nobody knows this key/]],
    ['an unknown key of a step', [20, '        gaet: blocks'], [20, 9, /step one\.look, gaet: nobody knows this key/]],
    ['an unknown key of a check', [23, '        check: { asks: health, path: /health, within_ms: 500, hold: x }'], [23, 63, /check\.hold: nobody knows this key/]],
    ['an unknown question', [23, '        check: { asks: weather }'], [23, 18, /check\.asks/]],
    ['a check without its own field', [23, '        check: { asks: health, path: /health }'], [23, 9, /check\.within_ms: is missing/]],
    ['a path that is no path', [23, '        check: { asks: health, path: health, within_ms: 5 }'], [23, 32, /check\.path: does not have the form/]],
    ['a step that stands twice', [35, '      - id: one.look'], [35, 9, /step one\.look, id: the step one\.look stands twice/]],
    ['a role that stands twice', [12, '  - { id: lead, title: Writer }'], [12, 7, /roles\.1\.id: the role lead stands twice/]],
    ['an option that stands twice', [30, '          - { id: "yes", title: No }'], [30, 15, /the option yes stands twice/]],
    ['a role that is not there', [21, '        role: boss'], [21, 9, /step one\.look, role: the role boss is not among the roles/]],
    ['a signature of nobody', [38, '        signs: boss'], [38, 9, /signs: the role boss/]],
    ['a live check without a question', [23, null], [19, 9, /a step of the kind live-check needs check/]],
    ['a decision without options', [27, '        kind: decision\n      - id: extra\n        title: Extra\n        kind: decision'], [27, 9, /a step of the kind decision needs options/]],
    ['a timer without minutes', [34, null], [33, 9, /a step of the kind timer needs minutes/]],
    ['a sign-off without a role', [38, null], [37, 9, /a step of the kind sign-off needs signs/]],
    ['evidence without words', [42, null], [41, 9, /a step of the kind evidence needs evidence/]],
    ['minutes of a step that is no timer', [42, '        evidence: A file\n        minutes: 5'], [43, 9, /minutes belongs to a step of the kind timer/]],
    ['an override of what needs no proof', [36, '        title: Sign\n        can_override: true'], [37, 9, /can_override belongs to a step that has to be proven/]],
    ['a kind that does not exist', [19, '        kind: check'], [19, 9, /step one\.look, kind: must be one of manual, live-check/]],
    ['a way to nowhere', [29, '          - { id: yes, title: Yes, goes_to: two }'], [29, 36, /goes_to: the step two is not in this runbook/]],
    ['a way on after the end', [30, '          - { id: no, title: No, ends: true, goes_to: one.wait }'], [30, 46, /an option that ends the run goes nowhere/]],
    ['a variable that nobody fills in', [46, '    text: "{{run.tilte}}"'], [46, 5, /comms\.0\.text: \{\{run\.tilte\}\} is nothing that a run can fill in/]],
    ['a variable of a role that is not there', [46, '    text: "{{role.boss}}"'], [46, 5, /role\.boss/]],
    ['half a variable', [46, '    text: "{{run.title}"'], [46, 5, /two braces/]],
    ['a tab as indentation', [18, '\ttitle: Look'], [18, 1, /a tab; use spaces/]],
    ['a tab in a text', [18, '        title: Look\there'], [18, 20, /a tab/]],
    ['a character that turns the writing', [18, '        title: Look \u202e'], [18, 21, /cannot be seen, U\+202E/]],
    ['a character without width, in a comment', [7, 'source: Us # a\u200bb'], [7, 15, /U\+200B/]],
    ['a hidden character by its number', [18, '        title: "Look \\u202e"'], [18, 9, /step one\.look, title: .*cannot be seen/]],
    ['half a character by its number', [18, '        title: "Look \\ud800"'], [18, 9, /cannot be seen/]],
    ['bytes that are no text', [18, '        title: a\ufffdb'], [18, 17, /cannot be seen, U\+FFFD/]],
    ['a zero', [18, '        title: a\u0000b'], [18, 17, /U\+0000/]],
    ['YAML that does not close', [9, '  - { id: sev1, title: Bad'], [10, 1, /./]],
    ['a key twice', [5, 'title: Again'], [5, 1, /unique/]],
    ['an anchor', [4, 'title: &a Mine'], [4, 11, /anchor/]],
    ['a tag', [4, 'title: !!str Mine'], [4, 14, /tag/]],
    ['a merge key', [4, 'title: Mine\n<<: { a: b }'], [5, 1, /<<: nobody knows/]],
    ['a text that is a number', [4, 'title: 5'], [4, 1, /title: must be a text/]],
    ['a number that is a text', [34, '        minutes: five'], [34, 9, /minutes: must be a number/]],
    ['a number that is too large', [34, '        minutes: 999999'], [34, 9, /minutes: must be 43200 at most/]],
    ['an id with other signs', [17, '      - id: One.Look'], [17, 9, /small letters/]],
    ['another format', [1, 'format: holdfast.runbook/2'], [1, 1, /format: must be holdfast\.runbook\/1/]],
    ['a version in other words', [3, 'version: "1"'], [3, 1, /version: does not have the form/]],
    ['a title of two lines', [4, 'title: "a\\nb"'], [4, 1, /one line/]],
    ['a text in quotes that never ends, where it begins', [46, '    text: "a\n\n      b\n      c'], [46, 11, /the text in quotes that begins here does not end/]],
    ['an unknown question, with those that there are', [23, '        check: { asks: shell }'], [23, 18, /asks: must be one of health, error-rate, token,/]],
    ['a second document, in words for its author', [7, 'source: Us\n---'], [8, 1, /^(?!.*parseAll).*a second document begins here/]],
    ['brackets in brackets that close on their line', [4, `title: ${'['.repeat(4000)}${']'.repeat(4000)}`], [4, 1, /nested deeper than 50/]],
    ['a title that is too long', [4, `title: ${'x'.repeat(201)}`], [4, 1, /longer than 200 characters/]],
  ])('%s', (_what, [line, text], [at, column, reason]) => {
    const error = refusal(withLine(line, text));
    expect(error.code).toBe('invalid_runbook');
    expect(error.message).toMatch(reason);
    expect(error.message).toContain(`mine.yaml, line ${at}, column ${column}: `);
    expect(error.message).toContain('Nothing was taken from this file.');
    expect(error.facts).toMatchObject({ file: 'mine.yaml', line: at, column });
    expect(lintRunbook(withLine(line, text))).toContainEqual({ line: at, column, message: expect.stringMatching(reason) as string });
  });

  it('says of another encoding once what it is, and of an empty file that it is empty', () => {
    expect(lintRunbook(Buffer.from(MINE, 'utf16le').toString('utf8').replaceAll('\0', '\ufffd'))).toEqual([{ line: 1, column: 2, message: expect.stringMatching(/save the file as UTF-8/) as string }]);
    expect(lintRunbook('\n# only a remark\n')).toEqual([{ line: 1, column: 1, message: 'nothing stands in this file' }]);
  });

  it.each([['nothing', ''], ['a list', '- 1'], ['a text', 'hello'], ['null', '~'], ['two documents', `${MINE}\n---\n${MINE}`]])('%s', (_what, text) => expect(refusal(text).code).toBe('invalid_runbook'));

  it.each([
    ['10 MB', `${MINE}\n#${'x'.repeat(10_485_760)}`, /line 1, column 1: larger than 1 MiB/], ['10 MB of tabs', '\t'.repeat(10_485_760), /larger than 1 MiB/], ['just above 1 MiB in bytes', `${MINE}\n#${'\u00e9'.repeat(524_288)}`, /larger than 1 MiB/],
    ['1 MiB of hidden characters', '\u200b'.repeat(300_000), /line 1, column 1: a character/], ['brackets in brackets', `title: ${'['.repeat(200_000)}`, /nested deeper/], ['many aliases', `a: &a [x, x]\n${Array.from({ length: 20 }, (_, index) => `b${index}: [*a, *a]`).join('\n')}`, /a/],
  ])('%s', (_what, text, reason) => {
    expect(refusal(text).message).toMatch(reason);
    expect(lintRunbook(text).length).toBeLessThanOrEqual(200);
  });
});

it('lint lists everything at once, sorted by line and column', () => {
  const text = MINE.replace('role: lead', 'role: boss').replace('        minutes: 5\n', '        minutes: 5\n        stale_minutes: 5\n        signs: boss\n').replace('{{role.lead}}', '{{role.boss}} {{run.nothing}}');
  const found = lintRunbook(text);
  expect(found.map(({ line }) => line)).toEqual([21, 35, 36, 36, 48, 48]);
  expect(found.map(({ message }) => message).join('\n')).toMatch(/role boss[^]*stale_minutes[^]*signs[^]*role\.boss[^]*run\.nothing/);
  expect(refusal(text).hint).toContain('and 5 more');
  // Of the form: one for each key that nobody knows, one for each field that is wrong.
  const formed = lintRunbook(MINE.replace('title: Mine', 'title: 5\nnames: x\nsauce: y').replace('kind: timer', 'kind: clock'));
  expect(formed.map(({ line, message }) => `${line} ${message}`)).toEqual(['4 title: must be a text', '5 names: nobody knows this key', '6 sauce: nobody knows this key', expect.stringMatching(/^35 step one\.wait, kind: must be one of/) as string]);
  // Tabs and hidden characters: each place.
  expect(lintRunbook('a:\tb\nc: d\u200b\n\te').map(({ line, column }) => [line, column])).toEqual([[1, 3], [2, 5], [3, 1]]);
  // Keys that stand twice: each of them.
  expect(lintRunbook('a: 1\na: 2\nb: 1\nb: 2').map(({ line }) => line)).toEqual([2, 4]);
});

it('says where in the words of the author also when the place is odd', () => {
  expect(lintRunbook(MINE.replace('      - id: one.look\n', '      - 5\n      - id: one.look\n')).map(({ message }) => message)).toEqual(['step 1: must be a table']);
  expect(lintRunbook(MINE.replace('id: one.look', 'id: 7'))[0]?.message).toBe('step 1, id: must be a text');
});

it('a key that is special to JavaScript is a key that nobody knows', () => {
  for (const key of ['__proto__', 'constructor', 'toString']) expect(lintRunbook(`${MINE}\n${key}: { id: x }`).map(({ message }) => message), key).toEqual([`${key}: nobody knows this key`]);
});

/** What a reader of packs may never do: fall over, or load what is not sound. */
function holds(text: string): boolean {
  const faults = lintRunbook(text);
  try {
    const { pack, text: kept, digest } = readRunbook(text, 'mine.yaml');
    expect(faults).toEqual([]);
    expect(runbookProblems(pack)).toEqual([]);
    expect(runbookPack.parse(pack)).toEqual(pack);
    expect(digest).toBe(createHash('sha256').update(kept).digest('hex'));
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('invalid_runbook');
    expect(faults.length).toBeGreaterThan(0);
    const lines = text.replaceAll('\r\n', '\n').split('\n');
    for (const { line, column, message } of faults) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
      expect(message).not.toBe('');
    }
    expect(faults).toEqual(faults.toSorted((a, b) => a.line - b.line || a.column - b.column));
    return false;
  }
}

it('any mutation of a runbook is read or refused as a runbook, never otherwise', () => {
  const piece = fc.constantFrom('', ' ', '\t', '  ', ':', '- ', '{', '}', '[', ']', '"', '\'', '#', '&a ', '*a', '!t ', '|\n', '~', '\u202e', '\u0000', '\r', '\ufeff', '{{', '}}', '{{run.x}}', 'id: one.look', 'role: boss', 'kind: timer', '999999999999999999999', '-1', '.nan', '__proto__: 1', '\ud83d');
  const change = fc.record({ at: fc.nat(MINE.length), gone: fc.nat(40), put: fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 })) });
  let taken = 0;
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
    if (holds(changes.reduce((text, { at, gone, put }) => text.slice(0, at) + put + text.slice(at + gone), MINE))) taken += 1;
  }), { seed, numRuns });
  expect(taken).toBeLessThan(numRuns);
});

it('a runbook with lines gone, doubled or exchanged is read or refused as a runbook', () => {
  let taken = 0;
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(LINES.length - 1), fc.nat(LINES.length - 1), fc.constantFrom('gone', 'doubled', 'exchanged', 'cut')), { minLength: 1, maxLength: 3 }), (changes) => {
    const lines = [...LINES];
    for (const [at, other, what] of changes) {
      const [one = '', two = ''] = [lines[at], lines[other]];
      if (what === 'gone') lines.splice(at, 1);
      else if (what === 'doubled') lines.splice(at, 0, one);
      else if (what === 'cut') lines[at] = one.slice(0, one.length / 2);
      else [lines[at], lines[other]] = [two, one];
    }
    if (holds(lines.join('\n'))) taken += 1;
  }), { seed, numRuns });
  expect(taken).toBeGreaterThan(0);
});

it('any text at all is refused with a place that it has', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 })), (text) => { expect(holds(text)).toBe(false); }), { seed, numRuns });
});

it('two runbooks of one id in a folder are refused, and named', () => {
  writeFileSync(join(folder, 'a.yaml'), MINE);
  writeFileSync(join(folder, 'b.yaml'), `# mine again\n${MINE}`);
  const url = pathToFileURL(`${folder}/`);
  expect(() => runbooksIn(url)).toThrow(/b\.yaml, line 3, column 1: a\.yaml has the id mine too/);
  rmSync(join(folder, 'b.yaml'));
  expect(runbooksIn(url).map(({ pack }) => pack.id)).toEqual(['mine']);
});

it('every shipped runbook is sound', () => {
  expect(shippedRunbooks().length).toBeGreaterThanOrEqual(20);
  for (const { text, digest, pack } of shippedRunbooks()) {
    expect(lintRunbook(text)).toEqual([]);
    expect(readRunbook(text, 'again.yaml').digest).toBe(digest);
    expect(runbookPack.parse(pack)).toEqual(pack);
  }
});

it('the build refuses a broken runbook and says where, all of it', () => {
  const script = join(root, 'test/support/check-packs.ts');
  execFileSync(process.execPath, [script], { cwd: root });
  cpSync(join(root, 'shared/packs'), join(folder, 'packs'), { recursive: true });
  writeFileSync(join(folder, 'packs/runbooks/broken.yaml'), MINE.replace('        minutes: 5\n', '        minutes: five\n').replace('title: Sign', 'title: 5'));
  writeFileSync(join(folder, 'packs/runbooks/twice.yaml'), MINE.replace('title: Mine', 'title: Mine\ntitle: Yours'));
  const { status, stderr } = spawnSync(process.execPath, [script, join(folder, 'packs')], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^broken\.yaml, line 34, column 9: step one\.wait, minutes: must be a number\nbroken\.yaml, line 36, column 9: step one\.sign, title: must be a text\ntwice\.yaml, line 5, column 1: .*unique/);
});
