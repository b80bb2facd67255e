// Answers the calls of a search on one connection; the same code serves in a thread of its own and in the process of the command line.
import type { AuditEvent } from '#shared/domain/audit-event.ts';
import type { AuditHistogram, AuditSort, FacetField, FacetValues } from '#shared/domain/audit-search.ts';
import { parseQuery } from '#shared/domain/audit-query.ts';
import { AppError } from '#shared/errors.ts';
import type { ReadDb } from '../../db/sql.ts';
import { absentPayloadOf } from './absent-payload.ts';
import type { AbsentRule } from './absent-payload.ts';
import { compileQuery } from './compile-queries.ts';
import { completionsOf, facetsOf } from './facets.ts';
import { createPager } from './page.ts';
import { LIMITS } from './scan-queries.ts';
import type { Limits, Scope } from './scan-queries.ts';
import { newestSeq } from './search-queries.ts';
import { countMatching, createHoursCache, histogramOf } from './sums.ts';
import type { Turn } from './turn.ts';

/** One question; `dep` is the number of the deployment, `nowUs` the time from which relative times count back. */
export interface Question { readonly dep: number; readonly query: string; readonly anchor: number | null; readonly nowUs: number }

export type SearchCalls = {
  readonly search: { readonly input: Question & { readonly sort: AuditSort; readonly cursor: string | null; readonly offset: number | null; readonly limit: number; readonly absent: AbsentRule }; readonly output: { readonly events: AuditEvent[]; readonly nextCursor: string | null; readonly anchor: number } };
  readonly count: { readonly input: Question; readonly output: { readonly matching: number; readonly total: number } };
  readonly histogram: { readonly input: Question & { readonly buckets: number }; readonly output: AuditHistogram };
  readonly facets: { readonly input: Question & { readonly limit: number; readonly whole: boolean }; readonly output: FacetValues };
  readonly complete: { readonly input: { readonly dep: number; readonly field: FacetField; readonly prefix: string }; readonly output: { readonly values: { value: string | null; count: number }[] } };
};
export type SearchCall = keyof SearchCalls;

/** Throws AppError invalid_query, cancelled, or what the database says. */
export type SearchRunner = { readonly [N in SearchCall]: (input: SearchCalls[N]['input'], turn: Turn) => Promise<SearchCalls[N]['output']> };

/** @throws AppError invalid_query: where, what and how to mend it */
export function readQuery(text: string): Extract<ReturnType<typeof parseQuery>, { ok: true }>['ast'] {
  const parsed = parseQuery(text);
  if (parsed.ok) return parsed.ast;
  const { column, message, hint } = parsed.error;
  throw new AppError('invalid_query', { message: `Column ${column}: ${message}`, hint });
}

export function createRunner(db: ReadDb, limits: Limits = LIMITS): SearchRunner {
  const hours = createHoursCache();
  const pager = createPager(db, hours);

  function scopeOf({ dep, query, anchor, nowUs }: Question): Scope {
    return { dep, anchor: anchor ?? newestSeq(db), query: compileQuery(readQuery(query), nowUs), limits };
  }
  // Pages of one search come at different times and belong together; counts hold for their own time alone.
  const pagesName = (question: Question, scope: Scope): string => JSON.stringify([scope.dep, scope.anchor, question.query]);
  const countsName = (question: Question, scope: Scope): string => JSON.stringify([scope.dep, scope.anchor, question.query, question.nowUs]);

  return {
    async search(input, turn) {
      const scope = scopeOf(input);
      const found = await pager.page({ scope, name: pagesName(input, scope), countsName: countsName(input, scope), sort: input.sort, cursor: input.cursor, offset: input.offset, limit: input.limit, absent: absentPayloadOf(input.absent) }, turn);
      return { ...found, anchor: scope.anchor };
    },
    async count(input, turn) {
      const scope = scopeOf(input);
      const matching = await countMatching(db, { scope, name: countsName(input, scope), cache: hours }, turn);
      const all: Scope = { ...scope, query: compileQuery(readQuery(''), input.nowUs) };
      return { matching, total: await countMatching(db, { scope: all, name: '', cache: hours }, turn) };
    },
    histogram(input, turn) {
      const scope = scopeOf(input);
      return histogramOf(db, { scope, name: countsName(input, scope), cache: hours, buckets: input.buckets }, turn);
    },
    facets(input, turn) {
      return facetsOf(db, { scope: scopeOf(input), limit: input.limit, whole: input.whole }, turn);
    },
    async complete({ dep, field, prefix }) {
      return { values: completionsOf(db, dep, { field, prefix }) };
    },
  };
}
