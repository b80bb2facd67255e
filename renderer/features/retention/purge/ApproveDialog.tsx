// The second person's part: chooses the plan file of somebody else, sees all of it, signs it with the key of this profile, and saves the approval. It sends nothing.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { Save, Signature } from 'lucide-react';
import type { PurgeApproval, PurgePlan } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { SaveFileDialog } from '../../../components/SaveFileDialog.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { useAction } from '../../../lib/use-action.ts';
import { FileChoice } from './FileChoice.tsx';
import { keyFingerprint } from './key-fingerprint.ts';
import { PlanTimes } from './PlanTimes.tsx';
import { PreviewFacts } from './PreviewFacts.tsx';

interface Signed { readonly approval: PurgeApproval; readonly fingerprint: string | null }

export function ApproveDialog({ onClose }: { readonly onClose: () => void }) {
  const [read, setRead] = useState<{ readonly path: string; readonly plan: PurgePlan } | null>(null);
  const [signed, setSigned] = useState<Signed | null>(null);
  const [isSaving, setSaving] = useState(false);
  const name = read?.plan.deployment.name ?? '';
  if (isSaving && signed !== null) {
    return (
      <SaveFileDialog
        title="Save the approval" what="The approval" after="Give it to the person who made the plan. It counts for this plan alone." stem={`${fileStem(name)}-approval`} forms={[{ id: 'json', title: 'JSON', text: '' }]}
        write={(path) => call('retention.writeApproval', { planDigest: signed.approval.planDigest, path })} onClose={onClose}
      />
    );
  }
  return (
    <Dialog title="Approve a plan of somebody else" onClose={onClose} wide>
      <div className="stack purge-approve">
        {signed === null ? (
          <>
            <p className="sub">The plan must come from another profile. Read all of it: your signature says that these rows may go.</p>
            <FileChoice
              label={read === null ? 'Choose the plan file…' : 'Choose another plan…'} about="Plan file" kept="Nothing was signed." isFirst
              take={async (path) => {
                setRead(null);
                const plan = await call('retention.readPlan', { path });
                setRead({ path, plan });
                announce(`The plan is for ${plan.deployment.name}.`);
              }}
            />
            {read === null ? null : <PlanAsRead plan={read.plan} />}
            {read === null ? <div className="dialog-foot"><Button look="quiet" onClick={onClose}>Close</Button></div> : <SignForm key={read.plan.digest} path={read.path} onSigned={setSigned} onClose={onClose} />}
          </>
        ) : <AsSigned signed={signed} name={name} onSave={() => setSaving(true)} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function PlanAsRead({ plan }: { readonly plan: PurgePlan }) {
  const { deployment, madeAt, madeBy, madeByKey, digest, preview } = plan;
  return (
    <section className="stack" aria-label="The plan">
      <dl className="facts purge-facts">
        <dt>Deployment</dt><dd><strong><HostileText text={deployment.name} /></strong> <EnvironmentBadge environment={deployment.environment} /> <span className="mono"><HostileText text={deployment.url} /></span></dd>
        <dt>Made</dt><dd><Time iso={madeAt} style="full" age /> by <HostileText text={madeBy} /></dd>
        <dt>By the key</dt><dd className="mono selectable purge-digest">{madeByKey}</dd>
        <dt>Digest</dt><dd className="mono selectable purge-digest">{digest}</dd>
        <dt>Rows older than</dt><dd>{preview.days} days</dd>
      </dl>
      <PlanTimes plan={plan} />
      <PreviewFacts preview={preview} />
    </section>
  );
}

function SignForm({ path, onSigned, onClose }: { readonly path: string; readonly onSigned: (signed: Signed) => void; readonly onClose: () => void }) {
  const [approvedBy, setApprovedBy] = useState('');
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const sign = useAction(async () => {
    const approval = await call('retention.approve', { path, approvedBy: approvedBy.trim(), note: note.trim() });
    announce('The approval is signed. Save it.');
    onSigned({ approval, fingerprint: await keyFingerprint(approval.publicKey) });
  });
  const lacksName = approvedBy.trim() === '';
  return (
    <form
      className="stack" aria-label="Sign the plan" noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        setTried(true);
        if (lacksName) field.current?.focus();
        else void sign.run();
      }}
    >
      <Field label="Your name" hint="It stands in the approval and in the certificate." error={tried && lacksName ? 'Say who approves.' : null}>
        {(ids) => <input {...ids} ref={field} className="input" value={approvedBy} maxLength={120} autoComplete="off" onChange={(event) => setApprovedBy(event.target.value)} />}
      </Field>
      <Field label="Note" optional>
        {(ids) => <textarea {...ids} className="textarea" rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}
      </Field>
      {sign.error === null ? null : <ErrorNote error={sign.error} />}
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <Button look="main" type="submit" icon={Signature} busy={sign.busy}>Sign the approval</Button>
      </div>
    </form>
  );
}

function AsSigned({ signed: { approval, fingerprint }, name, onSave, onClose }: { readonly signed: Signed; readonly name: string; readonly onSave: () => void; readonly onClose: () => void }) {
  const save = useRef<HTMLSpanElement>(null);
  // The form that had the focus is gone.
  useEffect(() => { save.current?.querySelector('button')?.focus(); }, []);
  return (
    <>
      <Note tone="good">
        <p className="note-main" role="status">Signed: <HostileText text={approval.approvedBy} /> approves {approval.rows} rows of <HostileText text={name} /> before <Time iso={approval.cutoff} style="full" />.</p>
        <p className="small">Your key <span className="mono selectable purge-digest">{fingerprint ?? 'cannot be read'}</span></p>
      </Note>
      <p className="sub">The signature is in your ledger. It becomes useful when the file is with the person who made the plan.</p>
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <span ref={save}><Button look="main" icon={Save} onClick={onSave}>Save the approval…</Button></span>
      </div>
    </>
  );
}
