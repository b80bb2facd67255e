// Tests of a run as text: every standing has its own words, what is not trusted or not proven is said, nothing acts on the display, and 80 columns are enough.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runbookPack } from '#shared/domain/runbook-pack.ts';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { width } from '../print.ts';
import type { Look } from '../print.ts';
import { describeMerge, faultOf } from './runbook-merge-text.ts';
import { describePack } from './runbook-pack-text.ts';
import { describeEvidence, describeRun, describeStep, elapsed } from './runbook-text.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 20261122);
const SCREEN: Look = { colour: false, columns: 80 };
const AT = '2026-11-22T10:00:00.000000Z';
const NOW = Date.parse('2026-11-22T12:05:00Z');

const PACK = runbookPack.parse({
  format: 'holdfast.runbook/1', id: 'all-states', version: '1.0.0', title: 'Every standing', when: 'In tests.', kind: 'checklist', source: 'made for tests', words: { done: 'PASS', overridden: 'PARTIAL' },
  roles: [{ id: 'lead', title: 'Lead' }], severities: [{ id: 'high', title: 'High' }],
  sections: [{ id: 'one', title: 'One', steps: [
    ...(['open', 'waiting', 'done', 'claimed', 'overridden', 'failed', 'skipped', 'not-applicable', 'conflict'] as const).map((id) => ({ id, title: `A step that is ${id}, with a title that is longer than a terminal is wide, so that it is cut`, gate: 'blocks' as const })),
    { id: 'check', title: 'A live check', kind: 'live-check', check: { asks: 'health', path: '/health', within_ms: 100, holds: 'ok' } },
    { id: 'timer', title: 'A timer', kind: 'timer', minutes: 10 }, { id: 'choose', title: 'A decision', kind: 'decision', options: [{ id: 'go', title: 'Go' }, { id: 'stay', title: 'Stay', ends: true }] },
    { id: 'agree', title: 'A sign-off', kind: 'sign-off', signs: 'lead' }, { id: 'proof', title: 'Evidence', kind: 'evidence', evidence: 'A picture', text: 'Look at the picture. '.repeat(12) },
  ] }],
});

const standing = (step: string, state: StepStanding['state'], more: Partial<StepStanding> = {}): StepStanding => ({ step, state, by: null, at: null, note: '', isTrusted: true, override: null, evidence: [], check: null, timer: null, claims: [], carriedFrom: null, unproven: null, ...more });

function viewOf(text: string): RunView {
  const said = { by: text, at: AT, note: text };
  return {
    runId: `run_${'ab'.repeat(16)}`, pack: PACK, packDigest: 'c'.repeat(64), isOtherText: true, title: text, startedAt: AT, startedBy: text, deployment: { name: text, url: 'https://a.example', deploymentId: null }, isDrill: true, severity: 'high', ended: null,
    steps: [
      standing('open', 'open'), standing('waiting', 'waiting'), standing('done', 'done', { ...said, isTrusted: false }), standing('claimed', 'claimed', said), standing('overridden', 'overridden', { ...said, override: text }), standing('failed', 'failed', said),
      standing('skipped', 'skipped', said), standing('not-applicable', 'not-applicable', { ...said, carriedFrom: `run_${'0'.repeat(32)}` }),
      standing('conflict', 'conflict', { claims: [{ event: 'a', outcome: 'done', by: text, at: AT, note: text, isTrusted: false }, { event: 'b', outcome: 'failed', by: 'Bo', at: AT, note: '', isTrusted: true }] }),
      standing('check', 'open', { check: { result: 'fail', seen: text, because: 'It has to answer 200.', source: 'GET /health', observedAt: AT, attestedBy: null, isStale: true } }),
      standing('timer', 'open', { timer: { startedAt: AT, dueAt: AT, state: 'due' } }), standing('choose', 'open'), standing('agree', 'open'), standing('proof', 'open', { evidence: [] }),
    ],
    next: 'proof', roles: [{ role: 'lead', title: 'Lead', names: [text] }], milestones: { acknowledged: AT, mitigated: null, resolved: null }, doubts: { severity: null, acknowledged: null, mitigated: null, resolved: null },
    decisions: [{ event: 'd', at: AT, step: 'choose', option: 'go', reason: text, by: text, isTrusted: false }],
    signatures: [{ event: 's', step: null, role: 'lead', name: text, verdict: 'approved', statement: text, at: AT, by: text, isTrusted: false, isOutdated: true }],
    reviews: [{ submission: 'x', submittedBy: text, at: AT, state: 'open', isOutdated: true, reviews: [{ by: text, at: AT, verdict: 'accepted', feedback: text, counts: false, whyNot: 'by somebody who is not trusted yet' }] }],
    actions: [{ id: 'a_00000000', text, owner: text, due: '2026-12-01', isDone: false }],
    evidence: [{ digest: 'e'.repeat(64), name: text, bytes: 1, type: 'text/plain', step: null, note: text, source: 'file', at: AT, by: text, isHere: false }],
    timeline: [{ event: 'n', at: AT, recordedAt: AT, by: text, isTrusted: false, isManual: true, text, body: { kind: 'entry', text: 'x', occurredAt: null } }], earlier: 3,
    authors: [{ fingerprint: 'f'.repeat(64), name: text, isTrusted: false, isSelf: false, events: 1 }], missing: ['m'.repeat(64)], waiting: 2,
  };
}

const whole = (view: RunView, look: Look = SCREEN): string => describeRun(view, { nowMs: NOW, isWhole: false, look });
const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('a run as text', () => {
  it('says of every step how it stands, in the words of the runbook beside the common ones', () => {
    const text = inOneLine(whole(viewOf('Ann')));
    for (const part of [
      'open open', 'waiting waiting', 'PASS (done) done', 'claimed claimed', 'said to be done, and nothing proves it', 'PARTIAL (overridden) overridden', 'overridden without proof: Ann', 'failed failed', 'skipped skipped', 'not applicable not-applicable', 'carried over from run_000000000000',
      'CONFLICT conflict', 'Ann, NOT TRUSTED YET, says done', 'Bo says failed', 'FAILED, 2026-11-22 10:00:00 UTC, STALE by now', 'timer: RANG at', 'decide: go (Go), stay (Stay)', 'to be signed as: lead', 'evidence needed: A picture',
      'NOT TRUSTED YET, so it does not count, OUTDATED', 'does not count (by somebody who is not trusted yet)', 'NOT WHOLE: 1 event missing, 2 wait for them', '(not in this profile)', '(DRILL)', 'Elapsed 2 h 5 min', '3 before: --timeline', 'Next: proof, Evidence', '--done --evidence FILE', '* blocks',
    ]) expect(text).toContain(part);
    expect(text).toContain('3 of 14 steps settled; 1 in conflict, 1 failed, 1 claimed, 1 overridden, 1 skipped, 1 not applicable, 1 by a key that is not trusted');
  });

  it('fits 80 columns, but for commands and digests, which are copied', () => {
    const pack = describePack({ head: { id: 'all-states', version: '1.0.0', title: 'Every standing', kind: 'checklist', digest: '0'.repeat(60), steps: 14, isShipped: false, importedAt: AT, applies: [] }, pack: PACK }, SCREEN);
    const lines = [...whole(viewOf('Ann of the night shift')).split('\n'), ...pack.split('\n')];
    expect(lines.filter((line) => width(line) > 80 && !line.trimStart().startsWith('holdfast '))).toEqual([]);
  });

  it('cuts and breaks nothing without a terminal', () => {
    expect(whole(viewOf('Ann'), { colour: false, columns: null })).toContain('longer than a terminal is wide, so that it is cut');
  });

  it('R60: nothing that people wrote acts on the display', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      const view = viewOf(text);
      for (const shown of [whole(view), describeStep(view, 'conflict', SCREEN), describeEvidence(view, SCREEN)]) expect(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u.test(shown)).toBe(false);
    }), { seed, numRuns: process.env['HOLDFAST_TEST_LONG'] === '1' ? 1000 : 200 });
  });

  it('counts time in whole minutes and never backwards', () => {
    expect([elapsed(-5), elapsed(59_999), elapsed(60_000), elapsed(3_600_000), elapsed(90_000_000)]).toEqual(['0 min', '0 min', '1 min', '1 h 0 min', '1 d 1 h']);
  });
});

describe('a merge as text', () => {
  const report = { run: `run_${'0'.repeat(32)}`, title: 'T', isNew: false, added: 1, known: 2, bySigner: [{ fingerprint: 'f'.repeat(64), name: null, trust: 'not-trusted-yet' as const, added: 1 }], refused: [], missing: [], waiting: 0, head: 'fits' as const, conflicts: [], evidenceAdded: 0, evidenceRefused: [] };

  it('finds a fault in each thing that is not whole, and none in a new signer or a conflict', () => {
    expect(faultOf(report)).toBeNull();
    expect(faultOf({ ...report, head: 'unknown-signer', conflicts: [{ step: 's', title: 't' }] })).toBeNull();
    expect(faultOf({ ...report, head: 'altered' })).toContain('not as it was sealed');
    expect(faultOf({ ...report, refused: [{ index: 0, digest: null, reason: 'r' }], missing: ['m', 'n'] })).toBe('1 event was refused; 2 events are missing');
    expect(faultOf({ ...report, waiting: 2, evidenceRefused: ['e'] })).toBe('2 events wait for what is missing; 1 piece of evidence was refused');
  });

  it('names what is refused and missing, and how a key is trusted', () => {
    const text = describeMerge({ ...report, head: 'altered', refused: [{ index: 4, digest: 'd'.repeat(64), reason: 'It was \u001b[2Jaltered.' }], missing: ['9'.repeat(64)] }, SCREEN);
    for (const part of ['ALTERED', 'event 4', 'd'.repeat(64), '9'.repeat(64), 'NOT TRUSTED YET', 'Somebody without a name', `holdfast runbook trust ${'f'.repeat(64)} --name WHO`, '⟨U+001B⟩']) expect(text).toContain(part);
  });
});
