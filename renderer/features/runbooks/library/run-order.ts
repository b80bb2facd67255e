// The order of the list of runs, and its filter; it reads nothing but what the list says.
import type { RunHead } from '#shared/contract/runbook.ts';

/** Open runs, the newest first; then those that ended, the last ended first. */
export function openFirst(runs: readonly RunHead[]): { readonly open: readonly RunHead[]; readonly ended: readonly RunHead[] } {
  const newest = (a: string, b: string): number => Date.parse(b) - Date.parse(a);
  return {
    open: runs.filter(({ endedAt }) => endedAt === null).toSorted((a, b) => newest(a.startedAt, b.startedAt)),
    ended: runs.filter(({ endedAt }) => endedAt !== null).toSorted((a, b) => newest(a.endedAt ?? '', b.endedAt ?? '')),
  };
}

/** Every word of the text must stand somewhere in what the list shows of a run. */
export function filterRuns(runs: readonly RunHead[], text: string): readonly RunHead[] {
  const words = text.toLowerCase().split(/\s+/u).filter((word) => word !== '');
  return runs.filter(({ title, packId, packTitle, severity, deployment, isDrill, outcome, runId }) => {
    const held = [title, packId, packTitle, severity ?? '', deployment ?? '', isDrill ? 'drill' : '', outcome ?? 'open', runId].join(' ').toLowerCase();
    return words.every((word) => held.includes(word));
  });
}
