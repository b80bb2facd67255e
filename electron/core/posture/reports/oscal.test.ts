// OSCAL assessment results fulfil the schema of NIST whatever was read, keep every evidence with its time, and call nothing satisfied that is not a pass.
import { describe, expect, it } from 'vitest';
import { publishedSchema } from '../../../../test/support/published-schema.ts';
import { DIGEST, HOSTILE_TEXTS, hostileSource, source, view } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
import type { ReportSource } from './report.ts';

const schema = publishedSchema('oscal-assessment-results.json');

interface Prop { readonly name: string; readonly value: string }
interface Finding { readonly title: string; readonly props: readonly Prop[]; readonly target: { readonly 'target-id': string; readonly status: { readonly state: string; readonly reason: string }; readonly 'implementation-status'?: { readonly state: string } }; readonly 'related-risks'?: readonly { readonly 'risk-uuid': string }[]; readonly 'related-observations'?: readonly { readonly 'observation-uuid': string }[] }
interface Result { readonly start: string; readonly end: string; readonly props: readonly Prop[]; readonly observations: readonly { readonly uuid: string; readonly methods: readonly string[]; readonly collected: string; readonly 'relevant-evidence': readonly { readonly props: readonly Prop[] }[] }[]; readonly risks: readonly { readonly uuid: string; readonly status: string; readonly deadline: string }[]; readonly findings: readonly Finding[] }
interface Document { readonly 'assessment-results': { readonly uuid: string; readonly metadata: { readonly 'last-modified': string; readonly 'oscal-version': string }; readonly 'import-ap': { readonly href: string }; readonly results: readonly [Result]; readonly 'back-matter': { readonly resources: readonly [{ readonly uuid: string; readonly rlinks: readonly [{ readonly hashes: readonly object[] }] }] } } }

const read = async (given: ReportSource = source()): Promise<Document['assessment-results']> => (JSON.parse((await writtenAs('oscal', given)).toString('utf8')) as Document)['assessment-results'];
const propOf = (props: readonly Prop[], name: string): string | undefined => props.find((prop) => prop.name === name)?.value;

describe('OSCAL 1.2.1', () => {
  it('fulfils the published schema, also with hostile texts and without a check', async (context) => {
    if (schema === null) return context.skip('../shared/vectors/schemas is not here');
    const empty = source({ view: view([], { observedAt: null, lastFailure: null, uncovered: [] }) });
    expect(schema({ 'assessment-results': {} })).not.toEqual([]);
    for (const given of [source(), empty, ...HOSTILE_TEXTS.map(hostileSource)]) expect(schema(JSON.parse((await writtenAs('oscal', given)).toString('utf8'))), given.deployment.name).toEqual([]);
  });

  it('only a pass is satisfied; unknown, stale and not applicable say so in their reason', async () => {
    const { results: [{ findings }] } = await read();
    expect(findings.map(({ target, props }) => [propOf(props, 'standing'), target.status.state, target.status.reason, target['implementation-status']?.state])).toEqual([
      ['pass', 'satisfied', 'pass', undefined], ['fail', 'not-satisfied', 'fail', undefined], ['accepted', 'not-satisfied', 'fail', undefined], ['fail', 'not-satisfied', 'fail', undefined],
      ['unknown', 'not-satisfied', 'other', undefined], ['stale', 'not-satisfied', 'other', undefined], ['not-applicable', 'not-satisfied', 'other', 'not-applicable'],
    ]);
  });

  it('evidence is an observation with its method and time, once, and findings point to it', async () => {
    const { results: [{ observations, findings, start, end }] } = await read();
    expect(observations.map(({ methods, collected }) => [methods[0], collected])).toEqual([['EXAMINE', '2026-11-20T10:00:00.000001Z'], ['TEST', '2026-11-20T10:00:03.5Z'], ['EXAMINE', '2026-11-20T10:01:00Z'], ['INTERVIEW', '2026-11-02T00:00:00Z']]);
    expect(observations[0]?.['relevant-evidence'][0]?.props).toEqual([expect.objectContaining({ name: 'kind', value: 'declared' }), expect.objectContaining({ name: 'source', value: 'GET /api/admin/security/status' }), expect.objectContaining({ name: 'path', value: '$.jwt.enabled' }), expect.objectContaining({ name: 'value', value: 'true' })]);
    const known = new Set(observations.map(({ uuid }) => uuid));
    expect(findings.flatMap((finding) => finding['related-observations'] ?? []).every((one) => known.has(one['observation-uuid']))).toBe(true);
    expect([start, end]).toEqual(['2026-11-02T00:00:00Z', '2026-11-20T10:01:00Z']);
  });

  it('an exception is a risk: approved while it holds, open once it ended', async () => {
    const { results: [{ risks, findings }] } = await read();
    expect(risks.map(({ status, deadline }) => [status, deadline])).toEqual([['deviation-approved', '2026-12-31T23:59:59Z'], ['open', '2026-11-01T23:59:59Z']]);
    expect(findings.flatMap((finding) => finding['related-risks'] ?? []).map((one) => one['risk-uuid'])).toEqual(risks.map(({ uuid }) => uuid));
  });

  it('names the baseline by its digest', async () => {
    const document = await read();
    expect(document.metadata['oscal-version']).toBe('1.2.1');
    expect(propOf(document.results[0].props, 'baseline-sha256')).toBe(DIGEST);
    expect(document['back-matter'].resources[0].rlinks[0].hashes).toEqual([{ algorithm: 'SHA-256', value: DIGEST }]);
    expect(document['import-ap'].href).toBe(`#${document['back-matter'].resources[0].uuid}`);
  });

  it('text is markup that says the same and does nothing', async () => {
    const { results: [{ findings }] } = await read(hostileSource('[click](https://evil.example) <b> **x**'));
    expect(findings[0]?.title).toBe('\\[click\\](https://evil.example) \\<b\\> \\*\\*x\\*\\*');
  });
});
