// Writes an expression out in one form, with every group in brackets; for tests that compare expressions by their text.
import { formatEvidencePath } from '#shared/domain/posture-expression.ts';
import type { EvidencePath, Expression, Json } from '#shared/domain/posture-expression.ts';

function literalText(value: Json): string {
  if (typeof value === 'string') return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  return Array.isArray(value) ? `[${(value as readonly Json[]).map(literalText).join(', ')}]` : String(value);
}

/** @param pathText how a path is written; a placeholder makes expressions alike that differ in their paths only */
export function expressionText(expression: Expression, pathText: (path: EvidencePath) => string = formatEvidencePath): string {
  const inner = (part: Expression): string => expressionText(part, pathText);
  switch (expression.kind) {
    case 'literal': return literalText(expression.value);
    case 'range': return `${expression.from}..${expression.to}`;
    case 'path': return pathText(expression.path);
    case 'call': return `${expression.name}(${expression.args.map(inner).join(', ')})`;
    case 'not': return `not (${inner(expression.of)})`;
    case 'and': case 'or': return expression.parts.map((part) => `(${inner(part)})`).join(` ${expression.kind} `);
    case 'compare': return `${inner(expression.left)} ${expression.how} ${inner(expression.right)}`;
  }
}
