import { describe, expect, it } from 'vitest';
import type { Json } from './posture-expression.ts';
import { decideAll, describeDecision, factsOf } from './posture-evaluate.ts';
import type { Decision, EvidenceDocument, EvidenceSet, Outcome } from './posture-evaluate.ts';
import { baselinePack, compilePack } from './posture-pack.ts';
import { parseInstantUs } from './time.ts';

const nowUs = parseInstantUs('2026-03-01T12:00:00Z') ?? 0;
const HOUR_US = 3_600_000_000;
const words = { seen: 'a is {status.a}', because: 'because of {headers.b}' };
type Rule = Readonly<Record<string, string>>;

function packOf(rules: readonly Rule[], applies?: object): ReturnType<typeof compilePack> {
  return compilePack(baselinePack.parse({
    format: 1, id: 'mine', version: '1.0.0', title: 'Mine', kind: 'navi', source: 'Us', fresh_hours: { declared: 24, observed: 12, derived: 24, file: 720, attested: 2160 },
    checks: [{ id: 'c', title: 'C', group: 'G', severity: 'high', why: 'W', fix: 'F', ...(applies === undefined ? {} : { applies }), rules: rules.map((rule) => ({ ...words, ...rule })) }],
  }));
}
const doc = (value: Json, hours = 0): EvidenceDocument => ({ value, source: 'GET /x', observedAtUs: nowUs - hours * HOUR_US });
const set = (documents: EvidenceSet['documents'], more: Partial<EvidenceSet> = {}): EvidenceSet => ({ documents, lacking: {}, deployment: { environment: 'production', dialect: null }, nowUs, ...more });
function decided(rules: readonly Rule[], evidence: EvidenceSet, applies?: object): Decision & { readonly outcome: Outcome } {
  const pack = packOf(rules, applies);
  const [decision] = decideAll(pack, evidence);
  const [check] = pack.checks;
  if (decision === undefined || check === undefined) throw new Error('no check');
  return { ...decision, outcome: describeDecision(check, decision, { evidence, facts: factsOf(evidence) }) };
}
const RULES: readonly Rule[] = [{ fail: 'status.a == 0' }, { unknown: 'headers.b == "odd"' }, { fail: 'headers.b == "bad"' }, { pass: 'status.a == 1 and headers.b == "good"' }];

describe('the first rule that holds decides', () => {
  it.each<[string, EvidenceSet['documents'], string]>([
    ['fail by the first', { status: doc({ a: 0 }), headers: doc({ b: 'good' }) }, 'fail'],
    ['fail although the other document is missing', { status: doc({ a: 0 }) }, 'fail'],
    ['fail by a later one although an earlier one is unknown', { headers: doc({ b: 'bad' }) }, 'fail'],
    ['unknown by a rule', { status: doc({ a: 1 }), headers: doc({ b: 'odd' }) }, 'unknown'],
    ['pass', { status: doc({ a: 1 }), headers: doc({ b: 'good' }) }, 'pass'],
    ['no pass with one document', { status: doc({ a: 1 }) }, 'unknown'],
    ['no pass with the other', { headers: doc({ b: 'good' }) }, 'unknown'],
    ['no pass of another type', { status: doc({ a: '1' }), headers: doc({ b: 'good' }) }, 'unknown'],
    ['no pass of another case', { status: doc({ a: 2 }), headers: doc({ b: 'good' }) }, 'unknown'],
    ['nothing at all', {}, 'unknown'],
  ])('%s', (_what, documents, state) => expect(decided(RULES, set(documents)).state).toBe(state));

  it('blocks a pass and not-applicable behind a rule that is unknown', () => {
    const rules = (state: string): readonly Rule[] => [{ fail: 'headers.b == "bad"' }, { [state]: 'status.a == 1' }];
    for (const state of ['pass', 'not-applicable']) {
      expect(decided(rules(state), set({ status: doc({ a: 1 }), headers: doc({ b: 'good' }) })).state).toBe(state);
      expect(decided(rules(state), set({ status: doc({ a: 1 }) })).state).toBe('unknown');
      expect(decided(rules(state), set({ status: doc({ a: 1 }), headers: doc({ b: 7 }) })).state).toBe('unknown');
    }
  });
  it('an answer that is neither true nor false blocks as well', () => {
    expect(decided([{ 'not-applicable': 'status.word' }, { fail: 'status.a == 0' }, { pass: 'status.a == 1' }], set({ status: doc({ word: 'yes', a: 1 }) })).state).toBe('unknown');
  });
});

describe('age', () => {
  it('a pass that is too old is stale, and says what it was', () => {
    const fresh = set({ status: doc({ a: 1 }, 24), headers: doc({ b: 'good' }, 12) });
    expect(decided(RULES, fresh).state).toBe('pass');
    const { state, lastKnown, oldestUs, outcome } = decided(RULES, set({ status: doc({ a: 1 }, 1), headers: doc({ b: 'good' }, 13) }));
    expect({ state, lastKnown, oldestUs }).toEqual({ state: 'stale', lastKnown: 'pass', oldestUs: nowUs - 13 * HOUR_US });
    expect(outcome.reason).toBe('Last seen 13 h ago, which is too old to count. It was: pass.');
  });
  it('a pass is as old as the oldest that could have spoken against it', () => {
    expect(decided([{ fail: 'headers.b == "bad"' }, { pass: 'status.a == 1' }], set({ status: doc({ a: 1 }), headers: doc({ b: 'good' }, 13) })).state).toBe('stale');
  });
  it('a fail is as old as what its own line read', () => {
    expect(decided(RULES, set({ status: doc({ a: 0 }), headers: doc({ b: 'good' }, 99) })).state).toBe('fail');
    expect(decided(RULES, set({ status: doc({ a: 0 }, 25), headers: doc({ b: 'good' }) }))).toMatchObject({ state: 'stale', lastKnown: 'fail' });
  });
  it('what is fresh fails although something older failed before', () => {
    expect(decided(RULES, set({ status: doc({ a: 0 }, 99), headers: doc({ b: 'bad' }) })).state).toBe('fail');
  });
  it('nothing passes behind a fail that is too old', () => {
    expect(decided([{ fail: 'status.a == 0' }, { pass: 'headers.b == "good"' }], set({ status: doc({ a: 0 }, 99), headers: doc({ b: 'good' }) }))).toMatchObject({ state: 'stale', lastKnown: 'fail' });
  });
  it('parts of a document have their own age', () => {
    const status: EvidenceDocument = { ...doc({ a: 1 }), parts: { a: { source: 'A', observedAtUs: nowUs - 25 * HOUR_US } } };
    expect(decided(RULES, set({ status, headers: doc({ b: 'good' }) })).state).toBe('stale');
  });
  it('what is dated after now proves nothing', () => {
    expect(decided(RULES, set({ status: doc({ a: 1 }, -23), headers: doc({ b: 'good' }) })).state).toBe('pass');
    const { state, outcome } = decided(RULES, set({ status: doc({ a: 1 }, -9999), headers: doc({ b: 'good' }) }));
    expect(state).toBe('unknown');
    expect(outcome.reason).toContain('One of the clocks is wrong');
  });
});

it('does not apply elsewhere; a dialect that is not known excludes nothing', () => {
  const documents = { status: doc({ a: 1 }), headers: doc({ b: 'good' }) };
  const at = (environment: 'production' | 'staging', dialect: 'A' | 'C1' | null): string => decided(RULES, set(documents, { deployment: { environment, dialect } }), { environments: ['production'], dialects: ['A'] }).state;
  expect([at('production', 'A'), at('staging', 'A'), at('production', 'C1'), at('production', null)]).toEqual(['pass', 'not-applicable', 'not-applicable', 'pass']);
});

describe('in words', () => {
  it('shows what was read, cut where it is long, with the evidence of every path', () => {
    const { outcome } = decided(RULES, set({ status: doc({ a: 0 }), headers: doc({ b: 'x'.repeat(500) }) }));
    expect(outcome.seen).toBe('a is 0');
    expect(decided([{ fail: 'status.a == null' }], set({ status: doc({ a: null }) })).outcome).toMatchObject({ seen: 'a is none', reason: 'because of nothing' });
    expect(outcome.reason).toBe(`because of ${'x'.repeat(80)}…`);
    expect(outcome.evidence).toEqual([
      { kind: 'declared', source: 'GET /x', path: '$.a', value: '0', observedAt: '2026-03-01T12:00:00Z' },
      { kind: 'observed', source: 'GET /x', path: '$.b', value: JSON.stringify('x'.repeat(500)).slice(0, 512), observedAt: '2026-03-01T12:00:00Z' },
    ]);
  });
  it.each<[string, EvidenceSet, string]>([
    ['a document that is missing, with its reason', set({ status: doc({ a: 1 }) }, { lacking: { headers: 'Probes are switched off.' } }), 'Probes are switched off.'],
    ['a document that is missing without a reason', set({ status: doc({ a: 1 }) }), 'There is no evidence from "headers" yet.'],
    ['fields that are missing', set({ status: doc({}), headers: doc({}) }), 'status.a, headers.b are missing in the answer.'],
    ['a value of another kind', set({ status: doc({ a: [] }), headers: doc({ b: 'good' }) }), 'What was answered is of another type than expected, or fits no case that is known.'],
  ])('tells of %s', (_what, evidence, reason) => expect(decided(RULES, evidence).outcome.reason).toBe(reason));
});
