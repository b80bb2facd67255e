// The second person's part: reads the plan of another profile, shows what it would delete, signs it, and writes the approval to a file. It sends nothing to anybody.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { FileDown, Signature } from 'lucide-react';
import type { PurgeApproval, PurgePlan } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { SaveDialog } from '../SaveDialog.tsx';
import { onePath } from './ApprovalSection.tsx';
import { PreviewView } from './PreviewView.tsx';

interface ReadPlan { readonly path: string; readonly plan: PurgePlan }

export function ApproveDialog({ onClose }: { readonly onClose: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const [read, setRead] = useState<ReadPlan | null>(null);
  const [signed, setSigned] = useState<PurgeApproval | null>(null);
  const choose = useAction(async (files: readonly File[]) => {
    const path = await onePath(files);
    if (path === null) return;
    setRead(null);
    const plan = await call('retention.readPlan', { path });
    setRead({ path, plan });
    announce(`A plan for ${plural(plan.preview.rows, 'row')} of ${plan.deployment.name}.`);
  });
  if (signed !== null) {
    return <SaveDialog title="Save the approval" about={<>Signed for <HostileText text={signed.deployment} />: {plural(signed.rows, 'row')} before <Time iso={signed.cutoff} style="full" />. Give the file to the person who made the plan.</>} stem={`${fileStem(signed.deployment)}-purge-approval`} forms={[{ id: 'json', title: 'JSON', text: '' }]} done="The approval was written. It holds for this plan alone." write={(path) => call('retention.writeApproval', { planDigest: signed.planDigest, path })} onClose={onClose} />;
  }
  return (
    <Dialog title="Approve a plan of somebody else" onClose={onClose} wide>
      <div className="stack">
        <p className="sub">A purge in production needs a second person. Read the plan that they saved, and sign it with this profile’s key. Approving sends nothing; it writes a ledger entry here.</p>
        {choose.error === null ? null : <ErrorNote error={choose.error} />}
        <div className="row"><Button look={read === null ? 'main' : 'plain'} icon={FileDown} data-first-focus busy={choose.busy} onClick={() => picker.current?.click()}>{read === null ? 'Choose the plan…' : 'Choose another plan…'}</Button></div>
        {read === null ? null : <SignForm read={read} onSigned={setSigned} onClose={onClose} />}
        {read === null ? <div className="dialog-foot"><Button look="quiet" onClick={onClose}>Close</Button></div> : null}
        <input ref={picker} type="file" accept=".json" hidden aria-label="Plan file" onChange={(event) => { const files = [...event.target.files ?? []]; event.target.value = ''; void choose.run(files); }} />
      </div>
    </Dialog>
  );
}

function SignForm({ read: { path, plan }, onSigned, onClose }: { readonly read: ReadPlan; readonly onSigned: (approval: PurgeApproval) => void; readonly onClose: () => void }) {
  const [approvedBy, setApprovedBy] = useState('');
  const [note, setNote] = useState('');
  const sign = useAction(async () => {
    const approval = await call('retention.approve', { path, approvedBy: approvedBy.trim(), note });
    announce('The plan is approved and signed.');
    onSigned(approval);
  });
  const window = plan.windows.find(({ kind }) => kind === 'approved');
  const isReady = approvedBy.trim() !== '';
  return (
    <form className="stack" aria-label="What the plan says" onSubmit={(event: FormEvent) => event.preventDefault()} noValidate>
      <dl className="facts">
        <dt>Deployment</dt><dd className="row row-wrap"><strong><HostileText text={plan.deployment.name} /></strong><EnvironmentBadge environment={plan.deployment.environment} /><span className="mono"><HostileText text={plan.deployment.url} /></span></dd>
        <dt>Made</dt><dd><Time iso={plan.madeAt} style="full" /> by <HostileText text={plan.madeBy} /></dd>
        <dt>Valid</dt><dd>{window === undefined ? 'needs no approval' : <>until <Time iso={window.until} style="full" age /></>}</dd>
        <dt>Digest</dt><dd className="mono selectable digest">{plan.digest}</dd>
      </dl>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard. */}
      <div className="plan-read" role="region" aria-label="What the plan would delete" tabIndex={0}><PreviewView preview={plan.preview} isGrave /></div>
      <Note>The counts are from the cache of who made the plan. Compare them with what you hold of this deployment before you sign.</Note>
      <Field label="Your name" hint="It stands in the approval, in both ledgers and in the certificate.">{(ids) => <input {...ids} className="input" value={approvedBy} maxLength={120} autoComplete="off" onChange={(event) => setApprovedBy(event.target.value)} />}</Field>
      <Field label="Note" optional>{(ids) => <textarea {...ids} className="textarea" rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}</Field>
      {sign.error === null ? null : <ErrorNote error={sign.error} />}
      <div className="dialog-foot">
        <Button look="quiet" onClick={onClose}>Close</Button>
        <Button look="main" icon={Signature} disabled={!isReady} busy={sign.busy} onClick={() => { void sign.run(); }}>Approve and sign</Button>
      </div>
    </form>
  );
}
