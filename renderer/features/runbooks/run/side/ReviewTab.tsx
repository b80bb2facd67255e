// Review: the author submits, somebody else accepts or rejects with feedback. Says of each review whether it counts, and why not.
import { useState } from 'react';
import { Check, Send, X } from 'lucide-react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { Button } from '../../../../components/Button.tsx';
import { ErrorNote } from '../../../../components/ErrorNote.tsx';
import { Field } from '../../../../components/Field.tsx';
import { HostileText } from '../../../../components/HostileText.tsx';
import { Time } from '../../../../components/Time.tsx';
import { WordChip } from '../../../../components/WordChip.tsx';
import type { ChipTone } from '../../../../components/WordChip.tsx';
import { focusAtOnce } from '../../../security/ExceptionSection.tsx';
import { useRecord } from '../use-record.ts';
import { SideScroll } from './SideScroll.tsx';

type Submission = RunView['reviews'][number];

const STATES: Readonly<Record<Submission['state'], { readonly tone: ChipTone; readonly word: string }>> = { open: { tone: 'unknown', word: 'waits for a review' }, accepted: { tone: 'pass', word: 'accepted' }, rejected: { tone: 'fail', word: 'rejected' }, conflict: { tone: 'fail', word: 'reviewers disagree' } };

export function ReviewTab({ run }: { readonly run: RunView }) {
  return (
    <SideScroll label="Review of the run" changed={run.reviews}>
      {run.reviews.length === 0 ? <p className="sub">Nothing was submitted yet. Whoever did the work submits it; somebody else reviews it, on another workstation with another key.</p>
        : <ol className="run-lines" aria-label="Submissions, the newest first">{run.reviews.toReversed().map((each) => <SubmissionItem key={each.submission} run={run} submission={each} />)}</ol>}
      {run.signatures.length === 0 ? null : (
        <>
          <h3>Signatures</h3>
          <ul className="run-lines" aria-label="Signatures">
            {run.signatures.map(({ event, role, name, verdict, statement, at, by, isTrusted, isOutdated }) => (
              <li key={event}>
                <p className="run-line-main"><HostileText text={run.pack.roles.find(({ id }) => id === role)?.title ?? role} />: <HostileText text={name} /></p>
                <div className="row row-wrap"><WordChip tone={!isTrusted || isOutdated ? 'unknown' : verdict === 'approved' ? 'pass' : verdict === 'conditional' ? 'warn' : 'fail'} word={verdict} />{isTrusted ? null : <WordChip tone="unknown" word="not trusted yet" />}{isOutdated ? <WordChip tone="warn" word="outdated: more was recorded since" /> : null}</div>
                {statement === '' ? null : <p><HostileText text={statement} layout="block" /></p>}
                <p className="small sub"><Time iso={at} /> · signed by the key of <HostileText text={by} /></p>
              </li>
            ))}
          </ul>
        </>
      )}
      {run.ended === null ? <SubmitForm run={run} /> : <p className="small sub">The run has ended: what was submitted can still be reviewed.</p>}
    </SideScroll>
  );
}

function SubmissionItem({ run, submission: { submission, submittedBy, at, state, isOutdated, reviews } }: { readonly run: RunView; readonly submission: Submission }) {
  return (
    <li>
      <div className="row row-wrap"><WordChip {...STATES[state]} {...(isOutdated ? { tone: 'unknown' as const } : {})} />{isOutdated ? <WordChip tone="warn" word="outdated: more was recorded since" /> : null}</div>
      <p className="small sub">Submitted <Time iso={at} /> by <HostileText text={submittedBy} /></p>
      {reviews.length === 0 ? null : (
        <ul className="run-reviews" aria-label="Reviews">
          {reviews.map(({ by, at: when, verdict, feedback, counts, whyNot }, index) => (
            <li key={index}>
              <div className="row row-wrap"><WordChip tone={!counts ? 'unknown' : verdict === 'accepted' ? 'pass' : 'fail'} word={verdict} />{counts ? <span className="small sub">counts</span> : <span className="small text-stale">does not count: {whyNot}</span>}</div>
              {feedback === '' ? null : <p><HostileText text={feedback} layout="block" /></p>}
              <p className="small sub"><Time iso={when} /> · <HostileText text={by} /></p>
            </li>
          ))}
        </ul>
      )}
      <ReviewForm run={run} of={submission} />
    </li>
  );
}

function ReviewForm({ run, of }: { readonly run: RunView; readonly of: string }) {
  const [isOpen, setOpen] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);
  const [feedback, setFeedback] = useState('');
  const record = useRecord('run.review', 'The review is recorded.');
  const review = (verdict: 'accepted' | 'rejected'): void => { void record.run({ runId: run.runId, of, verdict, feedback: feedback.trim() }).then((done) => { if (done) { setOpen(false); setFeedback(''); } }); };
  if (!isOpen) return <div className="row run-line-acts"><Button look="quiet" {...(wasOpen ? { ref: focusAtOnce } : {})} onClick={() => { setOpen(true); setWasOpen(true); }}>Review it…</Button></div>;
  return (
    <form className="stack" aria-label="Review" noValidate onSubmit={(event) => event.preventDefault()}>
      <Field label="Feedback" hint="A rejection needs it. Nobody can review what they submitted themselves.">{(ids) => <textarea {...ids} className="textarea" rows={3} value={feedback} maxLength={4000} ref={focusAtOnce} onChange={(event) => setFeedback(event.target.value)} />}</Field>
      {record.error === null ? null : <ErrorNote error={record.error} kept="What you typed stays here." />}
      <div className="row row-wrap">
        <Button icon={Check} busy={record.busy} onClick={() => review('accepted')}>Accept</Button>
        <Button icon={X} busy={record.busy} onClick={() => review('rejected')}>Reject</Button>
        <Button look="quiet" onClick={() => setOpen(false)}>Leave it</Button>
      </div>
    </form>
  );
}

function SubmitForm({ run }: { readonly run: RunView }) {
  const [note, setNote] = useState('');
  const record = useRecord('run.submit', 'Submitted for review.');
  return (
    <form className="run-side-form" aria-label="Submit for review" noValidate onSubmit={(event) => { event.preventDefault(); void record.run({ runId: run.runId, note: note.trim() }).then((done) => { if (done) setNote(''); }); }}>
      <h3>Submit for review</h3>
      <Field label="Note to the reviewer" optional>{(ids) => <textarea {...ids} className="textarea" rows={2} value={note} maxLength={4000} onChange={(event) => setNote(event.target.value)} />}</Field>
      {record.error === null ? null : <ErrorNote error={record.error} kept="What you typed stays here." />}
      <div className="row"><Button type="submit" icon={Send} busy={record.busy}>Submit</Button></div>
    </form>
  );
}
