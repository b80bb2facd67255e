// When the plan may be carried out, with what, and how long still; counts down by the clock of this machine.
import { useEffect, useRef } from 'react';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { Time } from '../../../components/Time.tsx';
import { refetch } from '../../../lib/query.ts';
import { clockText, hasClosed, planTime } from './plan-time.ts';
import { useSecond } from './use-second.ts';

const WITH = { now: 'At once', approved: 'With a second person’s approval', delayed: 'Without an approval' } as const;

export function PlanTimes({ plan }: { readonly plan: PurgePlan }) {
  const nowMs = useSecond();
  const time = planTime(plan, nowMs);
  const isOver = time.kind === 'over';
  const seen = useRef(isOver);
  useEffect(() => {
    // Core no longer gives a plan whose time is over.
    if (isOver && !seen.current) refetch('retention.show');
    seen.current = isOver;
  }, [isOver]);
  return (
    <ul className="purge-windows" aria-label="When it may be carried out">
      {plan.windows.map((window) => {
        const isNow = time.kind === 'open' && time.window === window;
        const isNext = time.kind === 'waiting' && time.next === window;
        return (
          <li key={window.kind} className={isNow ? 'purge-window-now' : undefined}>
            <span>{WITH[window.kind]}: <Time iso={window.from} style="full" /> to <Time iso={window.until} style="full" /></span>
            <span className="mono purge-clock">{isNow ? `${clockText(time.leftMs)} left` : isNext ? `opens in ${clockText(time.untilMs)}` : hasClosed(window, nowMs) ? 'over' : ''}</span>
          </li>
        );
      })}
    </ul>
  );
}
