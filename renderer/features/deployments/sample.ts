// The way from an empty machine to a sealed payload of the sample deployment; it opens nothing itself, the admin presses Decrypt.
import { create } from 'zustand';
import { formatTerm } from '#shared/domain/audit-query-format.ts';
import { call, toClientError } from '../../lib/client.ts';
import type { ClientError } from '../../lib/client.ts';
import { useApp } from '../../app/store.ts';
import { startSync } from '../audit/sync.ts';
import { scans } from '../security/scan.ts';

export type SamplePhase = 'idle' | 'starting' | 'syncing' | 'failed';

interface SampleState { readonly phase: SamplePhase; readonly error: ClientError | null }

export const SAMPLE_REASON = 'Trying the sample';

export const useSample = create<SampleState>()(() => ({ phase: 'idle', error: null }));

/** The newest event whose payload is sealed under a key that we hold; else the newest sealed one. */
async function findSealedEvent(deploymentId: string): Promise<number | null> {
  const { keys } = await call('audit.keyList', { deploymentId });
  const first = async (query: string): Promise<number | null> => (await call('audit.search', { deploymentId, query, limit: 1 })).events[0]?.id ?? null;
  const held = keys.map(({ keyId }) => formatTerm('key', keyId)).join(' OR ');
  return (held === '' ? null : await first(`encrypted:yes (${held})`)) ?? first('encrypted:yes');
}

/** Starts the sample, syncs it, and opens the audit screen with a sealed event ready to be decrypted. */
export async function trySample(): Promise<void> {
  const { phase } = useSample.getState();
  if (phase === 'starting' || phase === 'syncing') return;
  useSample.setState({ phase: 'starting', error: null });
  try {
    const { id } = await call('deployment.startSample', {});
    useApp.getState().go('audit', { deploymentId: id });
    useSample.setState({ phase: 'syncing' });
    await startSync(id);
    const eventId = await findSealedEvent(id);
    if (eventId !== null) useApp.getState().askAudit({ deploymentId: id, eventId, reason: SAMPLE_REASON });
    useSample.setState({ phase: 'idle' });
    // What else the screens of the sample show comes after; its failure is shown there.
    void scans.start(id, { deploymentId: id, isOffline: false });
  } catch (error) {
    useSample.setState({ phase: 'failed', error: toClientError(error) });
  }
}
