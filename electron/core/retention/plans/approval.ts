// The second person's word for a plan: signed by the key of another profile over the plan's digest and what that person saw. Whatever does not fit is refused.
import { APPROVAL_FORMAT, purgeApproval } from '#shared/domain/retention-plan.ts';
import type { PurgeApproval, PurgePlan } from '#shared/domain/retention-plan.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { digestOf, isSealedBy, keyFingerprint, readPublicKey, sealOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import { endOf } from './plan-file.ts';

export const APPROVAL_ORIGIN = 'holdfast.local/retention/approval';
/** Two computers: so far may their clocks be apart. */
export const CLOCKS_US = 120_000_000;

export interface Approving { readonly approvedBy: string; readonly note: string; readonly atUs: number; readonly key: SigningKey }

export function signApproval(plan: PurgePlan, { approvedBy, note, atUs, key }: Approving): PurgeApproval {
  const { preview: { rows, cutoff }, deployment } = plan;
  const signed = { format: APPROVAL_FORMAT, planDigest: plan.digest, deployment: deployment.name, url: deployment.url, rows, cutoff, approvedBy, approvedAt: formatInstantUs(atUs), note, publicKey: key.publicKey.toString('base64') } as const;
  return { ...signed, seal: sealOf(APPROVAL_ORIGIN, digestOf(signed), key) };
}

const refused = (why: string): AppError => new AppError('approval_refused', { message: `This approval does not count: ${why} Nothing was sent.`, hint: 'Have the plan approved by somebody else, with a profile of their own.' });

/** Why an approval does not stand by itself for a plan; null when it does. It knows no clock but those in the files. */
export function whyNotFor(plan: PurgePlan, approval: PurgeApproval): string | null {
  const { seal, ...signed } = approval;
  const publicKey = readPublicKey(approval.publicKey);
  if (publicKey === null) return 'its key cannot be read.';
  if (!isSealedBy(seal, { origin: APPROVAL_ORIGIN, digest: digestOf(signed), publicKey })) return 'its signature does not fit its content.';
  if (approval.planDigest !== plan.digest) return 'it is for another plan.';
  if (approval.deployment !== plan.deployment.name || approval.url !== plan.deployment.url || approval.rows !== plan.preview.rows || approval.cutoff !== plan.preview.cutoff) return 'what it repeats of the plan is not what the plan says.';
  if (keyFingerprint(publicKey) === plan.madeByKey) return 'it was signed by the profile that made the plan.';
  const atUs = parseInstantUs(approval.approvedAt);
  if (atUs === null || atUs < (parseInstantUs(plan.madeAt) ?? Number.POSITIVE_INFINITY) - CLOCKS_US || atUs > endOf(plan)) return 'it was not made while the plan lived.';
  return null;
}

/** @param ownKeys fingerprints of every key of this profile @throws AppError approval_refused */
export function checkApproval(value: unknown, { plan, ownKeys, nowUs }: { readonly plan: PurgePlan; readonly ownKeys: readonly string[]; readonly nowUs: number }): PurgeApproval {
  const parsed = purgeApproval.safeParse(value);
  if (!parsed.success) throw refused(`${parsed.error.issues[0]?.path.join('.') ?? 'its form'} is not as it must be.`);
  const why = whyNotFor(plan, parsed.data);
  if (why !== null) throw refused(why);
  const publicKey = readPublicKey(parsed.data.publicKey);
  if (publicKey === null || ownKeys.includes(keyFingerprint(publicKey))) throw refused('it was signed by this profile.');
  if ((parseInstantUs(parsed.data.approvedAt) ?? Number.POSITIVE_INFINITY) > nowUs + CLOCKS_US) throw refused('it says that it was made later than now.');
  return parsed.data;
}
