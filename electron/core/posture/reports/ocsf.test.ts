// OCSF events fulfil what the published schema of 1.4.0 requires of Compliance Finding, whatever was read, and never call unknown a pass.
import { describe, expect, it } from 'vitest';
import { z } from '#shared/zod.ts';
import { DIGEST, HOSTILE_TEXTS, hostileSource, source } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
import type { ReportSource } from './report.ts';

const text = z.string();
/** What the class and its objects require, written down by hand from schema.ocsf.io/1.4.0/classes/compliance_finding: required attributes, their types, closed lists, and no attribute that the class does not have. */
const complianceFinding = z.strictObject({
  activity_id: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(99)]), category_uid: z.literal(2), class_uid: z.literal(2003), type_uid: z.int(), time: z.int(), severity_id: z.union([z.int().min(0).max(6), z.literal(99)]),
  status_id: z.int().min(0).max(5).optional(), comment: text.optional(), start_time: z.int().optional(), end_time: z.int().optional(), message: text,
  metadata: z.strictObject({ version: z.literal('1.4.0'), product: z.strictObject({ name: text, vendor_name: text, version: text }), uid: text }),
  finding_info: z.strictObject({
    uid: text, title: text, desc: text, types: z.array(text), analytic: z.strictObject({ type_id: z.int().min(0).max(11), uid: text, name: text, version: text, desc: text }), data_sources: z.array(text).optional(), last_seen_time: z.int().optional(),
  }),
  compliance: z.strictObject({
    standards: z.array(text).min(1), control: text, requirements: z.array(text).optional(), status_id: z.union([z.int().min(0).max(3), z.literal(99)]), status: text, status_code: text, status_details: z.array(text),
  }),
  evidences: z.array(z.strictObject({ data: z.looseObject({ kind: text, observed_at: text }) })).optional(), remediation: z.strictObject({ desc: text }),
  resources: z.array(z.strictObject({ uid: text, name: text, hostname: text.optional(), labels: z.array(text) })), unmapped: z.looseObject({}),
}).refine((event) => event.type_uid === event.class_uid * 100 + event.activity_id);
type Event = z.infer<typeof complianceFinding>;

async function read(given: ReportSource = source()): Promise<Event[]> {
  const content = (await writtenAs('ocsf', given)).toString('utf8');
  expect(content.endsWith('\n')).toBe(true);
  return content.slice(0, -1).split('\n').map((line) => complianceFinding.parse(JSON.parse(line)));
}

describe('OCSF 1.4.0, Compliance Finding', () => {
  it('one event a check; status and severity follow from the standing', async () => {
    expect((await read()).map(({ compliance, severity_id, status_id }) => [compliance.control, compliance.status_id, compliance.status, severity_id, status_id])).toEqual([
      ['jwt.enabled', 1, 'Pass', 1, undefined], ['hsts.sent', 3, 'Fail', 4, 1], ['cors.any', 3, 'Fail', 3, 3], ['docs.open', 3, 'Fail', 2, 1], ['2fa.on', 2, 'Warning', 4, undefined], ['tls.version', 2, 'Warning', 5, undefined], ['sso.on', 99, 'Not applicable', 1, undefined],
    ]);
  });

  it('carries evidence with its times, the digest and the exception', async () => {
    const [first, , accepted, , unknown] = await read();
    expect(first).toMatchObject({ time: Date.parse('2026-11-20T10:00:00.000Z'), start_time: Date.parse('2026-11-02T00:00:00Z'), end_time: Date.parse('2026-11-20T10:01:00Z'), unmapped: { baseline: { id: 'navi-production', version: '1.0.0', sha256: DIGEST } } });
    expect(first?.evidences?.map(({ data }) => data.observed_at)).toEqual(['2026-11-20T10:00:00.000001Z', '2026-11-20T10:00:03.5Z', '2026-11-20T10:01:00Z', '2026-11-02T00:00:00Z']);
    expect(accepted).toMatchObject({ comment: 'Accepted by Kim Owner until 2026-12-31: Until the new gateway' });
    expect(unknown).not.toHaveProperty('evidences');
    expect(unknown?.time).toBe(Date.parse('2026-11-20T10:01:00Z'));
  });

  it('whatever was read, one line a check and what the class requires', async () => {
    for (const hostile of HOSTILE_TEXTS) expect(await read(hostileSource(hostile))).toHaveLength(source().view.checks.length);
  });
});
