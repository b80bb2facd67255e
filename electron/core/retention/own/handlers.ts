// Contract to service, for the console's own retention.
import type { CallsOf, Handlers } from '../../dispatch.ts';
import type { OwnRetention } from './service.ts';

type OwnCalls = Extract<CallsOf<'retention'>, `retention.own${string}` | 'retention.setOwnPolicy'>;

export function ownRetentionHandlers(own: OwnRetention): Handlers<OwnCalls> {
  return {
    'retention.ownPolicy': () => own.policy(),
    'retention.setOwnPolicy': (policy) => own.setPolicy(policy),
    'retention.ownPreview': (_input, { signal }) => own.preview(signal),
    'retention.ownPurge': (input, { signal }) => own.purge(input, signal),
  };
}
