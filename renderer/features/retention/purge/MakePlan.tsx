// From a preview to a plan: what a plan is, what stands in its way, and where to go when this deployment has no route. Making one sends nothing.
import { CalendarClock, ListChecks } from 'lucide-react';
import type { RetentionView } from '#shared/contract/retention.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import type { PurgePreview } from '#shared/domain/retention-plan.ts';
import { DELAY_HOURS, PLAN_MINUTES } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';

interface MakePlanProps {
  readonly deployment: Deployment;
  readonly view: RetentionView;
  /** As they were asked for; null: those of the rule. */
  readonly days: number | null;
  readonly preview: PurgePreview | undefined;
  readonly onSchedule: () => void;
}

export function MakePlan({ deployment, view: { purge, isReadOnly }, days, preview, onSchedule }: MakePlanProps) {
  const { id, environment } = deployment;
  const make = useAction(async () => {
    const plan = await call('retention.plan', { deploymentId: id, ...(days === null ? {} : { days }) });
    announce(`A plan for ${plural(plan.preview.rows, 'row')} was made. Nothing was sent.`);
    refetch('retention.show');
  });
  const isHeld = preview !== undefined && preview.heldRows + preview.alsoDue.held > 0;
  if (purge.state === 'not-offered') {
    return (
      <section className="stack" aria-label="Why there is no plan">
        <h3>Not from here</h3>
        <p><HostileText text={purge.reason} /></p>
        <p className="sub">The preview holds all the same: it shows what the server’s own schedule would take now.</p>
        <div><Button look="main" icon={CalendarClock} onClick={onSchedule}>Make a schedule…</Button></div>
      </section>
    );
  }
  return (
    <section className="stack" aria-label="Make a plan">
      <h3>Make a plan</h3>
      <p className="sub">A plan freezes the cutoff and names its rows by a digest. {environment === 'production' ? `In production it is carried out within ${PLAN_MINUTES} minutes with the approval of a second person, or ${DELAY_HOURS} hours later for ${PLAN_MINUTES} minutes.` : `It can be carried out for ${PLAN_MINUTES} minutes.`} Making it sends nothing and writes a ledger entry.</p>
      {purge.state === 'unknown' ? <Note tone="age"><HostileText text={purge.reason} /></Note> : null}
      {isReadOnly ? <Note>This deployment is read-only here. Planning works; carrying out needs read and write.</Note> : null}
      {isHeld ? <Note tone="age">No plan is made while rows are under a hold: release it with a reason, or choose more days.</Note> : null}
      {make.error === null ? null : <ErrorNote error={make.error} />}
      <div><Button look="main" icon={ListChecks} busy={make.busy} disabled={preview === undefined || isHeld || preview.rows === 0} onClick={() => { void make.run(); }}>Make the plan</Button></div>
      {preview?.rows === 0 ? <p className="small sub">There is nothing to plan.</p> : null}
    </section>
  );
}
