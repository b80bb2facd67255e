// Puts into plain words what an admin should know about a NAVI deployment from one probe; each warning rests on an answer that was seen.
import type { Dialect, Role } from '#shared/domain/deployment.ts';

/** The tenant that the project itself uses; it shows when AUTH0_DOMAIN is not set (contract section 2). */
const DEFAULT_TENANT = 'dev-nr76km00xa820k15.us.auth0.com';
/** R53: a difference beyond this is shown. */
export const SKEW_LIMIT_SECONDS = 30;

export interface WarningFacts {
  readonly transport: 'encrypted' | 'loopback';
  readonly anonymous: 'refused' | 'served' | 'unknown';
  /** The role that a 403 to an anonymous request named: a guard that names a role has let the request in. */
  readonly anonymousRole: Role | null;
  readonly hasToken: boolean;
  readonly dialect: Dialect | null;
  readonly readOnly: boolean;
  /** The body of the security status; null when it was not obtained. */
  readonly status: unknown;
  readonly statusCode: number | null;
  readonly listCode: number | null;
  readonly limiterDown: boolean;
  readonly describedOpenly: boolean;
  readonly clockSkewSeconds: number | null;
  /** Which checks /health/ready called failed; null when it was not asked or gave nothing. */
  readonly failedChecks: readonly string[] | null;
}

export function warningsFor(facts: WarningFacts): string[] {
  const warnings: string[] = [];
  const jwtEnabled = member(facts.status, 'jwt', 'enabled');
  if (facts.anonymous === 'served') {
    warnings.push('Authentication is off: the security status was given to a request without a token. Anyone who reaches this address is an admin.');
  } else if (facts.anonymousRole !== null) {
    warnings.push(`Authentication looks off: a request without a token was treated as a ${facts.anonymousRole}.`);
  }
  if (jwtEnabled === false) warnings.push('JWT_ENABLED is false: the deployment ignores tokens and takes everybody for the developer named in its environment.');
  if (facts.limiterDown) warnings.push('The rate limiter is down and refuses every request. It does so even while Redis is up; RATE_LIMITING_FALLBACK_ENABLED=true at the deployment ends it.');
  if (facts.statusCode === 500) warnings.push(explainFailure(facts));
  if (facts.listCode === 500 && facts.statusCode === 200) {
    warnings.push('The audit list fails while the security status answers: the database is probably away. The status then says overdue_count 0, which proves nothing.');
  }
  if (facts.describedOpenly) warnings.push('The API description (/openapi.json) is given to anyone, without a token.');
  if (facts.dialect === 'C0' || facts.dialect === 'C1') {
    const encrypts = member(facts.status, 'encryption', 'audit_encryption_enabled');
    if (encrypts === true) warnings.push('Audit rows are being lost: this version writes no row at all while audit encryption is on, and it is on.');
    else if (encrypts !== false) warnings.push('This version writes no audit row at all while audit encryption is on; whether it is on could not be seen.');
    warnings.push('When the server opens a payload it records neither who opened it nor why. The ledger here does.');
  }
  if (facts.dialect === 'A') warnings.push('When the server opens a payload it writes an audit row of its own, and the reason travels in the URL, where proxies may log it.');
  if (member(facts.status, 'sso', 'auth0_domain') === DEFAULT_TENANT) {
    warnings.push(`AUTH0_DOMAIN is not set: the deployment uses the tenant of the project itself (${DEFAULT_TENANT}).`);
  }
  if (facts.transport === 'loopback') warnings.push('Unencrypted, this machine: plain http is used, which is accepted only because it never leaves this machine.');
  if (!facts.readOnly) warnings.push('Writes are allowed: this deployment is not read-only here.');
  if (facts.clockSkewSeconds !== null && Math.abs(facts.clockSkewSeconds) > SKEW_LIMIT_SECONDS) {
    warnings.push(`The clock of the deployment is ${Math.abs(facts.clockSkewSeconds)} s ${facts.clockSkewSeconds > 0 ? 'ahead of' : 'behind'} the clock of this machine. One of them is wrong; tokens may be refused because of it.`);
  }
  if (!facts.hasToken) warnings.push('No token is stored for this deployment, so nothing could be asked that needs one.');
  return warnings;
}

function explainFailure({ failedChecks, hasToken }: WarningFacts): string {
  const subject = 'The security status fails with 500';
  if (failedChecks?.includes('redis') === true) return `${subject}, and the deployment says that Redis is away: every admin route fails while it is.`;
  if (failedChecks !== null && failedChecks.length === 0 && hasToken) {
    return `${subject} while database and Redis are well. With JWT_JWKS_URL set every valid token gives this answer: a bug of this backend, not of the token.`;
  }
  return `${subject}. It does so while Redis is away, and for every valid token while JWT_JWKS_URL is set (a bug); which of them could not be seen.`;
}

function member(value: unknown, group: string, name: string): unknown {
  const inner = asObject(asObject(value)?.[group]);
  return inner?.[name];
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
