// Reads a line of POSIX shell as far as it must be understood here: words without their quotes, operators, and assignments. It runs nothing and expands nothing.

export interface ShellWord { readonly kind: 'word' | 'operator'; readonly text: string; /** It holds something that the shell would expand. */ readonly isExpanded: boolean }

const OPERATORS = ['&>>', '2>&1', '>&2', '1>&2', '&&', '||', '&>', '>>', '2>>', '2>', '1>', '>|', '>&', ';;', '|&', '|', ';', '&', '>', '<', '(', ')', '\n'] as const;

/** @returns null where a quote is not closed */
export function shellWords(text: string): ShellWord[] | null {
  const words: ShellWord[] = [];
  let word: string | null = null;
  let isExpanded = false;
  // One that is never closed is looked for once, or a line of them would take for ever.
  let isEndless = false;
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
    const substituted: number = isEndless ? 0 : substitutionAt(text, at);
    isEndless ||= substituted === -1;
    if (substituted > 0) {
      isExpanded = true;
      word = `${word ?? ''}${text.slice(at, substituted)}`;
      at = substituted;
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

/** Where $( … ) or ` … ` that begins here ends; 0 where none begins, -1 where it does not end. */
function substitutionAt(text: string, at: number): number {
  if (text[at] === '`') return text.indexOf('`', at + 1) + 1 || -1;
  if (!text.startsWith('$(', at)) return 0;
  let depth = 0;
  for (let end = at + 1; end < text.length; end += 1) {
    depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0;
    if (depth === 0) return end + 1;
  }
  return -1;
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
/** Words that only hold commands together, where a command begins. */
const KEYWORDS = new Set(['{', '}', '!', 'if', 'then', 'else', 'elif', 'fi', 'while', 'until', 'do', 'done']);
export const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;

/** More than any line of an admin's; a line that is made to be slow is not followed. */
const MAX_GROUPS = 50;

/** The simple commands of a line, in order. What stands behind a group counts for each command in it. */
export function simpleCommands(words: readonly ShellWord[]): Simple[] {
  const commands: (Simple & { after: string | null; redirects: Simple['redirects'] })[] = [];
  const open: number[] = [];
  let groups = 0;
  let group: number | null = null;
  const closeGroup = (): void => {
    const start = open.pop();
    groups += 1;
    group = start === undefined || groups > MAX_GROUPS ? null : start;
  };
  let before: string | null = null;
  let [parts, redirects, assignments]: [ShellWord[], { operator: string; target: string }[], { name: string; value: string }[]] = [[], [], []];
  const close = (after: string | null): void => {
    if (parts.length + assignments.length + (group === null ? redirects.length : 0) > 0) commands.push({ before, after, assignments, words: parts, redirects });
    else if (group !== null) {
      const last = commands.at(-1);
      for (const command of commands.slice(group)) command.redirects = [...command.redirects, ...redirects];
      if (last !== undefined) last.after = after;
    }
    [parts, redirects, assignments] = [[], [], []];
    group = null;
    before = after;
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as ShellWord;
    if (word.kind === 'operator') {
      if (REDIRECTS.has(word.text)) {
        redirects.push({ operator: word.text, target: words[at + 1]?.text ?? '' });
        at += 1;
      } else if (MERGES.has(word.text)) redirects.push({ operator: word.text, target: '' });
      else {
        if (word.text === '(') open.push(commands.length);
        close(word.text);
        if (word.text === ')') closeGroup();
      }
      continue;
    }
    if (parts.length + assignments.length === 0 && KEYWORDS.has(word.text)) {
      if (word.text === '{') open.push(commands.length);
      if (word.text === '}') closeGroup();
      continue;
    }
    const assignment = parts.length === 0 || ['env', 'export'].includes(parts[0]?.text ?? '') ? ASSIGNMENT.exec(word.text) : null;
    if (assignment === null) parts.push(word);
    else assignments.push({ name: assignment[1] ?? '', value: assignment[2] ?? '' });
  }
  close(null);
  return commands;
}
