// What each probe and each derived document tells, as facts that expressions read. Names are those of the wire; every field is a plain value.
import { z } from '../zod.ts';
import type { DocumentName } from './posture-pack.ts';

/** null where the header was not sent. */
const header = z.string().max(8192).nullable();
/** A GET that should be refused: HTTP status, and whether the body had the form of the data (not of an error, a page of a proxy, or nothing). */
const refused = z.strictObject({ status: z.int(), serves_data: z.boolean() });

const headersFacts = z.strictObject({
  status: z.int(),
  /** How far the server's Date is ahead of this machine's clock, in whole seconds; null where none is sent. */
  clock_skew_seconds: z.int().nullable(),
  server: header, x_powered_by: header,
  /** max_age in seconds; null where it is absent or no number. */
  strict_transport_security: z.strictObject({ is_sent: z.boolean(), max_age: z.number().nullable(), include_subdomains: z.boolean(), preload: z.boolean() }),
  /** Directives by name, sources as sent; {} where none is sent. */
  content_security_policy: z.strictObject({ is_sent: z.boolean(), directives: z.record(z.string(), z.array(z.string())), allows_unsafe_inline: z.boolean(), allows_unsafe_eval: z.boolean(), /** Scripts from anywhere, or a `*` in any directive. Without a policy all three are true. */ allows_any: z.boolean() }),
  x_frame_options: header, x_content_type_options: header, referrer_policy: header, permissions_policy: header, x_xss_protection: header, cache_control: header,
  /** True when every Set-Cookie has the attribute; null without cookies. */
  cookies_secure: z.boolean().nullable(), cookies_http_only: z.boolean().nullable(), cookies_same_site: z.boolean().nullable(),
});

/** What a handshake itself ended with: it says something of the deployment, as against a way that leads nowhere. */
export const TLS_REFUSALS = ['tls_expired', 'tls_untrusted', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old'] as const;

export const FACTS = {
  deployment: z.strictObject({ environment: z.string(), dialect: z.string().nullable(), transport: z.enum(['encrypted', 'loopback']), is_pinned: z.boolean() }),
  audit: z.strictObject({
    /** Of the newest rows whose payload is known, at most 200. */
    rows: z.int(), encrypted: z.int(), plain: z.int(), failed: z.int(), malformed: z.int(), newest_row_at: z.string().nullable(), key_ids: z.array(z.string()),
    /** Of the whole cached log. */
    total: z.int(), newest_event_at: z.string().nullable(), oldest_event_at: z.string().nullable(), last_sync_at: z.string().nullable(),
    /** Of the newest rows again: those in clear that were written after one that is encrypted. */
    plain_after_encrypted: z.int(),
  }),
  history: z.strictObject({
    /** Days since has_previous_secrets was first seen true without a false since; null while it is false or was seen once only. */
    grace_open_days: z.number().nullable(),
    /** Days since the present audit key id was first seen; null when never seen. */
    key_id_days: z.number().nullable(),
    /** overdue_count of the newest look and of the newest look at least 24 h before it; null where there is none. */
    overdue_now: z.int().nullable(), overdue_before: z.int().nullable(), overdue_hours_between: z.number().nullable(),
    /** Days since the last rotation that was finished here; null when none was. */
    rotated_days: z.number().nullable(),
  }),
  tls: z.strictObject({ is_encrypted: z.boolean(), protocol: z.string().nullable(), issuer: z.string().nullable(), valid_to: z.string().nullable(), days_left: z.number().nullable(), is_own_ca: z.boolean(), /** Why no connection was made: a code of the handshake; null where one was. */ refused: z.enum(TLS_REFUSALS).nullable() }),
  headers: headersFacts,
  cors: z.strictObject({ status: z.int(), /** Of a preflight from https://origin.invalid */ allow_origin: header, allow_credentials: header, allow_methods: header, allows_foreign: z.boolean() }),
  anonymous: refused,
  /** A token with admin claims whose signature is random. */
  forged: refused,
  /** The same with alg none. */
  unsigned: refused,
  docs: z.strictObject({ status: z.int(), is_open: z.boolean() }),
  openapi: z.strictObject({ status: z.int(), is_open: z.boolean(), routes: z.int() }),
  metrics: z.strictObject({ status: z.int(), is_open: z.boolean() }),
  error_body: z.strictObject({ status: z.int(), leaks: z.boolean(), /** The first telling word, never the text. */ what: z.string().nullable() }),
  limits: z.strictObject({ is_sent: z.boolean(), limit: z.number().nullable(), remaining: z.number().nullable() }),
  /** At most 45, ended by the first 429 or 503. limited_after: requests answered before the 429; null when none came. */
  burst: z.strictObject({ sent: z.int(), limited_after: z.int().nullable(), unavailable: z.int() }),
  /** Of /health/ready; leaks: there or in /api/internal/health/detailed. */
  health_ready: z.strictObject({ status: z.int(), is_ready: z.boolean(), leaks: z.boolean() }),
  governance: refused,
  device_flow: z.strictObject({ status: z.int(), is_mounted: z.boolean() }),
  anonymous_admin: refused,
  audit_logs: refused,
  auth_status: z.strictObject({ status: z.int(), leaks_stats: z.boolean() }),
  first_run: z.strictObject({ status: z.int(), is_open: z.boolean().nullable() }),
  validate_session: z.strictObject({ status: z.int(), says_valid: z.boolean() }),
  threat_stats: z.strictObject({ status: z.int(), is_mock: z.boolean() }),
  cache_health: z.strictObject({ status: z.int(), service_status: z.string().nullable() }),
  /** The same admin GET without and with the headers that skip authentication. */
  bypass: z.strictObject({ status_without: z.int(), status_with: z.int(), is_bypassed: z.boolean() }),
  extensions: refused,
} as const satisfies Readonly<Partial<Record<DocumentName, z.ZodType>>>;

export type FactsOf<N extends keyof typeof FACTS> = z.infer<(typeof FACTS)[N]>;
/** Statements of people by check id: holds, by whom, on which day. */
export const attestedFacts = z.record(z.string(), z.strictObject({ holds: z.boolean(), by: z.string(), on: z.iso.date(), statement: z.string() }));
