// What a search of the audit log is made of beside its query text: order, columns, counts, histogram, facets and saved views.
import { z } from '../zod.ts';
import { isoInstant } from './time.ts';

/** The longest query line. */
export const QUERY_MAX = 4096;
export const queryText = z.string().max(QUERY_MAX, `Keep the query within ${QUERY_MAX} characters.`);

export const SORT_KEYS = ['time', 'id', 'method', 'route', 'actor', 'org', 'status', 'event', 'resource', 'payload'] as const;
export const auditSort = z.strictObject({ by: z.enum(SORT_KEYS), direction: z.enum(['asc', 'desc']) });
export type AuditSort = z.infer<typeof auditSort>;
export const NEWEST_FIRST: AuditSort = { by: 'time', direction: 'desc' };

export const AUDIT_COLUMNS = ['time', 'id', 'method', 'route', 'event', 'actor', 'org', 'resource', 'status', 'payload'] as const;
export const auditColumn = z.enum(AUDIT_COLUMNS);
export type AuditColumn = z.infer<typeof auditColumn>;
export const DEFAULT_COLUMNS: readonly AuditColumn[] = ['time', 'method', 'route', 'actor', 'org', 'status', 'payload'];

/** Counts in equal steps of time; bucket i begins at startSeconds + i * stepSeconds (seconds since the epoch, UTC). */
export const auditHistogram = z.strictObject({
  startSeconds: z.int(),
  stepSeconds: z.int().min(1),
  counts: z.array(z.int()),
  /** Of these, how many have a status of 400 or more. */
  errors: z.array(z.int()),
});
export type AuditHistogram = z.infer<typeof auditHistogram>;

/** The facets in the order in which they are shown. `key` is the key id of encrypted payloads, `payload` is the payload's state. */
export const FACET_FIELDS = ['method', 'status', 'org', 'actor', 'route', 'event', 'payload', 'key'] as const;
export const facetField = z.enum(FACET_FIELDS);
export type FacetField = z.infer<typeof facetField>;
export const facetValue = z.strictObject({
  /** null: rows without a value (no organisation, no actor, no key id). */
  value: z.string().nullable(),
  count: z.int(),
});
export const facetValues = z.record(facetField, z.strictObject({ values: z.array(facetValue), /** Values beyond those listed exist. */ hasMore: z.boolean(), /** Only so many of the matching rows were asked for this facet; null: all of them. */ countedRows: z.int().nullable() }));
export type FacetValues = z.infer<typeof facetValues>;

export const VIEW_NAME_MAX = 80;
export const savedView = z.strictObject({
  id: z.int(),
  name: z.string().min(1).max(VIEW_NAME_MAX),
  query: queryText,
  sort: auditSort,
  columns: z.array(auditColumn).min(1).max(AUDIT_COLUMNS.length),
  savedAt: isoInstant,
});
export type SavedView = z.infer<typeof savedView>;
