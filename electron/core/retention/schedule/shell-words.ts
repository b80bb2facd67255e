// Reads a line of POSIX shell as far as it must be understood here: words without their quotes, operators, and assignments. It runs nothing and expands nothing.

export interface ShellWord { readonly kind: 'word' | 'operator'; readonly text: string; /** It holds something that the shell would expand. */ readonly isExpanded: boolean }

const OPERATORS = ['&>>', '2>&1', '>&2', '1>&2', '&&', '||', '&>', '>>', '2>>', '2>', '1>', '>|', '>&', ';;', '|&', '|', ';', '&', '>', '<', '(', ')', '\n'] as const;

/** @returns null where a quote is not closed */
export function shellWords(text: string): ShellWord[] | null {
  const words: ShellWord[] = [];
  let word: string | null = null;
  let isExpanded = false;
  const end = (): void => {
    if (word !== null) words.push({ kind: 'word', text: word, isExpanded });
    word = null;
    isExpanded = false;
  };
  for (let at = 0; at < text.length;) {
    const sign = text[at] ?? '';
    if (sign === ' ' || sign === '\t' || sign === '\r') {
      end();
      at += 1;
      continue;
    }
    if (sign === '#' && word === null) {
      const next = text.indexOf('\n', at);
      at = next === -1 ? text.length : next;
      continue;
    }
    if (sign === '\\') {
      if (text[at + 1] !== '\n') word = `${word ?? ''}${text[at + 1] ?? ''}`;
      at += 2;
      continue;
    }
    if (sign === "'") {
      const close = text.indexOf("'", at + 1);
      if (close === -1) return null;
      word = `${word ?? ''}${text.slice(at + 1, close)}`;
      at = close + 1;
      continue;
    }
    if (sign === '"') {
      word ??= '';
      for (at += 1; text[at] !== '"'; at += 1) {
        if (at >= text.length) return null;
        if (text[at] === '$' || text[at] === '`') isExpanded = true;
        if (text[at] === '\\' && '"\\$`'.includes(text[at + 1] ?? ' ')) at += 1;
        word += text[at] ?? '';
      }
      at += 1;
      continue;
    }
    // A number before > belongs to it only at the beginning of a word.
    const operator = OPERATORS.find((each) => text.startsWith(each, at) && (word === null || !/^\d/.test(each)));
    // A placeholder is a word, not two redirections.
    const placeholder = /^<<[A-Z][A-Z0-9_]*>>/.exec(text.slice(at, at + 64))?.[0];
    if (placeholder !== undefined) {
      word = `${word ?? ''}${placeholder}`;
      at += placeholder.length;
    } else if (operator !== undefined) {
      end();
      words.push({ kind: 'operator', text: operator, isExpanded: false });
      at += operator.length;
    } else {
      if (sign === '$' || sign === '`' || (sign === '~' && word === null)) isExpanded = true;
      word = `${word ?? ''}${sign}`;
      at += 1;
    }
  }
  end();
  return words;
}

export interface Simple {
  /** Operator before it; null for the first. */
  readonly before: string | null;
  readonly after: string | null;
  readonly assignments: readonly { readonly name: string; readonly value: string }[];
  readonly words: readonly ShellWord[];
  /** Where output goes: operator and target. */
  readonly redirects: readonly { readonly operator: string; readonly target: string }[];
}

const REDIRECTS = new Set(['>', '>>', '&>', '&>>', '2>', '2>>', '1>', '>|', '<']);
const MERGES = new Set(['2>&1', '>&2', '1>&2', '>&']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;

/** The simple commands of a line, in order. */
export function simpleCommands(words: readonly ShellWord[]): Simple[] {
  const commands: Simple[] = [];
  let before: string | null = null;
  let [parts, redirects, assignments]: [ShellWord[], { operator: string; target: string }[], { name: string; value: string }[]] = [[], [], []];
  const close = (after: string | null): void => {
    if (parts.length + assignments.length + redirects.length > 0) commands.push({ before, after, assignments, words: parts, redirects });
    [parts, redirects, assignments] = [[], [], []];
    before = after;
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as ShellWord;
    if (word.kind === 'operator') {
      if (REDIRECTS.has(word.text)) {
        redirects.push({ operator: word.text, target: words[at + 1]?.text ?? '' });
        at += 1;
      } else if (MERGES.has(word.text)) redirects.push({ operator: word.text, target: '' });
      else close(word.text);
      continue;
    }
    const assignment = parts.length === 0 || ['env', 'export'].includes(parts[0]?.text ?? '') ? ASSIGNMENT.exec(word.text) : null;
    if (assignment === null) parts.push(word);
    else assignments.push({ name: assignment[1] ?? '', value: assignment[2] ?? '' });
  }
  close(null);
  return commands;
}
