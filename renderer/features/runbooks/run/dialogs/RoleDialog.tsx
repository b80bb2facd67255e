// Who has a role in this run. Names that were given without knowing of each other all stand, until one is given over them.
import { useState } from 'react';
import type { RunView } from '#shared/domain/runbook-view.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../../components/Button.tsx';
import { Field } from '../../../../components/Field.tsx';
import { Note } from '../../../../components/Note.tsx';
import { useRecord } from '../use-record.ts';
import { RecordDialog } from './RecordDialog.tsx';

export function RoleDialog({ run, role, onClose }: { readonly run: RunView; readonly role: RunView['roles'][number]; readonly onClose: () => void }) {
  const [name, setName] = useState(role.names[0] ?? '');
  const action = useRecord('run.role', 'The role is recorded.');
  const known = [...new Set([...run.authors.map((author) => author.name), ...run.roles.flatMap(({ names }) => names)])];
  const record = (given: string | null): void => { void action.run({ runId: run.runId, role: role.role, name: given }).then((done) => { if (done) onClose(); }); };
  return (
    <RecordDialog title={visibleLine(role.title)} action={action} button="Record the name" disabled={name.trim() === ''} onClose={onClose} onSubmit={() => record(name.trim())}
      extra={role.names.length === 0 ? null : <Button look="quiet" onClick={() => record(null)}>Nobody any more</Button>}>
      {role.names.length < 2 ? null : <Note tone="bad"><p>{role.names.length} names stand for this role, given by people who did not know of each other. The one that you record takes their place.</p></Note>}
      <Field label="Name" hint="As people call each other in the room. It is no signature.">
        {(ids) => <input {...ids} className="input" value={name} maxLength={120} autoComplete="off" data-first-focus onChange={(event) => setName(event.target.value)} />}
      </Field>
      <KnownNames names={known} onChoose={setName} />
    </RecordDialog>
  );
}

/** Names that the run knows, one press each. */
export function KnownNames({ names, onChoose }: { readonly names: readonly string[]; readonly onChoose: (name: string) => void }) {
  if (names.length === 0) return null;
  return <div className="row row-wrap" role="group" aria-label="Names in this run">{names.slice(0, 8).map((name) => <Button key={name} look="quiet" className="run-known" onClick={() => onChoose(name)}>{visibleLine(name)}</Button>)}</div>;
}
