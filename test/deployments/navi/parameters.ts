// Owns query, path and body validation with FastAPI's 422 wording; refuses to coerce more than pydantic does.
import { ValidationProblem, type ValidationIssue } from './reply.ts';

export type ParameterSpec =
  | { readonly kind: 'integer'; readonly name: string; readonly minimum: number; readonly maximum: number; readonly default: number | null }
  | { readonly kind: 'boolean'; readonly name: string; readonly default: boolean }
  | { readonly kind: 'string'; readonly name: string; readonly maxLength?: number; readonly pattern?: string; readonly default?: string };

/** Checked parameters; asking for one that the route did not declare is a bug and throws. */
export interface ParameterValues {
  integer(name: string): number | null;
  boolean(name: string): boolean;
  string(name: string): string | null;
}

type Checked = { readonly value: unknown } | { readonly issue: ValidationIssue };

/** Reads the declared query parameters (the last of repeated ones wins, unknown ones are ignored) or throws ValidationProblem with every issue. */
export function readQuery(specs: readonly ParameterSpec[], query: URLSearchParams): ParameterValues {
  const values = new Map<string, unknown>();
  const issues: ValidationIssue[] = [];
  for (const spec of specs) {
    const raw = query.getAll(spec.name).at(-1);
    const checked = raw === undefined ? { value: spec.default ?? null } : checkOne(spec, raw);
    if ('issue' in checked) issues.push(checked.issue);
    else values.set(spec.name, checked.value);
  }
  if (issues.length > 0) throw new ValidationProblem(issues);
  function get(name: string): unknown {
    if (!values.has(name)) throw new Error(`The route declares no parameter "${name}"`);
    return values.get(name);
  }
  return {
    integer: (name) => get(name) as number | null,
    boolean: (name) => get(name) as boolean,
    string: (name) => get(name) as string | null,
  };
}

function checkOne(spec: ParameterSpec, raw: string): Checked {
  const loc = ['query', spec.name];
  switch (spec.kind) {
    case 'integer': {
      const value = parseInteger(raw);
      if (value === null) return { issue: notAnInteger(loc, raw) };
      if (value < spec.minimum) {
        return { issue: { type: 'greater_than_equal', loc, msg: `Input should be greater than or equal to ${spec.minimum}`, input: raw, ctx: { ge: spec.minimum } } };
      }
      if (value > spec.maximum) {
        return { issue: { type: 'less_than_equal', loc, msg: `Input should be less than or equal to ${spec.maximum}`, input: raw, ctx: { le: spec.maximum } } };
      }
      return { value };
    }
    case 'boolean': {
      const value = parseBoolean(raw);
      return value === null ? { issue: { type: 'bool_parsing', loc, msg: 'Input should be a valid boolean, unable to interpret input', input: raw } } : { value };
    }
    case 'string': {
      if (spec.maxLength !== undefined && [...raw].length > spec.maxLength) {
        return { issue: { type: 'string_too_long', loc, msg: `String should have at most ${spec.maxLength} characters`, input: raw, ctx: { max_length: spec.maxLength } } };
      }
      if (spec.pattern !== undefined && !new RegExp(spec.pattern, 'u').test(raw)) {
        return { issue: { type: 'string_pattern_mismatch', loc, msg: `String should match pattern '${spec.pattern}'`, input: raw, ctx: { pattern: spec.pattern } } };
      }
      return { value: raw };
    }
  }
}

function notAnInteger(loc: readonly string[], input: string): ValidationIssue {
  return { type: 'int_parsing', loc, msg: 'Input should be a valid integer, unable to parse string as an integer', input };
}

/** Pydantic's lax integer: surrounding space, a sign, single underscores and a zero fraction are accepted. */
function parseInteger(raw: string): number | null {
  const text = raw.trim();
  return /^[+-]?\d+(?:_\d+)*(?:\.0+)?$/.test(text) ? Number(text.replaceAll('_', '')) : null;
}

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'false', 'f', 'no', 'n', 'off']);

function parseBoolean(raw: string): boolean | null {
  const word = raw.toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : null;
}

/** A path parameter that must be a whole number. */
export function pathInteger(name: string, raw: string): number {
  const value = parseInteger(raw);
  if (value === null) throw new ValidationProblem([notAnInteger(['path', name], raw)]);
  return value;
}

/** A JSON body that is not readable as JSON. FastAPI reads it before it checks the caller, so this 422 needs no token. */
export function parseJsonBody(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    const issue = { type: 'json_invalid', msg: 'JSON decode error', input: {} };
    throw new ValidationProblem([{ ...issue, ...jsonErrorAt(body) }]);
  }
}

/** Python's position and words for the commonest broken bodies; other breakages share the general wording. */
function jsonErrorAt(body: string): Pick<ValidationIssue, 'loc'> & { readonly ctx: { readonly error: string } } {
  const brace = /^\s*\{\s*(?=[^"}\s])/.exec(body);
  if (brace !== null) return { loc: ['body', brace[0].length], ctx: { error: 'Expecting property name enclosed in double quotes' } };
  return { loc: ['body', body.length - body.trimStart().length], ctx: { error: 'Expecting value' } };
}

/** The decrypt request's body: an object with an optional, nullable text `reason`; anything else is a 422. */
export function checkDecryptBody(body: unknown): void {
  if (body === undefined || body === null) throw new ValidationProblem([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);
  if (typeof body !== 'object' || Array.isArray(body)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    throw new ValidationProblem([{ type: 'model_attributes_type', loc: ['body'], msg, input: body }]);
  }
  const reason: unknown = Reflect.get(body, 'reason');
  if (reason !== undefined && reason !== null && typeof reason !== 'string') {
    throw new ValidationProblem([{ type: 'string_type', loc: ['body', 'reason'], msg: 'Input should be a valid string', input: reason }]);
  }
}
