// What the bar proposes at the cursor: fields, values with how often they occur, saved views; choosing one never touches the rest of the query.
import { completionAt } from '#shared/domain/audit-query-completion.ts';
import type { Completion } from '#shared/domain/audit-query-completion.ts';
import { describeField, describeFields } from '#shared/domain/audit-query-fields.ts';
import { formatTerm } from '#shared/domain/audit-query-format.ts';
import type { QueryField } from '#shared/domain/audit-query-tree.ts';
import type { FacetField, SavedView } from '#shared/domain/audit-search.ts';
import { toQuery, toShown } from './query-text.ts';

export type Suggestion =
  | { readonly kind: 'field' | 'value'; readonly id: string; readonly text: string; readonly about: string; readonly count: number | null; /** Put in place of what the completion names. */ readonly insert: string }
  | { readonly kind: 'view'; readonly id: string; readonly text: string; readonly about: string; readonly count: null; readonly view: SavedView };

const MAX_SHOWN = 12;
const MAX_VIEWS = 4;
/** Written without `=`: their words would find more than the value that was chosen, or a value is written as it is. */
const WRITTEN_EXACTLY: readonly QueryField[] = ['route', 'actor'];

/** What to ask core for; null when it has nothing to add. */
export function valuesToAsk(completion: Completion): { readonly field: FacetField; readonly prefix: string } | null {
  if (completion.kind !== 'value' || completion.field === null) return null;
  const { facet } = describeField(completion.field);
  return facet === null ? null : { field: facet, prefix: toQuery(completion.prefix).slice(0, 256) };
}

interface Known {
  readonly values: readonly { readonly value: string | null; readonly count: number }[];
  readonly views: readonly SavedView[];
  /** The whole text of the bar. */
  readonly text: string;
}

export function suggestionsFor(completion: Completion, { values, views, text }: Known): readonly Suggestion[] {
  const prefix = completion.prefix.toLowerCase();
  if (completion.kind === 'field') {
    const fields = describeFields().filter(({ field }) => field.startsWith(prefix)).map(({ field, means }): Suggestion => ({ kind: 'field', id: `field-${field}`, text: `${field}:`, about: means, count: null, insert: `${field}:` }));
    const named = text.trim() === '' || prefix === '' ? views : views.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
    const shownViews = named.slice(0, MAX_VIEWS).map((view): Suggestion => ({ kind: 'view', id: `view-${view.id}`, text: view.name, about: view.query, count: null, view }));
    return [...fields, ...shownViews];
  }
  const { field } = completion;
  if (completion.kind !== 'value' || field === null) return [];
  const asked = values.map(({ value, count }): Suggestion => ({ kind: 'value', id: `value-${value ?? ''}-${value === null}`, text: value ?? 'none', about: value === null ? 'rows without one' : '', count, insert: termValue(field, value) }));
  const fixed = (describeField(field).values ?? []).filter((value) => value.startsWith(prefix) && !values.some((known) => known.value === value))
    .map((value): Suggestion => ({ kind: 'value', id: `fixed-${value}`, text: value, about: '', count: null, insert: value }));
  return [...asked.slice(0, MAX_SHOWN), ...fixed];
}

/** The value as it stands behind the colon. */
function termValue(field: QueryField, value: string | null): string {
  return toShown(formatTerm(field, value, { exact: value !== null && WRITTEN_EXACTLY.includes(field) }).slice(field.length + 1));
}

/** The text and the cursor after a choice. A value at the end is followed by a space, so that one can write on. */
export function inserted(text: string, completion: Completion, insert: string): { readonly text: string; readonly cursor: number } {
  const after = text.slice(completion.to);
  const gap = completion.kind === 'value' && after === '' ? ' ' : '';
  return { text: `${text.slice(0, completion.from)}${insert}${gap}${after}`, cursor: completion.from + insert.length + gap.length };
}

export function completionIn(text: string, cursor: number): Completion {
  return completionAt(text, cursor);
}
