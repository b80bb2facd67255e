// Help and usage, made from the commands' own specs so that they cannot disagree with what is accepted; it holds no list of commands.
import { beginsWith, COMMON_OPTIONS } from './args.ts';
import type { ArgumentSpec, CommandSpec, OptionSpec, OptionSpecs } from './args.ts';
import { UsageError } from './failure.ts';

const PURPOSE = 'Holdfast: an admin console for AI-platform deployments that keeps working when the network does not.';
const WIDTH = 100;

/** One line: words, arguments, options; what may be left out stands in brackets. */
export function usageLine(spec: CommandSpec): string {
  const options = Object.entries(spec.options).map(([name, option]) => (isRequired(option) ? shape(name, option) : `[${shape(name, option)}]`));
  const parts = [...spec.words, ...spec.arguments.map(argumentName), ...options];
  return wrap(`holdfast ${parts.join(' ')}`, '  ');
}

/**
 * The help for a topic: the whole program, the commands that begin with the topic, or one command.
 * @throws UsageError when no command begins so
 */
export function helpText(topic: readonly string[], specs: readonly CommandSpec[]): string {
  const matching = specs.filter((spec) => beginsWith(spec.words, topic));
  const only = matching.length === 1 ? matching[0] : matching.find((spec) => spec.words.length === topic.length);
  if (matching.length === 0) throw new UsageError(`There is no command "${topic.join(' ')}".`);
  return only !== undefined && topic.length > 0 ? commandHelp(only) : listHelp(matching, topic);
}

const argumentName = ({ name, optional }: ArgumentSpec): string => (optional === true ? `[${name}]` : name);

function commandHelp(spec: CommandSpec): string {
  const sections = [`Usage: ${usageLine(spec)}`, wrap(spec.summary, '')];
  if (spec.arguments.length > 0) sections.push(columns('Arguments', spec.arguments.map((argument) => [argument.name, argument.about])));
  if (Object.keys(spec.options).length > 0) sections.push(optionHelp('Options', spec.options));
  sections.push(optionHelp('Options of every command', COMMON_OPTIONS));
  if (spec.notes !== undefined) sections.push(spec.notes.map((note) => wrap(note, '')).join('\n'));
  return sections.join('\n\n');
}

function listHelp(specs: readonly CommandSpec[], topic: readonly string[]): string {
  const rows = specs.map((spec) => [[...spec.words, ...spec.arguments.map(argumentName)].join(' '), spec.summary] as const);
  return [
    ...(topic.length === 0 ? [PURPOSE] : []),
    columns('Commands', rows),
    optionHelp('Options of every command', COMMON_OPTIONS),
    [
      '"holdfast help COMMAND" tells all about one command; "holdfast --version" shows the version.',
      'HOLDFAST_PASSPHRASE_FILE names the file with the passphrase of the vault, for use without a terminal.',
      'Exit codes: 0 done, 2 the command line is wrong, 3 an expected failure, 1 a fault in Holdfast.',
    ].join('\n'),
  ].join('\n\n');
}

function optionHelp(title: string, options: OptionSpecs): string {
  return columns(title, Object.entries(options).map(([name, option]) => [shape(name, option), aboutOption(option)]));
}

function aboutOption(option: OptionSpec): string {
  const extra: string[] = [];
  if (option.type === 'text' && option.choices !== undefined) extra.push(option.choices.join(' | '));
  if (option.type === 'texts') extra.push('may be given more than once');
  if (option.type !== 'flag' && option.type !== 'texts' && option.fallback !== undefined) extra.push(`without it: ${option.fallback}`);
  if (isRequired(option)) extra.push('required');
  return extra.length === 0 ? option.about : `${option.about} (${extra.join('; ')})`;
}

function isRequired(option: OptionSpec): boolean {
  return (option.type === 'text' || option.type === 'flag') && option.required === true;
}

function shape(name: string, option: OptionSpec): string {
  return option.type === 'flag' ? `--${name}` : `--${name} ${option.value}${option.type === 'texts' ? '…' : ''}`;
}

function columns(title: string, rows: readonly (readonly [string, string])[]): string {
  const left = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, about]) => `  ${name.padEnd(left)}  ${wrap(about, ' '.repeat(left + 4), WIDTH - left - 4)}`);
  return [title, ...lines].join('\n');
}

/** Breaks at spaces outside brackets, so that `[--limit N]` stays whole. */
function wrap(text: string, indent: string, width = WIDTH): string {
  const lines: string[] = [];
  for (const part of text.match(/\[[^\]]*\]|\S+/g) ?? []) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + part.length <= width) lines[lines.length - 1] = `${line} ${part}`;
    else lines.push(part);
  }
  return lines.join(`\n${indent}`);
}
