// The truth about one check: why it is in its state, the evidence in four groups, how it stood before, why it matters, what to do, and who answers for it.
import type { SecurityCheck } from '#shared/domain/evidence.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Note } from '../../components/Note.tsx';
import { StateChip, stateWord } from '../../components/StateChip.tsx';
import { Time } from '../../components/Time.tsx';
import { WordChip } from '../../components/WordChip.tsx';
import { EvidenceGroups } from './EvidenceGroups.tsx';
import { ExceptionNote, ExceptionSection } from './ExceptionSection.tsx';
import { isDisagreement, shownState } from './order.ts';
import { Sparkline } from './Sparkline.tsx';
import { StatementSection } from './StatementForm.tsx';

const TONES = { pass: 'good', fail: 'bad', accepted: 'info', unknown: 'info', stale: 'age', 'not-applicable': 'info' } as const;

export function CheckDetail({ deploymentId, check }: { readonly deploymentId: string; readonly check: SecurityCheck }) {
  const shown = shownState(check);
  return (
    <>
      <header className="pane-head"><StateChip state={shown} />{isDisagreement(check) ? <WordChip tone="warn" word="contradiction" /> : null}<h2>{check.title}</h2></header>
      <Note tone={TONES[shown]}>
        <p className="note-main"><HostileText text={check.seen} /></p>
        <p><HostileText text={check.reason} /></p>
        {check.lastKnown === null ? null : <p>It was {stateWord(check.lastKnown)} when it was last seen; that is too old to count.</p>}
      </Note>
      <ExceptionNote check={check} />
      <EvidenceGroups check={check} />
      <section><p className="label">Earlier looks</p><Sparkline deploymentId={deploymentId} checkId={check.id} /></section>
      <section><p className="label">Why it matters</p><p className="sub"><HostileText text={check.why} /></p></section>
      <section><p className="label">Fix</p><p className="sub"><HostileText text={check.fix} /></p></section>
      {check.references.length === 0 ? null : <section><p className="label">References</p><ul className="sub references">{check.references.map((reference) => <li key={reference}><HostileText text={reference} /></li>)}</ul></section>}
      <p className="small dim">{check.severity} severity · {check.group} · <span className="mono"><HostileText text={check.id} /></span>{check.observedAt === null ? ' · never observed' : <> · evidence of <Time iso={check.observedAt} age /></>}</p>
      {/* A form that was begun belongs to its check. */}
      <div className="check-acts" key={check.id}><ExceptionSection deploymentId={deploymentId} check={check} /><StatementSection deploymentId={deploymentId} check={check} /></div>
    </>
  );
}
