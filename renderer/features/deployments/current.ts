// Which deployment the screens are about: the chosen one, else the first; it remembers nothing between starts.
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import type { ClientError } from '../../lib/client.ts';
import { useQuery } from '../../lib/query.ts';

export interface CurrentDeployment {
  readonly all: readonly Deployment[] | undefined;
  readonly current: Deployment | null;
  readonly error: ClientError | null;
  reload(): Promise<void>;
}

export function useCurrentDeployment(): CurrentDeployment {
  const list = useQuery('deployment.list', {});
  const chosen = useApp((state) => state.deploymentId);
  const all = list.data?.deployments;
  return { all, current: all?.find(({ id }) => id === chosen) ?? all?.[0] ?? null, error: list.error, reload: list.reload };
}
