// A certificate as it is signed, and the judgement of one that somebody shows: it needs the file alone, and believes nothing that a digest or a signature does not carry.
import { retentionCertificate } from '#shared/domain/retention-plan.ts';
import type { RetentionCertificate, RetentionCheck } from '#shared/domain/retention-plan.ts';
import { digestOf, isSealedBy, keyFingerprint, readPublicKey, sealOf } from '../../seal.ts';
import type { SigningKey } from '../../seal.ts';
import { whyNotFor } from '../plans/approval.ts';
import { digested } from '../plans/plan-file.ts';

export const CERTIFICATE_ORIGIN = 'holdfast.local/retention/certificate';

export function outcomeOf(checks: readonly Pick<RetentionCheck, 'state'>[]): RetentionCertificate['outcome'] {
  if (checks.some(({ state }) => state === 'fails')) return 'fails';
  return checks.length === 0 || checks.some(({ state }) => state === 'could-not') ? 'open' : 'holds';
}

export const certificateDigest = ({ seal: _seal, ...signed }: RetentionCertificate): string => digestOf(signed);

export function signCertificate(body: Omit<RetentionCertificate, 'publicKey' | 'seal'>, key: SigningKey): RetentionCertificate {
  const signed = { ...body, publicKey: key.publicKey.toString('base64') };
  return { ...signed, seal: sealOf(CERTIFICATE_ORIGIN, digestOf(signed), key) };
}

export interface CertificateVerdict {
  /** Why it is not as it was signed by the key that it names, or not whole in itself; empty when it is. */
  readonly problems: readonly string[];
  /** Null when its form is not one. */
  readonly certificate: RetentionCertificate | null;
  /** SHA-256 of the public key, hex; null when it cannot be read. */
  readonly key: string | null;
}

/** @param value the parsed file */
export function verifyCertificate(value: unknown): CertificateVerdict {
  const parsed = retentionCertificate.safeParse(value);
  if (!parsed.success) return { certificate: null, key: null, problems: [`${parsed.error.issues[0]?.path.join('.') ?? 'Its form'} is not as it must be.`] };
  const { purge, checks, outcome, seal, publicKey } = parsed.data;
  const bytes = readPublicKey(publicKey);
  const problems: string[] = [];
  if (bytes === null) problems.push('Its key cannot be read.');
  else if (!isSealedBy(seal, { origin: CERTIFICATE_ORIGIN, digest: certificateDigest(parsed.data), publicKey: bytes })) problems.push('Its signature does not fit its content.');
  if (outcome !== outcomeOf(checks)) problems.push('Its outcome is not what its checks say.');
  if (purge !== null) {
    const { digest: planDigest, ...plan } = purge.plan;
    if (digested(plan).digest !== planDigest) problems.push('The plan in it and the digest of the plan do not fit.');
    if (purge.run.planDigest !== planDigest || purge.run.planId !== plan.id) problems.push('The purge in it is of another plan.');
    if (purge.approval !== null) {
      const why = whyNotFor(purge.plan, purge.approval);
      if (why !== null) problems.push(`The approval in it does not count: ${why}`);
    }
  }
  return { problems, certificate: parsed.data, key: bytes === null ? null : keyFingerprint(bytes) };
}
