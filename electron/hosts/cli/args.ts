// The command line: how a command's words, arguments and options are written down, and how they are read; it knows no command and guesses nothing.
import { parseArgs } from 'node:util';
import { UsageError } from './failure.ts';

export interface TextOption { readonly type: 'text'; readonly value: string; readonly about: string; readonly required?: true; readonly choices?: readonly string[]; readonly fallback?: string }
export interface FlagOption { readonly type: 'flag'; readonly about: string; readonly required?: true }
/** A whole number from 1 to `max`; undefined when it is left out and has no fallback. */
export interface CountOption { readonly type: 'count'; readonly value: string; readonly about: string; readonly fallback?: number; readonly max: number }
/** May be given more than once; the values in their order, none when it is left out. */
export interface TextsOption { readonly type: 'texts'; readonly value: string; readonly about: string }
export type OptionSpec = TextOption | FlagOption | CountOption | TextsOption;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** One argument by position; `id` is a whole number as the server gives it, `texts` (the last one only) takes one or more. An optional one is null when it is left out; only optional ones may follow it. */
export interface ArgumentSpec { readonly name: string; readonly type: 'text' | 'id' | 'texts'; readonly about: string; readonly optional?: true }
export type Argument = string | number | readonly string[] | null;

export interface CommandSpec {
  readonly words: readonly string[];
  /** One sentence. */
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: OptionSpecs;
  /** What a reader of the help must know beyond the options. */
  readonly notes?: readonly string[];
}

type OptionValue<S> =
  S extends FlagOption ? boolean
  : S extends TextsOption ? readonly string[]
  : S extends CountOption ? (S extends { readonly fallback: number } ? number : number | undefined)
  : S extends { readonly choices: readonly (infer C)[] } ? (S extends { readonly required: true } | { readonly fallback: string } ? C : C | undefined)
  : S extends { readonly required: true } | { readonly fallback: string } ? string : string | undefined;
export type OptionValues<O extends OptionSpecs> = { readonly [K in keyof O]: OptionValue<O[K]> };
type ArgumentValue<A> = (A extends { readonly type: 'id' } ? number : A extends { readonly type: 'texts' } ? readonly string[] : string) | (A extends { readonly optional: true } ? null : never);
export type ArgumentValues<A extends readonly ArgumentSpec[]> = { readonly [K in keyof A]: ArgumentValue<A[K]> };

/** Options of every command. */
export const COMMON_OPTIONS = {
  profile: { type: 'text', value: 'DIR', about: 'the profile to use; an empty or missing directory is a new profile' },
  secrets: { type: 'text', value: 'STORE', choices: ['keychain', 'passphrase', 'memory'], about: 'where secrets live. memory keeps nothing: each run starts empty and the cache cannot be read afterwards' },
  json: { type: 'flag', about: 'print one JSON document; errors as JSON on stderr' },
} as const satisfies OptionSpecs;
export type CommonValues = OptionValues<typeof COMMON_OPTIONS>;

type OptionRead = string | number | boolean | readonly string[] | undefined;

export type CommandLine =
  | { readonly kind: 'help'; readonly topic: readonly string[] }
  | { readonly kind: 'version' }
  | { readonly kind: 'command'; readonly spec: CommandSpec; readonly values: Readonly<Record<string, OptionRead>>; readonly args: readonly Argument[]; readonly common: CommonValues };

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

const HELP_OPTIONS: OptionSpecs = { help: { type: 'flag', about: 'show this help' }, version: { type: 'flag', about: 'show the version' } };

/** True when errors must be JSON, even where the rest of the line cannot be read. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/**
 * Reads a command line against all commands. Options may stand before, between or after the words.
 * Option names mean the same kind of value in every command, so that one pass can tell values from words.
 * @throws UsageError for anything that is not exactly as written down
 */
export function readCommandLine(argv: readonly string[], specs: readonly CommandSpec[]): CommandLine {
  const known = new Map<string, OptionSpec>();
  for (const options of [...specs.map((spec) => spec.options), COMMON_OPTIONS, HELP_OPTIONS]) for (const [name, option] of Object.entries(options)) known.set(name, option);
  const { tokens } = parseArgs({
    args: [...argv], strict: false, allowPositionals: true, tokens: true,
    options: Object.fromEntries([...known].map(([name, option]) => [name, { type: option.type === 'flag' ? 'boolean' as const : 'string' as const, ...(name === 'help' ? { short: 'h' } : {}) }])),
  });
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const given = tokens.filter((token) => token.kind === 'option');
  for (const token of given) {
    if (known.has(token.name)) continue;
    const topic = topicOf(words, specs);
    // A query may begin so: -status:200. Options have two dashes.
    const isText = !token.rawName.startsWith('--') && specs.some((spec) => spec.words.join(' ') === topic.join(' ') && spec.arguments.some(({ type, optional }) => type === 'text' && optional === true));
    throw new UsageError(`There is no option ${token.rawName}.${isText ? ' If it begins a query, write -- before the query.' : ''}`, topic);
  }

  if (words[0] === 'help') return { kind: 'help', topic: words.slice(1) };
  if (given.some((token) => token.name === 'help')) return { kind: 'help', topic: topicOf(words, specs) };
  if (words.length === 0 && given.some((token) => token.name === 'version')) return { kind: 'version' };

  const spec = findCommand(words, specs);
  const values = readOptions(given, { ...spec.options, ...COMMON_OPTIONS }, spec.words);
  return { kind: 'command', spec, values, args: readArguments(words.slice(spec.words.length), spec), common: values as unknown as CommonValues };
}

/** The longest beginning of `words` that begins some command's words. */
function topicOf(words: readonly string[], specs: readonly CommandSpec[]): readonly string[] {
  for (let length = words.length; length > 0; length -= 1) {
    const topic = words.slice(0, length);
    if (specs.some((spec) => beginsWith(spec.words, topic))) return topic;
  }
  return [];
}

export function beginsWith(words: readonly string[], start: readonly string[]): boolean {
  return start.every((word, index) => words[index] === word);
}

function findCommand(words: readonly string[], specs: readonly CommandSpec[]): CommandSpec {
  if (words.length === 0) throw new UsageError('Say which command to run.');
  const found = specs.filter((spec) => beginsWith(words, spec.words)).sort((a, b) => b.words.length - a.words.length)[0];
  if (found !== undefined) return found;
  const topic = topicOf(words, specs);
  if (topic.length === 0) throw new UsageError(`There is no command "${words[0]}".`);
  const next = new Set(specs.filter((spec) => beginsWith(spec.words, topic)).map((spec) => spec.words[topic.length]));
  const wrong = words[topic.length];
  const start = wrong === undefined ? `"${topic.join(' ')}" needs one more word` : `There is no command "${topic.join(' ')} ${wrong}"; choose`;
  throw new UsageError(`${start}: ${[...next].join(', ')}.`, topic);
}

function readOptions(given: readonly OptionToken[], specs: OptionSpecs, topic: readonly string[]): Record<string, OptionRead> {
  const values: Record<string, OptionRead> = {};
  for (const token of given) {
    const spec = specs[token.name];
    if (spec === undefined) throw new UsageError(`"${topic.join(' ')}" has no option ${token.rawName}.`, topic);
    const before = values[token.name];
    if (before !== undefined && !Array.isArray(before)) throw new UsageError(`${token.rawName} was given twice.`, topic);
    const value = readValue(token, spec, topic);
    values[token.name] = spec.type === 'texts' ? [...(before as readonly string[] | undefined) ?? [], String(value)] : value;
  }
  for (const [name, spec] of Object.entries(specs)) {
    if (Object.hasOwn(values, name)) continue;
    if (spec.type === 'texts') {
      values[name] = [];
      continue;
    }
    if (spec.type !== 'count' && spec.required === true) throw new UsageError(`${spec.type === 'flag' ? `--${name}` : `--${name} ${spec.value}`} is missing.`, topic);
    values[name] = spec.type === 'flag' ? false : spec.fallback;
  }
  return values;
}

function readValue(token: OptionToken, spec: OptionSpec, topic: readonly string[]): string | number | boolean {
  if (spec.type === 'flag') {
    if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`, topic);
    return true;
  }
  const value = token.value;
  if (value === undefined) throw new UsageError(`${token.rawName} needs a value (${spec.value}).`, topic);
  if (!token.inlineValue && value.startsWith('-') && value.length > 1) throw new UsageError(`${token.rawName} needs a value (${spec.value}). If the value begins with a dash, write ${token.rawName}=VALUE.`, topic);
  if (spec.type === 'count') {
    const count = wholeNumber(value);
    if (count === null || count < 1 || count > spec.max) throw new UsageError(`${token.rawName} must be a whole number from 1 to ${spec.max}.`, topic);
    return count;
  }
  if (value === '') throw new UsageError(`${token.rawName} is empty.`, topic);
  if (spec.type === 'text' && spec.choices !== undefined && !spec.choices.includes(value)) throw new UsageError(`${token.rawName} must be one of: ${spec.choices.join(', ')}.`, topic);
  return value;
}

function readArguments(given: readonly string[], spec: CommandSpec): readonly Argument[] {
  const takesMore = spec.arguments.at(-1)?.type === 'texts';
  const surplus = takesMore ? undefined : given[spec.arguments.length];
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is one argument too many. Put a text with spaces into quotes.`, spec.words);
  return spec.arguments.map((argument, index) => {
    const value = given[index];
    if (argument.optional === true && (value === undefined || value === '')) return null;
    if (value === undefined || value === '') throw new UsageError(`${argument.name} is missing: ${argument.about}.`, spec.words);
    if (argument.type === 'text') return value;
    if (argument.type === 'texts') {
      const all = given.slice(index);
      if (all.includes('')) throw new UsageError(`One ${argument.name} is empty: ${argument.about}.`, spec.words);
      return all;
    }
    const id = wholeNumber(value);
    if (id === null) throw new UsageError(`${argument.name} must be a whole number: ${argument.about}.`, spec.words);
    return id;
  });
}

function wholeNumber(text: string): number | null {
  if (!/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
