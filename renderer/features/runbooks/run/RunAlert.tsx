// Timers of the open run that ring: a banner over every screen until each is acknowledged, said once politely, and in the title of the window. There is no sound.
import { useEffect, useMemo } from 'react';
import { AlarmClock, Check } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { announce } from '../../../lib/announce.ts';
import { plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { useSecond } from '../step/use-second.ts';
import { clockText } from '../step/step-words.ts';
import { alertTitle } from './alert-title.ts';
import './run.css';
import { timersOf } from './run-words.ts';
import type { RunTimer } from './run-words.ts';
import { useStepRecord } from './use-record.ts';

/** For the run that was opened last, on whatever screen the admin is now. */
export function RunAlert() {
  const runId = useApp((state) => state.runId);
  const { data } = useQuery('run.show', runId === null ? null : { runId });
  return data === undefined || data.ended !== null ? null : <Alert run={data} />;
}

function Alert({ run }: { readonly run: RunView }) {
  const nowMs = useSecond();
  const { due } = timersOf(run, nowMs);
  const title = alertTitle(due);
  const said = due.map(({ step }) => visibleLine(step.title)).join(', ');
  useEffect(() => {
    if (said !== '') announce(`Timer due: ${said}.`);
  }, [said]);
  useTitle(title);
  return due.length === 0 ? null : <DueTimers run={run} due={due} nowMs={nowMs} />;
}

/** Puts it before the title, also when a screen writes another one. */
function useTitle(mark: string | null): void {
  useEffect(() => {
    if (mark === null) return undefined;
    const begin = `${mark} · `;
    let plain = document.title;
    const apply = (): void => {
      if (document.title.startsWith(begin)) return;
      plain = document.title;
      document.title = `${begin}${plain}`;
    };
    apply();
    const watch = new MutationObserver(apply);
    const element = document.querySelector('title');
    if (element !== null) watch.observe(element, { childList: true });
    return () => {
      watch.disconnect();
      document.title = plain;
    };
  }, [mark]);
}

/** The ringing timers, the one that rings longest first. */
export function DueTimers({ run, due, nowMs }: { readonly run: RunView; readonly due: readonly RunTimer[]; readonly nowMs: number }) {
  const { screen, runId, openRun } = useApp();
  const isElsewhere = screen !== 'runbooks' || runId !== run.runId;
  return (
    <section className="run-alert" aria-label={plural(due.length, 'timer due', 'timers due')}>
      {due.map((each) => <DueTimer key={each.step.id} run={run} timer={each} nowMs={nowMs} />)}
      {isElsewhere ? <Button look="quiet" onClick={() => openRun(run.runId)}>Open the run</Button> : null}
    </section>
  );
}

function DueTimer({ run, timer: { step, dueMs }, nowMs }: { readonly run: RunView; readonly timer: RunTimer; readonly nowMs: number }) {
  const record = useStepRecord('run.timer', 'The timer is acknowledged.');
  const late = useMemo(() => clockText(nowMs - dueMs), [nowMs, dueMs]);
  return (
    <div className="run-alert-item">
      <AlarmClock size={15} aria-hidden />
      <span className="run-alert-text"><strong><HostileText text={step.title} /></strong> <span className="nowrap">due {late} ago</span></span>
      <Button icon={Check} busy={record.busy} aria-label={`Acknowledge the timer: ${visibleLine(step.title)}`} onClick={() => { void record.run({ runId: run.runId, step: step.id, action: 'acknowledged' }); }}>Acknowledge</Button>
      {record.error === null ? null : <span className="small text-fail" role="alert"><HostileText text={record.error.wire.message} /></span>}
    </div>
  );
}
