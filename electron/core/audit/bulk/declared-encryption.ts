// What a deployment says of its own audit encryption, out of the evidence behind its security checks.
import type { SecurityView } from '#shared/contract/security.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import type { DeclaredEncryption } from './thread-calls.ts';

const PATH = '$.encryption.audit_encryption_enabled';

/** Null when it never said so, or said something that is neither true nor false. */
export function declaredEncryption({ checks }: Pick<SecurityView, 'checks'>): DeclaredEncryption | null {
  const said = checks.flatMap((check) => check.evidence).find((evidence) => evidence.kind === 'declared' && evidence.path === PATH);
  const observedAtUs = said === undefined ? null : parseInstantUs(said.observedAt);
  if (said === undefined || observedAtUs === null || (said.value !== 'true' && said.value !== 'false')) return null;
  return { isOn: said.value === 'true', observedAtUs };
}
