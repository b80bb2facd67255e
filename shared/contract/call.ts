// How one call of the contract is written down: its effect, its schemas and the errors it may give.
import type { z } from '../zod.ts';
import type { ErrorCode } from '../errors.ts';

/** read: changes nothing that lasts. write: changes the profile. destructive: removes data; needs a single-use token issued by core. */
export type Effect = 'read' | 'write' | 'destructive';

export interface CallSpec<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly effect: Effect;
  readonly input: I;
  readonly output: O;
  /** Codes beyond COMMON_ERRORS that this call may give. */
  readonly errors: readonly ErrorCode[];
  /** True for the few calls that work before the profile is open or while it is locked. */
  readonly whileLocked?: boolean;
}

/** Declares one call; the types of input and output follow from the schemas. */
export function call<I extends z.ZodType, O extends z.ZodType>(spec: CallSpec<I, O>): CallSpec<I, O> {
  return spec;
}

/** What can stand in the way of opening the profile: every call may meet it. */
const OPENING_ERRORS: readonly ErrorCode[] = [
  'profile_in_use', 'profile_unwritable', 'profile_locked', 'setup_needed', 'passphrase_required', 'wrong_passphrase',
  'keychain_locked', 'keychain_no_service', 'keychain_no_bus', 'keychain_denied', 'keychain_canary_lost', 'keychain_timed_out', 'keychain_failed', 'vault_damaged', 'secret_missing',
  'database_newer', 'database_corrupt', 'database_wrong_key', 'database_read_only', 'database_unavailable', 'disk_full',
];

/** Any call may give these. */
export const COMMON_ERRORS: readonly ErrorCode[] = ['invalid_input', 'unknown_call', 'caller_refused', 'too_large', 'too_many_calls', 'busy', 'internal', ...OPENING_ERRORS];

/** What the way to a deployment, or its answer, may give. */
export const DEPLOYMENT_ERRORS: readonly ErrorCode[] = [
  'read_only', 'insecure_url', 'invalid_url', 'dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout',
  'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old', 'tls_client_certificate', 'tls_failed',
  'redirect_refused', 'cross_origin_refused', 'headers_too_large', 'response_too_large', 'response_truncated', 'response_malformed',
  'response_not_json', 'response_invalid_utf8', 'response_duplicate_key', 'response_unsafe_number', 'response_too_deep', 'response_prototype_key', 'response_unexpected',
  'unauthorized', 'forbidden', 'not_found', 'rate_limited', 'rate_limiter_down', 'server_error', 'server_unavailable', 'request_refused',
  'not_offered', 'event_not_found', 'server_cannot_decrypt', 'invalid_ca', 'invalid_pin', 'invalid_token', 'cancelled',
];
