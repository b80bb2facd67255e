// The approval of a second person for a plan: chosen as a file, checked by core, and shown with who gave it. What does not fit is not kept.
import { useRef } from 'react';
import { FileCheck } from 'lucide-react';
import type { PurgeApproval } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call, ClientError } from '../../../lib/client.ts';
import { useAction } from '../../../lib/use-action.ts';
import { pathsOf } from '../../audit/import/import-task.ts';

export interface GivenApproval { readonly path: string; readonly approval: PurgeApproval }

interface ApprovalSectionProps { readonly deploymentId: string; readonly planId: string; readonly approval: GivenApproval | null; readonly onApproval: (approval: GivenApproval | null) => void }

/** The path of the one file that was chosen. @throws ClientError for what is no file of this machine */
export async function onePath(files: readonly File[]): Promise<string | null> {
  const { paths, refusal } = await pathsOf(files.slice(0, 1));
  if (refusal !== null) throw new ClientError({ code: 'file_not_found', message: refusal, hint: 'Choose a file of this machine.', id: 'window' });
  return paths[0] ?? null;
}

export function ApprovalSection({ deploymentId, planId, approval, onApproval }: ApprovalSectionProps) {
  const picker = useRef<HTMLInputElement>(null);
  const read = useAction(async (files: readonly File[]) => {
    const path = await onePath(files);
    if (path === null) return;
    onApproval(null);
    const given = await call('retention.readApproval', { deploymentId, planId, path });
    onApproval({ path, approval: given });
    announce(`The approval of ${given.approvedBy} fits this plan.`);
  });
  return (
    <section className="stack-small" aria-label="Second person">
      <p className="label">Second person</p>
      {approval === null ? <p className="sub">Somebody else approves the saved plan with a profile of their own (Retention, Approve a plan) and gives back the approval file. Without one the plan waits for its later window.</p> : (
        <dl className="facts">
          <dt>Approved by</dt><dd><strong><HostileText text={approval.approval.approvedBy} /></strong></dd>
          <dt>At</dt><dd><Time iso={approval.approval.approvedAt} style="full" /></dd>
          {approval.approval.note === '' ? null : <><dt>Note</dt><dd><HostileText text={approval.approval.note} layout="block" /></dd></>}
          <dt>Key</dt><dd className="mono selectable digest"><HostileText text={approval.approval.publicKey} /></dd>
        </dl>
      )}
      {read.error === null ? null : <ErrorNote error={read.error} />}
      <div><Button icon={FileCheck} busy={read.busy} onClick={() => picker.current?.click()}>{approval === null ? 'Choose the approval…' : 'Choose another…'}</Button></div>
      <input ref={picker} type="file" accept=".json" hidden aria-label="Approval file" onChange={(event) => { const files = [...event.target.files ?? []]; event.target.value = ''; void read.run(files); }} />
    </section>
  );
}
