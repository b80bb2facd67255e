// Asks why before it asks core to open a payload; says beforehand what the server would write down.
import { useEffect, useId, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { LockKeyholeOpen, Server } from 'lucide-react';
import { reason as reasonSchema, REASON_MAX } from '#shared/domain/audit-event.ts';
import type { AuditEventDetail, OpenedPayload } from '#shared/domain/audit-event.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { call } from '../../lib/client.ts';
import { useAction } from '../../lib/use-action.ts';

interface DecryptFormProps {
  readonly deployment: Deployment;
  readonly event: AuditEventDetail;
  readonly suggestedReason: string | null;
  readonly heldKeys: ReadonlySet<string> | null;
  readonly onOpened: (opened: OpenedPayload) => void;
  readonly onKeys: () => void;
}

export function DecryptForm({ deployment, event, suggestedReason, heldKeys, onOpened, onKeys }: DecryptFormProps) {
  const [reason, setReason] = useState(suggestedReason ?? '');
  const [reasonError, setReasonError] = useState<string | null>(null);
  const [where, setWhere] = useState<'here' | 'server'>('here');
  const field = useRef<HTMLTextAreaElement>(null);
  const serverNoteId = useId();
  const decrypt = useAction(async (place: 'here' | 'server', given: string) => {
    onOpened(await call('audit.decrypt', { deploymentId: deployment.id, id: event.id, reason: given, where: place }));
  });

  useEffect(() => {
    if (suggestedReason === null) return;
    field.current?.focus();
    // The button that comes next must be in sight, too.
    field.current?.form?.scrollIntoView({ block: 'nearest' });
  }, [suggestedReason]);

  function open(place: 'here' | 'server'): void {
    const read = reasonSchema.safeParse(reason);
    if (!read.success) {
      setReasonError(read.error.issues[0]?.message ?? 'Give a reason.');
      return field.current?.focus();
    }
    setWhere(place);
    void decrypt.run(place, read.data);
    return undefined;
  }

  const server = deployment.capabilities.find(({ name }) => name === 'decrypt-on-server');
  const canServer = server?.state === 'offered';
  const writesRow = deployment.dialect === 'A';
  const hasNoKeys = heldKeys !== null && heldKeys.size === 0;
  const lacksKey = heldKeys !== null && event.keyId !== null && !heldKeys.has(event.keyId);
  return (
    <form className="stack" onSubmit={(submit: FormEvent) => { submit.preventDefault(); open('here'); }} noValidate>
      {hasNoKeys ? <Note tone="age">No audit key is held for this deployment, so it cannot be opened here. <button type="button" className="link" onClick={onKeys}>Add a key…</button></Note>
        : lacksKey ? <Note tone="age">The key <span className="mono"><HostileText text={event.keyId ?? ''} /></span> is not held. Every held key will be tried. <button type="button" className="link" onClick={onKeys}>Add a key…</button></Note> : null}
      <Field label="Reason" hint="Goes into the ledger as written, before anything is shown." error={reasonError}>
        {(ids) => (
          <textarea {...ids} ref={field} className="textarea" rows={2} maxLength={REASON_MAX} required value={reason} placeholder="for example a ticket and what you look for"
            onChange={(change) => { setReason(change.target.value); setReasonError(null); }}
            onKeyDown={(key) => { if (key.key === 'Enter' && !key.shiftKey && !key.nativeEvent.isComposing) { key.preventDefault(); open('here'); } }} />
        )}
      </Field>
      {canServer && writesRow ? <Note tone="age" id={serverNoteId}>On this deployment, decrypting on the server is a GET request: it writes a row into the server's audit log, and your reason stands in the URL, where proxies and access logs keep it.</Note> : null}
      {decrypt.error === null ? null : <ErrorNote error={decrypt.error} />}
      <div className="row row-wrap">
        <Button look="main" type="submit" icon={LockKeyholeOpen} busy={decrypt.busy && where === 'here'} disabled={decrypt.busy && where !== 'here'}>Decrypt here</Button>
        {canServer ? <Button icon={Server} busy={decrypt.busy && where === 'server'} disabled={decrypt.busy && where !== 'server'} aria-describedby={writesRow ? serverNoteId : undefined} onClick={() => open('server')}>Decrypt on the server</Button> : null}
      </div>
      {canServer ? null : <p className="small dim">{server === undefined || server.state === 'unknown' ? 'Whether the server can decrypt is not known; test the deployment to find out.' : <>The server cannot decrypt: <HostileText text={server.reason} /></>}</p>}
    </form>
  );
}
