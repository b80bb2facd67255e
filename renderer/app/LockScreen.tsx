// What is left of the window while it is locked: the way back in, and the truth about what the lock protects.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { LockKeyhole } from 'lucide-react';
import type { AppStatus } from '#shared/contract/app.ts';
import { Button } from '../components/Button.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { SecretField, takeSecret } from '../components/SecretField.tsx';
import { call } from '../lib/client.ts';
import { refetch, useQuery } from '../lib/query.ts';
import { useAction } from '../lib/use-action.ts';

export function LockScreen({ lockMode }: { readonly lockMode: AppStatus['lockMode'] }) {
  const credentials = useQuery('credentials.status', {});
  const input = useRef<HTMLInputElement>(null);
  const openButton = useRef<HTMLDivElement>(null);
  const [fieldError, setFieldError] = useState<string | null>(null);
  const needsPassphrase = lockMode === 'passphrase';
  const unlock = useAction(async () => {
    const passphrase = needsPassphrase ? takeSecret(input) : undefined;
    await call('app.unlock', passphrase === undefined ? {} : { passphrase });
    refetch('app.status');
  });
  useEffect(() => {
    if (needsPassphrase) input.current?.focus();
    else openButton.current?.querySelector('button')?.focus();
  }, [needsPassphrase, unlock.busy]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (needsPassphrase && (input.current?.value ?? '') === '') return setFieldError('Enter the passphrase.');
    setFieldError(null);
    void unlock.run();
    return undefined;
  }

  const isWrong = unlock.error?.wire.code === 'wrong_passphrase';
  const isVault = credentials.data?.store === 'passphrase';
  return (
    <main className="face">
      <form className="face-box face-narrow stack" onSubmit={submit} noValidate>
        <LockKeyhole size={28} strokeWidth={1.4} aria-hidden className="dim" />
        <h1>Holdfast is locked</h1>
        {needsPassphrase ? (
          <>
            <p className="sub">{isVault ? 'The passphrase opens the vault that holds the secrets and the key of the cache.' : 'The app passphrase opens the key of the cache. Until then the cache cannot be read.'}</p>
            <SecretField label={isVault ? 'Vault passphrase' : 'App passphrase'} inputRef={input} maxLength={1024} error={fieldError ?? (isWrong ? 'That is not the passphrase. Nothing was opened.' : null)} onChange={() => { setFieldError(null); unlock.clear(); }} />
          </>
        ) : <p className="sub">Hides the screen only; anyone using this OS session can open it.</p>}
        {unlock.error !== null && !isWrong ? <ErrorNote error={unlock.error} /> : null}
        <div ref={openButton}><Button look="main" type="submit" busy={unlock.busy}>{needsPassphrase ? 'Unlock' : 'Open'}</Button></div>
      </form>
    </main>
  );
}
