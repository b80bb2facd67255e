// Trust in one key: given under a name after its fingerprint was compared by another way, or withdrawn. A fingerprint that was pasted and differs cannot be trusted.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { ShieldCheck, ShieldOff } from 'lucide-react';
import type { Identity } from '#shared/contract/runbook.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { Field } from '../../../components/Field.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { Fingerprint } from './Fingerprint.tsx';
import { plainFingerprint } from './merge-words.ts';

interface TrustDialogProps { readonly identity: Identity; readonly isTrusted: boolean; readonly onClose: () => void }

export function TrustDialog({ identity, isTrusted, onClose }: TrustDialogProps) {
  const { fingerprint, name: known, runs, trust } = identity;
  // What a stranger calls themselves is no name that this profile gave: it is typed anew, from the person.
  const [name, setName] = useState(trust === 'not-trusted-yet' ? '' : known ?? '');
  const [given, setGiven] = useState('');
  const [isCompared, setCompared] = useState(false);
  const [isTried, setTried] = useState(false);
  const judge = useAction(async () => {
    const shown = isTrusted ? name.trim() : (name.trim() === '' ? visibleLine(known ?? `key ${fingerprint.slice(0, 16)}`).slice(0, 120) : name.trim());
    await call('identity.trust', { fingerprint, name: shown, isTrusted });
    announce(isTrusted ? `The key of ${visibleLine(shown)} is trusted.` : `The key of ${visibleLine(shown)} is not trusted.`);
    onClose();
  });
  const pasted = plainFingerprint(given);
  const lacks = {
    name: name.trim() === '' ? 'Say whose key it is.' : null,
    given: pasted !== '' && pasted !== fingerprint ? 'This is another fingerprint. Do not trust the key.' : null,
    compared: isCompared || pasted === fingerprint ? null : 'Compare it first, by a call or in person.',
  };
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (!isTrusted || Object.values(lacks).every((lack) => lack === null)) void judge.run();
  }
  const foot = (button: 'trust' | 'not') => (
    <div className="dialog-foot">
      <Button look="quiet" onClick={onClose} data-first-focus={button === 'not' || undefined}>Cancel</Button>
      <Button look={button === 'trust' ? 'main' : 'danger-armed'} type="submit" icon={button === 'trust' ? ShieldCheck : ShieldOff} busy={judge.busy}>{button === 'trust' ? 'Trust this key' : 'Do not trust this key'}</Button>
    </div>
  );
  const error = judge.error === null ? null : <ErrorNote error={judge.error} kept="What the key counts for is as it was." />;
  if (!isTrusted) {
    return (
      <Dialog title="Do not trust a key" onClose={onClose} wide>
        <form className="stack" aria-label="Do not trust a key" noValidate onSubmit={submit}>
          <p>{known === null ? 'A key without a name' : <strong><HostileText text={known} /></strong>} <span className="sub">in {plural(runs, 'run')}</span></p>
          <p><Fingerprint fingerprint={fingerprint} /></p>
          <Note tone="age"><p className="note-main">Its sign-offs and reviews count no more, in every run that is here.</p><p>What it recorded stays in them, marked as of a key that is not trusted. Nothing is deleted, and you can trust it again.</p></Note>
          {error}
          {foot('not')}
        </form>
      </Dialog>
    );
  }
  return (
    <Dialog title="Trust a key" onClose={onClose} wide>
      <form className="stack" aria-label="Trust a key" noValidate onSubmit={submit}>
        <p className="sub">{known === null ? 'This key came without a name.' : <>This key {trust === 'distrusted' ? 'is known here as' : 'calls itself'} <strong><HostileText text={known} /></strong>.</>} Ask the person for the fingerprint by another way than the one by which the run came: a call, or in person. They find it under Runbooks, People.</p>
        <p className="lib-compare" role="group" aria-label="Fingerprint"><Fingerprint fingerprint={fingerprint} large /></p>
        <label className={`check ${isTried && lacks.compared !== null ? 'lib-check-bad' : ''}`}><input type="checkbox" checked={isCompared} data-first-focus aria-invalid={isTried && lacks.compared !== null ? true : undefined} aria-describedby={isTried && lacks.compared !== null ? 'lib-compared-error' : undefined} onChange={(event) => setCompared(event.target.checked)} /><span>I compared all of it with them, and it is the same</span></label>
        {isTried && lacks.compared !== null ? <p className="field-error" id="lib-compared-error">{lacks.compared}</p> : null}
        <Field label="Or paste what they gave you" optional error={lacks.given} hint={pasted === fingerprint ? <span className="text-pass">It is the same.</span> : 'Spaces and colons do not matter.'}>
          {(ids) => <input {...ids} className="input mono" value={given} maxLength={200} spellCheck={false} autoComplete="off" onChange={(event) => setGiven(event.target.value)} />}
        </Field>
        <Field label="Whose key it is" error={isTried ? lacks.name : null} hint="The name under which their events are shown here, whatever they call themselves.">
          {(ids) => <input {...ids} className="input" value={name} maxLength={120} autoComplete="off" onChange={(event) => setName(event.target.value)} />}
        </Field>
        {error}
        {foot('trust')}
      </form>
    </Dialog>
  );
}
