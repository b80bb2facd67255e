// The shipped baselines as content: what they must cover, that every check has a passing, a failing and an unknown case, and that no hostile answer turns one green.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from '#shared/zod.ts';
import { attestedFacts, FACTS } from '#shared/domain/posture-facts.ts';
import { describeDecision, factsOf } from '#shared/domain/posture-evaluate.ts';
import type { EvidenceSet } from '#shared/domain/posture-evaluate.ts';
import { readPath, UNKNOWN } from '#shared/domain/posture-compile.ts';
import { formatEvidencePath, parseExpression } from '#shared/domain/posture-expression.ts';
import type { EvidencePath, Json } from '#shared/domain/posture-expression.ts';
import type { CompiledCheck, CompiledPack } from '#shared/domain/posture-pack.ts';
import { shippedPacks } from '#core/posture/packs.ts';
import { parseYaml } from '#core/posture/yaml.ts';
import { decideOver, evidenceOf, patched, readCases, without } from '../support/baseline-cases.ts';
import type { BaselineCases, Documents } from '../support/baseline-cases.ts';
import { expressionText } from '../support/expression-text.ts';

const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const numRuns = process.env['HOLDFAST_TEST_LONG'] === '1' ? 400 : 80;
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/karen', name), 'utf8');
const production = JSON.parse(fixture('production.json')) as Json;
const securityYml = parseYaml(fixture('security_production.yml')).value;

interface Shipped { readonly name: string; readonly kind: 'navi' | 'karen'; readonly least: number; readonly pack: CompiledPack; readonly text: string; readonly cases: BaselineCases }
const SHIPPED: readonly Shipped[] = (['navi', 'karen'] as const).map((kind) => {
  const loaded = shippedPacks().find(({ pack }) => pack.kind === kind);
  if (loaded === undefined) throw new Error(`no baseline for ${kind}`);
  return { name: kind, kind, least: kind === 'navi' ? 30 : 60, pack: loaded.pack, text: loaded.text, cases: readCases(kind) };
});

/** The rules of a check with every path replaced: what "one expression with another path" has in common. */
function shapeOf(rules: readonly Readonly<Record<string, string>>[]): string {
  return rules.map((rule) => ['fail', 'pass', 'unknown', 'not-applicable'].flatMap((state) => (rule[state] === undefined ? [] : [`${state} ${expressionText(parseExpression(rule[state]), () => '$')}`])).join()).join('; ');
}

describe.each(SHIPPED)('the $name baseline', ({ kind, least, pack, text, cases }) => {
  const caseOf = (check: CompiledCheck): BaselineCases['checks'][string] => {
    const found = cases.checks[check.id];
    if (found === undefined) throw new Error(`no cases for ${check.id}`);
    return found;
  };
  const passing = (check: CompiledCheck): Documents => patched(cases.documents, caseOf(check).pass ?? {});
  const stateOver = (check: CompiledCheck, documents: Documents): string => decideOver(pack, check, evidenceOf(documents, caseOf(check).applies)).state;

  it(`has ${least} checks or more, no two of which share one expression with other paths`, () => {
    const { checks } = parseYaml(text).value as unknown as { readonly checks: readonly { readonly rules: readonly Record<string, string>[] }[] };
    expect(new Set(checks.map(({ rules }) => shapeOf(rules))).size).toBeGreaterThanOrEqual(least);
    // Also when every literal counts as the same.
    expect(new Set(checks.map(({ rules }) => shapeOf(rules).replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?/g, '#'))).size).toBeGreaterThanOrEqual(least);
  });

  it('reads nothing that no source gives', () => {
    const sample: Readonly<Record<string, Json>> = { config: production, security_yml: securityYml };
    const odd = pack.checks.flatMap(({ id, paths, rules }) => [...paths, ...rules.flatMap(({ seen, because }) => [...seen, ...because].filter((part) => typeof part !== 'string'))].flatMap((path): readonly string[] => {
      if (isGiven(path, kind, sample)) return [];
      return [`${id}: ${formatEvidencePath(path)}`];
    }));
    expect(odd).toEqual([]);
  });

  it('shows only what its rules read', () => {
    const odd = pack.checks.flatMap(({ id, paths, rules }) => {
      const read = paths.map(formatEvidencePath);
      return rules.flatMap(({ seen, because }) => [...seen, ...because]).flatMap((part) => {
        if (typeof part === 'string') return [];
        const shown = formatEvidencePath(part);
        const isOfStatement = part.document === 'attested' && part.keys[0] === id;
        return isOfStatement || read.some((one) => one === shown || one.startsWith(`${shown}.`)) || read.some((one) => shown.startsWith(`${one.slice(0, one.lastIndexOf('.'))}.`)) ? [] : [`${id}: ${shown}`];
      });
    });
    expect(odd).toEqual([]);
  });

  it('asks people only about the check that they are asked in', () => {
    const odd = pack.checks.flatMap(({ id, paths }) => paths.filter(({ document, keys }) => document === 'attested' && keys[0] !== id).map((path) => `${id}: ${formatEvidencePath(path)}`));
    expect(odd).toEqual([]);
  });

  it('has contradictions that compare two sources', () => {
    const contradictions = pack.checks.filter(({ finding }) => finding === 'contradiction');
    expect(contradictions.length).toBeGreaterThanOrEqual(4);
    for (const check of contradictions) expect([check.id, new Set(check.paths.map(({ document, keys }) => (['config', 'security_yml', 'status', 'history'].includes(document) ? `${document}.${keys[0] ?? ''}` : document))).size >= 2]).toEqual([check.id, true]);
  });

  it('has cases for each check and for nothing else', () => expect(Object.keys(cases.checks).toSorted()).toEqual(pack.checks.map(({ id }) => id).toSorted()));

  it('has cases in the form of the sources', () => {
    expect(Object.keys(cases.documents).length).toBeGreaterThan(5);
    for (const [name, value] of Object.entries(cases.documents)) {
      if (Object.hasOwn(FACTS, name)) expect([name, FACTS[name as keyof typeof FACTS].safeParse(value).error?.issues]).toEqual([name, undefined]);
      if (name === 'attested') expect(attestedFacts.safeParse(value).success).toBe(true);
    }
  });

  describe.each(pack.checks.map((check) => [check.id, check] as const))('%s', (_id, check) => {
    it('passes, and not without any one document that it reads', () => {
      const documents = passing(check);
      expect(stateOver(check, documents)).toBe('pass');
      for (const name of new Set(check.paths.map(({ document }) => document))) expect([name, stateOver(check, without(documents, [name]))]).not.toEqual([name, 'pass']);
    });
    it('fails', () => {
      const { fail } = caseOf(check);
      expect(fail.length).toBeGreaterThan(0);
      for (const patch of fail) expect([patch, stateOver(check, patched(passing(check), patch))]).toEqual([patch, 'fail']);
    });
    it('is unknown, with a reason', () => {
      const { unknown } = caseOf(check);
      expect(unknown.length).toBeGreaterThan(0);
      const evidence = evidenceOf(without(passing(check), unknown));
      const decision = decideOver(pack, check, evidence);
      const outcome = describeDecision(check, decision, { evidence, facts: factsOf(evidence) });
      expect(outcome.state).toBe('unknown');
      expect(outcome.reason).toMatch(/[.]$/);
    });
    it('is never green where a value is missing, of another type or hostile', () => {
      const documents = passing(check);
      const facts = factsOf(evidenceOf(documents));
      const green = check.paths.flatMap((path) => {
        const value = readPath(facts, path);
        if (value === UNKNOWN) return [];
        const isNullable = caseOf(check).nullable?.includes(formatEvidencePath(path)) ?? false;
        const odd = oddFor(value).filter((one) => !(one === null && isNullable) && (one !== undefined || !path.keys.includes('directives')));
        return odd.filter((one) => stateOver(check, patched(documents, { [formatEvidencePath(path)]: one })) === 'pass').map((one) => `${formatEvidencePath(path)}: ${one === undefined ? 'missing' : JSON.stringify(one).slice(0, 40)}`);
      });
      expect(green).toEqual([]);
    });
  });

  it('takes every document for what it is: nothing passes over answers that are something else', () => {
    for (const junk of [null, 0, 'ok', [], {}, [{}], { jwt: true }, { constructor: 1, toString: 2 }, JSON.parse('{"__proto__": {"enabled": true}}') as Json]) {
      const evidence = evidenceOf(Object.fromEntries(Object.keys(cases.documents).map((name) => [name, junk])));
      expect(pack.checks.filter((check) => decideOver(pack, check, evidence).state === 'pass').map(({ id }) => id)).toEqual([]);
    }
  });

  it('never throws, and never passes over random answers', () => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...Object.keys(cases.documents)), fc.jsonValue()), (documents) => {
      const evidence = evidenceOf(documents as Documents);
      const facts = factsOf(evidence);
      for (const check of pack.checks) {
        const decision = decideOver(pack, check, evidence);
        expect([check.id, decision.state]).not.toEqual([check.id, 'pass']);
        expect(describeDecision(check, decision, { evidence, facts }).reason).not.toBe('');
      }
    }), { seed, numRuns });
  });

  it('is not moved by what is added, however much', () => {
    const documents = Object.fromEntries(Object.entries(cases.documents).map(([name, value]) => [name, { ...(value as object), extra: 'x'.repeat(100_000), more: Array.from({ length: 2000 }, (_, index) => ({ index })) } as Json]));
    for (const check of pack.checks) expect([check.id, stateOver(check, patched(documents, caseOf(check).pass ?? {}))]).toEqual([check.id, 'pass']);
  });
});

/** Values that are not what stood there: missing, of every other type, empty, huge. A null that passes stands for something that was looked for and not there; any text in its place may be right too. */
function oddFor(value: Json): readonly (Json | undefined)[] {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
  const odd: readonly (readonly [string, Json])[] = [['null', null], ['boolean', true], ['boolean', false], ['number', 0], ['number', 1e308], ['number', -1], ['string', ''], ['string', 'x'.repeat(50_000)], ['list', []], ['list', [null]], ['list', [1, {}]], ['object', {}], ['object', { a: { b: [] } }]];
  return [undefined, ...odd.filter(([type]) => type !== kind && !(kind === 'null' && (type === 'string' || type === 'boolean' || type === 'number'))).map(([, one]) => one)];
}

/** Whether a source of this kind of deployment gives what stands at a path. */
function isGiven(path: EvidencePath, kind: 'navi' | 'karen', sample: Readonly<Record<string, Json>>): boolean {
  const { document, keys } = path;
  if (document === 'attested') return keys.length === 2 && ['holds', 'by', 'on', 'statement'].includes(keys[1] ?? '');
  if (document === 'status') return kind === 'navi' && readPath({ documents: { status: STATUS }, nowUs: 0, slots: [] }, path) !== UNKNOWN;
  if (document === 'config' || document === 'security_yml') return kind === 'karen' && readPath({ documents: sample, nowUs: 0, slots: [] }, path) !== UNKNOWN;
  let schema: z.ZodType | undefined = FACTS[document as keyof typeof FACTS];
  for (const key of keys) {
    if (schema instanceof z.ZodRecord) schema = schema.valueType as z.ZodType;
    else schema = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>)[key] : undefined;
  }
  return schema !== undefined;
}

/** Contract section 2: the answer as it was seen. */
const STATUS: Json = {
  jwt: { enabled: true, has_primary_secret: true, has_previous_secrets: true, rotation_ready: true },
  encryption: { audit_encryption_enabled: true, audit_encryption_key_id: 'audit-2026-01', token_encryption_configured: false, token_encryption_key_id: null },
  audit_retention: { enabled: true, retention_days: 90, overdue_count: 2, cutoff_iso: '2026-08-24T05:37:10.277573+00:00' },
  sso: { auth0_domain: 'tenant.us.auth0.com', auth0_client_configured: false, auth0_audience_configured: false, device_flow_enabled: false },
};

function leavesOf(value: Json, keys: readonly string[]): readonly (readonly string[])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value as Readonly<Record<string, Json>>).flatMap(([key, inner]) => leavesOf(inner, [...keys, key])) : [keys];
}

describe('the karen baseline over its files', () => {
  const pack = SHIPPED.find(({ kind }) => kind === 'karen')?.pack;
  const read = new Set(pack?.checks.flatMap(({ paths }) => paths).map(formatEvidencePath));
  const excused = new Set(pack?.unchecked.map(({ path }) => path));
  const FILES = [['config', production, 161], ['security_yml', securityYml, 152]] as const;

  it.each(FILES)('has a check or a reason for every leaf of %s', (document, value, count) => {
    const leaves = leavesOf(value, []).map((keys) => formatEvidencePath({ document, keys }));
    expect(leaves).toHaveLength(count);
    const isChecked = (leaf: string): boolean => read.has(leaf) || (leaf.startsWith('security_yml.incident_response.team.') && read.has('security_yml.incident_response.team'));
    expect(leaves.filter((leaf) => !isChecked(leaf) && !excused.has(leaf))).toEqual([]);
  });
  it('excuses only leaves that exist and that no check reads', () => {
    const leaves = new Set(FILES.flatMap(([document, value]) => leavesOf(value, []).map((keys) => formatEvidencePath({ document, keys }))));
    expect([...excused].filter((path) => !leaves.has(path) || read.has(path))).toEqual([]);
  });
  it('finds in the files as they were shipped what the contracts tell of them', () => {
    const evidence: EvidenceSet = evidenceOf({ config: production, security_yml: securityYml, deployment: { environment: 'production', dialect: null, transport: 'encrypted', is_pinned: false } });
    const failing = pack?.checks.filter((check) => decideOver(pack, check, evidence).state === 'fail').map(({ id }) => id);
    expect(failing).toEqual(expect.arrayContaining(['csp.scripts', 'csp.third-party', 'placeholder.domain', 'placeholder.tracing', 'placeholder.keys', 'placeholder.names', 'placeholder.contacts', 'flags.analytics', 'cors.files', 'limits.sizes']));
    // What the file says right is right; what only a look or a person can tell stays open.
    const passed = pack?.checks.filter((check) => decideOver(pack, check, evidence).state === 'pass').map(({ id }) => id) ?? [];
    expect(passed).toEqual(expect.arrayContaining(['hsts.declared', 'session.lifetime', 'lockout.attempts', 'password.length', 'mfa.declared', 'rate.global', 'rate.login', 'rate.chat', 'rate.admin', 'backup.encrypted', 'memory.decay', 'ui.debug']));
    expect(passed.filter((id) => pack?.checks.find((check) => check.id === id)?.paths.some(({ document }) => !['config', 'security_yml', 'deployment'].includes(document)))).toEqual([]);
  });
});
