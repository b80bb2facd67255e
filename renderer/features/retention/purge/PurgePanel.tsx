// A purge from preview to its end: what would go on the left, the plan and the acts on the right. Nothing is sent before it is armed, and only a plan leads there.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { RefreshCw } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { retentionDays } from '#shared/domain/retention.ts';
import { Button } from '../../../components/Button.tsx';
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { useFocusHome } from '../../../components/focus-home.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Pane } from '../../../components/Pane.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Workspace } from '../../../components/Workspace.tsx';
import { useNow } from '../../../lib/clock.ts';
import { useQuery } from '../../../lib/query.ts';
import { TaskNotes } from '../TaskNotes.tsx';
import { MakePlan } from './MakePlan.tsx';
import { PlanPane } from './PlanPane.tsx';
import { isOver } from './plan-windows.ts';
import { PreviewView } from './PreviewView.tsx';
import { PurgeSteps } from './PurgeSteps.tsx';
import { RunDetail } from './RunDetail.tsx';

interface PurgePanelProps { readonly deployment: Deployment; readonly view: RetentionView; readonly onClose: () => void; readonly onSchedule: () => void }

export function PurgePanel({ deployment, view, onClose, onSchedule }: PurgePanelProps) {
  const { id, name, environment } = deployment;
  const nowMs = useNow();
  const [days, setDays] = useState<number | null>(null);
  // The run that this panel led to, until another preview is asked for.
  const [startedPlan, setStartedPlan] = useState<string | null>(null);
  const plan = view.plan !== null && !isOver(view.plan, nowMs) ? view.plan : null;
  const run = plan !== null || startedPlan === null ? undefined : view.runs.find(({ planId }) => planId === startedPlan);
  const asked = days ?? view.policy.days;
  const isUsable = asked !== null && retentionDays.safeParse(asked).success;
  const preview = useQuery('retention.preview', plan === null && run === undefined && (isUsable || days === null) ? { deploymentId: id, ...(days === null ? {} : { days }) } : null);
  const step = run !== undefined ? 'done' : plan === null ? 'preview' : 'plan';
  const shown = plan?.preview ?? preview.data;
  return (
    <Workspace title="Purge" about={<span className="row"><HostileText text={name} /> <EnvironmentBadge environment={environment} /></span>} back="Back to retention" onClose={onClose}>
      <PurgeSteps environment={environment} step={step} />
      <TaskNotes deploymentId={id} />
      <div className="split purge-split">
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard. */}
        <div className="split-list purge-main" role="region" aria-label={plan === null ? 'Preview' : 'What the plan names'} tabIndex={0}>
          {run !== undefined ? <div className="pad stack"><p className="sub">The plan is used up. What became of it stands beside; the next purge begins with a new preview.</p><div><Button icon={RefreshCw} onClick={() => setStartedPlan(null)}>Preview again</Button></div></div> : (
            <>
              {plan === null ? <DaysForm key={asked ?? 'none'} asked={asked} rule={view.policy.days} busy={preview.loading} onAsk={(next) => { setDays(next); if (next === days) void preview.reload(); }} /> : null}
              {plan !== null || preview.error === null ? null : <div className="pad"><ErrorNote error={preview.error} onRetry={() => { void preview.reload(); }} /></div>}
              {shown === undefined ? (preview.error === null ? <div className="pad"><Skeleton lines={6} label="Counting what would go" /></div> : null) : <PreviewView preview={shown} isGrave={view.purge.state === 'offered'} />}
            </>
          )}
        </div>
        <Pane label={run !== undefined ? 'What became of it' : plan === null ? 'Make a plan' : 'The plan'}>
          {run !== undefined ? <><Became /><RunDetail run={run} newest={view.runs[0]} certificates={view.certificates} /></>
            : plan === null ? <MakePlan deployment={deployment} view={view} days={days} preview={preview.data} onSchedule={onSchedule} />
              : <PlanPane key={plan.id} deployment={deployment} view={view} plan={plan} onStarted={() => setStartedPlan(plan.id)} onDropped={() => setStartedPlan(null)} />}
        </Pane>
      </div>
    </Workspace>
  );
}

/** The dialog that led here is gone, and with it what had the focus. */
function Became() {
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusHome(heading, true);
  return <h3 ref={heading} tabIndex={-1}>What became of it</h3>;
}

function DaysForm({ asked, rule, busy, onAsk }: { readonly asked: number | null; readonly rule: number | null; readonly busy: boolean; readonly onAsk: (days: number) => void }) {
  const [typed, setTyped] = useState(asked === null ? '' : String(asked));
  const [wasTried, setTried] = useState(false);
  const read = /^\d{1,5}$/u.test(typed.trim()) ? retentionDays.safeParse(Number(typed)) : null;
  const error = read?.success === true ? null : 'A whole number of days from 1 to 3650.';
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (read?.success === true) onAsk(read.data);
  }
  return (
    <form className="days-form" aria-label="Which rows" onSubmit={submit} noValidate>
      <Field label="Older than, in days" error={wasTried ? error : null}>{(ids) => <input {...ids} className="input input-number" inputMode="numeric" value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}</Field>
      <Button type="submit" icon={RefreshCw} busy={busy}>Preview</Button>
      <p className="small sub">{rule === null ? 'The deployment’s own rule is not known.' : `Its own rule says ${rule}.`} Counted from what is held here; nobody is asked, and nothing is kept.</p>
    </form>
  );
}
