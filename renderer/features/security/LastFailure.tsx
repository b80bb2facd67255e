// Why the newest look failed, said once, above what is still known from before.
import type { SecurityView } from '#shared/contract/security.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { Time } from '../../components/Time.tsx';
import type { ClientError } from '../../lib/client.ts';

export function LastFailure({ scanError, view }: { readonly scanError: ClientError | null; readonly view: SecurityView | undefined }) {
  const isKept = view !== undefined && view.observedAt !== null;
  if (scanError?.wire.code === 'cancelled') return <Note tone="age"><p className="note-main">The look was stopped. What was seen until then is kept, with its time; no look was noted.</p></Note>;
  if (scanError !== null) return <ErrorNote error={scanError} {...(isKept ? { kept: 'What was seen before is still shown, with its time.' } : {})} />;
  const failure = view?.lastFailure ?? null;
  if (failure === null) return null;
  return (
    <Note tone="age">
      <p className="note-main"><HostileText text={failure.message} /> <span className="sub">Last tried <Time iso={failure.at} age />.{isKept ? ' What was seen before is still shown.' : ''}</span></p>
      <p><HostileText text={failure.hint} /> <span className="mono dim">{failure.code}</span></p>
    </Note>
  );
}
