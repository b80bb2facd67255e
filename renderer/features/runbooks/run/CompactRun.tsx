// The run in a small window: clock, severity, the next step with what can be recorded for it, timers, and the line for what happens now.
import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Maximize2 } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { IconButton } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { useQuery } from '../../../lib/query.ts';
import { useSettings } from '../../../lib/settings.ts';
import { MarkdownText } from '../markdown/MarkdownText.tsx';
import { clockText } from '../step/step-words.ts';
import { useSecond } from '../step/use-second.ts';
import { useRunRefresh } from '../step/use-run-refresh.ts';
import { closeCompact, takeTheme, useCompact } from './compact-window.ts';
import { EntryLine } from './EntryLine.tsx';
import { NextOutcome } from './NextOutcome.tsx';
import { DueTimers } from './RunAlert.tsx';
import { DoubtLine } from './RunBar.tsx';
import { RunClock } from './RunClock.tsx';
import { acknowledgeLimit, placedStep, severityWords, timersOf } from './run-words.ts';
import './run.css';

/** Drawn where the small window is; nothing while there is none. */
export function CompactWindow() {
  const { runId, shape, floating } = useCompact();
  const { data, error, reload } = useQuery('run.show', runId === null ? null : { runId });
  const theme = useSettings().theme;
  useEffect(() => {
    if (floating !== null) takeTheme(floating);
  }, [floating, theme]);
  if (runId === null || shape === null) return null;
  const body = data === undefined ? (error === null ? null : <ErrorNote error={error} onRetry={() => { void reload(); }} />) : <CompactBody run={data} shape={shape} />;
  return floating === null ? <SmallPage>{body}</SmallPage> : createPortal(body, floating.document.body);
}

/** The whole window, while it is small. */
function SmallPage({ children }: { readonly children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return <dialog ref={ref} className="run-small-page" aria-label="The run in a small window" onCancel={(event) => { event.preventDefault(); void closeCompact(); }}>{children}</dialog>;
}

function CompactBody({ run, shape }: { readonly run: RunView; readonly shape: string }) {
  useRunRefresh(run);
  const entry = useRef<HTMLInputElement>(null);
  const home = useRef<HTMLHeadingElement>(null);
  const next = placedStep(run, run.next);
  const severity = severityWords(run);
  // A step that got its outcome took the focus with it.
  useEffect(() => {
    const active = home.current?.ownerDocument.activeElement ?? null;
    if (active === null || active.tagName === 'BODY' || active.tagName === 'DIALOG') home.current?.focus();
  }, [run.next]);
  function onKey(event: KeyboardEvent): void {
    const isTyped = (event.target as Element).closest('input, textarea, select') !== null;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'n' && !isTyped && entry.current !== null) {
      event.preventDefault();
      entry.current.focus();
    } else if (event.key === 'Escape' && !isTyped) {
      event.preventDefault();
      void closeCompact();
    }
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys lead to what can be reached by Tab as well.
    <main className="run-compact" onKeyDown={onKey}>
      <header className="run-compact-head">
        <h1 className="cut" title={visibleLine(run.title)}>{run.isDrill ? <span className="run-drill">DRILL</span> : null}<HostileText text={run.title} /></h1>
        <IconButton icon={Maximize2} label="Back to the whole window" onClick={() => { void closeCompact(); }} />
      </header>
      <div className="run-compact-clock"><RunClock run={run} /><DoubtLine doubt={run.doubts.severity} />{severity === null ? null : <span className="run-compact-severity" title={visibleLine(severity.title)}><HostileText text={severity.mark} /></span>}</div>
      <Times run={run} />
      <section className="run-compact-next" aria-label="Next step">
        <h2 ref={home} tabIndex={-1}>{run.ended !== null ? (run.ended.outcome === 'completed' ? 'Completed' : 'Stopped') : next === null ? 'Every step that can be done has its outcome.' : <HostileText text={next.step.title} />}</h2>
        {next === null || run.ended !== null ? null : <NextOutcome key={next.step.id} run={run} placed={next} />}
        {next?.step.text === undefined || run.ended !== null ? null : <MarkdownText text={next.step.text} />}
      </section>
      <EntryLine run={run} field={entry} onLeave={() => home.current?.focus()} />
      {shape === 'small' ? <p className="small dim run-compact-foot">This host cannot keep the window above others: it may go behind them.</p> : null}
    </main>
  );
}

function Times({ run }: { readonly run: RunView }) {
  const nowMs = useSecond();
  const { running, due } = timersOf(run, nowMs);
  const limit = acknowledgeLimit(run, nowMs);
  return (
    <>
      {limit?.isOverdue === true ? <p className="small text-fail">Not acknowledged: the limit was {limit.minutes} min.</p> : null}
      {due.length === 0 ? null : <DueTimers run={run} due={due} nowMs={nowMs} />}
      {running.length === 0 ? null : <ul className="run-compact-timers" aria-label="Running timers">{running.slice(0, 3).map(({ step, dueMs }) => <li key={step.id}><span className="cut sub"><HostileText text={step.title} /></span><span className="run-tabular">{clockText(dueMs - nowMs)}</span></li>)}</ul>}
    </>
  );
}
