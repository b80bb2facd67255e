// Removing a deployment: first what would go, then its name typed out; the way back always has the focus.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { Trash2 } from 'lucide-react';
import type { CallOutput } from '#shared/contract.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';

const FILES_SHOWN = 5;

/** What looking for it afterwards showed. */
function foundAfter({ left, filesLeft }: CallOutput<'deployment.remove'>): string {
  const found = left.rows + left.secrets === 0 ? `Looked for afterwards, nothing of it is left in ${plural(left.tables, 'table')} and in the secret store.` : `Looked for afterwards, ${plural(left.rows, 'row')} and ${plural(left.secrets, 'secret')} of it are still there.`;
  return filesLeft.length === 0 ? found : `${found} ${plural(filesLeft.length, 'file')} outside the profile ${filesLeft.length === 1 ? 'stays' : 'stay'}.`;
}

interface RemoveDialogProps { readonly deployment: Deployment; readonly onClose: () => void; readonly onRemoved: (text: string) => void }

export function RemoveDialog({ deployment, onClose, onRemoved }: RemoveDialogProps) {
  const [plan, setPlan] = useState<CallOutput<'deployment.planRemoval'> | null>(null);
  const [typed, setTyped] = useState('');
  const keep = useRef<HTMLSpanElement>(null);
  const make = useAction(async () => setPlan(await call('deployment.planRemoval', { id: deployment.id })));
  const { run } = make;
  useEffect(() => { void run(); }, [run]);
  useEffect(() => { keep.current?.querySelector('button')?.focus(); }, []);
  const remove = useAction(async () => {
    if (plan === null) return;
    const answer = await call('deployment.remove', { id: deployment.id, token: plan.token, confirmName: typed });
    const text = `${deployment.name} was removed, with ${plural(answer.eventsRemoved, 'cached event')} and ${plural(answer.secretsRemoved, 'secret')}. The deployment itself was not touched. ${foundAfter(answer)}`;
    announce(text);
    refetch('deployment.list', 'overview.show');
    onRemoved(text);
  });
  const isArmed = plan !== null && typed === plan.name;
  const hasExpired = remove.error?.wire.code === 'plan_expired';
  return (
    <Dialog title="Remove this deployment" onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => event.preventDefault()} noValidate>
        {make.error === null ? null : <ErrorNote error={make.error} onRetry={() => { void make.run(); }} />}
        {plan === null ? (make.error === null ? <Skeleton lines={3} label="Working out what would be removed" /> : null) : (
          <>
            <p>From this workstation go:</p>
            <ul className="plan">
              <li>the entry <strong><HostileText text={plan.name} /></strong> and its token</li>
              <li>{plural(plan.events, 'cached event')}</li>
              <li>{plural(plan.keys, 'audit key')}</li>
              {plan.kept.length === 0 ? null : <li>{plan.kept.map(({ what, count }) => `${what} ${count}`).join(', ')}</li>}
            </ul>
            {plan.files.length === 0 ? null : (
              <>
                <p>These files with its data lie outside the profile. They stay, for you to remove:</p>
                <ul className="plan">{plan.files.slice(0, FILES_SHOWN).map((file) => <li key={file} className="mono small"><HostileText text={file} /></li>)}{plan.files.length > FILES_SHOWN ? <li>{plan.files.length - FILES_SHOWN} more</li> : null}</ul>
              </>
            )}
            <p className="sub">The deployment itself is not touched, and the ledger keeps its entries. Runs of runbooks about it stay with their evidence: they are signed records, also of other people. The plan <span className="mono">{plan.digest.slice(0, 12)}</span> holds until <Time iso={plan.expiresAt} style="clock" />.</p>
            <Field label={`Type ${plan.name} to confirm`}>
              {(ids) => <input {...ids} className="input" value={typed} spellCheck={false} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
            </Field>
          </>
        )}
        {remove.error === null ? null : <ErrorNote error={remove.error} {...(hasExpired ? { onRetry: () => { remove.clear(); void make.run(); } } : {})} />}
        <div className="dialog-foot">
          <span ref={keep}><Button onClick={onClose}>Keep it</Button></span>
          {/* Not the form's default: Enter in the field must remove nothing. */}
          <Button look={isArmed ? 'danger-armed' : 'danger'} icon={Trash2} disabled={!isArmed} busy={remove.busy} onClick={() => { void remove.run(); }}>Remove</Button>
        </div>
      </form>
    </Dialog>
  );
}
