// Tests of the command line's reader: what it takes, what it refuses, and that it never guesses.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMON_OPTIONS, readCommandLine, wantsJson } from './args.ts';
import type { CommandLine } from './args.ts';
import { COMMANDS } from './catalogue.ts';
import { UsageError } from './failure.ts';

const SPECS = COMMANDS.map((command) => command.spec);
const read = (line: string[]): CommandLine => readCommandLine(line, SPECS);

function command(line: string[]): Extract<CommandLine, { kind: 'command' }> {
  const found = read(line);
  if (found.kind !== 'command') throw new Error(`not a command: ${found.kind}`);
  return found;
}

function refusal(line: string[]): UsageError {
  try {
    read(line);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the command line', () => {
  it('takes options before, between and after the words', () => {
    const wanted = { values: { limit: 5, status: '4xx', json: true, profile: '/p' }, args: ['acme'] };
    for (const line of [
      ['--json', '--profile', '/p', '--limit', '5', '--status=4xx', 'audit', 'list', 'acme'],
      ['audit', '--json', 'list', '--limit=5', 'acme', '--status', '4xx', '--profile=/p'],
      ['audit', 'list', 'acme', '--status', '4xx', '--limit', '5', '--profile', '/p', '--json'],
    ]) expect(command(line)).toMatchObject(wanted);
  });

  it('a count without a fallback is undefined when it is left out', () => {
    expect(command(['retention', 'preview', 'acme']).values['days']).toBeUndefined();
    expect(command(['retention', 'preview', 'acme', '--days', '30']).values['days']).toBe(30);
    expect(refusal(['retention', 'preview', 'acme', '--days', '3651']).message).toContain('from 1 to 3650');
  });

  it('gives null for an optional argument that is left out, and reads it like any other where it stands', () => {
    expect(command(['audit', 'decrypt', 'acme', '--reason', 'why']).args).toEqual(['acme', null]);
    expect(command(['audit', 'decrypt', 'acme', '7', '--reason', 'why']).args).toEqual(['acme', 7]);
    expect(refusal(['audit', 'decrypt', 'acme', 'x', '--reason', 'why']).message).toContain('ID must be a whole number');
    expect(refusal(['audit', 'decrypt', '--reason', 'why']).message).toContain('NAME is missing');
  });

  it('keeps every value of an option that may be given more than once, in order', () => {
    const line = ['runbook', 'step', 'abc', 'look', '--done'];
    expect(command(line).values['evidence']).toEqual([]);
    expect(command([...line, '--evidence', 'b', '--evidence=a', '--evidence', 'b']).values['evidence']).toEqual(['b', 'a', 'b']);
    expect(refusal([...line, '--evidence', 'a', '--evidence=']).message).toBe('--evidence is empty.');
    expect(refusal([...line, '--evidence']).message).toContain('--evidence needs a value (FILE)');
    expect(refusal([...line, '--note', 'a', '--note', 'b']).message).toBe('--note was given twice.');
    expect(refusal([...line, '--done']).message).toBe('--done was given twice.');
  });

  it('fills in what may be left out', () => {
    const { values } = command(['deployment', 'add', 'acme', '--url', 'https://a.example']);
    expect(values).toMatchObject({ kind: 'navi', environment: 'development', 'read-write': false, 'token-stdin': false, ca: undefined, json: false });
  });

  it('prefers the longer command', () => {
    expect(command(['audit', 'key', 'list', 'acme']).spec.words).toEqual(['audit', 'key', 'list']);
    expect(command(['audit', 'show', 'key', '7']).args).toEqual(['key', 7]);
  });

  it('takes everything after -- as words, and a value with a dash behind an equals sign', () => {
    expect(command(['deployment', 'show', '--', '--odd']).args).toEqual(['--odd']);
    expect(command(['audit', 'decrypt', 'acme', '7', '--reason=-x-']).values['reason']).toBe('-x-');
    expect(command(['audit', 'search', 'acme', '--limit', '5', '--', '-status:200']).args).toEqual(['acme', '-status:200']);
    expect(command(['audit', 'export', 'acme', '--format', 'csv', '--out', 'x', '--query=-status:200']).values['query']).toBe('-status:200');
  });

  it.each([
    [[], 'Say which command to run.'],
    [['frob'], 'There is no command "frob".'],
    [['audit'], '"audit" needs one more word'],
    [['audit', 'frob'], 'There is no command "audit frob"'],
    [['deployment', 'list', 'x'], '"x" is one argument too many'],
    [['deployment', 'show'], 'NAME is missing'],
    [['deployment', 'show', ''], 'NAME is missing'],
    [['audit', 'show', 'acme', '1.5'], 'ID must be a whole number'],
    [['audit', 'show', 'acme', '9007199254740993'], 'ID must be a whole number'],
    [['audit', 'list', 'acme', '--limit', '0'], '--limit must be a whole number'],
    [['audit', 'list', 'acme', '--frob'], 'There is no option --frob.'],
    [['audit', 'list', 'acme', '--url', 'x'], '"audit list" has no option --url.'],
    [['audit', 'list', 'acme', '--text'], '--text needs a value'],
    [['audit', 'list', 'acme', '--text', '--json'], '--text needs a value'],
    [['audit', 'list', 'acme', '--text='], '--text is empty.'],
    [['audit', 'list', 'acme', '--json=1'], '--json takes no value.'],
    [['audit', 'list', 'acme', '--text', 'a', '--text', 'b'], '--text was given twice.'],
    [['audit', 'decrypt', 'acme', '7'], '--reason TEXT is missing.'],
    [['audit', 'key', 'add', 'acme', '--key-id', 'k'], '--key-stdin is missing.'],
    [['deployment', 'add', 'acme', '--url', 'u', '--kind', 'other'], '--kind must be one of: navi, karen.'],
    [['deployment', 'list', '--secrets', 'paper'], '--secrets must be one of: keychain, passphrase, memory.'],
    [['-x', 'deployment', 'list'], 'There is no option -x.'],
    [['audit', 'count', 'acme', '-status:200'], 'There is no option -s. If it begins a query, write -- before the query.'],
    [['audit', 'export', 'acme', '--query', '-status:200'], 'write --query=VALUE'],
  ])('refuses %j', (line, message) => {
    expect(refusal(line).message).toContain(message);
  });

  it('knows help in every place, and the version', () => {
    expect(read(['--help'])).toEqual({ kind: 'help', topic: [] });
    expect(read(['help', 'audit', 'list'])).toEqual({ kind: 'help', topic: ['audit', 'list'] });
    expect(read(['audit', 'decrypt', 'acme', '-h'])).toEqual({ kind: 'help', topic: ['audit', 'decrypt'] });
    expect(read(['--version', '--json'])).toEqual({ kind: 'version' });
  });

  it('lets an option mean the same kind of value in every command', () => {
    const kinds = new Map<string, string>();
    for (const options of [...SPECS.map((spec) => spec.options), COMMON_OPTIONS]) {
      for (const [name, option] of Object.entries(options)) {
        const kind = option.type === 'flag' ? 'flag' : 'value';
        expect(kinds.get(name) ?? kind, name).toBe(kind);
        kinds.set(name, kind);
      }
    }
    expect(kinds.size).toBeGreaterThan(10);
  });

  it('either reads a line or refuses it as usage, whatever the words', () => {
    const words = fc.constantFrom('audit', 'list', 'key', 'add', 'deployment', 'ledger', 'doctor', 'help', '--json', '--limit', '--limit=3', '--text', '--', '-', '-h', '--no-json', '--__proto__', 'constructor', '7', '');
    fc.assert(fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 8 })), { maxLength: 8 }), (line) => {
      try {
        expect(['help', 'version', 'command']).toContain(read(line).kind);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }), { numRuns: 3000 });
  });

  it('sees --json even in a line that cannot be read, but not behind --', () => {
    expect(wantsJson(['frob', '--json'])).toBe(true);
    expect(wantsJson(['deployment', 'show', '--', '--json'])).toBe(false);
  });
});
