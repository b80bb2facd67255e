// What a merge report and a key mean, in plain words; it takes nothing for better than the report says.
import type { Identity } from '#shared/contract/runbook.ts';
import type { MergeReport } from '#shared/domain/runbook-run.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';

export type Trust = Identity['trust'];

export const TRUST_LOOKS: Readonly<Record<Trust, { readonly tone: ChipTone; readonly word: string }>> = {
  self: { tone: 'none', word: 'you' }, trusted: { tone: 'pass', word: 'trusted' }, 'not-trusted-yet': { tone: 'unknown', word: 'not trusted yet' }, distrusted: { tone: 'fail', word: 'not trusted' },
};

interface Said { readonly tone: 'good' | 'info' | 'age' | 'bad'; readonly title: string; readonly text: string }

/** What the list of events that the exporter signed says of the file. */
export const HEAD_WORDS: Readonly<Record<MergeReport['head'], Said>> = {
  fits: { tone: 'good', title: 'The file is whole.', text: 'Whoever wrote it signed a list of what it held, with a key that is trusted here, and everything on the list is in the file.' },
  altered: { tone: 'bad', title: 'The file is not as it was signed.', text: 'It was changed after it was written, or its seal is no true one. Events with sound signatures were taken all the same; others may have been taken out. Ask for the file again, by another way.' },
  'unknown-signer': { tone: 'age', title: 'The file fits its seal, but the key behind the seal is not trusted here.', text: 'Whoever made the file could have left events out that nobody names yet. Compare the fingerprint with the person, then trust the key and bring the file in again.' },
  absent: { tone: 'age', title: 'The file carries no seal.', text: 'Nobody says what it held when it was written, so events at its end may have been left out without a trace.' },
};

/** The first sentence of a report. */
export function mergeSentence({ isNew, added, known }: Pick<MergeReport, 'isNew' | 'added' | 'known'>): string {
  if (isNew) return `This run is new here. ${plural(added, 'event')} ${added === 1 ? 'was' : 'were'} taken.`;
  if (added === 0) return known === 0 ? 'No event was taken.' : `Nothing new: all ${plural(known, 'sound event')} of the file ${known === 1 ? 'was' : 'were'} here already.`;
  return `${plural(added, 'event')} ${added === 1 ? 'was' : 'were'} joined with what is here; ${known === 0 ? 'none of the file was here before' : `${plural(known, 'event')} ${known === 1 ? 'was' : 'were'} here already`}.`;
}

/** Whether anything in the report needs a person. */
export function needsEyes(report: MergeReport): boolean {
  return report.head !== 'fits' || report.refused.length > 0 || report.missing.length > 0 || report.waiting > 0 || report.conflicts.length > 0 || report.evidenceRefused.length > 0 || report.bySigner.some(({ trust }) => trust === 'not-trusted-yet' || trust === 'distrusted');
}

/** 64 hex digits in groups of four, as people read them to each other. */
export const inFours = (fingerprint: string): readonly string[] => fingerprint.match(/.{1,4}/gu) ?? [];

/** What somebody pasted as a fingerprint, without what people put between the digits. */
export const plainFingerprint = (typed: string): string => typed.toLowerCase().replaceAll(/[\s:.-]/gu, '');

/** Letters that look alike are not resolved; it finds the plain case, that a stranger takes the very name of somebody known. */
export const sameName = (a: string, b: string): boolean => a.normalize('NFKC').replaceAll(/[\p{C}\p{Z}\s]/gu, '').toLowerCase() === b.normalize('NFKC').replaceAll(/[\p{C}\p{Z}\s]/gu, '').toLowerCase();
