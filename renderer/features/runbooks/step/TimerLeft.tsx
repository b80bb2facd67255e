// How long a timer still runs, second by second; says once that it has run out.
import { useEffect } from 'react';
import { AlarmClock, Timer } from 'lucide-react';
import type { StepStanding } from '#shared/domain/runbook-run.ts';
import { announce } from '../../../lib/announce.ts';
import { clockText } from './step-words.ts';
import { useSecond } from './use-second.ts';

interface TimerLeftProps { readonly timer: NonNullable<StepStanding['timer']>; readonly title: string }

/** Shown while the timer runs or rings; nothing for one that was stopped or acknowledged. */
export function TimerLeft({ timer, title }: TimerLeftProps) {
  return timer.state === 'running' || timer.state === 'due' ? <Ticking timer={timer} title={title} /> : null;
}

function Ticking({ timer: { startedAt, dueAt }, title }: TimerLeftProps) {
  const dueMs = Date.parse(dueAt);
  // The tick of the page may be older than the start by a part of a second: never more left than there was.
  const leftMs = Math.min(dueMs - useSecond(), dueMs - Date.parse(startedAt));
  const isDue = leftMs <= 0;
  useEffect(() => {
    if (isDue) announce(`The timer of “${title}” has run out.`);
  }, [isDue, title]);
  return isDue
    ? <span className="timer-left timer-due"><AlarmClock size={13} aria-hidden /><span>{-leftMs < 60_000 ? 'due now' : `due, ${clockText(-leftMs)} over`}</span></span>
    : <span className="timer-left"><Timer size={13} aria-hidden /><span><span className="timer-clock">{clockText(leftMs)}</span> left</span></span>;
}
