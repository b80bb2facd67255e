// The outcome of a certificate and of each of its checks in words and a tone: green is for what holds, and for nothing else.
import type { RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';

interface Look { readonly tone: ChipTone; readonly word: string }

const OUTCOMES: Readonly<Record<RetentionCertificate['outcome'], Look>> = { holds: { tone: 'pass', word: 'holds' }, fails: { tone: 'fail', word: 'fails' }, open: { tone: 'unknown', word: 'open' } };
const CHECKS: Readonly<Record<RetentionCheck['state'], Look>> = { holds: { tone: 'pass', word: 'holds' }, fails: { tone: 'fail', word: 'fails' }, 'could-not': { tone: 'unknown', word: 'could not' } };

export const outcomeLook = (outcome: RetentionCertificate['outcome']): Look => OUTCOMES[outcome];
export const checkLook = (state: RetentionCheck['state']): Look => CHECKS[state];

/** One sentence on what the checks gave together. */
export function outcomeSentence({ outcome, checks }: Pick<RetentionCertificate, 'outcome' | 'checks'>): string {
  const count = (state: RetentionCheck['state']): number => checks.filter((check) => check.state === state).length;
  const [fails, lacks] = [count('fails'), count('could-not')];
  const lacking = lacks === 0 ? '' : `${plural(lacks, 'check')} could not be made`;
  if (outcome === 'holds') return `All ${plural(checks.length, 'check')} hold.`;
  if (outcome === 'fails') return `${plural(fails, 'check fails', 'checks fail')}${lacking === '' ? '' : `, and ${lacking}`}.`;
  return `No check fails, but ${lacking === '' ? 'not everything is proven' : lacking}: this proves nothing yet.`;
}

/** A number that was counted, or that it was not. */
export function countWord(count: number | null): string {
  return count === null ? 'not known' : plural(count, 'row');
}
