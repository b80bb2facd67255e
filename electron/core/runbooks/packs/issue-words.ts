// What the schema says of a runbook, in words for its author; one problem for each key that nobody knows.
import type { z } from '#shared/zod.ts';
import type { RunbookProblem } from '#shared/domain/runbook-pack.ts';

type Issue = z.core.$ZodIssue;
export const UNKNOWN_KEY = 'nobody knows this key';

/** An issue as problems with their places. */
export function wordsOfIssue(issue: Issue): RunbookProblem[] {
  const place = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ place: [...place, key], message: UNKNOWN_KEY }));
  return [{ place, message: messageOf(issue) }];
}

const isMissing = (issue: Issue): boolean => 'input' in issue ? issue.input === undefined : issue.message.endsWith(' received undefined');

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': return isMissing(issue) ? 'is missing' : `must be ${A_TYPE[issue.expected] ?? issue.expected}`;
    case 'invalid_value': return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_union': return 'options' in issue && Array.isArray(issue.options) ? `must be one of ${issue.options.map(String).join(', ')}` : 'must be one of the known ones';
    case 'too_small': return issue.origin === 'string' ? 'must not be empty' : issue.origin === 'array' ? `needs ${issue.minimum} at least` : `must be ${issue.minimum} at least`;
    case 'too_big': return issue.origin === 'string' ? `is longer than ${issue.maximum} characters` : issue.origin === 'array' ? `holds more than ${issue.maximum}` : `must be ${issue.maximum} at most`;
    case 'invalid_format': return issue.message.startsWith('Invalid') ? `does not have the form ${issue.pattern ?? issue.format}` : issue.message;
    default: return issue.message;
  }
}

const A_TYPE: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'a table', record: 'a table' };
