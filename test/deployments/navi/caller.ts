// Owns who is calling and with which effective role; refuses everything that the backend's platform verifier refuses.
import type { AuthConfig, Role } from './config.ts';
import type { RouteContext } from './context.ts';
import { verifyHs256, verifyRs256, type JwtClaims } from './jwt.ts';
import { HttpProblem } from './reply.ts';
import { DatabaseUnreachable } from './store.ts';

export interface Caller {
  readonly sub: string;
  readonly email: string | null;
  readonly org: string;
  readonly role: Role;
}

const ROLE_ORDER: readonly Role[] = ['viewer', 'planner', 'admin'];

/** Any error that the backend does not catch; the server answers the bare 500. */
export class UnhandledBackendError extends Error {}

/** The caller with at least the role, or 401, 403, or the outages of section 6.8. A granted role raises, never lowers. */
export function requireRole(context: RouteContext, required: Role): Caller {
  const caller = identify(context);
  if (!context.config.isRedisReachable) throw new UnhandledBackendError('the role cache does not answer');
  const effective = higherRole(caller.role, grantedRole(context, caller));
  if (ROLE_ORDER.indexOf(effective) >= ROLE_ORDER.indexOf(required)) return { ...caller, role: effective };
  const has = effective === caller.role ? `you have ${effective}` : `JWT: ${caller.role}, effective: ${effective}`;
  throw new HttpProblem(403, `Requires ${required} role or higher (${has})`);
}

function grantedRole(context: RouteContext, caller: Caller): Role {
  try {
    return context.backend.store.grantedRole(caller.org, caller.sub) ?? caller.role;
  } catch (error) {
    if (error instanceof DatabaseUnreachable) return caller.role;
    throw error;
  }
}

function higherRole(left: Role, right: Role): Role {
  return ROLE_ORDER.indexOf(left) >= ROLE_ORDER.indexOf(right) ? left : right;
}

function identify(context: RouteContext): Caller {
  const { auth } = context.config;
  if (auth.mode === 'dev-shim') {
    const org = context.request.headers['x-org-id'];
    return { ...auth.user, org: org === undefined || org === '' ? auth.user.org : org };
  }
  const token = bearerToken(context);
  if (token === null) throw unauthorized('Missing or invalid Authorization header');
  const claims = verifyPlatformToken(context, auth, token);
  if (claims === null) throw unauthorized('Invalid or expired token');
  const { sub, org_id: org, role, email } = claims;
  if (typeof sub !== 'string' || sub === '' || typeof org !== 'string' || org === '') throw unauthorized('Invalid or expired token');
  // The JWKS build reads a setting that does not exist, after every other check has passed (section 1.1).
  if (auth.mode === 'jwks') throw new UnhandledBackendError('Settings has no attribute auth0_valid_client_ids');
  const known = ROLE_ORDER.find((name) => name === role);
  return { sub, org, email: typeof email === 'string' ? email : null, role: known ?? 'viewer' };
}

function verifyPlatformToken(context: RouteContext, auth: Exclude<AuthConfig, { readonly mode: 'dev-shim' }>, token: string): JwtClaims | null {
  const { secrets, jwksKeys } = context.backend;
  const rules = { audience: auth.audience, issuer: auth.issuer, nowSeconds: nowSeconds(context) };
  if (auth.mode === 'jwks') return verifyRs256(token, jwksKeys, { ...rules, clientIds: auth.validClientIds });
  return verifyHs256(token, auth.secrets ?? [secrets.jwtSecret, ...(auth.hasPreviousSecrets ? secrets.previousJwtSecrets : [])], rules);
}

/** The token of an `Authorization: Bearer` header, or null. */
export function bearerToken(context: RouteContext): string | null {
  const match = /^bearer +(\S.*)$/i.exec(context.request.headers['authorization'] ?? '');
  return match?.[1] ?? null;
}

export function nowSeconds(context: RouteContext): number {
  return Math.floor(context.backend.now().getTime() / 1000);
}

function unauthorized(detail: string): HttpProblem {
  return new HttpProblem(401, detail, { 'www-authenticate': 'Bearer' });
}
