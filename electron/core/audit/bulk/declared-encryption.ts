// What a deployment says of its own audit encryption, out of its security status.
import { z } from '#shared/zod.ts';
import type { DeclaredEncryption } from './thread-calls.ts';

const status = z.looseObject({ encryption: z.looseObject({ audit_encryption_enabled: z.boolean() }) });

/** Null when it never said so, or said something that is neither true nor false. */
export function declaredEncryption(declared: { readonly value: unknown; readonly observedAtUs: number } | null): DeclaredEncryption | null {
  const said = status.safeParse(declared?.value);
  return declared === null || !said.success ? null : { isOn: said.data.encryption.audit_encryption_enabled, observedAtUs: declared.observedAtUs };
}
