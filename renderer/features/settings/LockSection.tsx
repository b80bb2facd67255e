// The lock: its passphrase, when it closes by itself, and how long opened payloads and copies stay.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { PASSPHRASE_MIN } from '#shared/contract/app.ts';
import type { AppStatus } from '#shared/contract/app.ts';
import { passphraseProblem } from '../../app/StoreChoice.tsx';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { SecretField, takeSecret } from '../../components/SecretField.tsx';
import { announce } from '../../lib/announce.ts';
import { call } from '../../lib/client.ts';
import { refetch, useQuery } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import { NumberSetting } from './NumberSetting.tsx';
import { Section } from './Section.tsx';

export function LockSection({ status }: { readonly status: AppStatus }) {
  const credentials = useQuery('credentials.status', {}).data;
  const [dialog, setDialog] = useState<'set' | 'change' | 'remove' | null>(null);
  const isSet = status.lockMode === 'passphrase';
  const isVault = credentials?.store === 'passphrase';
  return (
    <Section title="Lock">
      {isVault ? (
        <p className="sub measure">The passphrase of the vault also opens the lock: locking drops it and every key from memory.</p>
      ) : (
        <>
          <div>
            <p><strong>App passphrase: {isSet ? 'set' : 'not set'}</strong></p>
            <p className="sub measure">{isSet ? 'It wraps the key of the cache. While Holdfast is locked the cache cannot be read, not even by someone who uses this OS session. It does not protect against a program that watches this session while Holdfast is open.' : 'Without one, locking hides the screen only; anyone using this OS session can open it. With one, the key of the cache is wrapped by the passphrase, and locking drops it from memory.'}</p>
          </div>
          <div className="row row-wrap">
            {isSet ? <><Button onClick={() => setDialog('change')}>Change the passphrase…</Button><Button look="danger" onClick={() => setDialog('remove')}>Remove the passphrase…</Button></> : <Button onClick={() => setDialog('set')} disabled={credentials?.store === 'memory'}>Set an app passphrase…</Button>}
          </div>
          {credentials?.store === 'memory' ? <p className="small dim">In memory-only use nothing outlives the program, so there is nothing to wrap.</p> : null}
        </>
      )}
      <div className="number-settings">
        <NumberSetting name="lockAfterMinutes" label="Lock after" unit="minutes without a touch" min={1} max={240} />
        <NumberSetting name="hideAfterSeconds" label="Hide an opened payload after" unit="seconds" min={10} max={600} />
        <NumberSetting name="clearClipboardAfterSeconds" label="Clear a copied payload after" unit="seconds" min={5} max={300} />
      </div>
      {dialog === null ? null : <PassphraseDialog kind={dialog} onClose={() => setDialog(null)} />}
    </Section>
  );
}

function PassphraseDialog({ kind, onClose }: { readonly kind: 'set' | 'change' | 'remove'; readonly onClose: () => void }) {
  const current = useRef<HTMLInputElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<{ readonly at: 'current' | 'next'; readonly text: string } | null>(null);
  const save = useAction(async () => {
    const known = kind === 'set' ? undefined : takeSecret(current);
    const next = takeSecret(first);
    takeSecret(second);
    if (kind === 'remove') await call('app.removePassphrase', { current: known ?? '' });
    else await call('app.setPassphrase', known === undefined ? { next } : { current: known, next });
    refetch('app.status');
    announce(kind === 'remove' ? 'The app passphrase is removed.' : 'The app passphrase is set.');
    onClose();
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    const wrong = kind === 'remove' ? null : passphraseProblem(first.current?.value ?? '', second.current?.value ?? '');
    if (kind !== 'set' && (current.current?.value ?? '') === '') setProblem({ at: 'current', text: 'Enter the passphrase that is set now.' });
    else if (wrong !== null) setProblem({ at: 'next', text: wrong });
    else {
      setProblem(null);
      void save.run();
    }
  }
  const isWrong = save.error?.wire.code === 'wrong_passphrase';
  const fix = (): void => { setProblem(null); save.clear(); };
  const titles = { set: 'Set an app passphrase', change: 'Change the app passphrase', remove: 'Remove the app passphrase' } as const;
  return (
    <Dialog title={titles[kind]} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="sub">{kind === 'remove' ? 'After this the lock hides the screen only; anyone using this OS session can open it.' : 'It is asked for at each start and to unlock. Nobody can restore it: without it the cache is lost.'}</p>
        {kind === 'set' ? null : <SecretField label="Passphrase now" inputRef={current} maxLength={1024} focusFirst error={isWrong ? 'That is not the passphrase. Nothing was changed.' : problem?.at === 'current' ? problem.text : null} onChange={fix} />}
        {kind === 'remove' ? null : (
          <>
            <SecretField label="New passphrase" hint={`At least ${PASSPHRASE_MIN} characters.`} inputRef={first} maxLength={1024} focusFirst={kind === 'set'} error={problem?.at === 'next' ? problem.text : null} onChange={fix} />
            <SecretField label="The same again" inputRef={second} maxLength={1024} onChange={fix} />
          </>
        )}
        {save.error === null || isWrong ? null : <ErrorNote error={save.error} />}
        <div className="dialog-foot"><Button onClick={onClose}>Cancel</Button><Button type="submit" look={kind === 'remove' ? 'danger-armed' : 'main'} busy={save.busy}>{kind === 'remove' ? 'Remove' : kind === 'set' ? 'Set' : 'Change'}</Button></div>
      </form>
    </Dialog>
  );
}
