import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPARISONS, ExpressionProblem, formatEvidencePath, FUNCTIONS, parseEvidencePath, parseExpression, pathsIn } from './posture-expression.ts';
import type { EvidencePath, Expression } from './posture-expression.ts';
import { expressionText } from '../../test/support/expression-text.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 5000 : 1000;

function problemOf(text: string): { readonly column: number; readonly message: string } | null {
  try {
    parseExpression(text);
    return null;
  } catch (error) {
    if (!(error instanceof ExpressionProblem)) throw error;
    return { column: error.column, message: error.message };
  }
}

describe('an expression', () => {
  it.each<[string, Expression]>([
    ['status.jwt.enabled == true', { kind: 'compare', how: '==', left: { kind: 'path', path: { document: 'status', keys: ['jwt', 'enabled'] } }, right: { kind: 'literal', value: true } }],
    ['config.per["/api/chat"].n in 1..5', { kind: 'compare', how: 'in', left: { kind: 'path', path: { document: 'config', keys: ['per', '/api/chat', 'n'] } }, right: { kind: 'range', from: 1, to: 5 } }],
    ['a.x in -1.5..2.5', { kind: 'compare', how: 'in', left: { kind: 'path', path: { document: 'a', keys: ['x'] } }, right: { kind: 'range', from: -1.5, to: 2.5 } }],
    ['a in ["x", 2, null, []]', { kind: 'compare', how: 'in', left: { kind: 'path', path: { document: 'a', keys: [] } }, right: { kind: 'literal', value: ['x', 2, null, []] } }],
    ['not a and b or c', { kind: 'or', parts: [{ kind: 'and', parts: [{ kind: 'not', of: { kind: 'path', path: { document: 'a', keys: [] } } }, { kind: 'path', path: { document: 'b', keys: [] } }] }, { kind: 'path', path: { document: 'c', keys: [] } }] }],
    ['a == "say \\"no\\" \\\\"', { kind: 'compare', how: '==', left: { kind: 'path', path: { document: 'a', keys: [] } }, right: { kind: 'literal', value: 'say "no" \\' } }],
  ])('reads %s', (text, expression) => expect(parseExpression(text)).toEqual(expression));

  it.each([
    ['', 1, 'something is missing'], ['a ==', 5, 'something is missing'], ['a == == b', 6, 'a value or a path'], ['a and or b', 7, 'a value or a path'], ['a == not b', 6, 'a value or a path'],
    ['(a', 3, '")" is expected'], ['a)', 2, 'not expected'], ['a b', 3, 'not expected'], ['a # b', 3, '"#" is not expected'], ['a == "x', 6, 'has no end'],
    ['sum(a)', 1, 'no function "sum"'], ['a and known(b, c)', 7, 'takes 1 value'], ['known(not a)', 1, 'known takes a path'], ['known("a")', 1, 'known takes a path'],
    ['a in 5..1', 9, 'from the smaller'], ['a in 1..x', 9, 'a number is expected'], ['1..5 == a', 6, 'behind "in" only'], ['a == 1..5', 10, 'behind "in" only'], ['a in [b]', 8, 'values only'],
    [`a < ${'9'.repeat(400)}`, 5, 'too large'], [`${'('.repeat(21)}a`, 22, 'nested deeper'], [`a in ${'['.repeat(30)}`, 26, 'nested deeper'], [`${'not '.repeat(21)}a`, 85, 'nested deeper'], ['a '.repeat(1200), 2001, 'longer than'],
  ])('refuses %j at column %i', (text, column, message) => expect(problemOf(text)).toEqual({ column, message: expect.stringContaining(message) as string }));

  it('names each path once, in the order of the text', () => {
    expect(pathsIn(parseExpression('b.y == 1 and (known(a) or length(b.y) > 2) and not mentions(c["d e"], "x")')).map(formatEvidencePath)).toEqual(['b.y', 'a', 'c["d e"]']);
  });
});

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/).filter((word) => !['and', 'or', 'not', 'true', 'false', 'null', ...COMPARISONS, ...Object.keys(FUNCTIONS)].includes(word));
const path: fc.Arbitrary<EvidencePath> = fc.record({ document: name, keys: fc.array(fc.oneof(name, fc.string({ maxLength: 6 })), { maxLength: 3 }) });
const text = fc.string({ maxLength: 8 });
const literal: fc.Arbitrary<Expression> = fc.oneof(fc.boolean(), fc.constant(null), fc.integer(), text, fc.array(fc.oneof(fc.integer(), text), { maxLength: 3 })).map((value) => ({ kind: 'literal', value }));
const { tree } = fc.letrec<{ tree: Expression; operand: Expression }>((tie) => ({
  operand: fc.oneof({ maxDepth: 2 }, path.map((at): Expression => ({ kind: 'path', path: at })), literal, fc.tuple(fc.constantFrom('length', 'lower', 'bytes', 'age_hours', 'text' as const), tie('operand')).map(([called, of]): Expression => ({ kind: 'call', name: called as 'length', args: [of] }))),
  tree: fc.oneof({ maxDepth: 3 },
    fc.record({ kind: fc.constant('compare' as const), how: fc.constantFrom(...COMPARISONS), left: tie('operand'), right: tie('operand') }),
    path.map((at): Expression => ({ kind: 'call', name: 'known', args: [{ kind: 'path', path: at }] })),
    tie('tree').map((of): Expression => ({ kind: 'not', of })),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), parts: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) })),
}));

describe('every text', () => {
  it('is read or refused at a column inside it, and nothing else happens', () => {
    const piece = fc.constantFrom('(', ')', '[', ']', ',', '..', '==', '<', 'and', 'or', 'not', 'in', 'known', 'length', 'a.b', 'x["', '"]', '"', '\\', '1', '-', 'true', ' ', '\n', '__proto__', 'constructor');
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(piece, { maxLength: 25 }).map((parts) => parts.join(''))), (given) => {
      const problem = problemOf(given);
      if (problem === null) return;
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeLessThanOrEqual(given.length + 1);
    }), { seed, numRuns });
  });
  it('of a path comes back as the path', () => {
    fc.assert(fc.property(path, (given) => { expect(parseEvidencePath(formatEvidencePath(given))).toEqual(given); }), { seed, numRuns });
  });
  it('of a tree comes back as the tree', () => {
    fc.assert(fc.property(tree, (given) => { expect(parseExpression(expressionText(given))).toEqual(given); }), { seed, numRuns });
  });
  it.each(['a.b c', '', '5', 'a..b', 'a[b]', 'not a', '"a"'])('%j is no path', (given) => expect(() => parseEvidencePath(given)).toThrow(ExpressionProblem));
});
