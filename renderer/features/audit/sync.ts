// Runs a sync of the audit log for a screen and remembers how the last one ended, also while another screen is open.
import { create } from 'zustand';
import type { SyncResult } from '#shared/domain/audit-event.ts';
import { announce } from '../../lib/announce.ts';
import { call, toClientError } from '../../lib/client.ts';
import type { ClientError } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';

export interface SyncState { readonly running: boolean; readonly result: SyncResult | null; readonly error: ClientError | null }

const IDLE: SyncState = { running: false, result: null, error: null };
const useSyncs = create<{ readonly byId: Readonly<Record<string, SyncState>> }>()(() => ({ byId: {} }));

export function useSync(deploymentId: string): SyncState {
  return useSyncs(({ byId }) => byId[deploymentId] ?? IDLE);
}

function set(deploymentId: string, state: SyncState): void {
  useSyncs.setState(({ byId }) => ({ byId: { ...byId, [deploymentId]: state } }));
}

/** One sentence on how a sync ended; counts only what core counted. Its gaps and notes stand beside it. */
export function syncSentence(result: SyncResult): string {
  const parts = [
    result.added === 0 ? 'No new events' : `${plural(result.added, 'new event')}`,
    result.payloadsAdded === 0 ? null : `${plural(result.payloadsAdded, 'payload')} added`,
    `${plural(result.alreadyHeld, 'event')} already held`,
    result.changed === 0 ? null : `${plural(result.changed, 'event')} differ from what was first seen; the first version is kept`,
    result.findings === 0 ? null : `${plural(result.findings, 'finding')} from comparing with the server`,
    plural(result.requests, 'request'),
  ].filter((part) => part !== null);
  return `${parts.join(' · ')}${result.complete ? '' : ' · not everything could be read'}`;
}

/** Syncs; resolves with false when it failed or was cancelled (the reason is in the state). */
export async function startSync(deploymentId: string): Promise<boolean> {
  if (useSyncs.getState().byId[deploymentId]?.running === true) return false;
  set(deploymentId, { running: true, result: null, error: null });
  try {
    const result = await call('audit.sync', { deploymentId });
    set(deploymentId, { running: false, result, error: null });
    announce(['Sync ended', syncSentence(result), ...result.notes].join('. '));
    return true;
  } catch (error) {
    set(deploymentId, { running: false, result: null, error: toClientError(error) });
    return false;
  }
}

export function forgetSync(deploymentId: string): void {
  set(deploymentId, IDLE);
}
