// The timer of a step: starts, counts down, says that it is due, is acknowledged or stopped. What is shown is core's; only the seconds are counted here.
import { useState } from 'react';
import { AlarmClockCheck, Play, Square } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { call } from '../../../lib/client.ts';
import { minutesWords } from '../library/pack-words.ts';
import type { PlacedStep } from './step-words.ts';
import { TimerLeft } from './TimerLeft.tsx';
import { useRecord } from './use-record.ts';
import type { StepPartProps } from './use-record.ts';

type Action = 'started' | 'acknowledged' | 'stopped';

export function TimerSection({ placed: { step, standing }, isOpen, ...part }: StepPartProps & { readonly placed: PlacedStep; readonly isOpen: boolean }) {
  const { timer } = standing;
  const [asked, setAsked] = useState<Action | null>(null);
  const act = useRecord(part, (action: Action) => call('run.timer', { runId: part.run.runId, step: step.id, action }));
  const press = (action: Action) => (): void => { setAsked(action); void act.run(action); };
  const busy = (action: Action): boolean => act.busy && asked === action;
  const isRunning = timer?.state === 'running' || timer?.state === 'due';
  const canAct = part.run.ended === null;
  return (
    <section className="step-part" aria-label="Timer">
      <p className="label">Timer</p>
      {timer === null ? <p className="sub">It runs for {minutesWords(step.minutes ?? 0)}, and was not started yet.</p> : (
        <>
          {isRunning ? <p className="step-timer"><TimerLeft timer={timer} title={step.title} /></p> : null}
          {timer.state === 'due' ? <Note tone="age"><p className="note-main" role="alert">The timer has run out.</p></Note> : null}
          {timer.state === 'acknowledged' ? <p>It ran out and was acknowledged.</p> : null}
          {timer.state === 'stopped' ? <p>It was stopped.</p> : null}
          <p className="small sub">{minutesWords(step.minutes ?? 0)} from <Time iso={timer.startedAt} style="full" /> to <Time iso={timer.dueAt} style="full" /></p>
        </>
      )}
      {act.error === null ? null : <ErrorNote error={act.error} />}
      <div className="row row-wrap">
        {canAct && timer?.state === 'due' ? <Button look="main" icon={AlarmClockCheck} busy={busy('acknowledged')} onClick={press('acknowledged')}>Acknowledge</Button> : null}
        {canAct && isRunning ? <Button icon={Square} busy={busy('stopped')} onClick={press('stopped')}>Stop the timer</Button> : null}
        {isOpen && !isRunning ? <Button look={timer === null ? 'main' : 'plain'} icon={Play} busy={busy('started')} onClick={press('started')}>{timer === null ? 'Start the timer' : 'Start it again'}</Button> : null}
      </div>
    </section>
  );
}
