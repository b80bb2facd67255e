// How long work about retention stands or ended, over the page: each once, until it is dismissed.
import type { ReactNode } from 'react';
import { X } from 'lucide-react';
import { IconButton } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import type { Tasks } from '../../components/tasks.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useJob } from '../../lib/jobs.ts';
import { holdTasks, purgeTasks, settleTasks, verifyTasks } from './retention-tasks.ts';
import { OUTCOME_LOOKS } from './retention-words.ts';

export function TaskNotes({ deploymentId }: { readonly deploymentId: string }) {
  return (
    <div className="task-notes">
      <TaskNote deploymentId={deploymentId} tasks={holdTasks} callName="retention.holdAdd" kept="" said={({ caseId, counts }) => ({ isGood: counts.preserved === counts.rows, text: `The hold for ${caseId} stands: ${formatCount(counts.preserved)} of ${plural(counts.rows, 'row')} in the vault.` })} />
      <TaskNote deploymentId={deploymentId} tasks={purgeTasks} callName="retention.purge" kept="" said={({ message }) => ({ isGood: false, text: message })} />
      <TaskNote deploymentId={deploymentId} tasks={settleTasks} callName="retention.settle" kept="Nothing was deleted by looking." said={({ message }) => ({ isGood: false, text: message })} />
      <TaskNote deploymentId={deploymentId} tasks={verifyTasks} callName="retention.verify" kept="No certificate was issued." said={({ outcome, checks }) => ({ isGood: outcome === 'holds', text: `A certificate was issued: ${OUTCOME_LOOKS[outcome].word}. ${plural(checks.filter(({ state }) => state === 'holds').length, 'check')} of ${formatCount(checks.length)} held.` })} />
    </div>
  );
}

interface TaskNoteProps<I, T> {
  readonly deploymentId: string;
  readonly tasks: Tasks<I, T>;
  readonly callName: string;
  readonly kept: string;
  readonly said: (result: T) => { readonly isGood: boolean; readonly text: string };
}

function TaskNote<I, T>({ deploymentId, tasks, callName, kept, said }: TaskNoteProps<I, T>) {
  const task = tasks.useTask(deploymentId);
  const job = useJob(callName, deploymentId);
  if (job !== null) return <ProgressLine job={job} />;
  if (task.running) return <div className="progress-line" role="status"><progress className="progress" aria-label="Starting" /><span>Starting…</span></div>;
  const forget = (): void => tasks.forget(deploymentId);
  if (task.error !== null) return <Dismissable onClose={forget}>{task.error.wire.code === 'cancelled' ? <Note><HostileText text={task.error.wire.message} /></Note> : <ErrorNote error={task.error} {...(kept === '' ? {} : { kept })} />}</Dismissable>;
  if (task.result === null) return null;
  const { isGood, text } = said(task.result);
  return <Dismissable onClose={forget}><Note tone={isGood ? 'good' : 'info'}><HostileText text={text} /></Note></Dismissable>;
}

function Dismissable({ children, onClose }: { readonly children: ReactNode; readonly onClose: () => void }) {
  return <div className="pad dismissable"><div className="grow">{children}</div><IconButton icon={X} label="Dismiss" onClick={onClose} /></div>;
}
