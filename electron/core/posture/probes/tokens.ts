// Makes tokens that every deployment must refuse: claims of an admin that nobody signed. They are random, live for a minute and come from no stored secret.
import { randomBytes } from 'node:crypto';
import { Secret } from '../../secret.ts';

const LIFETIME_SECONDS = 60;
const SIGNATURE_BYTES = 32;

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Everything by which either kind of deployment knows an admin; no audience and no issuer, which could be refused before the signature is looked at. */
function claims(nowMs: number): string {
  const iat = Math.floor(nowMs / 1000);
  return segment({
    sub: 'holdfast-probe', email: 'holdfast-probe@origin.invalid', name: 'Holdfast probe', org_id: 'holdfast-probe', tenant_id: 'holdfast-probe', role: 'admin', roles: ['admin', 'super_admin'],
    type: 'access', iat, exp: iat + LIFETIME_SECONDS,
  });
}

/** HS256 by its header, random by its signature. */
export function forgedToken(nowMs: number): Secret {
  return new Secret(`${segment({ alg: 'HS256', typ: 'JWT' })}.${claims(nowMs)}.${randomBytes(SIGNATURE_BYTES).toString('base64url')}`);
}

/** Algorithm none, no signature. */
export function unsignedToken(nowMs: number): Secret {
  return new Secret(`${segment({ alg: 'none', typ: 'JWT' })}.${claims(nowMs)}.`);
}
