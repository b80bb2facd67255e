// The fields of the query language: what each means, an example, and which one was meant when a name is not known.
import type { FacetField } from './audit-search.ts';
import { QUERY_FIELDS } from './audit-query-tree.ts';
import type { QueryField } from './audit-query-tree.ts';

export interface FieldDescription {
  readonly field: QueryField;
  readonly example: string;
  /** One sentence. */
  readonly means: string;
  /** Several values may stand with commas between them. */
  readonly isList: boolean;
  /** All values there are, when they are few and fixed. */
  readonly values: readonly string[] | null;
  /** The facet whose values complete this field. */
  readonly facet: FacetField | null;
}

const FIELDS: Readonly<Record<QueryField, Omit<FieldDescription, 'field'>>> = {
  actor: { example: 'actor:alice@example.org', means: 'Words of the subject or e-mail of who did it; actor:none is nobody.', isList: false, values: null, facet: 'actor' },
  org: { example: 'org:acme,globex', means: 'The organisation, whole; org:none is no organisation.', isList: true, values: null, facet: 'org' },
  method: { example: 'method:POST,DELETE', means: 'The HTTP method.', isList: true, values: null, facet: 'method' },
  route: { example: 'route:/api/audit*', means: 'Words of the route; route:=/api/audit is exactly this route.', isList: false, values: null, facet: 'route' },
  status: { example: 'status:>=400', means: 'The status: 404, 4xx, >=400, <300 or 400..499.', isList: true, values: ['2xx', '3xx', '4xx', '5xx', '>=400'], facet: 'status' },
  event: { example: 'event:http.request', means: 'The event type, whole; event:plan.* by its beginning.', isList: true, values: null, facet: 'event' },
  resource: { example: 'resource:plan-42', means: 'The resource id, whole; resource:none is no resource.', isList: false, values: null, facet: null },
  encrypted: { example: 'encrypted:yes', means: 'Whether the payload is encrypted: yes, no, or unknown where none was obtained.', isList: false, values: ['yes', 'no', 'unknown'], facet: null },
  payload: { example: 'payload:failed', means: 'The state of the payload (plain, encrypted, failed, malformed, none), or else words of a plaintext payload.', isList: false, values: ['plain', 'encrypted', 'failed', 'malformed', 'none'], facet: 'payload' },
  key: { example: 'key:2026-q3', means: 'The key id that the payload names; key:none is no key id.', isList: true, values: null, facet: 'key' },
  since: { example: 'since:24h', means: 'From this time on: 24h, 7d, 30m, 2w before now, or 2026-11-22T05:37Z.', isList: false, values: ['1h', '24h', '7d', '30d'], facet: null },
  until: { example: 'until:2026-11-22', means: 'Up to this time; a date alone is its whole day.', isList: false, values: ['1h', '24h', '7d', '30d'], facet: null },
  id: { example: 'id:17..40', means: 'The id: 17, 17..40, >=5, or several with commas.', isList: true, values: null, facet: null },
};

/** Every field in the order in which help and completion show them. */
export function describeFields(): readonly FieldDescription[] {
  return QUERY_FIELDS.map((field) => ({ field, ...FIELDS[field] }));
}

export function describeField(field: QueryField): FieldDescription {
  return { field, ...FIELDS[field] };
}

/** The field of this name, without regard to case; null when there is none. */
export function fieldNamed(name: string): QueryField | null {
  const wanted = name.toLowerCase();
  return QUERY_FIELDS.find((field) => field === wanted) ?? null;
}

/** What other tools call our fields. */
const OTHER_NAMES: ReadonlyMap<string, QueryField> = new Map([
  ['user', 'actor'], ['email', 'actor'], ['mail', 'actor'], ['sub', 'actor'], ['subject', 'actor'], ['who', 'actor'], ['tenant', 'org'], ['organisation', 'org'], ['organization', 'org'], ['verb', 'method'],
  ['path', 'route'], ['url', 'route'], ['uri', 'route'], ['code', 'status'], ['type', 'event'], ['action', 'event'], ['object', 'resource'], ['target', 'resource'], ['sealed', 'encrypted'], ['crypt', 'encrypted'],
  ['body', 'payload'], ['kid', 'key'], ['from', 'since'], ['after', 'since'], ['start', 'since'], ['time', 'since'], ['date', 'since'], ['to', 'until'], ['before', 'until'], ['end', 'until'], ['seq', 'id'],
]);

/** True for a name that other tools use for one of our fields. */
export function isOtherName(name: string): boolean {
  return OTHER_NAMES.has(name.toLowerCase());
}

/** The field that was most likely meant. */
export function nearestField(name: string): QueryField {
  const wanted = name.toLowerCase();
  const other = OTHER_NAMES.get(wanted);
  if (other !== undefined) return other;
  const ranked = QUERY_FIELDS.map((field) => ({ field, steps: distance(wanted, field) })).sort((a, b) => a.steps - b.steps);
  return ranked[0]?.field ?? 'actor';
}

/** Insertions, deletions and changes between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
