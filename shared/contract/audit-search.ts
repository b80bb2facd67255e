// Calls that search the cached audit log: pages, counts, histogram, facets, completion and saved views. None of them asks a deployment.
import { z } from '../zod.ts';
import { auditEvent, auditEventId } from '../domain/audit-event.ts';
import { AUDIT_COLUMNS, auditColumn, auditHistogram, auditSort, facetField, facetValue, facetValues, NEWEST_FIRST, queryText, savedView, VIEW_NAME_MAX } from '../domain/audit-search.ts';
import { deploymentId } from '../domain/deployment.ts';
import { call } from './call.ts';

/** An empty query means all. `anchor` keeps pages steady: rows that came after it are left out; the first answer tells it. */
const search = z.strictObject({ deploymentId, query: queryText.default(''), anchor: z.int().min(0).nullable().default(null) });
const ERRORS = ['deployment_not_found', 'invalid_query', 'cancelled'] as const;

export const auditSearchCalls = {
  /** One page. `cursor` comes from the page before (keyset); `offset` jumps. At most one of the two is given. */
  'audit.search': call({
    effect: 'read', errors: ERRORS,
    input: search.extend({ sort: auditSort.default(NEWEST_FIRST), cursor: z.string().max(1024).nullable().default(null), offset: z.int().min(0).nullable().default(null), limit: z.int().min(1).max(1000).default(200) }),
    output: z.strictObject({ events: z.array(auditEvent), nextCursor: z.string().nullable(), anchor: z.int() }),
  }),
  'audit.count': call({ effect: 'read', errors: ERRORS, input: search, output: z.strictObject({ matching: z.int(), total: z.int() }) }),
  /** About `buckets` steps over the time range of the query, or of what it matches. The step is one of a fixed list (1 s … 30 d). */
  'audit.histogram': call({ effect: 'read', errors: ERRORS, input: search.extend({ buckets: z.int().min(10).max(400).default(120) }), output: auditHistogram }),
  /** Routes hold ids, so of a large log only many rows are asked for them (`countedRows`); `whole` asks all, however long it takes. */
  'audit.facets': call({ effect: 'read', errors: ERRORS, input: search.extend({ limit: z.int().min(1).max(10_000).default(8), whole: z.boolean().default(false) }), output: facetValues }),
  /** Values of a field that begin with (or contain a component that begins with) the prefix, most frequent first; for completion. */
  'audit.complete': call({ effect: 'read', errors: ['deployment_not_found'], input: z.strictObject({ deploymentId, field: facetField, prefix: z.string().max(256) }), output: z.strictObject({ values: z.array(facetValue) }) }),
  /** Rows by id as text for the clipboard: our export form, payloads as they are stored. */
  'audit.render': call({ effect: 'read', errors: ['deployment_not_found', 'too_large'], input: z.strictObject({ deploymentId, ids: z.array(auditEventId).min(1).max(1000), format: z.enum(['json', 'csv']) }), output: z.strictObject({ text: z.string() }) }),
  'audit.viewList': call({ effect: 'read', errors: [], input: z.strictObject({}), output: z.strictObject({ views: z.array(savedView) }) }),
  /** Saving under a name that exists replaces that view. */
  'audit.viewSave': call({ effect: 'write', errors: ['invalid_query'], input: z.strictObject({ name: z.string().trim().min(1).max(VIEW_NAME_MAX), query: queryText, sort: auditSort, columns: z.array(auditColumn).min(1).max(AUDIT_COLUMNS.length) }), output: savedView }),
  'audit.viewRemove': call({ effect: 'write', errors: ['view_not_found'], input: z.strictObject({ id: z.int() }), output: z.strictObject({}) }),
} as const;
