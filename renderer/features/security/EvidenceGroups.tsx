// The evidence behind a check in four groups that are kept apart: declared, observed, derived, attested; it says where two of them disagree and draws no other conclusion.
import type { Evidence, SecurityCheck } from '#shared/domain/evidence.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { isDisagreement } from './order.ts';
import { KINDS } from './posture-words.ts';

export function EvidenceGroups({ check }: { readonly check: SecurityCheck }) {
  const disagrees = isDisagreement(check);
  return (
    <section aria-label="Evidence" className="evidence-frame">
      <dl className="evidence">
        {KINDS.map(({ kind, word, about, none }) => {
          const items = check.evidence.filter((item) => item.kind === kind);
          const isParty = disagrees && items.length > 0;
          return (
            <div key={kind} className={`evidence-group ${items.length === 0 ? 'evidence-none' : ''} ${isParty ? 'evidence-party' : ''}`}>
              <dt className="label" title={about}>{word}{isParty ? <span className="evidence-clash"> · disagrees</span> : null}</dt>
              <dd>{items.length === 0 ? <span className="dim">{none}</span> : items.map((item, at) => <EvidenceItem key={at} item={item} />)}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function EvidenceItem({ item }: { readonly item: Evidence }) {
  return (
    <div className="evidence-item">
      <p className="mono">{item.path === null ? null : <><HostileText text={item.path} /> <span className="dim">=</span> </>}{item.value === null ? <span className="dim">no value</span> : <HostileText text={item.value} />}</p>
      <p className="small dim"><span className="mono evidence-source"><HostileText text={item.source} /></span> · <Time iso={item.observedAt} age /></p>
    </div>
  );
}
