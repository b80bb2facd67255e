// Words and marks of steps: nothing untrusted looks settled, a pack's own words are used, and time is counted down without a false zero.
import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runbookPack } from '#shared/domain/runbook-pack.ts';
import { staleMinutesOf } from '#shared/domain/runbook-proof.ts';
import { stepStanding } from '#shared/domain/runbook-run.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import { SETTLED } from '#shared/domain/runbook-steps.ts';
import { PACK } from '../../../../test/support/runbook-profile.ts';
import { clockText, heldBackBy, lookOf, nextChangeMs, outcomeWord, placedSteps } from './step-words.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const pack = runbookPack.parse(parse(PACK));
const OPEN: Omit<StepStanding, 'step'> = { state: 'open', by: null, at: null, note: '', isTrusted: false, override: null, evidence: [], check: null, timer: null, claims: [], carriedFrom: null, unproven: null };
const runWith = (over: Readonly<Record<string, Partial<StepStanding>>>) => ({ pack, steps: pack.sections.flatMap(({ steps }) => steps).map(({ id }): StepStanding => ({ ...OPEN, step: id, ...over[id] })) });

describe('how a step is marked', () => {
  it.each(stepStanding.shape.state.options)('%s: with trust and without', (state) => {
    const trusted = lookOf({ state, isTrusted: true }, undefined);
    const untrusted = lookOf({ state, isTrusted: false }, undefined);
    expect(trusted.tone === 'pass').toBe(state === 'done');
    expect(untrusted.tone).not.toBe('pass');
    expect(untrusted.word.includes('not trusted yet')).toBe(SETTLED.has(state));
    expect(trusted.word).not.toBe('');
  });

  it('every state has a word and a shape of its own', () => {
    const looks = stepStanding.shape.state.options.map((state) => lookOf({ state, isTrusted: true }, undefined));
    expect(new Set(looks.map(({ word }) => word)).size).toBe(looks.length);
    expect(new Set(looks.map(({ shape }) => shape)).size).toBe(looks.length);
  });

  it('uses the words of a pack, and the common ones for what it has none for', () => {
    const words = { done: 'PASS', overridden: 'PARTIAL' };
    expect(lookOf({ state: 'done', isTrusted: true }, words).word).toBe('PASS');
    expect(lookOf({ state: 'overridden', isTrusted: true }, words)).toMatchObject({ word: 'PARTIAL', tone: 'warn' });
    expect(lookOf({ state: 'done', isTrusted: false }, words).word).toBe('PASS, not trusted yet');
    expect(lookOf({ state: 'failed', isTrusted: true }, words).word).toBe('failed');
    expect([outcomeWord('done', words), outcomeWord('failed', words), outcomeWord('skipped', words)]).toEqual(['PASS', 'Failed', 'Skipped']);
  });
});

describe('what holds a step back', () => {
  it('is the first before it in its own section that blocks and is not settled', () => {
    expect(heldBackBy(placedSteps(runWith({})), 'soak')?.id).toBe('look');
    expect(heldBackBy(placedSteps(runWith({ look: { state: 'done', isTrusted: true } })), 'soak')?.id).toBe('health');
    expect(heldBackBy(placedSteps(runWith({ look: { state: 'done' } })), 'soak')?.id).toBe('look');
    expect(heldBackBy(placedSteps(runWith({ look: { state: 'failed', isTrusted: true }, health: { state: 'done', isTrusted: true } })), 'soak')?.id).toBe('look');
    expect(heldBackBy(placedSteps(runWith({ look: { state: 'skipped', isTrusted: true }, health: { state: 'overridden', isTrusted: true } })), 'soak')).toBeNull();
    expect(heldBackBy(placedSteps(runWith({})), 'choose')).toBeNull();
    expect(heldBackBy(placedSteps(runWith({})), 'nothing')).toBeNull();
  });

  it('numbers steps over the whole runbook', () => expect(placedSteps(runWith({})).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]));
});

describe('time', () => {
  it('is written as a clock', () => expect([0, 1, 5000, 750_000, 3_723_000, 176_523_000].map(clockText)).toEqual(['0:00', '0:01', '0:05', '12:30', '1:02:03', '2 d 01:02:03']));
  it('shows zero only when nothing is left', () => assert(property(integer({ min: 1, max: 10_000_000 }), (ms) => { expect(clockText(ms)).not.toBe('0:00'); }), { seed: SEED, numRuns: 300 }));
  it('names the next moment at which a timer ends or an answer grows old', () => {
    const at = '2026-01-01T00:00:00Z';
    const ms = Date.parse(at);
    const timer = { startedAt: at, dueAt: '2026-01-01T00:10:00Z', state: 'running' } as const;
    const check = { result: 'pass', seen: '', because: '', source: '', observedAt: at, attestedBy: null, isStale: false } as const;
    expect(nextChangeMs(runWith({}), ms, staleMinutesOf)).toBeNull();
    expect(nextChangeMs(runWith({ soak: { timer } }), ms, staleMinutesOf)).toBe(ms + 600_000);
    expect(nextChangeMs(runWith({ soak: { timer }, health: { check } }), ms, staleMinutesOf)).toBe(ms + 300_000);
    expect(nextChangeMs(runWith({ soak: { timer: { ...timer, state: 'stopped' } }, health: { check: { ...check, isStale: true } } }), ms, staleMinutesOf)).toBeNull();
    expect(nextChangeMs(runWith({ soak: { timer } }), ms + 600_000, staleMinutesOf)).toBeNull();
  });
});
