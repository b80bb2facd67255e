// What is wrong with an input, in plain words: one sentence for each kind of problem, without the value. A schema that brings words of its own keeps them.
import type { z } from '#shared/zod.ts';

type Issue = z.core.$ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = { string: 'text', number: 'a number', int: 'a whole number', boolean: 'yes or no', array: 'a list', object: 'an object', null: 'nothing' };

/** For `safeParse(input, { error: inputWords })`. */
export function inputWords(issue: Issue): string {
  switch (issue.code) {
    case 'too_big': return sizeWords(issue.origin, { bound: issue.maximum, exact: issue.exact === true, way: issue.inclusive === false ? 'Less than' : 'At most' });
    case 'too_small':
      if (Number(issue.minimum) === 1 && issue.exact !== true && (issue.origin === 'string' || issue.origin === 'array')) return 'This must not be empty.';
      return sizeWords(issue.origin, { bound: issue.minimum, exact: issue.exact === true, way: issue.inclusive === false ? 'More than' : 'At least' });
    case 'invalid_type': return issue.input === undefined ? 'This is missing.' : `This must be ${KINDS[issue.expected] ?? 'of another kind'}.`;
    case 'invalid_value': return `This must be ${issue.values.length === 1 ? '' : 'one of: '}${issue.values.map(String).join(', ')}.`;
    case 'unrecognized_keys': return 'This holds a field that is not known here.';
    default: return 'This is not of the form that is expected here.';
  }
}

function sizeWords(origin: string, { bound, exact, way }: { readonly bound: number | bigint; readonly exact: boolean; readonly way: string }): string {
  const one = Number(bound) === 1;
  const unit = origin === 'string' ? ` character${one ? '' : 's'}` : origin === 'array' || origin === 'set' || origin === 'map' ? ` entr${one ? 'y' : 'ies'}` : '';
  return `${exact ? 'Exactly' : way} ${bound}${unit}.`;
}

/** Where and what, of the first problem; of alternatives, of the one that is nearest. */
export function inputProblem(error: z.core.$ZodError): string {
  let issue = error.issues[0];
  const path: PropertyKey[] = [...issue?.path ?? []];
  while (issue?.code === 'invalid_union') {
    const [nearest, second] = [...issue.errors].sort((a, b) => a.length - b.length);
    const inner = nearest?.[0];
    if (inner === undefined || nearest?.length === second?.length) break;
    issue = inner;
    path.push(...inner.path);
  }
  return `${path.length === 0 ? 'the request' : path.map(String).join('.')}: ${issue?.message ?? 'This is not valid.'}`;
}
