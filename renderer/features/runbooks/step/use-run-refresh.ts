// Asks core again when time alone changes how steps stand: a timer runs out, an answer grows old. Core emits nothing then.
import { useEffect } from 'react';
import { staleMinutesOf } from '#shared/domain/runbook-proof.ts';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { call } from '../../../lib/client.ts';
import { putAnswer, refetch } from '../../../lib/query.ts';
import { nextChangeMs } from './step-words.ts';

/** A timer of the browser cannot wait longer; then it looks again. */
const LONGEST_MS = 86_400_000;
/** A little after, so that core's clock is past it too. */
const AFTER_MS = 120;

export function useRunRefresh(run: RunView): void {
  useEffect(() => {
    const at = nextChangeMs(run, Date.now(), staleMinutesOf);
    if (at === null || run.ended !== null) return undefined;
    const timer = setTimeout(() => refetch('run.show'), Math.min(LONGEST_MS, at - Date.now() + AFTER_MS));
    return () => clearTimeout(timer);
  }, [run]);
}

/** Puts the run as core has it now where the screens read it: after a write, what is shown is core's answer and not what was asked for. */
export async function freshRun(runId: string): Promise<RunView> {
  const view = await call('run.show', { runId });
  putAnswer('run.show', { runId }, view);
  return view;
}
