// The look at a deployment, as work that goes on while another screen is open; it keeps how it ended and what changed by it.
import type { SecurityView } from '#shared/contract/security.ts';
import type { PostureDiff } from '#shared/domain/posture.ts';
import { createTasks } from '../../components/tasks.ts';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { diffSentence } from './posture-words.ts';

export interface ScanInput { readonly deploymentId: string; readonly baselineId?: string; readonly isOffline: boolean }

/** `diff` compares with the look before; null when there was none. */
export interface ScanResult { readonly view: SecurityView; readonly isOffline: boolean; readonly diff: PostureDiff | null }

export const scans = createTasks<ScanInput, ScanResult>(async (input) => {
  const view = await call('security.scan', input);
  const { deploymentId } = input;
  const [now, before] = (await call('security.history', { deploymentId, limit: 2 })).snapshots;
  const diff = now === undefined || before === undefined ? null : await call('security.diff', { deploymentId, from: before.id, to: now.id });
  announce(`${input.isOffline ? 'Evaluated.' : 'Looked.'} ${view.summary}.${diff === null ? '' : ` ${diffSentence(diff)}`}`);
  return { view, isOffline: input.isOffline, diff };
});
