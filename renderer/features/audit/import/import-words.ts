// How an import ended, or would end, in words; it counts only what the report counted.
import type { ImportProblem, ImportReport } from '#shared/domain/audit-import.ts';
import { formatCount, plural } from '../../../lib/format.ts';

export interface ImportTotals { readonly rows: number; readonly accepted: number; readonly skipped: number; readonly rejected: number; readonly changed: number }

export function totalsOf(report: Pick<ImportReport, 'files'>): ImportTotals {
  const sum = (field: keyof ImportTotals): number => report.files.reduce((total, file) => total + file[field], 0);
  return { rows: sum('rows'), accepted: sum('accepted'), skipped: sum('skipped'), rejected: sum('rejected'), changed: sum('changed') };
}

/** Why a file is refused, as part of a sentence. */
export const unreadable = (count: number): string => `${plural(count, 'row')} cannot be read`;

function notTaken({ skipped, rejected, changed }: ImportTotals): readonly string[] {
  return [
    skipped === 0 ? null : `${plural(skipped, 'row')} held already or empty`,
    changed === 0 ? null : `${plural(changed, 'row')} held with other content: the first version stays`,
    rejected === 0 ? null : unreadable(rejected),
  ].filter((part) => part !== null);
}

/** The report in a few sentences: what was written, and what was not. Rows of a refused file are told of with it, and not counted among the rest. */
export function reportSentence(report: ImportReport): string {
  const refused = report.files.filter(({ outcome }) => outcome === 'refused');
  const others = totalsOf({ files: report.files.filter(({ outcome }) => outcome !== 'refused') });
  const rest = notTaken(others);
  const tail = rest.length === 0 ? '' : ` ${rest.join(' · ')}.`;
  const why = unreadable(totalsOf({ files: refused }).rejected);
  switch (report.outcome) {
    case 'written':
    case 'partly-written':
      return `${others.accepted === 0 ? 'No event was new, so none was added.' : `${plural(others.accepted, 'event was', 'events were')} added.`}${tail}`
        + (refused.length === 0 ? '' : ` ${plural(refused.length, 'file was', 'files were')} refused, and nothing of ${refused.length === 1 ? 'it' : 'them'} was written: ${why}.`);
    case 'refused':
      return `Nothing was written: ${why}, and all or nothing was asked for. The log is as it was.`;
    case 'dry-run':
      return `Checked only; nothing was written. ${others.accepted === 0 ? 'No event would be added.' : `${plural(others.accepted, 'event')} would be added.`}${tail}`
        + (refused.length === 0 ? '' : ` ${plural(refused.length, 'file')} would be refused: ${why}.`);
  }
}

/** Good only where every row was taken or held already. */
export function reportTone(report: ImportReport): 'good' | 'age' | 'bad' | 'info' {
  const { rejected, changed } = totalsOf(report);
  if (report.outcome === 'refused' || report.outcome === 'partly-written') return 'bad';
  if (rejected > 0 || changed > 0) return 'age';
  return report.outcome === 'dry-run' ? 'info' : 'good';
}

export const PROBLEM_WORDS: Readonly<Record<ImportProblem['outcome'], { readonly word: string; readonly tone: 'none' | 'fail' | 'warn' }>> = {
  skipped: { word: 'skipped', tone: 'none' },
  rejected: { word: 'rejected', tone: 'fail' },
  changed: { word: 'changed', tone: 'warn' },
};

/** The problems that are listed out of those that were counted. */
export function shownOf(shown: number, all: number): string {
  return shown >= all ? formatCount(all) : `${formatCount(shown)} of ${formatCount(all)}`;
}
