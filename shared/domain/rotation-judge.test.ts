// What answers prove in each phase, and everything that makes an answer prove nothing.
import { describe, expect, it } from 'vitest';
import { at, facts, NEW, OLD, rowsOf, START_S, story, TEST, withTokens } from '../../test/support/rotation-entries.ts';
import { judgeProbe } from './rotation-judge.ts';
import type { JudgedProbe } from './rotation-judge.ts';
import type { AnswerKind, ProbeRow, RotationState } from './rotation.ts';

const NODES = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
const inPhase = { prepare: () => withTokens({ nodes: NODES }), deploy: () => inPhase.prepare().probe(10).advance(20), validate: () => inPhase.deploy().probe(30).advance(40), cutover: () => inPhase.validate().probe(50).probe(3601).advance(3605) };

function judge(state: RotationState, seconds: number, answers: Record<string, AnswerKind> = {}): JudgedProbe {
  return judgeProbe(state, { phase: state.phase, rows: rowsOf(state, seconds, answers) });
}
const verdictOf = (judged: JudgedProbe, label: string): string => judged.rows.filter(({ row }) => row.token === label).map(({ verdict }) => verdict).join(' ');

describe('what is expected', () => {
  it.each(['prepare', 'deploy', 'validate'] as const)('%s: the answers that should come are a proof', (phase) => {
    const judged = judge(inPhase[phase]().state(), 60);
    expect(judged).toMatchObject({ isProof: true, void: null, lacking: [] });
    expect(judged.rows.every(({ verdict }) => verdict === 'as-expected')).toBe(true);
  });

  it('cutover: the token that was kept for the proof carries it, the expired one is no evidence', () => {
    const judged = judge(inPhase.cutover().state(), 3700);
    expect(judged).toMatchObject({ isProof: true, void: null });
    expect(verdictOf(judged, 'old-1')).toBe('no-evidence no-evidence');
    expect(verdictOf(judged, 'old-test-1')).toBe('as-expected as-expected');
  });

  it.each([['prepare', 'new', 'accepted'], ['prepare', 'old-1', 'refused'], ['deploy', 'new', 'refused'], ['deploy', 'old-1', 'refused'], ['validate', 'new', 'refused'], ['cutover', 'old-test-1', 'accepted'], ['cutover', 'new', 'refused']] as const)('%s: %s %s is contrary', (phase, label, answer) => {
    const judged = judge(inPhase[phase]().state(), phase === 'cutover' ? 3700 : 60, { [`${NODES[1] ?? ''} ${label}`]: answer });
    expect(judged.isProof).toBe(false);
    expect(judged.rows.find(({ row }) => row.node === NODES[1] && row.token === label)?.verdict).toBe('contrary');
    expect(judged.lacking.some((text) => text.startsWith(NODES[1] ?? ''))).toBe(true);
    expect(judged.lacking.some((text) => text.startsWith(`${NODES[0] ?? ''}: ${label}`))).toBe(false);
  });

  it('an old token that is accepted in its last minute counts for nothing, and blames nobody', () => {
    const judged = judge(inPhase.validate().state(), 3570);
    const near = judged.rows.filter(({ row }) => row.token === 'old-1');
    expect(near.map(({ verdict, why }) => [verdict, why])).toEqual(NODES.map(() => ['no-evidence', 'Accepted, but it expires within a minute: too near to count.']));
    expect(judge(inPhase.validate().state(), 3700).rows.find(({ row }) => row.token === 'old-1')?.why).toContain('Accepted, although it has expired');
  });

  it('a 403 is an accepted token', () => {
    expect(judge(inPhase.deploy().state(), 60, { new: 'accepted-role', 'old-1': 'accepted-role' }).isProof).toBe(true);
    expect(judge(inPhase.prepare().state(), 60, { new: 'accepted-role' }).isProof).toBe(false);
  });

  it.each(['limited', 'failed', 'unreachable', 'other', 'no-header'] as const)('%s proves nothing, whichever token it is', (answer) => {
    const state = inPhase.deploy().state();
    for (const label of ['old-1', 'old-test-1', 'new', 'broken']) {
      const judged = judge(state, 60, { [label]: answer });
      expect([verdictOf(judged, label), judged.isProof, judged.isProofWithoutOld], label).toEqual(['unknown unknown', false, false]);
    }
  });

  it('a node or a token that was not asked is missed, and so is one that was asked twice', () => {
    const state = inPhase.deploy().state();
    const rows = rowsOf(state, 60);
    for (const given of [rows.slice(1), rows.slice(0, -1), rows.filter(({ node }) => node === NODES[0]), [...rows, ...rows.slice(0, 1)], rows.filter(({ token }) => token !== 'old-1'), []]) expect(judgeProbe(state, { phase: 'deploy', rows: given }).isProof).toBe(false);
  });
});

describe('what makes a refusal no evidence', () => {
  it.each([['expired', 3600], ['about to expire', 3541]])('an old token that is %s proves nothing in the cutover', (_name, seconds) => {
    const only = story({ nodes: NODES }).token(1, 'old', OLD).token(2, 'new', NEW).probe(10).advance(20).probe(30).advance(40).probe(50);
    const state: RotationState = { ...only.state(), phase: 'cutover' };
    const judged = judge(state, seconds);
    expect(judged.isProof).toBe(false);
    expect(verdictOf(judged, 'old-1')).toBe('no-evidence no-evidence');
    expect(judge(state, 3500).isProof).toBe(true);
  });

  it('the clock of the node counts as well', () => {
    const state = inPhase.cutover().state();
    const withClock = (seconds: number): ProbeRow[] => rowsOf(state, 3700).map((row) => ({ ...row, serverAt: at(seconds) }));
    expect(judgeProbe(state, { phase: 'cutover', rows: withClock(86_390) }).isProof).toBe(false);
    expect(judgeProbe(state, { phase: 'cutover', rows: withClock(3700) }).isProof).toBe(true);
  });

  it.each(['no-sub', 'no-org', 'bad-exp', 'bad-nbf', 'bad-iat', 'bad-jti', 'unsigned'] as const)('%s: it would be refused under any key', (fault) => {
    const state = story().token(1, 'old', OLD).token(2, 'new', { ...NEW, faults: [fault] }).state();
    const judged = judge(state, 60);
    expect([judged.isProof, verdictOf(judged, 'new'), verdictOf(judged, 'broken')]).toEqual([false, 'no-evidence', 'no-evidence']);
  });

  it('a token that is not valid yet proves nothing', () => {
    const state = story().token(1, 'old', OLD).token(2, 'new', { ...NEW, notBefore: START_S + 1000 }).state();
    expect(verdictOf(judge(state, 60), 'new')).toBe('no-evidence');
    expect(verdictOf(judge(state, 1001), 'new')).toBe('as-expected');
  });

  it('another algorithm, issuer or audience than the accepted token may be the reason', () => {
    const state = story().token(1, 'old', OLD).token(2, 'new', { ...NEW, audience: 'api', frame: '00000000000000bb' }).state();
    const judged = judge(state, 60);
    expect([judged.isProof, verdictOf(judged, 'new')]).toEqual([false, 'no-evidence']);
  });

  it('an old token that this node never accepted may be of no key at all', () => {
    const late = inPhase.cutover().token(3650, 'old-test', facts({ fingerprint: '0000000000000009' })).state();
    const without: RotationState = { ...late, tokens: late.tokens.filter(({ label }) => label !== 'old-test-1') };
    const judged = judge(without, 3700);
    expect([judged.isProof, verdictOf(judged, 'old-test-2')]).toEqual([false, 'no-evidence no-evidence']);
  });
});

describe('what makes the proof void', () => {
  it.each(['accepted', 'accepted-role'] as const)('JWT off: everybody is let in without a token (%s)', (answer) => {
    const everyone = { anonymous: answer, broken: answer, 'old-1': answer, 'old-test-1': answer, new: answer };
    for (const phase of ['prepare', 'deploy', 'validate', 'cutover'] as const) expect(judge(inPhase[phase]().state(), 60, everyone)).toMatchObject({ isProof: false, isProofWithoutOld: false, void: { kind: 'jwt-off', node: NODES[0] } });
    expect(judge(inPhase.deploy().state(), 60, { [`${NODES[1] ?? ''} anonymous`]: answer })).toMatchObject({ isProof: false, void: { kind: 'jwt-off', node: NODES[1] } });
  });

  it('a broken signature that is accepted', () => {
    expect(judge(inPhase.deploy().state(), 60, { broken: 'accepted' })).toMatchObject({ isProof: false, void: { kind: 'signature-unchecked' } });
  });

  it('a key set: tokens that no JWT_SECRET signs, or every token refused', () => {
    const asymmetric = story().token(1, 'old', { ...OLD, algorithm: 'RS256' }).token(2, 'new', { ...NEW, algorithm: 'RS256' }).state();
    const judged = judge(asymmetric, 60, { 'old-1': 'failed', new: 'failed' });
    expect(judged).toMatchObject({ isProof: false, void: { kind: 'jwks' } });
    expect(judge(inPhase.deploy().state(), 60, { 'old-1': 'refused', 'old-test-1': 'refused', new: 'refused' })).toMatchObject({ isProof: false, void: { kind: 'all-refused' } });
    expect(judge(inPhase.cutover().state(), 3700, { new: 'refused' })).toMatchObject({ isProof: false, void: { kind: 'all-refused' } });
  });

  it('what a void look saw accepted makes no later refusal evidence', () => {
    const off = { anonymous: 'accepted', broken: 'accepted', new: 'accepted' } as const;
    expect(story().token(1, 'old', OLD).token(2, 'new', NEW).probe(10, off).state().accepted.size).toBe(0);
    expect(story().token(1, 'old', OLD).token(2, 'new', NEW).probe(10).state().accepted).toEqual(new Set([`${OLD.fingerprint}@http://127.0.0.1:1`]));
    expect(withTokens().probe(10, { anonymous: 'accepted' }).state().accepted).toEqual(new Set());
    expect(withTokens().probe(10, { broken: 'failed' }).state().accepted).toEqual(new Set());
    expect(TEST.fingerprint).not.toBe(OLD.fingerprint);
  });
});
