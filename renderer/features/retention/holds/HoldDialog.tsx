// Sets a legal hold: the case and its query, with what the query takes in shown before anything is kept. It changes nothing at the deployment.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { Eye, Lock } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { holdTasks } from '../retention-tasks.ts';
import { holdErrors, isWhole, reviewFrom } from './hold-draft.ts';
import type { HoldDraft } from './hold-draft.ts';

type Preview = CallOutput<'retention.holdPreview'>;

export function HoldDialog({ deployment, onClose }: { readonly deployment: Deployment; readonly onClose: () => void }) {
  const { id } = deployment;
  const home = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<HoldDraft>(() => ({ caseId: '', owner: '', reason: '', reviewOn: reviewFrom(Date.now()), query: '' }));
  const [wasTried, setTried] = useState(false);
  const [seen, setSeen] = useState<{ readonly query: string; readonly preview: Preview } | null>(null);
  const look = useAction(async () => {
    const query = draft.query.trim();
    const preview = await call('retention.holdPreview', { deploymentId: id, query });
    setSeen({ query, preview });
    announce(`The query takes in ${plural(preview.rows, 'row')}.`);
  });
  const set = useAction(async () => {
    // Setting refuses at once or goes on as work of its own; a refusal is shown here.
    if (holdTasks.stateOf(id).running) return;
    const isSet = await holdTasks.start(id, { deploymentId: id, ...draft, query: draft.query.trim() });
    const { error } = holdTasks.stateOf(id);
    if (isSet || error === null || (error.wire.code !== 'invalid_query' && error.wire.code !== 'hold_exists' && error.wire.code !== 'invalid_input')) return onClose();
    holdTasks.forget(id);
    throw error;
  });
  const errors = holdErrors(draft);
  const preview = seen !== null && seen.query === draft.query.trim() ? seen.preview : null;
  const queryRefusal = look.error?.wire.code === 'invalid_query' ? `${look.error.wire.message} ${look.error.wire.hint}` : set.error?.wire.code === 'invalid_query' ? `${set.error.wire.message} ${set.error.wire.hint}` : null;
  useFocusHome(home, set.error ?? look.error);
  const change = (part: Partial<HoldDraft>): void => { setDraft({ ...draft, ...part }); set.clear(); if (part.query !== undefined) look.clear(); };
  const at = (field: keyof HoldDraft): string | null => (wasTried ? errors[field] : null);
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (isWhole(errors)) {
      if (preview === null) void look.run();
      else void set.run();
    } else requestAnimationFrame(() => home.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  }
  return (
    <Dialog title={`Set a legal hold on ${deployment.name}`} onClose={onClose} wide>
      <form ref={home} tabIndex={-1} className="stack hold-form" aria-label="Set a legal hold" onSubmit={submit} noValidate>
        <p className="sub">The rows that the query matches, now and after each sync, are copied into the sealed vault of this workstation, and no purge from here takes them. Holdfast cannot stop the server’s own schedule.</p>
        <div className="hold-who">
          <Field label="Case" error={at('caseId')}>{(ids) => <input {...ids} className="input" data-first-focus value={draft.caseId} maxLength={80} spellCheck={false} autoComplete="off" onChange={(event) => change({ caseId: event.target.value })} />}</Field>
          <Field label="Owner" error={at('owner')}>{(ids) => <input {...ids} className="input" value={draft.owner} maxLength={120} autoComplete="off" onChange={(event) => change({ owner: event.target.value })} />}</Field>
          <Field label="Review on" error={at('reviewOn')}>{(ids) => <input {...ids} className="input" type="date" value={draft.reviewOn} onChange={(event) => change({ reviewOn: event.target.value })} />}</Field>
        </div>
        <Field label="Reason" error={at('reason')}>{(ids) => <textarea {...ids} className="textarea" rows={2} maxLength={500} value={draft.reason} onChange={(event) => change({ reason: event.target.value })} />}</Field>
        <Field label="Query" error={at('query') ?? queryRefusal} hint="In the language of the audit search, for example actor:admin-2@acme.example since:2026-10-01. A time that counts back from now is refused: what it matches would slip away.">
          {(ids) => <input {...ids} className="input mono" value={draft.query} spellCheck={false} autoComplete="off" onChange={(event) => change({ query: event.target.value })} />}
        </Field>
        {preview === null ? null : <Takes preview={preview} />}
        {set.error === null || set.error.wire.code === 'invalid_query' ? null : <ErrorNote error={set.error} />}
        {look.error === null || look.error.wire.code === 'invalid_query' ? null : <ErrorNote error={look.error} />}
        <div className="dialog-foot">
          <Button look="quiet" onClick={onClose}>{set.busy ? 'Close and go on' : 'Cancel'}</Button>
          {preview === null ? <Button type="submit" look="main" icon={Eye} busy={look.busy}>See what it takes</Button> : <Button type="submit" look="main" icon={Lock} busy={set.busy}>Set the hold</Button>}
        </div>
      </form>
    </Dialog>
  );
}

function Takes({ preview: { rows, oldestAt, newestAt, withoutPayload, gaps } }: { readonly preview: Preview }) {
  return (
    <section className="stack-small hold-takes" aria-label="What the query takes" role="status">
      <p><strong>{plural(rows, 'row')}</strong>{oldestAt === null || newestAt === null ? null : <>, from <Time iso={oldestAt} style="full" /> to <Time iso={newestAt} style="full" /></>}</p>
      {rows === 0 ? <Note tone="age">Nothing matches now. The hold can be set all the same: what a later sync brings is taken in.</Note> : null}
      {withoutPayload === 0 ? null : <p className="sub">{plural(withoutPayload, 'row')} without a payload here: only what the list gives of {withoutPayload === 1 ? 'it' : 'them'} can be preserved.</p>}
      {gaps === 0 ? null : <Note tone="age">{plural(gaps, 'stretch', 'stretches')} of the log {gaps === 1 ? 'was' : 'were'} never read. What lies there is not counted and not preserved.</Note>}
    </section>
  );
}
