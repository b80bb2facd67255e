// Calls about a deployment's security posture: shown from the cache, looked at anew on demand, with evidence, exceptions, snapshots and baselines.
import { z } from '../zod.ts';
import { deploymentId } from '../domain/deployment.ts';
import { checkCounts, exception, securityCheck } from '../domain/evidence.ts';
import { baseline, fleet, postureDiff, probeConsent, probePlan, snapshotHead } from '../domain/posture.ts';
import { isoInstant } from '../domain/time.ts';
import { call, DEPLOYMENT_ERRORS } from './call.ts';

const baselineId = z.string().min(1).max(64);
const checkId = z.string().min(1).max(80);
const byDeployment = z.strictObject({ deploymentId });

export const securityView = z.strictObject({
  deploymentId,
  baseline,
  checks: z.array(securityCheck),
  counts: checkCounts,
  /** "41 of 52 known and fresh: 37 pass, 3 fail, 1 accepted". */
  summary: z.string(),
  /** When evidence last came from the deployment itself; null when it never did. */
  observedAt: isoInstant.nullable(),
  /** Why the last look failed, when it did after the last success. */
  lastFailure: z.strictObject({ code: z.string(), message: z.string(), hint: z.string(), at: isoInstant }).nullable(),
  /** The newest snapshot; null before the first look. */
  snapshotId: z.int().nullable(),
  /** Leaves of an imported configuration file that no check of the baseline reads and that it does not excuse. */
  uncovered: z.array(z.string()),
});
export type SecurityView = z.infer<typeof securityView>;

/** What an imported file turned out to be. */
export const addedEvidence = z.strictObject({ document: z.string(), source: z.string(), digest: z.string(), about: z.string() });

export const securityCalls = {
  /** Evaluated over the cache, now: ages show. Without `baselineId` the one last used, else the one shipped for its kind. */
  'security.show': call({ effect: 'read', input: byDeployment.extend({ baselineId: baselineId.optional() }), output: securityView, errors: ['deployment_not_found', 'baseline_not_found'] }),
  'security.plan': call({ effect: 'read', input: byDeployment, output: probePlan, errors: ['deployment_not_found'] }),
  'security.setConsent': call({ effect: 'write', input: byDeployment.extend({ consent: probeConsent, isAllowed: z.boolean() }), output: probePlan, errors: ['deployment_not_found', 'ledger_broken'] }),
  /** Long: asks the status and runs the planned probes, then evaluates and keeps a snapshot. `isOffline` evaluates what is cached and keeps a snapshot. */
  'security.scan': call({
    effect: 'write', input: byDeployment.extend({ baselineId: baselineId.optional(), isOffline: z.boolean().default(false) }), output: securityView,
    errors: ['deployment_not_found', 'baseline_not_found', ...DEPLOYMENT_ERRORS],
  }),
  'security.history': call({ effect: 'read', input: byDeployment.extend({ limit: z.int().min(1).max(1000).default(100) }), output: z.strictObject({ snapshots: z.array(snapshotHead) }), errors: ['deployment_not_found'] }),
  /** States of one check over the kept snapshots, oldest first. */
  'security.checkHistory': call({
    effect: 'read', input: byDeployment.extend({ checkId, limit: z.int().min(1).max(200).default(60) }), errors: ['deployment_not_found'],
    output: z.strictObject({ points: z.array(z.strictObject({ snapshotId: z.int(), at: isoInstant, state: securityCheck.shape.state, isAccepted: z.boolean() })) }),
  }),
  'security.diff': call({ effect: 'read', input: byDeployment.extend({ from: z.int(), to: z.int() }), output: postureDiff, errors: ['deployment_not_found', 'snapshot_not_found'] }),
  /** Notes that somebody looked at this snapshot; later looks can be compared with it. */
  'security.markReviewed': call({ effect: 'write', input: byDeployment.extend({ snapshotId: z.int() }), output: snapshotHead, errors: ['deployment_not_found', 'snapshot_not_found', 'ledger_broken'] }),
  'security.fleet': call({ effect: 'read', input: z.strictObject({}), output: fleet, errors: [] }),
  /** A configuration file that is known by its content; or, with `attests`, any file beside a person's statement about a check. */
  'security.addEvidence': call({
    effect: 'write',
    input: byDeployment.extend({
      path: z.string().min(1).max(4096).nullable(),
      attests: z.strictObject({ checkId, by: z.string().trim().min(1).max(120), on: z.iso.date(), statement: z.string().trim().min(1).max(2000), holds: z.boolean() }).nullable().default(null),
    }),
    output: addedEvidence, errors: ['deployment_not_found', 'check_not_found', 'file_not_found', 'file_unreadable', 'too_large', 'unknown_format', 'ledger_broken'],
  }),
  'security.except': call({
    effect: 'write', input: byDeployment.extend({ checkId, owner: z.string().trim().min(1).max(120), reason: z.string().trim().min(1).max(500), until: z.iso.date() }),
    output: exception, errors: ['deployment_not_found', 'check_not_found', 'ledger_broken'],
  }),
  'security.endException': call({ effect: 'write', input: byDeployment.extend({ checkId, reason: z.string().trim().min(1).max(500) }), output: z.strictObject({ ended: z.int() }), errors: ['deployment_not_found', 'check_not_found', 'ledger_broken'] }),
  'security.baselines': call({ effect: 'read', input: z.strictObject({}), output: z.strictObject({ baselines: z.array(baseline) }), errors: [] }),
  /** Refuses a broken pack with file, line and reason. */
  'security.importBaseline': call({ effect: 'write', input: z.strictObject({ path: z.string().min(1).max(4096) }), output: baseline, errors: ['file_not_found', 'file_unreadable', 'too_large', 'invalid_baseline', 'baseline_exists', 'ledger_broken'] }),
} as const;
