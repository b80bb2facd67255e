// Reads the filter bar into the contract's filter, field by field; it never sends a field that core would refuse.
import { auditFilter, METHOD_PATTERN } from '#shared/domain/audit-event.ts';
import type { AuditFilter } from '#shared/domain/audit-event.ts';
import { parseInstantUs } from '#shared/domain/time.ts';

export const FILTER_FIELDS = ['text', 'actor', 'org', 'method', 'status', 'since', 'until'] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];
export type FilterDraft = Readonly<Record<FilterField, string>>;

export const EMPTY_DRAFT: FilterDraft = { text: '', actor: '', org: '', method: '', status: '', since: '', until: '' };

export type ReadFilter =
  | { readonly ok: true; readonly filter: AuditFilter }
  | { readonly ok: false; readonly errors: Partial<Record<FilterField, string>> };

const TIME_HELP = 'Use a date such as 2026-11-22, or a time such as 2026-11-22 14:30; without a zone it is UTC.';

/** Reads the draft. Empty fields are left out; text keeps its inner spaces. */
export function readFilter(draft: FilterDraft): ReadFilter {
  const given = Object.fromEntries(FILTER_FIELDS.map((field) => [field, draft[field].trim()]).filter(([, value]) => value !== '')) as Partial<Record<FilterField, string>>;
  const errors: Partial<Record<FilterField, string>> = {};
  if (given.method !== undefined) {
    given.method = given.method.toUpperCase();
    if (!METHOD_PATTERN.test(given.method)) errors.method = 'Use a method such as POST.';
  }
  for (const field of ['since', 'until'] as const) {
    if (given[field] !== undefined && parseInstantUs(given[field]) === null) errors[field] = TIME_HELP;
  }
  const since = given.since === undefined ? null : parseInstantUs(given.since);
  const until = given.until === undefined ? null : parseInstantUs(given.until);
  if (since !== null && until !== null && since > until) errors.until = 'This is before the time in Since.';
  const parsed = auditFilter.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const field = FILTER_FIELDS.find((name) => name === issue.path[0]);
      if (field !== undefined) errors[field] ??= issue.message;
    }
  }
  if (Object.keys(errors).length > 0 || !parsed.success) return { ok: false, errors };
  return { ok: true, filter: parsed.data };
}

/** The field that a refusal of core speaks of ("filter.status: …"), and its sentence. */
export function fieldOfRefusal(message: string): { readonly field: FilterField; readonly text: string } | null {
  const match = /^(?:filter\.)?(\w+): (.+)$/su.exec(message);
  const field = FILTER_FIELDS.find((name) => name === match?.[1]);
  return field === undefined || match?.[2] === undefined ? null : { field, text: match[2] };
}

export function isEmptyFilter(filter: AuditFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}
