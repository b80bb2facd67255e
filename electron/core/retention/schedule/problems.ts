// What is found wrong with a schedule, in the order of its lines, each thing once.
import type { LintProblem } from '#shared/domain/retention-schedule.ts';

/** The words of an admin's file that are repeated in a message. */
const EXCERPT = 120;

export interface Problems {
  /** It does not delete, not what it should, or not at a time that is certain. */
  error(rule: string, line: number | null, said: { readonly message: string; readonly fix: string }): void;
  /** It may be so. */
  warning(rule: string, line: number | null, said: { readonly message: string; readonly fix: string }): void;
  /** A command that only the machine itself can answer. */
  ask(command: string): void;
  list(): LintProblem[];
  asked(): string[];
}

/** Text of an admin's file as it may be repeated: short, on one line, without control characters. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
}

export function createProblems(): Problems {
  const found = new Map<string, LintProblem>();
  const asked = new Set<string>();
  const add = (level: LintProblem['level']): Problems['error'] => (rule, line, { message, fix }) => {
    const key = `${line ?? '-'} ${rule} ${message}`;
    if (!found.has(key)) found.set(key, { line, level, rule, message, fix });
  };
  return {
    error: add('error'),
    warning: add('warning'),
    ask: (command) => { asked.add(command); },
    list: () => [...found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || Number(a.level === 'warning') - Number(b.level === 'warning')),
    asked: () => [...asked],
  };
}
