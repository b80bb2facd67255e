// The clock of a run: ticks each second from its start, and stands still at its end.
import type { RunView } from '#shared/domain/runbook-view.ts';
import { useSecond } from '../step/use-second.ts';
import { elapsedMs, elapsedText } from './run-words.ts';

export function RunClock({ run }: { readonly run: Pick<RunView, 'startedAt' | 'ended'> }) {
  return run.ended === null ? <Ticking run={run} /> : <span className="run-clock" role="timer" aria-label="Time that the run took">{elapsedText(elapsedMs(run, 0))}</span>;
}

function Ticking({ run }: { readonly run: Pick<RunView, 'startedAt' | 'ended'> }) {
  return <span className="run-clock" role="timer" aria-label="Time since the start">{elapsedText(elapsedMs(run, useSecond()))}</span>;
}
