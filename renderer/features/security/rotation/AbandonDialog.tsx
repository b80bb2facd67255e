// Ends a rotation where it stands, for a reason that goes into the record; the way back always has the focus.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { CircleSlash } from 'lucide-react';
import type { RotationView } from '#shared/contract/rotation.ts';
import { PHASE_WORDS } from '#shared/domain/rotation-words.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { readRotationAgain } from './rotation-task.ts';

const MAX_REASON = 500;

export function AbandonDialog({ view: { deploymentId, phase, tokens }, onClose }: { readonly view: RotationView; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const keep = useRef<HTMLSpanElement>(null);
  useEffect(() => { keep.current?.querySelector('button')?.focus(); }, []);
  const abandon = useAction(async () => {
    await call('rotation.abandon', { deploymentId, reason: reason.trim() });
    announce('The rotation was abandoned. Its record is kept and signed.');
    await readRotationAgain(deploymentId);
    onClose();
  });
  const isArmed = reason.trim() !== '';
  return (
    <Dialog title="Abandon this rotation" onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => event.preventDefault()} noValidate>
        <p>It ends in {PHASE_WORDS[phase].title} and cannot be taken up again. {tokens.length === 0 ? 'No token was given.' : `${plural(tokens.length, 'token leaves', 'tokens leave')} the secret store.`} The record is kept and signed as abandoned.</p>
        <p className="sub">The deployment is not touched: whatever keys its nodes run with now, they keep.{phase === 'prepare' ? '' : ' Where both keys are in force, the old one stays in force until somebody removes it.'}</p>
        <Field label="Reason" hint="It stands in the record and in the ledger.">
          {(ids) => <textarea {...ids} className="textarea" rows={2} maxLength={MAX_REASON} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {abandon.error === null ? null : <ErrorNote error={abandon.error} kept="The rotation is still open." />}
        <div className="dialog-foot">
          <span ref={keep}><Button onClick={onClose}>Keep it</Button></span>
          <Button look={isArmed ? 'danger-armed' : 'danger'} icon={CircleSlash} disabled={!isArmed} busy={abandon.busy} onClick={() => { void abandon.run(); }}>Abandon</Button>
        </div>
      </form>
    </Dialog>
  );
}
