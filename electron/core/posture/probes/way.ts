// Probes of the way to a deployment: its encryption, and what ordinary answers say of limits.
import type { Deployment } from '#shared/domain/deployment.ts';
import { TLS_REFUSALS } from '#shared/domain/posture-facts.ts';
import type { FactsOf } from '#shared/domain/posture-facts.ts';
import { NOTED } from './probe.ts';
import type { PlannedRequest, Probe } from './probe.ts';
import { wholeNumber } from './reading.ts';

const HEALTH: PlannedRequest = { method: 'GET', path: '/health' };
const DAY_MS = 86_400_000;

export const tls: Probe<'tls'> = {
  id: 'tls', title: 'Encryption of the way', consent: 'probes',
  about: `Makes an encrypted connection and reads protocol and certificate. ${NOTED}`,
  requests: { navi: [HEALTH], karen: [HEALTH] },
  facts([{ tls: seen, receivedAt }], { transport, hasCa }) {
    const expiresMs = Date.parse(seen?.validTo ?? '');
    return {
      is_encrypted: transport === 'encrypted' && seen !== null, protocol: seen?.protocol ?? null, issuer: seen?.issuer ?? null, valid_to: seen?.validTo ?? null,
      days_left: Number.isNaN(expiresMs) ? null : Math.floor((expiresMs - receivedAt) / DAY_MS), is_own_ca: hasCa, refused: null,
    };
  },
};

/** The facts of a handshake that this console did not go on with; null for any other failure. */
export function refusedHandshake(code: string, { hasCa }: Pick<Deployment, 'hasCa'>): FactsOf<'tls'> | null {
  const refused = TLS_REFUSALS.find((each) => each === code);
  return refused === undefined ? null : { is_encrypted: true, protocol: null, issuer: null, valid_to: null, days_left: null, is_own_ca: hasCa, refused };
}

/** The two ways in which limits are written: the usual X-RateLimit-*, and the one header of the draft standard. */
function limitsIn(headers: Readonly<Record<string, string>>): FactsOf<'limits'> {
  const limit = headers['x-ratelimit-limit'] ?? headers['ratelimit-limit'];
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'];
  const both = headers['ratelimit'];
  const inBoth = (name: string): string | undefined => new RegExp(`(?:^|[;,\\s])${name}=(\\d{1,15})`).exec(both ?? '')?.[1];
  return {
    is_sent: limit !== undefined || remaining !== undefined || both !== undefined,
    limit: wholeNumber(limit ?? inBoth('limit')), remaining: wholeNumber(remaining ?? inBoth('remaining') ?? inBoth('r')),
  };
}

export const limits: Probe<'limits'> = {
  id: 'limits', title: 'Rate limits in ordinary answers', consent: 'probes',
  about: `Reads the headers that tell how many requests are left. ${NOTED}`,
  requests: { navi: [{ method: 'GET', path: '/api/admin/security/status' }], karen: [{ method: 'GET', path: '/api/health' }] },
  facts: ([{ headers }]) => limitsIn(headers),
};
