// Makes a valid value for any schema of the contract, so that every call can be sent and answered without a list that somebody must keep.
import type { z } from '#shared/zod.ts';

/** Texts for fields that want a form; the first that a schema takes is used. */
const TEXTS = [
  'a', 'sample-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000000Z', '0b0e7a52-6c36-4f6b-9a4e-1f2d3c4b5a69', 'https://navi.example/', '0123456789abcdef',
  '0'.repeat(64), 'a sample reason', 'Sample text of some length', 'sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'd_0123456789abcdef', 'r_0123456789abcdef', 'h_0123456789abcdef', 'p_0123456789abcdef', 'c_0123456789abcdef', '2026-01-02', 'old-1', '404',
  `run_${'0'.repeat(32)}`, '0'.repeat(32), 'a_01234567', '1.0.0', '/health',
];
const NUMBERS = [1, 0, 10, 12, 60, 300, 1000, -1];

/**
 * @param schema any schema of the contract
 * @param pathText where in the contract it stands, for the message of a failure
 * @throws Error when no candidate fits: then a text must be added above
 */
export function validValue(schema: z.ZodType, pathText: string): unknown {
  const def = schema.def as unknown as Record<string, unknown> & { readonly type: string };
  const inner = (key: string): z.ZodType => def[key] as z.ZodType;
  switch (def.type) {
    case 'object': return Object.fromEntries(Object.entries(def['shape'] as Record<string, z.ZodType>).map(([key, field]) => [key, validValue(field, `${pathText}.${key}`)]));
    case 'array': {
      const element = validValue(inner('element'), `${pathText}[]`);
      return firstAccepted(schema, [[element], [], [element, element]], pathText);
    }
    case 'tuple': return (def['items'] as z.ZodType[]).map((item, index) => validValue(item, `${pathText}[${index}]`));
    case 'record': {
      // A record over an enum wants every key of it.
      const keys = Object.values(((def['keyType'] as z.ZodType).def as { readonly entries?: Record<string, string> }).entries ?? {});
      return firstAccepted(schema, [Object.fromEntries(keys.map((key) => [key, validValue(inner('valueType'), `${pathText}.${key}`)])), {}], pathText);
    }
    case 'union': return validValue((def['options'] as z.ZodType[])[0] as z.ZodType, pathText);
    case 'nullable': case 'optional': case 'readonly': return validValue(inner('innerType'), pathText);
    case 'default': case 'prefault': return validValue(inner('innerType'), pathText);
    case 'pipe': return firstAccepted(schema, [validValue(inner('in'), pathText), ...TEXTS], pathText);
    case 'lazy': return null;
    case 'literal': return (def['values'] as unknown[])[0];
    case 'enum': return Object.values(def['entries'] as Record<string, unknown>)[0];
    case 'boolean': return true;
    case 'null': return null;
    case 'unknown': case 'any': return { text: 'anything' };
    case 'string': return firstAccepted(schema, TEXTS, pathText);
    case 'number': case 'int': return firstAccepted(schema, NUMBERS, pathText);
    default: throw new Error(`${pathText}: no values are known for a schema of type ${def.type}`);
  }
}

function firstAccepted(schema: z.ZodType, candidates: readonly unknown[], pathText: string): unknown {
  const found = candidates.find((candidate) => schema.safeParse(candidate).success);
  if (found === undefined) throw new Error(`${pathText}: none of the known candidates is valid`);
  return found;
}

/** What secrets look like: a token, a Fernet key, a database key, a passphrase. A field that takes none of them cannot give one away. */
const SECRETS = ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'jzL4CJKoWmedi7QLlD640Aa3WyIcVNAVMcSSCETbjuw=', '0123456789abcdef'.repeat(4), 'correct horse battery staple'];

/** Every field below a schema that holds text in which a secret could stand, as paths such as `deployments[].name`. */
export function freeTextFields(schema: z.ZodType, pathText = ''): readonly string[] {
  const def = schema.def as unknown as Record<string, unknown> & { readonly type: string };
  if (def.type === 'string') return SECRETS.some((secret) => schema.safeParse(secret).success) ? [pathText] : [];
  if (def.type === 'object') return Object.entries(def['shape'] as Record<string, z.ZodType>).flatMap(([key, field]) => freeTextFields(field, pathText === '' ? key : `${pathText}.${key}`));
  if (def.type === 'array') return freeTextFields(def['element'] as z.ZodType, `${pathText}[]`);
  if (def.type === 'union') return (def['options'] as z.ZodType[]).flatMap((option) => freeTextFields(option, pathText));
  const wrapped = (def['innerType'] ?? def['out']) as z.ZodType | undefined;
  return wrapped === undefined ? [] : freeTextFields(wrapped, pathText);
}
