// What the posture of a deployment is made of, besides its checks: probes and their consents, baselines, snapshots and what changed between two.
import { z } from '../zod.ts';
import { deploymentId } from './deployment.ts';
import { checkCounts, checkState, securityCheck, severity } from './evidence.ts';
import { isoInstant } from './time.ts';

/**
 * What an admin allows per deployment. probes: the ordinary looks, on by default except in production. burst: up to 45 GETs to see the rate limit answer.
 * header-bypass: a GET with the headers that are known to skip authentication.
 */
export const PROBE_CONSENTS = ['probes', 'burst', 'header-bypass'] as const;
export const probeConsent = z.enum(PROBE_CONSENTS);
export type ProbeConsent = z.infer<typeof probeConsent>;

/** One probe as it is listed before anything is sent. */
export const plannedProbe = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** The request lines, as they will be sent. */
  requests: z.array(z.string()),
  /** What it looks for, and what the deployment may note of it. */
  about: z.string(),
  consent: probeConsent,
  /** False when its consent is missing. */
  willRun: z.boolean(),
});
export type PlannedProbe = z.infer<typeof plannedProbe>;

export const probePlan = z.strictObject({
  deploymentId,
  probes: z.array(plannedProbe),
  consents: z.array(z.strictObject({ consent: probeConsent, isAllowed: z.boolean(), /** null while nobody decided and the default holds. */ decidedAt: isoInstant.nullable() })),
  /** The request that every look begins with, with the token of the deployment; null for an AI-Karen. */
  status: z.string().nullable(),
  /** Requests of probes that will be sent, at most two a second; the one of `status` comes before them. */
  requests: z.int(),
});
export type ProbePlan = z.infer<typeof probePlan>;

export const baseline = z.strictObject({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  kind: z.enum(['navi', 'karen']),
  checks: z.int(),
  /** SHA-256 of its text, hex. */
  digest: z.string(),
  origin: z.enum(['shipped', 'imported']),
  importedAt: isoInstant.nullable(),
  source: z.string(),
});
export type Baseline = z.infer<typeof baseline>;

/** One evaluation, kept as it was. */
export const snapshotHead = z.strictObject({
  id: z.int(),
  at: isoInstant,
  baseline: baseline.pick({ id: true, version: true, digest: true }),
  counts: checkCounts,
  summary: z.string(),
  /** True for the snapshot of the last review. */
  isReviewed: z.boolean(),
});
export type SnapshotHead = z.infer<typeof snapshotHead>;

/** fixed: was failing, passes. broken: did not fail, fails. lost: was known, is unknown or stale now. found: was unknown or stale, passes now. */
export const CHANGES = ['broken', 'lost', 'fixed', 'found', 'added', 'removed', 'other'] as const;
export const checkChange = z.strictObject({
  checkId: z.string(), title: z.string(), severity, change: z.enum(CHANGES),
  from: checkState.nullable(), to: checkState.nullable(), seenBefore: z.string().nullable(), seenNow: z.string().nullable(),
});
export type CheckChange = z.infer<typeof checkChange>;

export const postureDiff = z.strictObject({ from: snapshotHead, to: snapshotHead, changes: z.array(checkChange), unchanged: z.int() });
export type PostureDiff = z.infer<typeof postureDiff>;

/** A check of a snapshot, small. */
export const snapshotCheck = securityCheck.pick({ id: true, title: true, severity: true, state: true, seen: true, reason: true }).extend({ isAccepted: z.boolean() });
export type SnapshotCheck = z.infer<typeof snapshotCheck>;

export const fleet = z.strictObject({
  /** Every check that some deployment has, in the order of severity and title. */
  checks: z.array(z.strictObject({ id: z.string(), title: z.string(), severity })),
  rows: z.array(z.strictObject({
    deploymentId, name: z.string(), kind: z.enum(['navi', 'karen']), environment: z.string(), baselineId: z.string(),
    observedAt: isoInstant.nullable(), counts: checkCounts, summary: z.string(),
    /** By check id; a check that is not in it is not part of this deployment's baseline. `accepted` stands for a failing check with an exception. */
    states: z.record(z.string(), z.enum([...checkState.options, 'accepted'])),
  })),
});
export type Fleet = z.infer<typeof fleet>;
