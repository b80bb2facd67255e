// Which terms of a query narrow which facet, as they stand there, so that each can be taken out again.
import { parseQuery } from '#shared/domain/audit-query.ts';
import type { QueryNode } from '#shared/domain/audit-query-tree.ts';
import { FACET_FIELDS } from '#shared/domain/audit-search.ts';
import type { FacetField } from '#shared/domain/audit-search.ts';

export interface ActiveTerm { readonly field: FacetField; /** As written in the query. */ readonly term: string; readonly isNegated: boolean }

function facetOf(node: QueryNode): FacetField | null {
  if (node.kind === 'not') return facetOf(node.item);
  if (node.kind === 'state') return 'payload';
  if (node.kind === 'text') return node.part === 'any' ? null : node.part;
  if (node.kind === 'value' || node.kind === 'number') return FACET_FIELDS.find((field) => field === node.field) ?? null;
  return null;
}

/** Terms of the outermost AND that speak of one facet alone. */
export function activeTerms(query: string): readonly ActiveTerm[] {
  const parsed = parseQuery(query);
  if (!parsed.ok) return [];
  const nodes = parsed.ast.kind === 'and' ? parsed.ast.items : [parsed.ast];
  return nodes.flatMap((node) => {
    const field = facetOf(node);
    return field === null ? [] : [{ field, term: query.slice(node.from, node.to), isNegated: node.kind === 'not' }];
  });
}
