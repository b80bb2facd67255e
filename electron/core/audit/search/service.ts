// Searching the cached audit log: pages, counts, histogram, facets, completion and saved views. It asks no deployment and changes no row.
import type { CallOutput, ParsedInput } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { deploymentNumber } from '../store.ts';
import { absentRuleOf } from './absent-payload.ts';
import { createAsker } from './asker.ts';
import { readQuery } from './runner.ts';
import type { Question } from './runner.ts';
import { listViews, removeView, saveView } from './search-queries.ts';

export interface AuditSearch {
  search(input: ParsedInput<'audit.search'>, signal: AbortSignal): Promise<CallOutput<'audit.search'>>;
  count(input: ParsedInput<'audit.count'>, signal: AbortSignal): Promise<CallOutput<'audit.count'>>;
  histogram(input: ParsedInput<'audit.histogram'>, signal: AbortSignal): Promise<CallOutput<'audit.histogram'>>;
  facets(input: ParsedInput<'audit.facets'>, signal: AbortSignal): Promise<CallOutput<'audit.facets'>>;
  complete(input: ParsedInput<'audit.complete'>, signal: AbortSignal): Promise<CallOutput<'audit.complete'>>;
  views(): CallOutput<'audit.viewList'>;
  saveView(input: ParsedInput<'audit.viewSave'>, signal: AbortSignal): Promise<CallOutput<'audit.viewSave'>>;
  removeView(id: number, signal: AbortSignal): Promise<void>;
}

/** How long saving a view waits for an import that holds the right to write. */
const WAIT_TO_WRITE_MS = 5000;

export function createAuditSearch(deps: { session: Session; deployments: DeploymentsService; clock: Clock; log: Log; /** In threads of their own, so that the window does not wait. */ inThread: boolean }): AuditSearch {
  const { session, deployments, clock } = deps;
  const asker = createAsker(deps);

  /** @throws AppError deployment_not_found, invalid_query */
  function questionOf({ deploymentId, query, anchor }: { readonly deploymentId: string; readonly query: string; readonly anchor: number | null }): Question {
    deployments.get(deploymentId);
    readQuery(query);
    // Whole seconds: what belongs to one look at the screen counts back from one time.
    return { dep: deploymentNumber(session.read(), deploymentId), query, anchor, nowUs: Math.floor(clock.now() / 1000) * 1_000_000 };
  }

  return {
    async search({ sort, cursor, offset, limit, ...asked }, signal) {
      if (cursor !== null && offset !== null) throw new AppError('invalid_input', { message: 'A page is named by a cursor or by an offset, not by both. Nothing was read.', hint: 'Leave one of the two out.' });
      const absent = absentRuleOf(deployments.get(asked.deploymentId));
      return asker.ask('search', { ...questionOf(asked), sort, cursor, offset, limit, absent }, { deploymentId: asked.deploymentId, subject: JSON.stringify([asked.query, sort]), signal });
    },
    count: async (asked, signal) => asker.ask('count', questionOf(asked), { deploymentId: asked.deploymentId, subject: asked.query, signal }),
    histogram: async ({ buckets, ...asked }, signal) => asker.ask('histogram', { ...questionOf(asked), buckets }, { deploymentId: asked.deploymentId, subject: asked.query, signal }),
    facets: async ({ limit, whole, ...asked }, signal) => asker.ask('facets', { ...questionOf(asked), limit, whole }, { deploymentId: asked.deploymentId, subject: asked.query, signal }),
    async complete({ deploymentId, field, prefix }, signal) {
      deployments.get(deploymentId);
      return asker.ask('complete', { dep: deploymentNumber(session.read(), deploymentId), field, prefix }, { deploymentId, subject: JSON.stringify([field, prefix]), signal });
    },
    views: () => ({ views: listViews(session.read()) }),
    async saveView(view, signal) {
      readQuery(view.query);
      await session.whenWritable({ signal, maxMs: WAIT_TO_WRITE_MS });
      return saveView(session.write(), view, clock.now() * 1000);
    },
    async removeView(id, signal) {
      await session.whenWritable({ signal, maxMs: WAIT_TO_WRITE_MS });
      if (!removeView(session.write(), id)) throw new AppError('view_not_found', { message: 'There is no such saved view. Nothing was removed.', hint: 'See the list of saved views.' });
    },
  };
}
