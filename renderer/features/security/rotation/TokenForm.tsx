// Hands a token over to the secret store: which kind it is, and the token by paste or from a file. It is forgotten here as soon as it was handed over.
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type { RotationView } from '#shared/contract/rotation.ts';
import type { TokenSlot } from '#shared/domain/rotation.ts';
import { Button } from '../../../components/Button.tsx';
import { Choices } from '../../../components/Choices.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { SecretField, takeSecret } from '../../../components/SecretField.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { useAction } from '../../../lib/use-action.ts';
import { readRotationAgain } from './rotation-task.ts';
import { SLOT_CHOICES, wantedSlot } from './token-words.ts';

export function TokenForm({ view: { deploymentId, tokens }, onClose }: { readonly view: RotationView; readonly onClose: () => void }) {
  const [slot, setSlot] = useState<TokenSlot>(() => wantedSlot(tokens));
  const [problem, setProblem] = useState<string | null>(null);
  const secret = useRef<HTMLInputElement>(null);
  const save = useAction(async () => {
    try {
      const view = await call('rotation.setToken', { deploymentId, slot, token: takeSecret(secret) });
      announce(`Stored as ${view.tokens.findLast((token) => token.slot === slot)?.label ?? slot}. It is not shown again.`);
    } catch (error) {
      secret.current?.focus();
      throw error;
    }
    await readRotationAgain(deploymentId);
    onClose();
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if ((secret.current?.value ?? '').trim() === '') {
      setProblem('Paste the token, or take it from a file.');
      secret.current?.focus();
      return;
    }
    setProblem(null);
    void save.run();
  }
  const isInvalid = save.error?.wire.code === 'invalid_token';
  return (
    <form className="stack token-form" aria-label="Give a token" onSubmit={submit} noValidate>
      <Choices label="Which token" choices={SLOT_CHOICES} chosen={slot} onChoose={(id) => { setSlot(id); save.clear(); }} />
      <SecretField label="Token" inputRef={secret} fromFile focusFirst hint="It goes to the secret store and is not shown again. It leaves the store when the rotation ends." error={problem ?? (isInvalid ? `${save.error?.wire.message ?? ''} ${save.error?.wire.hint ?? ''}` : null)} onChange={() => { setProblem(null); save.clear(); }} />
      {save.error === null || isInvalid ? null : <ErrorNote error={save.error} />}
      <div className="row"><Button type="submit" look="main" busy={save.busy}>Store the token</Button><Button look="quiet" onClick={onClose}>Cancel</Button></div>
    </form>
  );
}
