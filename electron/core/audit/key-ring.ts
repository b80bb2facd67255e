// The audit keys of a deployment, out of the secret store; it fails as a whole when one that is listed is missing there.
import { AppError } from '#shared/errors.ts';
import { auditKeyName } from '../credentials/names.ts';
import { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { listKeys } from './queries.ts';

export interface HeldKey {
  readonly keyId: string;
  /** 44 characters of base64url, as parseFernetKey takes them. */
  readonly text: Secret;
}

/** Every key of the ring, newest first. @throws AppError secret_missing */
export async function loadKeyRing(session: Session, deploymentId: string): Promise<readonly HeldKey[]> {
  const ring: HeldKey[] = [];
  for (const { keyId } of listKeys(session.read(), deploymentId)) {
    const stored = await session.secrets().get(auditKeyName(deploymentId, keyId));
    if (stored === null) throw new AppError('secret_missing', { message: `The audit key ${keyId} is no longer in the secret store. Nothing was opened.`, hint: 'Remove it under Audit keys and add it again.' });
    ring.push({ keyId, text: new Secret(stored) });
  }
  return ring;
}
