// The closed list of error codes and the one error class that may cross a boundary; it carries no stack, path or secret.

export const ERROR_CODES = [
  // The call itself
  'invalid_input', 'unknown_call', 'caller_refused', 'too_large', 'too_many_calls', 'cancelled', 'busy', 'internal',
  // The profile and its lock
  'profile_in_use', 'profile_unwritable', 'profile_locked', 'setup_needed', 'passphrase_required', 'wrong_passphrase', 'passphrase_too_short',
  // The cache
  'database_newer', 'database_corrupt', 'database_wrong_key', 'database_read_only', 'database_unavailable', 'disk_full',
  // Where secrets live
  'keychain_locked', 'keychain_no_service', 'keychain_no_bus', 'keychain_denied', 'keychain_canary_lost', 'keychain_timed_out', 'keychain_failed',
  'vault_damaged', 'secret_missing', 'invalid_token',
  // Deployments
  'deployment_not_found', 'deployment_exists', 'invalid_url', 'insecure_url', 'invalid_ca', 'invalid_pin', 'read_only', 'confirmation_mismatch', 'plan_expired',
  'sample_unavailable', 'not_offered',
  // The way to a deployment
  'dns_failed', 'connection_refused', 'connection_reset', 'network_unreachable', 'network_timeout',
  'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old', 'tls_client_certificate', 'tls_failed',
  'redirect_refused', 'cross_origin_refused', 'headers_too_large', 'response_too_large', 'response_truncated', 'response_malformed',
  // What came back
  'response_not_json', 'response_invalid_utf8', 'response_duplicate_key', 'response_unsafe_number', 'response_too_deep', 'response_prototype_key', 'response_unexpected',
  // What the deployment answered
  'unauthorized', 'forbidden', 'not_found', 'rate_limited', 'rate_limiter_down', 'server_error', 'server_unavailable', 'request_refused',
  // Audit and decryption
  'event_not_found', 'payload_not_offered', 'payload_not_encrypted', 'no_key', 'token_damaged', 'payload_not_object', 'invalid_key', 'key_not_found', 'key_exists', 'server_cannot_decrypt',
  'invalid_query', 'view_not_found', 'bulk_gone', 'import_not_found', 'unknown_format', 'invalid_recipient',
  // Posture
  'baseline_not_found', 'baseline_exists', 'invalid_baseline', 'check_not_found', 'snapshot_not_found', 'gate_closed', 'probes_off', 'rotation_not_found', 'rotation_exists', 'rotation_unproven', 'rotation_broken',
  // Retention
  'policy_unknown', 'rows_held', 'hold_exists', 'hold_not_found', 'plan_changed', 'plan_damaged', 'approval_refused', 'purge_unsettled', 'purge_off_plan', 'retention_unproven', 'schedule_faulty', 'certificate_not_found',
  // Runbooks
  'runbook_not_found', 'runbook_exists', 'invalid_runbook', 'run_not_found', 'run_ended', 'run_file_damaged', 'step_not_found', 'step_unproven', 'step_waits', 'review_refused', 'evidence_not_found', 'evidence_damaged', 'identity_not_found', 'template_not_found',
  // Files of the admin
  'file_not_found', 'file_unreadable', 'file_exists', 'file_unwritable',
  // The ledger and the witness
  'ledger_broken', 'witness_broken',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error looks like on every wire: bridge, pipe and CLI. `id` finds the stack in the log. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly id: string;
}

export interface AppErrorInit {
  readonly message: string;
  readonly hint: string;
  readonly cause?: unknown;
  /** Facts for programs (never secrets), for example retryAfterSeconds or httpStatus. Not sent over a wire. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** An expected outcome that is not success: says what happened, what was kept and (hint) what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: ErrorCode, init: AppErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = init.hint;
    this.facts = init.facts ?? {};
  }
}

/** Marks a branch that the types say cannot be reached; reaching it is a bug, so it throws. */
export function assertNever(value: never): never {
  throw new Error(`unreachable value: ${typeof value}`);
}
