// What an entry of a rotation's record says, as one line, and how the record as a whole stands; only a record whose key was compared is called verified.
import type { RotationView } from '#shared/contract/rotation.ts';
import type { RotationEntry } from '#shared/domain/rotation.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';

export const RECORD_LOOKS: Readonly<Record<RotationView['record']['verdict'], { readonly tone: ChipTone; readonly word: string }>> = {
  intact: { tone: 'pass', word: 'verified' }, open: { tone: 'none', word: 'not signed yet' }, 'key-unknown': { tone: 'unknown', word: 'key not compared' }, broken: { tone: 'fail', word: 'broken' },
};

export const OUTCOME_WORDS: Readonly<Record<RotationView['outcome'], string>> = { open: 'open', finished: 'finished', abandoned: 'abandoned' };

export function entryWords(entry: RotationEntry): string {
  switch (entry.kind) {
    case 'started': return `started with ${plural(entry.nodes.length, 'node')}`;
    case 'token': return `${entry.label} was given (${entry.token.fingerprint})`;
    case 'probed': return `${plural(entry.rows.length, 'answer')} in ${entry.phase}`;
    case 'advanced': return entry.to === 'finished' ? `${entry.from} done, finished, proven by entry ${entry.proof}` : `${entry.from} done, now ${entry.to}, proven by entry ${entry.proof}`;
    case 'abandoned': return `abandoned: ${entry.reason}`;
  }
}

/** How a rotation stands as a whole: finished is a green word only where its record verifies. */
export function outcomeLook({ outcome, record }: Pick<RotationView, 'outcome' | 'record'>): { readonly tone: ChipTone; readonly word: string } {
  if (record.verdict === 'broken') return { tone: 'fail', word: `${OUTCOME_WORDS[outcome]}, record broken` };
  if (outcome === 'finished') return record.verdict === 'intact' ? { tone: 'pass', word: 'finished, verified' } : { tone: 'unknown', word: 'finished, key not compared' };
  return outcome === 'abandoned' ? { tone: 'warn', word: 'abandoned' } : { tone: 'none', word: 'open' };
}
