// Calls about runbooks: packs, runs, steps, live checks, evidence, the war-room, merging of histories, review and reports.
import { z } from '../zod.ts';
import { deploymentId } from '../domain/deployment.ts';
import { runbookPack } from '../domain/runbook-pack.ts';
import { evidenceRef, mergeReport, runId, stepOutcome, stepStanding } from '../domain/runbook-run.ts';
import { runView } from '../domain/runbook-view.ts';
import { isoInstant } from '../domain/time.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

const byRun = z.strictObject({ runId });
const path = z.string().min(1).max(4096);
const person = z.string().trim().min(1).max(120);
const stepId = z.string().min(1).max(80);
const FILE_ERRORS = ['file_not_found', 'file_unreadable', 'too_large', 'unknown_format'] as const;
const OUT_ERRORS = ['file_exists', 'file_unwritable', 'file_not_found'] as const;
const RUN_ERRORS = ['run_not_found', 'run_ended', 'ledger_broken'] as const;
const written = z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.int() });

export const runbookHead = z.strictObject({ id: z.string(), version: z.string(), title: z.string(), kind: runbookPack.shape.kind, digest: z.string(), steps: z.int(), isShipped: z.boolean(), importedAt: isoInstant.nullable(), applies: z.array(z.enum(['navi', 'karen'])) });
export const runHead = z.strictObject({ runId, packId: z.string(), packTitle: z.string(), title: z.string(), severity: z.string().nullable(), isDrill: z.boolean(), deployment: z.string().nullable(), startedAt: isoInstant, endedAt: isoInstant.nullable(), /** How it ended; null while it is open. */ outcome: z.enum(['completed', 'stopped']).nullable(), done: z.int(), steps: z.int(), conflicts: z.int(), people: z.int() });
export const lintFound = z.strictObject({ line: z.int(), column: z.int(), message: z.string() });
export const identity = z.strictObject({ fingerprint: z.string(), publicKey: z.string(), name: z.string().nullable(), trust: z.enum(['self', 'trusted', 'not-trusted-yet', 'distrusted']), firstSeenAt: isoInstant, runs: z.int() });
export type RunbookHead = z.infer<typeof runbookHead>;
export type RunHead = z.infer<typeof runHead>;
export type Identity = z.infer<typeof identity>;

export const runbookCalls = {
  'runbook.list': call({ effect: 'read', input: z.strictObject({}), output: z.strictObject({ runbooks: z.array(runbookHead) }), errors: [] }),
  'runbook.show': call({ effect: 'read', input: z.strictObject({ id: z.string().max(80) }), output: z.strictObject({ head: runbookHead, pack: runbookPack }), errors: ['runbook_not_found'] }),
  /** Everything that is wrong with a pack, by line and column; empty when it is sound. It needs no profile: an author has a file and no more. */
  'runbook.lint': call({ effect: 'read', whileLocked: true, input: z.strictObject({ path }), output: z.strictObject({ problems: z.array(lintFound), id: z.string().nullable(), steps: z.int() }), errors: ['file_not_found', 'file_unreadable', 'too_large'] }),
  'runbook.import': call({ effect: 'write', input: z.strictObject({ path }), output: runbookHead, errors: ['file_not_found', 'file_unreadable', 'too_large', 'invalid_runbook', 'runbook_exists', 'ledger_broken'] }),
  /** A sheet to print and fill in by hand. */
  'runbook.blank': call({ effect: 'write', input: z.strictObject({ id: z.string().max(80), path, overwrite: z.boolean().default(false) }), output: written, errors: ['runbook_not_found', ...OUT_ERRORS] }),

  'run.list': call({ effect: 'read', input: z.strictObject({ limit: z.int().min(1).max(1000).default(200) }), output: z.strictObject({ runs: z.array(runHead) }), errors: [] }),
  'run.start': call({
    effect: 'write', errors: ['runbook_not_found', 'deployment_not_found', 'not_offered', 'run_not_found', 'ledger_broken'],
    input: z.strictObject({ packId: z.string().max(80), deploymentId: deploymentId.nullable().default(null), title: z.string().trim().min(1).max(200).optional(), severity: z.string().max(80).nullable().default(null), drill: z.boolean().default(false), /** Carries results over from this run, where the text of the step is the same. */ carryFrom: runId.nullable().default(null) }),
    output: runView,
  }),
  'run.show': call({ effect: 'read', input: byRun, output: runView, errors: ['run_not_found'] }),
  'run.step': call({
    effect: 'write', errors: [...RUN_ERRORS, 'step_not_found', 'step_unproven', 'step_waits', ...FILE_ERRORS], output: stepStanding,
    input: byRun.extend({ step: stepId, outcome: stepOutcome, note: z.string().max(4000).default(''), evidence: z.array(path).max(20).default([]), override: z.string().trim().min(3).max(500).nullable().default(null) }),
  }),
  /** Asks what the check asks; offline it is refused, and can be attested. */
  'run.check': call({ effect: 'write', input: byRun.extend({ step: stepId }), output: stepStanding, errors: [...RUN_ERRORS, 'step_not_found', 'deployment_not_found', 'probes_off', ...DEPLOYMENT_ERRORS] }),
  'run.attest': call({ effect: 'write', input: byRun.extend({ step: stepId, by: person, result: z.enum(['pass', 'fail']), seen: z.string().trim().min(3).max(500) }), output: stepStanding, errors: [...RUN_ERRORS, 'step_not_found', 'step_unproven'] }),
  'run.decide': call({ effect: 'write', input: byRun.extend({ step: stepId.nullable(), option: z.string().trim().min(1).max(200), reason: z.string().trim().min(1).max(1000) }), output: runView, errors: [...RUN_ERRORS, 'step_not_found'] }),
  'run.timer': call({ effect: 'write', input: byRun.extend({ step: stepId, action: z.enum(['started', 'acknowledged', 'stopped']) }), output: stepStanding, errors: [...RUN_ERRORS, 'step_not_found'] }),
  'run.entry': call({ effect: 'write', input: byRun.extend({ text: z.string().trim().min(1).max(2000), occurredAt: isoInstant.nullable().default(null) }), output: runView, errors: [...RUN_ERRORS] }),
  'run.action': call({ effect: 'write', input: byRun.extend({ id: z.string().nullable().default(null), text: z.string().trim().min(1).max(500), owner: person, due: z.iso.date().nullable().default(null), isDone: z.boolean().default(false) }), output: runView, errors: [...RUN_ERRORS] }),
  'run.role': call({ effect: 'write', input: byRun.extend({ role: z.string().max(80), name: person.nullable() }), output: runView, errors: [...RUN_ERRORS] }),
  'run.severity': call({ effect: 'write', input: byRun.extend({ severity: z.string().max(80), reason: z.string().trim().min(1).max(1000) }), output: runView, errors: [...RUN_ERRORS] }),
  'run.milestone': call({ effect: 'write', input: byRun.extend({ what: z.enum(['acknowledged', 'mitigated', 'resolved']), occurredAt: isoInstant.nullable().default(null) }), output: runView, errors: [...RUN_ERRORS] }),
  'run.sign': call({ effect: 'write', input: byRun.extend({ step: stepId.nullable().default(null), role: z.string().max(80), name: person, verdict: z.enum(['approved', 'conditional', 'refused']), statement: z.string().trim().max(1000).default('') }), output: runView, errors: [...RUN_ERRORS, 'step_not_found', 'step_waits'] }),
  'run.submit': call({ effect: 'write', input: byRun.extend({ note: z.string().max(4000).default('') }), output: runView, errors: [...RUN_ERRORS] }),
  'run.review': call({ effect: 'write', input: byRun.extend({ of: z.string(), verdict: z.enum(['accepted', 'rejected']), feedback: z.string().max(4000).default('') }), output: runView, errors: ['run_not_found', 'review_refused', 'ledger_broken'] }),
  'run.end': call({ effect: 'write', input: byRun.extend({ outcome: z.enum(['completed', 'stopped']), note: z.string().max(4000).default('') }), output: runView, errors: [...RUN_ERRORS, 'step_unproven'] }),

  /** A file, an image from the clipboard (bytes in base64), an audit query, a snapshot of the posture, or output as text. */
  'run.addEvidence': call({
    effect: 'write', errors: [...RUN_ERRORS, 'step_not_found', ...FILE_ERRORS, 'deployment_not_found', 'invalid_query', 'disk_full'], output: evidenceRef,
    input: byRun.extend({ step: stepId.nullable().default(null), note: z.string().max(4000).default(''), from: z.discriminatedUnion('source', [
      z.strictObject({ source: z.literal('file'), path }), z.strictObject({ source: z.literal('clipboard'), name: z.string().min(1).max(255), base64: z.string().max(1_500_000) }),
      z.strictObject({ source: z.literal('audit-query'), deploymentId, query: z.string().max(4096) }), z.strictObject({ source: z.literal('security-snapshot'), deploymentId }), z.strictObject({ source: z.literal('output'), name: z.string().min(1).max(255), text: z.string().max(1_000_000) }),
    ]) }),
  }),
  /** A part of one, decrypted and checked against its digest; never executed. `text` for what reads as text. */
  'run.evidence': call({ effect: 'read', input: byRun.extend({ digest: z.string().regex(/^[0-9a-f]{64}$/), offset: z.int().min(0).default(0) }), output: z.strictObject({ ref: evidenceRef, base64: z.string(), nextOffset: z.int().nullable() }), errors: ['run_not_found', 'evidence_not_found', 'evidence_damaged'] }),
  'run.saveEvidence': call({ effect: 'write', input: byRun.extend({ digest: z.string().regex(/^[0-9a-f]{64}$/), path, overwrite: z.boolean().default(false) }), output: written, errors: ['run_not_found', 'evidence_not_found', 'evidence_damaged', ...OUT_ERRORS] }),

  'run.export': call({ effect: 'write', input: byRun.extend({ path, overwrite: z.boolean().default(false), withEvidence: z.boolean().default(true) }), output: written.extend({ events: z.int() }), errors: ['run_not_found', 'evidence_damaged', 'too_large', 'ledger_broken', ...OUT_ERRORS] }),
  /** Joins the history of a file with the one that is here. What is forged or altered is refused and named; the rest is taken, in one transaction. */
  'run.import': call({ effect: 'write', input: z.strictObject({ path }), output: mergeReport, errors: [...FILE_ERRORS, 'run_file_damaged', 'ledger_broken', 'disk_full'] }),
  /** Null: none. Files of runs that appear there are joined, and this machine's changes are written there. */
  'run.watch': call({ effect: 'write', input: z.strictObject({ path: path.nullable() }), output: z.strictObject({ path: z.string().nullable(), lastAt: isoInstant.nullable(), problem: z.string().nullable() }), errors: ['file_not_found', 'file_unwritable'] }),
  'run.watching': call({ effect: 'read', input: z.strictObject({}), output: z.strictObject({ path: z.string().nullable(), lastAt: isoInstant.nullable(), problem: z.string().nullable() }), errors: [] }),

  'identity.list': call({ effect: 'read', input: z.strictObject({}), output: z.strictObject({ /** Null until the profile has signed something. */ self: identity.nullable(), others: z.array(identity) }), errors: [] }),
  'identity.rename': call({ effect: 'write', input: z.strictObject({ name: person }), output: identity, errors: ['ledger_broken'] }),
  'identity.trust': call({ effect: 'write', input: z.strictObject({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/), name: person, isTrusted: z.boolean() }), output: identity, errors: ['identity_not_found', 'ledger_broken'] }),

  'run.report': call({ effect: 'write', input: byRun.extend({ format: z.enum(['md', 'html', 'pdf']), path, overwrite: z.boolean().default(false) }), output: written, errors: ['run_not_found', ...OUT_ERRORS] }),
  /** The same in parts of text, for a terminal and for the preview: Markdown and HTML only. */
  'run.reportText': call({ effect: 'read', input: byRun.extend({ format: z.enum(['md', 'html']), offset: z.int().min(0).default(0) }), output: z.strictObject({ text: z.string(), nextOffset: z.int().nullable() }), errors: ['run_not_found'] }),
  /** A message from a template of the pack, filled in from the run. */
  'run.message': call({ effect: 'read', input: byRun.extend({ template: z.string().max(80) }), output: z.strictObject({ title: z.string(), text: z.string(), /** What could not be filled in. */ lacking: z.array(z.string()) }), errors: ['run_not_found', 'template_not_found'] }),

  'run.cklbExport': call({ effect: 'write', input: byRun.extend({ path, overwrite: z.boolean().default(false) }), output: written, errors: ['run_not_found', ...OUT_ERRORS] }),
  /** CKLB or CKL: the reviewer's fields of rows that this runbook has become step events. */
  'run.checklistImport': call({
    effect: 'write', input: byRun.extend({ path }), errors: [...RUN_ERRORS, ...FILE_ERRORS],
    output: z.strictObject({ taken: z.int(), unchanged: z.int(), rows: z.array(z.strictObject({ row: z.int(), id: z.string(), outcome: z.enum(['taken', 'unchanged', 'refused', 'not-in-runbook']), reason: z.string() })) }),
  }),
  /** Writes the reviewer's four fields of a CKLB or CKL as this run has them; everything else stays byte for byte. */
  'run.cklFill': call({ effect: 'write', input: byRun.extend({ from: path, path, overwrite: z.boolean().default(false) }), output: written.extend({ rows: z.array(z.strictObject({ row: z.int(), id: z.string(), outcome: z.enum(['written', 'unchanged', 'not-in-runbook']), reason: z.string() })) }), errors: ['run_not_found', ...FILE_ERRORS, ...OUT_ERRORS] }),
} as const;
