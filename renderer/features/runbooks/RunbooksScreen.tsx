// The screen of runbooks: one run that is open, or the library with the list of runs.
import type { Deployment } from '#shared/domain/deployment.ts';
import { useApp } from '../../app/store.ts';
import { LibraryScreen } from './library/LibraryScreen.tsx';
import { RunScreen } from './run/RunScreen.tsx';

export function RunbooksScreen({ current }: { readonly current: Deployment | null }) {
  const runId = useApp((state) => state.runId);
  return runId === null ? <LibraryScreen current={current} /> : <RunScreen key={runId} runId={runId} />;
}
