// Who signs: one's own key and name, and the keys of others with what they count for here. Trust is given to one key at a time, and only here.
import { useEffect, useRef, useState } from 'react';
import { Pencil, Users } from 'lucide-react';
import type { Identity } from '#shared/contract/runbook.ts';
import { visibleLine } from '#shared/domain/visible-text.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { Fingerprint } from './Fingerprint.tsx';
import { TRUST_LOOKS } from './merge-words.ts';
import { borrowedFrom, inOrder } from './people-order.ts';
import { RenameForm } from './RenameForm.tsx';

interface PeopleTabProps { readonly onTrust: (key: Identity, isTrusted: boolean) => void }

export function PeopleTab({ onTrust }: PeopleTabProps) {
  const { data, error, reload } = useQuery('identity.list', {});
  const [isNaming, setNaming] = useState(false);
  const rename = useRef<HTMLButtonElement>(null);
  const wasNaming = useRef(false);
  // The form went, and the focus with it: back to the button that opened it.
  useEffect(() => {
    if (wasNaming.current && !isNaming) rename.current?.focus();
    wasNaming.current = isNaming;
  }, [isNaming]);
  if (data === undefined) return <div className="pad">{error === null ? <Skeleton lines={6} label="Reading the keys" /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />}</div>;
  const { self, others } = data;
  const rows = inOrder(others);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard.
    <div className="scroll lib-people" tabIndex={0} role="region" aria-label="People">
      {error === null ? null : <ErrorNote error={error} kept="The keys read before are still shown." onRetry={() => { void reload(); }} />}
      <div className="lib-people-columns">
        <div className="lib-people-main">
          <section className="lib-self" aria-labelledby="lib-self-title">
            <h2 id="lib-self-title">You</h2>
            {isNaming || self === null ? (
              <>
                {self === null ? <p className="sub">This profile has signed nothing yet. Its key is made with the first run, or now, when you give it a name.</p> : null}
                <RenameForm name={self?.name ?? ''} {...(self === null ? {} : { onCancel: () => setNaming(false) })} onDone={() => setNaming(false)} />
              </>
            ) : <p className="lib-self-name"><strong><HostileText text={self.name ?? ''} /></strong><Button look="quiet" icon={Pencil} ref={rename} onClick={() => setNaming(true)}>Rename…</Button></p>}
            {self === null ? null : (
              <>
                <p className="small sub">Fingerprint of your key, for others to compare</p>
                <p><Fingerprint fingerprint={self.fingerprint} large /></p>
                <CopyButton text={self.fingerprint} what="Fingerprint" label="Copy fingerprint" />
                <p className="small dim">The key lies in the secret store of this profile and never leaves it. On another machine you have another key.</p>
              </>
            )}
          </section>
          <section aria-labelledby="lib-others-title">
            <h2 id="lib-others-title">Others{rows.length === 0 ? null : <span className="dim"> {rows.length}</span>}</h2>
            {rows.length === 0 ? <p className="sub lib-none"><Users size={16} strokeWidth={1.6} aria-hidden /> No other key was met yet. Keys of others come with the runs that they worked on.</p> : (
              <ul className="lib-keys" aria-label="Keys of others">{rows.map((key) => <KeyItem key={key.fingerprint} identity={key} borrowed={borrowedFrom(key, self, others)} onTrust={onTrust} />)}</ul>
            )}
          </section>
        </div>
        <aside className="lib-trust-words" aria-label="What trust means">
          <h2>What trust means</h2>
          <p>Everybody who works on a run signs what they record with a key of their own. A name is only what somebody calls themselves: anybody can call themselves anything. The fingerprint tells one key from another.</p>
          <p>To trust a key is to say: I compared its fingerprint with this person, by another way than the one by which the run came, and this is their key.</p>
          <dl>
            <dt>trusted</dt><dd>Their events are shown under the name that you gave, and their sign-offs and reviews count.</dd>
            <dt>not trusted yet</dt><dd>What they record is kept and shown, marked as such. It is no sign-off and no review, and no step that waits goes on by it.</dd>
            <dt>not trusted</dt><dd>The same, by your decision. Nothing is deleted.</dd>
          </dl>
          <p className="dim">Trust is of this profile alone. It does not travel with a run, and no other person&apos;s trust is taken over.</p>
        </aside>
      </div>
    </div>
  );
}

interface KeyItemProps { readonly identity: Identity; readonly borrowed: ReturnType<typeof borrowedFrom>; readonly onTrust: PeopleTabProps['onTrust'] }

function KeyItem({ identity, borrowed, onTrust }: KeyItemProps) {
  const { name, trust, fingerprint, firstSeenAt, runs } = identity;
  const isStranger = trust === 'not-trusted-yet';
  const spoken = name === null ? `key ${fingerprint.slice(0, 8)}` : visibleLine(name);
  return (
    <li className="lib-key" aria-label={`${spoken}: ${TRUST_LOOKS[trust].word}`}>
      <div className="lib-key-head">
        <WordChip {...TRUST_LOOKS[trust]} />
        <p className="grow">{name === null ? <span className="dim">gave no name</span> : <>{isStranger ? <span className="dim">calls itself </span> : null}<strong><HostileText text={name} /></strong></>}{trust === 'self' ? <span className="dim"> · an earlier key of this profile</span> : null}</p>
        {trust === 'self' ? null : (
          <span className="row">
            {trust === 'distrusted' ? null : <Button look="quiet" aria-label={`Do not trust ${spoken}…`} onClick={() => onTrust(identity, false)}>Do not trust…</Button>}
            {trust === 'trusted' ? null : <Button aria-label={`Trust ${spoken}…`} onClick={() => onTrust(identity, true)}>Trust…</Button>}
          </span>
        )}
      </div>
      <p className="small sub"><Fingerprint fingerprint={fingerprint} /></p>
      <p className="small dim">{runs === 0 ? 'In no run that is here' : `In ${plural(runs, 'run')}`} · first seen <Time iso={firstSeenAt} age /></p>
      {borrowed === null ? null : <Note tone="bad"><p>{borrowed === 'self' ? 'This is not your key, and it goes by your name.' : 'Another key, which you trust, has this name.'} Compare before you trust it: it may be a second machine of the same person, or somebody who takes their name.</p></Note>}
    </li>
  );
}
