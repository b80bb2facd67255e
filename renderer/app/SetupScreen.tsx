// First run, and the screen for a profile that cannot be opened: where secrets live, then straight on to work; it chooses nothing by itself.
import { useRef, useState } from 'react';
import { FlaskConical, Plus, RotateCw } from 'lucide-react';
import type { AppStatus } from '#shared/contract/app.ts';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { BrandMark } from '../components/Brand.tsx';
import { Button } from '../components/Button.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { Note } from '../components/Note.tsx';
import { takeSecret } from '../components/SecretField.tsx';
import { Skeleton } from '../components/Skeleton.tsx';
import { trySample } from '../features/deployments/sample.ts';
import { call } from '../lib/client.ts';
import { putAnswer, refetch, useQuery } from '../lib/query.ts';
import { useAction } from '../lib/use-action.ts';
import { passphraseProblem, StoreChoice } from './StoreChoice.tsx';
import { useApp } from './store.ts';

type Next = 'sample' | 'add' | 'continue';

export function SetupScreen({ status }: { readonly status: AppStatus }) {
  const credentials = useQuery('credentials.status', {});
  const [picked, setPicked] = useState<SecretStoreKind | null>(null);
  const [passphraseError, setPassphraseError] = useState<string | null>(null);
  const [next, setNext] = useState<Next>('continue');
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const keychain = credentials.data?.keychain ?? null;
  const store = picked ?? (keychain === 'working' ? 'keychain' : null);
  const check = useAction(async () => putAnswer('credentials.status', {}, await call('credentials.check', {})));
  const retry = useAction(async () => {
    await call('app.unlock', {});
    refetch('app.status');
  });

  const choose = useAction(async (then: Next) => {
    if (store === null) return;
    const passphrase = store === 'passphrase' ? takeSecret(first) : undefined;
    takeSecret(second);
    await call('credentials.choose', passphrase === undefined ? { store } : { store, passphrase });
    const { go } = useApp.getState();
    if (then === 'add') go('deployments', { deploymentForm: { kind: 'add' } });
    else if (then === 'sample') void trySample();
    else go('overview');
    refetch('app.status');
  });

  function submit(then: Next): void {
    if (store === 'passphrase') {
      const problem = passphraseProblem(first.current?.value ?? '', second.current?.value ?? '');
      setPassphraseError(problem);
      if (problem !== null) return first.current?.focus();
    }
    setNext(then);
    void choose.run(then);
    return undefined;
  }

  const { problem } = status;
  const isKnownStore = credentials.data?.store !== null && credentials.data?.store !== undefined;
  return (
    <main className="face">
      <div className="face-box stack">
        <div className="row brand"><BrandMark size={22} /> Holdfast</div>
        <div>
          <h1>{problem === null ? 'Where should secrets be kept?' : 'This profile could not be opened'}</h1>
          <p className="sub">{problem === null ? 'Tokens, audit keys and the key of the encrypted cache go to one place. You can move them later in Settings.' : <>The profile is in <span className="mono">{status.profileDir}</span>.</>}</p>
        </div>
        {problem === null ? null : (
          <Note tone="bad">
            <p className="note-main">{problem.message}</p>
            <p>{problem.hint}</p>
            <p className="mono dim">{problem.code}</p>
          </Note>
        )}
        {problem !== null && isKnownStore ? (
          <div className="row"><Button look="main" icon={RotateCw} busy={retry.busy} onClick={() => { void retry.run(); }}>Try to open it again</Button></div>
        ) : null}
        {retry.error === null ? null : <ErrorNote error={retry.error} />}
        {problem !== null && isKnownStore ? null : (
          <>
            {credentials.data === undefined ? <Skeleton lines={4} label="Checking the keychain" /> : (
              <StoreChoice value={store} onChange={(value) => { setPicked(value); setPassphraseError(null); choose.clear(); }} keychain={keychain} check={<Button look="quiet" icon={RotateCw} className="option-check" busy={check.busy} onClick={() => { void check.run(); }}>Check again</Button>} first={first} second={second} passphraseError={passphraseError} onPassphrase={() => setPassphraseError(null)} />
            )}
            {credentials.error === null ? null : <ErrorNote error={credentials.error} onRetry={() => { void credentials.reload(); }} />}
            {check.error === null ? null : <ErrorNote error={check.error} />}
            {choose.error === null ? null : <ErrorNote error={choose.error} />}
            <div className="row row-wrap">
              <Button look="main" icon={Plus} disabled={store === null} busy={choose.busy && next === 'add'} onClick={() => submit('add')}>Add a deployment</Button>
              <Button icon={FlaskConical} disabled={store === null} busy={choose.busy && next === 'sample'} onClick={() => submit('sample')}>Try the sample deployment</Button>
              <Button look="quiet" disabled={store === null} busy={choose.busy && next === 'continue'} onClick={() => submit('continue')}>Only open Holdfast</Button>
            </div>
            {store === null && credentials.data !== undefined ? <p className="small dim">Choose one of the places above to go on. Nothing is chosen for you while the keychain does not work.</p> : <p className="small dim">The sample runs on this machine and holds made-up events.</p>}
          </>
        )}
      </div>
    </main>
  );
}
