// The token of a deployment: its claims after import, and the way to put in another; the token itself is never shown.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { KeyRound } from 'lucide-react';
import type { Deployment, TokenClaims } from '#shared/domain/deployment.ts';
import { parseInstantUs } from '#shared/domain/time.ts';
import { Button } from '../../components/Button.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { SecretField, takeSecret } from '../../components/SecretField.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { useNow } from '../../lib/clock.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';

export function TokenSection({ deployment }: { readonly deployment: Deployment }) {
  const { stored, claims, importedAt } = deployment.token;
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const secret = useRef<HTMLInputElement>(null);
  const save = useAction(async () => {
    await call('deployment.setToken', { id: deployment.id, token: takeSecret(secret) });
    announce('The token is stored.');
    setOpen(false);
    refetch('deployment.list', 'deployment.get', 'overview.show');
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if ((secret.current?.value ?? '') === '') return setProblem('Paste the token, or take it from a file.');
    setProblem(null);
    void save.run();
    return undefined;
  }
  const isInvalid = save.error?.wire.code === 'invalid_token';
  return (
    <section className="stack" aria-label="Token">
      <p className="label section-label">Token{importedAt === null ? null : <span className="label-note"> · imported <Time iso={importedAt} age /></span>}</p>
      {!stored ? <Note tone="age">No token is stored, so only anonymous requests can be made.</Note> : claims === null ? <p className="sub">Stored. Its claims are not known.</p> : <Claims claims={claims} />}
      {isOpen ? (
        <form className="stack" onSubmit={submit} noValidate>
          <SecretField label="New token" inputRef={secret} fromFile focusFirst hint="Replaces the one that is stored. It is not shown again." error={problem ?? (isInvalid ? save.error?.wire.message ?? null : null)} onChange={() => { setProblem(null); save.clear(); }} />
          {save.error === null || isInvalid ? null : <ErrorNote error={save.error} />}
          <div className="row"><Button type="submit" look="main" busy={save.busy}>Store the token</Button><Button look="quiet" onClick={() => setOpen(false)}>Cancel</Button></div>
        </form>
      ) : <div><Button icon={KeyRound} onClick={() => setOpen(true)}>{stored ? 'Replace the token…' : 'Add a token…'}</Button></div>}
    </section>
  );
}

function isPast(iso: string, nowMs: number): boolean {
  const us = parseInstantUs(iso);
  return us !== null && us / 1000 < nowMs;
}

function Claims({ claims }: { readonly claims: TokenClaims }) {
  const nowMs = useNow();
  const text = (value: string | null) => (value === null ? <span className="dim">none</span> : <HostileText text={value} />);
  return (
    <>
      {claims.warnings.map((warning) => <Note key={warning} tone="age"><HostileText text={warning} /></Note>)}
      {claims.format === 'opaque' ? <p className="sub">An opaque token: it carries no claims that could be read.</p> : (
        <dl className="facts">
          <dt>Role</dt><dd>{text(claims.role)}</dd>
          <dt>Org</dt><dd>{text(claims.org)}</dd>
          <dt>Subject</dt><dd className="mono">{text(claims.subject)}</dd>
          {claims.email === null ? null : <><dt>Email</dt><dd>{text(claims.email)}</dd></>}
          <dt>Expires</dt><dd>{claims.expiresAt === null ? <span className="text-stale">never</span> : <span className={isPast(claims.expiresAt, nowMs) ? 'text-fail' : ''}><Time iso={claims.expiresAt} style="full" age /></span>}</dd>
          <dt>Issued</dt><dd>{claims.issuedAt === null ? <span className="dim">not said</span> : <Time iso={claims.issuedAt} style="full" />}{claims.issuer === null ? null : <> by <HostileText text={claims.issuer} /></>}</dd>
          <dt>Algorithm</dt><dd className="mono">{text(claims.algorithm)}</dd>
        </dl>
      )}
      <p className="small dim">Claims are read from the token, not verified.</p>
    </>
  );
}
