// What answers look like: nothing that is void, too old or of other tokens is ever drawn as a proof.
import { describe, expect, it } from 'vitest';
import type { RotationView } from '#shared/contract/rotation.ts';
import { ANSWERS } from '#shared/domain/rotation.ts';
import { answerWord, byNode, isOfNode, presentRows, rowLook, rowWhy, tokenName, worthOf } from './answer-words.ts';
import type { AnswerRow } from './answer-words.ts';

const VERDICTS = ['as-expected', 'contrary', 'no-evidence', 'unknown', null] as const;
const WORTHS = ['fresh', 'proven', 'old', 'other-tokens', 'void'] as const;
const NODE = 'http://127.0.0.1:1';
type Probe = NonNullable<RotationView['probe']>;
const row = (token: string): Probe['rows'][number] => ({ node: NODE, token, at: '2026-11-22T14:00:00.000Z', request: 'GET', status: 200, answer: 'accepted', said: null, serverAt: null, expected: 'accept', verdict: 'as-expected', why: 'Accepted, as it must be.' });
const probe = (over: Partial<Probe> = {}): Probe => ({ seq: 5, at: '2026-11-22T14:00:00.000Z', isFresh: true, isProof: true, void: null, rows: [row('old-1')], ...over });
const record = (entries: number): RotationView['record'] => ({ entries, headDigest: '0'.repeat(64), verdict: 'open', firstBrokenSeq: null, message: '' });

describe('the look of an answer', () => {
  it('is green only where it is as it should be, fresh or kept as a proof, and not void', () => {
    const green = VERDICTS.flatMap((verdict) => WORTHS.filter((worth) => ['anonymous', 'broken', 'new', 'old-1'].some((token) => rowLook({ token, verdict }, worth).tone === 'pass')).map((worth) => `${verdict} ${worth}`));
    expect(green).toEqual(['as-expected fresh', 'as-expected proven']);
  });

  it('keeps a contrary answer red, but for those that a void proof takes their meaning from', () => {
    for (const worth of WORTHS) for (const token of ['anonymous', 'broken']) expect(rowLook({ token, verdict: 'contrary' }, worth).tone).toBe('fail');
    for (const worth of WORTHS) for (const token of ['new', 'old-1']) expect(rowLook({ token, verdict: 'contrary' }, worth).tone).toBe(worth === 'void' ? 'none' : 'fail');
    expect(rowWhy({ token: 'new', verdict: 'as-expected', why: 'Accepted, as it must be.' }, 'void')).toContain('void');
    expect(rowWhy({ token: 'new', verdict: 'as-expected', why: 'Accepted, as it must be.' }, 'fresh')).toBe('');
    expect(rowWhy({ token: 'new', verdict: 'contrary', why: 'Refused: the new key is not in force here.' }, 'fresh')).toBe('Refused: the new key is not in force here.');
  });

  it('is worth nothing when the proof is void, when tokens came after it, or when it is old', () => {
    expect(worthOf({ outcome: 'open', probe: probe(), record: record(5) })).toBe('fresh');
    expect(worthOf({ outcome: 'open', probe: probe({ isFresh: false }), record: record(5) })).toBe('old');
    expect(worthOf({ outcome: 'open', probe: probe(), record: record(6) })).toBe('other-tokens');
    expect(worthOf({ outcome: 'open', probe: probe({ void: { kind: 'jwks', node: null, message: 'void' } }), record: record(6) })).toBe('void');
    // The entry that ended it changed no token.
    expect(worthOf({ outcome: 'finished', probe: probe(), record: record(6) })).toBe('fresh');
  });
});

describe('the rows', () => {
  it('hold what was answered, then what was not asked yet, and say so', () => {
    const plan = ['old-1', 'new'].map((token) => ({ node: NODE, token, request: 'GET', expected: 'accept' as const }));
    const rows = presentRows({ probe: probe(), plan });
    expect(rows.map(({ token, answer, verdict }) => [token, answer, verdict])).toEqual([['old-1', 'accepted', 'as-expected'], ['new', null, null]]);
    expect(rowLook({ token: 'new', verdict: rows[1]?.verdict ?? null }, 'fresh')).toEqual({ tone: 'unknown', word: 'not asked' });
    expect(presentRows({ probe: null, plan }).every(({ why }) => why === '')).toBe(true);
  });

  it('stand by node in the order of the nodes', () => {
    const at = (node: string, token: string): AnswerRow => ({ node, token, expected: 'accept', answer: null, status: null, at: null, verdict: null, why: '', said: null });
    expect(byNode([at('b', 'new'), at('a', 'new'), at('b', 'old-1')]).map(({ node, rows }) => [node, rows.length])).toEqual([['b', 2], ['a', 1]]);
  });

  it('put no words of this console into the mouth of a node', () => {
    expect(isOfNode({ status: 401, answer: 'other' })).toBe(true);
    for (const answer of ['unreachable', 'failed', 'limited'] as const) expect(isOfNode({ status: answer === 'unreachable' ? null : 503, answer })).toBe(false);
  });

  it('have a word for every answer and every token', () => {
    expect(new Set(ANSWERS.map(answerWord)).size).toBe(ANSWERS.length);
    expect(new Set(['anonymous', 'broken', 'new', 'old-1', 'old-test-1'].map(tokenName)).size).toBe(5);
  });
});
