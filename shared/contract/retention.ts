// Calls about retention: truth, holds, purge plans and their execution, proof, schedules, and what this workstation itself keeps.
import { z } from '../zod.ts';
import { deploymentId } from '../domain/deployment.ts';
import { cachedAges, dueBy, purgeOffer, retentionDays, retentionPolicy, retentionVerdict } from '../domain/retention.ts';
import { hold, holdFields, holdId } from '../domain/retention-hold.ts';
import { ownPolicy, ownPreview, ownPurge } from '../domain/retention-own.ts';
import { certificateReading, purgeApproval, purgePlan, purgePreview, purgeRun, retentionCertificate } from '../domain/retention-plan.ts';
import { lintReport, scheduleFiles, scheduleGiven, scheduleKind } from '../domain/retention-schedule.ts';
import { isoInstant } from '../domain/time.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

const byDeployment = z.strictObject({ deploymentId });
const path = z.string().min(1).max(4096);
const FILE_ERRORS = ['file_not_found', 'file_unreadable', 'too_large', 'unknown_format'] as const;
const OUT_ERRORS = ['file_exists', 'file_unwritable', 'file_not_found'] as const;

export const certificateHead = z.strictObject({ id: z.string(), issuedAt: isoInstant, outcome: retentionCertificate.shape.outcome, days: z.int().nullable(), runId: z.string().nullable() });

export const retentionView = z.strictObject({
  deploymentId,
  policy: retentionPolicy,
  verdict: retentionVerdict,
  ages: cachedAges,
  due: z.array(dueBy),
  holds: z.array(hold),
  purge: purgeOffer,
  isReadOnly: z.boolean(),
  /** The newest plan that has not ended; null when there is none. */
  plan: purgePlan.nullable(),
  /** Newest first. One that is requested or unknown must be settled before anything else is sent. */
  runs: z.array(purgeRun),
  certificates: z.array(certificateHead),
});
export type RetentionView = z.infer<typeof retentionView>;

export const retentionCalls = {
  /** From the cache; asks nobody. */
  'retention.show': call({ effect: 'read', input: byDeployment, output: retentionView, errors: ['deployment_not_found', 'not_offered'] }),
  /** Without `days` those of the policy. Asks nobody, keeps nothing. */
  'retention.preview': call({ effect: 'read', input: byDeployment.extend({ days: retentionDays.optional() }), output: purgePreview, errors: ['deployment_not_found', 'not_offered', 'policy_unknown', 'cancelled'] }),
  /** Keeps a plan, in the place of one that has not ended. In production it asks the deployment for its clock, by which a day of waiting is counted; else nobody. Refused when it touches held rows. */
  'retention.plan': call({ effect: 'write', input: byDeployment.extend({ days: retentionDays.optional() }), output: purgePlan, errors: ['deployment_not_found', 'not_offered', 'policy_unknown', 'rows_held', 'ledger_broken', 'cancelled'] }),
  'retention.dropPlan': call({ effect: 'write', input: byDeployment.extend({ planId: z.string() }), output: z.strictObject({}), errors: ['deployment_not_found', 'plan_expired'] }),
  /** A plan file of another profile: what it says, after its digest was checked. */
  'retention.readPlan': call({ effect: 'read', input: z.strictObject({ path }), output: purgePlan, errors: [...FILE_ERRORS, 'plan_damaged'] }),
  /** Signs a plan of another profile with the key of this one. */
  'retention.approve': call({
    effect: 'write', input: z.strictObject({ path, approvedBy: z.string().trim().min(1).max(120), note: z.string().trim().max(500).default('') }), output: purgeApproval,
    errors: [...FILE_ERRORS, 'plan_damaged', 'plan_expired', 'approval_refused', 'ledger_broken'],
  }),
  /** Reads an approval file and says whether it fits the plan. */
  'retention.readApproval': call({ effect: 'read', input: byDeployment.extend({ planId: z.string(), path }), output: purgeApproval, errors: ['deployment_not_found', ...FILE_ERRORS, 'plan_expired', 'approval_refused'] }),
  /** Arms one execution of a plan: a single-use token, bound to its digest, for as long as the window of the plan is open. */
  'retention.arm': call({
    effect: 'read', input: byDeployment.extend({ planId: z.string() }),
    output: z.strictObject({ token: z.string(), planDigest: z.string(), name: z.string(), rows: z.int(), /** What must be typed. */ confirm: z.string(), window: purgePlan.shape.windows.element, expiresAt: isoInstant }),
    errors: ['deployment_not_found', 'not_offered', 'read_only', 'plan_expired', 'purge_unsettled'],
  }),
  /** Long: looks anew, compares with the plan, writes the ledger entry, asks the deployment to delete, and keeps its answer. */
  'retention.purge': call({
    effect: 'destructive', input: byDeployment.extend({ planId: z.string(), token: z.string().max(128), confirm: z.string().max(128), approvalPath: path.nullable().default(null) }), output: purgeRun,
    errors: ['deployment_not_found', 'plan_expired', 'plan_changed', 'confirmation_mismatch', 'approval_refused', 'rows_held', 'purge_unsettled', ...FILE_ERRORS, 'ledger_broken', ...DEPLOYMENT_ERRORS],
  }),
  /** Looks whether a purge whose answer was lost has happened. Deletes nothing. */
  'retention.settle': call({ effect: 'write', input: byDeployment.extend({ runId: z.string() }), output: purgeRun, errors: ['deployment_not_found', 'plan_expired', 'ledger_broken', ...DEPLOYMENT_ERRORS] }),
  /** Long: looks, checks, and issues a signed certificate. `runId`: of that purge; left out, of this day. */
  'retention.verify': call({ effect: 'write', input: byDeployment.extend({ runId: z.string().optional() }), output: retentionCertificate, errors: ['deployment_not_found', 'not_offered', 'plan_expired', 'policy_unknown', 'ledger_broken', ...DEPLOYMENT_ERRORS] }),
  'retention.certificate': call({ effect: 'read', input: z.strictObject({ id: z.string() }), output: retentionCertificate, errors: ['certificate_not_found'] }),
  /** A certificate file of whoever, judged by itself: whether it is as it was signed, and what this profile knows of the key. Asks nobody. */
  'retention.readCertificate': call({ effect: 'read', input: z.strictObject({ path }), output: certificateReading, errors: [...FILE_ERRORS] }),
  /** JSON or PDF by the name of the file. */
  'retention.writeCertificate': call({ effect: 'write', input: z.strictObject({ id: z.string(), path, overwrite: z.boolean().default(false) }), output: z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.int() }), errors: ['certificate_not_found', 'unknown_format', ...OUT_ERRORS] }),
  'retention.writePlan': call({ effect: 'write', input: byDeployment.extend({ planId: z.string(), path, overwrite: z.boolean().default(false) }), output: z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.int() }), errors: ['deployment_not_found', 'plan_expired', ...OUT_ERRORS] }),
  'retention.writeApproval': call({ effect: 'write', input: z.strictObject({ planDigest: z.string(), path, overwrite: z.boolean().default(false) }), output: z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.int() }), errors: ['approval_refused', ...OUT_ERRORS] }),

  /** What a hold would take in, before it is set. */
  'retention.holdPreview': call({ effect: 'read', input: byDeployment.extend({ query: holdFields.query }), output: z.strictObject({ rows: z.int(), oldestAt: isoInstant.nullable(), newestAt: isoInstant.nullable(), withoutPayload: z.int(), gaps: z.int() }), errors: ['deployment_not_found', 'not_offered', 'invalid_query'] }),
  /** Long: sets the hold, then preserves what it matches. */
  'retention.holdAdd': call({ effect: 'write', input: byDeployment.extend(holdFields), output: hold, errors: ['deployment_not_found', 'not_offered', 'invalid_query', 'hold_exists', 'ledger_broken', 'cancelled'] }),
  'retention.holdList': call({ effect: 'read', input: byDeployment, output: z.strictObject({ holds: z.array(hold) }), errors: ['deployment_not_found'] }),
  'retention.holdRelease': call({ effect: 'write', input: byDeployment.extend({ holdId, reason: z.string().trim().min(3).max(500) }), output: hold, errors: ['deployment_not_found', 'hold_not_found', 'ledger_broken'] }),

  'retention.schedule': call({ effect: 'read', input: byDeployment.extend({ kind: scheduleKind, ...scheduleGiven }), output: scheduleFiles, errors: ['deployment_not_found', 'not_offered'] }),
  /** Writes one file of a schedule, as `retention.schedule` gives it; `name` is its name there. */
  'retention.writeSchedule': call({ effect: 'write', input: byDeployment.extend({ kind: scheduleKind, ...scheduleGiven, name: z.string().max(255), path, overwrite: z.boolean().default(false) }), output: z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.int() }), errors: ['deployment_not_found', 'not_offered', ...OUT_ERRORS] }),
  /** A pure function of its input: it needs no profile. */
  'retention.lint': call({ effect: 'read', whileLocked: true, input: z.strictObject({ text: z.string().max(262_144), name: z.string().max(255).default('') }), output: lintReport, errors: [] }),

  'retention.ownPolicy': call({ effect: 'read', input: z.strictObject({}), output: ownPolicy, errors: [] }),
  'retention.setOwnPolicy': call({ effect: 'write', input: ownPolicy, output: ownPolicy, errors: ['ledger_broken'] }),
  'retention.ownPreview': call({ effect: 'read', input: z.strictObject({}), output: ownPreview.extend({ /** Single-use, for retention.ownPurge. */ token: z.string() }), errors: ['cancelled'] }),
  /** Long: removes what was previewed, then VACUUM; that also where nothing was due, because an earlier purge may have left it. */
  'retention.ownPurge': call({ effect: 'destructive', input: z.strictObject({ token: z.string().max(128), digest: z.string().max(128) }), output: ownPurge, errors: ['plan_expired', 'plan_changed', 'ledger_broken', 'witness_broken', 'cancelled'] }),
} as const;
