// A checklist has exactly the keys of the format in their order, of the types that STIG Viewer writes, and no status that claims more than is known.
import { describe, expect, it } from 'vitest';
import { z } from '#shared/zod.ts';
import { DIGEST, HOSTILE_TEXTS, hostileSource, source } from '../../../../test/support/security-view.ts';
import { writtenAs } from './forms.ts';
import type { ReportSource } from './report.ts';

const text = z.string();
const uuid = z.uuid();
const rule = z.strictObject({
  group_id_src: text, group_tree: z.array(z.strictObject({ id: text, title: text, description: text })).min(1), group_id: text, severity: z.enum(['high', 'medium', 'low', 'unknown']), group_title: text, rule_id_src: text, rule_id: text, rule_version: text, rule_title: text,
  fix_text: text, weight: text, check_content: text, check_content_ref: z.strictObject({ href: text, name: text }), classification: text, discussion: text, false_positives: text, false_negatives: text, documentable: text, security_override_guidance: text, potential_impacts: text,
  third_party_tools: text, ia_controls: text, responsibility: text, mitigations: text, mitigation_control: text, legacy_ids: z.array(text), ccis: z.array(text), reference_identifier: text, uuid, stig_uuid: uuid,
  status: z.enum(['not_reviewed', 'open', 'not_a_finding', 'not_applicable']), overrides: z.strictObject({}), comments: text, finding_details: text, srg_id: text,
});
const checklist = z.strictObject({
  title: text, id: uuid,
  stigs: z.array(z.strictObject({ stig_name: text, display_name: text, stig_id: text, release_info: text, version: text, uuid, reference_identifier: text, size: z.int(), rules: z.array(rule) })).length(1),
  active: z.literal(true), mode: z.literal(2), has_path: z.literal(false),
  target_data: z.strictObject({
    target_type: text, host_name: text, ip_address: text, mac_address: text, fqdn: text, comments: text, role: text, is_web_database: z.boolean(), technology_area: text, web_db_site: text, web_db_instance: text, classification: text,
  }),
  cklb_version: z.literal('1.0'),
});
type Checklist = z.infer<typeof checklist>;

async function read(given: ReportSource = source()): Promise<Checklist> {
  const raw: unknown = JSON.parse((await writtenAs('cklb', given)).toString('utf8'));
  const parsed = checklist.parse(raw);
  // A schema's shape is the order of the format.
  const inOrder = (value: object, shape: object): void => expect(Object.keys(value)).toEqual(Object.keys(shape));
  const [stig] = (raw as Checklist).stigs;
  inOrder(raw as object, checklist.shape);
  inOrder((raw as Checklist).target_data, checklist.shape.target_data.shape);
  inOrder(stig ?? {}, checklist.shape.stigs.element.shape);
  for (const one of stig?.rules ?? []) inOrder(one, rule.shape);
  return parsed;
}

describe('CKLB 1.0', () => {
  it('has every key of the facts, none besides, in their order', async () => {
    const { stigs: [stig], target_data } = await read();
    expect(stig?.size).toBe(stig?.rules.length);
    expect(new Set(stig?.rules.map((one) => one.stig_uuid))).toEqual(new Set([stig?.uuid]));
    expect(new Set(stig?.rules.map((one) => one.uuid)).size).toBe(stig?.rules.length);
    expect(target_data).toMatchObject({ host_name: 'navi.example.com', ip_address: '', fqdn: 'navi.example.com' });
    expect((await read(source({ deployment: { ...source().deployment, url: 'https://[::1]:8443' } }))).target_data).toMatchObject({ host_name: '', ip_address: '::1', fqdn: '' });
  });

  it('status and severity claim no more than is known', async () => {
    const { stigs: [stig] } = await read();
    expect(stig?.rules.map(({ group_id, status, severity }) => [group_id, status, severity])).toEqual([
      ['jwt.enabled', 'not_a_finding', 'high'], ['hsts.sent', 'open', 'high'], ['cors.any', 'open', 'medium'], ['docs.open', 'open', 'low'], ['2fa.on', 'not_reviewed', 'high'], ['tls.version', 'not_reviewed', 'high'], ['sso.on', 'not_applicable', 'low'],
    ]);
    expect(stig?.rules[0]?.comments).toBe('The baseline calls this critical; the checklist knows no more than high.');
    expect(stig?.rules[2]?.comments).toBe('Accepted by Kim Owner until 2026-12-31: Until the new gateway');
  });

  it('the four fields of a reviewer are all that differs between two looks', async () => {
    const base = source();
    const other = source({ view: { ...base.view, checks: base.view.checks.map((one) => ({ ...one, state: 'unknown' as const, seen: 'x', reason: 'y', exception: null, evidence: [], observedAt: null })) } });
    const fixed = async (given: ReportSource): Promise<unknown> => (await read(given)).stigs[0]?.rules.map(({ status: _status, overrides: _overrides, comments: _comments, finding_details: _details, ...rest }) => rest);
    expect(await fixed(other)).toEqual(await fixed(base));
  });

  it('details hold the evidence with its times, and the release names the digest and that the ids are our own', async () => {
    const { stigs: [stig] } = await read();
    expect(stig?.rules[0]?.finding_details).toContain('observed: $.status = 401 (GET /api/admin/users, 2026-11-20T10:00:03.5Z)');
    expect(stig?.release_info).toContain(DIGEST);
    expect(stig?.release_info).toContain('not a STIG of DISA');
    expect(stig?.rules.every(({ group_id, rule_id }) => !/^V-\d/.test(group_id) && !rule_id.startsWith('SV-'))).toBe(true);
  });

  it('whatever was read, the form stays', async () => {
    for (const hostile of HOSTILE_TEXTS) expect((await read(hostileSource(hostile))).stigs[0]?.size).toBe(source().view.checks.length);
  });
});
