// The truth about one check: why it is in its state, every piece of evidence with its place and time, why it matters, what to do.
import type { Evidence, EvidenceKind, SecurityCheck } from '#shared/domain/evidence.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { StateChip, stateWord } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';

const KINDS: readonly { readonly kind: EvidenceKind; readonly word: string; readonly about: string; readonly none: string }[] = [
  { kind: 'declared', word: 'Declared', about: 'what the server says of itself', none: 'The server says nothing of it.' },
  { kind: 'observed', word: 'Observed', about: 'what a probe saw', none: 'No probe has looked.' },
  { kind: 'derived', word: 'Derived', about: 'computed from cached rows', none: 'Nothing in the audit log speaks of it.' },
];

const TONES = { pass: 'good', fail: 'bad', unknown: 'info', stale: 'age', 'not-applicable': 'info' } as const;

export function CheckDetail({ check, freshHours }: { readonly check: SecurityCheck; readonly freshHours: number }) {
  return (
    <>
      <header className="pane-head"><StateChip state={check.state} /><h2>{check.title}</h2></header>
      <Note tone={TONES[check.state]}>
        <p className="note-main"><HostileText text={check.reason} /></p>
        {check.lastKnown === null ? null : <p>It was {stateWord(check.lastKnown)} when last seen. Evidence older than {freshHours}{'\u00a0'}h counts as stale.</p>}
      </Note>
      <div>
        <p className="label">What was seen</p>
        <p><HostileText text={check.seen} /></p>
      </div>
      <dl className="evidence">
        {KINDS.map(({ kind, word, about, none }) => {
          const items = check.evidence.filter((item) => item.kind === kind);
          return (
            <div key={kind} className="evidence-row">
              <dt className="label" title={about}>{word}</dt>
              <dd>{items.length === 0 ? <span className="dim">{none}</span> : items.map((item, at) => <EvidenceItem key={at} item={item} />)}</dd>
            </div>
          );
        })}
      </dl>
      <div><p className="label">Why it matters</p><p className="sub">{check.why}</p></div>
      <div><p className="label">Fix</p><p className="sub">{check.fix}</p></div>
      <p className="small dim">Severity {check.severity} · <span className="mono">{check.id}</span>{check.observedAt === null ? ' · never observed' : <> · seen <Time iso={check.observedAt} age /></>}</p>
    </>
  );
}

function EvidenceItem({ item }: { readonly item: Evidence }) {
  return (
    <div className="evidence-item">
      <p className="mono">{item.path === null ? null : <><HostileText text={item.path} /> <span className="dim">=</span> </>}{item.value === null ? <span className="dim">no value</span> : <HostileText text={item.value} />}</p>
      <p className="small dim"><span className="mono"><HostileText text={item.source} /></span>, <Time iso={item.observedAt} /></p>
    </div>
  );
}
