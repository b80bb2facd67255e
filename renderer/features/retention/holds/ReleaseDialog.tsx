// Releases a hold for a reason that goes into the ledger; the way back always has the focus.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Unlock } from 'lucide-react';
import type { Hold } from '#shared/domain/retention-hold.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { refetch } from '../../../lib/query.ts';
import { useAction } from '../../../lib/use-action.ts';

/** As the contract asks for it. */
const LEAST = 3;
const MOST = 500;

export function ReleaseDialog({ hold, onClose }: { readonly hold: Hold; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const release = useAction(async () => {
    await call('retention.holdRelease', { deploymentId: hold.deploymentId, holdId: hold.id, reason: reason.trim() });
    announce(`The hold for ${hold.caseId} is released.`);
    refetch('retention.show', 'retention.preview');
    onClose();
  });
  const isReady = reason.trim().length >= LEAST;
  return (
    <Dialog title={`Release the hold for ${hold.caseId}`} onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => event.preventDefault()} noValidate>
        <p>After this a purge may take its {plural(hold.counts.rows, 'row')}. The copies in the vault stay until this workstation’s own retention lets them go.</p>
        <Field label="Reason" hint="It stands in the ledger, with your name.">
          {(ids) => <textarea {...ids} className="textarea" rows={2} maxLength={MOST} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {release.error === null ? null : <ErrorNote error={release.error} kept="The hold still stands." />}
        <div className="dialog-foot">
          <Button data-first-focus onClick={onClose}>Keep the hold</Button>
          <Button look={isReady ? 'danger-armed' : 'plain'} icon={Unlock} disabled={!isReady} busy={release.busy} onClick={() => { void release.run(); }}>Release</Button>
        </div>
      </form>
    </Dialog>
  );
}
