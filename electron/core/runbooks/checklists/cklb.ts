// The checklist of STIG Viewer 3 (.cklb): a run written as one, with ids of its own and never those of DISA, and a reviewer's fields read from one and written into one.
import type { RunbookSection, RunbookStep } from './cklb-form.ts';
import { cklb, cklbRead } from './cklb-form.ts';
import { parseStrictJson } from '../../deployments/strict-json.ts';
import { jsonReport } from '../../posture/reports/json-report.ts';
import { uuidOf } from '../../posture/reports/report.ts';
import { stepDigest } from '../packs/packs.ts';
import type { LoadedRun } from '../runs/store.ts';
import { placesIn } from './json-places.ts';
import type { JsonPlace } from './json-places.ts';
import { fieldsOf, standingOf, STATUSES } from './rows.ts';
import type { Checklist, ChecklistRow, ReviewFields } from './rows.ts';

const RELEASE = /^Holdfast runbook ([a-z0-9.-]+) /;
const TEXT_DIGEST = /Text of the step, sha256 ([0-9a-f]{64})\./;

function ruleOf(run: LoadedRun, step: RunbookStep, { section, stigUuid }: { readonly section: RunbookSection; readonly stigUuid: string }): object {
  const { pack } = run;
  const { status, details, comments } = fieldsOf(run, standingOf(run, step));
  return {
    group_id_src: step.id, group_tree: [{ id: section.id, title: section.title, description: section.text ?? '' }], group_id: step.id, severity: 'unknown', group_title: section.title, rule_id_src: `${step.id}_rule`, rule_id: `${step.id}_rule`, rule_version: step.id,
    rule_title: step.title, fix_text: step.text ?? '', weight: '10.0', check_content: `${step.evidence === undefined ? '' : `Evidence: ${step.evidence}\n`}Text of the step, sha256 ${stepDigest(step)}.`,
    check_content_ref: { href: `${pack.id}-${pack.version}.yaml`, name: step.id }, classification: '', discussion: '', false_positives: '', false_negatives: '', documentable: 'false',
    security_override_guidance: '', potential_impacts: '', third_party_tools: '', ia_controls: '', responsibility: pack.roles.find(({ id }) => id === step.role)?.title ?? '', mitigations: '', mitigation_control: '', legacy_ids: [], ccis: [], reference_identifier: '',
    uuid: uuidOf(JSON.stringify(['cklb rule', run.id, step.id])), stig_uuid: stigUuid, status, overrides: {}, comments, finding_details: details, srg_id: '',
  };
}

/** Same state, same text. */
export function cklbOf(run: LoadedRun): string {
  const { pack, state } = run;
  const stigUuid = uuidOf(JSON.stringify(['cklb stig', run.id]));
  const rules = pack.sections.flatMap((section) => section.steps.map((step) => ruleOf(run, step, { section, stigUuid })));
  const host = state.deployment === null || !URL.canParse(state.deployment.url) ? '' : new URL(state.deployment.url).hostname;
  // What leaves is what the format allows: members in its order, and none besides.
  return jsonReport(cklb.parse({
    title: state.title, id: uuidOf(JSON.stringify(['cklb', run.id])),
    stigs: [{
      stig_name: pack.title, display_name: pack.title, stig_id: pack.id, release_info: `Holdfast runbook ${pack.id} ${pack.version}, sha256 ${run.packDigest}. Its ids are its own: this is not a STIG of DISA.`,
      version: pack.version, uuid: stigUuid, reference_identifier: '', size: rules.length, rules,
    }],
    active: true, mode: 2, has_path: false,
    target_data: {
      target_type: 'Computing', host_name: host, ip_address: '', mac_address: '', fqdn: host, comments: [`${run.id}, started ${state.startedAt} by ${state.startedBy}`, ...(state.deployment === null ? [] : [`${state.deployment.name}, ${state.deployment.url}`])].join('\n'),
      role: 'None', is_web_database: false, technology_area: '', web_db_site: '', web_db_instance: '', classification: '',
    },
    cklb_version: '1.0',
  }));
}

function overrideOf(overrides: unknown): string {
  return typeof overrides === 'object' && overrides !== null && Object.keys(overrides).length > 0 ? JSON.stringify(overrides) : '';
}

function fieldsIn(rule: Readonly<Record<string, unknown>>): ReviewFields | { readonly problem: string } {
  const status = STATUSES.find((each) => each === rule['status']);
  if (status === undefined) return { problem: `Its status ${JSON.stringify(rule['status'])?.slice(0, 40) ?? 'is missing and'} is none.` };
  const [details, comments] = [rule['finding_details'] ?? '', rule['comments'] ?? ''];
  if (typeof details !== 'string' || typeof comments !== 'string') return { problem: 'Its finding details or its comments are no text.' };
  const lines = (text: string): string => text.replaceAll(/\r\n?/g, '\n');
  return { status, details: lines(details), comments: lines(comments), override: overrideOf(rule['overrides']) };
}

/** Those that a run writes, by their name in the file; it knows no severity of a step, so that an override stays as it is. */
const WRITTEN = { status: 'status', details: 'finding_details', comments: 'comments' } as const;

interface Patch { readonly start: number; readonly end: number; readonly text: string }

function patchesOf(rule: JsonPlace, row: ChecklistRow, change: Partial<ReviewFields>): readonly Patch[] {
  const { fields } = row;
  const status = rule.members.get('status');
  if ('problem' in fields || status === undefined) return [];
  return (Object.keys(WRITTEN) as (keyof typeof WRITTEN)[]).flatMap((field): Patch[] => {
    const value = change[field];
    if (value === undefined || value === fields[field]) return [];
    const place = rule.members.get(WRITTEN[field]);
    // A field that is not there stands behind the status.
    return [place === undefined ? { start: status.end, end: status.end, text: `,${JSON.stringify(WRITTEN[field])}:${JSON.stringify(value)}` } : { start: place.start, end: place.end, text: JSON.stringify(value) }];
  }).sort((a, b) => a.start - b.start || a.end - b.end);
}

function filled(text: string, rows: readonly ChecklistRow[], changes: ReadonlyMap<number, Partial<ReviewFields>>): Buffer {
  const rules = placesIn(text).members.get('stigs')?.items.flatMap((stig) => stig.members.get('rules')?.items ?? []) ?? [];
  const parts: string[] = [];
  let at = 0;
  rows.forEach((row, index) => {
    const [rule, change] = [rules[index], changes.get(row.row)];
    for (const { start, end, text: written } of rule === undefined || change === undefined ? [] : patchesOf(rule, row, change)) {
      parts.push(text.slice(at, start), written);
      at = end;
    }
  });
  return Buffer.from([...parts, text.slice(at)].join(''));
}

const MARK = Buffer.from('\ufeff');

/** Null: it is no such checklist. @throws AppError for JSON that is none, or has two readings */
export function readCklb(bytes: Buffer): Checklist | null {
  const mark = bytes.subarray(0, 3).equals(MARK) ? MARK : Buffer.alloc(0);
  const body = bytes.subarray(mark.length);
  const rows = rowsIn(parseStrictJson(body));
  return rows === null ? null : { rows, filled: (changes) => Buffer.concat([mark, filled(body.toString('utf8'), rows, changes)]) };
}

function rowsIn(value: unknown): readonly ChecklistRow[] | null {
  const read = cklbRead.safeParse(value);
  if (!read.success) return null;
  let row = 0;
  return read.data.stigs.flatMap((stig) => stig.rules.map((rule): ChecklistRow => {
    row += 1;
    const text = (name: string): string => (typeof rule[name] === 'string' ? rule[name] : '');
    const ids = ['group_id', 'rule_id', 'rule_version', 'group_id_src', 'rule_id_src'].map(text).filter((id) => id !== '');
    return { row, id: ids[0] ?? '', ids: [...new Set(ids)], fields: fieldsIn(rule), textDigest: TEXT_DIGEST.exec(text('check_content'))?.[1] ?? null, packId: RELEASE.exec(stig.release_info ?? '')?.[1] ?? null };
  }));
}
