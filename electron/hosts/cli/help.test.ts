// Tests of help and usage: every command and option is in them, because they are made from the same specs.
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './catalogue.ts';
import { UsageError } from './failure.ts';
import { helpText, usageLine } from './help.ts';

const SPECS = COMMANDS.map((command) => command.spec);

describe('help', () => {
  it('lists every command once', () => {
    const text = helpText([], SPECS);
    const listed = text.split('\n').map((line) => line.trimStart().split(/ {2,}/)[0]);
    for (const spec of SPECS) expect(listed.filter((head) => head === [...spec.words, ...spec.arguments.map(({ name, optional }) => (optional === true ? `[${name}]` : name))].join(' ')), spec.words.join(' ')).toHaveLength(1);
  });

  it('says before memory-only is chosen that nothing of it stays', () => {
    expect(helpText([], SPECS).replace(/\s+/g, ' ')).toContain('memory keeps nothing: each run starts empty and the cache cannot be read afterwards');
  });

  it('tells every option and argument of a command, required ones without brackets', () => {
    for (const spec of SPECS) {
      const text = helpText(spec.words, SPECS);
      for (const name of Object.keys(spec.options)) expect(text).toContain(`--${name}`);
      for (const argument of spec.arguments) expect(text).toContain(argument.about);
      expect(text).toContain('--profile DIR');
    }
    const add = SPECS.find((spec) => spec.words.join(' ') === 'deployment add');
    expect(add === undefined ? '' : usageLine(add)).toMatch(/^holdfast deployment add NAME --url URL \[--kind KIND\]/);
  });

  it('narrows to a noun and refuses a topic that is none', () => {
    expect(helpText(['audit', 'key'], SPECS)).not.toContain('audit sync');
    expect(() => helpText(['nope'], SPECS)).toThrow(UsageError);
  });

  it('fits a terminal of 110 columns', () => {
    for (const topic of [[], ...SPECS.map((spec) => spec.words)]) for (const line of helpText(topic, SPECS).split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });
});
