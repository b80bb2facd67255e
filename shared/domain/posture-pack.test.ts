import { describe, expect, it } from 'vitest';
import { baselinePack, compilePack, PackProblem } from './posture-pack.ts';
import type { BaselinePack, CompiledPack } from './posture-pack.ts';

const words = { seen: 'Seen: {status.jwt.enabled}', because: 'It says so.' };
const check = { id: 'jwt.on', title: 'JWT is on', group: 'Sign-in', severity: 'high', why: 'Because.', fix: 'Do it.', rules: [{ fail: 'status.jwt.enabled == false', ...words }, { pass: 'status.jwt.enabled == true', ...words }] };
const pack = (...checks: readonly object[]): unknown => ({ format: 1, id: 'mine', version: '1.0.0', title: 'Mine', kind: 'navi', source: 'Us', fresh_hours: { declared: 24, observed: 24, derived: 24, file: 720, attested: 2160 }, checks });
const parsed = (...checks: readonly object[]): BaselinePack => baselinePack.parse(pack(...checks));
const compiled = (...checks: readonly object[]): CompiledPack => compilePack(parsed(...checks));

function problemOf(given: BaselinePack): { readonly message: string; readonly at: string } {
  try {
    compilePack(given);
  } catch (error) {
    if (error instanceof PackProblem) return { message: error.message, at: error.at.join('.') };
    throw error;
  }
  throw new Error('it was taken');
}

it('keeps the rules in their order, with their paths and texts', () => {
  const [first] = compiled(check).checks;
  expect(first?.rules.map(({ state }) => state)).toEqual(['fail', 'pass']);
  expect(first?.paths).toEqual([{ document: 'status', keys: ['jwt', 'enabled'] }]);
  expect(first?.rules[0]?.seen).toEqual(['Seen: ', { document: 'status', keys: ['jwt', 'enabled'] }]);
});

it('reads doubled braces as braces', () => {
  const [first] = compiled({ ...check, rules: [{ fail: 'status.a == 1', seen: '{{x}} {status.a} }}{{', because: 'x' }] }).checks;
  expect(first?.rules[0]?.seen).toEqual(['{', 'x', '}', ' ', { document: 'status', keys: ['a'] }, ' ', '}', '{']);
});

describe('a pack is refused', () => {
  const rules = (...given: readonly object[]): object => ({ ...check, rules: given.map((rule) => ({ ...words, ...rule })) });
  it.each<[string, object, readonly [string, RegExp]]>([
    ['without a way to fail', rules({ pass: 'status.a == 1' }), ['checks.0.rules', /able to fail/]],
    ['for a pass without evidence', rules({ fail: 'status.a == 1' }, { pass: 'true' }), ['checks.0.rules.1.pass', /must read evidence/]],
    ['for a fail without evidence', rules({ fail: '1 == 1' }), ['checks.0.rules.0.fail', /must read evidence/]],
    ['for a pass beside any evidence', rules({ fail: 'status.a == 1' }, { pass: 'status.a == 1 or true' }), ['checks.0.rules.1.pass', /nothing is known/]],
    ['for a pass on what is absent', rules({ fail: 'status.a == 1' }, { pass: 'not known(status.a)' }), ['checks.0.rules.1.pass', /nothing is known/]],
    ['for a pass on an empty document', rules({ fail: 'status.a == 1' }, { pass: 'length(status) == 0' }), ['checks.0.rules.1.pass', /nothing is known/]],
    ['for evidence that does not exist', rules({ fail: 'satus.a == 1' }), ['checks.0.rules.0.fail', /no evidence named "satus"/]],
    ['for what a text shows', rules({ fail: 'status.a == 1', seen: 'x {satus.a}' }), ['checks.0.rules.0.seen', /no evidence named "satus"/]],
    ['for a brace alone', rules({ fail: 'status.a == 1', because: 'x { y' }), ['checks.0.rules.0.because', /stands alone/]],
    ['for a place that is no path', rules({ fail: 'status.a == 1', because: 'x {not a path}' }), ['checks.0.rules.0.because', /is not a path/]],
    ['for an expression that cannot be read', rules({ fail: 'status.a == 1' }, { pass: 'status.a ==' }), ['checks.0.rules.1.pass', /missing at the end \(column 12\)/]],
    ['for known of no path', rules({ fail: 'known(1)' }), ['checks.0.rules.0.fail', /known takes a path/]],
  ])('%s', (_why, given, [at, message]) => {
    const problem = problemOf(parsed(given));
    expect(problem.message).toMatch(message);
    expect(problem.at).toBe(at);
  });
  it('for two checks of one id', () => expect(problemOf(parsed(check, check))).toEqual({ message: 'a second check has the id jwt.on', at: 'checks.1.id' }));
  it('for an excuse about anything but a file', () => expect(problemOf({ ...parsed(check), unchecked: [{ path: 'status.a', reason: 'x' }] }).at).toBe('unchecked.0.path'));
});

describe('the form', () => {
  it.each<[string, object]>([
    ['an unknown key', { ...check, sevrity: 'low' }], ['a rule of two states', { ...check, rules: [{ fail: 'a', pass: 'b', ...words }] }], ['a rule without words', { ...check, rules: [{ fail: 'status.a == 1' }] }], ['no rule', { ...check, rules: [] }],
    ['an id with a space', { ...check, id: 'a b' }], ['an unknown severity', { ...check, severity: 'urgent' }], ['control characters', { ...check, title: 'a\u001b[31m' }], ['a turned direction', { ...check, why: 'a\u202eb' }], ['an unknown environment', { ...check, applies: { environments: ['moon'] } }],
  ])('refuses %s', (_what, given) => expect(baselinePack.safeParse(pack(given)).success).toBe(false));
});
