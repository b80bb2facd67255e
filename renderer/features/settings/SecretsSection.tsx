// Where secrets are kept now, how that place is doing, and the way to move them; no secret is shown.
import { useRef, useState } from 'react';
import { Check, RotateCw, TriangleAlert } from 'lucide-react';
import type { CredentialsStatus, SecretStoreKind } from '#shared/domain/credentials.ts';
import { passphraseProblem, StoreChoice } from '../../app/StoreChoice.tsx';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { takeSecret } from '../../components/SecretField.tsx';
import { Time } from '../../components/Time.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { putAnswer, refetch, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { Section } from './Section.tsx';

const STORES: Readonly<Record<SecretStoreKind, string>> = { keychain: 'Keychain of this operating system', passphrase: 'Passphrase vault', memory: 'Memory only' };

export function SecretsSection() {
  const credentials = useQuery('credentials.status', {});
  const [isMoving, setMoving] = useState(false);
  const check = useAction(async () => {
    const answer = await call('credentials.check', {});
    putAnswer('credentials.status', {}, answer);
    announce(`${answer.words.title}. ${answer.words.what}`);
  });
  const { data } = credentials;
  return (
    <Section title="Secrets">
      {credentials.error === null ? null : <ErrorNote error={credentials.error} onRetry={() => { void credentials.reload(); }} />}
      {data === undefined ? (credentials.error === null ? <Skeleton lines={3} /> : null) : (
        <>
          <div className="row row-wrap"><strong>{data.store === null ? 'No place chosen' : STORES[data.store]}</strong>{data.store === 'keychain' ? <span className={`chip chip-${data.keychain === 'working' ? 'pass' : 'stale'}`}>{data.keychain === 'working' ? <Check size={12} strokeWidth={2.4} aria-hidden /> : <TriangleAlert size={12} strokeWidth={2.4} aria-hidden />}{data.words.title}</span> : null}</div>
          <dl className="facts">
            <dt>What it is</dt><dd>{data.words.what}</dd>
            <dt>What is kept</dt><dd>{data.words.kept}</dd>
            <dt>What to do</dt><dd>{data.words.todo}</dd>
            {data.checkedAt === null ? null : <><dt>Checked</dt><dd><Time iso={data.checkedAt} style="full" /></dd></>}
          </dl>
        </>
      )}
      {check.error === null ? null : <ErrorNote error={check.error} />}
      <div className="row row-wrap">
        <Button icon={RotateCw} busy={check.busy} onClick={() => { void check.run(); }}>Check the keychain again</Button>
        <Button onClick={() => setMoving(true)} disabled={data === undefined}>Keep secrets elsewhere…</Button>
      </div>
      {isMoving && data !== undefined ? <MoveDialog status={data} onClose={() => setMoving(false)} /> : null}
    </Section>
  );
}

function MoveDialog({ status, onClose }: { readonly status: CredentialsStatus; readonly onClose: () => void }) {
  const [store, setStore] = useState<SecretStoreKind | null>(status.store);
  const [problem, setProblem] = useState<string | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const move = useAction(async () => {
    if (store === null) return;
    const passphrase = store === 'passphrase' ? takeSecret(first) : undefined;
    takeSecret(second);
    putAnswer('credentials.status', {}, await call('credentials.choose', passphrase === undefined ? { store } : { store, passphrase }));
    refetch('app.status', 'credentials.status');
    announce(`Secrets are kept in: ${STORES[store]}.`);
    onClose();
  });
  function submit(): void {
    const wrong = store === 'passphrase' ? passphraseProblem(first.current?.value ?? '', second.current?.value ?? '') : null;
    setProblem(wrong);
    if (wrong === null) void move.run();
    else first.current?.focus();
  }
  return (
    <Dialog title="Keep secrets elsewhere" onClose={onClose} wide>
      <div className="stack">
        <p className="sub">Every secret is copied and read back from the new place before it is removed from the old one.</p>
        <StoreChoice value={store} onChange={(value) => { setStore(value); setProblem(null); move.clear(); }} keychain={status.keychain} first={first} second={second} passphraseError={problem} onPassphrase={() => setProblem(null)} />
        {move.error === null ? null : <ErrorNote error={move.error} />}
        <div className="dialog-foot"><Button onClick={onClose}>Cancel</Button><Button look="main" busy={move.busy} disabled={store === null || store === status.store} onClick={submit}>Move the secrets</Button></div>
      </div>
    </Dialog>
  );
}
