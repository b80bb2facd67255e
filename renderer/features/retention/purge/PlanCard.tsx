// The plan that is kept: what it is known by, how long it holds, what it would take, and the ways on: save it, have it approved, drop it, arm it.
import { useState } from 'react';
import { Save, ShieldAlert, Trash2 } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { SaveFileDialog } from '../../../components/SaveFileDialog.tsx';
import { Time } from '../../../components/Time.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { ApprovalChoice } from './ApprovalChoice.tsx';
import type { ChosenApproval } from './ApprovalChoice.tsx';
import { ArmDialog } from './ArmDialog.tsx';
import { planTime, windowsByKind } from './plan-time.ts';
import { PlanTimes } from './PlanTimes.tsx';
import { PreviewFacts } from './PreviewFacts.tsx';
import { forgetEnded } from './purge-tasks.ts';
import { useSecond } from './use-second.ts';

interface PlanCardProps {
  readonly deployment: Deployment;
  readonly plan: PurgePlan;
  readonly isReadOnly: boolean;
  /** Why nothing may be sent now; null when nothing stands in the way. */
  readonly closed: string | null;
}

export function PlanCard({ deployment, plan, isReadOnly, closed }: PlanCardProps) {
  const [approval, setApproval] = useState<ChosenApproval | null>(null);
  const [open, setOpen] = useState<'save' | 'arm' | null>(null);
  const drop = useAction(async () => {
    await call('retention.dropPlan', { deploymentId: deployment.id, planId: plan.id });
    forgetEnded(deployment.id);
    announce('The plan was dropped. Nothing was sent.');
    refetch('retention.show');
  });
  const { approved, delayed } = windowsByKind(plan);
  const { preview } = plan;
  return (
    <section className="stack purge-plan" aria-label="Plan">
      <header className="row row-wrap">
        <p className="purge-headline"><strong>{plural(preview.rows, 'row')}</strong> older than {plural(preview.days, 'day')}, before <Time iso={preview.cutoff} style="full" /></p>
        <span className="grow" />
        <Button icon={Save} onClick={() => setOpen('save')}>Save the plan…</Button>
        <Button look="quiet" icon={Trash2} busy={drop.busy} onClick={() => { void drop.run(); }}>Drop the plan</Button>
      </header>
      {drop.error === null ? null : <ErrorNote error={drop.error} />}
      <dl className="facts purge-facts">
        <dt>Digest</dt><dd className="row row-wrap"><span className="mono selectable purge-digest">{plan.digest}</span> <CopyButton text={plan.digest} what="The digest" label="Copy" /></dd>
        <dt>Made</dt><dd><Time iso={plan.madeAt} style="full" /> by <HostileText text={plan.madeBy} /> <span className="sub">for <span className="mono"><HostileText text={plan.deployment.url} /></span></span></dd>
        <dt>Valid</dt><dd><PlanTimes plan={plan} /></dd>
      </dl>
      <details className="purge-fold" open><summary>What it takes</summary><PreviewFacts preview={preview} /></details>
      {approved === undefined ? null : (
        <>
          <p className="sub">This is production: a second person approves the plan{delayed === undefined ? '' : <>, or it waits and can be carried out from <Time iso={delayed.from} style="full" /> to <Time iso={delayed.until} style="full" /> without one</>}.</p>
          <ApprovalChoice deploymentId={deployment.id} plan={plan} chosen={approval} onChosen={setApproval} />
        </>
      )}
      <ArmFoot deployment={deployment} plan={plan} isReadOnly={isReadOnly} closed={closed} hasApproval={approval !== null} onArm={() => setOpen('arm')} />
      {open === 'arm' ? <ArmDialog deploymentId={deployment.id} plan={plan} approval={approval} onClose={() => setOpen(null)} /> : null}
      {open === 'save' ? (
        <SaveFileDialog
          title="Save the plan" what="The plan" stem={`${fileStem(deployment.name)}-purge-plan`} forms={[{ id: 'json', title: 'JSON', text: '' }]}
          after={approved === undefined ? 'It names the rows by a digest. It carries nothing out by itself.' : 'Give it to a second person, who approves it with a profile of their own.'}
          write={(path) => call('retention.writePlan', { deploymentId: deployment.id, planId: plan.id, path })} onClose={() => setOpen(null)}
        />
      ) : null}
    </section>
  );
}

interface ArmFootProps extends PlanCardProps { readonly hasApproval: boolean; readonly onArm: () => void }

/** Quiet until armed; what stands in the way is said beside the button. */
function ArmFoot({ deployment, plan, isReadOnly, closed, hasApproval, onArm }: ArmFootProps) {
  const go = useApp((app) => app.go);
  const time = planTime(plan, useSecond());
  const why = closed
    ?? (time.kind === 'over' ? 'The time of this plan is over. Nothing was sent. Make a new plan.'
      : time.kind === 'waiting' ? 'Its next time has not come yet. Come back then, or make a new plan.'
        : time.window.kind === 'approved' && !hasApproval ? 'An approval is missing, and the waiting time is not over.' : null);
  return (
    <div className="stack">
      {isReadOnly ? (
        <Note tone="age">
          <p className="note-main">{deployment.name} is read-only here. Planning works; carrying out does not.</p>
          <p>Untick “Read-only” in its settings if the purge is wanted. The plan is kept meanwhile.</p>
          <div className="row"><Button onClick={() => go('deployments', { deploymentId: deployment.id, deploymentForm: { kind: 'edit', id: deployment.id } })}>Edit {deployment.name}…</Button></div>
        </Note>
      ) : null}
      <div className="row row-wrap">
        <Button look="danger" icon={ShieldAlert} disabled={isReadOnly || why !== null} onClick={onArm}>Arm…</Button>
        {why === null ? <span className="small sub">{isReadOnly ? '' : 'Asks once more before anything is sent.'}</span> : <span className="small sub" role="status">{why}</span>}
      </div>
    </div>
  );
}
