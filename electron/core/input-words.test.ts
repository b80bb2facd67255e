// What is said of an input that does not fit: in plain words, at the place, and never with the value or the words of the library.
import { expect, it } from 'vitest';
import { z } from '#shared/zod.ts';
import { contract } from '#shared/contract.ts';
import { inputProblem, inputWords } from './input-words.ts';

function said(schema: z.ZodType, input: unknown): string {
  const parsed = schema.safeParse(input, { error: inputWords });
  if (parsed.success) throw new Error('it fits');
  return inputProblem(parsed.error);
}

it.each<[z.ZodType, unknown, string]>([
  [z.strictObject({ keyId: z.string().max(128) }), { keyId: 'x'.repeat(129) }, 'keyId: At most 128 characters.'],
  [z.strictObject({ name: z.string().min(1) }), { name: '' }, 'name: This must not be empty.'],
  [z.strictObject({ name: z.string().min(3) }), { name: 'a' }, 'name: At least 3 characters.'],
  [z.strictObject({ digest: z.string().length(64) }), { digest: 'a' }, 'digest: Exactly 64 characters.'],
  [z.strictObject({ ids: z.array(z.int()).max(1) }), { ids: [1, 2] }, 'ids: At most 1 entry.'],
  [z.strictObject({ ids: z.array(z.int()) }), { ids: [1, 1.5] }, 'ids.1: This must be a whole number.'],
  [z.strictObject({ limit: z.int().min(2).max(500) }), { limit: 501 }, 'limit: At most 500.'],
  [z.strictObject({ limit: z.number().gt(2) }), { limit: 2 }, 'limit: More than 2.'],
  [z.strictObject({ name: z.string() }), {}, 'name: This is missing.'],
  [z.strictObject({ format: z.enum(['csv', 'jsonl']) }), { format: 'xml' }, 'format: This must be one of: csv, jsonl.'],
  [z.strictObject({}), { secret: 1 }, 'the request: This holds a field that is not known here.'],
  [z.strictObject({ id: z.string().regex(/^d_/) }), { id: 'x' }, 'id: This is not of the form that is expected here.'],
  [z.strictObject({ why: z.string().min(3, 'Give a reason.') }), { why: '' }, 'why: Give a reason.'],
  [z.union([z.string(), z.number()]), true, 'the request: This is not of the form that is expected here.'],
])('%# is told in plain words', (schema, input, expected) => {
  expect(said(schema, input)).toBe(expected);
});

it('of alternatives it tells of the nearest one', () => {
  const asked = { deploymentId: 'd_0123456789abcdef', selection: { query: '' }, reason: 'a test', path: '/x' };
  const { input } = contract['audit.bulkExport'];
  expect(said(input, { ...asked, protection: { kind: 'age', recipients: Array.from({ length: 21 }, () => 'age1') } })).toBe('protection.recipients: At most 20 entries.');
  expect(said(input, { ...asked, selection: { query: 'x'.repeat(5000) }, protection: { kind: 'plaintext', confirmName: '' } })).toBe('selection.query: At most 4096 characters.');
});
