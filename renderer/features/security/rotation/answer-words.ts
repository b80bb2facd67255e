// Words for what nodes answered and what follows; nothing gets the look of a proof that is none: not what is void, nor what is too old, nor what other tokens got.
import type { RotationView } from '#shared/contract/rotation.ts';
import { ANONYMOUS, BROKEN } from '#shared/domain/rotation.ts';
import type { AnswerKind } from '#shared/domain/rotation.ts';
import type { JudgedProbe, RowVerdict } from '#shared/domain/rotation-judge.ts';
import type { ChipTone } from '../../../components/WordChip.tsx';

/** One cell of the table: a token at a node. `answer` null: not asked yet. */
export interface AnswerRow {
  readonly node: string;
  readonly token: string;
  readonly expected: 'accept' | 'refuse';
  readonly answer: AnswerKind | null;
  readonly status: number | null;
  readonly at: string | null;
  readonly verdict: RowVerdict | null;
  readonly why: string;
  readonly said: string | null;
}

/** What the rows as a whole are worth. proven: kept in the record as the proof of a step. */
export type RowsWorth = 'fresh' | 'proven' | 'old' | 'other-tokens' | 'void';

export interface RowLook { readonly tone: ChipTone; readonly word: string }

/** In a void proof only what makes it void is a fact: who was let in without a token, or with a broken signature. */
const tellsNothing = ({ token, verdict }: Pick<AnswerRow, 'token' | 'verdict'>, worth: RowsWorth): boolean =>
  worth === 'void' && (verdict === 'as-expected' || (verdict === 'contrary' && token !== ANONYMOUS && token !== BROKEN));

export function rowLook(row: Pick<AnswerRow, 'token' | 'verdict'>, worth: RowsWorth): RowLook {
  const { verdict } = row;
  if (verdict === null) return { tone: 'unknown', word: 'not asked' };
  if (tellsNothing(row, worth)) return { tone: 'none', word: 'proves nothing' };
  if (verdict === 'contrary') return { tone: 'fail', word: 'contrary' };
  if (verdict === 'unknown') return { tone: 'unknown', word: 'unknown' };
  if (verdict === 'no-evidence') return { tone: 'warn', word: 'no evidence' };
  switch (worth) {
    case 'fresh':
    case 'proven': return { tone: 'pass', word: 'as it should be' };
    case 'old': return { tone: 'warn', word: 'too old' };
    case 'other-tokens': return { tone: 'warn', word: 'before the change' };
    case 'void': return { tone: 'none', word: 'proves nothing' };
  }
}

/** Why it stands as it does; in a void proof an answer has no reason of its own, and one that is as it should be needs none. */
export function rowWhy(row: Pick<AnswerRow, 'token' | 'verdict' | 'why'>, worth: RowsWorth): string {
  if (tellsNothing(row, worth)) return 'The proof is void, so this tells nothing of any key.';
  return rowLook(row, worth).tone === 'pass' ? '' : row.why;
}

const ANSWER_WORDS: Readonly<Record<AnswerKind, string>> = {
  accepted: 'accepted', 'accepted-role': 'accepted, its role is not enough', refused: 'refused', 'no-header': 'saw no token', limited: 'too many requests', failed: 'failed', unreachable: 'not reached', other: 'not an answer of NAVI',
};

export function answerWord(answer: AnswerKind): string {
  return ANSWER_WORDS[answer];
}

/** Whether `said` are words of the node; of one that was not reached, or that failed, they are those of this console. */
export const isOfNode = ({ status, answer }: Pick<AnswerRow, 'status' | 'answer'>): boolean => status !== null && answer !== 'unreachable' && answer !== 'failed' && answer !== 'limited';

export const expectedWord = (expected: 'accept' | 'refuse'): string => (expected === 'accept' ? 'accepted' : 'refused');

/** What a label of the record stands for. */
export function tokenName(label: string): string {
  if (label === ANONYMOUS) return 'no token';
  if (label === BROKEN) return 'new, broken signature';
  if (label === 'new') return 'new key';
  return label.startsWith('old-test') ? 'old key, for the proof' : 'old key, in use';
}

/** What the newest answers of the present phase are worth now. */
export function worthOf(view: Pick<RotationView, 'outcome' | 'probe' | 'record'>): RowsWorth {
  const { probe } = view;
  if (probe === null) return 'fresh';
  if (probe.void !== null) return 'void';
  // After a probe of the open phase only tokens can have been added: what follows in the record changed them.
  if (view.outcome === 'open' && view.record.entries > probe.seq) return 'other-tokens';
  return probe.isFresh ? 'fresh' : 'old';
}

/** The rows of the present phase: what was answered, else what will be asked. */
export function presentRows(view: Pick<RotationView, 'probe' | 'plan'>): readonly AnswerRow[] {
  const { probe, plan } = view;
  const asked = probe?.rows ?? [];
  const missing = plan.filter(({ node, token }) => !asked.some((row) => row.node === node && row.token === token));
  return [
    ...asked,
    ...missing.map(({ node, token, expected }): AnswerRow => ({ node, token, expected, answer: null, status: null, at: null, verdict: null, why: probe === null ? '' : 'It came after the nodes were asked.', said: null })),
  ];
}

/** The rows of a proof that is kept in the record. */
export function keptRows(judged: JudgedProbe): readonly AnswerRow[] {
  return judged.rows.map(({ row: { node, token, answer, status, at, said }, expected, verdict, why }) => ({ node, token, expected, answer, status, at, verdict, why, said }));
}

/** Rows by node, in the order in which nodes first come. */
export function byNode(rows: readonly AnswerRow[]): readonly { readonly node: string; readonly rows: readonly AnswerRow[] }[] {
  return [...new Set(rows.map(({ node }) => node))].map((node) => ({ node, rows: rows.filter((row) => row.node === node) }));
}
