// What NAVI's security status says, turned into checks. A field that proves little is never a pass; a missing or odd field is unknown.
// Source: contracts section 2 (GET /api/admin/security/status), bugs included.
import type { CheckState, Evidence, SecurityCheck, Severity } from './evidence.ts';
import { formatInstantUs, parseInstantUs } from './time.ts';

export const STATUS_SOURCE = 'GET /api/admin/security/status';
export const ANONYMOUS_SOURCE = 'GET /api/admin/security/status without a token';
/** Evidence older than this is stale: one working day and a night. */
export const FRESH_HOURS = 24;

/** The project's own development tenant, which the backend reports when AUTH0_DOMAIN is unset. */
const DEV_TENANT = 'dev-nr76km00xa820k15.us.auth0.com';
const HOUR_US = 3_600_000_000;
/** A cutoff may differ from now minus the period by this much before the clocks are called different. */
const CUTOFF_TOLERANCE_SECONDS = 300;

export interface StatusAnswer { readonly json: unknown; readonly observedAtUs: number }
export interface AnonymousAnswer { readonly httpStatus: number; readonly observedAtUs: number }
/** Of the newest rows whose payload is known; `rows` is the sum of the four. */
export interface PayloadCounts {
  readonly rows: number; readonly encrypted: number; readonly plain: number; readonly failed: number; readonly malformed: number;
  /** When the newest of them was written, and when the last of them was read, in microseconds since the epoch. */
  readonly newestRowUs: number; readonly observedAtUs: number;
}

export interface SecurityInput {
  readonly status: StatusAnswer | null;
  readonly anonymous: AnonymousAnswer | null;
  /** Of the present address; null when no payload of it is known. */
  readonly newestPayloads: PayloadCounts | null;
  readonly nowUs: number;
  /** Why there is no status, in one sentence. */
  readonly missingBecause: string;
}

interface Verdict { readonly state: CheckState; readonly seen: string; readonly reason: string; readonly extra?: readonly Evidence[] }
type Read = (path: string) => unknown;

interface Definition {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly severity: Severity;
  readonly why: string;
  readonly fix: string;
  readonly type: 'boolean' | 'integer' | 'text' | 'text-or-null';
  judge(value: never, read: Read, input: SecurityInput): Verdict;
}

const pass = (seen: string, reason: string, extra: readonly Evidence[] = []): Verdict => ({ state: 'pass', seen, reason, extra });
const fail = (seen: string, reason: string, extra: readonly Evidence[] = []): Verdict => ({ state: 'fail', seen, reason, extra });
const unknown = (seen: string, reason: string, extra: readonly Evidence[] = []): Verdict => ({ state: 'unknown', seen, reason, extra });
const notApplicable = (seen: string, reason: string): Verdict => ({ state: 'not-applicable', seen, reason });

const DEFINITIONS: readonly Definition[] = [
  {
    id: 'jwt.enabled', path: 'jwt.enabled', title: 'Requests must carry a valid token', severity: 'critical', type: 'boolean',
    why: 'With JWT off the whole API answers anyone, as whoever the server is set to be.', fix: 'Set JWT_ENABLED=true and JWT_SECRET, then restart every node.',
    judge(value: boolean, _read, input) {
      const anonymous = input.anonymous;
      const extra: Evidence[] = anonymous === null ? [] : [{ kind: 'observed', source: ANONYMOUS_SOURCE, path: null, value: `HTTP ${anonymous.httpStatus}`, observedAt: formatInstantUs(anonymous.observedAtUs) }];
      if (anonymous !== null && anonymous.httpStatus >= 200 && anonymous.httpStatus < 300) {
        return fail(value ? 'Declared on, but a request without a token was served' : 'Declared off; a request without a token was served', value ? 'The declaration and the answer disagree. What was observed counts.' : 'Anyone who can reach this deployment is an administrator.', extra);
      }
      if (!value) return fail('Declared off', 'Anyone who can reach this deployment is an administrator.', extra);
      if (anonymous?.httpStatus === 401) return pass('Declared on; a request without a token got 401', 'Declared and observed agree.', extra);
      return unknown(anonymous === null ? 'Declared on; not tried without a token' : `Declared on; a request without a token got ${anonymous.httpStatus}`, 'Only a 401 to a request without a token proves it.', extra);
    },
  },
  {
    id: 'jwt.has_primary_secret', path: 'jwt.has_primary_secret', title: 'A signing secret is set', severity: 'high', type: 'boolean',
    why: 'Without a primary secret no HS256 token can be verified.', fix: 'Set JWT_SECRET. With an identity provider (JWKS) it may stay empty.',
    judge(value: boolean, read) {
      if (read('jwt.enabled') === false) return notApplicable('JWT is off', 'No token is verified, so no secret is used.');
      return value ? pass('Declared: JWT_SECRET is set', 'It says that a secret is set, not how strong it is.') : unknown('Declared: JWT_SECRET is not set', 'Right in JWKS mode, wrong otherwise; the server does not report its mode.');
    },
  },
  {
    id: 'jwt.has_previous_secrets', path: 'jwt.has_previous_secrets', title: 'No retired signing secret is still accepted', severity: 'medium', type: 'boolean',
    why: 'A previous secret that is never removed keeps every token it ever signed valid.', fix: 'After one token lifetime remove the old value from JWT_SECRET_PREVIOUS.',
    judge(value: boolean, read) {
      if (read('jwt.enabled') === false) return notApplicable('JWT is off', 'No token is verified, so no secret is used.');
      return value ? unknown('Declared: JWT_SECRET_PREVIOUS is set', 'A grace window is open. The server does not say since when, and even a lone comma counts as set.') : pass('Declared: no previous secret', 'The grace window is closed.');
    },
  },
  {
    id: 'jwt.rotation_ready', path: 'jwt.rotation_ready', title: 'A secret rotation works', severity: 'low', type: 'boolean',
    why: 'A rotation is proven by answers: new tokens accepted, old ones accepted in the window and refused after it.', fix: 'Try a new, an old and a broken token against every node.',
    judge: (value: boolean) => (value
      ? unknown('rotation_ready is true', 'It only means that both secrets are set: the grace window is open. No token was tried.')
      : unknown('rotation_ready is false', 'It only means that no previous secret is set. Whether a rotation would work is not shown.')),
  },
  {
    id: 'encryption.audit_encryption_enabled', path: 'encryption.audit_encryption_enabled', title: 'Audit payloads are encrypted', severity: 'high', type: 'boolean',
    why: 'Audit payloads hold query parameters, and with them tokens and personal data.', fix: 'Set AUDIT_ENCRYPTION_KEY to a Fernet key (44 characters) and restart; then look at new rows.',
    judge(value: boolean, _read, input) {
      const counts = input.newestPayloads;
      const extra: Evidence[] = counts === null ? [] : [{
        kind: 'derived', source: `newest ${counts.rows} cached rows with a known payload`, path: null,
        value: `${counts.encrypted} encrypted, ${counts.plain} plain, ${counts.failed} failed, ${counts.malformed} malformed; the newest written ${formatInstantUs(counts.newestRowUs)}`, observedAt: formatInstantUs(counts.observedAtUs),
      }];
      if (!value) return fail('Declared off', 'New payloads are stored as plain text.', extra);
      if (counts === null) return unknown('Declared on; no synced payload shows it', 'The field says that a key is set. Some versions then write no rows at all, so only rows prove it. Sync the audit log.', extra);
      const { rows, encrypted, plain, failed, malformed } = counts;
      if (failed > 0) return fail(`Declared on; ${failed} of the newest ${rows} payloads carry the mark of a failed encryption`, 'The server wrote these rows without what they should hold.', extra);
      if (encrypted === 0 && plain > 0) return fail(`Declared on; none of the newest ${rows} payloads is encrypted`, 'The declaration and the rows disagree. What is in the rows counts.', extra);
      if (plain > 0) return unknown(`Declared on; ${plain} of the newest ${rows} payloads are plain`, 'Rows written before the key was set look the same as rows that escape encryption.', extra);
      if (malformed > 0) return unknown(`Declared on; ${malformed} of the newest ${rows} payloads say encrypted but hold no token`, 'What cannot be a token proves no encryption.', extra);
      const ageHours = (input.nowUs - Math.min(counts.newestRowUs, counts.observedAtUs)) / HOUR_US;
      if (ageHours > FRESH_HOURS) return unknown(`Declared on; the newest payload known is ${Math.floor(ageHours)} h old`, `The newest ${rows} payloads are all encrypted, but some versions write no rows at all while encryption is on, so only rows of the last ${FRESH_HOURS} h prove it. Sync the audit log.`, extra);
      return pass(`Declared on; the newest ${rows} payloads are all encrypted`, 'Declaration and rows agree.', extra);
    },
  },
  {
    id: 'encryption.audit_encryption_key_id', path: 'encryption.audit_encryption_key_id', title: 'Audit keys have an id of their own', severity: 'medium', type: 'text-or-null',
    why: 'Without an id, rows of different keys cannot be told apart after a rotation.', fix: 'Set AUDIT_ENCRYPTION_KEY_ID, for example to the month of the key.',
    judge(value: string | null, read) {
      if (read('encryption.audit_encryption_enabled') === false) return notApplicable('Audit encryption is off', 'There is no key to name.');
      if (value === null || value === '') return fail('Declared: no key id', 'Encryption is declared on, but the key has no id.');
      if (value === 'default') return fail('Declared: the key id is "default"', 'This is what the server reports when AUDIT_ENCRYPTION_KEY_ID is not set.');
      return pass(`Declared: the key id is ${value}`, 'A label of its own.');
    },
  },
  {
    id: 'encryption.token_encryption_configured', path: 'encryption.token_encryption_configured', title: 'A key for connector tokens is set', severity: 'high', type: 'boolean',
    why: 'Connector tokens in the database give access to other systems.', fix: 'Set TOKEN_ENCRYPTION_KEY_ID to a KMS key.',
    judge: (value: boolean) => (value ? pass('Declared: a token key id is set', 'It says that an id is set. No stored token was looked at.') : fail('Declared: not configured', 'Connector tokens are stored without this protection.')),
  },
  {
    id: 'encryption.token_encryption_key_id', path: 'encryption.token_encryption_key_id', title: 'The token encryption key is named', severity: 'low', type: 'text-or-null',
    why: 'The id tells which KMS key to audit and to rotate.', fix: 'Set TOKEN_ENCRYPTION_KEY_ID.',
    judge(value: string | null, read) {
      if (read('encryption.token_encryption_configured') === false) return notApplicable('Token encryption is not configured', 'There is no key to name.');
      return value === null || value === '' ? fail('Declared configured, but without a key id', 'The two fields disagree.') : pass(`Declared: ${value}`, 'A key id is set.');
    },
  },
  {
    id: 'audit_retention.enabled', path: 'audit_retention.enabled', title: 'Audit retention is switched on', severity: 'medium', type: 'boolean',
    why: 'Without retention personal data stays for ever.', fix: 'Set AUDIT_RETENTION_ENABLED=true and schedule the purge script.',
    judge: (value: boolean) => (value ? pass('Declared on', 'Switched on is not yet deleting: see overdue rows.') : fail('Declared off', 'Nothing is purged.')),
  },
  {
    id: 'audit_retention.retention_days', path: 'audit_retention.retention_days', title: 'The retention period is usable', severity: 'medium', type: 'integer',
    why: 'The server checks no bounds: zero or less would purge everything.', fix: 'Set AUDIT_RETENTION_DAYS to what your policy says.',
    judge(value: number, read) {
      if (read('audit_retention.enabled') === false) return notApplicable('Retention is off', 'The period has no effect.');
      if (value < 1) return fail(`Declared: ${value} days`, 'A purge with this period deletes every row.');
      if (value > 3650) return fail(`Declared: ${value} days`, 'The purge accepts at most 3650 days.');
      return pass(`Declared: ${value} days`, 'Between 1 and 3650 days. Whether it fits your policy is yours to judge.');
    },
  },
  {
    id: 'audit_retention.overdue_count', path: 'audit_retention.overdue_count', title: 'No rows are overdue for purging', severity: 'high', type: 'integer',
    why: 'Overdue rows show that the purge does not run: the documented cron line fails without PYTHONPATH.', fix: 'Run the purge script with PYTHONPATH set to the repository root, and schedule it so.',
    judge(value: number, read) {
      if (value < 0) return unknown(`${value} reported`, 'A count below zero makes no sense.');
      if (value > 0) return fail(`${value} rows are past the cutoff`, 'The purge has not run since they came due.');
      if (read('audit_retention.enabled') === false) return unknown('0 reported while retention is off', 'The server reports 0 whenever retention is off.');
      return unknown('0 reported', 'The server also reports 0 when its query fails, for example with the database down. So 0 proves nothing.');
    },
  },
  {
    id: 'audit_retention.cutoff_iso', path: 'audit_retention.cutoff_iso', title: 'The purge cutoff agrees with our clock', severity: 'low', type: 'text',
    why: 'A server with a wrong clock purges too much or too little.', fix: 'Synchronise the clocks (NTP) of server and workstation.',
    judge(value: string, read, input) {
      const cutoff = parseInstantUs(value);
      const days = read('audit_retention.retention_days');
      if (cutoff === null) return unknown(`"${value.slice(0, 40)}" reported`, 'It is not a time.');
      if (typeof days !== 'number' || input.status === null) return unknown(`Declared: ${formatInstantUs(cutoff)}`, 'Without the period it cannot be checked.');
      const skewSeconds = Math.round((cutoff + days * 86_400_000_000 - input.status.observedAtUs) / 1_000_000);
      const seen = `Cutoff ${formatInstantUs(cutoff).slice(0, 16).replace('T', ' ')} UTC, ${Math.abs(skewSeconds)} s ${skewSeconds < 0 ? 'behind' : 'ahead of'} our clock`;
      return Math.abs(skewSeconds) <= CUTOFF_TOLERANCE_SECONDS ? pass(seen, `Within ${CUTOFF_TOLERANCE_SECONDS} s of now minus ${days} days.`) : fail(seen, 'The clocks differ, or the cutoff is computed with another period.');
    },
  },
  {
    id: 'sso.auth0_domain', path: 'sso.auth0_domain', title: 'The default sign-in tenant is not in use', severity: 'high', type: 'text',
    why: 'The default tenant belongs to the project, not to you.', fix: 'Set AUTH0_DOMAIN to your tenant.',
    judge(value: string) {
      if (value === DEV_TENANT) return fail(value, "This is the project's own development tenant, reported when AUTH0_DOMAIN is not set.");
      if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value)) return unknown(`"${value.slice(0, 80)}" reported`, 'It is not a host name.');
      return pass(`Declared: ${value}`, 'Not the default tenant. Whether it is yours is for you to confirm.');
    },
  },
  {
    id: 'sso.auth0_client_configured', path: 'sso.auth0_client_configured', title: 'A sign-in client is configured', severity: 'low', type: 'boolean',
    why: 'Single sign-on needs a client id.', fix: 'Set AUTH0_CLIENT_ID.',
    judge: (value: boolean) => (value ? pass('Declared: a client id is set', 'Set is not tried: no sign-in was made.') : fail('Declared: no client id', 'Single sign-on cannot start.')),
  },
  {
    id: 'sso.auth0_audience_configured', path: 'sso.auth0_audience_configured', title: 'A token audience is configured', severity: 'low', type: 'boolean',
    why: 'Without an audience tokens meant for other services may be accepted.', fix: 'Set AUTH0_AUDIENCE.',
    judge: (value: boolean) => (value ? pass('Declared: an audience is set', 'Set is not tried: no token for another audience was sent.') : fail('Declared: no audience', 'Tokens cannot be bound to this service.')),
  },
  {
    id: 'sso.device_flow_enabled', path: 'sso.device_flow_enabled', title: 'The device sign-in flow is closed', severity: 'medium', type: 'boolean',
    why: 'The older device flow approves a device without authentication.', fix: 'Leave ENABLE_LEGACY_DEVICE_FLOW unset.',
    judge: (value: boolean) => unknown(`device_flow_enabled is ${value}`, value ? 'It only means that client and audience are set; the routes may still be absent.' : 'It only means that client or audience is missing; the in-memory flow may still be open.'),
  },
];

export const SECURITY_CHECK_IDS: readonly string[] = DEFINITIONS.map((definition) => definition.id);

/** Reads a dotted path from own properties only. */
function readPath(json: unknown, path: string): unknown {
  let value: unknown = json;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function hasType(value: unknown, type: Definition['type']): boolean {
  switch (type) {
    case 'boolean': return typeof value === 'boolean';
    case 'integer': return typeof value === 'number' && Number.isSafeInteger(value);
    case 'text': return typeof value === 'string' && value.length <= 512;
    case 'text-or-null': return value === null || (typeof value === 'string' && value.length <= 512);
  }
}

const TYPE_WORDS: Readonly<Record<Definition['type'], string>> = { boolean: 'true or false', integer: 'a whole number', text: 'a text', 'text-or-null': 'a text or null' };

function judge(definition: Definition, input: SecurityInput): SecurityCheck {
  const base = { id: definition.id, title: definition.title, severity: definition.severity, why: definition.why, fix: definition.fix, lastKnown: null };
  const { status } = input;
  if (status === null) return { ...base, state: 'unknown', seen: 'Not seen yet', reason: input.missingBecause, evidence: [], observedAt: null };
  const observedAt = formatInstantUs(status.observedAtUs);
  const value = readPath(status.json, definition.path);
  const declared: Evidence = { kind: 'declared', source: STATUS_SOURCE, path: `$.${definition.path}`, value: value === undefined ? null : JSON.stringify(value).slice(0, 512), observedAt };
  let verdict: Verdict;
  if (value === undefined) verdict = unknown('The answer has no such field', `$.${definition.path} is missing.`);
  else if (!hasType(value, definition.type)) verdict = unknown('The answer has something else there', `$.${definition.path} should be ${TYPE_WORDS[definition.type]}.`);
  else verdict = definition.judge(value as never, (path) => readPath(status.json, path), input);
  const evidence = [declared, ...(verdict.extra ?? [])];
  const ageHours = (input.nowUs - status.observedAtUs) / HOUR_US;
  if (ageHours > FRESH_HOURS && verdict.state !== 'unknown') {
    return { ...base, state: 'stale', seen: verdict.seen, reason: `Last seen ${Math.floor(ageHours)} h ago; after ${FRESH_HOURS} h it no longer counts. It was: ${verdict.state}.`, evidence, observedAt, lastKnown: verdict.state };
  }
  return { ...base, state: verdict.state, seen: verdict.seen, reason: verdict.reason, evidence, observedAt };
}

/** The 16 fields of the status as checks, in the order of the answer. */
export function evaluateSecurityStatus(input: SecurityInput): SecurityCheck[] {
  return DEFINITIONS.map((definition) => judge(definition, input));
}

/** "11 of 16 known and fresh: 8 pass, 3 fail." Never a bare percentage. */
export function summariseChecks(checks: readonly { readonly state: CheckState }[]): string {
  const applicable = checks.filter((check) => check.state !== 'not-applicable');
  const passed = applicable.filter((check) => check.state === 'pass').length;
  const failed = applicable.filter((check) => check.state === 'fail').length;
  if (passed + failed === 0) return `0 of ${applicable.length} known and fresh`;
  return `${passed + failed} of ${applicable.length} known and fresh: ${passed} pass, ${failed} fail`;
}
