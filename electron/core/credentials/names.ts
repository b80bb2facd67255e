// The names under which secrets lie in the store; one place, so that nothing is stored that cannot be found and removed again.

export const CANARY_NAME = 'canary';
export const DATABASE_KEY_NAME = 'database-key';
export const LEDGER_HEAD_NAME = 'ledger-head';

export function tokenName(deploymentId: string): string {
  return `token:${deploymentId}`;
}

export function auditKeyName(deploymentId: string, keyId: string): string {
  return `audit-key:${deploymentId}:${keyId}`;
}

/** The key that signs the checkpoints of the audit witness; one for the profile. */
export const WITNESS_KEY_NAME = 'witness-key';

/** The newest checkpoint of a deployment's witness, as it was signed. */
export function witnessHeadName(deploymentId: string): string {
  return `witness-head:${deploymentId}`;
}

/** Everything that a rotation of the signing key holds for a deployment; there is one at a time. */
export function rotationPrefix(deploymentId: string): string {
  return `rotation:${deploymentId}:`;
}

/** `label`: old-1, old-test-1, new or broken. */
export function rotationTokenName(deploymentId: string, label: string): string {
  return `${rotationPrefix(deploymentId)}${label}`;
}

/** Overwritten by every probe and never removed by it; holds no secret. */
export const PROBE_NAME = 'canary-probe';
