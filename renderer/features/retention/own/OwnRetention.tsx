// How long this workstation itself keeps rows, exports and reports: the rule, and the way to what it would take now. Until somebody purges, nothing is removed.
import { useState } from 'react';
import type { FormEvent } from 'react';
import type { OwnPolicy, OwnPurge } from '#shared/domain/retention-own.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { Note } from '../../../components/Note.tsx';
import { ProgressLine } from '../../../components/ProgressLine.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { formatBytes, plural } from '../../../lib/format.ts';
import { useJob } from '../../../lib/jobs.ts';
import { putAnswer, useQuery } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { daysOfText, MOST_OWN_DAYS } from './days-text.ts';
import './own-retention.css';
import { OwnPurgeDialog } from './OwnPurgeDialog.tsx';

const FIELDS = [
  { name: 'rowDays', label: 'Rows of the audit log', hint: 'With their payloads, as they are cached here. Held rows stay.', kept: 'kept until the deployment is removed' },
  { name: 'exportDays', label: 'Exports', hint: 'Files that Holdfast wrote and that nobody changed since.', kept: 'kept, also when the deployment is removed' },
  { name: 'reportDays', label: 'Reports', hint: 'The same for reports.', kept: 'kept, also when the deployment is removed' },
] as const;

type Texts = Readonly<Record<keyof OwnPolicy, string>>;
const textsOf = (policy: OwnPolicy): Texts => ({ rowDays: policy.rowDays?.toString() ?? '', exportDays: policy.exportDays?.toString() ?? '', reportDays: policy.reportDays?.toString() ?? '' });

export function OwnRetention() {
  const policy = useQuery('retention.ownPolicy', {});
  const job = useJob('retention.ownPurge', null);
  const [isLooking, setLooking] = useState(false);
  const [done, setDone] = useState<OwnPurge | null>(null);
  const { data } = policy;
  return (
    <>
      <p className="sub measure">What Holdfast itself keeps on this workstation, for every deployment. The ledger is never touched, nor a row under a legal hold. Nothing is removed until you purge.</p>
      {policy.error === null ? null : <ErrorNote error={policy.error} onRetry={() => { void policy.reload(); }} />}
      {data === undefined ? (policy.error === null ? <Skeleton lines={3} /> : null) : <PolicyForm key={JSON.stringify(data)} saved={data} />}
      {job === null ? null : <ProgressLine job={job} />}
      {done === null ? null : <Done done={done} />}
      <div className="row row-wrap"><Button busy={job !== null} onClick={() => { setDone(null); setLooking(true); }}>Show what would go…</Button></div>
      {isLooking ? <OwnPurgeDialog onDone={(result) => { setDone(result); setLooking(false); }} onClose={() => setLooking(false)} /> : null}
    </>
  );
}

function PolicyForm({ saved }: { readonly saved: OwnPolicy }) {
  const [texts, setTexts] = useState(() => textsOf(saved));
  const [isTried, setTried] = useState(false);
  const days = { rowDays: daysOfText(texts.rowDays), exportDays: daysOfText(texts.exportDays), reportDays: daysOfText(texts.reportDays) };
  const isSame = FIELDS.every(({ name }) => days[name] === saved[name]);
  const save = useAction(async (next: OwnPolicy) => {
    putAnswer('retention.ownPolicy', {}, await call('retention.setOwnPolicy', next));
    announce('The rule of this workstation is saved.');
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    const { rowDays, exportDays, reportDays } = days;
    if (rowDays !== undefined && exportDays !== undefined && reportDays !== undefined) void save.run({ rowDays, exportDays, reportDays });
  }
  return (
    <form className="stack" aria-label="Rule of this workstation" onSubmit={submit} noValidate>
      {FIELDS.map(({ name, label, hint, kept }) => (
        <Field key={name} label={label} hint={hint} error={isTried && days[name] === undefined ? `Use a whole number of days from 1 to ${MOST_OWN_DAYS}, or leave it empty.` : null}>
          {(ids) => <span className="row"><input {...ids} className="input input-number" inputMode="numeric" placeholder="kept" value={texts[name]} maxLength={6} autoComplete="off" onChange={(event) => setTexts({ ...texts, [name]: event.target.value })} /><span className="sub">{texts[name].trim() === '' ? kept : 'days'}</span></span>}
        </Field>
      ))}
      {save.error === null ? null : <ErrorNote error={save.error} kept="The rule is as it was." />}
      <div className="row"><Button type="submit" busy={save.busy} disabled={isSame}>Save the rule</Button>{isSame ? null : <Button look="quiet" onClick={() => { setTexts(textsOf(saved)); setTried(false); }}>As it was</Button>}</div>
    </form>
  );
}

function Done({ done }: { readonly done: OwnPurge }) {
  return (
    <Note>
      <div role="status">
        <p className="note-main">Removed: {plural(done.rowsRemoved, 'row')}{done.releasedRemoved === 0 ? null : `, ${plural(done.releasedRemoved, 'preserved row')} of released holds`}, {plural(done.filesRemoved, 'file')}{done.copiesRemoved === 0 ? null : `, ${plural(done.copiesRemoved, 'old copy', 'old copies')} of the cache`}.</p>
        <p>{done.rowsHeld === 0 ? 'No due row is under a hold.' : `${plural(done.rowsHeld, 'due row')} stayed because of a hold.`}{done.filesLeft === 0 ? '' : ` ${plural(done.filesLeft, 'file')} stayed or was gone: changed since it was written, or not there.`} Before {formatBytes(done.bytesBefore)}, now {formatBytes(done.bytesAfter)}. {done.isCompacted ? 'What went earlier or now is overwritten, and its space given back.' : 'What went is overwritten, but the file keeps its size: it is too large to be written anew.'} Ledger entry {done.ledgerEntry}.</p>
      </div>
    </Note>
  );
}
