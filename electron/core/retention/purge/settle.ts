// Judges by what looking showed whether a purge whose answer was lost has happened. A purge takes everything older than its cutoff, so a named row that is still there speaks against it.
import type { Found } from './looking.ts';
import type { StepState } from './run-queries.ts';

/** A request that was given up may still be at work at the deployment for so long. */
export const AT_WORK_US = 120_000_000;

export interface Judgement { readonly state: Extract<StepState, 'unknown' | 'found-done' | 'found-not-done'>; readonly message: string }

const rows = (n: number): string => `${n} ${n === 1 ? 'row' : 'rows'}`;
const some = (ids: readonly number[]): string => `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`;

/** @param kept rows just after what the plan speaks of @param overdue what the status counts, and whether it counts by these days */
export function judge({ named, kept, planned, sinceUs, overdue }: { readonly named: Found; readonly kept: Found; readonly planned: number; readonly sinceUs: number; readonly overdue: string | null }): Judgement {
  const beyond = kept.gone.length === 0 ? '' : ` ROWS THAT THE PLAN DID NOT NAME ARE GONE TOO: ${some(kept.gone)}.`;
  const count = overdue === null ? '' : ` ${overdue}`;
  const looked = named.there.length + named.gone.length;
  if (planned === 0) {
    return sinceUs < AT_WORK_US ? { state: 'unknown', message: 'The plan named no row, so no row can show whether it happened; it may still be at work.' }
      : { state: 'found-not-done', message: `The plan named no row, so no row can show whether it happened, and none that it named can have been deleted.${beyond}${count}` };
  }
  if (named.there.length > 0) {
    const there = `${rows(named.there.length)} that the plan named ${named.there.length === 1 ? 'is' : 'are'} still there (${some(named.there)})`;
    if (sinceUs < AT_WORK_US) return { state: 'unknown', message: `${there}, but the deployment may still be at work on the request. Look again in ${Math.max(1, Math.ceil((AT_WORK_US - sinceUs) / 1_000_000))} s.${beyond}` };
    const others = named.gone.length === 0 ? '' : ` ${rows(named.gone.length)} ${named.gone.length === 1 ? 'is' : 'are'} gone by another hand: this purge would have taken all.`;
    return { state: 'found-not-done', message: `${there}, so this purge did not happen.${others}${beyond}${count}` };
  }
  if (named.unclear.length > 0 || named.gone.length === 0) return { state: 'unknown', message: `What looking showed is not enough: of ${rows(planned)}, ${named.gone.length} are gone, and the deployment gave no clear answer for ${named.unclear.length}.${beyond}` };
  return { state: 'found-done', message: `All of the ${rows(looked)} that were looked for are gone, of ${planned} named${looked < planned ? ', the oldest and the newest among them' : ''}. Whether this request took them or somebody else did cannot be told apart.${beyond}${count}` };
}
