// One legal hold that stands: who answers for it and why, what it takes in, what must be known, and its release with a reason. A release deletes nothing.
import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { Lock } from 'lucide-react';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { focusAtOnce } from '../security/ExceptionSection.tsx';
import { holdWarnings } from './hold-words.ts';

/** Of the contract: a shorter reason is refused. */
const LEAST_REASON = 3;

export function HoldItem({ hold }: { readonly hold: Hold }) {
  const titleId = useId();
  const [isReleasing, setReleasing] = useState(false);
  const { counts } = hold;
  const warnings = holdWarnings(hold);
  return (
    <li className="hold" aria-labelledby={titleId}>
      <div className="hold-head">
        <Lock size={14} aria-hidden />
        <h3 id={titleId}><HostileText text={hold.caseId} /></h3>
        <p className="sub grow"><HostileText text={hold.owner} /> · <HostileText text={hold.reason} /></p>
        {isReleasing ? null : <Button look="quiet" onClick={() => setReleasing(true)} aria-label={`Release ${hold.caseId}…`}>Release…</Button>}
      </div>
      <p className="hold-query mono"><HostileText text={hold.query === '' ? 'every row' : hold.query} /></p>
      <dl className="hold-facts small">
        <div><dt>Rows</dt><dd>{formatCount(counts.rows)}</dd></div>
        <div><dt>Preserved here</dt><dd>{formatCount(counts.preserved)}</dd></div>
        <div><dt>Oldest comes due</dt><dd>{hold.nextDue === null ? 'unknown' : <Time iso={hold.nextDue} age />}</dd></div>
        <div><dt>Review on</dt><dd className={hold.isReviewOverdue ? 'text-stale' : ''}><Time iso={`${hold.reviewOn}T12:00:00Z`} style="day" /></dd></div>
        <div><dt>Set</dt><dd><Time iso={hold.createdAt} age /></dd></div>
      </dl>
      {warnings.length === 0 ? null : <div className="stack-small">{warnings.map(({ id, tone, text }) => <Note key={id} tone={tone}><p>{text}</p></Note>)}</div>}
      {isReleasing ? <ReleaseForm hold={hold} onDone={() => setReleasing(false)} /> : null}
    </li>
  );
}

function ReleaseForm({ hold, onDone }: { readonly hold: Hold; readonly onDone: () => void }) {
  const headingId = useId();
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const release = useAction(async () => {
    await call('retention.holdRelease', { deploymentId: hold.deploymentId, holdId: hold.id, reason: reason.trim() });
    refetch('retention.show');
    announce(`The hold for ${hold.caseId} is released.`);
    onDone();
  });
  const lack = reason.trim().length < LEAST_REASON ? 'Say why, in a few words.' : null;
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (lack === null) void release.run();
  }
  return (
    <form className="stack hold-form" aria-labelledby={headingId} noValidate onSubmit={submit}>
      <h4 id={headingId}>Release the hold for <HostileText text={hold.caseId} /></h4>
      <p className="small sub">Nothing is deleted by it. {plural(hold.counts.rows, 'row')} may then go with a purge, here and at the server; the preserved copies stay until this workstation&apos;s own purge takes them.</p>
      <Field label="Reason" error={isTried ? lack : null} hint="It stands in the ledger, with your name.">{(ids) => <input {...ids} className="input" value={reason} maxLength={500} autoComplete="off" ref={focusAtOnce} onChange={(event) => setReason(event.target.value)} />}</Field>
      {release.error === null ? null : <ErrorNote error={release.error} kept="The hold still stands." />}
      <div className="row"><Button type="submit" busy={release.busy}>Release it</Button><Button look="quiet" onClick={onDone}>Cancel</Button></div>
    </form>
  );
}
