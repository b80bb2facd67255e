// What is still to do after all this: open actions with owner and day, and those that are done.
import { useState } from 'react';
import { Check, Plus, Undo2 } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../../components/Button.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { Field } from '../../../../components/Field.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { Time } from '../../../../components/Time.tsx';
import { useNow } from '../../../../lib/clock.ts';
import { useRecord } from '../use-record.ts';
import { SideScroll } from './SideScroll.tsx';

type Given = RunView['actions'][number];

export function ActionsTab({ run }: { readonly run: RunView }) {
  const open = run.actions.filter(({ isDone }) => !isDone).toSorted((a, b) => (a.due ?? '9999').localeCompare(b.due ?? '9999'));
  const done = run.actions.filter(({ isDone }) => isDone);
  return (
    <SideScroll label="Actions of the run" changed={run.actions}>
      {run.actions.length === 0 ? <p className="sub">No action yet. Note what must be done when this is over, with a name and a day.</p> : null}
      {open.length === 0 ? null : <ul className="run-lines" aria-label="Open actions">{open.map((each) => <Item key={each.id} run={run} action={each} />)}</ul>}
      {done.length === 0 ? null : <><h3>Done</h3><ul className="run-lines" aria-label="Actions that are done">{done.map((each) => <Item key={each.id} run={run} action={each} />)}</ul></>}
      {run.ended === null ? <AddForm run={run} /> : null}
    </SideScroll>
  );
}

function Item({ run, action: { id, text, owner, due, isDone } }: { readonly run: RunView; readonly action: Given }) {
  const record = useRecord('run.action', isDone ? 'The action is open again.' : 'The action is done.');
  const nowMs = useNow();
  const isLate = due !== null && !isDone && Date.parse(`${due}T23:59:59Z`) < nowMs;
  return (
    <li>
      <p className={isDone ? 'sub' : 'run-line-main'}><HostileText text={text} /></p>
      <div className="row row-wrap">
        <span className="small sub"><HostileText text={owner} />{due === null ? ', no day' : <>, {isLate ? <span className="text-stale">overdue since </span> : 'until '}<Time iso={`${due}T00:00:00Z`} style="day" /></>}</span>
        <span className="grow" />
        {run.ended === null ? <Button look="quiet" icon={isDone ? Undo2 : Check} aria-label={`${isDone ? 'Open again' : 'Done'}: ${visibleLine(text)}`} busy={record.busy} onClick={() => { void record.run({ runId: run.runId, id, text, owner, due, isDone: !isDone }); }}>{isDone ? 'Open again' : 'Done'}</Button> : null}
      </div>
      {record.error === null ? null : <ErrorNote error={record.error} />}
    </li>
  );
}

function AddForm({ run }: { readonly run: RunView }) {
  const [text, setText] = useState('');
  const [owner, setOwner] = useState('');
  const [due, setDue] = useState('');
  const record = useRecord('run.action', 'The action is noted.');
  const isReady = text.trim() !== '' && owner.trim() !== '';
  return (
    <form className="run-side-form" aria-label="Note an action" noValidate onSubmit={(event) => { event.preventDefault(); if (isReady) void record.run({ runId: run.runId, text: text.trim(), owner: owner.trim(), due: due === '' ? null : due }).then((done) => { if (done) { setText(''); setDue(''); } }); }}>
      <h3>Note an action</h3>
      <Field label="What">{(ids) => <textarea {...ids} className="textarea" rows={2} value={text} maxLength={500} onChange={(event) => setText(event.target.value)} />}</Field>
      <div className="run-two">
        <Field label="Owner">{(ids) => <input {...ids} className="input" value={owner} maxLength={120} autoComplete="off" onChange={(event) => setOwner(event.target.value)} />}</Field>
        <Field label="Until" optional>{(ids) => <input {...ids} className="input" type="date" value={due} onChange={(event) => setDue(event.target.value)} />}</Field>
      </div>
      {record.error === null ? null : <ErrorNote error={record.error} kept="What you typed stays here." />}
      <div className="row"><Button type="submit" icon={Plus} disabled={!isReady} busy={record.busy}>Note the action</Button></div>
    </form>
  );
}
