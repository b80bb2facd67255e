// What the palette asked the retention screen to open; the screen takes it once.
import { create } from 'zustand';

export type RetentionTask = 'purge' | 'hold';

export const useRetentionRequest = create<{ readonly deploymentId: string | null; readonly task: RetentionTask | null }>()(() => ({ deploymentId: null, task: null }));

export function requestRetention(deploymentId: string | null, task: RetentionTask | null): void {
  useRetentionRequest.setState({ deploymentId, task });
}
