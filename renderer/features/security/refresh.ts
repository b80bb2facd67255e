// Asks a deployment for its security status and remembers how that ended, also while another screen is open.
import { create } from 'zustand';
import { announce } from '../../lib/announce.ts';
import { call, toClientError } from '../../lib/client.ts';
import type { ClientError } from '../../lib/client.ts';
import { putAnswer } from '../../lib/query.ts';

export interface RefreshState { readonly running: boolean; readonly error: ClientError | null }

const IDLE: RefreshState = { running: false, error: null };
const useRefreshes = create<{ readonly byId: Readonly<Record<string, RefreshState>> }>()(() => ({ byId: {} }));

export function useRefresh(deploymentId: string): RefreshState {
  return useRefreshes(({ byId }) => byId[deploymentId] ?? IDLE);
}

function set(deploymentId: string, state: RefreshState): void {
  useRefreshes.setState(({ byId }) => ({ byId: { ...byId, [deploymentId]: state } }));
}

export async function startRefresh(deploymentId: string): Promise<void> {
  if (useRefreshes.getState().byId[deploymentId]?.running === true) return;
  set(deploymentId, { running: true, error: null });
  try {
    const view = await call('security.refresh', { deploymentId });
    putAnswer('security.show', { deploymentId }, view);
    set(deploymentId, { running: false, error: null });
    announce(`Security status read. ${view.summary}`);
  } catch (error) {
    set(deploymentId, { running: false, error: toClientError(error) });
  }
}
