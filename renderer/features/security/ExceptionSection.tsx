// Who answers for a failing check, why and until when; begins and ends that. It never makes a check pass.
import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { UserCheck } from 'lucide-react';
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { useNow } from '../../lib/clock.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { dayAfter } from './posture-words.ts';

const DEFAULT_DAYS = 30;

interface Props { readonly deploymentId: string; readonly check: SecurityCheck }

/** What stands now: accepted, expired, or not needed any more; null without an exception. */
export function ExceptionNote({ check: { exception, state } }: Pick<Props, 'check'>) {
  if (exception === null) return null;
  const until = <Time iso={`${exception.until}T23:59:59Z`} style="day" />;
  return (
    <Note tone={exception.isExpired ? 'age' : 'info'}>
      <p className="note-main">{exception.isExpired ? <>The exception of <HostileText text={exception.owner} /> ended after {until}. {state === 'fail' ? 'The check counts as failing.' : ''}</> : <>Accepted by <HostileText text={exception.owner} /> until {until}{state === 'fail' ? ', then it fails again.' : '. It does not fail now, so the exception is not needed.'}</>}</p>
      <p><HostileText text={exception.reason} /></p>
    </Note>
  );
}

/** The buttons about an exception, and the form that one of them opens. */
export function ExceptionSection({ deploymentId, check }: Props) {
  const [isOpen, setOpen] = useState(false);
  const holds = check.exception?.isExpired === false;
  if (!holds && check.state !== 'fail') return null;
  if (!isOpen) return <Button icon={UserCheck} onClick={() => setOpen(true)}>{holds ? 'End the exception…' : 'Accept until…'}</Button>;
  return holds ? <EndForm deploymentId={deploymentId} check={check} onDone={() => setOpen(false)} /> : <AcceptForm deploymentId={deploymentId} check={check} onDone={() => setOpen(false)} />;
}

function AcceptForm({ deploymentId, check, onDone }: Props & { readonly onDone: () => void }) {
  const nowMs = useNow();
  const headingId = useId();
  const [owner, setOwner] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState(() => dayAfter(Date.now(), DEFAULT_DAYS));
  const [isTried, setTried] = useState(false);
  const today = dayAfter(nowMs, 0);
  const lacks = { owner: owner.trim() === '' ? 'Name who answers for it.' : null, reason: reason.trim() === '' ? 'Say why.' : null, until: until === '' ? 'Give the last day.' : until < today ? 'This day is over.' : null };
  const save = useAction(async () => {
    await call('security.except', { deploymentId, checkId: check.id, owner: owner.trim(), reason: reason.trim(), until });
    refetch('security.show', 'security.fleet', 'overview.show');
    announce(`${check.title}: accepted until ${until}.`);
    onDone();
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (Object.values(lacks).every((lack) => lack === null)) void save.run();
  }
  return (
    <form className="stack pane-form" aria-labelledby={headingId} onSubmit={submit} noValidate>
      <h3 id={headingId}>Accept this failure</h3>
      <p className="sub small">It is counted as accepted, never as passed. After the last day it fails again.</p>
      <Field label="Owner" error={isTried ? lacks.owner : null}>{(ids) => <input {...ids} className="input" value={owner} maxLength={120} autoComplete="off" ref={focusAtOnce} onChange={(event) => setOwner(event.target.value)} />}</Field>
      <Field label="Reason" error={isTried ? lacks.reason : null}>{(ids) => <textarea {...ids} className="textarea" rows={2} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}</Field>
      <Field label="Last day, in UTC" error={isTried ? lacks.until : null}>{(ids) => <input {...ids} className="input date-input" type="date" min={today} value={until} onChange={(event) => setUntil(event.target.value)} />}</Field>
      {save.error === null ? null : <ErrorNote error={save.error} />}
      <div className="row"><Button type="submit" look="main" busy={save.busy}>Accept</Button><Button look="quiet" onClick={onDone}>Cancel</Button></div>
    </form>
  );
}

function EndForm({ deploymentId, check, onDone }: Props & { readonly onDone: () => void }) {
  const headingId = useId();
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const end = useAction(async () => {
    await call('security.endException', { deploymentId, checkId: check.id, reason: reason.trim() });
    refetch('security.show', 'security.fleet', 'overview.show');
    announce(`${check.title}: the exception has ended.`);
    onDone();
  });
  const lack = reason.trim() === '' ? 'Say why.' : null;
  return (
    <form className="stack pane-form" aria-labelledby={headingId} noValidate onSubmit={(event) => { event.preventDefault(); setTried(true); if (lack === null) void end.run(); }}>
      <h3 id={headingId}>End the exception</h3>
      <Field label="Reason" error={isTried ? lack : null} hint="It stands in the ledger.">{(ids) => <input {...ids} className="input" value={reason} maxLength={500} autoComplete="off" ref={focusAtOnce} onChange={(event) => setReason(event.target.value)} />}</Field>
      {end.error === null ? null : <ErrorNote error={end.error} />}
      <div className="row"><Button type="submit" look="main" busy={end.busy}>End it</Button><Button look="quiet" onClick={onDone}>Cancel</Button></div>
    </form>
  );
}

/** A form that a button opened takes the focus of that button. */
export function focusAtOnce(element: HTMLElement | null): void {
  element?.focus();
}
