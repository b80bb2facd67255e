// The run on a shared screen: clock, severity, next step, timers, last entries and roles in type that is read from across a room. It takes the whole window; Escape leaves.
import { useEffect, useRef } from 'react';
import type { KeyboardEvent } from 'react';
import { Minimize2 } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Kbd } from '../../../components/Kbd.tsx';
import { formatTime } from '../../../lib/format.ts';
import { useSettings } from '../../../lib/settings.ts';
import { clockText } from '../step/step-words.ts';
import { useSecond } from '../step/use-second.ts';
import { EntryLine } from './EntryLine.tsx';
import { DueTimers } from './RunAlert.tsx';
import { DoubtLine } from './RunBar.tsx';
import { RunClock } from './RunClock.tsx';
import { acknowledgeLimit, placedStep, severityWords, timersOf } from './run-words.ts';

const ENTRIES = 6;

export function LargeType({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const entry = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const severity = severityWords(run);
  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    if (event.key === 'n' && entry.current !== null) {
      event.preventDefault();
      entry.current.focus();
    } else if (event.key === 'l') onClose();
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys lead to what can be reached by Tab as well.
    <dialog ref={ref} tabIndex={-1} className="run-large" aria-label="The run in large type" onKeyDown={onKey} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <header className="run-large-head">
        <h2 className="cut"><HostileText text={run.title} /></h2>
        {run.isDrill ? <span className="run-drill">DRILL</span> : null}
        <span className="grow" />
        <Button look="quiet" icon={Minimize2} onClick={onClose}>Leave large type <Kbd>Esc</Kbd></Button>
      </header>
      <Ringing run={run} />
      <div className="run-large-top">
        <RunClock run={run} />
        {severity === null ? null : <span className="run-large-severity"><HostileText text={severity.mark} /></span>}
        <DoubtLine doubt={run.doubts.severity} />
        <Acknowledge run={run} />
      </div>
      <Next run={run} />
      <div className="run-large-body">
        <Entries run={run} />
        <div className="run-large-side">
          <Timers run={run} />
          {run.roles.length === 0 ? null : (
            <section aria-label="Roles">
              <h3>Roles</h3>
              <ul>{run.roles.slice(0, 8).map(({ role, title, names }) => <li key={role}><span className="sub cut"><HostileText text={title} /></span><span className={names.length === 0 ? 'text-stale' : 'cut'}>{names.length === 0 ? 'nobody yet' : <HostileText text={names.join(' / ')} />}</span></li>)}</ul>
            </section>
          )}
        </div>
      </div>
      <EntryLine run={run} field={entry} onLeave={() => ref.current?.focus()} />
    </dialog>
  );
}

function Ringing({ run }: { readonly run: RunView }) {
  const nowMs = useSecond();
  const { due } = timersOf(run, nowMs);
  return due.length === 0 ? null : <DueTimers run={run} due={due} nowMs={nowMs} />;
}

function Acknowledge({ run }: { readonly run: RunView }) {
  const limit = acknowledgeLimit(run, useSecond());
  return limit?.isOverdue === true ? <span className="run-large-overdue text-fail">not acknowledged, limit {limit.minutes} min</span> : null;
}

function Next({ run }: { readonly run: RunView }) {
  const next = placedStep(run, run.next);
  const role = run.roles.find((each) => each.role === next?.step.role);
  return (
    <section className="run-large-next" aria-label="Next step">
      <h3>{run.ended === null ? 'Next' : 'Ended'}</h3>
      <p className="run-large-step">{run.ended !== null ? (run.ended.outcome === 'completed' ? 'Completed' : 'Stopped') : next === null ? 'Every step has its outcome' : <HostileText text={next.step.title} />}</p>
      {next === null ? null : <p className="sub"><HostileText text={next.section.title} />{role === undefined ? null : <> · <HostileText text={`${role.title}: ${role.names.length === 0 ? 'nobody yet' : role.names.join(' / ')}`} /></>}</p>}
    </section>
  );
}

function Entries({ run }: { readonly run: RunView }) {
  const zone = useSettings().times;
  return (
    <section className="run-large-entries" aria-label="Last entries">
      <h3>Last</h3>
      <ol>{run.timeline.slice(-ENTRIES).reverse().map(({ event, at, text, isTrusted }) => <li key={event}><span className="mono dim">{formatTime(at, { zone, style: 'row', nowMs: Date.parse(at) }).slice(-8, -3)}</span><span className="run-large-entry"><HostileText text={text.slice(0, 300)} />{isTrusted ? null : <span className="text-stale"> (not trusted yet)</span>}</span></li>)}</ol>
    </section>
  );
}

function Timers({ run }: { readonly run: RunView }) {
  const nowMs = useSecond();
  const { running } = timersOf(run, nowMs);
  if (running.length === 0) return null;
  return (
    <section aria-label="Running timers">
      <h3>Timers</h3>
      <ul>{running.slice(0, 4).map(({ step, dueMs }) => <li key={step.id}><span className="sub cut"><HostileText text={step.title} /></span><span className="run-large-timer">{clockText(dueMs - nowMs)}</span></li>)}</ul>
    </section>
  );
}
