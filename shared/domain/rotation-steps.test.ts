// The steps of a rotation as a state machine: no step without its proof, none before its time, and a record that claims one is found out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facts, finished, NEW, OLD, START_S, story, TEST, withTokens } from '../../test/support/rotation-entries.ts';
import type { Story } from '../../test/support/rotation-entries.ts';
import { earliestCutover, PROOF_FRESH_US, replayRotation, whyNotAdvance } from './rotation-steps.ts';
import { ANSWERS } from './rotation.ts';
import type { AnswerKind, ProbedEntry, RotationEntry } from './rotation.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const isLong = process.env['HOLDFAST_TEST_LONG'] === '1';
const us = (seconds: number): number => (START_S + seconds) * 1_000_000;
const problemOf = (told: Story): string | undefined => replayRotation(told.entries()).problem?.message;

describe('the way through', () => {
  it('goes through all four phases on proof', () => {
    const told = finished({ nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] });
    expect(replayRotation(told.entries()).problem).toBeNull();
    expect(told.state()).toMatchObject({ outcome: 'finished', phase: 'cutover' });
  });

  it.each([
    ['without an answer', withTokens(), 10], ['on answers that are too old', withTokens().probe(10), 10 + PROOF_FRESH_US / 1e6 + 1], ['on answers from the future', withTokens().probe(10), 9],
    ['when a token came after the answers', withTokens().probe(10).token(11, 'old', facts({ fingerprint: '0000000000000008' })), 12],
    ['when the new token was replaced after the answers', withTokens().probe(10).token(11, 'new', facts({ fingerprint: '0000000000000008' })), 12],
    ['when a node lags', withTokens({ nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] }).probe(10).advance(20).probe(30, { 'http://127.0.0.1:2 new': 'refused' }), 31],
    ['before the old tokens have expired', withTokens().probe(10).advance(20).probe(30).advance(40).probe(50), 60],
  ])('no step %s', (_name, told, seconds) => {
    expect(whyNotAdvance(told.state(), us(seconds)).why).not.toEqual([]);
    expect(problemOf(told.advance(seconds))).toMatch(/^The step was not proven|^It names answers/);
  });

  it('a token without an end never lets the cutover be safe', () => {
    const told = story().token(1, 'old', { ...OLD, expiresAt: null }).token(2, 'new', NEW).probe(10).advance(20).probe(30).advance(40).probe(50);
    expect(earliestCutover(told.state())).toMatchObject({ atUs: null, basis: 'never', message: expect.stringContaining('it never expires') as string });
    expect(whyNotAdvance(told.state(), us(60)).why.join(' ')).toContain('never expires');
  });

  it('the earliest cutover is the largest end of the old tokens in use, and tokens kept for the proof do not count', () => {
    const told = withTokens().token(4, 'old', facts({ fingerprint: '0000000000000007', expiresAt: START_S + 5000 }));
    expect(earliestCutover(told.state())).toMatchObject({ atUs: us(5000), basis: 'largest-exp' });
  });

  it('without an old token in use it is one life of a token after the proof of the roll-out', () => {
    const before = story({ ttlSeconds: 900 }).token(1, 'old-test', TEST).token(2, 'new', NEW).probe(10).advance(20).probe(30);
    expect(earliestCutover(before.state())).toMatchObject({ atUs: null, basis: 'unknown' });
    expect(earliestCutover(before.advance(40).state())).toMatchObject({ atUs: us(930), basis: 'ttl' });
    const derived = story().token(1, 'old-test', TEST).token(2, 'new', NEW).probe(10).advance(20).probe(30).advance(40);
    expect(earliestCutover(derived.state())).toMatchObject({ atUs: us(30 + 86_400), basis: 'ttl' });
    const unknown = story().token(1, 'old-test', { ...TEST, issuedAt: null }).token(2, 'new', { ...NEW, issuedAt: null }).probe(10).advance(20).probe(30).advance(40);
    expect(earliestCutover(unknown.state())).toMatchObject({ atUs: null, basis: 'unknown' });
  });

  it('a node whose clock is behind holds the cutover back', () => {
    const told = withTokens().probe(10).advance(20).probe(30).advance(40).probe(50).probe(3601);
    const { probe } = told.state();
    const behind = { ...told.state(), probe: { ...(probe as ProbedEntry), rows: (probe as ProbedEntry).rows.map((row) => ({ ...row, serverAt: '2026-09-21T15:00:00Z' })) } };
    expect(whyNotAdvance(told.state(), us(3602)).why).toEqual([]);
    expect(whyNotAdvance(behind, us(3602)).why.join(' ')).toContain('too early');
  });

  it('when every old token has expired, validate ends on an earlier full proof and fresh answers of the rest; the cutover does not', () => {
    const told = story().token(1, 'old', OLD).token(2, 'new', NEW).probe(10).advance(20).probe(30).advance(40);
    const unseen = story().token(1, 'old', OLD).token(2, 'new', NEW).probe(10).advance(20).probe(30).advance(40).probe(3700, { 'old-1': 'refused' });
    expect(whyNotAdvance(unseen.state(), us(3701)).why).not.toEqual([]);
    told.probe(50).probe(3700, { 'old-1': 'refused' });
    expect(whyNotAdvance(told.state(), us(3701)).why).toEqual([]);
    told.advance(3701).probe(3800);
    expect(whyNotAdvance(told.state(), us(3801)).why.join(' ')).toContain('no old token gives evidence');
    // While the old key is in force, a token that lives longer can be seen to be accepted; then its refusal is evidence.
    told.token(3810, 'old-test', TEST).probe(3820, { 'old-test-1': 'accepted' });
    expect(whyNotAdvance(told.state(), us(3821)).why.join(' ')).toContain('Still accepted');
    expect(problemOf(told.probe(3900).advance(3910))).toBeUndefined();
    expect(told.state().outcome).toBe('finished');
  });

  it('another new token is refused during the roll-out, and an earlier one twice', () => {
    const told = withTokens().probe(10).advance(20);
    expect(problemOf(told.token(30, 'new', facts({ fingerprint: '0000000000000006' })))).toContain('before the roll-out');
    expect(problemOf(withTokens().token(30, 'old-test', OLD))).toContain('part of the rotation already');
  });
});

/** What a person would demand of a step, said in another way than the product does. */
function isEarned(probe: ProbedEntry, seconds: number, phase: string): boolean {
  const of = (label: string): AnswerKind[] => probe.rows.filter((row) => row.token === label).map(({ answer }) => answer);
  const accepted = (label: string): boolean => of(label).every((answer) => answer === 'accepted' || answer === 'accepted-role');
  const refused = (label: string): boolean => of(label).every((answer) => answer === 'refused');
  const outside = of('anonymous').every((answer) => answer === 'no-header' || answer === 'refused');
  const right = refused('broken') && outside && (phase === 'prepare' ? refused('new') : accepted('new')) && (phase === 'cutover' ? refused('old-test-1') : accepted('old-test-1'));
  return right && (phase !== 'validate' || seconds >= 3600);
}

describe('whatever is answered', () => {
  const answer = fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...ANSWERS) });
  const move = fc.record({ wait: fc.integer({ min: 1, max: 1500 }), answers: fc.record({ 'old-1': answer, 'old-test-1': answer, new: answer, broken: answer, anonymous: answer }), age: fc.integer({ min: 0, max: 900 }) });

  it('a step is taken only where it was earned, and the record of one that was not is found out', () => {
    let steps = 0;
    let refusals = 0;
    fc.assert(fc.property(fc.array(move, { minLength: 1, maxLength: 14 }), (moves) => {
      const told = withTokens({ nodes: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] });
      let now = 10;
      for (const { wait, answers, age } of moves) {
        if (told.state().outcome !== 'open') break;
        now += wait;
        const odd = Object.fromEntries(Object.entries(answers).filter((pair): pair is [string, AnswerKind] => pair[1] !== null).map(([label, said]) => [`http://127.0.0.1:2 ${label}`, said]));
        told.probe(now, odd);
        const { phase, probe } = told.state();
        now += age;
        const isAllowed = whyNotAdvance(told.state(), us(now)).why.length === 0;
        if (isAllowed) {
          steps += 1;
          expect(age).toBeLessThanOrEqual(600);
          expect(isEarned(probe as ProbedEntry, now, phase), JSON.stringify([phase, odd])).toBe(true);
          told.advance(now);
          expect(replayRotation(told.entries()).problem).toBeNull();
        } else {
          refusals += 1;
          const claimed: RotationEntry[] = [...told.entries(), { kind: 'advanced', from: phase, to: phase === 'prepare' ? 'deploy' : phase === 'deploy' ? 'validate' : phase === 'validate' ? 'cutover' : 'finished', proof: probe?.seq ?? 1, seq: told.entries().length + 1, at: `${new Date((START_S + now) * 1000).toISOString().slice(0, 19)}Z`, actor: 'x', previous: '0'.repeat(64), digest: '0'.repeat(64) }];
          expect(replayRotation(claimed).problem).not.toBeNull();
        }
      }
    }), { seed, numRuns: isLong ? 500 : 100 });
    expect(Math.min(steps, refusals)).toBeGreaterThan(20);
  });
});
