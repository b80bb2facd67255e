// The words of the war-room: clock, limits, timers and concerns.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { runbookPack } from '#shared/domain/runbook-pack.ts';
import { acknowledgeLimit, afterStart, concernsOf, elapsedMs, elapsedText, fieldTime, instantOf, openGates, severityWords, timersOf, unprovenSteps } from './run-words.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const START = '2026-11-22T14:00:00.000Z';
const at = (minutes: number): number => Date.parse(START) + minutes * 60_000;
const pack = runbookPack.parse({
  format: 'holdfast.runbook/1', id: 'p', version: '1.0.0', title: 'Pack', when: 'Now', kind: 'incident', source: 'test',
  severities: [{ id: 'sev1', title: 'SEV1: all is down', acknowledge_minutes: 5 }, { id: 'sev3', title: 'SEV3' }],
  sections: [{ id: 's', title: 'S', steps: [{ id: 'a', title: 'A', gate: 'blocks' }, { id: 'b', title: 'B', kind: 'timer', minutes: 15 }, { id: 'c', title: 'C', kind: 'timer', minutes: 5 }] }],
});
type Standing = RunView['steps'][number];
const standing = (step: string, over: Partial<Standing> = {}): Standing => ({ step, state: 'open', by: null, at: null, note: '', isTrusted: true, override: null, evidence: [], check: null, timer: null, claims: [], carriedFrom: null, unproven: null, ...over });
const timer = (minutes: number, state: 'running' | 'due' | 'acknowledged' | 'stopped') => ({ startedAt: START, dueAt: new Date(at(minutes)).toISOString(), state });
const run = { pack, isOtherText: false, startedAt: START, ended: null, severity: 'sev1', milestones: { acknowledged: null, mitigated: null, resolved: null }, doubts: { severity: null, acknowledged: null, mitigated: null, resolved: null }, steps: [standing('a'), standing('b'), standing('c')], authors: [], missing: [], waiting: 0 };
const ENDED = { at: '2026-11-22T15:00:01.000Z', outcome: 'completed' as const, note: '' };

describe('the clock', () => {
  it('is hours, minutes and seconds, and days before them', () => {
    expect([0, 999, 1000, 59_999, 3_599_000, 3_600_000, 86_399_999, 86_400_000, 2 * 86_400_000 + 3 * 3_600_000].map(elapsedText)).toEqual(['00:00:00', '00:00:00', '00:00:01', '00:00:59', '00:59:59', '01:00:00', '23:59:59', '1 d 00:00:00', '2 d 03:00:00']);
  });
  it('never runs below zero, and never says more than has passed', () => {
    fc.assert(fc.property(fc.integer({ min: -10_000_000, max: 10_000_000_000 }), (ms) => {
      const [, days = '0', h, m, s] = /^(?:(\d+) d )?(\d{2}):(\d{2}):(\d{2})$/.exec(elapsedText(ms)) ?? [];
      const said = ((Number(days) * 24 + Number(h)) * 60 + Number(m)) * 60 + Number(s);
      expect(said).toBe(Math.max(0, Math.floor(ms / 1000)));
    }), { seed, numRuns: 500 });
  });
  it('stands still at the end', () => {
    expect(elapsedMs(run, at(7))).toBe(420_000);
    expect(elapsedMs({ ...run, ended: ENDED }, at(999))).toBe(3_601_000);
  });
});

describe('severity and its limit', () => {
  it('is a mark and the name that the runbook gives it; an unknown one keeps its own', () => {
    expect(severityWords(run)).toEqual({ mark: 'SEV1', title: 'SEV1: all is down' });
    expect(severityWords({ ...run, severity: 'own' })).toEqual({ mark: 'own', title: 'own' });
    expect(severityWords({ ...run, severity: null })).toBeNull();
  });
  it('is overdue only after the last second of the limit, and not at all once acknowledged or ended', () => {
    expect(acknowledgeLimit(run, at(5))).toMatchObject({ minutes: 5, isOverdue: false });
    expect(acknowledgeLimit(run, at(5) + 1)).toMatchObject({ isOverdue: true });
    expect(acknowledgeLimit({ ...run, milestones: { ...run.milestones, acknowledged: START } }, at(9))).toBeNull();
    expect(acknowledgeLimit({ ...run, milestones: { ...run.milestones, acknowledged: START }, doubts: { ...run.doubts, acknowledged: 'not-trusted' } }, at(9))?.isOverdue).toBe(true);
    expect(acknowledgeLimit({ ...run, severity: 'sev3' }, at(9))).toBeNull();
    expect(acknowledgeLimit({ ...run, ended: ENDED }, at(99))).toBeNull();
  });
  it('says how long after or before the start', () => expect([afterStart(run, '2026-11-22T14:05:00Z'), afterStart(run, '2026-11-22T13:00:00Z')]).toEqual(['5 min after the start', '1 h before the start']));
});

describe('timers', () => {
  const steps = [standing('a'), standing('b', { timer: timer(15, 'running') }), standing('c', { timer: timer(5, 'running') })];
  it('ring by the clock, also before core was asked again', () => {
    const ids = (nowMs: number) => { const { running, due } = timersOf({ ...run, steps }, nowMs); return [running.map(({ step }) => step.id), due.map(({ step }) => step.id)]; };
    expect(ids(at(4))).toEqual([['c', 'b'], []]);
    expect(ids(at(5))).toEqual([['b'], ['c']]);
    expect(ids(at(20))).toEqual([[], ['c', 'b']]);
  });
  it('are silent when acknowledged or stopped, and when the run has ended', () => {
    expect(timersOf({ ...run, steps: [standing('b', { timer: timer(1, 'acknowledged') }), standing('c', { timer: timer(1, 'stopped') })] }, at(9))).toEqual({ running: [], due: [] });
    expect(timersOf({ ...run, steps, ended: ENDED }, at(9))).toEqual({ running: [], due: [] });
  });
});

describe('what stands in the way', () => {
  it('is nothing when all is well', () => expect(concernsOf(run)).toEqual([]));
  it('names conflicts, people, missing and waiting events', () => {
    const author = { fingerprint: 'f', name: 'Mia', isTrusted: false, isSelf: false, events: 3 };
    const found = concernsOf({ ...run, steps: [standing('a'), standing('b', { state: 'conflict' })], authors: [author, { ...author, isTrusted: true }], missing: ['x'], waiting: 2 });
    expect(found.map(({ id, step }) => [id, step])).toEqual([['conflicts', 'b'], ['strangers', null], ['missing', null], ['waiting', null]]);
    expect(found[1]?.text).toBe('3 events of 1 person not trusted yet: shown, and not counted as proof.');
  });
  it('names a runbook that is another one than its name says', () => expect(concernsOf({ ...run, isOtherText: true })).toMatchObject([{ id: 'text', text: 'Its runbook is another text than the one that is here as p 1.0.0.' }]));
  it('a run cannot be completed over an open step that blocks; unproven ones are listed', () => {
    expect(openGates(run).map(({ step }) => step.id)).toEqual(['a']);
    expect(openGates({ ...run, steps: [standing('a', { state: 'not-applicable' })] })).toEqual([]);
    expect(openGates({ ...run, steps: [standing('a', { state: 'claimed' })] })).toHaveLength(1);
    expect(unprovenSteps({ ...run, steps: [standing('a', { state: 'done', isTrusted: false }), standing('b', { state: 'overridden' }), standing('c', { state: 'done' })] }).map(({ step }) => step.id)).toEqual(['a', 'b']);
  });
});

describe('a typed time', () => {
  it('is an instant in the zone of the screen, and the other way', () => {
    expect(instantOf('2026-11-22T14:05', 'utc')).toBe('2026-11-22T14:05:00.000Z');
    for (const wrong of ['', '14:05', '2026-13-40T99:99', '2026-11-22 14:05', '2026-11-22T14:05Z']) expect(instantOf(wrong, 'utc')).toBeNull();
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom('utc' as const), (seconds, zone) => { expect(Date.parse(instantOf(fieldTime(seconds * 1000, zone), zone) ?? '')).toBe(seconds * 1000); }), { seed, numRuns: 200 });
  });
});
