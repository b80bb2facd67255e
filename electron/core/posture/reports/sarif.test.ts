// SARIF fulfils the schema of OASIS whatever was read; only a failing check is a failure, and only an exception that holds suppresses one.
import { describe, expect, it } from 'vitest';
import { publishedSchema } from '../../../../test/support/published-schema.ts';
import { DIGEST, HOSTILE_TEXTS, hostileSource, source, view } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
import type { ReportSource } from './report.ts';

const schema = publishedSchema('sarif-2.1.0.json');

interface Result { readonly ruleId: string; readonly ruleIndex: number; readonly kind: string; readonly level: string; readonly guid: string; readonly message: { readonly text: string }; readonly locations: readonly object[]; readonly suppressions: readonly { readonly kind: string; readonly status: string; readonly justification: string }[]; readonly properties: Readonly<Record<string, unknown>> }
interface Run { readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string; readonly help: { readonly text: string }; readonly defaultConfiguration: { readonly level: string } }[]; readonly properties: { readonly baseline: { readonly digest: string } } } }; readonly invocations: readonly [{ readonly executionSuccessful: boolean }]; readonly results: readonly Result[]; readonly properties: Readonly<Record<string, unknown>> }

const read = async (given: ReportSource = source()): Promise<Run> => (JSON.parse((await writtenAs('sarif', given)).toString('utf8')) as { readonly runs: readonly [Run] }).runs[0];

describe('SARIF 2.1.0', () => {
  it('fulfils the published schema, also with hostile texts and without a check', async (context) => {
    if (schema === null) return context.skip('../shared/vectors/schemas is not here');
    const empty = source({ view: view([], { observedAt: null, lastFailure: null, uncovered: [] }) });
    expect(schema({ version: '2.1.0', runs: 'none' })).not.toEqual([]);
    for (const given of [source(), empty, ...HOSTILE_TEXTS.map(hostileSource)]) expect(schema(JSON.parse((await writtenAs('sarif', given)).toString('utf8'))), given.deployment.name).toEqual([]);
  });

  it('kinds and levels follow from the states', async () => {
    const { results } = await read();
    expect(results.map(({ ruleId, kind, level }) => [ruleId, kind, level])).toEqual([
      ['jwt.enabled', 'pass', 'none'], ['hsts.sent', 'fail', 'error'], ['cors.any', 'fail', 'warning'], ['docs.open', 'fail', 'note'], ['2fa.on', 'review', 'none'], ['tls.version', 'review', 'none'], ['sso.on', 'notApplicable', 'none'],
    ]);
  });

  it('an exception that holds suppresses its failure, one that ended is rejected, and the others have an empty list', async () => {
    const { results } = await read();
    expect(results.map(({ suppressions }) => suppressions.map(({ kind, status, justification }) => [kind, status, justification]))).toEqual([
      [], [], [['external', 'accepted', 'Accepted by Kim Owner until 2026-12-31: Until the new gateway']], [['external', 'rejected', 'The exception of Kim Owner ended after 2026-11-01: Until the new gateway']], [], [], [],
    ]);
  });

  it('every result points at its rule, which says why and how to fix', async () => {
    const { results, tool: { driver } } = await read();
    for (const { ruleId, ruleIndex } of results) expect(driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(driver.rules[1]?.help.text).toBe('Why hsts.sent matters\nFix: Fix hsts.sent\nReferences: NIST SP 800-53 AC-3; OWASP ASVS 5.0 9.1.1');
    expect(new Set(results.map(({ guid }) => guid)).size).toBe(results.length);
    expect(driver.properties.baseline.digest).toBe(DIGEST);
  });

  it('carries the evidence and the summary, and says when the last look failed', async () => {
    const run = await read();
    expect(run.results[0]?.properties['evidence']).toEqual(source().view.checks[0]?.evidence);
    expect(run.properties).toMatchObject({ summary: '4 of 6 known and fresh: 1 pass, 2 fail, 1 accepted', contradictions: ['hsts.sent'], judgedOn: '2026-11-22', observedAt: '2026-11-20T10:00:03.5Z' });
    expect(run.invocations[0].executionSuccessful).toBe(false);
    expect((await read(source({ view: view(undefined, { lastFailure: null }) }))).invocations[0].executionSuccessful).toBe(true);
  });

  it('no text is an argument or a link of a message', async () => {
    expect((await read(hostileSource('{0} {{x}}'))).results[0]?.message.text).toBe('{{0}} {{{{x}}}}. {{0}} {{{{x}}}}');
    // An even number of backslashes would leave the bracket as it is.
    for (const hostile of ['[click](https://evil.example)', '[click\\](https://evil.example)', '[click\\\\](https://evil.example)']) {
      for (const { message } of (await read(hostileSource(hostile))).results) expect(message.text, hostile).not.toMatch(/(?<!\\)(?:\\\\)*\]\(/);
    }
  });

  it('an address that is none is no location', async () => {
    expect((await read(hostileSource('not an address'))).results[0]?.locations).toEqual([{ logicalLocations: [{ name: 'not an address', kind: 'resource' }] }]);
  });
});
