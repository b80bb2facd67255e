// The second person's approval of the plan in view: chosen as a file, checked by core, then shown with who signed it and with which key.
import { useState } from 'react';
import type { PurgeApproval, PurgePlan } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { FileChoice } from './FileChoice.tsx';
import { keyFingerprint } from './key-fingerprint.ts';

export interface ChosenApproval { readonly path: string; readonly approval: PurgeApproval; readonly fingerprint: string | null }

interface ApprovalChoiceProps {
  readonly deploymentId: string;
  readonly plan: PurgePlan;
  readonly chosen: ChosenApproval | null;
  readonly onChosen: (chosen: ChosenApproval | null) => void;
}

export function ApprovalChoice({ deploymentId, plan, chosen, onChosen }: ApprovalChoiceProps) {
  const [attempt, setAttempt] = useState(0);
  const take = async (path: string): Promise<void> => {
    onChosen(null);
    const approval = await call('retention.readApproval', { deploymentId, planId: plan.id, path });
    onChosen({ path, approval, fingerprint: await keyFingerprint(approval.publicKey) });
    announce(`The approval by ${approval.approvedBy} fits this plan.`);
  };
  return (
    <section className="stack-small" aria-label="Approval">
      <p className="label">Approval</p>
      {chosen === null ? <p className="sub">A second person opens the saved plan with a profile of their own, signs it, and gives you the approval file.</p> : (
        <Note tone="good">
          <p className="note-main">Signed by <strong><HostileText text={chosen.approval.approvedBy} /></strong> at <Time iso={chosen.approval.approvedAt} style="full" />. It fits this plan.</p>
          {chosen.approval.note === '' ? null : <p>Note: <HostileText text={chosen.approval.note} /></p>}
          <p className="small">Key <span className="mono selectable purge-digest">{chosen.fingerprint ?? 'that cannot be read'}</span></p>
          <p className="small sub">The name is what the signer typed. Compare the fingerprint with that person before you rely on it.</p>
        </Note>
      )}
      <div className="row row-wrap purge-choose">
        <FileChoice key={attempt} label={chosen === null ? 'Choose the approval file…' : 'Choose another…'} about="Approval file" kept="The plan stays, without an approval." take={take} />
        {chosen === null ? null : <Button look="quiet" onClick={() => { onChosen(null); setAttempt(attempt + 1); }}>Leave it out</Button>}
      </div>
    </section>
  );
}
