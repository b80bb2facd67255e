// How an import ended, or would end, in words; it counts only what the report counted.
import type { ImportProblem, ImportReport } from '#shared/domain/audit-import.ts';
import { formatCount, plural } from '../../../lib/format.ts';

export interface ImportTotals { readonly rows: number; readonly accepted: number; readonly skipped: number; readonly rejected: number; readonly changed: number }

export function totalsOf(report: Pick<ImportReport, 'files'>): ImportTotals {
  const sum = (field: keyof ImportTotals): number => report.files.reduce((total, file) => total + file[field], 0);
  return { rows: sum('rows'), accepted: sum('accepted'), skipped: sum('skipped'), rejected: sum('rejected'), changed: sum('changed') };
}

const unreadable = (count: number): string => `${plural(count, 'row')} cannot be read`;

function notTaken({ skipped, rejected, changed }: ImportTotals): readonly string[] {
  return [
    skipped === 0 ? null : `${plural(skipped, 'row')} held already or empty`,
    changed === 0 ? null : `${plural(changed, 'row')} held with other content: the first version stays`,
    rejected === 0 ? null : unreadable(rejected),
  ].filter((part) => part !== null);
}

/** The report in one or two sentences: what was written, and what was not. */
export function reportSentence(report: ImportReport): string {
  const totals = totalsOf(report);
  const rest = notTaken(totals);
  const tail = rest.length === 0 ? '' : ` ${rest.join(' · ')}.`;
  switch (report.outcome) {
    case 'written':
      return `${totals.accepted === 0 ? 'No event was new, so none was added.' : `${plural(totals.accepted, 'event was', 'events were')} added.`}${tail}`;
    case 'refused':
      return `Nothing was written: ${unreadable(totals.rejected)}, and all or nothing was asked for. The log is as it was.`;
    case 'dry-run':
      return `Checked only; nothing was written. ${totals.accepted === 0 ? 'No event is new.' : `${plural(totals.accepted, 'event')} would be added.`}${tail}${report.mode === 'all-or-nothing' && totals.rejected > 0 ? ' With all or nothing, the import would be refused.' : ''}`;
  }
}

/** Good only where every row was taken or held already. */
export function reportTone(report: ImportReport): 'good' | 'age' | 'bad' | 'info' {
  const { rejected, changed } = totalsOf(report);
  if (report.outcome === 'refused') return 'bad';
  if (rejected > 0 || changed > 0) return 'age';
  return report.outcome === 'dry-run' ? 'info' : 'good';
}

export const PROBLEM_WORDS: Readonly<Record<ImportProblem['outcome'], { readonly word: string; readonly tone: 'none' | 'fail' | 'warn' }>> = {
  skipped: { word: 'skipped', tone: 'none' },
  rejected: { word: 'rejected', tone: 'fail' },
  changed: { word: 'changed', tone: 'warn' },
};

export const OUTCOME_WORDS: Readonly<Record<ImportReport['outcome'], string>> = { written: 'written', refused: 'refused', 'dry-run': 'checked only' };

/** The problems that are listed out of those that were counted. */
export function shownOf(shown: number, all: number): string {
  return shown >= all ? formatCount(all) : `${formatCount(shown)} of ${formatCount(all)}`;
}
