// Whether this console can have rows deleted at a deployment, and what must be known before.
import type { Deployment } from '#shared/domain/deployment.ts';
import type { z } from '#shared/zod.ts';
import type { purgeOffer } from '#shared/domain/retention.ts';

type PurgeOffer = z.infer<typeof purgeOffer>;

export function purgeOfferOf({ kind, name, capabilities, capabilitiesAt, readOnly }: Pick<Deployment, 'kind' | 'name' | 'capabilities' | 'capabilitiesAt' | 'readOnly'>): PurgeOffer {
  if (kind === 'karen') return { state: 'not-offered', reason: `${name} is an AI-Karen: it has no way to purge.` };
  const capability = capabilities.find((one) => one.name === 'purge');
  if (capability === undefined) return { state: 'unknown', reason: 'What this deployment offers was not looked at yet: test it first.' };
  if (capability.state !== 'offered') return { state: capability.state, reason: capability.state === 'not-offered' ? `${capability.reason} Schedule that script instead.` : capability.reason };
  const readonly = readOnly ? ' This deployment is read-only here: planning works, carrying out needs read-write.' : '';
  const stale = capabilitiesAt === null ? ' It was seen with an earlier token: test again before relying on it.' : '';
  return { state: 'offered', reason: `POST /api/audit/purge deletes rows of every organisation at once, and the deployment offers no preview.${stale}${readonly}` };
}
