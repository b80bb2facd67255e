// The name under which this profile signs.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { useAction } from '../../../lib/use-action.ts';

interface RenameFormProps { readonly name: string; readonly onCancel?: () => void; readonly onDone: () => void }

export function RenameForm({ name: before, onCancel, onDone }: RenameFormProps) {
  const [name, setName] = useState(before);
  const [isTried, setTried] = useState(false);
  const save = useAction(async () => {
    await call('identity.rename', { name: name.trim() });
    announce('The name is kept.');
    onDone();
  });
  const lack = name.trim() === '' ? 'Give a name by which others know you.' : null;
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (lack === null) void save.run();
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape is a second way to its Cancel.
    <form className="stack lib-rename" aria-label="Name of this profile" noValidate onSubmit={submit} onKeyDown={(event) => { if (event.key === 'Escape' && onCancel !== undefined) { event.preventDefault(); onCancel(); } }}>
      <Field label="Your name" error={isTried ? lack : null} hint="It goes into the runs that you work on from now on. What was recorded before keeps the name it has.">
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the field stands in the place of the button that asked for it. */}
        {(ids) => <input {...ids} className="input" value={name} maxLength={120} autoComplete="off" autoFocus={onCancel !== undefined} onChange={(event) => setName(event.target.value)} />}
      </Field>
      {save.error === null ? null : <ErrorNote error={save.error} kept="The name is as it was." />}
      <div className="row"><Button look="main" type="submit" busy={save.busy}>Keep this name</Button>{onCancel === undefined ? null : <Button look="quiet" onClick={onCancel}>Cancel</Button>}</div>
    </form>
  );
}
