// The probe of cross-origin rules: asks, as a browser would, whether a page of a foreign origin may call.
import { NOTED } from './probe.ts';
import type { Probe } from './probe.ts';

/** A name that nobody can own (RFC 6761). */
export const FOREIGN_ORIGIN = 'https://origin.invalid';

/** A server that sends several values has each counted: browsers refuse them, but some proxy in between may drop one. */
function allowsForeign(allowed: string | undefined): boolean {
  return (allowed ?? '').split(',').some((one) => ['*', FOREIGN_ORIGIN].includes(one.trim().toLowerCase()));
}

export const cors: Probe<'cors'> = {
  id: 'cors', title: 'Calls from a foreign origin', consent: 'probes',
  about: `Sends the preflight of a browser for a page at ${FOREIGN_ORIGIN}, which must not be allowed. ${NOTED}`,
  requests: {
    navi: [{ method: 'OPTIONS', path: '/api/admin/security/status', headers: { kind: 'preflight', origin: FOREIGN_ORIGIN, method: 'GET' } }],
    karen: [{ method: 'OPTIONS', path: '/api/auth/login', headers: { kind: 'preflight', origin: FOREIGN_ORIGIN, method: 'POST' } }],
  },
  facts: ([{ status, headers }]) => ({
    status, allow_origin: headers['access-control-allow-origin'] ?? null, allow_credentials: headers['access-control-allow-credentials'] ?? null,
    allow_methods: headers['access-control-allow-methods'] ?? null, allows_foreign: allowsForeign(headers['access-control-allow-origin']),
  }),
};
