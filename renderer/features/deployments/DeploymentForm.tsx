// Adds or edits a deployment; nothing is sent to it until the admin tests or syncs, and the token leaves the form at once.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { FileUp } from 'lucide-react';
import { ENVIRONMENTS } from '#shared/domain/deployment.ts';
import type { Deployment, DeploymentKind, Environment } from '#shared/domain/deployment.ts';
import { Button } from '../../components/Button.tsx';
import { Choices } from '../../components/Choices.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Field } from '../../components/Field.tsx';
import { SecretField, takeSecret } from '../../components/SecretField.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { draftErrors, fieldOfCode } from './deployment-draft.ts';
import type { DeploymentDraft, DraftErrors, DraftField } from './deployment-draft.ts';

interface DeploymentFormProps {
  /** null: add a new one. */
  readonly deployment: Deployment | null;
  readonly onDone: (id: string | null) => void;
}

const MAX_CA_BYTES = 262_144;

/** Whether saving leads to another scheme, host or port while a token is stored: it does not follow there. */
function movesAway(deployment: Deployment | null, url: string): boolean {
  if (deployment?.token.stored !== true) return false;
  try {
    return new URL(url).origin !== new URL(deployment.url).origin;
  } catch {
    return false;
  }
}

export function DeploymentForm({ deployment, onDone }: DeploymentFormProps) {
  const [draft, setDraft] = useState<DeploymentDraft>({
    name: deployment?.name ?? '', url: deployment?.url ?? 'https://', environment: deployment?.environment ?? 'development', readOnly: deployment?.readOnly ?? true, pin: deployment?.pin ?? '', caPem: deployment === null ? '' : null,
  });
  const [kind, setKind] = useState<DeploymentKind>(deployment?.kind ?? 'navi');
  const [errors, setErrors] = useState<DraftErrors>({});
  const [caName, setCaName] = useState<string | null>(null);
  const token = useRef<HTMLInputElement>(null);
  const caPicker = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => { form.current?.querySelector<HTMLElement>('input:not([type=radio])')?.focus(); }, []);

  const save = useAction(async () => {
    const common = { name: draft.name.trim(), url: draft.url.trim(), environment: draft.environment, readOnly: draft.readOnly, pin: draft.pin.trim() === '' ? null : draft.pin.trim() };
    if (deployment === null) {
      const secret = kind === 'navi' ? token.current?.value ?? '' : '';
      const added = await call('deployment.add', { ...common, ...(kind === 'navi' ? {} : { readOnly: true }), kind, caPem: draft.caPem === null || draft.caPem === '' ? null : draft.caPem, ...(secret === '' ? {} : { token: secret }) });
      takeSecret(token);
      announce(`${added.name} added.`);
      refetch('deployment.list', 'overview.show');
      onDone(added.id);
    } else {
      const edited = await call('deployment.edit', { id: deployment.id, ...common, ...(draft.caPem === null ? {} : { caPem: draft.caPem === '' ? null : draft.caPem }) });
      announce(`${edited.name} saved.`);
      refetch('deployment.list', 'overview.show');
      onDone(edited.id);
    }
  });

  function change(part: Partial<DeploymentDraft>): void {
    setDraft((now) => ({ ...now, ...part }));
    setErrors({});
    save.clear();
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    const found = draftErrors(draft);
    setErrors(found);
    if (Object.keys(found).length === 0) void save.run();
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  }

  async function readCa(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    if (file.size > MAX_CA_BYTES) return setErrors({ caPem: 'That file is too large to be a CA certificate. Nothing was read.' });
    change({ caPem: await file.text() });
    setCaName(file.name);
    return undefined;
  }

  const refused = save.error === null ? null : fieldOfCode(save.error.wire.code);
  const errorAt = (field: DraftField): string | null => errors[field] ?? (refused === field && save.error !== null ? `${save.error.wire.message} ${save.error.wire.hint}` : null);
  const caState = draft.caPem === null ? (deployment?.hasCa === true ? 'A CA file is stored.' : 'None; the CAs of this system count.') : draft.caPem === '' ? 'None; the CAs of this system count.' : `${caName ?? 'Read'}.`;
  const hasCa = draft.caPem === null ? deployment?.hasCa === true : draft.caPem !== '';
  const isInvalidToken = save.error?.wire.code === 'invalid_token';

  return (
    <form ref={form} className="stack deployment-form" onSubmit={submit} noValidate>
      <h2>{deployment === null ? 'Add a deployment' : `Edit ${deployment.name}`}</h2>
      {deployment === null ? (
        <Choices label="What it is" chosen={kind} onChoose={(chosen) => { setKind(chosen); save.clear(); }} choices={[
          { id: 'navi', title: 'NAVI', text: 'Security, audit log and payloads, with an admin token.' },
          { id: 'karen', title: 'AI-Karen', text: 'Its security only, from outside: an address without a token, and configuration files that you import.' },
        ]} />
      ) : null}
      <Field label="Name" error={errorAt('name')}>{(ids) => <input {...ids} className="input" value={draft.name} maxLength={64} autoComplete="off" spellCheck={false} placeholder="acme-prod" onChange={(event) => change({ name: event.target.value })} />}</Field>
      <Field label="Address" error={errorAt('url')} hint={movesAway(deployment, draft.url) ? 'The token belongs to the old address: it is dropped when you save. Import one for the new address afterwards.' : 'https://, or http:// to this machine only.'}>{(ids) => <input {...ids} className="input mono" value={draft.url} maxLength={2048} autoComplete="off" spellCheck={false} inputMode="url" onChange={(event) => change({ url: event.target.value })} />}</Field>
      <Field label="Environment" hint={draft.environment === 'production' ? 'Marked PRODUCTION on every screen.' : null}>
        {(ids) => <select {...ids} className="select" value={draft.environment} onChange={(event) => change({ environment: event.target.value as Environment })}>{ENVIRONMENTS.filter((value) => value !== 'sample' || draft.environment === 'sample').map((value) => <option key={value} value={value}>{value}</option>)}</select>}
      </Field>
      {deployment === null && kind === 'navi' ? <SecretField label="Token" optional inputRef={token} fromFile hint="Goes to where your secrets are kept and is not shown again. It can be added later." error={isInvalidToken ? save.error?.wire.message ?? null : null} onChange={save.clear} /> : null}
      {kind === 'karen' ? <p className="field-hint">Only anonymous requests that read are ever sent to an AI-Karen.</p> : <div className="field">
        <div className="check">
          <input id="read-only" type="checkbox" checked={draft.readOnly} aria-describedby="read-only-about" onChange={(event) => change({ readOnly: event.target.checked })} />
          <label htmlFor="read-only"><strong>Read-only</strong></label>
        </div>
        <p className="field-hint check-hint" id="read-only-about">Holdfast then sends only requests that read, and the one that decrypts a payload without changing anything. This is enforced where requests are made, not by hiding buttons. On dialect A even decrypting on the server writes a row; it says so before.</p>
      </div>}
      <details className="more" open={hasCa || draft.pin !== '' || errorAt('caPem') !== null || errorAt('pin') !== null}>
        <summary>Own CA and key pin</summary>
        <div className="stack">
          <Field label="CA certificate" optional error={errorAt('caPem')} hint={caState}>
            {(ids) => (
              <span className="row">
                <Button {...ids} icon={FileUp} onClick={() => caPicker.current?.click()}>Choose a PEM file…</Button>
                {hasCa ? <Button look="quiet" onClick={() => { change({ caPem: '' }); setCaName(null); }}>Use none</Button> : null}
                <input ref={caPicker} type="file" accept=".pem,.crt,.cer" hidden aria-label="CA certificate file" onChange={(event) => { void readCa(event.target.files?.[0]); event.target.value = ''; }} />
              </span>
            )}
          </Field>
          <Field label="SPKI pin" optional error={errorAt('pin')} hint="SHA-256 of the server's public key: sha256/BASE64, base64 or hex. Another key is then refused.">{(ids) => <input {...ids} className="input mono" value={draft.pin} maxLength={128} autoComplete="off" spellCheck={false} onChange={(event) => change({ pin: event.target.value })} />}</Field>
        </div>
      </details>
      {save.error === null || refused !== null || isInvalidToken ? null : <ErrorNote error={save.error} />}
      <div className="row"><Button type="submit" look="main" busy={save.busy}>{deployment === null ? 'Add' : 'Save'}</Button><Button look="quiet" onClick={() => onDone(deployment?.id ?? null)}>Cancel</Button></div>
    </form>
  );
}
