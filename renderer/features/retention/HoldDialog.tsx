// Sets a legal hold: who answers for it, why, and which rows by a query of the audit log. What the query takes in is counted before; a query that was not counted cannot be set.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Lock, Search } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { QUERY_MAX } from '#shared/domain/audit-search.ts';
import { caseId } from '#shared/domain/retention-hold.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { ProgressLine } from '../../components/ProgressLine.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { useNow } from '../../lib/clock.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useJob } from '../../lib/jobs.ts';
import { useAction } from '../../lib/use-action.ts';
import { dayAfter } from '../security/posture-words.ts';
import { holdSettings } from './hold-tasks.ts';

type Preview = CallOutput<'retention.holdPreview'>;

const REVIEW_DAYS = 90;
const LEAST_REASON = 3;

export function HoldDialog({ deployment, onClose }: { readonly deployment: Deployment; readonly onClose: () => void }) {
  const { id } = deployment;
  const today = dayAfter(useNow(), 0);
  const [name, setName] = useState('');
  const [owner, setOwner] = useState('');
  const [reason, setReason] = useState('');
  const [reviewOn, setReviewOn] = useState(() => dayAfter(Date.now(), REVIEW_DAYS));
  const [query, setQuery] = useState('');
  const [counted, setCounted] = useState<{ readonly query: string; readonly preview: Preview } | null>(null);
  const [isTried, setTried] = useState(false);
  const setting = holdSettings.useTask(id);
  const job = useJob('retention.holdAdd', id);
  const asked = query.trim();
  const count = useAction(async () => {
    const preview = await call('retention.holdPreview', { deploymentId: id, query: asked });
    setCounted({ query: asked, preview });
    announce(`The query takes in ${plural(preview.rows, 'row')}.`);
  });
  const shown = counted?.query === asked ? counted.preview : null;
  const parsedName = caseId.safeParse(name);
  const lacks = {
    name: parsedName.success ? null : name.trim() === '' ? 'Name the case.' : (parsedName.error.issues[0]?.message ?? 'This cannot name a case.'),
    owner: owner.trim() === '' ? 'Name who answers for it.' : null,
    reason: reason.trim().length < LEAST_REASON ? 'Say why, in a few words.' : null,
    reviewOn: reviewOn === '' ? 'Give a day.' : reviewOn < today ? 'This day is over.' : null,
    query: asked === '' ? 'Say which rows. A query of the audit log, for example actor:auth0|123.' : shown === null ? 'Count first what this query takes in.' : null,
  };

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (Object.values(lacks).some((lack) => lack !== null)) return;
    if (await holdSettings.start(id, { deploymentId: id, caseId: name.trim(), owner: owner.trim(), reason: reason.trim(), reviewOn, query: asked })) onClose();
  }

  return (
    <Dialog title="Set a legal hold" onClose={onClose} wide>
      <form className="stack" aria-label="Legal hold" noValidate onSubmit={(event) => { void submit(event); }}>
        <div className="hold-columns">
          <Field label="Case" error={isTried ? lacks.name : null}>{(ids) => <input {...ids} className="input" value={name} maxLength={80} autoComplete="off" data-first-focus onChange={(event) => setName(event.target.value)} />}</Field>
          <Field label="Owner" error={isTried ? lacks.owner : null}>{(ids) => <input {...ids} className="input" value={owner} maxLength={120} autoComplete="off" onChange={(event) => setOwner(event.target.value)} />}</Field>
        </div>
        <Field label="Reason" error={isTried ? lacks.reason : null}>{(ids) => <textarea {...ids} className="textarea" rows={2} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}</Field>
        <Field label="Review on, in UTC" hint="Somebody asks again by then. The hold does not end by itself." error={isTried ? lacks.reviewOn : null}>{(ids) => <input {...ids} className="input date-input" type="date" min={today} value={reviewOn} onChange={(event) => setReviewOn(event.target.value)} />}</Field>
        <Field label="Query" error={isTried && count.error === null ? lacks.query : null} hint="As in the audit screen: actor:, route:, event:, since:2026-01-01, until:2026-02-01, free words. Times that count back from now are refused: rows would slip out.">
          {(ids) => <span className="row"><input {...ids} className="input mono" value={query} maxLength={QUERY_MAX} spellCheck={false} autoComplete="off" onChange={(event) => { setQuery(event.target.value); count.clear(); }} onKeyDown={(event) => { if (event.key === 'Enter' && shown === null) { event.preventDefault(); if (asked !== '') void count.run(); } }} /><Button icon={Search} busy={count.busy} disabled={asked === ''} onClick={() => { void count.run(); }}>Count</Button></span>}
        </Field>
        {count.error === null ? null : <ErrorNote error={count.error} />}
        {shown === null ? null : <PreviewNote preview={shown} />}
        {job === null ? null : <ProgressLine job={job} />}
        {setting.error === null ? null : <ErrorNote error={setting.error} />}
        <p className="small sub">The hold is set first and written to the ledger, then each row is copied with its ciphertext into the sealed vault of this workstation. The server of <HostileText text={deployment.name} /> is told nothing and is not stopped.</p>
        <div className="dialog-foot">
          <Button look="quiet" onClick={onClose}>{setting.running ? 'Close, it goes on' : 'Cancel'}</Button>
          <Button look="main" type="submit" icon={Lock} busy={setting.running}>{shown === null ? 'Set the hold' : `Set the hold over ${plural(shown.rows, 'row')}`}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function PreviewNote({ preview: { rows, oldestAt, newestAt, withoutPayload, gaps } }: { readonly preview: Preview }) {
  return (
    <Note tone={rows === 0 || gaps > 0 || withoutPayload > 0 ? 'age' : 'info'}>
      <div role="status">
        <p className="note-main">{rows === 0 ? 'No row that is held here matches. The hold would take in what a later sync brings.' : <>It takes in {plural(rows, 'row')}{oldestAt === null || newestAt === null ? null : <>, from <Time iso={oldestAt} /> to <Time iso={newestAt} /></>}.</>}</p>
        {withoutPayload === 0 ? null : <p>{formatCount(withoutPayload)} of them {withoutPayload === 1 ? 'has' : 'have'} no payload here, so none can be preserved.</p>}
        {gaps === 0 ? null : <p>{plural(gaps, 'stretch', 'stretches')} of the log {gaps === 1 ? 'was' : 'were'} never read: rows in {gaps === 1 ? 'it' : 'them'} that match are not under it until they are.</p>}
      </div>
    </Note>
  );
}
