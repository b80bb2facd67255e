// The outcome of a certificate and of each of its checks in words and a tone: green is for what holds, and for nothing else.
import type { CertificateReading, RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';

interface Look { readonly tone: ChipTone; readonly word: string }

const OUTCOMES: Readonly<Record<RetentionCertificate['outcome'], Look>> = { holds: { tone: 'pass', word: 'holds' }, fails: { tone: 'fail', word: 'fails' }, open: { tone: 'unknown', word: 'open' } };
const CHECKS: Readonly<Record<RetentionCheck['state'], Look>> = { holds: { tone: 'pass', word: 'holds' }, fails: { tone: 'fail', word: 'fails' }, 'could-not': { tone: 'unknown', word: 'could not' } };

export const outcomeLook = (outcome: RetentionCertificate['outcome']): Look => OUTCOMES[outcome];
export const checkLook = (state: RetentionCheck['state']): Look => CHECKS[state];

/** The same word without its colour: said by somebody for whom nobody here vouches. */
export const asClaim = ({ word }: Look): Look => ({ tone: 'unknown', word });

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

/** Whose key signed a certificate file, as far as this profile knows. */
export function signerLook({ signer, signerName }: Pick<CertificateReading, 'signer' | 'signerName'>): { readonly tone: 'good' | 'age' | 'bad'; readonly text: string; readonly isKnown: boolean } {
  switch (signer) {
    case 'self': return { tone: 'good', text: 'This profile signed it.', isKnown: true };
    case 'trusted': return { tone: 'good', text: `It was signed by ${signerName ?? 'somebody'}, whose key you trust.`, isKnown: true };
    case 'distrusted': return { tone: 'bad', text: 'It was signed with a key that you do not trust.', isKnown: false };
    default: return { tone: 'age', text: 'Nobody here vouched for the key that signed it.', isKnown: false };
  }
}
