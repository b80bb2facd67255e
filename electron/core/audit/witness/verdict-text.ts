// Verdict and words of a verification, from what it found; pure.
import type { WitnessVerdict } from '#shared/domain/audit-witness.ts';
import type { ProblemList } from './problem-list.ts';

export const WITNESS_LIMITS = [
  'It proves that the rows and payloads held here are those that were signed after the sync or import that brought them, that none of these was changed, taken out, put in or moved since, and that the tail and the whole database are not older than the last checkpoint in the secret store.',
  'It cannot prove anything about the time before a row was first seen here, nor about what the server never gave.',
  'Of rows that this workstation let go by its own rule it proves that they were here, in which place, and that a key of this profile let them go; not any more what they said: their hashes stay, so that a copy kept elsewhere can be held against them.',
  'Rows that came after the last checkpoint are not signed yet; what is put into the database in between, as if by a sync, is signed with the next one. The next full comparison with the server shows it.',
  'Whoever holds both the database key and the secret store can rewrite rows, log and signatures: keep a copy of a checkpoint elsewhere against that.',
  'A change shows when it is verified, not when it is made.',
].join(' ');

export interface VerdictFacts {
  readonly problems: ProblemList;
  readonly leaves: number;
  readonly signedLeaves: number;
  /** Number of the last checkpoint. */
  readonly checkpoints: number;
  readonly unwitnessed: { readonly rows: number; readonly payloads: number };
  /** Rows that this workstation let go by its own rule. */
  readonly letGo: number;
  readonly wasHeadBehind: boolean;
}

const count = (n: number, singular: string, plural = `${singular}s`): string => `${n} ${n === 1 ? singular : plural}`;

export function verdictOf(facts: VerdictFacts): Pick<WitnessVerdict, 'verdict' | 'message' | 'limits'> {
  return { ...words(facts), limits: WITNESS_LIMITS };
}

function words({ problems, leaves, signedLeaves, checkpoints, unwitnessed, letGo, wasHeadBehind }: VerdictFacts): Pick<WitnessVerdict, 'verdict' | 'message'> {
  const unsigned = [
    ...(leaves > signedLeaves ? [count(leaves - signedLeaves, 'leaf', 'leaves')] : []),
    ...(unwitnessed.rows > 0 ? [`${count(unwitnessed.rows, 'row')} without a leaf`] : []),
    ...(unwitnessed.payloads > 0 ? [`${count(unwitnessed.payloads, 'payload')} without a leaf`] : []),
  ];
  const gone = letGo === 0 ? '' : ` ${count(letGo, 'row')} of them ${letGo === 1 ? 'was' : 'were'} let go by this workstation itself, by its own rule.`;
  const tail = `${gone}${unsigned.length === 0 ? '' : ` Not signed yet: ${unsigned.join(', ')}.`}`;
  if (problems.isBroken()) return { verdict: 'broken', message: `The cached log is not what was signed: ${count(problems.count(), 'problem')}. The first: ${problems.shown()[0]?.message ?? ''}${tail}` };
  if (problems.count() > 0) return { verdict: 'doubtful', message: `${count(leaves, 'leaf', 'leaves')} ${leaves === 1 ? 'fits' : 'fit'}, but not everything can be proven. ${problems.shown()[0]?.message ?? ''}${tail}` };
  if (leaves === 0 && unwitnessed.rows === 0) return { verdict: 'empty', message: 'Nothing was witnessed yet, and there are no rows.' };
  if (leaves === 0) return { verdict: 'unsigned-tail', message: `Nothing was witnessed yet: ${count(unwitnessed.rows, 'row')} ${unwitnessed.rows === 1 ? 'waits' : 'wait'} for the next sync or import, which signs them.` };
  const signed = checkpoints === 0 ? `${count(leaves, 'leaf', 'leaves')} ${leaves === 1 ? 'fits' : 'fit'} the rows; no checkpoint was signed yet` : `${count(signedLeaves, 'leaf', 'leaves')} ${signedLeaves === 1 ? 'fits' : 'fit'} ${count(checkpoints, 'signed checkpoint')}`;
  if (unsigned.length > 0) return { verdict: 'unsigned-tail', message: `${signed}.${tail} A sync or import that was interrupted leaves such rows; the next one signs them.` };
  return { verdict: 'intact', message: `${signed}, and the secret store remembers ${wasHeadBehind ? 'the one before the last: a crash between the two leaves that' : 'the last one'}.${gone}` };
}
