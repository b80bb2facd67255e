// What a row without a payload means at a deployment, in a form that can be handed to a thread.
import type { Deployment } from '#shared/domain/deployment.ts';
import type { AbsentPayload } from '../queries.ts';

/** own-org: rows of this organisation (null: of any) can still be fetched, all others never. */
export type AbsentRule = { readonly kind: 'not-synced' } | { readonly kind: 'not-offered' } | { readonly kind: 'own-org'; readonly org: string | null };

/** Out of reach for good, or not fetched yet: follows from what the deployment offers. */
export function absentRuleOf(deployment: Pick<Deployment, 'capabilities' | 'token'>): AbsentRule {
  const offered = (name: string): boolean => deployment.capabilities.some((capability) => capability.name === name && capability.state === 'offered');
  if (deployment.capabilities.length === 0 || offered('audit-payload')) return { kind: 'not-synced' };
  if (!offered('audit-export')) return { kind: 'not-offered' };
  // The export holds the caller's own organisation only; rows of others and rows without one have no payload route.
  return { kind: 'own-org', org: deployment.token.claims?.org ?? null };
}

export function absentPayloadOf(rule: AbsentRule): AbsentPayload {
  if (rule.kind !== 'own-org') return () => rule.kind === 'not-synced' ? 'not-synced' : 'not-offered';
  return (org) => (org !== null && (rule.org === null || org === rule.org) ? 'not-synced' : 'not-offered');
}
