// A plan that stands: its digest, when it may be carried out, the second person's approval, and the way to arming it.
import { useState } from 'react';
import { FileDown, KeyRound, Trash2, Undo2 } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { useApp } from '../../../app/store.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { useNow } from '../../../lib/clock.ts';
import { formatDuration } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { purgeTasks } from '../retention-tasks.ts';
import { isUnsettled } from '../retention-words.ts';
import { SaveDialog } from '../SaveDialog.tsx';
import { ApprovalSection } from './ApprovalSection.tsx';
import type { GivenApproval } from './ApprovalSection.tsx';
import { CarryOutDialog } from './CarryOutDialog.tsx';
import { openWindow, WINDOW_WORDS, windowState } from './plan-windows.ts';
import type { PlanWindow } from './plan-windows.ts';

interface PlanPaneProps { readonly deployment: Deployment; readonly view: RetentionView; readonly plan: PurgePlan; readonly onStarted: () => void; readonly onDropped: () => void }

export function PlanPane({ deployment, view, plan, onStarted, onDropped }: PlanPaneProps) {
  const { id } = deployment;
  const nowMs = useNow();
  const [question, setQuestion] = useState<'save' | 'carry-out' | null>(null);
  const [approval, setApproval] = useState<GivenApproval | null>(null);
  const window = openWindow(plan, nowMs);
  const drop = useAction(async () => {
    await call('retention.dropPlan', { deploymentId: id, planId: plan.id });
    announce('The plan is dropped. Nothing was sent.');
    refetch('retention.show');
    onDropped();
  });
  const task = purgeTasks.useTask(id);
  return (
    <>
      <section className="stack-small" aria-label="The plan">
        <header className="row"><h3 className="grow">Plan</h3><Button look="quiet" icon={Undo2} busy={drop.busy} onClick={() => { void drop.run(); }}>Drop it</Button></header>
        {drop.error === null ? null : <ErrorNote error={drop.error} />}
        <dl className="facts">
          <dt>Made</dt><dd><Time iso={plan.madeAt} style="full" /> by <HostileText text={plan.madeBy} /></dd>
          <dt>Plan</dt><dd className="mono selectable">{plan.id}</dd>
          <dt>Digest</dt><dd className="mono selectable digest">{plan.digest}</dd>
          <dt>Rows digest</dt><dd className="mono selectable digest">{plan.preview.rowsDigest}</dd>
        </dl>
        <div className="row row-wrap"><Button icon={FileDown} onClick={() => setQuestion('save')}>Save the plan…</Button><CopyButton text={plan.digest} what="Digest" label="Copy digest" /></div>
      </section>
      <section className="stack-small" aria-label="When it may be carried out">
        <p className="label">When it may be carried out</p>
        <ul className="windows">{plan.windows.map((one) => <WindowLine key={one.kind} window={one} nowMs={nowMs} />)}</ul>
        <p className="small sub">Before the request its rows are read and compared anew. Another digest, or a clock there that would take more than is named, is a refusal.</p>
      </section>
      {window?.kind === 'approved' ? <ApprovalSection deploymentId={id} planId={plan.id} approval={approval} onApproval={setApproval} /> : null}
      <CarryOut view={view} window={window} hasApproval={approval !== null} isRunning={task.running} onCarryOut={() => setQuestion('carry-out')} />
      {question === 'save' ? <SaveDialog title="Save the plan" about="For the second person: they approve it with a profile of their own, and give the approval back as a file. The plan names rows by digests; it holds no payload." stem={`${fileStem(plan.deployment.name)}-purge-plan`} forms={[{ id: 'json', title: 'JSON', text: '' }]} done="The plan was written." write={(path) => call('retention.writePlan', { deploymentId: id, planId: plan.id, path })} onClose={() => setQuestion(null)} /> : null}
      {question === 'carry-out' ? <CarryOutDialog deployment={deployment} plan={plan} approval={approval} onStarted={onStarted} onClose={() => setQuestion(null)} /> : null}
    </>
  );
}

function WindowLine({ window, nowMs }: { readonly window: PlanWindow; readonly nowMs: number }) {
  const state = windowState(window, nowMs);
  const left = ((parseInstantUs(state === 'to-come' ? window.from : window.until) ?? 0) / 1000 - nowMs) / 1000;
  return (
    <li>
      <p className="row"><WordChip tone="none" word={state === 'open' ? 'open' : state === 'to-come' ? 'to come' : 'closed'} /><span>{WINDOW_WORDS[window.kind]}</span></p>
      <p className="small sub"><Time iso={window.from} /> to <Time iso={window.until} />{state === 'closed' ? null : state === 'open' ? ` · ${formatDuration(left)} left` : ` · opens in ${formatDuration(left)}`} · asks for {window.days} days</p>
    </li>
  );
}

interface CarryOutProps { readonly view: RetentionView; readonly window: PlanWindow | null; readonly hasApproval: boolean; readonly isRunning: boolean; readonly onCarryOut: () => void }

function CarryOut({ view: { isReadOnly, runs, deploymentId }, window, hasApproval, isRunning, onCarryOut }: CarryOutProps) {
  const go = useApp((state) => state.go);
  const unsettled = runs.some(isUnsettled);
  const needsApproval = window?.kind === 'approved' && !hasApproval;
  return (
    <section className="stack-small" aria-label="Carry it out">
      <p className="label">Carry it out</p>
      {isReadOnly ? (
        <>
          <Note>Carrying out needs read and write. This deployment is read-only here, so Holdfast sends it nothing that could change it. The plan stands meanwhile.</Note>
          <div><Button icon={KeyRound} onClick={() => go('deployments', { deploymentId, deploymentForm: { kind: 'edit', id: deploymentId } })}>Change the access…</Button></div>
        </>
      ) : unsettled ? <Note tone="age">Of an earlier purge nobody knows whether it happened. Look what happened first; until then nothing is sent.</Note>
        : window === null ? <p className="sub">No window is open now.</p>
          : needsApproval ? <p className="sub">Choose the approval of a second person above, or wait for the later window.</p> : null}
      {/* Quiet: it deletes nothing, it asks. */}
      {isReadOnly ? null : <div><Button icon={Trash2} disabled={unsettled || window === null || needsApproval || isRunning} busy={isRunning} onClick={onCarryOut}>Arm it…</Button></div>}
    </section>
  );
}
