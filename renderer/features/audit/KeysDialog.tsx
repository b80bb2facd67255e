// The key ring of one deployment: which keys are held, which are missing; a key goes in and never comes out.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { KeyRound, Trash2 } from 'lucide-react';
import type { AuditKey } from '#shared/contract/audit.ts';
import { keyId as keyIdSchema } from '#shared/contract/audit.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { SecretField, takeSecret } from '../../components/SecretField.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { refetch, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';

export function KeysDialog({ deployment, onClose }: { readonly deployment: Deployment; readonly onClose: () => void }) {
  const ring = useQuery('audit.keyList', { deploymentId: deployment.id });
  const [keyId, setKeyId] = useState('');
  const missing = ring.data?.idsWithoutKey ?? [];
  return (
    <Dialog title={`Audit keys of ${deployment.name}`} onClose={onClose} wide>
      <div className="stack">
        <p className="sub">A key opens payloads on this workstation, without the server. Keys lie where your secrets are kept; none can be read back.</p>
        {ring.error === null ? null : <ErrorNote error={ring.error} onRetry={() => { void ring.reload(); }} />}
        {ring.data === undefined ? (ring.error === null ? <Skeleton lines={3} label="Reading the key ring" /> : null) : ring.data.keys.length === 0 ? <Note>No key is held yet.</Note> : <HeldKeys deploymentId={deployment.id} keys={ring.data.keys} />}
        {missing.length === 0 ? null : (
          <Note tone="age">
            Named by cached events, but not held: {missing.map(({ keyId: id, rows }, at) => (
              <span key={id ?? ''}>{at === 0 ? '' : ', '}{id === null ? <span>no key id at all</span> : <button type="button" className="link mono" onClick={() => setKeyId(id)}><HostileText text={id} /></button>} ({plural(rows, 'event')})</span>
            ))}.
          </Note>
        )}
        <AddKey deploymentId={deployment.id} keyId={keyId} onKeyId={setKeyId} />
      </div>
    </Dialog>
  );
}

/** The way back takes the focus, never the button that removes. */
function focusFirstButton(row: HTMLElement | null): void {
  row?.querySelector('button')?.focus();
}

function HeldKeys({ deploymentId, keys }: { readonly deploymentId: string; readonly keys: readonly AuditKey[] }) {
  const [armed, setArmed] = useState<string | null>(null);
  const remove = useAction(async (keyId: string) => {
    await call('audit.keyRemove', { deploymentId, keyId });
    announce(`Key ${keyId} removed.`);
    setArmed(null);
    refetch('audit.keyList');
  });
  return (
    <>
      <table className="table keys">
        <thead><tr><th scope="col">Key id</th><th scope="col">Fingerprint</th><th scope="col">Added</th><th scope="col" className="num">Events</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr></thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.keyId}>
              <td className="mono"><HostileText text={key.keyId} /></td>
              <td className="mono dim">{key.fingerprint}</td>
              <td className="sub"><Time iso={key.addedAt} style="day" /></td>
              <td className="num">{formatCount(key.rows)}</td>
              <td className="num"><IconButton icon={Trash2} label={`Remove key ${key.keyId}…`} onClick={() => setArmed(key.keyId)} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {armed === null ? null : (
        <div className="confirm stack" role="group" aria-label="Remove a key">
          <p>Remove <span className="mono">{armed}</span>? The {plural(keys.find((key) => key.keyId === armed)?.rows ?? 0, 'event')} under it cannot be opened here until the key is added again. It is not changed on the server.</p>
          {remove.error === null ? null : <ErrorNote error={remove.error} />}
          <div className="row" ref={focusFirstButton}><Button onClick={() => setArmed(null)}>Keep it</Button><Button look="danger-armed" icon={Trash2} busy={remove.busy} onClick={() => { void remove.run(armed); }}>Remove the key</Button></div>
        </div>
      )}
    </>
  );
}

function AddKey({ deploymentId, keyId, onKeyId }: { readonly deploymentId: string; readonly keyId: string; readonly onKeyId: (keyId: string) => void }) {
  const secret = useRef<HTMLInputElement>(null);
  const [errors, setErrors] = useState<{ readonly keyId?: string; readonly key?: string }>({});
  const [added, setAdded] = useState<string | null>(null);
  const add = useAction(async (id: string) => {
    const key = await call('audit.keyAdd', { deploymentId, keyId: id, key: takeSecret(secret) });
    setAdded(`Key ${key.keyId} added; ${plural(key.rows, 'cached event')} name it.`);
    announce(`Key ${key.keyId} added.`);
    onKeyId('');
    refetch('audit.keyList');
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    setAdded(null);
    const id = keyIdSchema.safeParse(keyId);
    const next = { ...(id.success ? {} : { keyId: keyId.trim() === '' ? 'Give the id that the events name.' : id.error.issues[0]?.message ?? 'Not a key id.' }), ...((secret.current?.value ?? '') === '' ? { key: 'Paste the key, or take it from a file.' } : {}) };
    setErrors(next);
    if (id.success && Object.keys(next).length === 0) void add.run(id.data);
  }

  const code = add.error?.wire.code;
  return (
    <form className="stack add-key" onSubmit={submit} noValidate>
      <h3>Add a key</h3>
      <div className="add-key-fields">
        <Field label="Key id" error={errors.keyId ?? (code === 'key_exists' ? add.error?.wire.message ?? null : null)}>
          {(ids) => <input {...ids} className="input mono" value={keyId} maxLength={128} spellCheck={false} autoComplete="off" placeholder="audit-2026-01" onChange={(event) => { onKeyId(event.target.value); setErrors({}); add.clear(); }} />}
        </Field>
        <SecretField label="Key" inputRef={secret} fromFile maxLength={256} error={errors.key ?? (code === 'invalid_key' ? add.error?.wire.message ?? null : null)} hint="A Fernet key: 44 characters of base64url." onChange={() => { setErrors({}); add.clear(); }} />
      </div>
      {add.error === null || code === 'invalid_key' || code === 'key_exists' ? null : <ErrorNote error={add.error} />}
      <div className="row"><Button type="submit" icon={KeyRound} busy={add.busy}>Add the key</Button>{added === null ? null : <span className="small text-pass">{added}</span>}</div>
    </form>
  );
}
