// Counts what a purge would take, for days that the admin gives, and keeps it as a plan; asks no deployment and sends nothing.
import { useRef, useState } from 'react';
import { ClipboardList, Search } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { refetch, useQuery } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';
import { readDays } from './days-field.ts';
import { PreviewFacts } from './PreviewFacts.tsx';
import { forgetEnded } from './purge-tasks.ts';

interface PreviewFormProps {
  readonly deployment: Deployment;
  readonly view: CallOutput<'retention.show'>;
  /** Why no plan can be kept now; null when it can. */
  readonly closed: string | null;
}

export function PreviewForm({ deployment, view, closed }: PreviewFormProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const [days, setDays] = useState<number | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const text = typed ?? (view.policy.days === null ? '' : String(view.policy.days));
  const read = readDays(text);
  const preview = useQuery('retention.preview', days === null ? null : { deploymentId: deployment.id, days });
  const keep = useAction(async () => {
    if (days === null) return;
    const plan = await call('retention.plan', { deploymentId: deployment.id, days });
    forgetEnded(deployment.id);
    announce(`The plan is kept: ${plural(plan.preview.rows, 'row')}. Nothing was sent.`);
    refetch('retention.show');
  });
  const shown = preview.data;
  const whyNot = closed ?? (shown !== undefined && read.days !== shown.days ? `These counts are for ${plural(shown.days, 'day')}. Preview the days that you gave.` : null);
  return (
    <div className="stack">
      <form
        className="purge-days" aria-label="Preview a purge" noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          keep.clear();
          if (read.days === null) field.current?.focus();
          else if (read.days === days) void preview.reload();
          else setDays(read.days);
        }}
      >
        <Field label="Rows older than, in days" error={tried ? read.error : null} hint={view.policy.days === null ? 'The rule of the deployment is not known.' : `Its own rule is ${plural(view.policy.days, 'day')}.`}>
          {(ids) => <input {...ids} ref={field} className="input" inputMode="numeric" value={text} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
        </Field>
        <Button type="submit" icon={Search} busy={preview.loading}>Preview</Button>
        <p className="small sub purge-days-said">Counts in the cache. Nobody is asked, nothing is kept.</p>
      </form>
      {preview.error === null ? null : <ErrorNote error={preview.error} {...(shown === undefined ? {} : { kept: 'The preview before it is still shown.' })} onRetry={() => { void preview.reload(); }} />}
      {days !== null && shown === undefined && preview.error === null ? <Skeleton lines={4} label="Counting" /> : null}
      {shown === undefined ? null : (
        <section className="stack" aria-label="Preview">
          <PreviewFacts preview={shown} />
          {keep.error === null ? null : <ErrorNote error={keep.error} kept="No plan was kept. The preview stays." />}
          {whyNot === null ? null : <p className="sub" role="status">{whyNot}</p>}
          <div className="row row-wrap">
            <Button look="main" icon={ClipboardList} disabled={whyNot !== null} busy={keep.busy} onClick={() => { void keep.run(); }}>Keep as a plan</Button>
            <span className="small sub">It freezes this cutoff and names these rows. Nothing is sent.</span>
          </div>
        </section>
      )}
    </div>
  );
}
