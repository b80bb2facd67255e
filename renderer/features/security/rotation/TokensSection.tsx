// The tokens of a rotation as their claims tell of them, with what makes one useless as evidence; the tokens themselves went to the secret store and are never shown.
import { useEffect, useRef, useState } from 'react';
import { KeyRound } from 'lucide-react';
import type { RotationView } from '#shared/contract/rotation.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { useNow } from '../../../lib/clock.ts';
import { tokenName } from './answer-words.ts';
import { TokenForm } from './TokenForm.tsx';
import { decidingToken, instantOf, uselessBecause } from './token-words.ts';

type HeldToken = RotationView['tokens'][number];

export function TokensSection({ view }: { readonly view: RotationView }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLSpanElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !isOpen) opener.current?.querySelector('button')?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const { tokens, outcome } = view;
  const deciding = decidingToken(view);
  return (
    <section className="stack" aria-label="Tokens">
      <p className="label">Tokens</p>
      {tokens.length === 0 ? <p className="sub">{outcome === 'open' ? 'None yet. A rotation is proven with one token of the old key and one of the new.' : 'None was given.'}</p> : (
        <ul className="held-tokens">
          {tokens.map((token) => <Held key={token.facts.fingerprint} token={token} isDeciding={token.label === deciding} isOpen={outcome === 'open'} />)}
          {tokens.some(({ slot }) => slot === 'new') ? <li><p><span className="mono held-label">broken</span> <span className="sub">negative control</span></p><p className="small dim">Made here from the new token, with a broken signature. A node that accepts it checks no signature.</p></li> : null}
        </ul>
      )}
      {outcome !== 'open' ? tokens.length === 0 ? null : <p className="small dim">The tokens have left the secret store.</p>
        : isOpen ? <TokenForm view={view} onClose={() => setOpen(false)} />
          : <span ref={opener}><Button look={tokens.some(({ slot }) => slot === 'old') && tokens.some(({ slot }) => slot === 'new') ? 'plain' : 'main'} icon={KeyRound} onClick={() => setOpen(true)}>Give a token…</Button></span>}
    </section>
  );
}

function Held({ token: { label, facts }, isDeciding, isOpen }: { readonly token: HeldToken; readonly isDeciding: boolean; readonly isOpen: boolean }) {
  const nowMs = useNow();
  const problems = isOpen ? uselessBecause(facts, nowMs) : [];
  const text = (value: string | null) => (value === null ? <span className="dim">none</span> : <HostileText text={value} />);
  const time = (seconds: number | null, none: string) => (seconds === null ? <span className="dim">{none}</span> : <Time iso={instantOf(seconds)} style="full" age />);
  return (
    <li>
      <p className="row row-wrap"><span className="mono held-label">{label}</span> <span className="sub">{tokenName(label)}</span>{problems.length === 0 ? null : <WordChip tone="warn" word="proves nothing" />}</p>
      {problems.map((problem) => <p key={problem} className="small text-stale">{problem}</p>)}
      <p className="small">Expires {facts.expiresAt === null ? <span className="text-stale">{facts.faults.includes('bad-exp') ? 'at a time that cannot be read' : 'never'}</span> : <Time iso={instantOf(facts.expiresAt)} style="full" age />}{isDeciding ? <strong> · decides the cutover</strong> : null}</p>
      <details className="claims">
        <summary>Claims of {label}</summary>
        <dl className="facts">
          <dt>Subject</dt><dd className="mono">{text(facts.subject)}</dd>
          <dt>Org</dt><dd>{text(facts.org)}</dd>
          <dt>Role</dt><dd>{text(facts.role)}</dd>
          <dt>Algorithm</dt><dd className="mono">{text(facts.algorithm)}</dd>
          <dt>Issuer</dt><dd>{text(facts.issuer)}</dd>
          <dt>Audience</dt><dd>{text(facts.audience)}</dd>
          <dt>Issued</dt><dd>{time(facts.issuedAt, 'not said')}</dd>
          <dt>Valid from</dt><dd>{time(facts.notBefore, 'not said')}</dd>
          <dt>Fingerprint</dt><dd className="mono selectable">{facts.fingerprint}</dd>
        </dl>
        <p className="small dim">Read from the token, not verified.</p>
      </details>
    </li>
  );
}
