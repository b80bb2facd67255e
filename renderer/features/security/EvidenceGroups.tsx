// The evidence behind a check in four groups that are kept apart: declared, observed, derived, attested; it says where two of them disagree and draws no other conclusion.
import { Fragment } from 'react';
import type { EvidenceKind, SecurityCheck } from '#shared/domain/evidence.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { bySource, statementOf } from './evidence-words.ts';
import type { SourcedEvidence } from './evidence-words.ts';
import { isDisagreement } from './order.ts';
import { KINDS } from './posture-words.ts';

export function EvidenceGroups({ check }: { readonly check: SecurityCheck }) {
  const disagrees = isDisagreement(check);
  return (
    <section aria-label="Evidence" className="evidence-frame">
      <dl className="evidence">
        {KINDS.map(({ kind, word, about, none }) => {
          const sources = bySource(check.evidence.filter((item) => item.kind === kind));
          // Where one group alone disagrees with itself, two files of it say different things.
          const isParty = disagrees && sources.length > 0 && kind !== 'attested';
          return (
            <div key={kind} className={`evidence-group ${isParty ? 'evidence-party' : ''}`}>
              <dt className="label" title={about}>{word}{isParty ? <span className="evidence-clash"> · disagrees</span> : null}</dt>
              <dd>{sources.length === 0 ? <span className="dim">{none}</span> : sources.map((one) => <Sourced key={`${one.source} ${one.observedAt}`} kind={kind} of={one} />)}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** What one source said at one time, and below it where that is from and how old it is. */
function Sourced({ kind, of: { source, observedAt, items } }: { readonly kind: EvidenceKind; readonly of: SourcedEvidence }) {
  return (
    <div className="evidence-item">
      {items.map((item, at) => {
        const said = kind === 'attested' ? statementOf(item.value) : null;
        if (said !== null) return <p key={at}>“<HostileText text={said.statement} />” <span className={said.holds ? 'sub' : 'text-fail'}>{said.holds ? 'It holds.' : 'It does not hold.'}</span></p>;
        return <p key={at} className="mono">{item.path === null ? null : <><PathText path={item.path} /> <span className="dim">=</span> </>}{item.value === null ? <span className="dim">no value</span> : <HostileText text={item.value} />}</p>;
      })}
      <p className="mono dim evidence-source"><PathText path={source} /></p>
      <p className="small dim"><Time iso={observedAt} style={kind === 'attested' ? 'day' : 'minute'} age /></p>
    </div>
  );
}

/** A path that may break where a name in it ends, before it breaks within one. */
function PathText({ path }: { readonly path: string }) {
  return path.split(/(?<=[._/])(?=.)/u).map((part, at) => <Fragment key={at}>{at === 0 ? null : <wbr />}<HostileText text={part} /></Fragment>);
}
