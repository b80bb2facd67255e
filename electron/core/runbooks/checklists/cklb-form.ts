// The form of a CKLB as STIG Viewer 3 writes it: strict for what is written here, open for what comes from elsewhere, of which only a reviewer's fields are read.
import { z } from '#shared/zod.ts';
import { STATUSES } from './rows.ts';

export type { RunbookStep } from '#shared/domain/runbook-pack.ts';
export type RunbookSection = { readonly id: string; readonly title: string; readonly text?: string | undefined };

const uuid = z.string().regex(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
const text = z.string();

const rule = z.strictObject({
  group_id_src: text, group_tree: z.array(z.strictObject({ id: text, title: text, description: text })).min(1), group_id: text, severity: z.enum(['high', 'medium', 'low', 'unknown']), group_title: text, rule_id_src: text, rule_id: text, rule_version: text,
  rule_title: text, fix_text: text, weight: text, check_content: text, check_content_ref: z.strictObject({ href: text, name: text }), classification: text, discussion: text, false_positives: text, false_negatives: text, documentable: text,
  security_override_guidance: text, potential_impacts: text, third_party_tools: text, ia_controls: text, responsibility: text, mitigations: text, mitigation_control: text, legacy_ids: z.array(text), ccis: z.array(text), reference_identifier: text,
  uuid, stig_uuid: uuid, status: z.enum(STATUSES), overrides: z.record(z.string(), z.unknown()), comments: text, finding_details: text, srg_id: text,
});

/** Members in the order in which the viewer writes them. */
export const cklb = z.strictObject({
  title: text, id: uuid,
  stigs: z.array(z.strictObject({ stig_name: text, display_name: text, stig_id: text, release_info: text, version: text, uuid, reference_identifier: text, size: z.int().min(0), rules: z.array(rule) })),
  active: z.literal(true), mode: z.literal(2), has_path: z.literal(false),
  target_data: z.strictObject({ target_type: text, host_name: text, ip_address: text, mac_address: text, fqdn: text, comments: text, role: text, is_web_database: z.boolean(), technology_area: text, web_db_site: text, web_db_instance: text, classification: text }),
  cklb_version: z.literal('1.0'),
});

export const cklbRead = z.looseObject({ stigs: z.array(z.looseObject({ release_info: text.nullish(), rules: z.array(z.record(z.string(), z.unknown())) })) });
